"""The call itself."""

from __future__ import annotations

from ..unseen import json_text, marked
from .base import Flag, Resource, Text, Whole
from .masking import masked
from .parts import AnyMediaConfig, AnyMeetingInfo, ChatInfo, ParticipantInfo, ResultInfo

SECRET_LENGTH = 32
"""The last part of a callback's path is a secret when it is that long; a shorter one is a word of somebody's choice."""


class CallOptions(Resource):
    """What a call shall do besides: outgoing and incoming options of v1.0 in one."""

    hide_bot_after_escalation: Flag | None = None
    is_content_sharing_notification_enabled: Flag | None = None
    is_delta_roster_enabled: Flag | None = None
    is_interactive_roster_enabled: Flag | None = None


class Call(Resource):
    """A call, as it is asked for and as Graph answers it.

    Every field may be left out; :func:`graphcall_nb.lint` says what a service will miss. The fields from ``id`` to
    ``my_participant_id`` are set by the service: they are read, and never sent.

    Examples
    --------
    >>> call = Call(callback_uri="https://bot.example/calls", targets=[ParticipantInfo.of("user", "550fae72")])
    >>> call.to_json_dict()["targets"]
    [{'identity': {'user': {'id': '550fae72'}}}]
    >>> Call.from_json_dict({"subject": "Test", "newInGraph": {"x": None}}).to_json_dict()
    {'subject': 'Test', 'newInGraph': {'x': None}}
    """

    callback_uri: Text | None = None
    source: ParticipantInfo | None = None
    targets: list[ParticipantInfo] | None = None
    requested_modalities: list[Text] | None = None
    media_config: AnyMediaConfig | None = None
    chat_info: ChatInfo | None = None
    meeting_info: AnyMeetingInfo | None = None
    subject: Text | None = None
    tenant_id: Text | None = None
    ringing_timeout_in_seconds: Whole | None = None
    routing_policies: list[Text] | None = None
    call_options: CallOptions | None = None

    id: Text | None = None
    state: Text | None = None
    direction: Text | None = None
    answered_by: ParticipantInfo | None = None
    active_modalities: list[Text] | None = None
    result_info: ResultInfo | None = None
    termination_reason: Text | None = None
    my_participant_id: Text | None = None

    def __repr__(self) -> str:
        who = ", ".join(marked(target.label) or "?" for target in self.targets or []) or (
            "a meeting" if self.meeting_info else "nobody yet"
        )
        state = f", {self.state}" if self.state else ""
        return f"<Call {self.subject or '(no subject)'!r} to {who}{state}>"

    __str__ = __repr__

    def _repr_html_(self) -> str:
        from html import escape

        # A notebook is saved with what it shows.
        shown = masked(self.to_json_dict())
        if self.callback_uri and len(self.callback_uri.rpartition("/")[2]) < SECRET_LENGTH:
            shown["callbackUri"] = self.callback_uri
        body = json_text(shown)
        return f"<details open><summary>{escape(repr(self))}</summary><pre>{escape(body)}</pre></details>"
