"""Which meeting is joined, and its chat."""

from __future__ import annotations

from ...._text import show_invisible
from ..editor import Editor
from ..fields import Field, PartKind, TextField
from ..knowledge import MEETING_KINDS
from ..rows import IdentityField
from ..section import Choice, Fold
from ..state import FormState

_ORGANIZER = ("meetingInfo", "organizer")


def meeting(editor: Editor) -> Fold:
    """Which meeting is joined, and its chat."""

    def organizer(member: str, label: str, css: str, hint: str) -> TextField:
        return IdentityField(editor, _ORGANIZER, member, label, css, hint=hint, keep=1)

    people: list[Field] = [
        organizer("id", "Organizer", "gcf-organizer-id", "Object id of the user"),
        organizer("tenantId", "Organizer's tenant", "gcf-organizer-tenant", "Tenant id"),
        organizer("displayName", "Organizer's name", "gcf-organizer-name", "Optional"),
    ]
    token = TextField(editor, ("meetingInfo", "token"), "Token", "gcf-meeting-token", keep=1)
    number: list[Field] = [
        TextField(editor, ("meetingInfo", "joinMeetingId"), "Meeting id", "gcf-join-id", hint="1234567890123", keep=1),
        TextField(editor, ("meetingInfo", "passcode"), "Passcode", "gcf-passcode", hint="Optional", keep=1),
    ]
    kind = PartKind(
        editor,
        ("meetingInfo",),
        "Meeting",
        "gcf-meeting-kind",
        MEETING_KINDS,
        tip="meetingInfo: how it is known",
        kind=FormState.meeting_kind,
        choose=FormState.set_meeting_kind,
    )
    chat = [
        TextField(
            editor,
            ("chatInfo", "threadId"),
            "Chat thread",
            "gcf-thread",
            hint="19:meeting_…@thread.v2",
            tip="chatInfo.threadId",
            also=("chatInfo",),
        ),
        TextField(editor, ("chatInfo", "messageId"), "Chat message", "gcf-message", hint="0", tip="chatInfo.messageId"),
    ]
    return Choice(
        "Meeting and chat",
        "gcf-meeting",
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
        "joinMeetingId": f"id {show_invisible(state.text(('meetingInfo', 'joinMeetingId')))}".strip(),
    }.get(state.meeting_kind(), "another kind")
