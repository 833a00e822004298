"""The bodies of what is asked of a call, under the names of Graph's action pages."""

from __future__ import annotations

from pydantic import Field

from .base import Flag, Resource, Text, Whole
from .call import CallOptions
from .parts import AnyMediaConfig, ParticipantInfo
from .prompts import AnyPrompt


class OperationBody(Resource):
    """A body with a text of one's own, by which the operation is known again: mute, unmute, subscribeToTone, …"""

    client_context: Text | None = None


class Answer(Resource):
    """Body of ``answer``."""

    callback_uri: Text | None = Field(default=None, repr=False)
    accepted_modalities: list[Text] | None = None
    media_config: AnyMediaConfig | None = None
    call_options: CallOptions | None = None
    participant_capacity: Whole | None = None


class Reject(Resource):
    """Body of ``reject``."""

    reason: Text | None = None
    callback_uri: Text | None = Field(default=None, repr=False)


class Redirect(Resource):
    """Body of ``redirect``."""

    targets: list[ParticipantInfo] | None = None
    timeout: Whole | None = None
    callback_uri: Text | None = Field(default=None, repr=False)
    target_disposition: Text | None = None
    mask_callee: Flag | None = None
    mask_caller: Flag | None = None


class Transfer(OperationBody):
    """Body of ``transfer``."""

    transfer_target: ParticipantInfo | None = None
    transferee: ParticipantInfo | None = None


class PlayPrompt(OperationBody):
    """Body of ``playPrompt``."""

    prompts: list[AnyPrompt] | None = None
    loop: Flag | None = None


class RecordResponse(OperationBody):
    """Body of ``recordResponse`` (``record`` in beta)."""

    prompts: list[AnyPrompt] | None = None
    barge_in_allowed: Flag | None = None
    initial_silence_timeout_in_seconds: Whole | None = None
    max_silence_timeout_in_seconds: Whole | None = None
    max_record_duration_in_seconds: Whole | None = None
    play_beep: Flag | None = None
    stream_while_recording: Flag | None = None
    stop_tones: list[Text] | None = None


class CancelMediaProcessing(OperationBody):
    """Body of ``cancelMediaProcessing``."""

    all: Flag | None = None


class SendDtmfTones(OperationBody):
    """Body of ``sendDtmfTones``."""

    tones: list[Text] | None = None
    delay_between_tones_ms: Whole | None = None


class ChangeScreenSharingRole(Resource):
    """Body of ``changeScreenSharingRole``."""

    role: Text | None = None


class UpdateRecordingStatus(OperationBody):
    """Body of ``updateRecordingStatus``."""

    status: Text | None = None


class Invite(OperationBody):
    """Body of ``participants/invite``."""

    participants: list[ParticipantInfo] | None = None


class MuteAll(OperationBody):
    """Body of ``participants/muteAll``."""

    participants: list[Text] | None = None
