"""The sections of the form: fields under a heading, always open or collapsible."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import ipywidgets as widgets

from ..._text import pluralize, show_invisible
from ...graph.json_path import MISSING, Path, read_path
from .choices import IDENTITY_KINDS, MEDIA_KINDS, MEETING_KINDS, MODALITIES, POLICIES, SOURCE_KINDS
from .controls import DisclosureButton
from .fields import (
    Field,
    FlagField,
    IdentityField,
    IdentityKindField,
    KindField,
    NullableField,
    NumberField,
    RowList,
    SetField,
    SoundRow,
    TargetRow,
    TextField,
)
from .messages import escape_text, make_block, set_class, set_visible
from .state import SOUNDS, SOURCE, TARGETS, FormController, FormSnapshot, FormState

_ORGANIZER = ("meetingInfo", "organizer")
_UNKNOWN_KIND = "Another kind (see JSON)"
_MAX_ID_CHARS = 16


class Section(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Fields under a heading, always open."""

    def __init__(self, title: str, css: str, parts: Sequence[Field | RowList | widgets.DOMWidget]) -> None:
        self.parts = [part for part in parts if isinstance(part, Field | RowList)]
        self.content = widgets.VBox(_arrange_in_grids(parts))
        self.content.add_class("gcf-content")
        super().__init__([self.make_heading(title), self.content])
        self.add_class("gcf-section")
        self.add_class(css)

    def make_heading(self, title: str) -> widgets.DOMWidget:
        return widgets.HTML(f'<h4 class="gcf-heading">{escape_text(title)}</h4>')

    @property
    def names(self) -> Iterable[str]:
        """The fields of Graph whose errors are shown in here."""
        return (name for part in self.parts for name in part.names)

    @property
    def fields(self) -> Iterable[Field]:
        """All single fields, those of rows included, in their order."""
        for part in self.parts:
            yield from part.fields if isinstance(part, RowList) else [part]

    def render(self, snapshot: FormSnapshot) -> None:
        for part in self.parts:
            part.render(snapshot)


class CollapsibleSection(Section):
    """A section that opens and closes; while closed, its heading summarizes its content.

    It opens when a loaded call has values for it.
    """

    def __init__(
        self,
        title: str,
        css: str,
        parts: Sequence[Field | RowList | widgets.DOMWidget],
        summarize: Callable[[FormState], str],
    ) -> None:
        self.summarize = summarize
        self.title = title
        self._load_count = 0
        super().__init__(title, css, parts)

    def make_heading(self, title: str) -> widgets.DOMWidget:
        self.toggle = DisclosureButton(description=title)
        self.toggle.add_class("gcf-fold")
        return self.toggle

    def render(self, snapshot: FormSnapshot) -> None:
        super().render(snapshot)
        has_error = snapshot.state.revealed and any(snapshot.find_error(name) for name in self.names)
        if self._load_count != snapshot.state.load_count:
            self._load_count = snapshot.state.load_count
            self.toggle.value = any(part.has_value(snapshot.state) for part in self.parts)
        if has_error:
            self.toggle.value = True
        summary = self.summarize(snapshot.state)
        self.toggle.description = f"{self.title}: {summary}" if summary else self.title
        set_class(self.toggle, "gcf-wrong", has_error)


class VariantSection(CollapsibleSection):
    """A collapsible section whose fields depend on a kind: fields of other kinds are hidden.

    Parameters
    ----------
    get_kind : reads the kind from the state
    variants : the parts that belong to one kind only
    """

    def __init__(
        self,
        title: str,
        css: str,
        parts: Sequence[Field | RowList],
        summarize: Callable[[FormState], str],
        *,
        get_kind: Callable[[FormState], str],
        variants: dict[str, Sequence[Field | RowList]],
    ) -> None:
        self.get_kind = get_kind
        self.variants = variants
        super().__init__(title, css, parts, summarize)

    @property
    def names(self) -> Iterable[str]:
        """The fields whose errors are visible: those of hidden parts are listed elsewhere."""
        return (name for part in self.parts if part.layout.display != "none" for name in part.names)

    def render(self, snapshot: FormSnapshot) -> None:
        present = self.get_kind(snapshot.state)
        for kind, parts in self.variants.items():
            for part in parts:
                set_visible(part, kind == present)
        super().render(snapshot)


def _arrange_in_grids(parts: Sequence[Any]) -> list[Any]:
    """Put consecutive fields into a grid, which has as many columns as fit."""
    arranged: list[Any] = []
    run: list[Field] = []
    for part in [*parts, None]:
        if isinstance(part, Field) and not isinstance(part, SetField):
            run.append(part)
            continue
        if run:
            grid = widgets.Box(run)
            grid.add_class("gcf-grid")
            arranged.append(grid)
            run = []
        if part is not None:
            arranged.append(part)
    return arranged


# ---- the sections of a call


def make_sections(controller: FormController, callback_note: str) -> list[Section]:
    """Make all sections, in the order of the form."""
    return [
        make_targets(controller),
        make_basics(controller, callback_note),
        make_source(controller),
        make_media(controller),
        make_meeting(controller),
        make_advanced(controller),
    ]


def make_targets(controller: FormController) -> Section:
    """Make the section of the callees."""
    adders = {
        "Add user": ("gcf-add-target", lambda state: state.add_target("user")),
        "Add phone": ("gcf-add-phone", lambda state: state.add_target("phone")),
    }
    return Section("Targets", "gcf-targets", [RowList(controller, TARGETS, TargetRow, adders)])


def make_basics(controller: FormController, callback_note: str) -> Section:
    """Make the section of fields that nearly every call has."""
    note = make_block("gcf-note")
    note.value = escape_text(callback_note)
    set_visible(note, bool(callback_note))
    callback = TextField(
        controller,
        ("callbackUri",),
        "Callback address",
        "gcf-callback",
        hint="https://…",
        tip="callbackUri: where the service sends its notifications",
    )
    callback.add_class("gcf-wide")
    callback.children = [callback.control, note, callback.problem]
    subject = TextField(controller, ("subject",), "Subject", "gcf-subject", hint="Optional", tip="subject")
    tenant = TextField(controller, ("tenantId",), "Tenant", "gcf-tenant", hint="Tenant id", tip="tenantId")
    modalities = SetField(controller, ("requestedModalities",), "Requested modalities", "gcf-modalities", MODALITIES)
    return Section("Call", "gcf-basics", [subject, tenant, callback, modalities])


def make_source(controller: FormController) -> CollapsibleSection:
    """Make the section of the caller: Graph's ``source``."""
    kinds = {kind: IDENTITY_KINDS[kind] for kind in SOURCE_KINDS}
    parts = [
        IdentityKindField(controller, SOURCE, "gcf-source-kind", kinds),
        IdentityField(controller, SOURCE, "id", "Id", "gcf-source-id"),
        IdentityField(controller, SOURCE, "displayName", "Display name", "gcf-source-name", hint="Optional"),
        IdentityField(controller, SOURCE, "tenantId", "Tenant", "gcf-source-tenant", hint="Optional"),
        TextField(
            controller, ("source", "languageId"), "Language", "gcf-language", hint="such as en-us", tip="languageId"
        ),
        TextField(controller, ("source", "region"), "Region", "gcf-region", hint="such as us", tip="region"),
    ]
    return CollapsibleSection(
        "Caller", "gcf-source", parts, lambda state: _summarize_identity(state, SOURCE) or "not sent"
    )


def _summarize_identity(state: FormState, path: Path) -> str:
    identities = read_path(state.body, path)
    if not isinstance(identities, dict) or not identities:
        return ""
    kind = state.get_identity_kind(path)
    name, identity = (state.get_text((*path, kind, member)) for member in ("displayName", "id"))
    short_id = identity if len(identity) <= _MAX_ID_CHARS else f"{identity[:8]}…"
    return show_invisible(name or short_id or kind)


def make_media(controller: FormController) -> VariantSection:
    """Make the section of the media."""
    adders = {"Add a sound to fetch": ("gcf-add-sound", FormState.add_sound)}
    sounds = RowList(controller, SOUNDS, SoundRow, adders)
    blob = TextField(
        controller,
        ("mediaConfig", "blob"),
        "Media blob",
        "gcf-blob",
        hint="From Microsoft's media library",
        tip="mediaConfig.blob",
    )
    kind = KindField(
        controller,
        ("mediaConfig",),
        "Media hosting",
        "gcf-media-kind",
        MEDIA_KINDS,
        get_kind=FormState.get_media_kind,
        set_kind=FormState.set_media_kind,
        tip="mediaConfig: service-hosted media are handled by Microsoft, app-hosted media by your application",
        unknown_label=_UNKNOWN_KIND,
    )
    leave_group = FlagField(
        controller,
        ("mediaConfig", "removeFromDefaultAudioGroup"),
        "Leave audio group",
        "gcf-remove-from-group",
        tip="mediaConfig.removeFromDefaultAudioGroup",
        keep=1,
    )
    return VariantSection(
        "Media",
        "gcf-media",
        [kind, blob, leave_group, sounds],
        _summarize_media,
        get_kind=FormState.get_media_kind,
        variants={"service": [sounds], "app": [blob]},
    )


def _summarize_media(state: FormState) -> str:
    count = state.count_rows(SOUNDS)
    sounds = f", {pluralize(count, 'sound')}" if count else ""
    labels = {"": "not sent", "service": "service-hosted", "app": "app-hosted", "none": "none"}
    return labels.get(state.get_media_kind(), "another kind") + sounds


def make_meeting(controller: FormController) -> VariantSection:
    """Make the section of the meeting to join and its chat."""

    def organizer_field(member: str, label: str, css: str, hint: str) -> TextField:
        return IdentityField(controller, _ORGANIZER, member, label, css, hint=hint, keep=1)

    def meeting_field(member: str, label: str, css: str, hint: str = "") -> TextField:
        return TextField(controller, ("meetingInfo", member), label, css, hint=hint, keep=1)

    organizer: list[Field] = [
        organizer_field("id", "Organizer", "gcf-organizer-id", "Object id of the user"),
        organizer_field("tenantId", "Organizer's tenant", "gcf-organizer-tenant", "Tenant id"),
        organizer_field("displayName", "Organizer's name", "gcf-organizer-name", "Optional"),
    ]
    token = meeting_field("token", "Token", "gcf-meeting-token")
    number: list[Field] = [
        meeting_field("joinMeetingId", "Meeting id", "gcf-join-id", "1234567890123"),
        meeting_field("passcode", "Passcode", "gcf-passcode", "Optional"),
    ]
    kind = KindField(
        controller,
        ("meetingInfo",),
        "Meeting",
        "gcf-meeting-kind",
        MEETING_KINDS,
        get_kind=FormState.get_meeting_kind,
        set_kind=FormState.set_meeting_kind,
        tip="meetingInfo: how the meeting is identified",
        unknown_label=_UNKNOWN_KIND,
    )
    chat = [
        TextField(
            controller,
            ("chatInfo", "threadId"),
            "Chat thread",
            "gcf-thread",
            hint="19:meeting_…@thread.v2",
            tip="chatInfo.threadId",
            also=("chatInfo",),
        ),
        TextField(
            controller, ("chatInfo", "messageId"), "Chat message", "gcf-message", hint="0", tip="chatInfo.messageId"
        ),
    ]
    return VariantSection(
        "Meeting and chat",
        "gcf-meeting",
        [kind, *organizer, token, *number, *chat],
        _summarize_meeting,
        get_kind=FormState.get_meeting_kind,
        variants={"organizer": organizer, "token": [token], "joinMeetingId": number},
    )


def _summarize_meeting(state: FormState) -> str:
    return {
        "": "chat only" if "chatInfo" in state.body else "none",
        "organizer": "by organizer",
        "token": "by token",
        "joinMeetingId": f"id {show_invisible(state.get_text(('meetingInfo', 'joinMeetingId')))}".strip(),
    }.get(state.get_meeting_kind(), "another kind")


def make_advanced(controller: FormController) -> CollapsibleSection:
    """Make the section of fields that are rarely needed."""
    ringing: Path = ("ringingTimeoutInSeconds",)
    policies: Path = ("routingPolicies",)
    reply_chain: Path = ("chatInfo", "replyChainMessageId")
    without_host: Path = ("meetingInfo", "allowConversationWithoutHost")
    parts = [
        NumberField(
            controller, ringing, "Ringing time, seconds", "gcf-ringing", hint="1 to 115", tip="ringingTimeoutInSeconds"
        ),
        NullableField(
            controller,
            reply_chain,
            "Reply chain message",
            "gcf-reply-chain",
            hint="Id of a message",
            tip="chatInfo.replyChainMessageId",
        ),
        FlagField(
            controller,
            without_host,
            "Allow talking without the host",
            "gcf-without-host",
            tip="meetingInfo.allowConversationWithoutHost; choose a meeting first",
            keep=1,
        ),
        SetField(controller, policies, "Routing policies", "gcf-policies", POLICIES),
    ]

    def summarize(state: FormState) -> str:
        paths = (ringing, policies, reply_chain, without_host)
        count = sum(1 for path in paths if read_path(state.body, path) is not MISSING)
        return f"{count} set" if count else "nothing set"

    return CollapsibleSection("Advanced", "gcf-advanced", parts, summarize)
