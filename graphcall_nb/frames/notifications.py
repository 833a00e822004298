"""The notifications so far, in columns, and of each where it stands in the life of its call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from ..callstates import STATES, TERMINAL
from .columns import Categories, Column, MaybeDurations, MaybeNumbers, Numbers, Texts, Times, frame_of

TONES = (*(f"tone{digit}" for digit in range(10)), "star", "pound", "a", "b", "c", "d", "flash")

_FOUND_HERE = ("duplicate_of", "late_by")
_REPEATING = ("call_id", "answered_by", "active_modalities")


class Notifications:
    """Takes rows of the journal; the cost goes with the new rows, whatever is there already.

    Beside the columns of the frame (``shown``) it keeps of each row

    * ``call``: the number of its call, by first appearance; -1 for none
    * ``previous``: the row before of the same call; -1 for none
    * ``life``: the code of the state that the call is in by this row; -1 where it speaks of none
    * ``place``: where in the call's path the visit stands that this row began; -1 for none
    * ``start``: when that visit began, in microseconds
    """

    def __init__(self) -> None:
        self.seq, self.received_at, self.raw, self.resource = Numbers(), Times(), Texts(), Texts()
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
            "raw": self.raw,
        }
        self.call, self.previous, self.life, self.place, self.start = (Numbers() for _ in range(5))
        self.calls: dict[str, int] = {}
        self.last_row: list[int] = []
        """The last row of each call, by its number."""
        self._texts: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self.start)

    def frame(self) -> pd.DataFrame:
        return frame_of(self.shown)

    def extend(self, rows: Sequence[Sequence[Any]]) -> None:
        """Take new rows of the journal, ascending by ``seq``; what they mean is left open."""
        names = [name for name in self.shown if name not in _FOUND_HERE]
        fields: dict[str, Sequence[Any]] = dict(zip(names, zip(*rows, strict=True), strict=True))
        for name in _REPEATING:
            fields[name] = [self._shared(value) for value in fields[name]]
        nothing = [None] * len(rows)
        for name, column in self.shown.items():
            column.extend(fields.get(name, nothing))
        self._chain(fields["call_id"])
        self.life.extend(self._lives(fields))
        self.place.extend([-1] * len(rows))
        self.start.extend(fields["received_at"])

    def _shared(self, text: str | None) -> str | None:
        """One object for a text that stands in many rows."""
        return None if text is None else self._texts.setdefault(text, text)

    def _chain(self, call_ids: Sequence[str | None]) -> None:
        numbers, previous = [], []
        for row, call_id in enumerate(call_ids, len(self.call)):
            if not call_id:
                numbers.append(-1)
                previous.append(-1)
                continue
            number = self.calls.setdefault(call_id, len(self.calls))
            if number == len(self.last_row):
                self.last_row.append(-1)
            numbers.append(number)
            previous.append(self.last_row[number])
            self.last_row[number] = row
        self.call.extend(numbers)
        self.previous.extend(previous)

    def _lives(self, fields: dict[str, Sequence[Any]]) -> list[int]:
        codes, ended = self.state.codes, self.state.codes[TERMINAL]
        # A rejected call is deleted without a word about its state.
        return [
            -1 if entity != "call" else codes[state] if state else ended if change == "deleted" else -1
            for entity, state, change in zip(fields["entity"], fields["state"], fields["change_type"], strict=True)
        ]

    def rows_of(self, number: int) -> list[int]:
        """All rows of a call, in order of ``seq``."""
        previous, rows, row = self.previous.array, [], self.last_row[number]
        while row >= 0:
            rows.append(row)
            row = int(previous[row])
        return rows[::-1]
