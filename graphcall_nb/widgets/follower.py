"""What the table of calls and the timeline have in common: how they follow a journal. Pure: no widget."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, Generic, Protocol, TypeVar

from ..graph.states import TERMINAL
from ..session.call_store import CallStatus

MAX_CALLS = 5_000
"""More calls than this are not kept: the oldest that ended make room."""

# Positions in a row of notifications and in a row of requests.
SEQ, AT_US, CALL_ID, ENTITY, CHANGE_TYPE, STATE, DIRECTION, RAW = 0, 1, 2, 3, 5, 6, 7, 15
RESULT = slice(12, 15)
REQ_SEQ, REQ_SENT_US, REQ_OPERATION, REQ_CALL_ID, REQ_BODY = 0, 1, 4, 5, 10


class Line(Protocol):
    """What is kept of one call."""

    key: int
    call_id: str
    standing: CallStatus


L = TypeVar("L", bound=Line)


class Follower(ABC, Generic[L]):
    """Calls of a journal, in the order in which they were heard of.

    Parameters
    ----------
    max_calls : how many are kept

    Attributes
    ----------
    dropped : how many made room
    """

    def __init__(self, max_calls: int) -> None:
        self.dropped = 0
        self._max_calls = max_calls
        self._calls: dict[str, L] = {}
        self._after = self._after_requests = 0
        self._keys = 0
        self._changed: dict[str, Any] = {}  # by call id, in the order of change
        self._gone: list[int] = []

    def feed(self, rows: Iterable[Sequence[Any]], requests: Iterable[Sequence[Any]] = ()) -> None:
        """Take rows of the journal, each kind in the order of its ``seq``; what was taken before is passed over."""
        for request in requests:
            if request[REQ_SEQ] > self._after_requests:
                self._after_requests = request[REQ_SEQ]
                if request[REQ_OPERATION] == "create" and request[REQ_CALL_ID]:
                    self._created(request)
        for row in rows:
            if row[SEQ] > self._after:
                self._after = row[SEQ]
                self._take(row)
        self._make_room()

    @abstractmethod
    def _created(self, request: Sequence[Any]) -> None:
        """A call that was asked for, and that the service took on."""

    @abstractmethod
    def _take(self, row: Sequence[Any]) -> None:
        """A notification."""

    def _next_key(self) -> int:
        self._keys += 1
        return self._keys - 1

    def _make_room(self) -> None:
        excess = len(self._calls) - self._max_calls
        if excess <= 0:
            return
        # Those that ended, in the order they came; live ones only when there is nothing else.
        oldest = sorted(self._calls.values(), key=lambda call: (not call.standing.ended, call.key))[:excess]
        for call in oldest:
            del self._calls[call.call_id]
            self._changed.pop(call.call_id, None)
            self._gone.append(call.key)
        self.dropped += excess

    def __len__(self) -> int:
        return len(self._calls)


def state_of(row: Sequence[Any]) -> str | None:
    """The state that a notification of a call tells; a rejected call is deleted without a word about its state."""
    return row[STATE] or (TERMINAL if row[CHANGE_TYPE] == "deleted" else None)
