"""State of each call, from the records of the journal, without pandas: the source of ``wait_for`` and ``state``."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..graph.history import CallEvent, CallHistory
from ..journal.records import NotificationRecord

MAX_ENDED_CALLS = 5_000
"""So many calls that have ended are kept; who asks for an older one reads it from the journal again."""


@dataclass(slots=True)
class CallStatus:
    """State of one call.

    Attributes
    ----------
    history : visits of the call to its states
    result : last ``(code, subcode, message)`` that came with the call itself
    operations : last notification of each operation, JSON text, by :func:`normalize_id` of its id
    announced : notification that announced an incoming call, JSON text
    tones : keys that the other side pressed, by their number in Graph's sequence
    """

    history: CallHistory = field(default_factory=CallHistory)
    result: tuple[int | None, int | None, str | None] = (None, None, None)
    operations: dict[str, str] = field(default_factory=dict)
    announced: str | None = None
    tones: dict[int, str] = field(default_factory=dict)

    @property
    def state(self) -> str | None:
        """Present state; ``None`` before the first notification."""
        return self.history.state

    @property
    def states(self) -> list[str]:
        """States of all visits, the present one last."""
        return self.history.states

    @property
    def visited(self) -> set[str]:
        """All states that the call has visited."""
        return self.history.visited

    @property
    def ended(self) -> bool:
        """True if the call is terminated."""
        return self.history.has_ended


def normalize_id(id: str) -> str:
    """An id without what Graph's pages write now one way, now another: letter case and dashes."""
    return id.replace("-", "").lower()


def _sequence_number(record: NotificationRecord) -> int:
    """Return the sequence id of a tone, used to drop duplicates; tones without one sort last."""
    try:
        number = json.loads(record.raw)["resourceData"]["toneInfo"]["sequenceId"]
    except (ValueError, KeyError, TypeError):
        number = None
    return number if isinstance(number, int) else _AFTER_ALL_NUMBERS + record.seq


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
        for record in map(NotificationRecord._make, rows):
            if record.seq > self.after:
                self.after = record.seq
                self._take(record)
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
        for record in map(NotificationRecord._make, rows):
            if record.seq <= self.after:  # what is newer comes with the feed
                self._take(record)
        self.heard_of = heard_of
        self.expect(call_id)
        self._forget()

    def _forget(self) -> None:
        for kept in (self._ended, self._expected):
            while len(kept) > self._remembered:
                del self._calls[kept.popitem(last=False)[0]]
                self._forgets = True

    def _take(self, record: NotificationRecord) -> None:
        if record.entity not in ("call", "operation"):
            return
        call_id = record.call_id
        if call_id not in self._calls or call_id in self._expected:
            self._expected.pop(call_id, None)
            self._calls.setdefault(call_id, CallStatus())
            self.heard_of += 1
        standing = self._calls[call_id]
        if record.entity == "operation":
            _apply_operation(standing, record)
            return
        _apply_call(standing, record)
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


def _apply_call(standing: CallStatus, record: NotificationRecord) -> None:
    """Add a notification about the call itself."""
    event = CallEvent.from_record(record)
    standing.history.add(event)
    if event.state == "incoming" and standing.announced is None:
        standing.announced = record.raw
    if record.tone:
        standing.tones[_sequence_number(record)] = record.tone
    result = (record.result_code, record.result_subcode, record.result_message)
    if any(part is not None for part in result):
        standing.result = result


def _apply_operation(standing: CallStatus, record: NotificationRecord) -> None:
    """Add a notification about an operation."""
    id = normalize_id(record.resource.rpartition("/")[2])
    # An operation that has ended is deleted; later notifications about it are late.
    if record.change_type == "deleted" or id not in standing.operations:
        standing.operations[id] = record.raw
