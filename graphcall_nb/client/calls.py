"""One method for each operation on a call that there is, and those that place, read and end one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .._arguments import as_list, require_type
from ..graph.base import Resource
from ..graph.coerce import Sound, Target, to_participant, to_participants, to_prompts, to_tones
from ..graph.models import Call, CallOptions, MediaConfig, Participant, ServiceHostedMediaConfig
from ..graph.operations import (
    Answer,
    CancelMediaProcessing,
    ChangeScreenSharingRole,
    Invite,
    MuteAll,
    Operation,
    OperationBody,
    PlayPrompt,
    RecordResponse,
    Redirect,
    Reject,
    SendDtmfTones,
    Transfer,
    UpdateRecordingStatus,
)
from ..graph.requests import (
    ServiceResponse,
    action_request,
    create_request,
    delete_request,
    get_request,
    read_call,
    read_operation,
    read_participant,
    read_participants,
    read_transfer,
    recording_request,
)
from .transport import Sender


class AsyncCalls(Sender):
    """Graph's calls, asynchronously: one method for each operation.

    Parameters
    ----------
    transport : an httpx transport, to test or to go another way
    auth : an ``httpx.Auth``; :class:`graphcall_nb.auth.sign_in.MsalAuth` signs in to Entra
    version : ``"beta"``, ``"v1.0"``, or a :class:`~graphcall_nb.versions.ApiVersion`
    base_url : of Graph; national clouds have their own
    verify : whose certificates are believed, where no transport decides that
    on_exchange : awaited after each request with what was asked and answered, without secrets
    sleep, clock : the pauses between tries, and the time in seconds since 1970; tests pass their own
    tries : how often a request is sent at most; 1 leaves it to you to send it again. It may be set later, too.

    Notes
    -----
    Each operation takes the parameters of the method of the same name of :class:`~graphcall_nb.CallHandle`, where they
    are described, after the id of the call. It knows no state of the call, so it leaves to the service to refuse what
    the state forbids. It raises

    * ``InvalidCall``, with the field and the remedy, before anything is sent, when a limit of Graph's page is broken;
    * ``IllegalAction`` when the version of the API has no such operation;
    * ``GraphError`` (``ConsentMissing``, ``Unauthorized``, ``NotFound``, ``Throttled``, …) when the service refuses it;
    * ``ServiceUnreachable`` when there was no answer; ``maybe_sent`` tells whether it may have been carried out.

    Any number may be asked for at once: 32 are under way, the others wait their turn.

    What goes wrong on the way is treated as follows; a request is sent ``tries`` times at most (four), each time under
    the same ``client-request-id``.

    ================================  ==================================================================
    429, or 503 with ``Retry-After``  sent again after the time asked for, if that is a minute at most;
                                      else ``Throttled``
    429 without ``Retry-After``       sent again after 1, 2 and 4 s
    503 without ``Retry-After``       ``GraphError`` at once: nobody says that nothing was done
    500, 502, 504                     ``GraphError`` at once
    connection refused                sent again, since nothing was sent; then ``ServiceUnreachable``
    connection reset, or no answer    sent again where doing it twice does no more than once (get, delete,
    for 30 s                          mute, keepAlive, …); else (create, answer, transfer, playPrompt, …)
                                      ``ServiceUnreachable`` with ``maybe_sent``
    ================================  ==================================================================

    Examples
    --------
    >>> import graphcall_nb as gc
    >>> with gc.simulate(speed=100) as session:
    ...     call = session.run(session.async_calls.create(gc.templates.peer_to_peer()))
    ...     call.state
    'establishing'
    """

    # ---- the call

    async def create(self, call: Call, *, application_id: str | None = None) -> Call:
        """Place a call; returns it as the service answers it, with its ``id``."""
        require_type(
            "call", call, Call, "a Call; parse_call() and Call.from_json_dict() make one of text and of a dict"
        )
        return read_call(await self._send(create_request(self.version, call, application_id)))

    async def get(self, call_id: str) -> Call:
        """The call as the service has it now. Raises ``NotFound`` a while after it ended."""
        return read_call(await self._send(get_request(self.version, call_id)))

    async def delete(self, call_id: str) -> None:
        """Hang up: of a group call, the application's own leg."""
        await self._send(delete_request(self.version, call_id))

    async def keep_alive(self, call_id: str) -> None:
        """Tell the service that the application still lives; see :meth:`CallHandle.keep_alive`."""
        await self._do("keepAlive", call_id)

    # ---- an incoming call

    async def answer(
        self,
        call_id: str,
        callback_uri: str,
        *,
        accepted_modalities: Iterable[str] = ("audio",),
        media_config: MediaConfig | Mapping[str, Any] | None = None,
        participant_capacity: int | None = None,
        call_options: CallOptions | Mapping[str, Any] | None = None,
    ) -> None:
        """Answer an incoming call; see :meth:`CallHandle.answer`."""
        body = Answer.of_given(
            callback_uri=callback_uri,
            accepted_modalities=as_list(accepted_modalities),
            media_config=ServiceHostedMediaConfig() if media_config is None else media_config,
            participant_capacity=participant_capacity,
            call_options=call_options,
        )
        await self._do("answer", call_id, body)

    async def reject(self, call_id: str, reason: str = "none", *, callback_uri: str | None = None) -> None:
        """Refuse an incoming call; see :meth:`CallHandle.reject`."""
        await self._do("reject", call_id, Reject.of_given(reason=reason, callback_uri=callback_uri))

    async def redirect(
        self,
        call_id: str,
        targets: Target | Iterable[Target],
        *,
        timeout: int | None = None,  # noqa: ASYNC109  # Graph's name of how long it shall ring
        callback_uri: str | None = None,
        target_disposition: str | None = None,
        mask_callee: bool | None = None,
        mask_caller: bool | None = None,
    ) -> None:
        """Send an incoming call on to somebody else; see :meth:`CallHandle.redirect`."""
        body = Redirect.of_given(
            targets=to_participants(targets),
            timeout=timeout,
            callback_uri=callback_uri,
            target_disposition=target_disposition,
            mask_callee=mask_callee,
            mask_caller=mask_caller,
        )
        await self._do("redirect", call_id, body)

    # ---- an established call

    async def transfer(
        self,
        call_id: str,
        target: Target,
        *,
        replaces_call_id: str | None = None,
        transferee: Target | None = None,
        client_context: str | None = None,
    ) -> Operation | None:
        """Hand the call over to somebody else; see :meth:`CallHandle.transfer`."""
        who = to_participant(target)
        if replaces_call_id is not None:
            who.replaces_call_id = replaces_call_id
        body = Transfer.of_given(
            transfer_target=who,
            transferee=None if transferee is None else to_participant(transferee),
            client_context=client_context,
        )
        return read_transfer(await self._do("transfer", call_id, body))

    async def play_prompt(
        self,
        call_id: str,
        prompts: Sound | Iterable[Sound],
        *,
        loop: bool | None = None,
        client_context: str | None = None,
    ) -> Operation:
        """Play sounds to the call; see :meth:`CallHandle.play_prompt`."""
        body = PlayPrompt.of_given(prompts=to_prompts(prompts), loop=loop, client_context=client_context)
        return await self._operate("playPrompt", call_id, body)

    async def record_response(
        self,
        call_id: str,
        prompts: Sound | Iterable[Sound] | None = None,
        *,
        max_record_duration_in_seconds: int | None = None,
        initial_silence_timeout_in_seconds: int | None = None,
        max_silence_timeout_in_seconds: int | None = None,
        barge_in_allowed: bool | None = None,
        play_beep: bool | None = None,
        stop_tones: Iterable[str] | None = None,
        stream_while_recording: bool | None = None,
        client_context: str | None = None,
    ) -> Operation:
        """Record a short answer of the caller; see :meth:`CallHandle.record_response`."""
        body = RecordResponse.of_given(
            prompts=None if prompts is None else to_prompts(prompts),
            max_record_duration_in_seconds=max_record_duration_in_seconds,
            initial_silence_timeout_in_seconds=initial_silence_timeout_in_seconds,
            max_silence_timeout_in_seconds=max_silence_timeout_in_seconds,
            barge_in_allowed=barge_in_allowed,
            play_beep=play_beep,
            # Each character of a text is a key.
            stop_tones=as_list(list(stop_tones) if isinstance(stop_tones, str) else stop_tones),
            stream_while_recording=stream_while_recording,
            client_context=client_context,
        )
        return await self._operate("recordResponse", call_id, body)

    async def recording(self, call_id: str, operation: Operation) -> bytes:
        """Fetch what was recorded; see :meth:`CallHandle.recording`."""
        return (await self._send(recording_request(call_id, operation))).body

    async def cancel_media_processing(
        self, call_id: str, *, all: bool | None = None, client_context: str | None = None
    ) -> Operation:
        """Stop what is being played or recorded; see :meth:`CallHandle.cancel_media_processing`."""
        body = CancelMediaProcessing.of_given(all=all, client_context=client_context)
        return await self._operate("cancelMediaProcessing", call_id, body)

    async def subscribe_to_tone(self, call_id: str, *, client_context: str | None = None) -> Operation:
        """Be told of the keys that are pressed; see :meth:`CallHandle.subscribe_to_tone`."""
        return await self._operate("subscribeToTone", call_id, _context(client_context))

    async def send_dtmf_tones(
        self,
        call_id: str,
        tones: str | Iterable[str],
        *,
        delay_between_tones_ms: int | None = None,
        client_context: str | None = None,
    ) -> Operation:
        """Press keys; see :meth:`CallHandle.send_dtmf_tones`."""
        body = SendDtmfTones.of_given(
            tones=to_tones(tones), delay_between_tones_ms=delay_between_tones_ms, client_context=client_context
        )
        return await self._operate("sendDtmfTones", call_id, body)

    async def mute(self, call_id: str, *, client_context: str | None = None) -> Operation:
        """Mute the application itself; see :meth:`CallHandle.mute`."""
        return await self._operate("mute", call_id, _context(client_context))

    async def unmute(self, call_id: str, *, client_context: str | None = None) -> Operation:
        """Let the application be heard again; see :meth:`CallHandle.unmute`."""
        return await self._operate("unmute", call_id, _context(client_context))

    async def change_screen_sharing_role(self, call_id: str, role: str) -> None:
        """Share the screen, or only look on; see :meth:`CallHandle.change_screen_sharing_role`."""
        await self._do("changeScreenSharingRole", call_id, ChangeScreenSharingRole.of_given(role=role))

    async def update_recording_status(
        self, call_id: str, status: str, *, client_context: str | None = None
    ) -> Operation:
        """Say whether the application records; see :meth:`CallHandle.update_recording_status`."""
        body = UpdateRecordingStatus.of_given(status=status, client_context=client_context)
        return await self._operate("updateRecordingStatus", call_id, body)

    # ---- who is in the call

    async def participants(self, call_id: str) -> list[Participant]:
        """Who is in the call; see :meth:`CallHandle.participants`."""
        return read_participants(await self._do("listParticipants", call_id))

    async def participant(self, call_id: str, participant_id: str) -> Participant:
        """One participant of the call; see :meth:`CallHandle.participant`."""
        return read_participant(await self._do("getParticipant", call_id, participant_id=participant_id))

    async def invite(
        self,
        call_id: str,
        participants: Target | Iterable[Target],
        *,
        replaces_call_id: str | None = None,
        client_context: str | None = None,
    ) -> Operation:
        """Ask somebody into a group call; see :meth:`CallHandle.invite`."""
        invited = to_participants(participants)
        if replaces_call_id is not None:
            for one in invited:
                one.replaces_call_id = replaces_call_id
        body = Invite.of_given(participants=invited, client_context=client_context)
        return await self._operate("inviteParticipants", call_id, body)

    async def mute_participant(
        self, call_id: str, participant_id: str, *, client_context: str | None = None
    ) -> Operation:
        """Mute one participant; see :meth:`CallHandle.mute_participant`."""
        body = _context(client_context)
        return await self._operate("muteParticipant", call_id, body, participant_id=participant_id)

    async def mute_participants(
        self, call_id: str, participant_ids: Iterable[str] = (), *, client_context: str | None = None
    ) -> Operation:
        """Mute some participants or all; see :meth:`CallHandle.mute_participants`."""
        body = MuteAll.of_given(participants=as_list(participant_ids), client_context=client_context)
        return await self._operate("muteAll", call_id, body)

    async def remove_participant(self, call_id: str, participant_id: str) -> None:
        """Take one participant out of the call; see :meth:`CallHandle.remove_participant`."""
        await self._do("removeParticipant", call_id, participant_id=participant_id)

    # ---- sending

    async def _do(
        self, operation: str, call_id: str, body: Resource | None = None, *, participant_id: str = ""
    ) -> ServiceResponse:
        request = action_request(self.version, operation, call_id, body, participant_id=participant_id)
        return await self._send(request)

    async def _operate(
        self, operation: str, call_id: str, body: Resource | None = None, *, participant_id: str = ""
    ) -> Operation:
        return read_operation(await self._do(operation, call_id, body, participant_id=participant_id))


def _context(client_context: str | None) -> Resource:
    return OperationBody.of_given(client_context=client_context)
