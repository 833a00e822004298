"""History of one call: its states in life-cycle order, from notifications that arrive at least once and in any order.

:class:`CallHistory` folds the notifications of one call in order of ``(received_at_us, seq)`` and classifies each:

* a **step**: the call entered the state;
* **late**: the state belongs before a state that is already in the history. It gets its place in the life cycle. Its
  start is the arrival of the notification that overtook it, since the call cannot have entered it later than that;
* a **duplicate**: the same notification again, in a place where it cannot be a step;
* anything else repeats the present state (a pressed key, a change of media) or has no state.

The rules, where the present state is that of the last visit:

1. A state without a visit is a step if it comes later in the life cycle than the present state, and late if it comes
   earlier.
2. A state with a visit is a step if the table of transitions has a step to it from the present state: *established,
   hold, established*. Its notification may equal an earlier one, so a true return is kept. (A duplicate of
   *established* that arrives during the hold looks the same; the notification has nothing to tell them apart.)
3. Any other state with a visit is a duplicate if an equal notification arrived before, else a late repetition.
4. A state that Graph adds later has no place in the life cycle. It stays where it arrived, but before ``terminated``.

A call that visits each state once gets the same visits for every order and number of arrivals.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from .states import STATES, TERMINAL, is_step

RANKS: dict[str, int] = {state: rank for rank, state in enumerate(STATES)}
"""Place of each known state in the life cycle, from 0."""

_BEFORE_ALL = (-(2**63), -1)


def read_call_state(entity: str, change_type: str, state: str | None) -> str | None:
    """Return the state that a notification gives its call, or ``None``.

    Parameters
    ----------
    entity : part of the call that the notification is about; only ``call`` itself has a state
    change_type : ``created``, ``updated`` or ``deleted``
    state : the state as sent

    Notes
    -----
    Graph deletes a rejected call without sending a state. The deletion counts as ``terminated``.

    Examples
    --------
    >>> read_call_state("call", "updated", "ringing"), read_call_state("call", "deleted", None)
    ('ringing', 'terminated')
    >>> read_call_state("operation", "deleted", None)
    """
    if entity != "call":
        return None
    return state or (TERMINAL if change_type == "deleted" else None)


class Notification(Protocol):
    """Fields of a notification that :meth:`CallEvent.from_record` reads."""

    @property
    def seq(self) -> int: ...
    @property
    def received_at_us(self) -> int: ...
    @property
    def entity(self) -> str: ...
    @property
    def resource(self) -> str: ...
    @property
    def change_type(self) -> str: ...
    @property
    def state(self) -> str | None: ...
    @property
    def raw(self) -> str: ...


class CallEvent(NamedTuple):
    """A notification, reduced to the fields that decide the history of its call.

    Attributes
    ----------
    seq : number that grows in journal order
    received_at_us : arrival, microseconds since 1970 in UTC
    resource : path of the changed part
    state : state of the call; ``None`` if the notification has none
    content_hash : hash of the content. It has 64 bits: two different notifications collide once in 10**19 pairs.
    is_operation : True for a notification about an operation of the call
    """

    seq: int
    received_at_us: int
    resource: str
    state: str | None
    content_hash: int
    is_operation: bool = False

    @classmethod
    def from_record(cls, record: Notification) -> CallEvent:
        """Return the event of a journal record."""
        return cls(
            record.seq,
            record.received_at_us,
            record.resource,
            read_call_state(record.entity, record.change_type, record.state),
            hash(record.raw),
            record.entity == "operation",
        )


@dataclass(slots=True)
class StateVisit:
    """A stay of a call in one state. It lasts until the next visit starts.

    Attributes
    ----------
    seq : number of the notification that reported it
    state : name of the state
    received_at_us : arrival of that notification
    start_us : start of the visit; earlier than ``received_at_us`` if the notification was late
    """

    seq: int
    state: str
    received_at_us: int
    start_us: int


class Classification(NamedTuple):
    """Result of adding one event; all fields are ``None`` if it changes nothing.

    Attributes
    ----------
    duplicate_of : ``seq`` of the equal event that arrived first
    late_by_us : time since the first event of a later state arrived, in microseconds
    position : index of the first visit that is new or changed
    """

    duplicate_of: int | None = None
    late_by_us: int | None = None
    position: int | None = None


_UNCHANGED = Classification()


class CallHistory:
    """Visits of one call, in life-cycle order.

    Attributes
    ----------
    visits : one :class:`StateVisit` per stay in a state. Read only.
    visited : names of all states with a visit. Read only.
    last_key : ``(received_at_us, seq)`` of the latest event

    Examples
    --------
    >>> history = CallHistory()
    >>> for seq, state in enumerate(["establishing", "queued", "established", "ringing"], 1):
    ...     classification = history.add(CallEvent(seq, 1_000 * seq, "/app/calls/1", state, hash(state)))
    >>> history.states
    ['establishing', 'queued', 'ringing', 'established']
    >>> classification
    Classification(duplicate_of=None, late_by_us=1000, position=2)
    """

    __slots__ = ("_events", "_first_seqs", "_last_contents", "last_key", "visited", "visits")

    def __init__(self, events: Iterable[CallEvent] = ()) -> None:
        self.visits: list[StateVisit] = []
        self.visited: set[str] = set()
        self.last_key = _BEFORE_ALL
        self._events: list[CallEvent] = []
        """Events with a state, in the order in which they are folded."""
        self._first_seqs: dict[int, int] = {}  # by _hash_content
        self._last_contents: dict[str, int] = {}
        for event in events:
            self.add(event)

    @property
    def state(self) -> str | None:
        """Present state, or ``None`` before the first one."""
        return self.visits[-1].state if self.visits else None

    @property
    def states(self) -> list[str]:
        """States of all visits, the present one last."""
        return [visit.state for visit in self.visits]

    @property
    def has_ended(self) -> bool:
        """True if the call is terminated."""
        return TERMINAL in self.visited

    def add(self, event: CallEvent) -> Classification:
        """Add an event and return its classification.

        Notes
        -----
        An event that is older than ``last_key`` (two machines whose clocks disagree) gets its place in the order of
        time. That can change the classification of later events: a reader that keeps classifications adds all events
        again, in order, to a new history. The visits need no such care.
        """
        key = (event.received_at_us, event.seq)
        is_in_order = key > self.last_key
        if is_in_order:
            self.last_key = key
        if event.state is None:
            return self._classify_without_state(event)
        events = self._events
        if is_in_order or not events or key > _get_key(events[-1]):
            events.append(event)
            return self._fold(event)
        return self._insert(event)

    def _insert(self, event: CallEvent) -> Classification:
        """Fold all events again, with ``event`` at its place in the order of time."""
        before = self.visits
        insort(self._events, event, key=_get_key)
        self.visits, self.visited = [], set()
        for each in self._events:
            self._first_seqs.pop(_hash_content(each), None)
        result = _UNCHANGED
        for each in self._events:
            classification = self._fold(each)
            if each is event:
                result = classification
        common = next((at for at, (old, new) in enumerate(zip(before, self.visits, strict=False)) if old != new), None)
        if common is None:
            common = min(len(before), len(self.visits))
        return result._replace(position=None if common == len(before) == len(self.visits) else common)

    def _classify_without_state(self, event: CallEvent) -> Classification:
        original, previous = self._note_content(event)
        # Rosters and media go back and forth, so only an immediate repetition is a duplicate. Operations do not.
        if original is not None and (previous == event.content_hash or event.is_operation):
            return Classification(duplicate_of=original)
        return _UNCHANGED

    def _note_content(self, event: CallEvent) -> tuple[int | None, int | None]:
        """Return the ``seq`` of the first equal event, if any, and the previous content of the resource."""
        first = self._first_seqs.setdefault(_hash_content(event), event.seq)
        previous = self._last_contents.get(event.resource)
        self._last_contents[event.resource] = event.content_hash
        return (None if first == event.seq else first), previous

    def _fold(self, event: CallEvent) -> Classification:
        state, visits = event.state or "", self.visits
        original, _ = self._note_content(event)
        if visits and visits[-1].state == state:
            return _UNCHANGED if original is None else Classification(duplicate_of=original)
        was_visited = state in self.visited
        if was_visited and not self._can_return(state, original):
            return self._classify_late_repetition(event) if original is None else Classification(duplicate_of=original)
        position = len(visits) if was_visited else self._find_position(state)
        start_us, late_by_us = event.received_at_us, None
        if position < len(visits):
            start_us = visits[position].start_us
            late_by_us = event.received_at_us - min(later.received_at_us for later in visits[position:])
        visits.insert(position, StateVisit(event.seq, state, event.received_at_us, start_us))
        self.visited.add(state)
        return Classification(None, late_by_us, position)

    def _can_return(self, state: str, original: int | None) -> bool:
        """Return True if the call can be back in a state that it has visited."""
        present = self.visits[-1].state
        if present == TERMINAL:
            return False
        if state in RANKS and present in RANKS:
            return is_step(present, state)
        # The steps to and from an unknown state are not documented: only new content counts as a return.
        return original is None and (state not in RANKS or self._find_rank() <= RANKS[state])

    def _find_position(self, state: str) -> int:
        """Return the index at which the first visit to a state belongs."""
        visits = self.visits
        if state not in RANKS:
            return len(visits) - self.has_ended
        rank = RANKS[state]
        if rank > self._find_rank():
            return len(visits)
        return next((at for at, visit in enumerate(visits) if RANKS.get(visit.state, -1) > rank), len(visits))

    def _find_rank(self) -> int:
        """Return the rank of the last known state; -1 without one."""
        return next((RANKS[visit.state] for visit in reversed(self.visits) if visit.state in RANKS), -1)

    def _classify_late_repetition(self, event: CallEvent) -> Classification:
        last = max(at for at, visit in enumerate(self.visits) if visit.state == event.state)
        later = min(visit.received_at_us for visit in self.visits[last + 1 :])
        return Classification(late_by_us=event.received_at_us - later)


def _hash_content(event: CallEvent) -> int:
    # With the state: an event without one is not folded again, so it must not decide which visit is a duplicate.
    return hash((event.resource, event.state, event.content_hash))


def _get_key(event: CallEvent) -> tuple[int, int]:
    return event.received_at_us, event.seq
