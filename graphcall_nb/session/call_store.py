"""State of each call, from the records of the journal."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..graph.states import STATES, TERMINAL, is_step

_RANK = {state: rank for rank, state in enumerate(STATES)}

# Positions in a journal row: (seq, received_at_us, call_id, entity, resource, change_type, state, …, raw).
_SEQ, _CALL_ID, _ENTITY, _RESOURCE, _CHANGE_TYPE, _STATE, _TONE, _RAW = 0, 2, 3, 4, 5, 6, 11, 15
_RESULT = slice(12, 15)

MAX_ENDED_CALLS = 5_000
"""So many calls that have ended are kept; who asks for an older one reads it from the journal again."""


@dataclass(slots=True)
class CallStatus:
    """Where one call stands.

    ``state`` is the present one (``None`` before the first notification), ``visited`` all it has been in, ``result``
    the last ``(code, subcode, message)`` that came with the call itself. ``operations`` holds the last notification of
    each operation, by :func:`same_id` of its id, and ``announced`` the one that told of an incoming call; both as
    they came, JSON text. ``tones`` are the keys that the other side pressed, by their number in Graph's sequence.
    """

    state: str | None = None
    visited: set[str] = field(default_factory=set)
    result: tuple[int | None, int | None, str | None] = (None, None, None)
    operations: dict[str, str] = field(default_factory=dict)
    announced: str | None = None
    tones: dict[int, str] = field(default_factory=dict)

    @property
    def ended(self) -> bool:
        return TERMINAL in self.visited

    def move(self, state: str) -> None:
        self.visited.add(state)
        if self.state is None or is_step(self.state, state) or _is_later(state, self.state):
            self.state = state


def _is_later(state: str, than: str) -> bool:
    """Whether a state lies later in life; one that Graph adds after today comes after all but the end."""
    unknown = _RANK[TERMINAL] - 0.5
    return than != TERMINAL and _RANK.get(state, unknown) > _RANK.get(than, unknown)


def normalize_id(id: str) -> str:
    """An id without what Graph's pages write now one way, now another: letter case and dashes."""
    return id.replace("-", "").lower()


def _sequence_number(row: Sequence[Any]) -> int:
    """The number of a tone, so that one that was told twice counts once; where there is none, one that comes last."""
    try:
        number = json.loads(row[_RAW])["resourceData"]["toneInfo"]["sequenceId"]
    except (ValueError, KeyError, TypeError):
        number = None
    return number if isinstance(number, int) else _AFTER_ALL_NUMBERS + int(row[_SEQ])


_AFTER_ALL_NUMBERS = 2**63


class CallStore:
    """Follows the journal; :meth:`feed` takes new rows, in the order of their ``seq``.

    Live calls are all kept. Of those that have ended, and of those that nothing was told of, the oldest are forgotten,
    so that a session of days does not grow; :meth:`recall` brings one back.

    Parameters
    ----------
    remembered : how many of each are kept

    Attributes
    ----------
    after : the ``seq`` of the last row
    heard_of : how many calls there were, those that were forgotten among them
    """

    def __init__(self, remembered: int = MAX_ENDED_CALLS) -> None:
        self.after = 0
        self.heard_of = 0
        self._remembered = remembered
        self._calls: dict[str, CallStatus] = {}
        self._expected: OrderedDict[str, None] = OrderedDict()  # nothing was told of them yet
        self._ended: OrderedDict[str, None] = OrderedDict()
        self._forgets = False

    def feed(self, rows: Iterable[Sequence[Any]]) -> None:
        for row in rows:
            if row[_SEQ] > self.after:
                self.after = row[_SEQ]
                self._take(row)
        self._forget()

    def expect(self, call_id: str) -> None:
        """A call of which nothing has been told yet: it was not forgotten."""
        if call_id not in self._calls:
            self._calls[call_id] = CallStatus()
            self._expected[call_id] = None
            self._forget()

    def forgot(self, call_id: str) -> bool:
        """Whether a call may have been forgotten: then the journal knows whether there was one."""
        return self._forgets and call_id not in self._calls

    def recall(self, call_id: str, rows: Iterable[Sequence[Any]]) -> None:
        """Take in all that was told of a call that may have been forgotten."""
        heard_of = self.heard_of
        for row in rows:
            if row[_SEQ] <= self.after:  # what is newer comes with the feed
                self._take(row)
        self.heard_of = heard_of
        self.expect(call_id)
        self._forget()

    def _forget(self) -> None:
        for kept in (self._ended, self._expected):
            while len(kept) > self._remembered:
                del self._calls[kept.popitem(last=False)[0]]
                self._forgets = True

    def _take(self, row: Sequence[Any]) -> None:
        if row[_ENTITY] not in ("call", "operation"):
            return
        call_id = row[_CALL_ID]
        if call_id not in self._calls or call_id in self._expected:
            self._expected.pop(call_id, None)
            self._calls.setdefault(call_id, CallStatus())
            self.heard_of += 1
        standing = self._calls[call_id]
        if row[_ENTITY] == "operation":
            _apply_operation(standing, row)
            return
        _apply_call(standing, row)
        if standing.ended:
            self._ended[call_id] = None

    def __getitem__(self, call_id: str) -> CallStatus:
        """Where a call stands; nothing is known of one that was not heard of."""
        return self._calls.get(call_id) or CallStatus()

    def in_state(self, state: str) -> list[str]:
        """The ids of the calls that are in a state now, in the order in which they were heard of."""
        return [call_id for call_id, standing in self._calls.items() if standing.state == state]

    def __len__(self) -> int:
        return len(self._calls)

    def __contains__(self, call_id: object) -> bool:
        return call_id in self._calls


def _apply_call(standing: CallStatus, row: Sequence[Any]) -> None:
    """Take in what was told of the call itself."""
    # A rejected call is deleted without a word about its state.
    state = row[_STATE] or (TERMINAL if row[_CHANGE_TYPE] == "deleted" else None)
    if state:
        standing.move(state)
    if state == "incoming" and standing.announced is None:
        standing.announced = row[_RAW]
    if row[_TONE]:
        standing.tones[_sequence_number(row)] = row[_TONE]
    if any(part is not None for part in row[_RESULT]):
        standing.result = tuple(row[_RESULT])


def _apply_operation(standing: CallStatus, row: Sequence[Any]) -> None:
    id = normalize_id(row[_RESOURCE].rpartition("/")[2])
    # An operation that has ended is deleted; what comes after that is late news.
    if row[_CHANGE_TYPE] == "deleted" or id not in standing.operations:
        standing.operations[id] = row[_RAW]
