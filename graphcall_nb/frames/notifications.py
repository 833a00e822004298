"""All notifications of a journal in columns."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Sequence

import numpy as np
import pandas as pd

from ..graph.states import STATES, TERMINAL
from ..journal.columns import SHARED_FIELDS, NotificationColumns, parse_shared_fields
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
    make_frame,
    make_object_array,
)
from .lazy_payload import LazyPayloads, ReadPayloads

TONES = (*(f"tone{digit}" for digit in range(10)), "star", "pound", "a", "b", "c", "d", "flash")

_HASHED_ROWS = 10_000
"""Raw texts in memory at a time."""

_NO_CALL_FIELDS = NotificationRecord(0, 0, "", "", "", "", None, None, None, None, None, None, None, None, None, "")


class Numbers(dict[str, int]):
    """Numbers of texts by first appearance, from 0; an empty text has the number -1."""

    def __missing__(self, text: str) -> int:
        if not text:
            return -1
        number = self[text] = len(self)
        return number

    def number(self, texts: Sequence[str]) -> Array:
        """Return the number of each text. Texts without a number get the next ones."""
        return np.fromiter(map(self.__getitem__, texts), dtype=np.int32, count=len(texts))

    def list_from(self, first: int) -> list[str]:
        """Return the texts with a number of at least ``first``."""
        return [*itertools.islice(reversed(self), len(self) - first)][::-1]


class Notifications:
    """Growing columns of notifications; appending costs time in proportion to the new rows.

    Besides the columns of the frame (``shown``) it keeps for each row

    * ``call``: the number of its call, by first appearance; -1 for none
    * ``life``: the code of the state that it gives its call; -1 for none
    * ``position``: the position of the visit that it began among the visits of its call; -1 for none
    * ``start``: the start of that visit, in microseconds
    """

    def __init__(self, read_payloads: ReadPayloads) -> None:
        self.seq, self.received_at, self.resource = IntColumn(), TimeColumn(), TextColumn()
        self.raw = LazyPayloads(self.seq, read_payloads)
        self.state = CategoryColumn(STATES, is_ordered=True)
        self.entity = CategoryColumn(("call", "participants", "participant", "operation", "contentSharingSessions"))
        self.duplicate_of, self.late_by = NullableIntColumn(), NullableDurationColumn()
        self.result_code, self.result_subcode = NullableIntColumn(), NullableIntColumn()
        self.result_message, self.answered_by = TextColumn(), TextColumn()
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
            "answered_by": self.answered_by,
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
        self.call, self.life, self.position = IntColumn(np.int32), IntColumn(np.int16), IntColumn(np.int32)
        self.start = IntColumn()
        self.calls = Numbers()
        """Number of each call by its id."""
        self._call_ids = TextColumn()
        """Id of each call, by its number."""
        self._resources: dict[str, str] = {}
        self._content = IntColumn()
        """Hash of each raw text, as far as it was needed; else 0."""

    def __len__(self) -> int:
        return len(self.start)

    @property
    def call_ids(self) -> Array:
        """Ids of the calls by number. Valid until more rows are added."""
        return self._call_ids.array

    def to_frame(self) -> pd.DataFrame:
        """Return the notifications as a frame, without a copy."""
        return make_frame({**self.shown, "raw": self.raw})

    def extend(self, columns: NotificationColumns) -> None:
        """Append notifications of the journal, ascending by ``seq``; :func:`.classify` classifies them later."""
        first, count = len(self), len(columns.seq)
        self.seq.extend(columns.seq)
        self.received_at.extend(columns.received_at_us)
        self.shown["call_id"].extend(self._number_calls(columns.call_id))
        # One object for a text that stands in many rows.
        self.resource.extend(list(map(self._resources.setdefault, columns.resource, columns.resource)))
        self.shown["etag"].extend(columns.etag)
        combinations = Numbers()
        codes = combinations.number(columns.shared)
        for name, values in zip(SHARED_FIELDS, zip(*parse_shared_fields(combinations), strict=True), strict=True):
            self.shown[name].extend_shared(values, codes)
        for column in (self.duplicate_of, self.late_by, self._content):
            column.extend_missing(count)
        self.life.extend(self._read_call_states(first))
        self.position.extend(np.full(count, -1))
        self.start.extend(self.received_at.array[first:])

    def _number_calls(self, ids: Sequence[str]) -> Array:
        """Give each call of the new rows a number; return the ids, one object per call."""
        number = self.calls.number(ids)
        self._call_ids.extend(self.calls.list_from(len(self._call_ids)))
        self.call.extend(number)
        if not self.calls:
            return make_object_array(ids)
        texts: Array = self._call_ids.array[number]
        texts[number < 0] = ""
        return texts

    def _read_call_states(self, first: int) -> Array:
        """Return the codes of :func:`graphcall_nb.graph.history.read_call_state`, for all rows from ``first`` on."""
        state, ended = self.state.array[first:], self.state.codes[TERMINAL]
        deleted = self.change_type.array[first:] == self.change_type.codes["deleted"]
        codes = np.where(state >= 0, state, np.where(deleted, ended, -1))
        return np.where(self.entity.array[first:] == self.entity.codes["call"], codes, -1)

    def read_incoming(self, first: int) -> Iterator[tuple[str, str]]:
        """Yield call id and raw text of each notification from row ``first`` on that announces an incoming call."""
        created = self.change_type.array[first:] == self.change_type.codes["created"]
        incoming = self.direction.array[first:] == self.direction.codes["incoming"]
        announced = (created & incoming) | (self.state.array[first:] == self.state.codes["incoming"])
        rows = first + np.flatnonzero(announced & (self.entity.array[first:] == self.entity.codes["call"]))
        yield from zip(self.shown["call_id"].array[rows], self.raw.read(rows), strict=True)

    def read_media_candidates(self, first: int) -> Iterator[tuple[int, tuple[int, int], str]]:
        """Yield number of the call, order and raw text of each notification that can have a ``mediaState``."""
        states = [self.state.codes[name] for name in ("established", "transferAccepted")]
        is_call = self.entity.array[first:] == self.entity.codes["call"]
        is_media = np.isin(self.state.array[first:], states) & (self.shown["tone"].array[first:] < 0) & is_call
        rows = first + np.flatnonzero(is_media & (self.call.array[first:] >= 0))
        columns = (self.call.array, self.received_at.array, self.seq.array)
        call, received_at, seq = (column[rows].tolist() for column in columns)
        yield from zip(call, zip(received_at, seq, strict=True), self.raw.read(rows), strict=True)

    def read_content_hashes(self, rows: Array) -> Array:
        """Return the hash of the raw text of each row, which tells equal notifications without keeping their texts."""
        missing = rows[self._content.array[rows] == 0]
        for start in range(0, len(missing), _HASHED_ROWS):
            part = missing[start : start + _HASHED_ROWS]
            self._content.array[part] = list(map(hash, self.raw.read(part)))
        hashes: Array = self._content.array[rows]
        return hashes

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
