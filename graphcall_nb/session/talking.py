"""What can be done with a call that is established: play to it, listen to it, hand it over."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from ..models import Operation
from ..wire.given import Sound, Who
from .acting import Acting
from .operations import OperationHandle


class Talking(Acting):
    """Actions on an established call. All raise ``IllegalAction``, with the reason, where the state forbids them, and
    ``InvalidCall``, with the field, where a limit of Graph's page is broken; nothing was sent then."""

    def transfer(
        self,
        target: Who,
        *,
        replaces_call_id: str | None = None,
        transferee: Who | None = None,
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
        >>> with gc.simulate(dialect="v1.0", speed=100) as session:
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
        return [tone for _, tone in sorted(self._session.standing(self.id).tones.items())]

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
