"""Journal records as one row for each call: name, state, result. No widget."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..._text import show_invisible
from ...graph.history import CallEvent, CallHistory
from ...graph.results import explain
from ...journal.records import NotificationRecord, RequestRecord
from ..follower import MAX_CALLS, Follower
from ..timeline.labels import label_of_body, label_of_notification


@dataclass(slots=True)
class CallLine:
    """One call. Times are milliseconds since 1970; ``outcome`` is that of the last action in the cockpit."""

    key: int
    call_id: str
    started: int
    label: str = ""
    incoming: bool = False
    notifications: int = 0
    history: CallHistory = field(default_factory=CallHistory)
    result: tuple[int | None, int | None, str | None] = (None, None, None)
    outcome: dict[str, Any] | None = None

    def wire(self) -> list[Any]:
        visits = self.history.visits
        return [
            self.key,
            self.call_id,
            self.label,
            int(self.incoming),
            self.history.state,
            self.started,
            visits[-1].start_us // 1000 if visits else self.started,
            self.notifications,
            in_words(*self.result),
            self.outcome,
        ]


class CallRows(Follower[CallLine]):
    """The calls of a journal, newest last, and the changes since the last message.

    Parameters
    ----------
    max_calls : number of calls that are kept
    """

    def __init__(self, max_calls: int = MAX_CALLS) -> None:
        super().__init__(max_calls)

    # ---- in

    def _add_request(self, request: RequestRecord, call_id: str) -> None:
        sent_ms = request.sent_at_us // 1000
        call = self._line(call_id, sent_ms)
        call.label = label_of_body(request.request_body) or call.label
        call.incoming = False
        # A notification may be faster than the response to the request.
        call.started = min(call.started, sent_ms)

    def _add_notification(self, record: NotificationRecord) -> None:
        if not record.call_id:
            return
        call = self._line(record.call_id, record.received_at_us // 1000)
        call.notifications += 1
        if record.entity != "call":
            return
        if not call.label:
            call.label = label_of_notification(record.raw) or ""
        call.incoming = call.incoming or record.direction == "incoming"
        call.history.add(CallEvent.from_record(record))
        result = (record.result_code, record.result_subcode, record.result_message)
        if any(part is not None for part in result):
            call.result = result

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
        return sum(not call.history.has_ended for call in self._calls.values())

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
