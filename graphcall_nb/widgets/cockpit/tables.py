"""The tables of calls and notifications: their rows, and the widgets that show them."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..._text import bidi_isolate, escape_invisible, json_text, pluralize, show_invisible
from ...errors import JournalError
from ...graph.clouds import Cloud
from ...graph.history import CallEvent, CallHistory
from ...graph.results import explain
from ...journal.records import NotificationRecord, RequestRecord
from ...plots.colors import STATE_COLORS, UNKNOWN_COLOR
from .. import read_bundle
from ..labels import make_notification_label, make_request_label
from ..sync import MAX_CALLS, CallAggregator, Source, SyncedWidget
from .call_actions import CallAction, collect_reasons

MAX_NOTIFICATIONS = 5_000
"""Older notifications are not shown; the journal has them all."""

PerformAction = Callable[[str, str, Mapping[str, Any]], object]

_COLORS = {"colors": STATE_COLORS, "unknown": UNKNOWN_COLOR}


# ---- calls


@dataclass(slots=True)
class CallRow:
    """One call.

    Attributes
    ----------
    started : milliseconds since 1970
    outcome : that of the last action in this cockpit
    outcome_state : the state of the call that the outcome is about
    request : id of the last request of a page that was handled
    """

    key: int
    call_id: str
    started: int
    label: str = ""
    incoming: bool = False
    notifications: int = 0
    history: CallHistory = field(default_factory=CallHistory)
    result: tuple[int | None, int | None, str | None] = (None, None, None)
    outcome: dict[str, Any] | None = None
    outcome_state: str | None = None
    request: str = ""

    def get_outcome(self) -> dict[str, Any] | None:
        """Return the outcome unless the state of the call has changed since."""
        if self.outcome is None or self.outcome["kind"] == "busy" or self.outcome_state == self.history.state:
            return self.outcome
        return None

    def to_wire(self) -> list[Any]:
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
            describe_result(*self.result),
            self.get_outcome(),
            self.request,
        ]


class CallRows(CallAggregator[CallRow]):
    """The calls of a journal, newest last, and what changed since the last :meth:`pop_changes`.

    Parameters
    ----------
    max_calls : the number of calls kept
    """

    base_ms = 0

    def __init__(self, max_calls: int = MAX_CALLS) -> None:
        super().__init__(max_calls)

    def _add_request(self, request: RequestRecord, call_id: str) -> None:
        sent_ms = request.sent_at_us // 1000
        call = self._get_or_add(call_id, sent_ms)
        if label := make_request_label(request.request_body):
            call.label = self.labels.add(call_id, label)
        call.incoming = False
        call.started = min(call.started, sent_ms)  # a notification may arrive before the response

    def _add_notification(self, record: NotificationRecord) -> None:
        if not record.call_id:
            return
        call = self._get_or_add(record.call_id, record.received_at_us // 1000)
        call.notifications += 1
        if record.entity != "call":
            return
        if not call.label:
            call.label = self.labels.add(record.call_id, make_notification_label(record.raw) or "")
        call.incoming = call.incoming or record.direction == "incoming"
        call.history.add(CallEvent.from_record(record))
        result = (record.result_code, record.result_subcode, record.result_message)
        if any(part is not None for part in result):
            call.result = result

    def _get_or_add(self, call_id: str, at: int) -> CallRow:
        call = self._calls.get(call_id)
        if call is None:
            call = self._calls[call_id] = CallRow(self._next_key(), call_id, at)
        self._changed[call_id] = None
        return call

    def set_outcome(self, call_id: str, outcome: dict[str, Any] | None) -> None:
        """Set the outcome of an action; an unknown call is ignored.

        A success is about the state in which the action was requested: the notification of the change may arrive before
        the response, which then has nothing new to say.
        """
        call = self._calls.get(call_id)
        if call is None:
            return
        if outcome is None or outcome["kind"] != "done":
            call.outcome_state = call.history.state
        call.outcome = outcome
        self._changed[call_id] = None

    def get_outcome(self, call_id: str) -> dict[str, Any]:
        """Return the outcome of the last action in the present state of a call; empty without one."""
        call = self._calls.get(call_id)
        return (call and call.get_outcome()) or {}

    def set_request(self, call_id: str, request: str) -> None:
        """Set the id of the last request of a page that was handled; an unknown call is ignored."""
        if call_id in self._calls:
            self._calls[call_id].request = request
            self._changed[call_id] = None

    def pop_changes(self) -> dict[str, Any] | None:
        """Return what changed since the last time, as JSON, or ``None``."""
        if not self._changed and not self._gone:
            return None
        changes: dict[str, Any] = {"rows": [self._calls[call_id].to_wire() for call_id in self._changed]}
        if self._gone:
            changes |= {"gone": self._gone, "dropped": self.dropped}
        self._changed, self._gone = {}, []
        return changes

    def dump(self) -> dict[str, Any]:
        """Return everything as JSON."""
        return {"rows": [call.to_wire() for call in self._calls.values()], "dropped": self.dropped}

    def get_label(self, call_id: str) -> str:
        """Return the label of a call; empty for a call without one."""
        call = self._calls.get(call_id)
        return call.label if call else ""

    def count_live(self) -> int:
        """Return the number of calls that have not ended."""
        return sum(not call.history.has_ended for call in self._calls.values())

    def __contains__(self, call_id: object) -> bool:
        return call_id in self._calls


class CallsTable(SyncedWidget):
    """The calls, and the actions of each.

    Parameters
    ----------
    rows : the calls
    actions : the buttons
    perform : ``perform(call_id, action, values)`` is called for a pressed button; it must not block
    height : of the table in pixels
    answer_seconds : the time in which an incoming call must be answered; by default no time is counted down
    """

    _esm = read_bundle("calls.js")
    _css = read_bundle("cockpit-style.css")

    def __init__(
        self,
        rows: CallRows,
        actions: Mapping[str, CallAction],
        perform: PerformAction,
        *,
        height: int = 232,
        answer_seconds: float | None = None,
        cloud: Cloud | None = None,
    ) -> None:
        self.rows = rows
        self._perform = perform
        setup = {
            "height": height,
            "actions": [action.to_wire() for action in actions.values()],
            "reasons": collect_reasons(actions, cloud),
            "answer_seconds": answer_seconds,
        }
        super().__init__(rows, setup | _COLORS)

    def handle_request(self, message: dict[str, Any]) -> None:
        match message:
            case {"kind": "act", "call": str(call_id), "action": str(action)}:
                values, request = message.get("values"), message.get("request")
                self._perform(call_id, action, values if isinstance(values, dict) else {})
                self.update(lambda: self.rows.set_request(call_id, request if isinstance(request, str) else ""))

    def describe(self) -> str:
        with self._lock:
            return f"{pluralize(len(self.rows), 'call')}, {self.rows.count_live()} live"


def describe_result(code: int | None, subcode: int | None, message: str | None) -> str:
    """Return a result in words with its numbers; empty without one.

    Examples
    --------
    >>> describe_result(603, 0, None)
    'The callee declined the call (603/0)'
    >>> describe_result(None, None, "Gone fishing")
    'Gone fishing'
    """
    if code is None and subcode is None:
        return show_invisible(message or "")
    numbers = "/".join(str(number) for number in (code, subcode) if number is not None)
    return f"{explain(code, subcode).meaning} ({numbers})"


# ---- notifications


class NotificationRows:
    """The newest notifications, and those that are new since the last :meth:`pop_changes`.

    Parameters
    ----------
    get_label : ``get_label(call_id)`` returns the label of a call
    max_rows : the number of notifications kept
    """

    base_ms = 0

    def __init__(self, get_label: Callable[[str], str], max_rows: int = MAX_NOTIFICATIONS) -> None:
        self.total = 0
        self._get_label = get_label
        self._after = 0
        self._rows: deque[list[Any]] = deque(maxlen=max_rows)
        self._new: deque[list[Any]] = deque(maxlen=max_rows)

    def feed(self, notifications: Iterable[NotificationRecord]) -> None:
        """Add records in the order of their ``seq``; records added before are skipped."""
        for record in notifications:
            if record.seq > self._after:
                self._after = record.seq
                self.total += 1
                wire = self._make_wire(record)
                self._rows.append(wire)
                self._new.append(wire)

    def _make_wire(self, record: NotificationRecord) -> list[Any]:
        return [
            record.seq,
            record.received_at_us // 1000,
            record.call_id,
            self._get_label(record.call_id),
            record.entity,
            record.change_type,
            record.state or "",
            describe_details(record),
        ]

    def pop_changes(self) -> dict[str, Any] | None:
        """Return what is new since the last time, as JSON, or ``None``."""
        if not self._new:
            return None
        changes = {"rows": list(self._new), "dropped": self.dropped}
        self._new.clear()
        return changes

    def dump(self) -> dict[str, Any]:
        """Return everything as JSON."""
        return {"rows": list(self._rows), "dropped": self.dropped, "most": self._rows.maxlen}

    @property
    def dropped(self) -> int:
        return self.total - len(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


class NotificationsTable(SyncedWidget):
    """The notifications, newest first, each with its JSON as received.

    Parameters
    ----------
    rows : the notifications
    source : the journal, from which the JSON is read on request
    height : of the table in pixels
    """

    _esm = read_bundle("notifications.js")
    _css = read_bundle("cockpit-style.css")

    def __init__(self, rows: NotificationRows, source: Source, *, height: int = 212) -> None:
        self.rows = rows
        self._source = source
        super().__init__(rows, {"height": height, **_COLORS})

    def handle_request(self, message: dict[str, Any]) -> None:
        seq = message.get("seq")
        if message.get("kind") == "raw" and isinstance(seq, int):
            self.send({"kind": "raw", "seq": seq, "text": self._read_json(seq)})

    def _read_json(self, seq: int) -> str | None:
        try:
            records = self._source.read(seq - 1, 1)
        except JournalError:
            return None
        return next((format_json(record.raw) for record in records if record.seq == seq), None)

    def describe(self) -> str:
        with self._lock:
            return pluralize(self.rows.total, "notification")


def describe_details(record: NotificationRecord) -> str:
    """Return what a notification contains besides the state, in a few words."""
    parts = [
        describe_result(record.result_code, record.result_subcode, record.result_message),
        f"tone {record.tone}" if record.tone else "",
        f"answered by {record.answered_by}" if record.answered_by else "",
        f"with {record.active_modalities}" if record.active_modalities else "",
    ]
    return " · ".join(bidi_isolate(show_invisible(part)) for part in parts if part)


def format_json(raw: str) -> str:
    """Return JSON with one line per member, and other text unchanged; invisible characters are escaped."""
    try:
        return json_text(json.loads(raw))
    except (ValueError, RecursionError):
        return escape_invisible(raw)
