"""Models of operations and of the bodies that start them."""

from __future__ import annotations

from pydantic import Field

from .base import Flag, Resource, Text, Whole
from .models import AnyMediaConfig, AnyPrompt, CallOptions, ParticipantInfo, ResultInfo


class Operation(Resource):
    """Work that a call is doing or has done: a prompt, a recording, an invitation, …

    Attributes
    ----------
    id : Graph's id of the operation
    status : ``notStarted``, ``running``, ``completed`` or ``failed``; Graph's pages write it in either letter case
    client_context : the text that was given with the request, to know the operation by
    result_info : how it ended
    completion_reason : why it ended (beta, and ``sendDtmfTones``)
    recording_location : where a recording can be fetched, with ``recording_access_token``, shortly after it ended;
        beta names it ``record_resource_location`` and gives no token

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
        """Whether it has ended; no notification follows then."""
        return (self.status or "").lower() in ("completed", "failed")

    @property
    def failed(self) -> bool:
        return (self.status or "").lower() == "failed"

    def __repr__(self) -> str:
        kind = (self.odata_type or "commsOperation").rpartition(".")[2]
        result = self.result_info
        why = f", {result.code}/{result.subcode} {result.message or ''}".rstrip() if result else ""
        return f"<Operation {kind} {self.id}: {self.status}{why}>"

    __str__ = __repr__


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
