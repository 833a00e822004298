"""Calls of a journal for the cockpit and the timeline, without a widget."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, Generic, Protocol, TypeVar

from ..graph.history import CallHistory
from ..journal.records import NotificationRecord, RequestRecord

MAX_CALLS = 5_000
"""Calls that are kept; the oldest ended ones are dropped first."""


class Line(Protocol):
    """A call as a widget keeps it."""

    key: int
    call_id: str
    history: CallHistory


L = TypeVar("L", bound=Line)


class Follower(ABC, Generic[L]):
    """Calls of a journal, in the order of their first record.

    Parameters
    ----------
    max_calls : number of calls that are kept

    Attributes
    ----------
    dropped : number of calls that were dropped
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
        """Add records of the journal, each kind in the order of its ``seq``; records of before are ignored."""
        for request in map(RequestRecord._make, requests):
            if request.seq > self._after_requests:
                self._after_requests = request.seq
                if request.operation == "create" and request.call_id:
                    self._add_request(request, request.call_id)
        for record in map(NotificationRecord._make, rows):
            if record.seq > self._after:
                self._after = record.seq
                self._add_notification(record)
        self._make_room()

    @abstractmethod
    def _add_request(self, request: RequestRecord, call_id: str) -> None:
        """Add the request that created a call."""

    @abstractmethod
    def _add_notification(self, record: NotificationRecord) -> None:
        """Add a notification."""

    def _next_key(self) -> int:
        self._keys += 1
        return self._keys - 1

    def _make_room(self) -> None:
        excess = len(self._calls) - self._max_calls
        if excess <= 0:
            return
        # Ended calls in their order; live ones only if all others are gone.
        oldest = sorted(self._calls.values(), key=lambda call: (not call.history.has_ended, call.key))[:excess]
        for call in oldest:
            del self._calls[call.call_id]
            self._changed.pop(call.call_id, None)
            self._gone.append(call.key)
        self.dropped += excess

    def __len__(self) -> int:
        return len(self._calls)
