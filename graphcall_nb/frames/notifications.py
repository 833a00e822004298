"""All notifications of a journal in columns, with the links that the history of each call needs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..graph.states import STATES, TERMINAL
from ..journal.records import NotificationRecord
from .columns import (
    Array,
    CategoryColumn,
    Column,
    IntColumn,
    NullableDurationColumn,
    NullableIntColumn,
    TextColumn,
    TimeColumn,
    Values,
    make_frame,
    make_object_array,
)
from .lazy_payload import LazyPayloads, ReadPayloads

TONES = (*(f"tone{digit}" for digit in range(10)), "star", "pound", "a", "b", "c", "d", "flash")

_COMPUTED = ("duplicate_of", "late_by")
_REPEATING = ("resource", "answered_by", "active_modalities")
_NO_CALL_FIELDS = NotificationRecord(0, 0, "", "", "", "", None, None, None, None, None, None, None, None, None, "")


class Notifications:
    """Growing columns of notifications; appending costs time in proportion to the new rows.

    Besides the columns of the frame (``shown``) it keeps for each row

    * ``content``: the hash of its raw text, which tells equal notifications without keeping the text
    * ``call``: the number of its call, by first appearance; -1 for none
    * ``previous``: the previous row of the same call; -1 for none
    * ``life``: the code of the state that it gives its call; -1 for none
    * ``position``: the position of the visit that it began among the visits of its call; -1 for none
    * ``start``: the start of that visit, in microseconds
    """

    def __init__(self, read_payloads: ReadPayloads) -> None:
        self.seq, self.received_at, self.resource = IntColumn(), TimeColumn(), TextColumn()
        self.raw = LazyPayloads(self.seq, read_payloads)
        self.state = CategoryColumn(STATES, is_ordered=True)
        self.entity = CategoryColumn(("call", "participants", "participant", "operation"))
        self.duplicate_of, self.late_by = NullableIntColumn(), NullableDurationColumn()
        self.result_code, self.result_subcode = NullableIntColumn(), NullableIntColumn()
        self.result_message = TextColumn()
        self.change_type = CategoryColumn(("created", "updated", "deleted"))
        self.direction = CategoryColumn(("incoming", "outgoing"))
        self.shown: dict[str, Column] = {
            "seq": self.seq,
            "received_at": self.received_at,
            "call_id": TextColumn(),
            "entity": self.entity,
            "state": self.state,
            "change_type": self.change_type,
            "direction": self.direction,
            "answered_by": TextColumn(),
            "active_modalities": TextColumn(),
            "tone": CategoryColumn(TONES),
            "result_code": self.result_code,
            "result_subcode": self.result_subcode,
            "result_message": self.result_message,
            "duplicate_of": self.duplicate_of,
            "late_by": self.late_by,
            "resource": self.resource,
            "etag": TextColumn(),
        }
        self.content, self.call, self.previous = IntColumn(), IntColumn(), IntColumn()
        self.life, self.position, self.start = IntColumn(), IntColumn(), IntColumn()
        self.calls: dict[str, int] = {}
        """Number of each call by its id."""
        self._call_ids, self._last_row = TextColumn(), IntColumn()
        """Id and last row of each call, by its number."""
        self._texts: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self.start)

    @property
    def call_ids(self) -> Array:
        """Ids of the calls by number. Valid until more rows are added."""
        return self._call_ids.array

    def to_frame(self) -> pd.DataFrame:
        """Return the notifications as a frame, without a copy."""
        return make_frame({**self.shown, "raw": self.raw})

    def extend(self, rows: Sequence[Sequence[Any]]) -> None:
        """Append rows of the journal, ascending by ``seq``; :class:`.IntervalBuilder` classifies them later.

        Parameters
        ----------
        rows : records, or tuples in the order of :class:`~graphcall_nb.journal.records.NotificationRecord`
        """
        first = len(self)
        fields: dict[str, Values] = dict(zip(NotificationRecord._fields, zip(*rows, strict=True), strict=True))
        fields["received_at"] = fields.pop("received_at_us")
        fields["call_id"] = self._number_calls(fields["call_id"])
        share = self._texts.setdefault
        for name in _REPEATING:
            # One object for a text that stands in many rows.
            fields[name] = list(map(share, fields[name], fields[name]))
        for name, column in self.shown.items():
            if name in _COMPUTED:
                column.extend_missing(len(rows))
            else:
                column.extend(fields[name])
        self.content.extend(np.fromiter(map(hash, fields["raw"]), dtype=np.int64, count=len(rows)))
        self.life.extend(self._read_call_states(first))
        self.position.extend(np.full(len(rows), -1))
        self.start.extend(self.received_at.array[first:])

    def _number_calls(self, ids: Values) -> Array:
        """Give each call of the new rows a number and link each row to the previous one; return the ids."""
        cells = make_object_array(ids)
        codes, unique = pd.factorize(cells)
        known = len(self.calls)
        numbers = [self.calls.setdefault(call_id, len(self.calls)) if call_id else -1 for call_id in unique]
        new = [call_id for call_id, number in zip(unique, numbers, strict=True) if number >= known]
        self._call_ids.extend(new)
        self._last_row.extend([-1] * len(new))
        # Rows without a call have code -1, which selects the last element.
        number = np.array([*numbers, -1], dtype=np.int64)[codes]
        self.previous.extend(self._find_previous_rows(number, len(self.call)))
        self.call.extend(number)
        return np.where(number >= 0, self._call_ids.array[number], cells) if self.calls else cells

    def _find_previous_rows(self, numbers: Array, first: int) -> Array:
        """Return for each new row the previous row of the same call; -1 for none."""
        order = sort_by_call(numbers)
        number, row = numbers[order], first + order
        begins = np.r_[True, number[1:] != number[:-1]]
        known = self._last_row.array[number] if len(self._last_row) else np.full(len(number), -1)
        before = np.where(begins, known, np.r_[-1, row[:-1]])
        ends = np.r_[begins[1:], True] & (number >= 0)
        self._last_row.array[number[ends]] = row[ends]
        previous = np.empty(len(numbers), dtype=np.int64)
        previous[order] = np.where(number >= 0, before, -1)
        return previous

    def _read_call_states(self, first: int) -> Array:
        """Return the codes of :func:`graphcall_nb.graph.history.read_call_state`, for all rows from ``first`` on."""
        state, ended = self.state.array[first:], self.state.codes[TERMINAL]
        deleted = self.change_type.array[first:] == self.change_type.codes["deleted"]
        codes = np.where(state >= 0, state, np.where(deleted, ended, -1))
        return np.where(self.entity.array[first:] == self.entity.codes["call"], codes, -1)

    def find_incoming(self, first: int) -> Array:
        """Return the rows from ``first`` on that announce an incoming call."""
        created = self.change_type.array[first:] == self.change_type.codes["created"]
        incoming = self.direction.array[first:] == self.direction.codes["incoming"]
        announced = (created & incoming) | (self.state.array[first:] == self.state.codes["incoming"])
        return first + np.flatnonzero(announced & (self.entity.array[first:] == self.entity.codes["call"]))

    def read_records(self, entities: Collection[str], first: int) -> Iterator[NotificationRecord]:
        """Yield the notifications about these entities from row ``first`` on, without the fields of a call."""
        codes = [self.entity.codes[name] for name in entities]
        rows = first + np.flatnonzero(np.isin(self.entity.array[first:], codes) & (self.call.array[first:] >= 0))
        entities, changes = list(self.entity.codes), list(self.change_type.codes)
        columns = (self.seq, self.received_at, self.call, self.resource, self.entity, self.change_type)
        fields = [column.array[rows].tolist() for column in columns]
        ids = self._call_ids.array
        for seq, at, call, resource, entity, change, raw in zip(*fields, self.raw.read(rows), strict=True):
            yield _NO_CALL_FIELDS._replace(
                seq=seq,
                received_at_us=at,
                call_id=ids[call],
                entity=entities[entity],
                resource=resource,
                change_type=changes[change],
                raw=raw,
            )

    def find_rows(self, number: int) -> list[int]:
        """Return all rows of a call, in order of ``seq``."""
        previous, rows, row = self.previous.array, [], int(self._last_row.array[number])
        while row >= 0:
            rows.append(row)
            row = int(previous[row])
        return rows[::-1]


def sort_by_call(call: Array, within: Array | None = None) -> Array:
    """Return positions sorted by call, and within a call by a second key; the sort is stable.

    Parameters
    ----------
    call : numbers from -1 on
    within : second key, from -1 on

    Notes
    -----
    Equal to ``np.lexsort((within, call))`` and seven times faster: both keys and the position are packed into one
    number, since numpy sorts plain numbers with vector instructions and positions by number without.
    """
    bits = [int(key.max(initial=-1) + 1).bit_length() for key in (call, within) if key is not None]
    shift = max(len(call) - 1, 0).bit_length()
    if sum(bits) + shift > 63:
        return np.argsort(call, kind="stable") if within is None else np.lexsort((within, call))
    packed: Array = call.astype(np.int64) + 1
    if within is not None:
        packed <<= bits[1]
        packed |= within.astype(np.int64) + 1
    packed <<= shift
    packed |= np.arange(len(call))
    packed.sort()
    packed &= (1 << shift) - 1
    return packed
