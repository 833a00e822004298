"""One method for each operation on a call that there is, and those that place, read and end one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, overload

from .._arguments import require_type
from ..graph.coerce import Sound, Target, to_participant, to_participants
from ..graph.models import Call, CallOptions, MediaConfig, Participant, ServiceHostedMediaConfig
from ..graph.operations import (
    Action,
    Answer,
    CancelMediaProcessing,
    ChangeScreenSharingRole,
    Delete,
    GetParticipant,
    InviteParticipants,
    KeepAlive,
    ListParticipants,
    Mute,
    MuteAll,
    MuteParticipant,
    Operation,
    OperationAction,
    PlayPrompt,
    RecordResponse,
    Redirect,
    Reject,
    RemoveParticipant,
    SendDtmfTones,
    SubscribeToTone,
    Transfer,
    Unmute,
    UpdateRecordingStatus,
)
from ..graph.requests import (
    action_request,
    create_request,
    get_request,
    read_call,
    read_operation,
    read_participant,
    read_participants,
    recording_request,
)
from .transport import Sender


class AsyncCalls(Sender):
    """Graph's calls, asynchronously: one method for each operation.

    Parameters
    ----------
    transport : an httpx transport, to test or to go another way
    auth : an ``httpx.Auth``; :class:`graphcall_nb.client.sign_in.MsalAuth` signs in to Entra
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
        await self.perform(call_id, Delete())

    @overload
    async def perform(self, call_id: str, action: OperationAction) -> Operation: ...

    @overload
    async def perform(self, call_id: str, action: Action) -> Operation | None: ...

    async def perform(self, call_id: str, action: Action) -> Operation | None:
        """Send an action on a call.

        Parameters
        ----------
        call_id : str
            Graph's id of the call.
        action : Action
            An object of a class of :mod:`graphcall_nb.graph.operations`, such as ``PlayPrompt(prompts=url)``.

        Returns
        -------
        Operation or None
            The operation that the service started; ``None`` when the action does not start one.

        Raises
        ------
        InvalidCall
            When a limit of the version is broken; ``problems`` names the fields. Nothing was sent.
        IllegalAction
            When the version does not have the action. Nothing was sent.
        GraphError
            When the service refuses the request.
        ServiceUnreachable
            When there was no answer; ``maybe_sent`` is true when the service may have acted on it.

        Examples
        --------
        >>> import graphcall_nb as gc
        >>> from graphcall_nb.graph.operations import PlayPrompt
        >>> with gc.simulate(speed=100) as session:
        ...     call = session.create_call(gc.templates.peer_to_peer())
        ...     call.wait_for("established", timeout=10)
        ...     prompt = PlayPrompt(prompts="https://cdn.contoso.com/beep.wav")
        ...     session.run(session.async_calls.perform(call.id, prompt)).status
        'running'
        """
        require_type("action", action, Action, "an action of graphcall_nb.graph.operations, such as KeepAlive()")
        response = await self._send(action_request(self.version, call_id, action))
        if isinstance(action, OperationAction):
            return read_operation(response)
        return read_operation(response) if action.starts_operation and response.body.strip() else None

    async def keep_alive(self, call_id: str) -> None:
        """Tell the service that the application still lives; see :meth:`CallHandle.keep_alive`."""
        await self.perform(call_id, KeepAlive())

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
        body = Answer.from_kwargs(
            callback_uri=callback_uri,
            accepted_modalities=accepted_modalities,
            media_config=ServiceHostedMediaConfig() if media_config is None else media_config,
            participant_capacity=participant_capacity,
            call_options=call_options,
        )
        await self.perform(call_id, body)

    async def reject(self, call_id: str, reason: str = "none", *, callback_uri: str | None = None) -> None:
        """Refuse an incoming call; see :meth:`CallHandle.reject`."""
        await self.perform(call_id, Reject.from_kwargs(reason=reason, callback_uri=callback_uri))

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
        body = Redirect.from_kwargs(
            targets=targets,
            timeout=timeout,
            callback_uri=callback_uri,
            target_disposition=target_disposition,
            mask_callee=mask_callee,
            mask_caller=mask_caller,
        )
        await self.perform(call_id, body)

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
        body = Transfer.from_kwargs(
            transfer_target=to_participant(target, replaces_call_id=replaces_call_id),
            transferee=transferee,
            client_context=client_context,
        )
        return await self.perform(call_id, body)

    async def play_prompt(
        self,
        call_id: str,
        prompts: Sound | Iterable[Sound],
        *,
        loop: bool | None = None,
        client_context: str | None = None,
    ) -> Operation:
        """Play sounds to the call; see :meth:`CallHandle.play_prompt`."""
        body = PlayPrompt.from_kwargs(prompts=prompts, loop=loop, client_context=client_context)
        return await self.perform(call_id, body)

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
        body = RecordResponse.from_kwargs(
            prompts=prompts,
            max_record_duration_in_seconds=max_record_duration_in_seconds,
            initial_silence_timeout_in_seconds=initial_silence_timeout_in_seconds,
            max_silence_timeout_in_seconds=max_silence_timeout_in_seconds,
            barge_in_allowed=barge_in_allowed,
            play_beep=play_beep,
            stop_tones=stop_tones,
            stream_while_recording=stream_while_recording,
            client_context=client_context,
        )
        return await self.perform(call_id, body)

    async def recording(self, call_id: str, operation: Operation) -> bytes:
        """Fetch what was recorded; see :meth:`CallHandle.recording`."""
        return (await self._send(recording_request(call_id, operation))).body

    async def cancel_media_processing(
        self, call_id: str, *, all: bool | None = None, client_context: str | None = None
    ) -> Operation:
        """Stop what is being played or recorded; see :meth:`CallHandle.cancel_media_processing`."""
        body = CancelMediaProcessing.from_kwargs(all=all, client_context=client_context)
        return await self.perform(call_id, body)

    async def subscribe_to_tone(self, call_id: str, *, client_context: str | None = None) -> Operation:
        """Be told of the keys that are pressed; see :meth:`CallHandle.subscribe_to_tone`."""
        return await self.perform(call_id, SubscribeToTone.from_kwargs(client_context=client_context))

    async def send_dtmf_tones(
        self,
        call_id: str,
        tones: str | Iterable[str],
        *,
        delay_between_tones_ms: int | None = None,
        client_context: str | None = None,
    ) -> Operation:
        """Press keys; see :meth:`CallHandle.send_dtmf_tones`."""
        body = SendDtmfTones.from_kwargs(
            tones=tones, delay_between_tones_ms=delay_between_tones_ms, client_context=client_context
        )
        return await self.perform(call_id, body)

    async def mute(self, call_id: str, *, client_context: str | None = None) -> Operation:
        """Mute the application itself; see :meth:`CallHandle.mute`."""
        return await self.perform(call_id, Mute.from_kwargs(client_context=client_context))

    async def unmute(self, call_id: str, *, client_context: str | None = None) -> Operation:
        """Let the application be heard again; see :meth:`CallHandle.unmute`."""
        return await self.perform(call_id, Unmute.from_kwargs(client_context=client_context))

    async def change_screen_sharing_role(self, call_id: str, role: str) -> None:
        """Share the screen, or only look on; see :meth:`CallHandle.change_screen_sharing_role`."""
        await self.perform(call_id, ChangeScreenSharingRole.from_kwargs(role=role))

    async def update_recording_status(
        self, call_id: str, status: str, *, client_context: str | None = None
    ) -> Operation:
        """Say whether the application records; see :meth:`CallHandle.update_recording_status`."""
        body = UpdateRecordingStatus.from_kwargs(status=status, client_context=client_context)
        return await self.perform(call_id, body)

    # ---- who is in the call

    async def participants(self, call_id: str) -> list[Participant]:
        """Who is in the call; see :meth:`CallHandle.participants`."""
        return read_participants(await self._send(action_request(self.version, call_id, ListParticipants())))

    async def participant(self, call_id: str, participant_id: str) -> Participant:
        """One participant of the call; see :meth:`CallHandle.participant`."""
        return read_participant(
            await self._send(action_request(self.version, call_id, GetParticipant(participant_id=participant_id)))
        )

    async def invite(
        self,
        call_id: str,
        participants: Target | Iterable[Target],
        *,
        replaces_call_id: str | None = None,
        client_context: str | None = None,
    ) -> Operation:
        """Ask somebody into a group call; see :meth:`CallHandle.invite`."""
        invited = to_participants(participants, replaces_call_id=replaces_call_id)
        body = InviteParticipants.from_kwargs(participants=invited, client_context=client_context)
        return await self.perform(call_id, body)

    async def mute_participant(
        self, call_id: str, participant_id: str, *, client_context: str | None = None
    ) -> Operation:
        """Mute one participant; see :meth:`CallHandle.mute_participant`."""
        action = MuteParticipant.from_kwargs(participant_id=participant_id, client_context=client_context)
        return await self.perform(call_id, action)

    async def mute_participants(
        self, call_id: str, participant_ids: Iterable[str] = (), *, client_context: str | None = None
    ) -> Operation:
        """Mute some participants or all; see :meth:`CallHandle.mute_participants`."""
        body = MuteAll.from_kwargs(participants=participant_ids, client_context=client_context)
        return await self.perform(call_id, body)

    async def remove_participant(self, call_id: str, participant_id: str) -> None:
        """Take one participant out of the call; see :meth:`CallHandle.remove_participant`."""
        await self.perform(call_id, RemoveParticipant(participant_id=participant_id))
