"""One call, as a notebook holds it."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from ..callstates import STATES, canonical_state
from ..errors import JournalError
from ..models import Call
from ..slips import did_you_mean, no_such
from .arriving import Arriving
from .people import People
from .talking import Talking


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
        wanted = frozenset(_known(name) for name in ([state] if isinstance(state, str) else state))
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


def _known(state: str) -> str:
    """Graph's spelling of a state; a state Graph may add one day is let through, a slip of the pen is not."""
    if not isinstance(state, str) or not state:
        raise TypeError(f"state: {state!r} is not the name of a state; there are {', '.join(STATES)}.")
    name = canonical_state(state)
    if name not in STATES and did_you_mean(name, STATES):
        raise ValueError(no_such("state", state, STATES))
    return name
