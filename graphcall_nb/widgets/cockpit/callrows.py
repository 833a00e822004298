"""Journal rows become one line for each call: what it is called, where it stands, how it ended. Pure: no widget."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...callstates import TERMINAL
from ...results import explain
from ...tracker import Standing
from ..timeline.labels import label_of_body, label_of_notification

MAX_CALLS = 5_000
"""More calls than this are not kept: those that ended first make room."""

# Positions in a row of notifications and in a row of requests.
_SEQ, _AT_US, _CALL_ID, _ENTITY, _CHANGE_TYPE, _STATE, _DIRECTION, _RAW = 0, 1, 2, 3, 5, 6, 7, 15
_RESULT = slice(12, 15)
_REQ_SEQ, _REQ_SENT_US, _REQ_OPERATION, _REQ_CALL_ID, _REQ_BODY = 0, 1, 4, 5, 10


@dataclass(slots=True)
class CallLine:
    """One call. Times are milliseconds since 1970; ``outcome`` is of the last action that was asked for here."""

    key: int
    call_id: str
    started: int
    label: str = ""
    incoming: bool = False
    since: int = 0
    notifications: int = 0
    standing: Standing = field(default_factory=Standing)
    outcome: dict[str, Any] | None = None

    def wire(self) -> list[Any]:
        state = self.standing.state
        return [
            self.key,
            self.call_id,
            self.label,
            int(self.incoming),
            state,
            self.started,
            self.since or self.started,
            self.notifications,
            in_words(*self.standing.result),
            self.outcome,
        ]


class CallRows:
    """The calls of a journal, newest last, and what changed since it was last asked.

    Parameters
    ----------
    max_calls : how many are kept
    """

    def __init__(self, max_calls: int = MAX_CALLS) -> None:
        self.dropped = 0
        self._max_calls = max_calls
        self._calls: dict[str, CallLine] = {}
        self._after = self._after_requests = 0
        self._keys = 0
        self._changed: dict[str, None] = {}  # in the order of change
        self._gone: list[int] = []

    # ---- in

    def feed(self, rows: Iterable[Sequence[Any]], requests: Iterable[Sequence[Any]] = ()) -> None:
        """Take rows of the journal, each kind in the order of its ``seq``; what was taken before is passed over."""
        for request in requests:
            if request[_REQ_SEQ] > self._after_requests:
                self._after_requests = request[_REQ_SEQ]
                self._asked_for(request)
        for row in rows:
            if row[_SEQ] > self._after:
                self._after = row[_SEQ]
                self._take(row)
        self._make_room()

    def _asked_for(self, request: Sequence[Any]) -> None:
        call_id = request[_REQ_CALL_ID]
        if request[_REQ_OPERATION] != "create" or not call_id:
            return
        call = self._line(call_id, request[_REQ_SENT_US] // 1000)
        call.label = label_of_body(request[_REQ_BODY]) or call.label
        call.incoming = False
        # A notification may be quicker than the answer to the request.
        call.started = min(call.started, request[_REQ_SENT_US] // 1000)

    def _take(self, row: Sequence[Any]) -> None:
        if not row[_CALL_ID]:
            return
        at = row[_AT_US] // 1000
        call = self._line(row[_CALL_ID], at)
        call.notifications += 1
        if row[_ENTITY] != "call":
            return
        if not call.label:
            call.label = label_of_notification(row[_RAW]) or ""
        call.incoming = call.incoming or row[_DIRECTION] == "incoming"
        # A rejected call is deleted without a word about its state.
        state = row[_STATE] or (TERMINAL if row[_CHANGE_TYPE] == "deleted" else None)
        if state:
            before = call.standing.state
            call.standing.move(state)
            if call.standing.state != before:
                call.since = max(at, call.since)
        if any(part is not None for part in row[_RESULT]):
            call.standing.result = tuple(row[_RESULT])

    def _line(self, call_id: str, at: int) -> CallLine:
        call = self._calls.get(call_id)
        if call is None:
            call = self._calls[call_id] = CallLine(self._keys, call_id, at)
            self._keys += 1
        self._changed[call_id] = None
        return call

    def note(self, call_id: str, outcome: dict[str, Any] | None) -> None:
        """Remember beside a call what became of an action; a call that is not here is passed over."""
        if call_id in self._calls:
            self._calls[call_id].outcome = outcome
            self._changed[call_id] = None

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

    # ---- out

    def take_changes(self) -> dict[str, Any] | None:
        """What changed since the last time, in the form of the wire, or ``None``."""
        if not self._changed and not self._gone:
            return None
        changes: dict[str, Any] = {"rows": [self._calls[call_id].wire() for call_id in self._changed]}
        if self._gone:
            changes |= {"gone": self._gone, "dropped": self.dropped}
        self._changed, self._gone = {}, []
        return changes

    def whole(self) -> dict[str, Any]:
        """Everything, in the form of the wire."""
        return {"rows": [call.wire() for call in self._calls.values()], "dropped": self.dropped}

    def label(self, call_id: str) -> str:
        """What a call is called; empty where nobody said."""
        call = self._calls.get(call_id)
        return call.label if call else ""

    def live(self) -> int:
        """How many calls have not ended."""
        return sum(not call.standing.ended for call in self._calls.values())

    def __len__(self) -> int:
        return len(self._calls)

    def __contains__(self, call_id: object) -> bool:
        return call_id in self._calls


def in_words(code: int | None, subcode: int | None, message: str | None) -> str:
    """A result in plain words with its numbers; empty for one that says nothing.

    Examples
    --------
    >>> in_words(603, 0, None)
    'The callee declined the call (603/0)'
    >>> in_words(None, None, "Gone fishing")
    'Gone fishing'
    """
    if code is None and subcode is None:
        return message or ""
    numbers = "/".join(str(number) for number in (code, subcode) if number is not None)
    return f"{explain(code, subcode).meaning} ({numbers})"
