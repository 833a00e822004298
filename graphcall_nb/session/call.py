"""The handle of a call."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

from .._arguments import did_you_mean, unknown_name_message
from ..errors import IllegalAction, JournalError
from ..graph.coerce import Sound, Target
from ..graph.models import Call, CallOptions, MediaConfig, Participant
from ..graph.operations import ACTIONS, Operation, reason_not_allowed
from ..graph.states import STATES, canonical_state

if TYPE_CHECKING:
    from ..client.calls import AsyncCalls
    from .session import Session

Wait = Callable[[Operation, float | None], Operation]


class OperationHandle(Operation):
    """An :class:`~graphcall_nb.graph.operations.Operation` that knows the call it belongs to.

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

    @classmethod
    def of(cls, operation: Operation, wait: Wait) -> Self:
        made = cls.from_json_dict(operation.to_json_dict())
        made._wait = wait
        return made

    def wait(self, timeout: float | None = 30.0) -> Self:
        """Wait until the operation has ended; it then says how (``status``, ``result_info``, …).

        Parameters and errors are those of :meth:`graphcall_nb.CallHandle.wait_for_operation`.
        """
        ended = self._wait(self, timeout)
        for name in ended.model_fields_set & type(self).model_fields.keys():
            setattr(self, name, getattr(ended, name))
        if self.model_extra is not None:
            self.model_extra.update(ended.model_extra or {})
        return self


T = TypeVar("T")

_METHODS = {"hang_up": "delete", "invite": "inviteParticipants", "mute_participants": "muteAll"}
"""What is not Graph's name in Python's spelling."""


class Acting:
    """A call and the session it belongs to."""

    def __init__(self, session: Session, call: Call) -> None:
        self._session = session
        self._heard: set[int] = set()
        self.call = call

    @property
    def id(self) -> str:
        """Graph's id of the call."""
        return self.call.id or ""

    @property
    def state(self) -> str | None:
        """The present state; ``None`` before the first notification."""
        return self._session.call_status(self.id).state

    def reason_not_allowed(self, action: str) -> str | None:
        """Why the present state forbids an action; ``None`` where it does not.

        Before the first notification, the state is the one in the service's answer.

        Parameters
        ----------
        action : the name of a method of this handle, ``"play_prompt"``, or Graph's, ``"playPrompt"``

        Raises
        ------
        ValueError
            When there is no such action.
        """
        return reason_not_allowed(_graphs_name(action), self.state or self.call.state)

    def _do(self, action: str, ask: Callable[[AsyncCalls], Awaitable[T]], *, method: str = "") -> T:
        """Ask the service for an action, unless the call's state forbids it: then nothing is sent.

        ``method`` is what people call it by here, where Graph's name would not be recognized.
        """
        reason = reason_not_allowed(action, self.state or self.call.state)
        if reason and method:
            reason = reason.replace(action, f"{method} ({action})", 1)
        if reason:
            raise IllegalAction(f"{reason} Nothing was sent.")
        return self._ask(ask)

    def _operate(self, action: str, ask: Callable[[AsyncCalls], Awaitable[Operation]]) -> OperationHandle:
        return OperationHandle.of(self._do(action, ask), self.wait_for_operation)

    def _ask(self, ask: Callable[[AsyncCalls], Awaitable[T]]) -> T:
        session = self._session

        async def asked() -> T:
            return await ask(session.async_calls)

        return session.run(asked())

    def wait_for_operation(self, operation: Operation | str, timeout: float | None = 30.0) -> Operation:
        """Wait until an operation of this call has ended, as the journal tells it.

        Parameters
        ----------
        operation : what a method of this handle returned, or its id
        timeout : in seconds; ``None`` waits without end. Interrupting the cell ends the wait.

        Returns
        -------
        Operation
            As the service told of its end; ``failed`` and ``result_info`` say how it ended.

        Raises
        ------
        Timeout
            When the time is over.
        CallEnded
            When the call ended before it.
        """
        if not isinstance(operation, Operation | str):
            raise TypeError(f"operation: give what a method returned, or its id, not {type(operation).__name__}.")
        if isinstance(operation, Operation) and operation.done:
            return operation
        id = operation if isinstance(operation, str) else operation.id or ""
        return self._session.run(self._session._operation_ended(self.id, id, timeout))


def _graphs_name(action: str) -> str:
    names = {name: name for name in ACTIONS} | {_in_python(name): name for name in ACTIONS} | _METHODS
    if not isinstance(action, str) or action not in names:
        advice = did_you_mean(str(action), names) or f"there are {', '.join([*ACTIONS, *_METHODS])}."
        raise ValueError(f"There is no action {action!r}; {advice}")
    return names[action]


def _in_python(name: str) -> str:
    return re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name)


class Arriving(Acting):
    """Actions on an incoming call; Graph waits 15 seconds for one of them, then the call has been missed."""

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
        callback_uri : where further notifications of this call shall go; the session's own by default
        accepted_modalities : any of ``"audio"``, ``"video"``, ``"videoBasedScreenSharing"``
        media_config : who handles the media; Microsoft by default (``ServiceHostedMediaConfig``)
        participant_capacity : how many participants a recording application can take (v1.0)
        call_options : incoming call options (v1.0)

        Raises
        ------
        IllegalAction
            When the call is not incoming (any more); nothing was sent.

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
        uri = callback_uri or self._session.callback_uri
        self._do(
            "answer",
            lambda calls: calls.answer(
                self.id,
                uri,
                accepted_modalities=accepted_modalities,
                media_config=media_config,
                participant_capacity=participant_capacity,
                call_options=call_options,
            ),
        )
        self._session._notified_at(self.id, uri)

    def reject(self, reason: Literal["none", "busy", "forbidden"] = "none", *, callback_uri: str | None = None) -> None:
        """Refuse the call (Graph's page *call: reject*).

        Parameters
        ----------
        reason : what the caller is told
        callback_uri : where further notifications of this call shall go (v1.0)

        Raises
        ------
        IllegalAction
            When the call is not incoming (any more); nothing was sent.
        """
        self._do("reject", lambda calls: calls.reject(self.id, reason, callback_uri=callback_uri))

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
        """Send the call on to somebody else without answering it (Graph's page *call: redirect*).

        Parameters
        ----------
        targets
            One or several of: a user's object id, a phone number that begins with a plus, an ``Identity`` of a user,
            a ``ParticipantInfo``. Several ring at once, 25 at most.
        timeout : for how many seconds it shall ring there, 15 to 90; Graph takes 55 for one target, 60 for several
        callback_uri : where further notifications of this call shall go (v1.0)
        target_disposition, mask_callee, mask_caller : of beta only

        Raises
        ------
        IllegalAction
            When the call is not incoming (any more); nothing was sent.
        InvalidCall
            When a limit is broken; ``problems`` names the field. Nothing was sent.
        """
        self._do(
            "redirect",
            lambda calls: calls.redirect(
                self.id,
                targets,
                timeout=timeout,
                callback_uri=callback_uri,
                target_disposition=target_disposition,
                mask_callee=mask_callee,
                mask_caller=mask_caller,
            ),
        )


class Talking(Acting):
    """Actions on an established call. All raise ``IllegalAction``, with the reason, where the state forbids them, and
    ``InvalidCall``, with the field, where a limit of Graph's page is broken; nothing was sent then."""

    def transfer(
        self,
        target: Target,
        *,
        replaces_call_id: str | None = None,
        transferee: Target | None = None,
        client_context: str | None = None,
    ) -> OperationHandle | None:
        """Hand the call over to somebody else (Graph's page *call: transfer*).

        Parameters
        ----------
        target
            Who shall have it: a user's object id, a phone number that begins with a plus, an ``Identity`` of a user,
            or a ``ParticipantInfo``.
        replaces_call_id
            The application's own call with ``target``, which ends when the two are put through: a consultative
            transfer. Without it the transfer is blind.
        transferee : who of a group call is handed over (v1.0)
        client_context : a text of 256 characters at most

        Returns
        -------
        OperationHandle or None
            Beta tells of the transfer by an operation. v1.0 tells of it by the states ``transferring``,
            ``transferAccepted`` and ``terminated``, or ``established`` again where it failed.
        """
        operation = self._do(
            "transfer",
            lambda calls: calls.transfer(
                self.id,
                target,
                replaces_call_id=replaces_call_id,
                transferee=transferee,
                client_context=client_context,
            ),
        )
        return OperationHandle.of(operation, self.wait_for_operation) if operation else None

    def play_prompt(
        self, prompts: Sound | Iterable[Sound], *, loop: bool | None = None, client_context: str | None = None
    ) -> OperationHandle:
        """Play sounds to the call (Graph's page *call: playPrompt*); Microsoft must handle the media.

        Parameters
        ----------
        prompts
            One or several of: the https address of a WAV file (mono, 16 bit, 16 kHz), a ``MediaInfo``, a prompt of
            :mod:`graphcall_nb.models`; 20 at most. Prompts asked for while one plays are played after it.
        loop : play without end (beta)
        client_context : a text of 256 characters at most, to know the operation by

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
        return self._operate(
            "playPrompt",
            lambda calls: calls.play_prompt(self.id, prompts, loop=loop, client_context=client_context),
        )

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
        """Record a short answer of the caller (Graph's page *call: recordResponse*; beta calls it ``record``).

        Parameters
        ----------
        prompts : a sound to play before, as for :meth:`play_prompt`; one at most
        max_record_duration_in_seconds : 1 to 120; Graph takes 5
        initial_silence_timeout_in_seconds, max_silence_timeout_in_seconds
            How long the caller may say nothing, before and between; 1 to 120, Graph takes 5.
        barge_in_allowed : go before what is queued
        play_beep : a beep before the recording; Graph plays one
        stop_tones : keys that end it, for example ``["#", "1"]``
        stream_while_recording : of beta only
        client_context : a text of 256 characters at most, to know the operation by

        Returns
        -------
        OperationHandle
            After its ``wait()`` it holds ``recording_location`` and ``recording_access_token``: Microsoft keeps the
            recording for a short time only. Recording people may need their consent.
        """
        return self._operate(
            "recordResponse",
            lambda calls: calls.record_response(
                self.id,
                prompts,
                max_record_duration_in_seconds=max_record_duration_in_seconds,
                initial_silence_timeout_in_seconds=initial_silence_timeout_in_seconds,
                max_silence_timeout_in_seconds=max_silence_timeout_in_seconds,
                barge_in_allowed=barge_in_allowed,
                play_beep=play_beep,
                stop_tones=stop_tones,
                stream_while_recording=stream_while_recording,
                client_context=client_context,
            ),
        )

    def recording(self, operation: Operation) -> bytes:
        """Fetch what was recorded: a WAV file. Microsoft keeps it for a short time only.

        Parameters
        ----------
        operation : of :meth:`record_response`, after its end

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
        return self._ask(lambda calls: calls.recording(self.id, operation))

    def cancel_media_processing(self, *, all: bool | None = None, client_context: str | None = None) -> OperationHandle:
        """Stop what is played or recorded and what is queued (Graph's page *call: cancelMediaProcessing*).

        ``all`` is of beta only: the one operation under way, or all. A tone subscription stays.
        """
        return self._operate(
            "cancelMediaProcessing",
            lambda calls: calls.cancel_media_processing(self.id, all=all, client_context=client_context),
        )

    def subscribe_to_tone(self, *, client_context: str | None = None) -> OperationHandle:
        """Be told of the keys that the other side presses (Graph's page *call: subscribeToTone*).

        Each comes as a notification with ``tone``, such as ``tone1`` or ``pound``. Microsoft must handle the media.
        """
        return self._operate(
            "subscribeToTone", lambda calls: calls.subscribe_to_tone(self.id, client_context=client_context)
        )

    @property
    def tones(self) -> list[str]:
        """The keys that the other side has pressed so far, in order: ``tone1``, ``pound``, …"""
        return [tone for _, tone in sorted(self._session.call_status(self.id).tones.items())]

    def wait_for_tone(self, timeout: float | None = 30.0) -> str:
        """Wait for the next key that the other side presses, after :meth:`subscribe_to_tone`; each is given out once.

        Parameters
        ----------
        timeout : in seconds; ``None`` waits without end. Interrupting the cell ends the wait.

        Returns
        -------
        str
            Graph's name of the key: ``"tone0"`` to ``"tone9"``, ``"star"``, ``"pound"``, ``"a"`` to ``"d"``,
            ``"flash"``

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
        return self._session.run(self._session._next_tone(self.id, self._heard, timeout))

    def send_dtmf_tones(
        self,
        tones: str | Iterable[str],
        *,
        delay_between_tones_ms: int | None = None,
        client_context: str | None = None,
    ) -> OperationHandle:
        """Press keys (Graph's page *call: sendDtmfTones*).

        Parameters
        ----------
        tones : keys as on the telephone, ``"12#"``, or Graph's names, ``["tone1", "tone2", "pound"]``
        delay_between_tones_ms : the pause between two keys
        client_context : a text of 256 characters at most, to know the operation by
        """
        return self._operate(
            "sendDtmfTones",
            lambda calls: calls.send_dtmf_tones(
                self.id, tones, delay_between_tones_ms=delay_between_tones_ms, client_context=client_context
            ),
        )

    def mute(self, *, client_context: str | None = None) -> OperationHandle:
        """Mute the application itself (Graph's page *call: mute*)."""
        return self._operate("mute", lambda calls: calls.mute(self.id, client_context=client_context))

    def unmute(self, *, client_context: str | None = None) -> OperationHandle:
        """Let the application be heard again (Graph's page *call: unmute*)."""
        return self._operate("unmute", lambda calls: calls.unmute(self.id, client_context=client_context))

    def keep_alive(self) -> None:
        """Tell the service that the application still lives (Graph's page *call: keepAlive*).

        Every 15 minutes is advised; without one for 45 minutes the service ends the call. A call that has ended is not
        found.
        """
        self._do("keepAlive", lambda calls: calls.keep_alive(self.id))

    def change_screen_sharing_role(self, role: Literal["viewer", "sharer"]) -> None:
        """Share the screen, or only look on (Graph's page *call: changeScreenSharingRole*).

        For group calls whose media the application handles itself.
        """
        self._do("changeScreenSharingRole", lambda calls: calls.change_screen_sharing_role(self.id, role))

    def update_recording_status(
        self, status: Literal["unknown", "notRecording", "recording", "failed"], *, client_context: str | None = None
    ) -> OperationHandle:
        """Say whether the application records (Graph's page *call: updateRecordingStatus*).

        For recording that a Teams policy asks for; an application must say so before it stores anything.
        """
        return self._operate(
            "updateRecordingStatus",
            lambda calls: calls.update_recording_status(self.id, status, client_context=client_context),
        )


class People(Acting):
    """Actions on the participants of a group or meeting call."""

    def participants(self) -> list[Participant]:
        """Who is in the call now, as the service tells it (Graph's page *List participants*).

        What the notifications told so far is in :meth:`graphcall_nb.Session.participants`.
        """
        return self._ask(lambda calls: calls.participants(self.id))

    def participant(self, participant_id: str) -> Participant:
        """One participant (Graph's page *Get participant*). Raises ``NotFound`` when nobody of that id is there."""
        return self._ask(lambda calls: calls.participant(self.id, participant_id))

    def invite(
        self,
        participants: Target | Iterable[Target],
        *,
        replaces_call_id: str | None = None,
        client_context: str | None = None,
    ) -> OperationHandle:
        """Ask somebody into the call (Graph's page *participant: invite*); for group calls that have a chat.

        Parameters
        ----------
        participants
            One to five of: a user's object id, a phone number that begins with a plus, an ``Identity`` of a user, a
            ``ParticipantInfo``.
        replaces_call_id : a call with that person, which ends when the person is in this one
        client_context : a text of 256 characters at most, to know the operation by

        Raises
        ------
        IllegalAction
            When the call is not established; nothing was sent.
        InvalidCall
            When a limit is broken; ``problems`` names the field. Nothing was sent.
        """
        return self._operate(
            "inviteParticipants",
            lambda calls: calls.invite(
                self.id, participants, replaces_call_id=replaces_call_id, client_context=client_context
            ),
        )

    def mute_participant(self, participant_id: str, *, client_context: str | None = None) -> OperationHandle:
        """Mute one participant (Graph's page *participant: mute*); a roster notification follows."""
        return self._operate(
            "muteParticipant",
            lambda calls: calls.mute_participant(self.id, participant_id, client_context=client_context),
        )

    def mute_participants(
        self, participant_ids: Iterable[str] = (), *, client_context: str | None = None
    ) -> OperationHandle:
        """Mute some participants, or all where none is named (beta's *participants: muteAll*).

        v1.0 has no such operation and raises ``IllegalAction``; :meth:`mute_participant` mutes one at a time.
        """
        return self._operate(
            "muteAll", lambda calls: calls.mute_participants(self.id, participant_ids, client_context=client_context)
        )

    def remove_participant(self, participant_id: str) -> None:
        """Take one participant out of the call (Graph's page *Delete participant*); that side is not notified."""
        self._do("removeParticipant", lambda calls: calls.remove_participant(self.id, participant_id))


class CallHandle(Arriving, Talking, People):
    """A call that was placed or came in. Its state is read from the journal, so it is never ahead of the frames.

    Attributes
    ----------
    id : Graph's id of the call
    state : the present state, for example ``"ringing"``; ``None`` before the first notification
    call : the call as the service last described it; :meth:`refresh` asks again

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

    def wait_for(
        self, state: str | Iterable[str] = "established", timeout: float | None = 30.0, *, now: bool = False
    ) -> None:
        """Wait until the call has been in a state; returns at once when it has been there before.

        Parameters
        ----------
        state : one state or several, of which any will do
        timeout : in seconds; ``None`` waits without end. Interrupting the cell ends the wait.
        now
            Wait until the call is in the state at present, wherever it has been before: for example until it is
            established again after a transfer that failed.

        Raises
        ------
        Timeout
            When the time is over; the message says where the call stands.
        CallEnded
            When the call has ended and can no longer come there; the message says why it ended.
        """
        if not isinstance(state, Iterable):
            raise TypeError(f"state: give the name of a state, or several, not {type(state).__name__}.")
        wanted = frozenset(_check_state(name) for name in ([state] if isinstance(state, str) else state))
        if not wanted:
            raise ValueError(f"state: give at least one, such as 'established'; there are {', '.join(STATES)}.")
        self._session.run(self._session._reached(self.id, wanted, timeout, now=now))

    def refresh(self) -> Call:
        """Ask the service for the call and return it; a call that ended a while ago is not found."""
        self.call = self._ask(lambda calls: calls.get(self.id))
        return self.call

    def hang_up(self) -> None:
        """End the call (Graph's *delete*): of a group call, the application's own leg."""
        self._do("delete", lambda calls: calls.delete(self.id), method="hang_up")

    def __repr__(self) -> str:
        summary = repr(self.call).removeprefix("<Call ").removesuffix(">")
        try:
            state = "session closed" if self._session.closed else self.state or "no notification yet"
        except JournalError:  # a repr must not fail
            state = "the journal cannot be read now"
        return f"<CallHandle {_short(self.id)}: {summary.rsplit(', ', 1)[0]}, {state}>"

    def _repr_html_(self) -> str:
        return f"<code>{escape(repr(self))}</code>"


def _short(call_id: str) -> str:
    return call_id if len(call_id) <= 12 else f"{call_id[:8]}…"


def _check_state(state: str) -> str:
    """Graph's spelling of a state; a state Graph may add one day is let through, a slip of the pen is not."""
    if not isinstance(state, str) or not state:
        raise TypeError(f"state: {state!r} is not the name of a state; there are {', '.join(STATES)}.")
    name = canonical_state(state)
    if name not in STATES and did_you_mean(name, STATES):
        raise ValueError(unknown_name_message("state", state, STATES))
    return name
