"""The actions of a call in the cockpit: one row of data for each, with its labels and input fields.

An action is offered when the version of the API has it. Adding an operation to the cockpit is one row in
:data:`CALL_ACTIONS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..._text import show_invisible
from ...errors import GraphcallError, GraphError, IllegalAction
from ...graph.clouds import Cloud
from ...graph.operations import ACTIONS, reason_not_allowed, reason_not_in_cloud
from ...graph.states import STATES
from ...graph.versions import get_version

FieldKind = Literal["text", "choice", "flag", "number"]


@dataclass(frozen=True)
class Field:
    """One input of an action.

    Attributes
    ----------
    name : parameter of the handle's method
    label : text beside the input
    kind : decides which input it is
    required : whether it must be filled in
    value, hint, choices : initial value, placeholder, and the values to choose from
    parse : makes the argument from the text; raises ``ValueError`` with a sentence for an invalid one
    """

    name: str
    label: str
    kind: FieldKind = "text"
    required: bool = False
    value: str = ""
    hint: str = ""
    choices: tuple[str, ...] = ()
    parse: Callable[[str], Any] = str

    def to_wire(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "label": self.label,
            "kind": self.kind,
            "required": self.required,
            "value": self.value,
            "hint": self.hint,
            "choices": list(self.choices),
        }

    def read(self, values: Mapping[str, Any]) -> Any:
        """Return the argument from the texts of a form; ``None`` for an empty one."""
        text = str(values.get(self.name, "")).strip()
        if not text and self.required:
            raise ValueError(f"{self.label} is missing.")
        if text and self.choices and text not in self.choices:
            raise ValueError(f"{self.label} must be one of {', '.join(self.choices)}.")
        return self.parse(text) if text else None


@dataclass(frozen=True)
class CallAction:
    """One button.

    Attributes
    ----------
    method : of :class:`~graphcall_nb.CallHandle`
    operation : Graph's name, which decides in which states the action is allowed
    label : text of the button
    progress, success : messages while the request is under way, and after it succeeded
    group : buttons of one group stand together
    quick : whether the button is also in the row of the call, in states that allow it
    once : whether it is not offered again after a success, until the state of the call changes
    """

    method: str
    operation: str
    label: str
    progress: str
    success: str
    group: str = "Call"
    quick: bool = False
    once: bool = False
    fields: tuple[Field, ...] = ()

    def to_wire(self) -> dict[str, Any]:
        return {
            "name": self.method,
            "operation": self.operation,
            "label": self.label,
            "group": self.group,
            "quick": self.quick,
            "once": self.once,
            "fields": [field.to_wire() for field in self.fields],
        }

    def make_arguments(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the method's arguments; an empty field leaves the default of the method."""
        arguments = {field.name: field.read(values) for field in self.fields}
        return {name: argument for name, argument in arguments.items() if argument is not None}

    def reason_not_allowed(self, state: str | None, cloud: Cloud | None = None) -> str | None:
        """Return why the action is not allowed in a state, or in a cloud, or ``None``."""
        if absence := reason_not_in_cloud(self.operation, cloud):
            return self.use_label(absence)
        if self.operation == "delete" and state == "terminating":
            return "The call is ending already."
        reason = reason_not_allowed(self.operation, state)
        return reason and self.use_label(reason)

    def use_label(self, reason: str) -> str:
        """Return a reason with the label of the button in place of Graph's name."""
        for name in (f"{self.method} ({self.operation})", self.operation):
            if reason.startswith(name):
                return self.label + reason.removeprefix(name)
        return reason


def parse_integer(text: str) -> int:
    """Return a whole number."""
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a whole number.") from None


def parse_list(text: str) -> list[str]:
    """Return the parts of a text that are separated by commas."""
    return [part for part in (one.strip() for one in text.split(",")) if part]


_TARGET_HINT = "object id of a user, or +14255550100"
_TARGETS_HINT = f"{_TARGET_HINT}; several separated by commas"
_PROMPTS_HINT = "https://… .wav, several separated by commas"
_EXAMPLE_PROMPT = "https://cdn.contoso.com/beep.wav"  # of Microsoft's examples
_PARTICIPANT = Field("participant_id", "Participant", required=True, hint="id, see session.participants()")
_REJECT_REASONS = ("none", "busy", "forbidden")
_RECORDING_STATUSES = ("recording", "notRecording", "failed")

CALL_ACTIONS: tuple[CallAction, ...] = (
    CallAction(
        "answer", "answer", "Answer", "Answering …", "the call is being connected.", "Incoming", quick=True, once=True
    ),
    CallAction(
        "reject",
        "reject",
        "Reject",
        "Rejecting …",
        "the caller is notified.",
        "Incoming",
        quick=True,
        once=True,
        fields=(Field("reason", "Reason for the caller", "choice", choices=_REJECT_REASONS),),
    ),
    CallAction(
        "redirect",
        "redirect",
        "Redirect",
        "Redirecting …",
        "the call now rings at the target.",
        "Incoming",
        once=True,
        fields=(
            Field("targets", "Redirect to", required=True, hint=_TARGETS_HINT, parse=parse_list),
            Field("timeout", "Ringing time, seconds (optional)", "number", hint="15 to 90", parse=parse_integer),
        ),
    ),
    CallAction("hang_up", "delete", "Hang up", "Hanging up …", "the service ends the call.", quick=True, once=True),
    CallAction(
        "transfer",
        "transfer",
        "Transfer",
        "Transferring …",
        "the service tries to connect the target.",
        fields=(
            Field("target", "Transfer to", required=True, hint=_TARGET_HINT),
            Field("replaces_call_id", "Replace an existing call (optional)", hint="id of that call"),
        ),
    ),
    CallAction("mute", "mute", "Mute", "Muting …", "the application is muted."),
    CallAction("unmute", "unmute", "Unmute", "Unmuting …", "the application can be heard."),
    CallAction("keep_alive", "keepAlive", "Keep alive", "Sending …", "the call is kept for another 45 minutes."),
    CallAction(
        "play_prompt",
        "playPrompt",
        "Play prompt",
        "Requesting the prompt …",
        "it plays or is queued.",
        "Media",
        fields=(
            Field("prompts", "Prompt", required=True, value=_EXAMPLE_PROMPT, hint=_PROMPTS_HINT, parse=parse_list),
        ),
    ),
    CallAction(
        "record_response",
        "recordResponse",
        "Record",
        "Requesting the recording …",
        "it records.",
        "Media",
        fields=(
            Field("prompts", "Prompt before it (optional)", hint="https://… .wav"),
            Field(
                "max_record_duration_in_seconds",
                "Maximum duration, seconds (optional)",
                "number",
                hint="1 to 120",
                parse=parse_integer,
            ),
            Field("stop_tones", "Tones that end it (optional)", hint="#", parse=list),
        ),
    ),
    CallAction(
        "cancel_media_processing",
        "cancelMediaProcessing",
        "Stop media",
        "Stopping …",
        "prompts and recordings end.",
        "Media",
    ),
    CallAction(
        "subscribe_to_tone",
        "subscribeToTone",
        "Listen for keypad tones",
        "Subscribing …",
        "each tone arrives as a notification.",
        "Tones",
    ),
    CallAction(
        "send_dtmf_tones",
        "sendDtmfTones",
        "Send tones",
        "Sending …",
        "the tones are being sent.",
        "Tones",
        fields=(Field("tones", "Tones", required=True, hint="12#"),),
    ),
    CallAction(
        "invite",
        "inviteParticipants",
        "Invite",
        "Inviting …",
        "the participants are called.",
        "People",
        fields=(Field("participants", "Participants", required=True, hint=_TARGETS_HINT, parse=parse_list),),
    ),
    CallAction(
        "mute_participant",
        "muteParticipant",
        "Mute participant",
        "Muting …",
        "the participant is muted.",
        "People",
        fields=(_PARTICIPANT,),
    ),
    CallAction(
        "remove_participant",
        "removeParticipant",
        "Remove participant",
        "Removing …",
        "the participant is removed.",
        "People",
        fields=(_PARTICIPANT,),
    ),
    CallAction(
        "start_hold_music",
        "startHoldMusic",
        "Start hold music",
        "Starting …",
        "the participant is put on hold and hears music.",
        "People",
        fields=(_PARTICIPANT,),
    ),
    CallAction(
        "stop_hold_music",
        "stopHoldMusic",
        "Stop hold music",
        "Stopping …",
        "the participant returns to the call.",
        "People",
        fields=(_PARTICIPANT,),
    ),
    CallAction(
        "change_screen_sharing_role",
        "changeScreenSharingRole",
        "Screen sharing",
        "Changing …",
        "the role is changed.",
        "Group call",
        fields=(Field("role", "Role", "choice", required=True, choices=("viewer", "sharer")),),
    ),
    CallAction(
        "update_recording_status",
        "updateRecordingStatus",
        "Recording status",
        "Sending …",
        "all participants are notified.",
        "Group call",
        fields=(Field("status", "Status", "choice", required=True, choices=_RECORDING_STATUSES),),
    ),
    CallAction(
        "add_large_gallery_view",
        "addLargeGalleryView",
        "Large gallery view",
        "Requesting …",
        "the view is being added.",
        "Group call",
    ),
    CallAction(
        "create_audio_routing_group",
        "createAudioRoutingGroup",
        "Create audio route",
        "Creating …",
        "the receivers hear the source.",
        "Group call",
        fields=(
            Field("sources", "From", required=True, hint="id, see session.participants()"),
            Field("receivers", "To", required=True, hint="ids, separated by commas", parse=parse_list),
        ),
    ),
    CallAction(
        "delete_audio_routing_group",
        "deleteAudioRoutingGroup",
        "Remove audio route",
        "Removing …",
        "the route is removed.",
        "Group call",
        fields=(Field("group_id", "Audio route", required=True, hint="id, see call.audio_routing_groups()"),),
    ),
    CallAction(
        "update_metadata",
        "updateMetadata",
        "Set metadata",
        "Sending …",
        "the roster shows the metadata.",
        "Group call",
        fields=(Field("metadata", "Metadata", hint="a text"),),
    ),
    CallAction(
        "start_recording",
        "startRecording",
        "Start recording",
        "Starting …",
        "Teams records the call.",
        "Group call",
    ),
    CallAction(
        "stop_recording",
        "stopRecording",
        "Stop recording",
        "Stopping …",
        "Teams ends the recording.",
        "Group call",
    ),
    CallAction(
        "start_transcription",
        "startTranscription",
        "Start transcription",
        "Starting …",
        "Teams transcribes the call.",
        "Group call",
        fields=(Field("language", "Language (optional)", hint="such as en-us"),),
    ),
    CallAction(
        "stop_transcription",
        "stopTranscription",
        "Stop transcription",
        "Stopping …",
        "Teams ends the transcription.",
        "Group call",
    ),
)


def select_available(version: str, actions: Iterable[CallAction] = CALL_ACTIONS) -> dict[str, CallAction]:
    """Return the actions that a version of the API has, by the name of the handle's method.

    Examples
    --------
    >>> select_available("v1.0")["hang_up"].reason_not_allowed("terminated")
    'Hang up needs a live call; this one is terminated.'
    >>> "start_recording" in select_available("v1.0"), "start_recording" in select_available("beta")
    (False, True)
    """
    base = get_version(version).base
    return {action.method: action for action in actions if ACTIONS[action.operation].path_in(base) is not None}


def collect_reasons(actions: Mapping[str, CallAction], cloud: Cloud | None = None) -> dict[str, dict[str, str]]:
    """Return for each state the actions that are not allowed in it, or in the cloud, with the reason."""
    by_state = {
        state: {name: one.reason_not_allowed(state, cloud) for name, one in actions.items()} for state in STATES
    }
    return {state: {name: reason for name, reason in each.items() if reason} for state, each in by_state.items()}


# ---- the outcome of an action, shown beside the call


def make_progress(action: CallAction) -> dict[str, Any]:
    """Return the outcome of an action that is under way."""
    return {"kind": "busy", "action": action.method, "text": action.progress}


def make_success(action: CallAction, response: Any = None) -> dict[str, Any]:
    """Return the outcome of an accepted action, with the status of its operation if the response has one."""
    status = getattr(response, "status", None)
    operation = f" The operation is {status}." if isinstance(status, str) else ""
    return {"kind": "done", "action": action.method, "text": f"{action.label}: {action.success}{operation}"}


def make_failure(action: CallAction, error: BaseException) -> dict[str, Any]:
    """Return the outcome of a failed action, with Graph's error code and request ids."""
    outcome = {"kind": "failed", "action": action.method}
    if isinstance(error, GraphError):
        ids = {"request-id": error.request_id, "client-request-id": error.client_request_id}
        return outcome | {
            "text": show_invisible(f"{action.label}: {error.status} {error.code}. {error.graph_message}"),
            "remedy": show_invisible(error.remedy),
            "ids": {name: value for name, value in ids.items() if value},
        }
    if isinstance(error, IllegalAction):
        return outcome | {"text": action.use_label(str(error))}
    expected = isinstance(error, GraphcallError | ValueError)
    return outcome | {"text": f"{action.label}: {error if expected else f'{type(error).__name__}: {error}'}"}
