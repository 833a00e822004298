"""Actions on a call: the request bodies of Graph's operations, and the operation that an action starts."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from .._arguments import as_list
from .base import Flag, Problem, Resource, Text, Whole, one_of
from .clouds import GLOBAL, Cloud
from .coerce import TONES, to_participant, to_participants, to_prompts, to_tones
from .models import (
    AnyMediaConfig,
    AnyPrompt,
    CallOptions,
    MediaPrompt,
    ParticipantInfo,
    ResultInfo,
    find_identity_problems,
)
from .states import LIVE, STATES, TERMINAL

CALLING = "Calls.Initiate.All or Calls.AccessMedia.All"
JOINING = "Calls.JoinGroupCall.All or Calls.JoinGroupCallAsGuest.All"
JOINING_CHAT = "Calls.JoinGroupCalls.Chat"
"""Resource-specific permission: for the meetings of a chat in which the Teams app is installed."""

ACCESS_MEDIA = "Calls.AccessMedia.All"
ROUTING = "Calls.JoinGroupCall.All or Calls.InitiateGroupCall.All"
SHARING = (
    "Calls.JoinGroupCallAsGuest.All or Calls.JoinGroupCall.All or Calls.Initiate.All or Calls.InitiateGroupCall.All"
)

INCOMING = frozenset({"incoming"})
ESTABLISHED = frozenset({"established"})
CONNECTED = frozenset({"established", "hold"})
TRANSFERRING = frozenset({"transferring", "transferAccepted"})


class Operation(Resource):
    """Work that a call is doing or has done, such as playing a prompt; Graph's ``commsOperation``.

    Attributes
    ----------
    id : str
        Graph's id of the operation.
    status : str
        ``notStarted``, ``running``, ``completed`` or ``failed``; Graph's pages write it in either letter case.
    client_context : str
        The text that the request carried, to recognize the operation by.
    result_info : ResultInfo
        The result code, subcode and message.
    completion_reason : str
        Why it ended (beta, and ``sendDtmfTones``).
    recording_location : str
        URL of a recording, valid for a short time, with ``recording_access_token``. Beta names it
        ``record_resource_location`` and has no token.

    Examples
    --------
    >>> Operation.from_json_dict({"id": "0FE0", "status": "Completed"}).done
    True
    """

    id: Text | None = None
    status: Text | None = None
    client_context: Text | None = None
    result_info: ResultInfo | None = None
    created_date_time: Text | None = None
    last_action_date_time: Text | None = None
    completion_reason: Text | None = None
    prompts: list[AnyPrompt] | None = None
    participants: list[ParticipantInfo] | None = None
    recording_location: Text | None = None
    record_resource_location: Text | None = None
    recording_access_token: Text | None = Field(default=None, repr=False)

    @property
    def done(self) -> bool:
        """True when it has ended; no notification follows."""
        return (self.status or "").lower() in ("completed", "failed")

    @property
    def failed(self) -> bool:
        """True when it has ended without success."""
        return (self.status or "").lower() == "failed"

    def __repr__(self) -> str:
        kind = (self.odata_type or "commsOperation").rpartition(".")[2]
        result = self.result_info
        reason = f", {result.code}/{result.subcode} {result.message or ''}".rstrip() if result else ""
        return f"<Operation {kind} {self.id}: {self.status}{reason}>"

    __str__ = __repr__


# ---- constraints of fields


@dataclass(frozen=True)
class In:
    """Metadata of a field that one version of the API alone has."""

    version: str


@dataclass(frozen=True)
class Bounds:
    """Metadata of a field that one version of the API bounds: a number, or the length of a list."""

    version: str
    low: int
    high: int
    unit: str = "seconds"

    def excludes(self, value: int | list[Any] | None) -> bool:
        """Return true when a value, or the length of a list, is out of bounds."""
        size = len(value) if isinstance(value, list) else value
        return size is not None and not self.low <= size <= self.high


def _check_identity(participant: ParticipantInfo) -> ParticipantInfo:
    """Refuse a participant without an identity, or with a phone number that is not in E.164."""
    problems = list(find_identity_problems(participant))
    if problems:
        raise PydanticCustomError("problems", "invalid participant", {"problems": problems})
    return participant


def _split_keys(keys: Any) -> Any:
    """Return a list of keys; each character of a text is one key."""
    return list(keys) if isinstance(keys, str) else as_list(keys)


Invitee = Annotated[ParticipantInfo, BeforeValidator(to_participant), AfterValidator(_check_identity)]
Invitees = Annotated[
    list[Annotated[ParticipantInfo, AfterValidator(_check_identity)]], BeforeValidator(to_participants)
]
Prompts = Annotated[list[AnyPrompt], BeforeValidator(to_prompts)]
Texts = Annotated[list[Text], BeforeValidator(as_list)]
RecordSeconds = Annotated[Whole | None, Bounds("v1.0", 1, 120)]


# ---- actions


class Action(Resource):
    """The body of a request that acts on a call, with everything the client knows about the action.

    A subclass is one action: its fields are the body, its class attributes describe the request.

    Attributes
    ----------
    name : str
        Graph's name, such as ``"playPrompt"``.
    path : str
        Path below the path of the call.
    other_paths : mapping of str to str
        Path by version, where a version has another one.
    versions : frozenset of str
        Versions of the API that have the action.
    method : str
        HTTP method; only ``POST`` and ``PATCH`` send a body.
    is_below_call : bool
        False when the path is that of all calls.
    is_global_only : bool
        True when Microsoft's page names the worldwide cloud alone, so that those of the US Government lack the action.
    states : frozenset of str
        Call states that allow the action.
    permission : str
        Application permission that the service requires.
    is_idempotent : bool
        True when a second request has no further effect, so a request without an answer is sent again.
    call_method : str
        Name of the method of :class:`~graphcall_nb.CallHandle`.

    Examples
    --------
    >>> SendDtmfTones(tones="1#").to_json_dict()
    {'tones': ['tone1', 'pound']}
    """

    name: ClassVar[str]
    path: ClassVar[str]
    other_paths: ClassVar[Mapping[str, str]] = {}
    versions: ClassVar[frozenset[str]] = frozenset({"beta", "v1.0"})
    method: ClassVar[Literal["POST", "GET", "PATCH", "DELETE"]] = "POST"
    is_below_call: ClassVar[bool] = True
    is_global_only: ClassVar[bool] = False
    states: ClassVar[frozenset[str]] = ESTABLISHED
    permission: ClassVar[str] = CALLING
    is_idempotent: ClassVar[bool] = False
    starts_operation: ClassVar[bool] = False
    call_method: ClassVar[str]

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if "name" in cls.__dict__ and "call_method" not in cls.__dict__:
            cls.call_method = re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", cls.name)

    @classmethod
    def path_in(cls, version: str) -> str | None:
        """Return the path in a version of the API, or ``None`` when the version does not have the action."""
        return cls.other_paths.get(version, cls.path) if version in cls.versions else None

    def find_problems(self, version: str) -> Iterator[Problem]:
        """Yield the field and the advice for each limit of the version that the body breaks."""
        for name, field in type(self).model_fields.items():
            for limit in field.metadata:
                if isinstance(limit, Bounds) and limit.version == version and limit.excludes(getattr(self, name)):
                    yield field.alias or name, f"{version} accepts {limit.low} to {limit.high} {limit.unit}."

    def to_version_dict(self, version: str) -> dict[str, Any]:
        """Return the body without the fields that the version does not have."""
        fields = type(self).model_fields.values()
        absent = {
            field.alias
            for field in fields
            for limit in field.metadata
            if isinstance(limit, In) and limit.version != version
        }
        return {name: value for name, value in self.to_json_dict().items() if name not in absent}

    @classmethod
    def _describe(cls) -> str:
        return f"a {cls.name} request"


class OperationAction(Action):
    """An action that the service carries out as an operation, and reports the end of."""

    starts_operation = True

    client_context: Annotated[Text, Field(max_length=256)] | None = None


class ParticipantAction(Action):
    """An action on one participant, whose id is a part of the path."""

    states = CONNECTED
    permission = JOINING

    # Not a part of the body, so it keeps its name of Python.
    participant_id: Text = Field(
        min_length=1, alias="participant_id", exclude=True, description="the id of a participant"
    )


class AudioRoutingAction(Action):
    """An action on one audio routing group, whose id is a part of the path."""

    permission = ROUTING
    is_global_only = True

    group_id: Text = Field(min_length=1, alias="group_id", exclude=True, description="the id of an audio routing group")


class Delete(Action):
    """End the call; of a group call, the application's own leg."""

    name = "delete"
    path = ""
    method = "DELETE"
    states = LIVE
    is_idempotent = True
    call_method = "hang_up"


class KeepAlive(Action):
    """Tell the service that the application still runs."""

    name = "keepAlive"
    path = "/keepAlive"
    states = CONNECTED | TRANSFERRING
    is_idempotent = True


class Answer(Action):
    """Answer an incoming call."""

    name = "answer"
    path = "/answer"
    states = INCOMING
    permission = JOINING

    callback_uri: Text = Field(min_length=1, repr=False, description="the address for the call's notifications")
    accepted_modalities: Texts | None = None
    media_config: AnyMediaConfig | None = None
    call_options: CallOptions | None = None
    participant_capacity: Annotated[Whole | None, In("v1.0")] = None


class Reject(Action):
    """Refuse an incoming call."""

    name = "reject"
    path = "/reject"
    states = INCOMING
    permission = "any calling permission"

    reason: Annotated[Text, one_of("none", "busy", "forbidden")] | None = None
    callback_uri: Annotated[Text | None, In("v1.0")] = Field(default=None, repr=False)


class Redirect(Action):
    """Send an incoming call to another user or phone without answering it."""

    name = "redirect"
    path = "/redirect"
    states = INCOMING
    permission = "Calls.Initiate.All"

    targets: Invitees = Field(min_length=1, max_length=25, description="the users or phones to call")
    # Beta's page of 2018 lets the call ring for 99 seconds.
    timeout: Annotated[Whole | None, Bounds("v1.0", 15, 90)] = None
    callback_uri: Annotated[Text | None, In("v1.0")] = Field(default=None, repr=False)
    target_disposition: Annotated[Text | None, In("beta")] = None
    mask_callee: Annotated[Flag | None, In("beta")] = None
    mask_caller: Annotated[Flag | None, In("beta")] = None


class Transfer(Action):
    """Hand the call over to another user or phone. Beta starts an operation, v1.0 does not."""

    name = "transfer"
    path = "/transfer"
    permission = "Calls.Initiate.All"
    starts_operation = True

    transfer_target: Invitee = Field(description="the user or phone that takes over the call")
    transferee: Annotated[Invitee | None, In("v1.0")] = None
    client_context: Annotated[Text, Field(max_length=256)] | None = None


class PlayPrompt(OperationAction):
    """Play sounds to the call."""

    name = "playPrompt"
    path = "/playPrompt"

    prompts: Prompts = Field(min_length=1, max_length=20, description="at least one sound")
    loop: Annotated[Flag | None, In("beta")] = None


class RecordResponse(OperationAction):
    """Record a short answer of the caller."""

    name = "recordResponse"
    path = "/recordResponse"
    other_paths: ClassVar[Mapping[str, str]] = {"beta": "/record"}
    permission = ACCESS_MEDIA

    # Beta's page of 2018 has no limit for prompts, and records for half an hour.
    prompts: Annotated[Prompts | None, Bounds("v1.0", 0, 1, "prompts")] = None
    barge_in_allowed: Flag | None = None
    initial_silence_timeout_in_seconds: RecordSeconds = None
    max_silence_timeout_in_seconds: RecordSeconds = None
    max_record_duration_in_seconds: RecordSeconds = None
    play_beep: Flag | None = None
    stream_while_recording: Annotated[Flag | None, In("beta")] = None
    stop_tones: Annotated[list[Text], BeforeValidator(_split_keys)] | None = None


class CancelMediaProcessing(OperationAction):
    """Stop the prompt or recording that runs, and those that are queued."""

    name = "cancelMediaProcessing"
    path = "/cancelMediaProcessing"
    is_idempotent = True

    all: Annotated[Flag | None, In("beta")] = None


class SubscribeToTone(OperationAction):
    """Receive a notification for each key that the other side presses."""

    name = "subscribeToTone"
    path = "/subscribeToTone"
    permission = ACCESS_MEDIA
    is_idempotent = True


class SendDtmfTones(OperationAction):
    """Press keys."""

    name = "sendDtmfTones"
    path = "/sendDtmfTones"
    is_global_only = True

    tones: Annotated[list[Annotated[Text, one_of(*TONES)]], BeforeValidator(to_tones)] = Field(
        min_length=1, description="at least one key"
    )
    delay_between_tones_ms: Annotated[Whole, Field(ge=0, le=2**31 - 1)] | None = None


class Mute(OperationAction):
    """Mute the application itself."""

    name = "mute"
    path = "/mute"
    states = CONNECTED
    is_idempotent = True


class Unmute(OperationAction):
    """Unmute the application itself."""

    name = "unmute"
    path = "/unmute"
    states = CONNECTED
    is_idempotent = True


class ChangeScreenSharingRole(Action):
    """Share the screen of the application, or stop sharing."""

    name = "changeScreenSharingRole"
    path = "/changeScreenSharingRole"
    permission = ACCESS_MEDIA
    is_idempotent = True

    role: Annotated[Text, one_of("viewer", "sharer")]


class UpdateRecordingStatus(OperationAction):
    """Report that the application records, or has stopped."""

    name = "updateRecordingStatus"
    path = "/updateRecordingStatus"
    states = CONNECTED
    permission = "Calls.JoinGroupCall.All or Calls.AccessMedia.All"
    is_idempotent = True

    status: Annotated[Text, one_of("unknown", "notRecording", "recording", "failed")]


class StartRecording(OperationAction):
    """Start Teams' recording of the call."""

    name = "startRecording"
    path = "/startRecording"
    versions = frozenset({"beta"})
    states = CONNECTED
    permission = "Calls.JoinGroupCall.All"


class StopRecording(OperationAction):
    """Stop Teams' recording of the call."""

    name = "stopRecording"
    path = "/stopRecording"
    versions = frozenset({"beta"})
    states = CONNECTED
    permission = "Calls.JoinGroupCall.All"
    is_idempotent = True


class StartTranscription(OperationAction):
    """Start Teams' transcription of the call."""

    name = "startTranscription"
    path = "/startTranscription"
    versions = frozenset({"beta"})
    states = CONNECTED
    permission = "Calls.JoinGroupCall.All"

    language: Text | None = None


class StopTranscription(OperationAction):
    """Stop Teams' transcription of the call."""

    name = "stopTranscription"
    path = "/stopTranscription"
    versions = frozenset({"beta"})
    states = CONNECTED
    permission = "Calls.JoinGroupCall.All"
    is_idempotent = True

    language: Text | None = None


class AddLargeGalleryView(OperationAction):
    """Add the large gallery view to the video streams of a group call."""

    name = "addLargeGalleryView"
    path = "/addLargeGalleryView"
    is_global_only = True
    permission = f"{JOINING} or Calls.InitiateGroupCall.All"


class UpdateMetadata(OperationAction):
    """Set the metadata of the application's own participant, which the roster shows (pages of 2018)."""

    name = "updateMetadata"
    path = "/updateMetadata"
    versions = frozenset({"beta"})
    states = CONNECTED
    is_idempotent = True

    metadata: Text | None = None


class LogTeleconferenceDeviceQuality(Action):
    """Report the quality of the media between the application and a teleconferencing device."""

    name = "logTeleconferenceDeviceQuality"
    path = "/logTeleconferenceDeviceQuality"
    states = frozenset(STATES)
    permission = ACCESS_MEDIA
    is_below_call = False

    quality: dict[str, Any] = Field(description="the quality data of the device, as a dict")


class ListContentSharingSessions(Action):
    """Read the sessions in which content is shared in the call."""

    name = "listContentSharingSessions"
    path = "/contentSharingSessions"
    method = "GET"
    states = frozenset(STATES)
    permission = SHARING
    is_idempotent = True
    is_global_only = True
    call_method = "content_sharing_sessions"


class GetContentSharingSession(Action):
    """Read one session in which content is shared in the call."""

    name = "getContentSharingSession"
    path = "/contentSharingSessions/{session_id}"
    method = "GET"
    states = frozenset(STATES)
    permission = SHARING
    is_idempotent = True
    is_global_only = True
    call_method = "content_sharing_session"

    session_id: Text = Field(
        min_length=1, alias="session_id", exclude=True, description="the id of a content sharing session"
    )


class ListAudioRoutingGroups(Action):
    """Read the audio routing groups of the call."""

    name = "listAudioRoutingGroups"
    path = "/audioRoutingGroups"
    method = "GET"
    states = frozenset(STATES)
    permission = ROUTING
    is_idempotent = True
    is_global_only = True
    call_method = "audio_routing_groups"


class GetAudioRoutingGroup(AudioRoutingAction):
    """Read one audio routing group of the call."""

    name = "getAudioRoutingGroup"
    path = "/audioRoutingGroups/{group_id}"
    method = "GET"
    states = frozenset(STATES)
    is_idempotent = True
    call_method = "audio_routing_group"


RoutingMode = Annotated[Text, one_of("oneToOne", "multicast")]


class CreateAudioRoutingGroup(Action):
    """Create a private audio route from one participant to others."""

    name = "createAudioRoutingGroup"
    path = "/audioRoutingGroups"
    permission = ROUTING
    is_global_only = True

    id: Text | None = None
    routing_mode: RoutingMode
    sources: Texts = Field(min_length=1, max_length=1, description="the id of the participant who speaks")
    receivers: Texts = Field(min_length=1, description="the ids of the participants who listen")


class UpdateAudioRoutingGroup(AudioRoutingAction):
    """Change a private audio route; what is left out stays as it is."""

    name = "updateAudioRoutingGroup"
    path = "/audioRoutingGroups/{group_id}"
    method = "PATCH"
    is_idempotent = True

    id: Text | None = None
    routing_mode: RoutingMode | None = None
    sources: Texts | None = None
    receivers: Texts | None = None


class DeleteAudioRoutingGroup(AudioRoutingAction):
    """Remove a private audio route."""

    name = "deleteAudioRoutingGroup"
    path = "/audioRoutingGroups/{group_id}"
    method = "DELETE"
    is_idempotent = True


class ListParticipants(Action):
    """Read the participants of the call."""

    name = "listParticipants"
    path = "/participants"
    method = "GET"
    states = frozenset(STATES)
    is_idempotent = True
    call_method = "participants"


class GetParticipant(ParticipantAction):
    """Read one participant of the call."""

    name = "getParticipant"
    path = "/participants/{participant_id}"
    method = "GET"
    states = frozenset(STATES)
    permission = JOINING
    is_idempotent = True
    call_method = "participant"


class InviteParticipants(OperationAction):
    """Invite users or phones to a group call."""

    name = "inviteParticipants"
    path = "/participants/invite"
    permission = "Calls.InitiateGroupCall.All"
    call_method = "invite"

    participants: Invitees = Field(min_length=1, max_length=5, description="the users or phones to invite")


class MuteParticipant(ParticipantAction, OperationAction):
    """Mute one participant."""

    name = "muteParticipant"
    path = "/participants/{participant_id}/mute"
    is_idempotent = True


class MuteAll(OperationAction):
    """Mute some participants, or all when none is named."""

    name = "muteAll"
    path = "/participants/muteAll"
    versions = frozenset({"beta"})
    states = CONNECTED
    permission = JOINING
    is_idempotent = True
    call_method = "mute_participants"

    participants: Texts | None = None


class RemoveParticipant(ParticipantAction):
    """Remove one participant from the call."""

    name = "removeParticipant"
    path = "/participants/{participant_id}"
    method = "DELETE"
    states = CONNECTED
    permission = JOINING
    is_idempotent = True


class StartHoldMusic(ParticipantAction, OperationAction):
    """Put one participant on hold and play music to that participant."""

    name = "startHoldMusic"
    path = "/participants/{participant_id}/startHoldMusic"

    custom_prompt: MediaPrompt | None = None


class StopHoldMusic(ParticipantAction, OperationAction):
    """Bring a participant on hold back into the call."""

    name = "stopHoldMusic"
    path = "/participants/{participant_id}/stopHoldMusic"
    is_idempotent = True


class ReportSyntheticMedia(ParticipantAction):
    """Report that the media of a participant was found to be synthetic."""

    name = "reportSyntheticMedia"
    path = "/participants/{participant_id}/reportSyntheticMedia"
    versions = frozenset({"beta"})
    permission = "Calls.ReportSyntheticMedia.All"
    is_global_only = True

    id: Text
    detection_date_time: Text
    overall_confidence: Annotated[float, Field(ge=0, le=1)]
    is_malicious: Flag
    content_metadata: dict[str, Any]
    detections: list[dict[str, Any]]
    severity: Annotated[Text, one_of("low", "medium", "high")] | None = None


ACTIONS: dict[str, type[Action]] = {
    action.name: action
    for action in (
        Answer,
        Reject,
        Redirect,
        Delete,
        KeepAlive,
        Transfer,
        PlayPrompt,
        RecordResponse,
        CancelMediaProcessing,
        SubscribeToTone,
        SendDtmfTones,
        Mute,
        Unmute,
        ChangeScreenSharingRole,
        UpdateRecordingStatus,
        StartRecording,
        StopRecording,
        StartTranscription,
        StopTranscription,
        AddLargeGalleryView,
        ListParticipants,
        GetParticipant,
        InviteParticipants,
        MuteParticipant,
        MuteAll,
        RemoveParticipant,
        StartHoldMusic,
        StopHoldMusic,
        UpdateMetadata,
        ListContentSharingSessions,
        GetContentSharingSession,
        ListAudioRoutingGroups,
        GetAudioRoutingGroup,
        CreateAudioRoutingGroup,
        UpdateAudioRoutingGroup,
        DeleteAudioRoutingGroup,
        ReportSyntheticMedia,
        LogTeleconferenceDeviceQuality,
    )
}
"""All actions, by Graph's name."""


def reason_not_allowed(action: str, state: str | None) -> str | None:
    """Return the reason why a call state does not allow an action, or ``None``.

    An unknown action and an unknown state are allowed: the service decides.

    Parameters
    ----------
    action : str
        Graph's name of the action.
    state : str or None
        State of the call; ``None`` before the first notification.

    Returns
    -------
    str or None
        A sentence, or ``None`` when the action is allowed.

    Examples
    --------
    >>> reason_not_allowed("answer", "established")
    'answer needs a call that is incoming; this one is established.'
    >>> reason_not_allowed("delete", "ringing")
    """
    known = ACTIONS.get(action)
    if known is None or state not in STATES or state in known.states:
        return None
    if state == TERMINAL:
        return f"{action} needs a live call; this one is terminated."
    *others, last = [name for name in STATES if name in known.states]
    allowed = f"{', '.join(others)} or {last}" if others else last
    return f"{action} needs a call that is {allowed}; this one is {state}."


def reason_not_in_cloud(action: str, cloud: Cloud | None) -> str | None:
    """Return the reason why a cloud does not have an action, or ``None``.

    Parameters
    ----------
    action : str
        Graph's name of the action.
    cloud : Cloud or None
        Microsoft's cloud; ``None`` for another service, which decides itself.

    Examples
    --------
    >>> from graphcall_nb.graph.clouds import get_cloud
    >>> reason_not_in_cloud("sendDtmfTones", get_cloud("usgov"))
    'sendDtmfTones is not available in US Government (GCC High), only in the worldwide cloud.'
    >>> reason_not_in_cloud("playPrompt", get_cloud("usgov"))
    """
    known = ACTIONS.get(action)
    if known is None or cloud is None or cloud == GLOBAL or not known.is_global_only:
        return None
    return f"{action} is not available in {cloud.title}, only in {GLOBAL.title}."
