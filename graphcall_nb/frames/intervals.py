"""Histories of all calls: classification of notifications, and intervals, one row per call and visit to a state.

:class:`~graphcall_nb.graph.history.CallHistory` decides. New calls that visit each known state once are classified
together by array operations with the same result (:func:`_classify_simple_calls`).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

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
from .notifications import Notifications


def classify(table: Notifications, first: int) -> None:
    """Classify the rows from ``first`` on: start of a visit, late, or duplicate.

    Earlier rows of their calls are classified again: a row that arrived before them (two machines whose clocks
    disagree) can change them.
    """
    call = table.call.array
    known = int(call[:first].max(initial=-1)) + 1  # calls are numbered by first appearance
    numbers = call[first:][_classify_simple_calls(table, first, known)]
    is_complex = np.zeros(len(table.calls) + 1, dtype=bool)
    is_complex[numbers] = True
    is_complex[-1] = False  # rows without a call have the number -1
    begin = 0 if is_complex[:known].any() else first
    rows = begin + np.flatnonzero(is_complex[call[begin:]])
    if len(rows):
        _classify_histories(table, rows, first)


def _classify_simple_calls(table: Notifications, first: int, known: int) -> Array:
    """Classify the new calls that visit each known state once, in any order of arrival.

    The visits of such a call are in life-cycle order, and each starts with the first notification of its own state or
    of a later one.

    Parameters
    ----------
    first : first new row
    known : number of calls before it

    Returns
    -------
    bool array
        True for each new row of another call.
    """
    call, life, at = (column.array[first:] for column in (table.call, table.life, table.received_at))
    # Tables by state and new call, with a further state after all others, and a last column for any other row.
    shape = (len(STATES) + 1, len(table.calls) - known + 1)
    place = np.where(call >= known, call - known, shape[1] - 1)
    has_state = (life >= 0) & (life < len(STATES))
    cell = np.where(has_state, life, 0).astype(np.int64) * shape[1] + place
    order = np.argsort(at, kind="stable")
    rank = np.empty(len(at), dtype=np.int32)
    rank[order] = np.arange(len(at), dtype=np.int32)
    arrival = np.full(shape[0] * shape[1], len(at), dtype=np.int32)  # rank of the notification of each state
    arrival[cell] = rank
    is_complex = np.zeros(shape[1], dtype=bool)
    is_complex[-1] = True
    is_complex[place[~has_state | (arrival[cell] != rank)]] = True  # another row may have the same state
    earliest = np.minimum.accumulate(arrival.reshape(shape)[::-1], axis=0)[::-1].ravel()
    position = np.cumsum(arrival.reshape(shape) < len(at), axis=0, dtype=np.int32).ravel()
    complex_rows: Array = is_complex[place]
    table.position.array[first:] = np.where(complex_rows, -1, position[cell] - 1)
    sorted_at = at[order]
    table.start.array[first:] = sorted_at[earliest[cell]]
    overtaken_by = earliest[cell + shape[1]]  # first arrival of a later state
    late = np.flatnonzero((overtaken_by < rank) & ~complex_rows)
    table.late_by.array[first + late] = at[late] - sorted_at[overtaken_by[late]]
    return complex_rows


def _classify_histories(table: Notifications, rows: Array, first: int) -> None:
    """Classify all rows of some calls, one history after the other."""
    rows = rows[np.lexsort((rows, table.received_at.array[rows], table.call.array[rows]))]
    table.position.array[rows] = -1
    states = [*table.state.codes, None]  # the code of a missing state is -1
    fields = (
        table.call.array[rows],
        rows,
        table.received_at.array[rows],
        table.resource.array[rows],
        table.life.array[rows],
        table.read_content_hashes(rows),
        table.entity.array[rows] == table.entity.codes["operation"],
    )
    duplicates: dict[int, int | None] = {}
    delays: dict[int, int | None] = {}
    for _, events in groupby(zip(*(field.tolist() for field in fields), strict=True), itemgetter(0)):
        history = CallHistory()
        for _, row, at, resource, life, content, is_operation in events:
            # The row stands for the number in the journal: both grow together, and a row needs no search.
            result = history.add(CallEvent(row, at, resource, states[life], content, is_operation))
            original = result.duplicate_of
            duplicates[row] = None if original is None else int(table.seq.array[original])
            delays[row] = result.late_by_us
        for position, visit in enumerate(history.visits):
            table.position.array[visit.seq], table.start.array[visit.seq] = position, visit.start_us
    _write_marks(table.duplicate_of, duplicates, first)
    _write_marks(table.late_by, delays, first)


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
