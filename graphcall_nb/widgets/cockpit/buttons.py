"""The table of buttons: one line of data for each thing that can be asked of a call."""

from __future__ import annotations

from .actions import Action, Field, listed, whole_number

_PERSON = "object id of a user, or +14255550100"
_PEOPLE = f"{_PERSON}; several by comma"
_SOUND = "https://cdn.contoso.com/beep.wav"  # of Microsoft's own examples
_PARTICIPANT = Field("participant_id", "Who", required=True, hint="id, see session.participants()")

ALL: tuple[Action, ...] = (
    Action("answer", "answer", "Answer", "Answering …", "the call is being put through.", "Incoming", quick=True),
    Action(
        "reject",
        "reject",
        "Reject",
        "Rejecting …",
        "the caller is told.",
        "Incoming",
        quick=True,
        fields=(Field("reason", "What the caller is told", "choice", choices=("none", "busy", "forbidden")),),
    ),
    Action(
        "redirect",
        "redirect",
        "Redirect",
        "Redirecting …",
        "the call rings there now.",
        "Incoming",
        fields=(
            Field("targets", "To whom", required=True, hint=_PEOPLE, read=listed),
            Field("timeout", "Seconds to ring", "number", hint="15 to 90", read=whole_number),
        ),
    ),
    Action("hang_up", "delete", "Hang up", "Hanging up …", "the service ends the call.", quick=True),
    Action(
        "transfer",
        "transfer",
        "Transfer",
        "Transferring …",
        "the service tries to put the call through.",
        fields=(
            Field("target", "To whom", required=True, hint=_PERSON),
            Field("replaces_call_id", "In place of your call with them", hint="id of that call"),
        ),
    ),
    Action("mute", "mute", "Mute", "Muting …", "nobody hears the application."),
    Action("unmute", "unmute", "Unmute", "Unmuting …", "the application can be heard."),
    Action(
        "keep_alive", "keepAlive", "Keep alive", "Telling the service …", "the call is kept for another 45 minutes."
    ),
    Action(
        "play_prompt",
        "playPrompt",
        "Play prompt",
        "Asking for the prompt …",
        "it plays, or is queued.",
        "Media",
        fields=(
            Field(
                "prompts", "Sound", required=True, value=_SOUND, hint="https://… .wav, several by comma", read=listed
            ),
        ),
    ),
    Action(
        "record_response",
        "recordResponse",
        "Record",
        "Asking for the recording …",
        "it records.",
        "Media",
        fields=(
            Field("prompts", "Sound before it", hint="https://… .wav"),
            Field("max_record_duration_in_seconds", "Seconds at most", "number", hint="1 to 120", read=whole_number),
            Field("stop_tones", "Keys that end it", hint="#", read=list),
        ),
    ),
    Action(
        "cancel_media_processing",
        "cancelMediaProcessing",
        "Stop media",
        "Stopping …",
        "sounds and recordings end.",
        group="Media",
    ),
    Action(
        "subscribe_to_tone",
        "subscribeToTone",
        "Hear keys",
        "Subscribing …",
        "each key comes as a notification.",
        group="Keys",
    ),
    Action(
        "send_dtmf_tones",
        "sendDtmfTones",
        "Press keys",
        "Pressing …",
        "the keys are on their way.",
        "Keys",
        fields=(Field("tones", "Keys", required=True, hint="12#"),),
    ),
    Action(
        "invite",
        "inviteParticipants",
        "Invite",
        "Inviting …",
        "they are called.",
        "People",
        fields=(Field("participants", "Whom", required=True, hint=_PEOPLE, read=listed),),
    ),
    Action(
        "mute_participant",
        "muteParticipant",
        "Mute someone",
        "Muting …",
        "they are muted.",
        "People",
        fields=(_PARTICIPANT,),
    ),
    Action(
        "remove_participant",
        "removeParticipant",
        "Remove someone",
        "Removing …",
        "they are taken out.",
        "People",
        fields=(_PARTICIPANT,),
    ),
    Action(
        *(
            "change_screen_sharing_role",
            "changeScreenSharingRole",
            "Screen sharing",
            "Changing …",
            "the role is changed.",
        ),
        group="Group call",
        fields=(Field("role", "Role", "choice", required=True, choices=("viewer", "sharer")),),
    ),
    Action(
        "update_recording_status",
        "updateRecordingStatus",
        "Recording status",
        "Telling …",
        "everybody is told.",
        group="Group call",
        fields=(Field("status", "Status", "choice", required=True, choices=("recording", "notRecording", "failed")),),
    ),
)
