"""The content of the timeline: for each call the states it was in, and from when.

Without widgets, threads or clocks. Times are whole milliseconds since ``base_ms``, so that they are short on the wire.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ..._text import pluralize, shorten_id
from ...graph.history import CallEvent, CallHistory
from ...graph.states import STATES
from ...journal.records import NotificationRecord, RequestRecord
from ...plots.colors import get_color, get_text_color
from ..labels import format_result, make_notification_label, make_request_label
from ..sync import MAX_CALLS, CallAggregator


@dataclass
class TimelineCall:
    """One row of the timeline.

    ``states`` and ``starts`` are the visits of ``history``: each state lasts until the next one starts, the last one
    until now, and ``terminated`` is a point in time.
    """

    key: int
    call_id: str
    label: str = ""
    result: str = ""
    states: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    history: CallHistory = field(default_factory=CallHistory)

    @property
    def name(self) -> str:
        return self.label or shorten_id(self.call_id)

    def to_wire(self, since: int = 0) -> list[Any]:
        """Return ``[key, id, label, result, since, [state, start, …]]`` with the states from ``since`` on."""
        pairs = [value for pair in zip(self.states[since:], self.starts[since:], strict=True) for value in pair]
        return [self.key, self.call_id, self.label, self.result, since, pairs]


class TimelineModel(CallAggregator[TimelineCall]):
    """The calls of the timeline, and what changed since the last :meth:`pop_changes`.

    Parameters
    ----------
    base_ms : milliseconds since 1970 (UTC) from which times are counted
    labels : ``labels(call_id)`` returns a label that replaces all others, or ``None``
    max_calls : the number of calls kept
    """

    def __init__(
        self,
        base_ms: int,
        *,
        labels: Callable[[str], str | None] | None = None,
        max_calls: int = MAX_CALLS,
    ) -> None:
        super().__init__(max_calls)
        self.base_ms = base_ms
        self.states: list[str] = list(STATES)
        self._labels = labels
        self._early_labels: dict[str, str] = {}
        self._changed: dict[str, int | None] = {}  # call id -> first state that changed; None: only its texts
        self._sent_states = len(self.states)

    # ---- in

    def _add_request(self, request: RequestRecord, call_id: str) -> None:
        label = make_request_label(request.request_body)
        if label is None:
            return
        label = self.labels.add(call_id, label)
        call = self._calls.get(call_id)
        if call is None:
            self._early_labels[call_id] = label  # the response may arrive before the notification
        elif not (self._labels and self._labels(call_id)) and call.label != label:
            call.label = label
            self._changed.setdefault(call_id, None)

    def _add_notification(self, record: NotificationRecord) -> None:
        if record.entity != "call":
            return
        event = CallEvent.from_record(record)
        call = self._calls.get(record.call_id)
        if call is None:
            if event.state is None:
                return
            call = self._add_call(record)
        self._add_event(call, event)
        result = format_result(record.result_code, record.result_subcode, record.result_message)
        if result and result != call.result:
            call.result = result
            self._changed.setdefault(call.call_id, None)

    def _add_call(self, record: NotificationRecord) -> TimelineCall:
        call_id = record.call_id
        label = (self._labels(call_id) if self._labels else None) or self._early_labels.pop(call_id, None)
        if label is None:
            label = self.labels.add(call_id, make_notification_label(record.raw) or "")
        call = TimelineCall(self._next_key(), call_id, label)
        self._calls[call_id] = call
        return call

    def _add_event(self, call: TimelineCall, event: CallEvent) -> None:
        first = call.history.add(event).position
        if first is None:
            return
        visits = call.history.visits[first:]
        call.states[first:] = [self._index(visit.state) for visit in visits]
        call.starts[first:] = [visit.start_us // 1000 - self.base_ms for visit in visits]
        changed = self._changed.get(call.call_id)
        self._changed[call.call_id] = first if changed is None else min(first, changed)

    def _index(self, state: str) -> int:
        if state not in self.states:
            self.states.append(state)
        return self.states.index(state)

    # ---- out

    def pop_changes(self) -> dict[str, Any] | None:
        """Return what changed since the last time, as JSON, or ``None``."""
        if not self._changed and not self._gone:
            return None
        calls = [self._calls[call_id] for call_id in self._changed]
        changes: dict[str, Any] = {
            "calls": [
                call.to_wire(len(call.states) if since is None else since)
                for call, since in zip(calls, self._changed.values(), strict=True)
            ]
        }
        if self._gone:
            changes["gone"] = self._gone
            changes["dropped"] = self.dropped
        if len(self.states) > self._sent_states:
            changes["states"] = self.make_palette()
        self._changed, self._gone, self._sent_states = {}, [], len(self.states)
        return changes

    def dump(self) -> dict[str, Any]:
        """Return everything as JSON."""
        return {
            "base": self.base_ms,
            "states": self.make_palette(),
            "dropped": self.dropped,
            "calls": [call.to_wire() for call in self],
        }

    def make_palette(self) -> list[list[str]]:
        """Return ``[state, color, color of text on it]`` of each state, known ones first."""
        return [[state, get_color(state), get_text_color(state)] for state in self.states]

    def __iter__(self) -> Iterator[TimelineCall]:
        return iter(self._calls.values())

    def counts(self) -> dict[str, int]:
        """Return the number of calls in each present state, in life-cycle order, without zeros."""
        present = [call.states[-1] for call in self]
        return {state: present.count(index) for index, state in enumerate(self.states) if index in present}

    def describe(self) -> str:
        """Return one sentence that says what the timeline shows."""
        if not len(self):
            return "Timeline without calls."
        counts = ", ".join(f"{count} {state}" for state, count in self.counts().items())
        dropped = f" ({self.dropped:,} older ones are omitted)" if self.dropped else ""
        return f"Timeline of {pluralize(len(self), 'call')}{dropped}: {counts}."
