"""The other side of simulated calls, played from a notebook."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from .call import CallHandle
    from .session import Session


class Simulator(Protocol):
    """Actions of the simulator, in this process or on a teacher's machine."""

    async def ring(
        self,
        callback_uri: str,
        *,
        version: str,
        caller: Mapping[str, Any] | str | None,
        modalities: Iterable[str],
        meeting: Mapping[str, Any] | None,
        legacy: bool | None,
    ) -> str: ...
    async def press(self, call_id: str, *tones: str) -> None: ...
    async def hang_up(self, call_id: str) -> None: ...
    async def sent_states(self) -> dict[str, list[str]]: ...


class SimulatedPeer:
    """What the people at the other end do; ``session.simulator`` of a simulated session.

    Examples
    --------
    >>> import graphcall_nb as gc
    >>> with gc.simulate(speed=100) as session:
    ...     call = session.simulator.ring("Adele Vance")
    ...     call.wait_for("incoming", timeout=10)
    ...     call.answer()
    ...     call.wait_for("established", timeout=10)
    ...     session.simulator.hang_up(call.id)
    ...     call.wait_for("terminated", timeout=10)
    ...     session.intervals()["state"].tolist()
    ['incoming', 'establishing', 'established', 'terminating', 'terminated']
    """

    def __init__(self, session: Session, simulator: Simulator) -> None:
        # The session holds this: without a weak reference neither would be let go.
        self._session: Session = weakref.proxy(session)
        self._simulator = simulator

    def ring(
        self,
        caller: Mapping[str, Any] | str | None = None,
        *,
        modalities: Iterable[str] = ("audio",),
        meeting: Mapping[str, Any] | None = None,
        legacy: bool | None = None,
    ) -> CallHandle:
        """Let somebody call the bot; it has 15 seconds to answer, reject or redirect (at least 2, at any speed).

        Parameters
        ----------
        caller : who calls: a phone number, a name, or an identity set; some user where it is ``None``
        modalities : what the caller offers
        meeting : ``chatInfo`` and ``meetingInfo``, where the bot is invited to a group call
        legacy : whether the first notification has the format from before Graph; ``None`` where the fault
            ``legacy_first`` is on
        """
        session = self._session
        ringing = self._simulator.ring(
            session.callback_uri,
            version=session.version.name,
            caller=caller,
            modalities=modalities,
            meeting=meeting,
            legacy=legacy,
        )
        return session.call(session.run(ringing))

    def press(self, call_id: str, *tones: str) -> None:
        """Let the other side press keys (``"tone0"`` to ``"tone9"``, ``"star"``, ``"pound"``)."""
        self._session.run(self._simulator.press(call_id, *tones))

    def hang_up(self, call_id: str) -> None:
        """Let the other side end a call."""
        self._session.run(self._simulator.hang_up(call_id))

    def sent_states(self) -> dict[str, list[str]]:
        """The states that each call was told to be in, by the service's own account, whatever became of the telling.

        Frames can be held against it: faults duplicate, delay, reorder and lose notifications, but change no call.
        """
        return self._session.run(self._simulator.sent_states())
