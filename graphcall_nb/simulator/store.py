"""The calls that the service knows: bounded, and forgotten a while after they ended."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from .refusals import no_such_call, too_many_calls
from .surfaces import Kind, Surface
from .switchboard import Line, Result

CAPACITY = 10_000
"""How many calls are known at once."""

REMEMBERED_SECONDS = 60.0
"""For how long a call that has ended can still be read; real seconds, whatever the speed."""


@dataclass(slots=True)
class Running:
    """An operation on a call, such as the playing of a prompt.

    ``kind`` is its type without the namespace, ``seconds`` how long it takes, ``extra`` what else its body has,
    ``ending`` what its body has once it is completed.
    """

    id: str
    kind: str
    context: str | None = None
    status: Literal["running", "completed", "failed"] = "running"
    result: Result | None = None
    seconds: float = 0.0
    created: float = 0.0
    changed: float = 0.0
    extra: dict[str, Any] = field(default_factory=dict)
    ending: dict[str, Any] = field(default_factory=dict)


class Told(NamedTuple):
    """A state that the bot was told of, and when (epoch seconds): the truth that frames can be held against."""

    state: str
    at: float


@dataclass(slots=True)
class PlacedCall:
    """A call that was placed or came in.

    Attributes
    ----------
    application_id : whose call it is; nobody else can see it
    body : the members that the sender may set, as sent
    line : where the call stands
    number : counts the calls of this service from 1
    kind : to people alone, to people in a group call, or to a meeting
    chain_id : Graph's ``callChainId``
    bot : the identity under which the bot is in the call
    running : operations that are not finished, by id
    queue : those of them that play or record, one after another
    subscribed : whether the bot hears the keys that the other side presses
    told : the states that the bot was told of
    tasks : what is going on by itself
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
    direction: Literal["incoming", "outgoing"] = "outgoing"
    bot: Mapping[str, Any] = field(default_factory=dict)
    line: Line = field(default_factory=Line)
    running: dict[str, Running] = field(default_factory=dict)
    queue: deque[Running] = field(default_factory=deque)
    subscribed: bool = False
    told: list[Told] = field(default_factory=list)
    operations: int = 0
    tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)


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

    def get(self, call_id: str) -> PlacedCall | None:
        """A call by its id in any letter case: ids are in upper or lower case, by version."""
        return self._calls.get(call_id) or self._calls.get(call_id.upper()) or self._calls.get(call_id.lower())

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
        placed = self.get(call_id)
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
