"""Histories of all calls: classification of notifications, and intervals, one row per call and visit to a state.

:class:`~graphcall_nb.graph.history.CallHistory` decides. In a large batch, new calls that visit each state once are
classified together by array operations with the same result (:func:`_classify_simple_calls`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..graph.history import CallEvent, CallHistory
from ..graph.states import STATES, TERMINAL
from .columns import (
    NAT,
    Array,
    NullableDurationColumn,
    NullableIntColumn,
    make_duration_series,
    make_text_series,
    make_time_series,
)
from .notifications import Notifications, sort_by_call

MIN_BATCH_ROWS = 256
"""From this number of new rows on, array operations are faster than one history after the other."""


class IntervalBuilder:
    """Classifies the new rows of :class:`.Notifications`: start of a visit, late, or duplicate.

    A row costs the same at any size of the journal, with one exception: a row that arrived before the last known one of
    its call (two machines whose clocks disagree) makes the history of that call start again.
    """

    def __init__(self, notifications: Notifications) -> None:
        self._notifications = notifications
        self._classified = 0
        self._histories: dict[int, CallHistory] = {}

    def process_new(self) -> None:
        """Classify the rows that are new since the last time."""
        first, self._classified = self._classified, len(self._notifications)
        if first == self._classified:
            return
        batch = _Batch(self._notifications, self._histories)
        rows = np.arange(first, self._classified)
        if len(rows) >= MIN_BATCH_ROWS:
            rows = _classify_simple_calls(self._notifications, first)
        for row in rows.tolist():
            batch.classify(row)
        batch.write(first)


def _classify_simple_calls(table: Notifications, first: int) -> Array:
    """Classify the new calls that visit each known state once, in any order of arrival; return all other rows.

    The visits of such a call are in life-cycle order, and each starts with the first notification of its own state or
    of a later one.
    """
    call, life = table.call.array[first:], table.life.array[first:]
    order = sort_by_call(call, life)
    call, life = call[order], life[order]
    begins = np.r_[True, call[1:] != call[:-1]]
    is_complex = np.zeros(len(table.calls) + 1, dtype=bool)
    is_complex[call[(life < 0) | (life >= len(STATES))]] = True
    is_complex[call[1:][~begins[1:] & (life[1:] == life[:-1])]] = True
    is_complex[_find_continued_calls(table, first)] = True
    is_complex[-1] = True  # rows without a call have the number -1
    simple = ~is_complex[call]
    earliest = _find_earliest_rows(order, begins)
    rows = first + order[simple]
    place = np.arange(len(call))
    table.position.array[rows] = (place - np.maximum.accumulate(np.where(begins, place, 0)))[simple]
    received = table.received_at.array[first:]
    table.start.array[rows] = received[earliest][simple]
    # Rows behind in the life cycle that arrived before: the difference is the delay of this one.
    overtaken = np.r_[earliest[1:] < order[:-1], False] & ~np.r_[begins[1:], True] & simple
    late = np.flatnonzero(overtaken)
    table.late_by.array[first + order[late]] = received[order[late]] - received[earliest[late + 1]]
    return np.sort(first + order[~simple])


def _find_continued_calls(table: Notifications, first: int) -> Array:
    """Return the numbers of calls that are older than the new rows, or whose new rows are not in order of time."""
    call, at, previous = (column.array[first:] for column in (table.call, table.received_at, table.previous))
    before = np.where(previous >= first, table.received_at.array[previous], at)
    continued: Array = call[((previous >= 0) & (previous < first)) | (before > at)]
    return continued


def _find_earliest_rows(order: Array, begins: Array) -> Array:
    """Return for rows sorted by call and state the first arrival among it and the rows behind it in its call."""
    # The numbers of each call lie below those of the next, so one running minimum from the end serves all.
    offset = np.cumsum(begins) * len(order)
    lowest: Array = np.minimum.accumulate((order + offset)[::-1])[::-1] - offset
    return lowest


class _Batch:
    """One batch of new rows: collects the marks to write, and keeps the histories of live calls."""

    def __init__(self, table: Notifications, histories: dict[int, CallHistory]) -> None:
        self._table = table
        self._histories = histories
        self._states = list(table.state.codes)
        self._operation = table.entity.codes["operation"]
        self._call, self._life, self._position, self._start = (
            column.array for column in (table.call, table.life, table.position, table.start)
        )
        self._at, self._entity = table.received_at.array, table.entity.array
        self._resource, self._content = table.resource.array, table.content.array
        self._rebuilt: set[int] = set()
        self._duplicates: dict[int, int | None] = {}
        self._delays: dict[int, int | None] = {}

    def classify(self, row: int) -> None:
        number = int(self._call[row])
        if number < 0 or number in self._rebuilt:
            return
        history = self._histories.get(number)
        if history is None and self._table.previous.array[row] < 0:
            history = self._histories[number] = CallHistory()
        if history is None or history.last_key > (self._at[row], row):
            self._rebuild(number)
        else:
            self._add(history, row)

    def _rebuild(self, number: int) -> None:
        """Build a history again from all rows of the call, in order of time."""
        self._rebuilt.add(number)
        history = self._histories[number] = CallHistory()
        rows = self._table.find_rows(number)
        rows.sort(key=lambda row: (self._at[row], row))
        self._position[rows] = -1
        self._duplicates.update(dict.fromkeys(rows))
        self._delays.update(dict.fromkeys(rows))
        for row in rows:
            self._add(history, row)

    def _add(self, history: CallHistory, row: int) -> None:
        code = int(self._life[row])
        # The row stands for the number in the journal: both grow together, and a row needs no search.
        event = CallEvent(
            row,
            int(self._at[row]),
            self._resource[row],
            self._states[code] if code >= 0 else None,
            int(self._content[row]),
            bool(self._entity[row] == self._operation),
        )
        result = history.add(event)
        if result.duplicate_of is not None:
            self._duplicates[row] = int(self._table.seq.array[result.duplicate_of])
        if result.late_by_us is not None:
            self._delays[row] = result.late_by_us
        if result.position is not None:
            self._start[row] = history.visits[result.position].start_us
            for position in range(result.position, len(history.visits)):
                self._position[history.visits[position].seq] = position

    def write(self, first: int) -> None:
        """Write the marks into the columns, and drop the histories of calls that have ended."""
        _write_marks(self._table.duplicate_of, self._duplicates, first)
        _write_marks(self._table.late_by, self._delays, first)
        for number in [number for number, history in self._histories.items() if history.has_ended]:
            del self._histories[number]


def _write_marks(column: NullableIntColumn | NullableDurationColumn, marks: dict[int, int | None], first: int) -> None:
    changed = {row: mark for row, mark in marks.items() if column.get(row) != mark}
    if changed:
        column.replace(changed, is_shown=any(row < first for row in changed))


@dataclass(frozen=True)
class Intervals:
    """Visits of all calls as arrays.

    Calls come in the order of their first notification, the visits of a call in life-cycle order.

    Attributes
    ----------
    call : number of the call
    state : code of the state
    start, end : microseconds since 1970; ``end`` is :data:`.NAT` for an open visit
    is_last : True for the last visit of each call
    """

    call: Array
    state: Array
    start: Array
    end: Array
    is_last: Array

    @property
    def duration(self) -> Array:
        """End less start in microseconds; :data:`.NAT` for an open visit."""
        duration = self.end - self.start
        duration[self.end == NAT] = NAT
        return duration


def compute_intervals(table: Notifications) -> Intervals:
    """Return the visits of all calls. Nothing is sorted: number and position of a visit give its place."""
    rows = np.flatnonzero(table.position.array >= 0)
    number, life, start, position = (
        column.array if len(rows) == len(table) else column.array[rows]
        for column in (table.call, table.life, table.start, table.position)
    )
    visits = np.bincount(number, minlength=len(table.calls))
    ends = np.cumsum(visits)
    at = (ends - visits)[number] + position
    call = np.repeat(np.arange(len(visits)), visits)
    state, begin = np.empty_like(life), np.empty_like(start)
    state[at], begin[at] = life, start
    is_last = np.zeros(len(at), dtype=bool)
    is_last[ends[visits > 0] - 1] = True
    end = np.append(begin[1:], NAT)[: len(at)]
    end[is_last] = NAT
    ended = state == table.state.codes[TERMINAL]
    end[ended] = begin[ended]
    return Intervals(call, state, begin, end, is_last)


def make_intervals_frame(table: Notifications, intervals: Intervals) -> pd.DataFrame:
    """Return the frame of :meth:`.Frames.intervals`."""
    return pd.DataFrame(
        {
            "call_id": make_text_series(table.call_ids[intervals.call]),
            "state": pd.Categorical.from_codes(intervals.state, dtype=table.state.dtype),
            "start": make_time_series(intervals.start),
            "end": make_time_series(intervals.end),
            "duration": make_duration_series(intervals.duration),
        },
        copy=False,  # the arrays belong to this frame alone
    )


def compute_first_starts(intervals: Intervals, state: int, count: int) -> Array:
    """Return for each of ``count`` calls the start of its first visit to a state, or :data:`.NAT`."""
    visits = np.flatnonzero(intervals.state == state)[::-1]
    start = np.full(count, NAT, dtype=np.int64)
    start[intervals.call[visits]] = intervals.start[visits]
    return start


def compute_end_times(table: Notifications, intervals: Intervals) -> dict[str, int]:
    """Return the end of each call that has ended, in microseconds, by call id."""
    ended = compute_first_starts(intervals, table.state.codes[TERMINAL], len(table.calls))
    return {call_id: int(at) for call_id, at in zip(table.calls, ended.tolist(), strict=True) if at != NAT}
