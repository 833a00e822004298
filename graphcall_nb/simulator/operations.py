"""The operations on a call: their paths, bodies and permissions as data, and their effects.

Names, members, limits and responses are those on Microsoft's pages. To add an operation, add an :class:`Operation` to
the table at the end; one without a handler is acknowledged and has no further effect.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from . import result_codes
from .call_service import CallService, Changes, OperationChange
from .calls import RunningOperation, SimulatedCall, make_participant_id
from .errors import bad_request, item_not_found
from .media import compute_prompt_seconds, compute_recording_end, compute_tone_seconds
from .payloads import find_participant
from .state_machine import Event
from .states import TONES
from .validation import CONTEXT, MAX_CONTEXT_CHARS, MEDIA, Field, as_target, get_member
from .wire import make_invited, make_prompts

_ACCEPT_SECONDS = 1.0
_TRANSFER_SECONDS = 1.2
_REDIRECT_SECONDS = 2.0
_JOIN_SECONDS = 1.2
_SHORT_SECONDS = 0.3
_TONE_SECONDS = 1.5

INITIATE = ("Calls.Initiate.All",)
ACCESS_MEDIA = ("Calls.AccessMedia.All",)
INITIATE_GROUP = ("Calls.InitiateGroupCall.All",)
ROUTING = ("Calls.JoinGroupCall.All", "Calls.InitiateGroupCall.All")
MAX_ROUTING_RECEIVERS = 1000
JOIN = ("Calls.JoinGroupCall.All", "Calls.JoinGroupCallAsGuest.All")

INCOMING = frozenset({"incoming"})
ESTABLISHED = frozenset({"established"})
CONNECTED = frozenset({"established", "hold"})
ALIVE = frozenset({"established", "hold", "transferring", "transferAccepted"})


@dataclass(frozen=True, slots=True)
class OperationRequest:
    """A request for an operation, already validated.

    ``path_id`` is the id in the path, such as that of a participant, and ``recordings_url`` the parent of recordings'
    URLs.
    """

    operation: Operation
    body: Mapping[str, Any]
    path_id: str = ""
    recordings_url: str = ""


@dataclass(frozen=True, slots=True)
class OperationResponse:
    """The operation or another object in the response to a request, and the action after the response was sent."""

    operation: RunningOperation | None = None
    after: Callable[[], None] = lambda: None
    entity: Mapping[str, Any] | None = None


Handler = Callable[[CallService, SimulatedCall, OperationRequest], OperationResponse]


# Handlers


def _acknowledge(
    service: CallService, call: SimulatedCall, request: OperationRequest, changes: Changes | None = None
) -> OperationResponse:
    """Finish an operation at once or soon, as its page says, and notify of the changes that it caused."""
    if request.operation.completes == "later":
        return _finish_later(service, call, request, _SHORT_SECONDS, changes)
    operation = _start(service, call, request)
    if operation:
        service.finish_operation(call, operation, None)
    return OperationResponse(operation, lambda: service.notify(call, changes or ()))


def _start(
    service: CallService, call: SimulatedCall, request: OperationRequest, **extra: Any
) -> RunningOperation | None:
    kind = request.operation.kind
    return service.start_operation(call, kind, request.body.get("clientContext"), **extra) if kind else None


def _finish_later(
    service: CallService,
    call: SimulatedCall,
    request: OperationRequest,
    seconds: float,
    changes: Changes | None = None,
    completion: Mapping[str, Any] | None = None,
) -> OperationResponse:
    operation = _start(service, call, request)
    if operation is None:
        return OperationResponse(after=lambda: service.notify(call, changes or ()))
    operation.completion = dict(completion or {})

    async def finish() -> None:
        await service.wait(seconds)
        service.notify(call, [service.finish_operation(call, operation, result_codes.COMPLETED)])

    def after() -> None:
        service.notify(call, changes or ())
        service.run_task(call, f"operation/{operation.id}", finish())

    return OperationResponse(operation, after)


def _notify_after(service: CallService, call: SimulatedCall, event: Event) -> OperationResponse:
    changes = service.transition(call, event)
    return OperationResponse(after=lambda: service.notify(call, changes))


def _set_callback(service: CallService, call: SimulatedCall, request: OperationRequest) -> None:
    """Send further notifications of a call to the URL in a request; any other text is ignored."""
    uri = get_member(request.body, "callbackUri")
    if uri and not service.callbacks.find_problem(uri, call.application_id):
        call.callback_uri = uri


def _answer(service: CallService, call: SimulatedCall, request: OperationRequest) -> OperationResponse:
    _set_callback(service, call, request)
    names = ("mediaConfig", "callOptions", "participantCapacity")
    call.body |= {name: request.body[name] for name in names if request.body.get(name) is not None}
    if modalities := get_member(request.body, "acceptedModalities"):
        call.body["requestedModalities"] = modalities
    changes = service.transition(call, Event("answer"))
    return OperationResponse(after=lambda: service.after_answer(call, changes))


def _reject(service: CallService, call: SimulatedCall, request: OperationRequest) -> OperationResponse:
    _set_callback(service, call, request)
    return _notify_after(service, call, Event("reject", reason="AppRejected"))


def _redirect(service: CallService, call: SimulatedCall, request: OperationRequest) -> OperationResponse:
    _set_callback(service, call, request)
    target = as_target(get_member(request.body, "targets")[0])["identity"]
    changes = service.transition(call, Event("redirect"))

    async def end() -> None:
        await service.wait(_REDIRECT_SECONDS)
        service.fire(call, Event("end", answered_by=target, result=result_codes.REDIRECTED, reason="AppRedirected"))

    def after() -> None:
        service.notify(call, changes)
        service.run_task(call, "script", end())

    return OperationResponse(after=after)


def _transfer(service: CallService, call: SimulatedCall, request: OperationRequest) -> OperationResponse:
    names = {each.name for each in request.operation.fields}
    if call.kind != "peer" and "transferee" in names and not request.body.get("transferee"):
        message = "transferee is missing: name the participant of the group call who is to be transferred."
        raise bad_request([("transferee", message)])
    replaced_id = get_member(request.body, "transferTarget").get("replacesCallId")
    operation = _start(service, call, request)
    changes = service.transition(call, Event("transfer"))
    if operation:
        operation.result = result_codes.TRANSFERRING
        changes.append(OperationChange(operation, "updated"))

    def after() -> None:
        service.notify(call, changes)
        service.run_task(call, "transfer", _run_transfer(service, call, operation, replaced_id))

    return OperationResponse(operation, after)


async def _run_transfer(
    service: CallService, call: SimulatedCall, operation: RunningOperation | None, replaced_id: str | None
) -> None:
    """Transfer a call, or fail as the scenario says: a consultative transfer fails after it was accepted."""
    failure = call.scenario.transfer_failure
    await service.wait(_ACCEPT_SECONDS)
    if failure and not replaced_id:
        _fail_transfer(service, call, operation, Event("fail_transfer", result=failure))
        return
    service.fire(call, Event("accept_transfer"))
    await service.wait(_TRANSFER_SECONDS)
    if failure:
        event = Event("fail_transfer", result=result_codes.CONSULTATION_FAILED)
        _fail_transfer(service, call, operation, event)
        return
    if operation:
        service.notify(call, [service.finish_operation(call, operation, result_codes.TRANSFER_ACCEPTED)])
    _end_replaced(service, call, replaced_id)
    service.fire(call, Event("end", result=result_codes.TRANSFERRED, reason="AppTransferred"))


def _fail_transfer(service: CallService, call: SimulatedCall, operation: RunningOperation | None, event: Event) -> None:
    if operation:
        service.notify(call, [service.finish_operation(call, operation, event.result)])
    service.fire(call, event)


def _end_replaced(service: CallService, call: SimulatedCall, replaced_id: str | None) -> None:
    """End the call that a transfer or an invitation replaces, if it is a call of the same application."""
    other = service.calls.get(str(replaced_id)) if replaced_id else None
    if other is not None and other is not call and other.application_id == call.application_id:
        service.fire(other, Event("end", result=result_codes.TRANSFERRED, reason="AppTransferred"))


def _play_prompt(service: CallService, call: SimulatedCall, request: OperationRequest) -> OperationResponse:
    operation = service.start_operation(call, "playPromptOperation", request.body.get("clientContext"))
    operation.seconds = compute_prompt_seconds(request.body.get("prompts"))
    operation.completion = dict(call.version.prompt_completion)
    if call.version.is_captured:
        operation.completion = {"prompts": make_prompts(request.body), "completionReason": "completedSuccessfully"}
    if call.scenario.prompt_failure:
        operation.seconds, operation.outcome = _SHORT_SECONDS, call.scenario.prompt_failure
    return _enqueue_media(service, call, operation)


def _record(service: CallService, call: SimulatedCall, request: OperationRequest) -> OperationResponse:
    operation = service.start_operation(call, "recordOperation", request.body.get("clientContext"))
    end = compute_recording_end(request.body, call.scenario.recording_end)
    operation.seconds, operation.outcome = end.seconds, end.result
    operation.stop_tones = tuple(request.body.get("stopTones") or ())
    url = f"{request.recordings_url}/{operation.id}"
    token = service.add_recording(operation)
    operation.completion = call.version.make_recording(url, token, end.reason)
    return _enqueue_media(service, call, operation)


def _enqueue_media(service: CallService, call: SimulatedCall, operation: RunningOperation) -> OperationResponse:
    call.media_queue.append(operation)

    def after() -> None:
        if not service.is_running(call, "media"):
            service.run_media(call)

    return OperationResponse(operation, after)


def _cancel_media(service: CallService, call: SimulatedCall, request: OperationRequest) -> OperationResponse:
    service.stop_task(call, "media")
    changes: Changes = [
        service.finish_operation(call, operation, result_codes.CANCELED) for operation in call.media_queue
    ]
    call.media_queue.clear()
    return _acknowledge(service, call, request, changes)


def _subscribe_to_tone(service: CallService, call: SimulatedCall, request: OperationRequest) -> OperationResponse:
    call.hears_tones = True
    response = _acknowledge(service, call, request)

    async def send_tones() -> None:
        for tone in call.scenario.tones:
            await service.wait(_TONE_SECONDS)
            service.press(call, tone)

    def after() -> None:
        response.after()
        service.run_task(call, "tones", send_tones())

    return OperationResponse(response.operation, after)


def _send_dtmf_tones(service: CallService, call: SimulatedCall, request: OperationRequest) -> OperationResponse:
    completion = {"completionReason": "completedSuccessfully"} if call.version.has_types else {}
    return _finish_later(service, call, request, compute_tone_seconds(request.body), completion=completion)


def _mute(service: CallService, call: SimulatedCall, request: OperationRequest) -> OperationResponse:
    return _acknowledge(service, call, request, service.transition(call, Event("mute", numbers=(0,))))


def _unmute(service: CallService, call: SimulatedCall, request: OperationRequest) -> OperationResponse:
    return _acknowledge(service, call, request, service.transition(call, Event("mute", numbers=(0,), flag=False)))


def _keep_alive(service: CallService, call: SimulatedCall, request: OperationRequest) -> OperationResponse:
    service.keep_alive(call)
    return OperationResponse()


def _update_recording_status(service: CallService, call: SimulatedCall, request: OperationRequest) -> OperationResponse:
    status = request.body["status"].partition("|")[0].strip()
    changes = service.transition(call, Event("recording", numbers=(0,), recording=status))
    return _acknowledge(service, call, request, changes)


def _start_transcription(service: CallService, call: SimulatedCall, request: OperationRequest) -> OperationResponse:
    # Shown by GET alone: no notification of a transcription is published.
    service.transition(call, Event("transcription", transcription="active"))
    return _acknowledge(service, call, request)


def _stop_transcription(service: CallService, call: SimulatedCall, request: OperationRequest) -> OperationResponse:
    service.transition(call, Event("transcription", transcription="inactive"))
    return _acknowledge(service, call, request)


def _invite(service: CallService, call: SimulatedCall, request: OperationRequest) -> OperationResponse:
    invited = [as_target(each) for each in get_member(request.body, "participants")]
    context = request.body.get("clientContext")
    kind = request.operation.kind or "inviteParticipantsOperation"
    shown = make_invited(invited) if call.version.is_captured else invited
    _check_participant_ids(call, invited)
    operation = service.start_operation(call, kind, context, participants=shown)
    operation.invited = invited

    async def join() -> None:
        await service.wait(_JOIN_SECONDS)
        failure = call.scenario.invitation_failure
        success = result_codes.COMPLETED if call.version.is_captured else None
        service.notify(call, [service.finish_operation(call, operation, failure or success)])
        if failure is None:
            remaining = operation.invited
            ids = [str(each.get("participantId") or "") for each in remaining]
            service.add_participants(call, [each["identity"] for each in remaining], ids)
            _end_replaced(service, call, remaining[0].get("replacesCallId"))

    return OperationResponse(operation, lambda: service.run_task(call, f"invite/{operation.id}", join()))


def _check_participant_ids(call: SimulatedCall, invited: list[Mapping[str, Any]]) -> None:
    """Raise ``GraphError`` if an invitation chooses an id that another participant or invitation has."""
    taken = {make_participant_id(call, each.number).lower() for each in call.state.participants}
    taken |= {_get_chosen_id(each) for operation in call.operations.values() for each in operation.invited}
    for index, each in enumerate(invited):
        chosen = _get_chosen_id(each)
        if chosen and chosen in taken:
            name = f"participants[{index}].participantId"
            raise bad_request([(name, f"{name} is in use in this call: choose a new GUID, or leave it out.")])
        taken.add(chosen)


def _get_chosen_id(invited: Mapping[str, Any]) -> str:
    return str(invited.get("participantId") or "").lower()


def _change_screen_sharing_role(
    service: CallService, call: SimulatedCall, request: OperationRequest
) -> OperationResponse:
    is_sharer = request.body["role"].lower() == "sharer"
    return _notify_after(service, call, Event("share" if is_sharer else "unshare", numbers=(0,)))


def _update_metadata(service: CallService, call: SimulatedCall, request: OperationRequest) -> OperationResponse:
    event = Event("metadata", numbers=(0,), metadata=request.body.get("metadata"))
    return _acknowledge(service, call, request, service.transition(call, event))


def _report_synthetic_media(service: CallService, call: SimulatedCall, request: OperationRequest) -> OperationResponse:
    participant = find_participant(call, request.path_id)
    detection = {
        "@odata.type": "#microsoft.graph.syntheticMediaDetectionInfo",
        "detectionId": request.body["id"],
        "syntheticConfidence": request.body["overallConfidence"],
        "detectorBot": call.application_id,
        "isParticipantTrusted": False,
    }
    return _notify_after(service, call, Event("detection", numbers=(participant.number,), detection=detection))


def _create_routing_group(service: CallService, call: SimulatedCall, request: OperationRequest) -> OperationResponse:
    id_ = request.body.get("id") or str(uuid.uuid5(uuid.NAMESPACE_URL, f"{call.id}/{len(call.audio_routing_groups)}"))
    mode, receivers = request.body["routingMode"], request.body["receivers"]
    if id_ in call.audio_routing_groups:
        raise bad_request([("id", f"id {id_[:80]!r} is in use in this call: choose another, or leave it out.")])
    if mode.lower() == "onetoone" and len(receivers) > 1:
        advice = "receivers has several entries; a oneToOne group has one receiver: send routingMode multicast."
        raise bad_request([("receivers", advice)])
    return _set_routing_group(call, {"id": id_, **_select_routing(request.body)})


def _update_routing_group(service: CallService, call: SimulatedCall, request: OperationRequest) -> OperationResponse:
    return _set_routing_group(call, find_routing_group(call, request.path_id) | _select_routing(request.body))


def _set_routing_group(call: SimulatedCall, group: dict[str, Any]) -> OperationResponse:
    call.audio_routing_groups[group["id"]] = group
    return OperationResponse(entity=group)


def _select_routing(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: body[name] for name in ("routingMode", "sources", "receivers") if body.get(name) is not None}


def _delete_routing_group(service: CallService, call: SimulatedCall, request: OperationRequest) -> OperationResponse:
    del call.audio_routing_groups[find_routing_group(call, request.path_id)["id"]]
    return OperationResponse()


def find_routing_group(call: SimulatedCall, id_: str) -> dict[str, Any]:
    """Return the audio routing group with this id. Raise ``GraphError`` for an unknown id."""
    if id_ not in call.audio_routing_groups:
        raise item_not_found("audio routing group", id_)
    return call.audio_routing_groups[id_]


def _mute_participant(service: CallService, call: SimulatedCall, request: OperationRequest) -> OperationResponse:
    numbers = (find_participant(call, request.path_id).number,)
    return _acknowledge(service, call, request, service.transition(call, Event("mute", numbers=numbers)))


def _mute_all(service: CallService, call: SimulatedCall, request: OperationRequest) -> OperationResponse:
    ids = {str(each).lower() for each in request.body.get("participants") or ()}
    others = [each.number for each in call.state.participants if each.number]
    # Ids of participants who have left are ignored; without ids all others are muted.
    numbers = tuple(n for n in others if not ids or make_participant_id(call, n).lower() in ids)
    changes = service.transition(call, Event("mute", numbers=numbers)) if numbers else []
    return _acknowledge(service, call, request, changes)


def _remove_participant(service: CallService, call: SimulatedCall, request: OperationRequest) -> OperationResponse:
    if operation := _find_invitation(call, request.path_id):
        return _cancel_invitation(service, call, operation, request.path_id)
    number = find_participant(call, request.path_id).number
    if number == 0:
        raise bad_request([("participant", "This is the application itself: delete the call to leave it.")])
    return _notify_after(service, call, Event("leave", numbers=(number,)))


def _find_invitation(call: SimulatedCall, participant_id: str) -> RunningOperation | None:
    """Return the operation that invites the participant with this id, if the participant has not joined yet."""
    chosen = participant_id.lower()
    operations = call.operations.values()
    return next((one for one in operations if any(_get_chosen_id(each) == chosen for each in one.invited)), None)


def _cancel_invitation(
    service: CallService, call: SimulatedCall, operation: RunningOperation, participant_id: str
) -> OperationResponse:
    """Cancel the invitation of one participant; without another one, the operation fails."""
    operation.invited = [each for each in operation.invited if _get_chosen_id(each) != participant_id.lower()]
    if operation.invited:
        return OperationResponse()
    service.stop_task(call, f"invite/{operation.id}")
    end = service.finish_operation(call, operation, result_codes.CANCELED)
    return OperationResponse(after=lambda: service.notify(call, [end]))


def _acknowledge_participant(service: CallService, call: SimulatedCall, request: OperationRequest) -> OperationResponse:
    find_participant(call, request.path_id)
    return _acknowledge(service, call, request)


# Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation.

    Attributes
    ----------
    path : str
        Below the call; ``{participant}`` and ``{group}`` stand for an id.
    status : int
        HTTP status of the response.
    kind : str or None
        OData type of the operation in the response, without its namespace; ``None`` for a response without a body.
    completes : str
        ``"now"``, with the response, or ``"later"``, with a notification.
    has_location : bool
        Whether the response has the operation's URL in ``Location``.
    fields : tuple of Field
        Members of the request body.
    states : frozenset of str
        States of the call in which it is allowed.
    permissions : tuple of str
        Permissions of which one is needed, except on pages that say that no check is made after the call was created.
        Only a ``strict`` simulator checks them.
    has_own_permission : bool
        Whether a call can be created without its permission, so that any simulator checks it here.
    is_group_only : bool
        Whether its page names group calls only; only a ``strict`` simulator refuses other calls.
    needs_own_media : bool
        Whether its page names application-hosted media only; only a ``strict`` simulator refuses other calls.
    needs_service_media : bool
        Whether the call must have service-hosted media.
    handle : callable
        Its effect.
    """

    name: str
    path: str
    method: str = "POST"
    status: int = 200
    kind: str | None = None
    completes: Literal["now", "later"] = "now"
    has_location: bool = True
    fields: tuple[Field, ...] = ()
    states: frozenset[str] = ESTABLISHED
    permissions: tuple[str, ...] = ()
    has_own_permission: bool = False
    is_group_only: bool = False
    needs_own_media: bool = False
    needs_service_media: bool = False
    handle: Handler = field(default=_acknowledge, repr=False)


_MEDIA_PROMPT = ("mediaPrompt",)
_ALL_PROMPTS = ("mediaPrompt", "textPrompt", "silencePrompt", "dtmfPrompt")
_RECORDING_STATUSES = ("unknown", "notRecording", "recording", "failed")

_TRANSFER_TARGET = Field("transferTarget", "target", required=True)
_RECORD_FIELDS = (
    Field("prompts", "prompts", max_length=1, choices=_MEDIA_PROMPT),
    Field("bargeInAllowed", "boolean"),
    Field("initialSilenceTimeoutInSeconds", "integer", minimum=1, maximum=120),
    Field("maxSilenceTimeoutInSeconds", "integer", minimum=1, maximum=120),
    Field("maxRecordDurationInSeconds", "integer", minimum=1, maximum=120),
    Field("playBeep", "boolean"),
    Field("stopTones", "strings"),
    CONTEXT,
)

_ROUTING_FIELDS = (
    Field("routingMode", "string", choices=("oneToOne", "multicast")),
    Field("sources", "strings", max_length=1),
    Field("receivers", "strings", max_length=MAX_ROUTING_RECEIVERS),
)

V1_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="answer",
        path="answer",
        status=202,
        fields=(
            Field("callbackUri", "url"),
            MEDIA,
            Field("acceptedModalities", "strings"),
            Field("participantCapacity", "integer", minimum=1),
            Field("callOptions", "object"),
        ),
        states=INCOMING,
        handle=_answer,
    ),
    Operation(
        name="reject",
        path="reject",
        status=202,
        fields=(Field("reason", "string", choices=("none", "busy", "forbidden")), Field("callbackUri", "url")),
        states=INCOMING,
        handle=_reject,
    ),
    Operation(
        name="redirect",
        path="redirect",
        status=202,
        fields=(
            Field("targets", "targets", required=True, max_length=25),
            Field("timeout", "integer", minimum=15, maximum=90),
            Field("callbackUri", "url"),
        ),
        states=INCOMING,
        permissions=INITIATE,
        handle=_redirect,
    ),
    Operation(
        name="transfer",
        path="transfer",
        status=202,
        fields=(_TRANSFER_TARGET, Field("transferee", "target"), CONTEXT),
        permissions=INITIATE,
        handle=_transfer,
    ),
    Operation(
        name="playPrompt",
        path="playPrompt",
        kind="playPromptOperation",
        completes="later",
        fields=(Field("prompts", "prompts", required=True, max_length=20, choices=_MEDIA_PROMPT), CONTEXT),
        needs_service_media=True,
        handle=_play_prompt,
    ),
    Operation(
        name="recordResponse",
        path="recordResponse",
        kind="recordOperation",
        completes="later",
        fields=_RECORD_FIELDS,
        permissions=ACCESS_MEDIA,
        needs_service_media=True,
        handle=_record,
    ),
    Operation(
        name="cancelMediaProcessing",
        path="cancelMediaProcessing",
        kind="cancelMediaProcessingOperation",
        fields=(CONTEXT,),
        handle=_cancel_media,
    ),
    Operation(
        name="subscribeToTone",
        path="subscribeToTone",
        kind="subscribeToToneOperation",
        fields=(CONTEXT,),
        permissions=ACCESS_MEDIA,
        needs_service_media=True,
        handle=_subscribe_to_tone,
    ),
    Operation(
        name="sendDtmfTones",
        path="sendDtmfTones",
        kind="sendDtmfTonesOperation",
        completes="later",
        fields=(
            Field("tones", "strings", required=True, choices=TONES),
            Field("delayBetweenTonesMs", "integer", minimum=0),
            CONTEXT,
        ),
        handle=_send_dtmf_tones,
    ),
    Operation(
        name="mute",
        path="mute",
        kind="muteParticipantOperation",
        fields=(CONTEXT,),
        states=CONNECTED,
        is_group_only=True,
        handle=_mute,
    ),
    Operation(
        name="unmute",
        path="unmute",
        kind="unmuteParticipantOperation",
        fields=(CONTEXT,),
        states=CONNECTED,
        is_group_only=True,
        handle=_unmute,
    ),
    Operation(name="keepAlive", path="keepAlive", states=ALIVE, handle=_keep_alive),
    Operation(
        name="changeScreenSharingRole",
        path="changeScreenSharingRole",
        status=202,
        fields=(Field("role", "string", required=True, choices=("viewer", "sharer")),),
        permissions=ACCESS_MEDIA,
        is_group_only=True,
        needs_own_media=True,
        handle=_change_screen_sharing_role,
    ),
    Operation(
        name="updateRecordingStatus",
        path="updateRecordingStatus",
        kind="updateRecordingStatusOperation",
        fields=(Field("status", "string", required=True, choices=_RECORDING_STATUSES), CONTEXT),
        states=CONNECTED,
        permissions=(*JOIN, "Calls.AccessMedia.All"),
        handle=_update_recording_status,
    ),
    Operation(
        name="addLargeGalleryView",
        path="addLargeGalleryView",
        status=202,
        kind="addLargeGalleryViewOperation",
        completes="later",
        fields=(CONTEXT,),
        permissions=(*JOIN, *INITIATE_GROUP),
    ),
    Operation(
        name="inviteParticipants",
        path="participants/invite",
        kind="inviteParticipantsOperation",
        completes="later",
        fields=(Field("participants", "targets", required=True, max_length=5), CONTEXT),
        permissions=INITIATE_GROUP,
        is_group_only=True,
        handle=_invite,
    ),
    Operation(
        name="muteParticipant",
        path="participants/{participant}/mute",
        kind="muteParticipantOperation",
        fields=(CONTEXT,),
        states=CONNECTED,
        permissions=JOIN,
        is_group_only=True,
        handle=_mute_participant,
    ),
    Operation(
        name="removeParticipant",
        path="participants/{participant}",
        method="DELETE",
        status=204,
        states=CONNECTED,
        permissions=JOIN,
        handle=_remove_participant,
    ),
    Operation(
        name="startHoldMusic",
        path="participants/{participant}/startHoldMusic",
        status=202,
        kind="startHoldMusicOperation",
        completes="later",
        fields=(Field("customPrompt", "prompt", choices=_MEDIA_PROMPT), CONTEXT),
        states=CONNECTED,
        handle=_acknowledge_participant,
    ),
    Operation(
        name="stopHoldMusic",
        path="participants/{participant}/stopHoldMusic",
        status=202,
        kind="stopHoldMusicOperation",
        completes="later",
        fields=(CONTEXT,),
        states=CONNECTED,
        handle=_acknowledge_participant,
    ),
    Operation(
        name="createAudioRoutingGroup",
        path="audioRoutingGroups",
        fields=(
            Field("id", "string", max_length=MAX_CONTEXT_CHARS),
            *(replace(each, required=True) for each in _ROUTING_FIELDS),
        ),
        permissions=ROUTING,
        is_group_only=True,
        handle=_create_routing_group,
    ),
    Operation(
        name="updateAudioRoutingGroup",
        path="audioRoutingGroups/{group}",
        method="PATCH",
        fields=_ROUTING_FIELDS,
        permissions=ROUTING,
        is_group_only=True,
        handle=_update_routing_group,
    ),
    Operation(
        name="deleteAudioRoutingGroup",
        path="audioRoutingGroups/{group}",
        method="DELETE",
        status=204,
        permissions=ROUTING,
        is_group_only=True,
        handle=_delete_routing_group,
    ),
)

_MUTE_ALL = Operation(
    name="muteAll",
    path="participants/muteAll",
    kind="muteParticipantsOperation",
    fields=(Field("participants", "strings"), CONTEXT),
    states=CONNECTED,
    permissions=JOIN,
    is_group_only=True,
    handle=_mute_all,
)
_CONFIGURE_MIXER = Operation(
    name="configureMixer",
    path="participants/configureMixer",
    kind="commsOperation",
    completes="later",
    fields=(Field("participantMixerLevels", "objects", required=True), CONTEXT),
    states=CONNECTED,
    permissions=JOIN,
    is_group_only=True,
)
_RECORD = Operation(
    name="record",
    path="record",
    kind="recordOperation",
    completes="later",
    fields=(replace(_RECORD_FIELDS[0], choices=_ALL_PROMPTS), *_RECORD_FIELDS[1:]),
    needs_service_media=True,
    handle=_record,
)
_RECORDING_AND_TRANSCRIPTION = (
    Operation(
        name="startRecording",
        path="startRecording",
        status=202,
        kind="startRecordingOperation",
        completes="later",
        fields=(CONTEXT,),
        states=CONNECTED,
        permissions=JOIN[:1],
    ),
    Operation(
        name="stopRecording",
        path="stopRecording",
        status=202,
        kind="stopRecordingOperation",
        fields=(CONTEXT,),
        states=CONNECTED,
        permissions=JOIN[:1],
    ),
    Operation(
        name="startTranscription",
        path="startTranscription",
        status=202,
        kind="startTranscriptionOperation",
        completes="later",
        fields=(Field("language", "string"), CONTEXT),
        states=CONNECTED,
        permissions=JOIN[:1],
        handle=_start_transcription,
    ),
    Operation(
        name="stopTranscription",
        path="stopTranscription",
        status=202,
        kind="stopTranscriptionOperation",
        fields=(Field("language", "string"), CONTEXT),
        states=CONNECTED,
        permissions=JOIN[:1],
        handle=_stop_transcription,
    ),
)
_UPDATE_METADATA = Operation(
    name="updateMetadata",
    path="updateMetadata",
    fields=(Field("metadata", "string"), CONTEXT),
    kind="commsOperation",
    has_location=False,
    states=CONNECTED,
    handle=_update_metadata,
)
_REPORT_SYNTHETIC_MEDIA = Operation(
    name="reportSyntheticMedia",
    path="participants/{participant}/reportSyntheticMedia",
    fields=(
        Field("id", "guid", required=True),
        Field("detectionDateTime", "string", required=True),
        Field("overallConfidence", "number", required=True, minimum=0, maximum=1),
        Field("isMalicious", "boolean", required=True),
        Field("contentMetadata", "object", required=True),
        Field("detections", "objects", required=True),
        Field("severity", "string", choices=("low", "medium", "high")),
    ),
    states=CONNECTED,
    permissions=("Calls.ReportSyntheticMedia.All",),
    has_own_permission=True,
    handle=_report_synthetic_media,
)


def _change(operations: tuple[Operation, ...], **changes: Mapping[str, object]) -> tuple[Operation, ...]:
    """Return the operations with some attributes of some of them replaced."""
    return tuple(replace(each, **changes.get(each.name, {})) for each in operations)  # type: ignore[arg-type]


_BETA_PROMPT_FIELDS = (Field("prompts", "prompts", required=True, max_length=20, choices=_ALL_PROMPTS), CONTEXT)

BETA_OPERATIONS: tuple[Operation, ...] = (
    *_change(V1_OPERATIONS, playPrompt={"fields": _BETA_PROMPT_FIELDS}),
    _RECORD,
    _MUTE_ALL,
    _CONFIGURE_MIXER,
    *_RECORDING_AND_TRANSCRIPTION,
    _UPDATE_METADATA,
    _REPORT_SYNTHETIC_MEDIA,
)
"""Today's beta also has record (the older name of recordResponse), other prompts, muteAll, configureMixer, recording,
transcription and reports of synthetic media. updateMetadata is on the pages of 2018 alone."""

_UNBOUNDED_RECORD_FIELDS = tuple(replace(each, minimum=None, maximum=None, max_length=None) for each in _RECORD.fields)
_PLAIN = {"kind": "commsOperation", "has_location": False}

BETA_2018_OPERATIONS: tuple[Operation, ...] = (
    *_change(
        BETA_OPERATIONS,
        answer={"status": 200, "fields": (replace(MEDIA, required=False), Field("acceptedModalities", "strings"))},
        reject={"status": 200, "fields": (Field("reason", "string"),)},
        redirect={"status": 200, "fields": (Field("targets", "targets", required=True, max_length=25),)},
        transfer={**_PLAIN, "status": 200, "completes": "later", "fields": (_TRANSFER_TARGET, CONTEXT)},
        record={"fields": _UNBOUNDED_RECORD_FIELDS},
        cancelMediaProcessing={**_PLAIN, "completes": "later"},
        subscribeToTone={**_PLAIN, "completes": "later"},
        mute=_PLAIN,
        unmute=_PLAIN,
        changeScreenSharingRole={"status": 200},
        inviteParticipants=_PLAIN,
        muteParticipant=_PLAIN,
        muteAll=_PLAIN,
        configureMixer={**_PLAIN, "completes": "now"},
        createAudioRoutingGroup={"status": 201},
    ),
    replace(_MUTE_ALL, path="participants/mute", kind="commsOperation"),
)
"""The beta of 2018, with the operations added since: its path is still served as an alias of today's."""

OPERATIONS: Mapping[str, tuple[Operation, ...]] = {
    "v1.0": V1_OPERATIONS,
    "beta": BETA_OPERATIONS,
    "beta-2018": BETA_2018_OPERATIONS,
}
"""The operations by version."""
