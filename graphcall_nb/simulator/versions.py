"""The versions of Graph's calling API as data: addresses, ids, members, rules.

Another version is another value here; no other module asks which version it serves.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from .._arguments import require_choice
from .random import make_guid, make_upper_hex
from .state_machine import Result
from .validation import Rules

CallKind = Literal["peer", "group", "meeting"]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ApiVersion:
    """One version of the API.

    Attributes
    ----------
    collections : tuple of str
        Request paths of the calls; ``{application_id}`` may be in them.
    resources : dict
        Members of a notification that hold the path of the resource, each with the path of a call.
    is_captured : bool
        Whether notifications have the form of captures, rather than that of Microsoft's pages.
    has_media_state : bool
        Whether calls have a ``mediaState``.
    envelope, item : dict
        Further members of a notification body, and of each of its items.
    has_callback_uri : bool
        Whether an item repeats the address that it is sent to.
    has_entity_links, has_entity_ids : bool
        Whether entities have ``@odata.id`` and ``@odata.etag``, and whether the call in a notification has its id.
    has_types : bool
        Whether identities and what holds them have an ``@odata.type``.
    defaults : dict
        Values of members that the sender of a call left out.
    default_modalities : tuple of str
        Active modalities of a call that requests none.
    server_generated : dict
        Members that only the service sets, with their values in a new call.
    relationships : frozenset of str
        Members with addresses of their own, so they are not part of a call.
    meeting_members, meeting_states
        Members that notifications of a meeting repeat, and in which states.
    established_members : frozenset of str
        Members of the notification that a call is established.
    has_reasons, has_dates : bool
        Whether an end has a ``terminationReason``, and whether operations have dates.
    stateless_events : frozenset of str
        Events whose notification has no state.
    make_recording_info, make_recording : callable
        Shape of a participant's ``recordingInfo``, and of a finished recording (its URL, its token, the reason).
    prompt_completion : dict
        Further members of a finished prompt.
    hidden_states : dict
        States that this version does not have, with the state shown instead.
    allows_trailing_commas : bool
        Whether the JSON of requests may have trailing commas, as published bodies of this version do.
    several_targets_kind : str
        Kind of a call to several targets without a meeting.
    rules : Rules
        Rules for a request to create a call.
    """

    name: str
    collections: tuple[str, ...]
    resources: Mapping[str, str]
    server_generated: Mapping[str, Any]
    relationships: frozenset[str]
    make_id: Callable[[random.Random], str]
    make_result: Callable[[Result], dict[str, Any]]
    rules: Rules
    envelope: Mapping[str, Any] = field(default_factory=dict)
    item: Mapping[str, Any] = field(default_factory=dict)
    is_captured: bool = False
    has_media_state: bool = False
    has_callback_uri: bool = False
    has_entity_links: bool = False
    has_entity_ids: bool = False
    has_types: bool = False
    defaults: Mapping[str, Any] = field(default_factory=dict)
    default_modalities: tuple[str, ...] = ("audio",)
    meeting_members: tuple[str, ...] = ("chatInfo", "meetingInfo")
    meeting_states: frozenset[str] = frozenset({"established"})
    established_members: frozenset[str] = frozenset({"answeredBy", "activeModalities"})
    has_reasons: bool = False
    stateless_events: frozenset[str] = frozenset()
    has_dates: bool = False
    make_recording_info: Callable[[str, Mapping[str, Any]], dict[str, Any]]
    make_recording: Callable[[str, str, str], dict[str, Any]]
    prompt_completion: Mapping[str, Any] = field(default_factory=dict)
    hidden_states: Mapping[str, str] = field(default_factory=dict)
    allows_trailing_commas: bool = False
    several_targets_kind: CallKind = "group"

    def __repr__(self) -> str:
        return f"<ApiVersion {self.name}>"

    @property
    def resource(self) -> str:
        """Path of a call, as ``@odata.id`` has it."""
        return [*self.resources.values()][-1]

    def keep_settable(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the members of a call that its sender may set."""
        ignored = self.server_generated.keys() | self.relationships
        return {name: value for name, value in body.items() if name not in ignored}

    def make_type(self, name: str) -> dict[str, str]:
        """Return the ``@odata.type`` member of a value, empty in a version without types."""
        return {"@odata.type": f"#microsoft.graph.{name}"} if self.has_types else {}

    def get_kind(self, body: Mapping[str, Any]) -> CallKind:
        """Return the kind of a call: to a meeting or group chat, with or without targets, or to targets alone."""
        targets = body.get("targets") or ()
        if not body.get("meetingInfo"):
            return self.several_targets_kind if len(targets) > 1 else "peer"
        return "group" if targets else "meeting"


def _make_text_result(result: Result) -> dict[str, Any]:
    return {"code": str(result.code), "subCode": str(result.subcode), "message": result.message}


def _make_number_result(result: Result) -> dict[str, Any]:
    return {
        "@odata.type": "#microsoft.graph.resultInfo",
        "code": result.code,
        "subcode": result.subcode,
        "message": result.message,
    }


def _make_captured_result(result: Result) -> dict[str, Any]:
    shown = CAPTURED_RESULTS.get((result.code, result.subcode), result)
    # Captured texts of the code 200 have the inner number 0.
    return _make_number_result(replace(shown, message=shown.message.replace("DiagCode: 200#", "DiagCode: 0#")))


CAPTURED_RESULTS: Mapping[tuple[int, int | str], Result] = {
    (200, 4521): Result(200, 5002, "The conversation has ended. DiagCode: 0#5002.@"),
}
"""Results of the pages in whose place captures show another."""


def _make_recording_info(status: str, initiator: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "@odata.type": "#microsoft.graph.recordingInfo",
        "recordingStatus": status,
        "initiator": initiator["identity"],
    }


def _make_recording(url: str, token: str, reason: str) -> dict[str, Any]:
    return {"recordingLocation": url, "recordingAccessToken": token}


_RELATIONSHIPS = frozenset({"audioRoutingGroups", "contentSharingSessions", "operations", "participants"})
_TYPED_ENVELOPE = {"@odata.type": "#microsoft.graph.commsNotifications"}
_TYPED_ITEM = {"@odata.type": "#microsoft.graph.commsNotification"}

BETA_2018 = ApiVersion(
    name="beta-2018",
    collections=("/beta/app/calls", "/beta/applications/{application_id}/calls"),
    resources={"resource": "/app/calls/{call_id}"},
    make_id=make_upper_hex,
    make_result=_make_text_result,
    has_entity_links=True,
    has_reasons=True,
    # The published end of a rejected call has no state.
    stateless_events=frozenset({"reject"}),
    has_dates=True,
    make_recording_info=lambda status, initiator: {"status": status, "initiatedBy": dict(initiator)},
    make_recording=lambda url, token, reason: {"recordResourceLocation": url, "completionReason": reason},
    prompt_completion={"completionReason": "completedSuccessfully"},
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
    # "All of the properties will be returned from an actual call."
    defaults={
        "chatInfo": None,
        "mediaConfig": None,
        "meetingInfo": None,
        "requestedModalities": [],
        "source": None,
        "subject": None,
        "targets": [],
        "tenantId": None,
    },
    # The example requests none, and both are active when it is established.
    default_modalities=("audio", "video"),
    relationships=_RELATIONSHIPS,
    # The operation reports a transfer in 2018, so the call stays established until it ends.
    hidden_states={"transferring": "established", "transferAccepted": "established"},
    allows_trailing_commas=True,
    several_targets_kind="peer",
    rules=Rules(
        media_configs=("appHostedMediaConfig", "serviceHostedMediaConfig", "noMediaConfig"),
        meeting_infos=("organizerMeetingInfo", "tokenMeetingInfo", "joinMeetingIdMeetingInfo"),
        requires_blob=True,
    ),
)
"""Beta as the *Create call* page of 2018 shows it."""

_GENERATED: Mapping[str, Any] = {
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
_DEFAULTS: Mapping[str, Any] = {
    "subject": None,
    "targets": [],
    "chatInfo": None,
    "meetingInfo": None,
    "meetingCapability": None,
    "ringingTimeoutInSeconds": None,
    "routingPolicies": [],
}

BETA_PAGES = ApiVersion(
    name="beta",
    collections=("/beta/communications/calls",),
    resources={"resourceUrl": "/communications/calls/{call_id}"},
    has_media_state=True,
    envelope=_TYPED_ENVELOPE,
    item=_TYPED_ITEM,
    has_callback_uri=True,
    has_entity_ids=True,
    has_types=True,
    make_recording_info=_make_recording_info,
    make_recording=_make_recording,
    make_id=make_guid,
    make_result=_make_number_result,
    server_generated={
        **_GENERATED,
        "@odata.context": "https://graph.microsoft.com/beta/$metadata#app/calls/$entity",
    },
    defaults=_DEFAULTS,
    relationships=_RELATIONSHIPS,
    meeting_states=frozenset({"establishing", "established"}),
    established_members=frozenset({"direction", "answeredBy", "activeModalities"}),
    hidden_states={"redirecting": "incoming"},
    rules=Rules(
        media_configs=("appHostedMediaConfig", "serviceHostedMediaConfig", "noMediaConfig"),
        meeting_infos=("organizerMeetingInfo", "tokenMeetingInfo", "joinMeetingIdMeetingInfo"),
        requires_meeting_type=True,
        max_group_targets=5,
    ),
)
"""Today's beta, used by Microsoft's beta libraries, as its pages show it."""

V1_PAGES = replace(
    BETA_PAGES,
    name="v1.0",
    collections=("/v1.0/communications/calls", "/v1.0/app/calls"),
    server_generated={
        **_GENERATED,
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#app/calls/$entity",
    },
    established_members=frozenset({"direction"}),
    # The published metadata and sequences of v1.0 have neither.
    hidden_states={"ringing": "establishing", "redirecting": "incoming"},
    rules=Rules(
        media_configs=("appHostedMediaConfig", "serviceHostedMediaConfig"),
        meeting_infos=("organizerMeetingInfo", "tokenMeetingInfo", "joinMeetingIdMeetingInfo"),
        requires_media=True,
        requires_instance_for_phone=True,
        requires_meeting_type=True,
        max_group_targets=5,
    ),
)
"""The version that Microsoft supports, as its pages show it: today's beta without what is only there."""


def _make_captured(version: ApiVersion) -> ApiVersion:
    """Return a version whose notifications have the form that captures of the real service show."""
    return replace(
        version,
        is_captured=True,
        resources={"resource": "/app/calls/{call_id}", **version.resources},
        has_callback_uri=False,
        has_entity_ids=False,
        make_result=_make_captured_result,
        hidden_states={**version.hidden_states, "terminating": "established", "hold": "established"},
    )


BETA = _make_captured(BETA_PAGES)
V1 = _make_captured(V1_PAGES)

Form = Literal["wire", "pages"]
PRODUCTION = V1.name
"""Name of the version for production."""

FORMS: tuple[Form, ...] = ("wire", "pages")
"""Forms of notifications: as captures of the real service show them, or as Microsoft's pages do."""

DEFAULT_VERSION = V1.name
"""Version of a call to a bot that has not sent a request yet."""

VERSIONS: Mapping[str, ApiVersion] = {version.name: version for version in (BETA_2018, BETA, V1)}


def get_version(name: str) -> ApiVersion:
    """Return a version by its name. Raise ``ValueError`` with the names for an unknown one."""
    return VERSIONS[require_choice("version", name, VERSIONS)]


def make_versions(form: Form = "wire", *, terminating_and_hold: bool | None = None) -> Mapping[str, ApiVersion]:
    """Return the versions by name in a form, with or without the states that no capture shows.

    The version of 2018 has the form of its pages in any case.

    Raises
    ------
    ValueError
        For an unknown form.
    """
    require_choice("form", form, FORMS)
    chosen = (BETA_2018, BETA, V1) if form == "wire" else (BETA_2018, BETA_PAGES, V1_PAGES)
    return {each.name: _show_states(each, terminating_and_hold) for each in chosen}


def _show_states(version: ApiVersion, is_shown: bool | None) -> ApiVersion:
    if is_shown is None or not version.has_types:
        return version
    others = {name: shown for name, shown in version.hidden_states.items() if name not in ("terminating", "hold")}
    hidden = {} if is_shown else {"terminating": "established", "hold": "established"}
    return replace(version, hidden_states=others | hidden)
