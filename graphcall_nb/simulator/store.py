"""The calls that the service knows: bounded, and forgotten a while after they ended."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .refusals import no_such_call, too_many_calls
from .surfaces import Kind, Surface
from .switchboard import Line

CAPACITY = 10_000
"""How many calls are known at once."""

REMEMBERED_SECONDS = 60.0
"""For how long a call that has ended can still be read; real seconds, whatever the speed."""


@dataclass(slots=True)
class PlacedCall:
    """A call that was placed.

    Attributes
    ----------
    application_id : whose call it is; nobody else can see it
    body : the members that the sender may set, as sent
    line : where the call stands
    number : counts the calls of this service from 1
    kind : to people alone, to people in a group call, or to a meeting
    chain_id : Graph's ``callChainId``
    """

    id: str
    number: int
    application_id: str
    participant_id: str
    chain_id: str
    surface: Surface
    callback_uri: str
    body: dict[str, Any]
    kind: Kind = "peer"
    line: Line = field(default_factory=Line)


class Calls:
    """The calls by id. Iterating gives those that are still known, oldest first."""

    def __init__(self, capacity: int = CAPACITY, remembered: float = REMEMBERED_SECONDS) -> None:
        self._capacity = capacity
        self._remembered = remembered
        self._calls: dict[str, PlacedCall] = {}
        self._ended: deque[str] = deque()

    def __len__(self) -> int:
        return len(self._calls)

    def __iter__(self) -> Iterator[PlacedCall]:
        return iter(list(self._calls.values()))

    def __getitem__(self, call_id: str) -> PlacedCall:
        return self._calls[call_id]

    def add(self, placed: PlacedCall, now: float) -> None:
        """Keep a new call; an ended one makes room for it where it must. Refused when all are live."""
        self._forget(now)
        if len(self._calls) >= self._capacity:
            if not self._ended:
                raise too_many_calls(self._capacity)
            del self._calls[self._ended.popleft()]
        self._calls[placed.id] = placed

    def find(self, call_id: str, application_id: str, now: float) -> PlacedCall:
        """A call of this application, live or ended a short while ago; any other is not found."""
        self._forget(now)
        # Ids are in upper or lower case, by version; a sender may have changed that.
        placed = self._calls.get(call_id) or self._calls.get(call_id.upper()) or self._calls.get(call_id.lower())
        if placed is None or placed.application_id != application_id:
            raise no_such_call(call_id)
        return placed

    def move(self, placed: PlacedCall, line: Line) -> None:
        """Take in where a call stands now."""
        if line.ended and not placed.line.ended:
            self._ended.append(placed.id)
        placed.line = line

    def _forget(self, now: float) -> None:
        while self._ended and self._calls[self._ended[0]].line.changed_at + self._remembered < now:
            del self._calls[self._ended.popleft()]
