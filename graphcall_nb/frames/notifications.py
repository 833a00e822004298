"""The notifications so far, in columns, and of each where it stands in the life of its call."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ..callstates import STATES, TERMINAL
from .columns import (
    Array,
    Categories,
    Column,
    MaybeDurations,
    MaybeNumbers,
    Numbers,
    Texts,
    Times,
    Values,
    frame_of,
    objects,
)
from .order import order_of
from .raw import Raws, ReadRaw

TONES = (*(f"tone{digit}" for digit in range(10)), "star", "pound", "a", "b", "c", "d", "flash")

_FOUND_HERE = ("duplicate_of", "late_by")
_REPEATING = ("resource", "answered_by", "active_modalities")


class Told(NamedTuple):
    """What a notification told about a part of a call; ``at`` in microseconds, ``raw`` as it came."""

    seq: int
    at: int
    call_id: str
    entity: str
    resource: str
    change_type: str
    raw: str


class Notifications:
    """Takes rows of the journal; the cost goes with the new rows, whatever is there already.

    Beside the columns of the frame (``shown``) it keeps of each row

    * ``word``: the hash of its raw text, which tells whether two say the same without keeping either
    * ``call``: the number of its call, by first appearance; -1 for none
    * ``previous``: the row before of the same call; -1 for none
    * ``life``: the code of the state that the call is in by this row; -1 where it speaks of none
    * ``place``: where in the call's path the visit stands that this row began; -1 for none
    * ``start``: when that visit began, in microseconds
    """

    def __init__(self, read_raw: ReadRaw) -> None:
        self.seq, self.received_at, self.resource = Numbers(), Times(), Texts()
        self.raw = Raws(self.seq, read_raw)
        self.state = Categories(STATES, ordered=True)
        self.entity = Categories(("call", "participants", "participant", "operation"))
        self.duplicate_of, self.late_by = MaybeNumbers(), MaybeDurations()
        self.code, self.subcode, self.message = MaybeNumbers(), MaybeNumbers(), Texts()
        self.change_type = Categories(("created", "updated", "deleted"))
        self.direction = Categories(("incoming", "outgoing"))
        self.shown: dict[str, Column] = {
            "seq": self.seq,
            "received_at": self.received_at,
            "call_id": Texts(),
            "entity": self.entity,
            "resource": self.resource,
            "change_type": self.change_type,
            "state": self.state,
            "direction": self.direction,
            "etag": Texts(),
            "answered_by": Texts(),
            "active_modalities": Texts(),
            "tone": Categories(TONES),
            "result_code": self.code,
            "result_subcode": self.subcode,
            "result_message": self.message,
            "duplicate_of": self.duplicate_of,
            "late_by": self.late_by,
        }
        self.word, self.call, self.previous, self.life, self.place, self.start = (Numbers() for _ in range(6))
        self.calls: dict[str, int] = {}
        self._ids, self._last_row = Texts(), Numbers()
        """The id and the last row of each call, by its number."""
        self._texts: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self.start)

    def frame(self) -> pd.DataFrame:
        return frame_of({**self.shown, "raw": self.raw})

    def extend(self, rows: Sequence[Sequence[Any]]) -> None:
        """Take new rows of the journal, ascending by ``seq``; what they mean is left open."""
        first = len(self)
        names = [name for name in self.shown if name not in _FOUND_HERE]
        fields: dict[str, Values] = dict(zip([*names, "raw"], zip(*rows, strict=True), strict=True))
        fields["call_id"] = self._chain(fields["call_id"])
        shared = self._texts.setdefault
        for name in _REPEATING:
            # One object for a text that stands in many rows.
            fields[name] = list(map(shared, fields[name], fields[name]))
        for name in names:
            self.shown[name].extend(fields[name])
        for name in _FOUND_HERE:
            self.shown[name].skip(len(rows))
        self.word.extend(np.fromiter(map(hash, fields["raw"]), dtype=np.int64, count=len(rows)))
        self.life.extend(self._lives(first))
        self.place.extend(np.full(len(rows), -1))
        self.start.extend(self.received_at.array[first:])

    def _chain(self, call_ids: Values) -> Array:
        """Number the calls of new rows and link each row to the one before of its call; the ids, one object a call."""
        given = objects(call_ids)
        codes, unique = pd.factorize(given)
        known = len(self.calls)
        found = [self.calls.setdefault(call_id, len(self.calls)) if call_id else -1 for call_id in unique]
        new = [call_id for call_id, number in zip(unique, found, strict=True) if number >= known]
        self._ids.extend(new)
        self._last_row.extend([-1] * len(new))
        # Rows of no call (code -1) get what stands last.
        numbers = np.array([*found, -1], dtype=np.int64)[codes]
        self.previous.extend(self._linked(numbers, len(self.call)))
        self.call.extend(numbers)
        return np.where(numbers >= 0, self._ids.array[numbers], given) if self.calls else given

    def _linked(self, numbers: Array, first: int) -> Array:
        """For each new row the row before of the same call; -1 for none."""
        order = order_of(numbers)
        number, row = numbers[order], first + order
        begins = np.r_[True, number[1:] != number[:-1]]
        known = self._last_row.array[number] if len(self._last_row) else np.full(len(number), -1)
        before = np.where(begins, known, np.r_[-1, row[:-1]])
        ends = np.r_[begins[1:], True] & (number >= 0)
        self._last_row.array[number[ends]] = row[ends]
        previous = np.empty(len(numbers), dtype=np.int64)
        previous[order] = np.where(number >= 0, before, -1)
        return previous

    def _lives(self, first: int) -> Array:
        state, ended = self.state.array[first:], self.state.codes[TERMINAL]
        # A rejected call is deleted without a word about its state.
        deleted = self.change_type.array[first:] == self.change_type.codes["deleted"]
        told = np.where(state >= 0, state, np.where(deleted, ended, -1))
        return np.where(self.entity.array[first:] == self.entity.codes["call"], told, -1)

    def told_of(self, entities: Collection[str], first: int) -> Iterator[Told]:
        """The notifications about these parts of a call, from row ``first`` on."""
        names, changes = list(self.entity.codes), list(self.change_type.codes)
        codes = [self.entity.codes[name] for name in entities]
        rows = first + np.flatnonzero(np.isin(self.entity.array[first:], codes) & (self.call.array[first:] >= 0))
        seq, at, call, resource, entity, change = (
            column.array[rows].tolist()
            for column in (self.seq, self.received_at, self.call, self.resource, self.entity, self.change_type)
        )
        raw = self.raw.texts(rows)
        ids = self._ids.array
        for row in range(len(rows)):
            kinds = names[entity[row]], resource[row], changes[change[row]]
            yield Told(seq[row], at[row], ids[call[row]], *kinds, raw[row])

    @property
    def ids(self) -> Array:
        """The ids of calls, by their numbers; not to be kept."""
        return self._ids.array

    def rows_of(self, number: int) -> list[int]:
        """All rows of a call, in order of ``seq``."""
        previous, rows, row = self.previous.array, [], int(self._last_row.array[number])
        while row >= 0:
            rows.append(row)
            row = int(previous[row])
        return rows[::-1]
