"""Finds out what new notifications mean: which begin a stay in a state, which are late, which are duplicates."""

from __future__ import annotations

import numpy as np

from ..callstates import STATES
from .columns import Array, MaybeDurations, MaybeNumbers
from .life import Item, Life, Verdict
from .notifications import Notifications
from .order import order_of

BULK = 256
"""From how many new rows on it pays to settle at once the calls in which nothing surprising happened."""


class Judge:
    """Follows a :class:`Notifications`; :meth:`look` judges the rows that are new since the last time.

    A row costs the same however many there are, with one exception: a row that came before the last one known of its
    call (clocks of two machines) makes that call's life be told anew.
    """

    def __init__(self, notifications: Notifications) -> None:
        self._all = notifications
        self._judged = 0
        self._lives: dict[int, Life] = {}

    def look(self) -> None:
        first, self._judged = self._judged, len(self._all)
        if first == self._judged:
            return
        round_ = _Round(self._all, self._lives)
        rows = np.arange(first, self._judged)
        if len(rows) >= BULK:
            rows = _without_plain_calls(self._all, first)
        for row in rows.tolist():
            round_.judge(row)
        round_.write(first)


def _without_plain_calls(found: Notifications, first: int) -> Array:
    """Settle the new calls that pass each state once, in whatever order the news of it came; returns all other rows.

    What :class:`~graphcall_nb.frames.life.Life` finds for such a call one row after the other: its stays lie in
    life-cycle order, and each starts with the first news of itself or of a later one.
    """
    call, life = found.call.array[first:], found.life.array[first:]
    order = order_of(call, life)
    call, life = call[order], life[order]
    begins = np.r_[True, call[1:] != call[:-1]]
    surprising = np.zeros(len(found.calls) + 1, dtype=bool)
    surprising[call[(life < 0) | (life >= len(STATES))]] = True
    surprising[call[1:][~begins[1:] & (life[1:] == life[:-1])]] = True
    surprising[_went_on(found, first)] = True
    surprising[-1] = True  # rows of no call have the number -1
    plain = ~surprising[call]
    earliest = _first_news(order, begins)
    rows = first + order[plain]
    since = np.arange(len(call))
    found.place.array[rows] = (since - np.maximum.accumulate(np.where(begins, since, 0)))[plain]
    arrived = found.received_at.array[first:]
    found.start.array[rows] = arrived[earliest][plain]
    # What comes behind in life came before: that is how late this one was.
    overtaken = np.r_[earliest[1:] < order[:-1], False] & ~np.r_[begins[1:], True] & plain
    late = np.flatnonzero(overtaken)
    found.late_by.array[first + order[late]] = arrived[order[late]] - arrived[earliest[late + 1]]
    return np.sort(first + order[~plain])


def _went_on(found: Notifications, first: int) -> Array:
    """Numbers of the calls among the new rows that were known before, or whose rows are not in order of time."""
    call, at, previous = (column.array[first:] for column in (found.call, found.received_at, found.previous))
    before = np.where(previous >= first, found.received_at.array[previous], at)
    known: Array = call[((previous >= 0) & (previous < first)) | (before > at)]
    return known


def _first_news(order: Array, begins: Array) -> Array:
    """For rows by call and then by life: which row came first of it and of those behind it in the same call."""
    # Each call's numbers lie below those of the next, so that one running minimum from the end serves all.
    lift = np.cumsum(begins) * len(order)
    lowest: Array = np.minimum.accumulate((order + lift)[::-1])[::-1] - lift
    return lowest


class _Round:
    """One round of judging; it collects what is to be marked, and keeps the lives of calls that go on."""

    def __init__(self, found: Notifications, lives: dict[int, Life]) -> None:
        self._found = found
        self._lives = lives
        self._states = list(found.state.codes)
        self._operation = found.entity.codes["operation"]
        self._call, self._life, self._place, self._start = (
            column.array for column in (found.call, found.life, found.place, found.start)
        )
        self._at, self._seq, self._entity = (column.array for column in (found.received_at, found.seq, found.entity))
        self._resource, self._word = found.resource.array, found.word.array
        self._retold: set[int] = set()
        self._duplicates: dict[int, int | None] = {}
        self._delays: dict[int, int | None] = {}

    def judge(self, row: int) -> None:
        number = int(self._call[row])
        if number < 0 or number in self._retold:
            return
        life = self._lives.get(number)
        if life is None and self._found.previous.array[row] < 0:
            life = self._lives[number] = Life()
        if life is None or life.key > (self._at[row], self._seq[row]):
            self._retell(number)
        else:
            self._take(life, row)

    def _retell(self, number: int) -> None:
        """Tell a whole life in order, with all rows there are of it."""
        self._retold.add(number)
        life = self._lives[number] = Life()
        rows = self._found.rows_of(number)
        rows.sort(key=lambda row: (self._at[row], self._seq[row]))
        self._place[rows] = -1
        self._duplicates.update(dict.fromkeys(rows))
        self._delays.update(dict.fromkeys(rows))
        for row in rows:
            self._take(life, row)

    def _take(self, life: Life, row: int) -> None:
        code = int(self._life[row])
        item = Item(
            row,
            int(self._seq[row]),
            int(self._at[row]),
            bool(self._entity[row] == self._operation),
            self._resource[row],
            self._states[code] if code >= 0 else None,
            int(self._word[row]),
        )
        self._note(life, item, life.take(item))

    def _note(self, life: Life, item: Item, verdict: Verdict) -> None:
        if verdict.duplicate_of is not None:
            self._duplicates[item.row] = verdict.duplicate_of
        if verdict.late_by is not None:
            self._delays[item.row] = verdict.late_by
        if verdict.visit is None:
            return
        self._start[item.row] = verdict.visit.start
        at_end = life.path[-1] is verdict.visit
        for place, visit in enumerate(life.path[-1:] if at_end else life.path, len(life.path) - 1 if at_end else 0):
            self._place[visit.row] = place

    def write(self, first: int) -> None:
        """Write the marks into the frame's columns, and forget the lives that ended."""
        found = self._found
        _mark(found.duplicate_of, self._duplicates, first)
        _mark(found.late_by, self._delays, first)
        for number in [number for number, life in self._lives.items() if life.ended]:
            del self._lives[number]


def _mark(column: MaybeNumbers | MaybeDurations, marks: dict[int, int | None], first: int) -> None:
    changed = {row: mark for row, mark in marks.items() if column.get(row) != mark}
    shown = any(row < first for row in changed)
    if changed:
        column.change(changed, shown=shown)
