"""The parts of a call as sections of the form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import ipywidgets as widgets

from . import markup
from .controls import FoldHeading
from .editor import Editor, View
from .fields import Field, FlagField, KindField, NullableField, NumberField, SetField, TextField
from .knowledge import (
    IDENTITY_KINDS,
    MEDIA_KINDS,
    MEETING_KINDS,
    MODALITIES,
    POLICIES,
    SOURCE_KINDS,
)
from .rows import IdentityField, IdentityKind, Rows, SoundRow, TargetRow, adder
from .state import SOUNDS, SOURCE, TARGETS, FormState
from .tree import MISSING, Path, read

_ORGANIZER = ("meetingInfo", "organizer")


class Section(widgets.VBox):  # type: ignore[misc]
    """Some fields under a heading; ``Section`` itself is always open."""

    def __init__(self, title: str, css: str, parts: Sequence[Field | Rows | widgets.DOMWidget]) -> None:
        self.parts = [part for part in parts if isinstance(part, Field | Rows)]
        self.content = widgets.VBox(_grids(parts))
        self.content.add_class("gc-content")
        super().__init__([self.heading(title), self.content])
        self.add_class("gc-section")
        self.add_class(css)

    def heading(self, title: str) -> widgets.DOMWidget:
        return widgets.HTML(f'<h4 class="gc-heading">{markup.text(title)}</h4>')

    @property
    def names(self) -> Iterable[str]:
        """The fields of Graph whose errors are shown in here."""
        return (name for part in self.parts for name in part.names)

    @property
    def fields(self) -> Iterable[Field]:
        """All single fields, those of rows too, in their order."""
        for part in self.parts:
            yield from part.fields if isinstance(part, Rows) else [part]

    def show(self, view: View) -> None:
        for part in self.parts:
            part.show(view)


class Fold(Section):
    """A section that opens and closes; while closed, its heading says in short what is in it."""

    def __init__(
        self,
        title: str,
        css: str,
        parts: Sequence[Field | Rows | widgets.DOMWidget],
        summary: Callable[[FormState], str],
    ) -> None:
        self.summary = summary
        self.title = title
        super().__init__(title, css, parts)
        self.content.layout.display = "none"

    def heading(self, title: str) -> widgets.DOMWidget:
        self.toggle = FoldHeading(description=title)
        self.toggle.add_class("gc-fold")
        self.toggle.observe(self._folded, "value")
        return self.toggle

    def _folded(self, change: Any) -> None:
        self.content.layout.display = None if change["new"] else "none"

    def show(self, view: View) -> None:
        super().show(view)
        wrong = view.state.revealed and any(view.error(name) for name in self.names)
        if wrong:
            self.toggle.value = True
        short = self.summary(view.state)
        self.toggle.description = f"{self.title}: {short}" if short else self.title
        markup.toggle_class(self.toggle, "gc-wrong", wrong)


def _grids(parts: Sequence[Any]) -> list[Any]:
    """Fields that follow each other share a grid, which has as many columns as fit."""
    found: list[Any] = []
    run: list[Field] = []
    for part in [*parts, None]:
        if isinstance(part, Field) and not isinstance(part, SetField):
            run.append(part)
            continue
        if run:
            grid = widgets.Box(run)
            grid.add_class("gc-grid")
            found.append(grid)
            run = []
        if part is not None:
            found.append(part)
    return found


def basics(editor: Editor, callback_note: str) -> Section:
    """What nearly every call has."""
    note = markup.block("gc-note")
    note.value = markup.text(callback_note)
    note.layout.display = None if callback_note else "none"
    callback = TextField(
        editor,
        ("callbackUri",),
        "Callback address",
        "gc-callback",
        hint="https://…",
        tip="callbackUri: where the service sends its notifications",
    )
    callback.add_class("gc-wide")
    callback.children = [callback.control, note, callback.problem]
    return Section(
        "Call",
        "gc-basics",
        [
            TextField(editor, ("subject",), "Subject", "gc-subject", hint="Optional", tip="subject"),
            TextField(editor, ("tenantId",), "Tenant", "gc-tenant", hint="Tenant id", tip="tenantId"),
            callback,
            SetField(editor, ("requestedModalities",), "Requested modalities", "gc-modalities", MODALITIES),
        ],
    )


def targets(editor: Editor) -> Section:
    """Who is called."""

    def add(kind: str) -> Callable[[], None]:
        return lambda: editor.change(lambda state: state.add_target(kind))

    adders = [
        adder("Add user", "gc-add-target", add("user")),
        adder("Add phone", "gc-add-phone", add("phone")),
    ]
    return Section("Targets", "gc-targets", [Rows(editor, TARGETS, TargetRow, adders)])


def caller(editor: Editor) -> Fold:
    """Who calls: Graph's ``source``."""
    kinds = {kind: IDENTITY_KINDS[kind] for kind in SOURCE_KINDS}
    return Fold(
        "Caller",
        "gc-source",
        [
            IdentityKind(editor, SOURCE, "gc-source-kind", kinds),
            IdentityField(editor, SOURCE, "id", "Id", "gc-source-id"),
            IdentityField(editor, SOURCE, "displayName", "Display name", "gc-source-name", hint="Optional"),
            IdentityField(editor, SOURCE, "tenantId", "Tenant", "gc-source-tenant", hint="Optional"),
            TextField(
                editor, ("source", "languageId"), "Language", "gc-language", hint="such as en-us", tip="languageId"
            ),
            TextField(editor, ("source", "region"), "Region", "gc-region", hint="such as us", tip="region"),
        ],
        lambda state: _person(state, SOURCE) or "not sent",
    )


class MediaKind(KindField):
    """Who handles the media."""

    def stranger(self, kind: str) -> str:
        return "Another kind (see JSON)"

    def present(self, state: FormState) -> str:
        return state.media_kind()

    def store(self, state: FormState, value: str) -> None:
        state.set_media_kind(value)


class MeetingKind(MediaKind):
    """How the meeting is known."""

    def present(self, state: FormState) -> str:
        return state.meeting_kind()

    def store(self, state: FormState, value: str) -> None:
        state.set_meeting_kind(value)


class Choice(Fold):
    """A fold whose fields depend on a kind: those of other kinds are hidden."""

    def __init__(
        self,
        title: str,
        css: str,
        parts: Sequence[Field | Rows],
        summary: Callable[[FormState], str],
        *,
        kind: Callable[[FormState], str],
        only: dict[str, Sequence[Field | Rows]],
    ) -> None:
        self.kind = kind
        self.only = only
        super().__init__(title, css, parts, summary)

    @property
    def names(self) -> Iterable[str]:
        """Nobody sees what stands beside a field that is hidden."""
        return (name for part in self.parts if part.layout.display != "none" for name in part.names)

    def show(self, view: View) -> None:
        present = self.kind(view.state)
        for kind, parts in self.only.items():
            for part in parts:
                part.layout.display = None if kind == present else "none"
        super().show(view)


def media(editor: Editor) -> Fold:
    """Where the media are handled."""

    def add() -> None:
        editor.change(FormState.add_sound)

    sounds = Rows(editor, SOUNDS, SoundRow, [adder("Add a sound to fetch", "gc-add-sound", add)])
    blob = TextField(
        editor,
        ("mediaConfig", "blob"),
        "Media blob",
        "gc-blob",
        hint="From Microsoft's media library",
        tip="mediaConfig.blob",
    )
    kind = MediaKind(
        editor,
        ("mediaConfig",),
        "Media are",
        "gc-media-kind",
        MEDIA_KINDS,
        tip="mediaConfig: service hosted is handled by Microsoft, app hosted by your application",
    )
    alone = FlagField(
        editor,
        ("mediaConfig", "removeFromDefaultAudioGroup"),
        "Leave audio group",
        "gc-remove-from-group",
        tip="mediaConfig.removeFromDefaultAudioGroup",
        keep=1,
    )
    return Choice(
        "Media",
        "gc-media",
        [kind, blob, alone, sounds],
        _media_summary,
        kind=FormState.media_kind,
        only={"service": [sounds], "app": [blob]},
    )


def _media_summary(state: FormState) -> str:
    count = state.count(SOUNDS)
    sounds = f", {count} sound{'s' if count > 1 else ''}" if count else ""
    words = {"": "not sent", "service": "service hosted", "app": "app hosted", "none": "none"}
    return words.get(state.media_kind(), "another kind") + sounds


def meeting(editor: Editor) -> Fold:
    """Which meeting is joined, and its chat."""

    def organizer(member: str, label: str, css: str, hint: str) -> TextField:
        return IdentityField(editor, _ORGANIZER, member, label, css, hint=hint, keep=1)

    people: list[Field] = [
        organizer("id", "Organizer", "gc-organizer-id", "Object id of the user"),
        organizer("tenantId", "Organizer's tenant", "gc-organizer-tenant", "Tenant id"),
        organizer("displayName", "Organizer's name", "gc-organizer-name", "Optional"),
    ]
    token = TextField(editor, ("meetingInfo", "token"), "Token", "gc-meeting-token", keep=1)
    number: list[Field] = [
        TextField(editor, ("meetingInfo", "joinMeetingId"), "Meeting id", "gc-join-id", hint="1234567890123", keep=1),
        TextField(editor, ("meetingInfo", "passcode"), "Passcode", "gc-passcode", hint="Optional", keep=1),
    ]
    kind = MeetingKind(
        editor, ("meetingInfo",), "Meeting", "gc-meeting-kind", MEETING_KINDS, tip="meetingInfo: how it is known"
    )
    chat = [
        TextField(
            editor,
            ("chatInfo", "threadId"),
            "Chat thread",
            "gc-thread",
            hint="19:meeting_…@thread.v2",
            tip="chatInfo.threadId",
            also=("chatInfo",),
        ),
        TextField(editor, ("chatInfo", "messageId"), "Chat message", "gc-message", hint="0", tip="chatInfo.messageId"),
    ]
    return Choice(
        "Meeting and chat",
        "gc-meeting",
        [kind, *people, token, *number, *chat],
        _meeting_summary,
        kind=FormState.meeting_kind,
        only={"organizer": people, "token": [token], "joinMeetingId": number},
    )


def _meeting_summary(state: FormState) -> str:
    return {
        "": "chat only" if "chatInfo" in state.body else "none",
        "organizer": "by its organizer",
        "token": "by token",
        "joinMeetingId": f"id {state.text(('meetingInfo', 'joinMeetingId'))}".strip(),
    }.get(state.meeting_kind(), "another kind")


def advanced(editor: Editor) -> Fold:
    """What is seldom needed."""
    paths = (
        ("ringingTimeoutInSeconds",),
        ("routingPolicies",),
        ("chatInfo", "replyChainMessageId"),
        ("meetingInfo", "allowConversationWithoutHost"),
    )
    return Fold(
        "Advanced",
        "gc-advanced",
        [
            NumberField(
                editor,
                paths[0],
                "Ringing time, seconds",
                "gc-ringing",
                hint="1 to 115",
                tip="ringingTimeoutInSeconds",
            ),
            NullableField(
                editor,
                paths[2],
                "Reply chain message",
                "gc-reply-chain",
                hint="Id of a message",
                tip="chatInfo.replyChainMessageId",
            ),
            FlagField(
                editor,
                paths[3],
                "Talk without the host",
                "gc-without-host",
                tip="meetingInfo.allowConversationWithoutHost; choose a meeting first",
                keep=1,
            ),
            SetField(editor, paths[1], "Routing policies", "gc-policies", POLICIES),
        ],
        lambda state: _count(sum(1 for path in paths if read(state.body, path) is not MISSING)),
    )


def _count(number: int) -> str:
    return f"{number} set" if number else "nothing set"


def _person(state: FormState, path: Path) -> str:
    identities = read(state.body, path)
    if not isinstance(identities, dict) or not identities:
        return ""
    kind = state.identity_kind(path)
    return state.text((*path, kind, "displayName")) or _short(state.text((*path, kind, "id"))) or kind


def _short(text: str) -> str:
    return text if len(text) <= 16 else f"{text[:8]}…"
