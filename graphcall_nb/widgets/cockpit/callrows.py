"""Journal rows become one line for each call: what it is called, where it stands, how it ended. Pure: no widget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..._text import show_invisible
from ...graph.results import explain
from ...session.call_store import CallStatus
from ..follower import (
    AT_US,
    CALL_ID,
    DIRECTION,
    ENTITY,
    MAX_CALLS,
    RAW,
    REQ_BODY,
    REQ_CALL_ID,
    REQ_SENT_US,
    RESULT,
    Follower,
    state_of,
)
from ..timeline.labels import label_of_body, label_of_notification


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
    standing: CallStatus = field(default_factory=CallStatus)
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


class CallRows(Follower[CallLine]):
    """The calls of a journal, newest last, and what changed since it was last asked.

    Parameters
    ----------
    max_calls : how many are kept
    """

    def __init__(self, max_calls: int = MAX_CALLS) -> None:
        super().__init__(max_calls)

    # ---- in

    def _created(self, request: Sequence[Any]) -> None:
        call = self._line(request[REQ_CALL_ID], request[REQ_SENT_US] // 1000)
        call.label = label_of_body(request[REQ_BODY]) or call.label
        call.incoming = False
        # A notification may be quicker than the answer to the request.
        call.started = min(call.started, request[REQ_SENT_US] // 1000)

    def _take(self, row: Sequence[Any]) -> None:
        if not row[CALL_ID]:
            return
        at = row[AT_US] // 1000
        call = self._line(row[CALL_ID], at)
        call.notifications += 1
        if row[ENTITY] != "call":
            return
        if not call.label:
            call.label = label_of_notification(row[RAW]) or ""
        call.incoming = call.incoming or row[DIRECTION] == "incoming"
        state = state_of(row)
        if state:
            before = call.standing.state
            call.standing.move(state)
            if call.standing.state != before:
                call.since = max(at, call.since)
        if any(part is not None for part in row[RESULT]):
            call.standing.result = tuple(row[RESULT])

    def _line(self, call_id: str, at: int) -> CallLine:
        call = self._calls.get(call_id)
        if call is None:
            call = self._calls[call_id] = CallLine(self._next_key(), call_id, at)
        self._changed[call_id] = None
        return call

    def note(self, call_id: str, outcome: dict[str, Any] | None) -> None:
        """Remember beside a call what became of an action; a call that is not here is passed over."""
        if call_id in self._calls:
            self._calls[call_id].outcome = outcome
            self._changed[call_id] = None

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
        return show_invisible(message or "")
    numbers = "/".join(str(number) for number in (code, subcode) if number is not None)
    return f"{explain(code, subcode).meaning} ({numbers})"
