"""The handle of a call."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from html import escape
from typing import Any, Literal, Self, TypeVar

from .._arguments import as_list, check_attribute, did_you_mean, unknown_name_message
from ..client.blocking import BlockingClient
from ..errors import IllegalAction, InvalidCall, JournalError, SessionClosed
from ..graph.base import Resource
from ..graph.coerce import Sound, Target, to_participant, to_participants
from ..graph.models import (
    AudioRoutingGroup,
    Call,
    CallOptions,
    ContentSharingSession,
    MediaConfig,
    MediaPrompt,
    Participant,
    ServiceHostedMediaConfig,
    describe_call,
)
from ..graph.operations import (
    ACTIONS,
    Action,
    AddLargeGalleryView,
    Answer,
    CancelMediaProcessing,
    ChangeScreenSharingRole,
    CreateAudioRoutingGroup,
    Delete,
    DeleteAudioRoutingGroup,
    GetAudioRoutingGroup,
    GetContentSharingSession,
    InviteParticipants,
    KeepAlive,
    ListAudioRoutingGroups,
    ListContentSharingSessions,
    LogTeleconferenceDeviceQuality,
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
    ReportSyntheticMedia,
    SendDtmfTones,
    StartHoldMusic,
    StartRecording,
    StartTranscription,
    StopHoldMusic,
    StopRecording,
    StopTranscription,
    SubscribeToTone,
    Transfer,
    Unmute,
    UpdateAudioRoutingGroup,
    UpdateMetadata,
    UpdateRecordingStatus,
    reason_not_allowed,
    reason_not_in_cloud,
)
from ..graph.states import STATES, SYNONYMS, CallState, canonical_state
from ..graph.templates import is_example_callback_uri
from .call_store import INCOMING, CallStore, read_resource_data
from .methods import name_forgotten_parentheses

R = TypeVar("R", bound=Resource)
Wait = Callable[[Operation, float | None], Operation]


class OperationHandle(Operation):
    """An :class:`~graphcall_nb.graph.operations.Operation` that can be waited for.

    Examples
    --------
    >>> import graphcall_nb as gc
    >>> with gc.simulate(speed=100) as session:
    ...     call = session.create_call(gc.templates.peer_to_peer())
    ...     call.wait_for("established", timeout=10)
    ...     call.play_prompt("https://cdn.contoso.com/beep.wav").wait(timeout=10).status
    'completed'
    """

    _wait: Wait

    def bind(self, wait: Wait) -> Self:
        """Set the function that waits for the end of the operation, and return the handle."""
        self._wait = wait
        return self

    def wait(self, timeout: float | None = 30.0) -> Self:
        """Wait until the operation has ended; after that, ``status``, ``result_info`` and others are up to date.

        Parameters and errors are those of :meth:`graphcall_nb.CallHandle.wait_for_operation`.
        """
        ended = self._wait(self, timeout)
        for name in ended.model_fields_set & type(self).model_fields.keys():
            setattr(self, name, getattr(ended, name))
        if self.model_extra is not None:
            self.model_extra.update(ended.model_extra or {})
        return self


@name_forgotten_parentheses("call")
class CallHandle:
    """One call, outgoing or incoming. Its state is read from the journal, so it is never ahead of the frames.

    Parameters
    ----------
    call : Call
        The call as the service described it.
    client : BlockingClient
        Sends the requests.
    calls : CallStore
        Knows the state of every call.

    Attributes
    ----------
    id : str
        Graph's id of the call.
    state : str or None
        Present state, for example ``"ringing"``; ``None`` before the first notification.
    call : Call
        The call as the service last described it; :meth:`refresh` requests it again.

    Notes
    -----
    A method that sends an operation raises

    * ``IllegalAction``, with the reason, if the state of the call does not allow it, or the version has no such
      operation; nothing was sent;
    * ``InvalidCall``, with the field, if a limit of Graph's page is exceeded; nothing was sent;
    * ``GraphError`` if the service refuses it, and ``ServiceUnreachable`` without a response.

    Examples
    --------
    >>> import graphcall_nb as gc
    >>> with gc.simulate(speed=100) as session:
    ...     call = session.create_call(gc.templates.peer_to_peer())
    ...     call.wait_for("established", timeout=10)
    ...     call.hang_up()
    ...     call.wait_for("terminated", timeout=10)
    ...     call.state
    'terminated'
    """

    def __init__(self, call: Call, client: BlockingClient, calls: CallStore) -> None:
        self.call = call
        self._client = client
        self._calls = calls
        self._delivered_tones: set[int] = set()

    @property
    def id(self) -> str:
        """Graph's id of the call."""
        return self.call.id or ""

    @property
    def state(self) -> str | None:
        """The present state; ``None`` before the first notification."""
        return self._calls.status(self.id).state

    def reason_not_allowed(self, action: str) -> str | None:
        """Return why the present state, or the cloud, does not allow an action; ``None`` if it does.

        Before the first notification, the state is the one in the service's response.

        Parameters
        ----------
        action : str
            The name of a method of this handle, ``"play_prompt"``, or Graph's name, ``"playPrompt"``.

        Raises
        ------
        ValueError
            For an unknown action.
        """
        name = _get_graph_name(action)
        absence = reason_not_in_cloud(name, self._client.calls.cloud)
        return absence or reason_not_allowed(name, self.state or self.call.state)

    def refresh(self) -> Call:
        """Request the call from the service and return it. Raises ``NotFound`` some time after the call ended."""
        self.call = self._client.run(self._client.calls.get(self.id))
        return self.call

    # ---- waiting

    def wait_for(
        self, state: CallState | Iterable[CallState] = "established", timeout: float | None = 30.0, *, now: bool = False
    ) -> None:
        """Wait until the call has been in a state; returns at once if it was in that state before.

        Parameters
        ----------
        state : str or iterable of str
            A state, or several of which one is enough.
        timeout : float or None
            In seconds; ``None`` waits without end. Interrupting the cell ends the wait.
        now : bool
            Wait until the call is in the state at present, even if it was in it before: for example until it is
            established again after a transfer that failed.

        Raises
        ------
        Timeout
            When the time is over; the message has the present state.
        CallEnded
            When the call has ended without reaching the state; the message has the reason of the end.
        """
        if not isinstance(state, Iterable):
            raise TypeError(f"state: give the name of a state, or several, not {type(state).__name__}.")
        states = frozenset(_check_state(name) for name in ([state] if isinstance(state, str) else state))
        if not states:
            raise ValueError(f"state: give at least one, such as 'established'; there are {', '.join(STATES)}.")
        self._client.run(self._calls.wait_for_state(self.id, states, timeout, now=now))

    def wait_for_operation(self, operation: Operation | str, timeout: float | None = 30.0) -> Operation:
        """Wait until an operation of this call has ended, according to the journal.

        Parameters
        ----------
        operation : Operation or str
            The result of a method of this handle, or the id of an operation.
        timeout : float or None
            In seconds; ``None`` waits without end. Interrupting the cell ends the wait.

        Returns
        -------
        Operation
            The operation as last notified; see ``failed`` and ``result_info``.

        Raises
        ------
        Timeout
            When the time is over.
        CallEnded
            When the call ended before the operation.
        """
        if not isinstance(operation, Operation | str):
            raise TypeError(f"operation: give the result of a method, or its id, not {type(operation).__name__}.")
        if isinstance(operation, Operation) and operation.done:
            return operation
        id = operation if isinstance(operation, str) else operation.id or ""
        return self._client.run(self._calls.wait_for_operation(self.id, id, timeout))

    @property
    def tones(self) -> list[str]:
        """The keys that the callee has pressed so far, in order, such as ``tone1`` and ``pound``."""
        return [tone for _, tone in sorted(self._calls.status(self.id).tones.items())]

    def wait_for_tone(self, timeout: float | None = 30.0) -> str:
        """Wait for the next key that the callee presses, after :meth:`subscribe_to_tone`.

        Parameters
        ----------
        timeout : float or None
            In seconds; ``None`` waits without end. Interrupting the cell ends the wait.

        Returns
        -------
        str
            Graph's name of the key: ``"tone0"`` to ``"tone9"``, ``"star"``, ``"pound"``, ``"a"`` to ``"d"``,
            ``"flash"``. Each key is returned once.

        Raises
        ------
        Timeout
            When no key was pressed in time.
        CallEnded
            When the call ended before.

        Examples
        --------
        >>> import graphcall_nb as gc
        >>> with gc.simulate(speed=100) as session:
        ...     call = session.create_call(gc.templates.peer_to_peer())
        ...     call.wait_for("established", timeout=10)
        ...     subscribed = call.subscribe_to_tone()
        ...     session.simulator.press(call.id, "tone1", "pound")
        ...     call.wait_for_tone(timeout=10), call.wait_for_tone(timeout=10)
        ('tone1', 'pound')
        """
        return self._client.run(self._calls.wait_for_tone(self.id, self._delivered_tones, timeout))

    # ---- incoming calls: Graph waits 15 seconds for one of these, then the call is missed

    def answer(
        self,
        callback_uri: str | None = None,
        *,
        accepted_modalities: Iterable[str] = ("audio",),
        media_config: MediaConfig | Mapping[str, Any] | None = None,
        participant_capacity: int | None = None,
        call_options: CallOptions | Mapping[str, Any] | None = None,
    ) -> None:
        """Answer the call (Graph's page *call: answer*).

        Parameters
        ----------
        callback_uri : str, optional
            Address for further notifications of this call; the session's own by default.
        accepted_modalities : iterable of str
            Any of ``"audio"``, ``"video"``, ``"videoBasedScreenSharing"``.
        media_config : MediaConfig or dict, optional
            Who handles the media; Microsoft by default (``ServiceHostedMediaConfig``).
        participant_capacity : int, optional
            Number of participants that a recording application can take (v1.0).
        call_options : CallOptions or dict, optional
            Incoming call options (v1.0).

        Raises
        ------
        IllegalAction
            When the call is not incoming or not any more; nothing was sent.

        Examples
        --------
        >>> import graphcall_nb as gc
        >>> with gc.simulate(speed=100) as session:
        ...     ringing = session.simulator.ring("+14255550100")
        ...     call = session.wait_for_incoming(timeout=10)
        ...     call.answer()
        ...     call.wait_for("established", timeout=10)
        ...     call.call.source.label
        '+14255550100'
        """
        uri = callback_uri
        if uri is None or is_example_callback_uri(uri):
            uri = self._calls.callback_uri(self.id)
        self._send(
            Answer.from_kwargs(
                callback_uri=uri,
                accepted_modalities=accepted_modalities,
                media_config=ServiceHostedMediaConfig() if media_config is None else media_config,
                participant_capacity=participant_capacity,
                call_options=call_options,
            )
        )
        self._calls.expect(self.id, uri)

    def reject(self, reason: Literal["none", "busy", "forbidden"] = "none", *, callback_uri: str | None = None) -> None:
        """Reject the call (Graph's page *call: reject*).

        Parameters
        ----------
        reason : {"none", "busy", "forbidden"}
            The reason that the caller gets.
        callback_uri : str, optional
            Address for further notifications of this call (v1.0).

        Raises
        ------
        IllegalAction
            When the call is not incoming or not any more; nothing was sent.
        """
        self._send(Reject.from_kwargs(reason=reason, callback_uri=callback_uri))

    def redirect(
        self,
        targets: Target | Iterable[Target],
        *,
        timeout: int | None = None,
        callback_uri: str | None = None,
        target_disposition: str | None = None,
        mask_callee: bool | None = None,
        mask_caller: bool | None = None,
    ) -> None:
        """Send the call to other targets without answering it (Graph's page *call: redirect*).

        Parameters
        ----------
        targets : str, Identity, ParticipantInfo, dict, or an iterable of these
            A user's object id, a phone number that begins with a plus, an ``Identity`` of a user, or a
            ``ParticipantInfo``. Several ring at once, 25 at most.
        timeout : int, optional
            Seconds that the targets ring, 15 to 90; Graph's default is 55 for one target, 60 for several.
        callback_uri : str, optional
            Address for further notifications of this call (v1.0).
        target_disposition, mask_callee, mask_caller : optional
            Of beta only.

        Raises
        ------
        IllegalAction
            When the call is not incoming or not any more; nothing was sent.
        InvalidCall
            When a limit is exceeded; ``problems`` names the field. Nothing was sent.
        """
        self._send(
            Redirect.from_kwargs(
                targets=targets,
                timeout=timeout,
                callback_uri=callback_uri,
                target_disposition=target_disposition,
                mask_callee=mask_callee,
                mask_caller=mask_caller,
            )
        )

    # ---- established calls

    def hang_up(self) -> None:
        """End the call (Graph's *delete*): of a group call, the application's own leg."""
        self._send(Delete())

    def transfer(
        self,
        target: Target,
        *,
        replaces_call_id: str | None = None,
        transferee: Target | None = None,
        client_context: str | None = None,
    ) -> OperationHandle | None:
        """Transfer the call to another target (Graph's page *call: transfer*).

        Parameters
        ----------
        target : str, Identity, ParticipantInfo or dict
            A user's object id, a phone number that begins with a plus, an ``Identity`` of a user, or a
            ``ParticipantInfo``.
        replaces_call_id : str, optional
            The application's own call with ``target``, which ends when the two are connected: a consultative
            transfer. Without it the transfer is blind.
        transferee : str, Identity, ParticipantInfo or dict, optional
            The participant of a group call to transfer (v1.0).
        client_context : str, optional
            A text of 256 characters at most.

        Returns
        -------
        OperationHandle or None
            Beta reports the transfer by an operation. v1.0 reports it by the states ``transferring``,
            ``transferAccepted`` and ``terminated``, or ``established`` again if it failed.
        """
        operation = self._send(
            Transfer.from_kwargs(
                transfer_target=to_participant(target, replaces_call_id=replaces_call_id),
                transferee=transferee,
                client_context=client_context,
            )
        )
        return self._make_handle(operation) if operation else None

    def play_prompt(
        self, prompts: Sound | Iterable[Sound], *, loop: bool | None = None, client_context: str | None = None
    ) -> OperationHandle:
        """Play sounds to the call (Graph's page *call: playPrompt*); Microsoft must handle the media.

        Parameters
        ----------
        prompts : str, MediaInfo, Prompt, dict, or an iterable of these
            The https address of a WAV file (mono, 16 bit, 16 kHz), a ``MediaInfo``, or a prompt of
            :mod:`graphcall_nb.graph.models`; 20 at most. Prompts are queued behind those that play.
        loop : bool, optional
            Play without end (beta).
        client_context : str, optional
            A text of 256 characters at most, returned in the notifications of the operation.

        Examples
        --------
        >>> import graphcall_nb as gc
        >>> with gc.simulate(speed=100) as session:
        ...     call = session.create_call(gc.templates.peer_to_peer())
        ...     call.wait_for("established", timeout=10)
        ...     operation = call.play_prompt("https://cdn.contoso.com/beep.wav")
        ...     operation.wait(timeout=10).result_info.code in (200, "200")
        True
        """
        return self._start(PlayPrompt.from_kwargs(prompts=prompts, loop=loop, client_context=client_context))

    def record_response(
        self,
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
    ) -> OperationHandle:
        """Record a short answer of the callee (Graph's page *call: recordResponse*; beta calls it ``record``).

        Parameters
        ----------
        prompts : as for :meth:`play_prompt`, optional
            A sound to play before; one at most.
        max_record_duration_in_seconds : int, optional
            1 to 120; Graph's default is 5.
        initial_silence_timeout_in_seconds, max_silence_timeout_in_seconds : int, optional
            Longest silence before and within the answer; 1 to 120, Graph's default is 5.
        barge_in_allowed : bool, optional
            Interrupt queued prompts.
        play_beep : bool, optional
            Play a beep before the recording; Graph's default is true.
        stop_tones : iterable of str, optional
            Keys that end it, for example ``["#", "1"]``.
        stream_while_recording : bool, optional
            Of beta only.
        client_context : str, optional
            A text of 256 characters at most, returned in the notifications of the operation.

        Returns
        -------
        OperationHandle
            After its ``wait()`` it holds ``recording_location`` and ``recording_access_token``: Microsoft keeps the
            recording for a short time only. Recording people may need their consent.
        """
        return self._start(
            RecordResponse.from_kwargs(
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
        )

    def recording(self, operation: Operation) -> bytes:
        """Fetch a recording: a WAV file. Microsoft keeps it for a short time only.

        Parameters
        ----------
        operation : Operation
            The result of :meth:`record_response`, after its end.

        Examples
        --------
        >>> import graphcall_nb as gc
        >>> with gc.simulate(version="v1.0", speed=100) as session:
        ...     call = session.create_call(gc.templates.peer_to_peer())
        ...     call.wait_for("established", timeout=10)
        ...     operation = call.record_response(max_record_duration_in_seconds=2).wait(timeout=10)
        ...     call.recording(operation)[:4]
        b'RIFF'
        """
        return self._client.run(self._client.calls.recording(self.id, operation))

    def cancel_media_processing(self, *, all: bool | None = None, client_context: str | None = None) -> OperationHandle:
        """Stop the playing and queued media operations (Graph's page *call: cancelMediaProcessing*).

        Parameters
        ----------
        all : bool, optional
            Of beta only: true cancels all operations, false the running one. A tone subscription stays.
        client_context : str, optional
            A text of 256 characters at most.
        """
        return self._start(CancelMediaProcessing.from_kwargs(all=all, client_context=client_context))

    def subscribe_to_tone(self, *, client_context: str | None = None) -> OperationHandle:
        """Subscribe to the keys that the callee presses (Graph's page *call: subscribeToTone*).

        Each comes as a notification with ``tone``, such as ``tone1`` or ``pound``. Microsoft must handle the media.
        """
        return self._start(SubscribeToTone.from_kwargs(client_context=client_context))

    def send_dtmf_tones(
        self,
        tones: str | Iterable[str],
        *,
        delay_between_tones_ms: int | None = None,
        client_context: str | None = None,
    ) -> OperationHandle:
        """Send keypad tones (Graph's page *call: sendDtmfTones*).

        Parameters
        ----------
        tones : str or iterable of str
            Keys as on a telephone, ``"12#"``, or Graph's names, ``["tone1", "tone2", "pound"]``.
        delay_between_tones_ms : int, optional
            Pause between two keys, in milliseconds.
        client_context : str, optional
            A text of 256 characters at most, returned in the notifications of the operation.
        """
        return self._start(
            SendDtmfTones.from_kwargs(
                tones=tones, delay_between_tones_ms=delay_between_tones_ms, client_context=client_context
            )
        )

    def mute(self, *, client_context: str | None = None) -> OperationHandle:
        """Mute the application itself (Graph's page *call: mute*)."""
        return self._start(Mute.from_kwargs(client_context=client_context))

    def unmute(self, *, client_context: str | None = None) -> OperationHandle:
        """Unmute the application itself (Graph's page *call: unmute*)."""
        return self._start(Unmute.from_kwargs(client_context=client_context))

    def keep_alive(self) -> None:
        """Tell the service that the application still runs (Graph's page *call: keepAlive*).

        Send it every 15 minutes; without one for 45 minutes the service ends the call. Raises ``NotFound`` for a call
        that has ended.
        """
        self._send(KeepAlive())

    def change_screen_sharing_role(self, role: Literal["viewer", "sharer"]) -> None:
        """Share the screen, or only view (Graph's page *call: changeScreenSharingRole*).

        For group calls whose media the application handles itself.
        """
        self._send(ChangeScreenSharingRole.from_kwargs(role=role))

    def update_recording_status(
        self, status: Literal["unknown", "notRecording", "recording", "failed"], *, client_context: str | None = None
    ) -> OperationHandle:
        """Report whether the application records (Graph's page *call: updateRecordingStatus*).

        For recording that a Teams policy requires; an application must report it before it stores anything.

        Parameters
        ----------
        status : {"unknown", "notRecording", "recording", "failed"}
            State of the recording.
        client_context : str, optional
            A text of 256 characters at most, returned in the notifications of the operation.
        """
        return self._start(UpdateRecordingStatus.from_kwargs(status=status, client_context=client_context))

    def start_recording(self, *, client_context: str | None = None) -> OperationHandle:
        """Start Teams' recording of the call (beta's page *call: startRecording*)."""
        return self._start(StartRecording.from_kwargs(client_context=client_context))

    def stop_recording(self, *, client_context: str | None = None) -> OperationHandle:
        """Stop Teams' recording of the call (beta's page *call: stopRecording*)."""
        return self._start(StopRecording.from_kwargs(client_context=client_context))

    def start_transcription(self, *, language: str | None = None, client_context: str | None = None) -> OperationHandle:
        """Start Teams' transcription of the call (beta's page *call: startTranscription*).

        Parameters
        ----------
        language : str, optional
            Language tag of the speech, such as ``"en-us"``.
        client_context : str, optional
            A text of 256 characters at most, returned in the notifications of the operation.
        """
        return self._start(StartTranscription.from_kwargs(language=language, client_context=client_context))

    def stop_transcription(self, *, language: str | None = None, client_context: str | None = None) -> OperationHandle:
        """Stop Teams' transcription of the call (beta's page *call: stopTranscription*).

        Parameters
        ----------
        language, client_context : str, optional
            As in :meth:`start_transcription`.
        """
        return self._start(StopTranscription.from_kwargs(language=language, client_context=client_context))

    # ---- participants of group and meeting calls

    def participants(self) -> list[Participant]:
        """Request the present participants from the service (Graph's page *List participants*).

        :meth:`graphcall_nb.Session.participants` has those of the notifications.
        """
        return self._client.run(self._client.calls.participants(self.id))

    def participant(self, participant_id: str) -> Participant:
        """Request one participant (Graph's page *Get participant*). Raises ``NotFound`` for an unknown id."""
        return self._client.run(self._client.calls.participant(self.id, participant_id))

    def invite(
        self,
        participants: Target | Iterable[Target],
        *,
        replaces_call_id: str | None = None,
        client_context: str | None = None,
    ) -> OperationHandle:
        """Invite participants into the call (Graph's page *participant: invite*); for group calls that have a chat.

        Parameters
        ----------
        participants : str, Identity, ParticipantInfo, dict, or an iterable of these
            One to five of: a user's object id, a phone number that begins with a plus, an ``Identity`` of a user, a
            ``ParticipantInfo``.
        replaces_call_id : str, optional
            An existing call with the participant, which ends when the participant is in this call.
        client_context : str, optional
            A text of 256 characters at most, returned in the notifications of the operation.

        Raises
        ------
        IllegalAction
            When the call is not established; nothing was sent.
        InvalidCall
            When a limit is exceeded; ``problems`` names the field. Nothing was sent.
        """
        invited = to_participants(participants, replaces_call_id=replaces_call_id)
        return self._start(InviteParticipants.from_kwargs(participants=invited, client_context=client_context))

    def mute_participant(self, participant_id: str, *, client_context: str | None = None) -> OperationHandle:
        """Mute one participant (Graph's page *participant: mute*); a roster notification follows.

        Parameters
        ----------
        participant_id : str
            Graph's id of the participant; :meth:`participants` has it.
        client_context : str, optional
            A text of 256 characters at most, returned in the notifications of the operation.
        """
        return self._start(MuteParticipant.from_kwargs(participant_id=participant_id, client_context=client_context))

    def mute_participants(
        self, participant_ids: Iterable[str] = (), *, client_context: str | None = None
    ) -> OperationHandle:
        """Mute several participants; without ids, all of them (beta's *participants: muteAll*).

        v1.0 has no such operation; :meth:`mute_participant` mutes one at a time.

        Parameters
        ----------
        participant_ids : iterable of str
            Graph's ids of the participants; empty for all of them.
        client_context : str, optional
            A text of 256 characters at most, returned in the notifications of the operation.

        Raises
        ------
        IllegalAction
            When the session uses v1.0.
        """
        return self._start(MuteAll.from_kwargs(participants=participant_ids, client_context=client_context))

    def remove_participant(self, participant_id: str) -> None:
        """Remove one participant from the call (Graph's page *Delete participant*), without notifying that user."""
        self._send(RemoveParticipant.from_kwargs(participant_id=participant_id))

    def start_hold_music(
        self,
        participant_id: str,
        *,
        custom_prompt: MediaPrompt | Mapping[str, Any] | None = None,
        client_context: str | None = None,
    ) -> OperationHandle:
        """Put one participant on hold with music (Graph's page *participant: startHoldMusic*).

        Parameters
        ----------
        participant_id : str
            Graph's id of the participant.
        custom_prompt : MediaPrompt or dict, optional
            The music; Graph's own by default.
        client_context : str, optional
            A text of 256 characters at most, returned in the notifications of the operation.
        """
        return self._start(
            StartHoldMusic.from_kwargs(
                participant_id=participant_id, custom_prompt=custom_prompt, client_context=client_context
            )
        )

    def stop_hold_music(self, participant_id: str, *, client_context: str | None = None) -> OperationHandle:
        """Bring one participant on hold back into the call (Graph's page *participant: stopHoldMusic*).

        Parameters
        ----------
        participant_id : str
            Graph's id of the participant; :meth:`participants` has it.
        client_context : str, optional
            A text of 256 characters at most, returned in the notifications of the operation.
        """
        return self._start(StopHoldMusic.from_kwargs(participant_id=participant_id, client_context=client_context))

    def report_synthetic_media(
        self,
        participant_id: str,
        *,
        overall_confidence: float,
        is_malicious: bool,
        content_metadata: Mapping[str, Any],
        detections: Iterable[Mapping[str, Any]],
        severity: Literal["low", "medium", "high"] | None = None,
        id: str | None = None,
        detection_date_time: str | None = None,
    ) -> None:
        """Report that the media of a participant seems synthetic (beta's page *participant: reportSyntheticMedia*).

        The roster then shows the participant's ``syntheticMediaDetection``. Microsoft asks for one report a minute and
        participant at most.

        Parameters
        ----------
        participant_id : str
            Graph's id of the participant; :meth:`participants` has it.
        overall_confidence : float
            0 to 1.
        is_malicious : bool
            Whether the intent is found to be malicious.
        content_metadata : dict
            Graph's ``mediaMetadata`` of the analyzed content, such as ``{"modality": "audio", "isRealTime": True}``.
        detections : iterable of dict
            Graph's ``syntheticMediaDetectionDetail``, for each model or segment.
        severity : {"low", "medium", "high"}, optional
            Severity, which should correspond to the confidence.
        id : str, optional
            A GUID of the detection; a new one by default.
        detection_date_time : str, optional
            Time of the analysis in ISO 8601 and UTC; now by default.
        """
        self._send(
            ReportSyntheticMedia.from_kwargs(
                participant_id=participant_id,
                id=id or str(uuid.uuid4()),
                detection_date_time=detection_date_time or datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                severity=severity,
                overall_confidence=overall_confidence,
                is_malicious=is_malicious,
                content_metadata=content_metadata,
                detections=list(detections),
            )
        )

    def update_metadata(self, metadata: str | None = None, *, client_context: str | None = None) -> OperationHandle:
        """Set the metadata of the application's own participant (*call: updateMetadata*, a page of beta in 2018).

        Parameters
        ----------
        metadata : str, optional
            A text that the roster shows; none removes it.
        client_context : str, optional
            A text of 256 characters at most, returned in the notifications of the operation.
        """
        return self._start(UpdateMetadata.from_kwargs(metadata=metadata, client_context=client_context))

    def log_teleconference_device_quality(self, quality: Mapping[str, Any]) -> None:
        """Report the media quality of a teleconferencing device (Graph's page *call: logTeleconferenceDeviceQuality*).

        For partners of Microsoft's Cloud Video Interop.

        Parameters
        ----------
        quality : dict
            Graph's ``teleconferenceDeviceQuality``; the participant of this call is added if it is missing.
        """
        me = {"participantId": self.call.my_participant_id} if self.call.my_participant_id else {}
        kind = {"@odata.type": "#microsoft.graph.teleconferenceDeviceQuality"}
        self._send(LogTeleconferenceDeviceQuality.from_kwargs(quality={**kind, **me, **quality}))

    # ---- content sharing and audio routes

    def content_sharing_sessions(self) -> list[ContentSharingSession]:
        """Request the sessions in which content is shared (Graph's page *List contentSharingSessions*).

        Notifications of them need ``CallOptions(is_content_sharing_notification_enabled=True)`` in the call.
        """
        return self._fetch_all(ContentSharingSession, ListContentSharingSessions())

    def content_sharing_session(self, session_id: str) -> ContentSharingSession:
        """Request one session in which content is shared. Raises ``NotFound`` for an unknown id."""
        return self._fetch(ContentSharingSession, GetContentSharingSession.from_kwargs(session_id=session_id))

    def audio_routing_groups(self) -> list[AudioRoutingGroup]:
        """Request the audio routing groups of the call (Graph's resource *audioRoutingGroup*)."""
        return self._fetch_all(AudioRoutingGroup, ListAudioRoutingGroups())

    def audio_routing_group(self, group_id: str) -> AudioRoutingGroup:
        """Request one audio routing group. Raises ``NotFound`` for an unknown id."""
        return self._fetch(AudioRoutingGroup, GetAudioRoutingGroup.from_kwargs(group_id=group_id))

    def create_audio_routing_group(
        self,
        sources: str | Iterable[str],
        receivers: str | Iterable[str],
        *,
        routing_mode: Literal["oneToOne", "multicast"] | None = None,
        id: str | None = None,
    ) -> AudioRoutingGroup:
        """Create a private audio route in a group call (Graph's page *Create audioRoutingGroup*).

        Parameters
        ----------
        sources : str
            Id of the participant who speaks, who is one.
        receivers : str or iterable of str
            Ids of the participants who listen.
        routing_mode : {"oneToOne", "multicast"}, optional
            By default ``"multicast"`` for several receivers.
        id : str, optional
            An id of your own for the group.
        """
        listeners = as_list(receivers)
        mode = routing_mode or ("multicast" if len(listeners) > 1 else "oneToOne")
        action = CreateAudioRoutingGroup.from_kwargs(id=id, routing_mode=mode, sources=sources, receivers=listeners)
        return self._fetch(AudioRoutingGroup, action)

    def update_audio_routing_group(
        self,
        group_id: str,
        *,
        receivers: str | Iterable[str] | None = None,
        sources: str | Iterable[str] | None = None,
        routing_mode: Literal["oneToOne", "multicast"] | None = None,
        id: str | None = None,
    ) -> AudioRoutingGroup:
        """Change an audio routing group (Graph's page *Update audio routing group*).

        Parameters
        ----------
        group_id : str
            Id of the group; :meth:`audio_routing_groups` has it.
        receivers, sources, routing_mode, id : optional
            As in :meth:`create_audio_routing_group`; what is left out stays as it is.
        """
        action = UpdateAudioRoutingGroup.from_kwargs(
            group_id=group_id, id=id, routing_mode=routing_mode, sources=sources, receivers=receivers
        )
        return self._fetch(AudioRoutingGroup, action)

    def delete_audio_routing_group(self, group_id: str) -> None:
        """Remove an audio routing group (Graph's page *Delete audioRoutingGroup*)."""
        self._send(DeleteAudioRoutingGroup.from_kwargs(group_id=group_id))

    def add_large_gallery_view(self, *, client_context: str | None = None) -> OperationHandle:
        """Add the large gallery view to a group call (Graph's page *call: addLargeGalleryView*)."""
        return self._start(AddLargeGalleryView.from_kwargs(client_context=client_context))

    # ---- sending

    def _send(self, action: Action) -> Operation | None:
        """Send an action, if the state of the call allows it."""
        self._check_allowed(action)
        return self._client.run(self._client.calls.perform(self.id, action))

    def _start(self, action: OperationAction) -> OperationHandle:
        """Send an action that the service carries out as an operation, if the state of the call allows it."""
        self._check_allowed(action)
        return self._make_handle(self._client.run(self._client.calls.perform(self.id, action)))

    def _fetch(self, kind: type[R], action: Action) -> R:
        self._check_allowed(action)
        return self._client.run(self._client.calls.fetch(kind, self.id, action))

    def _fetch_all(self, kind: type[R], action: Action) -> list[R]:
        return self._client.run(self._client.calls.fetch_all(kind, self.id, action))

    def _check_allowed(self, action: Action) -> None:
        if reason := reason_not_allowed(action.name, self.state or self.call.state):
            if action.call_method == "hang_up":  # known by its method, not by Graph's name
                reason = f"hang_up ({action.name}){reason.removeprefix(action.name)}"
            raise IllegalAction(f"{reason} Nothing was sent.")

    def _make_handle(self, operation: Operation) -> OperationHandle:
        return OperationHandle.from_json_dict(operation.to_json_dict()).bind(self.wait_for_operation)

    def __repr__(self) -> str:
        call = self.call
        try:
            if call.source is None and call.targets is None:
                call = read_announced_call(self._calls, self.id)
            state = self.state or "no notification yet"
        except SessionClosed:
            state = "session closed"
        except JournalError:  # a repr must not fail
            state = "the journal cannot be read now"
        id = self.id if len(self.id) <= 12 else f"{self.id[:8]}…"
        return f"<CallHandle {id}: {describe_call(call)}, {state}>"

    def __setattr__(self, name: str, value: Any) -> None:
        if "_delivered_tones" in self.__dict__:  # the last one that __init__ sets
            check_attribute(self, name, "Fields of the call are set before it is created.")
        super().__setattr__(name, value)

    def _repr_html_(self) -> str:
        return f"<code>{escape(repr(self))}</code>"


def read_announced_call(calls: CallStore, call_id: str) -> Call:
    """Return an incoming call as its first notification describes it; with its id alone if that cannot be read."""
    status = calls.status(call_id)
    try:
        return Call.from_json_dict({**read_resource_data(status.announcement), "id": call_id})
    except InvalidCall:
        # A call with an announcement that cannot be read can still be answered.
        return Call(id=call_id, state=INCOMING)


def _get_graph_name(action: str) -> str:
    methods = {each.call_method: name for name, each in ACTIONS.items()}
    names = {name: name for name in ACTIONS} | methods
    if not isinstance(action, str) or action not in names:
        advice = did_you_mean(str(action), names) or f"there are {', '.join(methods)}."
        raise ValueError(f"Unknown action {action!r}; {advice}")
    return names[action]


def _check_state(state: str) -> str:
    """Return Graph's spelling of a state. A state that Graph may add later is accepted, a typing error is not."""
    if not isinstance(state, str) or not state:
        raise TypeError(f"state: {state!r} is not the name of a state; there are {', '.join(STATES)}.")
    name = canonical_state(state)
    meant = SYNONYMS.get(re.sub(r"[\s_\-]", "", name).lower())
    if meant is not None:
        raise ValueError(f"state: {state!r} is not a state of Graph; use {meant!r}. There are {', '.join(STATES)}.")
    if name not in STATES and did_you_mean(name, STATES):
        raise ValueError(unknown_name_message("state", state, STATES))
    return name
