"""How a version of Graph's calling API looks from outside, as data: addresses, ids, members, spellings, rules.

Another version is another value here; nothing else of the simulator asks which one it serves.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from .._arguments import require_choice
from .dice import guid, upper_hex
from .operations import BETA_NOW_OPERATIONS, BETA_OPERATIONS, V1_OPERATIONS, Operation
from .switchboard import Result
from .validation import Rules

Kind = Literal["peer", "group", "meeting"]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Surface:
    """One version of the API.

    Attributes
    ----------
    collections : request paths of the calls; ``{application_id}`` may be in them
    resource : how a notification names a call
    resource_member : the member of a notification that holds it
    envelope, item : what a notification and each item of it carry besides
    item_callback : whether an item repeats the address that it is sent to
    entity_links : whether entities carry ``@odata.id`` and ``@odata.etag``
    entity_ids : whether the call of a notification repeats its id
    typed : whether identities and what holds them say their ``@odata.type``
    defaults : what a call shows of members that its sender left out
    server_generated : members that only the service sets, with their values in a new call
    relationships : members that have addresses of their own, so that neither side puts them into a call
    meeting_members : members that notifications of a meeting repeat
    meeting_members_in : the states whose notifications do so
    established_members : what the notification says when a call is established
    reasons : whether an end says its ``terminationReason``
    wordless : events whose notification does not say the state
    dates : whether operations say when they began and last changed
    recording_info : who records, as a participant shows it
    recorded : what a finished recording says, given where it is and the token to fetch it with
    played : what a finished prompt says besides
    operations : what can be asked of a call
    untold : states that this version does not name, each with the one that is shown instead
    several_targets : what a call to several people and no meeting is
    rules : what a request to create a call must keep to
    """

    name: str
    collections: tuple[str, ...]
    resource: str
    resource_member: str
    server_generated: Mapping[str, Any]
    relationships: frozenset[str]
    new_id: Callable[[random.Random], str]
    result: Callable[[Result], dict[str, Any]]
    rules: Rules
    envelope: Mapping[str, Any] = field(default_factory=dict)
    item: Mapping[str, Any] = field(default_factory=dict)
    item_callback: bool = False
    entity_links: bool = False
    entity_ids: bool = False
    typed: bool = False
    defaults: Mapping[str, Any] = field(default_factory=dict)
    meeting_members: tuple[str, ...] = ("chatInfo", "meetingInfo")
    meeting_members_in: frozenset[str] = frozenset({"established"})
    established_members: frozenset[str] = frozenset({"answeredBy", "activeModalities"})
    reasons: bool = False
    wordless: frozenset[str] = frozenset()
    dates: bool = False
    recording_info: Callable[[str, Mapping[str, Any]], dict[str, Any]]
    recorded: Callable[[str, str], dict[str, Any]]
    operations: tuple[Operation, ...]
    played: Mapping[str, Any] = field(default_factory=dict)
    untold: Mapping[str, str] = field(default_factory=dict)
    several_targets: Kind = "group"

    def __repr__(self) -> str:
        return f"<Surface {self.name}>"

    def accepted(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """What of a call its sender may set."""
        refused = self.server_generated.keys() | self.relationships
        return {name: value for name, value in body.items() if name not in refused}

    def typed_as(self, name: str) -> dict[str, str]:
        """The ``@odata.type`` of something, where this version says it."""
        return {"@odata.type": f"#microsoft.graph.{name}"} if self.typed else {}

    def kind_of(self, body: Mapping[str, Any]) -> Kind:
        """What a call is: to a meeting or group chat with or without people to ring, or to people alone."""
        targets = body.get("targets") or ()
        if not body.get("meetingInfo"):
            return self.several_targets if len(targets) > 1 else "peer"
        return "group" if targets else "meeting"


def _text_result(result: Result) -> dict[str, Any]:
    return {"code": str(result.code), "subCode": str(result.subcode), "message": result.message}


def _number_result(result: Result) -> dict[str, Any]:
    return {
        "@odata.type": "#microsoft.graph.resultInfo",
        "code": result.code,
        "subcode": result.subcode,
        "message": result.message,
    }


def _recording_info(status: str, who: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "@odata.type": "#microsoft.graph.recordingInfo",
        "recordingStatus": status,
        "initiator": who["identity"],
    }


def _recorded(where: str, token: str) -> dict[str, Any]:
    return {"recordingLocation": where, "recordingAccessToken": token}


_RELATIONSHIPS = frozenset({"audioRoutingGroups", "contentSharingSessions", "operations", "participants"})
_TYPED_ENVELOPE = {"@odata.type": "#microsoft.graph.commsNotifications"}
_TYPED_ITEM = {"@odata.type": "#microsoft.graph.commsNotification"}

BETA = Surface(
    name="beta",
    collections=("/beta/app/calls", "/beta/applications/{application_id}/calls"),
    resource="/app/calls/{call_id}",
    resource_member="resource",
    new_id=upper_hex,
    result=_text_result,
    entity_links=True,
    reasons=True,
    # The published end of a call that was rejected has no state.
    wordless=frozenset({"reject"}),
    dates=True,
    recording_info=lambda status, who: {"status": status, "initiatedBy": dict(who)},
    recorded=lambda where, token: {
        "recordResourceLocation": where,
        "completionReason": "maxRecordDurationReached",
    },
    played={"completionReason": "completedSuccessfully"},
    operations=BETA_OPERATIONS,
    server_generated={
        "id": None,
        "state": None,
        "direction": "outgoing",
        "activeModalities": [],
        "answeredBy": None,
        "callRoutes": [],
        "myParticipantId": None,
        "resultInfo": None,
        "terminationReason": None,
        "toneInfo": None,
    },
    relationships=_RELATIONSHIPS,
    # A transfer of 2018 is told by its operation, so the call stays established until it is gone.
    untold={"transferring": "established", "transferAccepted": "established"},
    several_targets="peer",
    rules=Rules(
        media_configs=("appHostedMediaConfig", "serviceHostedMediaConfig", "noMediaConfig"),
        meeting_infos=("organizerMeetingInfo", "tokenMeetingInfo", "joinMeetingIdMeetingInfo"),
        blob_needed=True,
    ),
)
"""Beta as the *Create call* page of 2018 shows it."""

_GENERATED_NOW: Mapping[str, Any] = {
    "@odata.type": "#microsoft.graph.call",
    "@odata.context": None,
    "id": None,
    "state": None,
    "direction": "outgoing",
    "callChainId": None,
    "callRoutes": [],
    "activeModalities": [],
    "answeredBy": None,
    "incomingContext": None,
    "mediaState": None,
    "myParticipantId": None,
    "resultInfo": None,
    "terminationReason": None,
    "toneInfo": None,
    "transcription": None,
}
_DEFAULTS_NOW: Mapping[str, Any] = {
    "subject": None,
    "targets": [],
    "chatInfo": None,
    "meetingInfo": None,
    "meetingCapability": None,
    "ringingTimeoutInSeconds": None,
    "routingPolicies": [],
}

COMMUNICATIONS_BETA = Surface(
    name="beta/communications",
    collections=("/beta/communications/calls",),
    resource="/communications/calls/{call_id}",
    resource_member="resourceUrl",
    envelope=_TYPED_ENVELOPE,
    item=_TYPED_ITEM,
    item_callback=True,
    entity_ids=True,
    typed=True,
    recording_info=_recording_info,
    recorded=_recorded,
    operations=BETA_NOW_OPERATIONS,
    new_id=guid,
    result=_number_result,
    server_generated={
        **_GENERATED_NOW,
        "@odata.context": "https://graph.microsoft.com/beta/$metadata#app/calls/$entity",
    },
    defaults=_DEFAULTS_NOW,
    relationships=_RELATIONSHIPS,
    meeting_members_in=frozenset({"establishing", "established"}),
    established_members=frozenset({"direction", "answeredBy", "activeModalities"}),
    untold={"redirecting": "incoming"},
    rules=Rules(
        media_configs=("appHostedMediaConfig", "serviceHostedMediaConfig", "noMediaConfig"),
        meeting_infos=("organizerMeetingInfo", "tokenMeetingInfo", "joinMeetingIdMeetingInfo"),
        group_targets=5,
    ),
)
"""Beta as it is today, which is how Microsoft's beta libraries speak."""

V1 = replace(
    COMMUNICATIONS_BETA,
    name="v1.0",
    collections=("/v1.0/communications/calls", "/v1.0/app/calls"),
    operations=V1_OPERATIONS,
    server_generated={
        **_GENERATED_NOW,
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#app/calls/$entity",
    },
    established_members=frozenset({"direction"}),
    # The published metadata and sequences of v1.0 have neither.
    untold={"ringing": "establishing", "redirecting": "incoming"},
    rules=Rules(
        media_configs=("appHostedMediaConfig", "serviceHostedMediaConfig"),
        meeting_infos=("organizerMeetingInfo", "tokenMeetingInfo", "joinMeetingIdMeetingInfo"),
        media_needed=True,
        phone_needs_instance=True,
        group_targets=5,
    ),
)
"""What Microsoft supports: today's beta without what is only there."""

SURFACES: tuple[Surface, ...] = (BETA, COMMUNICATIONS_BETA, V1)


def surface_named(name: str) -> Surface:
    """A surface by its name; ``ValueError`` says which there are."""
    named = {surface.name: surface for surface in SURFACES}
    return named[require_choice("version", name, named)]
