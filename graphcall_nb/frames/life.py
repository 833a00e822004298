"""The life of one call from its notifications, which come at least once and in any order.

:meth:`Life.take` gets the items of one call in order of ``(received_at_us, seq)`` and says of each what it is:

* a **step**: the call entered the state;
* **late**: the state belongs before one that is there already; it gets its place in the life cycle. Its start is then
  the arrival of what overtook it, since the call cannot have entered it later than that;
* a **duplicate**: the very same item once more, where it cannot be a step;
* anything else repeats the present state (a pressed key, a change of media) or speaks of no state.

The rules, with ``now`` for the call's present state:

1. A state not seen before that lies later in life than ``now`` is a step. One that lies earlier is late.
2. A state seen before is a step where ``callstates`` has a step to it from ``now``: *established, hold, established*.
   An item may repeat word for word there, and so a true repetition is not swallowed. (A duplicate of *established* that
   comes during the hold looks the same; nothing in it could tell.)
3. Any other state seen before is a duplicate when the item came before, word for word, else a late repetition.
4. A state that Graph adds after today has no known place: it stays where it arrived, always before ``terminated``.

A life that passes each state once comes out the same in whatever order, and however often, its items arrive.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from ..callstates import STATES, TERMINAL, is_step

RANK = {state: rank for rank, state in enumerate(STATES)}


class Item(NamedTuple):
    """What of a notification matters here.

    ``row`` is its row in the frame, ``state`` that of the call, ``word`` the hash of what it says: 64 bits, so that of
    two that say different things about the same call not one pair in 10**19 is taken for the same.
    """

    row: int
    seq: int
    at: int
    operation: bool
    resource: str
    state: str | None
    word: int


@dataclass(slots=True)
class Visit:
    """One stay of the call in a state; ``start`` differs from ``arrived`` where the item was late."""

    row: int
    state: str
    arrived: int
    start: int


class Verdict(NamedTuple):
    """What an item is; all empty where it says nothing new of the state."""

    duplicate_of: int | None = None
    late_by: int | None = None
    visit: Visit | None = None


_NOTHING = Verdict()


class Life:
    """The life of one call so far: ``path`` holds its visits, in life-cycle order."""

    __slots__ = ("_seen", "_spoken", "key", "path")

    def __init__(self) -> None:
        self.path: list[Visit] = []
        self.key = (-(2**63), -1)
        """``(at, seq)`` of the last item; what comes before it means that the life must be told anew."""
        self._seen: dict[tuple[str, int], int] = {}
        self._spoken: dict[str, int] = {}

    @property
    def ended(self) -> bool:
        return bool(self.path) and self.path[-1].state == TERMINAL

    def take(self, item: Item) -> Verdict:
        self.key = (item.at, item.seq)
        first = self._seen.setdefault((item.resource, item.word), item.seq)
        original = first if first != item.seq else None
        before = self._spoken.get(item.resource)
        self._spoken[item.resource] = item.word
        if item.state is None:
            # Rosters and media go back and forth: only at once is the same word the same news. Operations do not.
            again = before == item.word or item.operation
            return Verdict(duplicate_of=original) if original is not None and again else _NOTHING
        return self._move(item, original)

    def _move(self, item: Item, original: int | None) -> Verdict:
        state = item.state or ""
        path = self.path
        if path and path[-1].state == state:
            return Verdict(duplicate_of=original)
        visited = any(visit.state == state for visit in path)
        if visited and not self._returns(state, original):
            return Verdict(duplicate_of=original) if original is not None else self._repeated_late(item)
        position = len(path) if visited else self._place(state)
        visit = Visit(item.row, state, item.at, item.at)
        late_by = None
        if position < len(path):
            visit.start = path[position].start
            late_by = item.at - min(later.arrived for later in path[position:])
        path.insert(position, visit)
        return Verdict(late_by=late_by, visit=visit)

    def _returns(self, state: str, original: int | None) -> bool:
        """Whether the call can be back in a state that it has been in."""
        now = self.path[-1].state
        if self.ended:
            return False
        if state in RANK and now in RANK:
            return is_step(now, state)
        # Nobody knows the steps to and from a new state: only an item that says something new is believed.
        return original is None and (state not in RANK or self._rank() <= RANK[state])

    def _place(self, state: str) -> int:
        """Where in the path a state belongs that is not in it."""
        path = self.path
        if state not in RANK:
            return len(path) - self.ended
        rank = RANK[state]
        if rank > self._rank():
            return len(path)
        return next((at for at, visit in enumerate(path) if RANK.get(visit.state, -1) > rank), len(path))

    def _rank(self) -> int:
        """How far the call is in life, by the last state that is known."""
        return next((RANK[visit.state] for visit in reversed(self.path) if visit.state in RANK), -1)

    def _repeated_late(self, item: Item) -> Verdict:
        last = max(at for at, visit in enumerate(self.path) if visit.state == item.state)
        return Verdict(late_by=item.at - min(visit.arrived for visit in self.path[last + 1 :]))
