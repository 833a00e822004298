"""Columns that grow in place, and that a frame shows without copying them.

Each column keeps one pandas Series over its whole buffer for as long as the buffer lives. What is handed out is a
slice of that Series, so pandas knows that somebody else refers to the data, and copies before it lets the user write
(copy-on-write of pandas 3). Rows that come later are written behind the end of every slice that is out.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np
import pandas as pd

Array: TypeAlias = "np.ndarray[Any, Any]"
Values: TypeAlias = "Sequence[Any] | Array"

UTC_US = pd.DatetimeTZDtype("us", "UTC")
NAT = np.iinfo(np.int64).min
"""How a missing time or duration is written as an integer."""

_FIRST_CAPACITY = 1024
_SHARES_SAFELY = int(pd.__version__.split(".")[0]) >= 3


class Column:
    """A growable column of one dtype."""

    def __init__(self) -> None:
        self._length = 0
        self._buffers: tuple[Array, ...] = ()
        self._grow(_FIRST_CAPACITY)

    def __len__(self) -> int:
        return self._length

    def _make(self, capacity: int) -> tuple[tuple[Array, ...], pd.Series[Any]]:
        """Empty buffers, and a Series that shows the whole of them without a copy."""
        raise NotImplementedError

    def _encode(self, values: Values) -> tuple[Any, ...]:
        """What to write into each of the buffers."""
        return (values,)

    def _grow(self, capacity: int) -> None:
        buffers, self._whole = self._make(capacity)
        for old, new in zip(self._buffers, buffers, strict=False):
            new[: self._length] = old[: self._length]
        self._buffers = buffers

    def extend(self, values: Values) -> None:
        encoded = self._encode(values)
        first = self._length
        self.skip(len(values))
        for buffer, part in zip(self._buffers, encoded, strict=True):
            buffer[first : self._length] = part

    def skip(self, count: int) -> None:
        """Rows with nothing in them: what buffers are made with stays."""
        end = self._length + count
        capacity = len(self._buffers[0])
        if end > capacity:
            self._grow(max(end, 2 * capacity))
        self._length = end

    def change(self, changes: Mapping[int, Any], *, shown: bool) -> None:
        """Change rows; where a frame may show them already (``shown``), it keeps the old buffers, as they were."""
        encoded = self._encode(list(changes.values()))  # a category that is new replaces the buffers
        if shown:
            self._grow(len(self._buffers[0]))
        rows = list(changes)
        for buffer, part in zip(self._buffers, encoded, strict=True):
            buffer[rows] = part

    @property
    def array(self) -> Array:
        """The data so far; not to be kept, since growing replaces it."""
        return self._buffers[0][: self._length]

    def series(self) -> pd.Series[Any]:
        return self._whole.iloc[: self._length]


class Numbers(Column):
    """int64."""

    def _make(self, capacity: int) -> tuple[tuple[Array, ...], pd.Series[Any]]:
        buffer = np.zeros(capacity, dtype=np.int64)
        return (buffer,), pd.Series(buffer, copy=False)


class MaybeNumbers(Column):
    """Int64; ``None`` is missing."""

    def _make(self, capacity: int) -> tuple[tuple[Array, ...], pd.Series[Any]]:
        data, mask = np.zeros(capacity, dtype=np.int64), np.ones(capacity, dtype=bool)
        return (data, mask), pd.Series(pd.arrays.IntegerArray(data, mask), copy=False)

    def _encode(self, values: Values) -> tuple[Any, ...]:
        given = objects(values)
        missing: Array = given == None  # noqa: E711 - of each element
        data = np.zeros(len(given), dtype=np.int64)
        data[~missing] = given[~missing]
        return data, missing

    def get(self, row: int) -> int | None:
        data, mask = self._buffers
        return None if mask[row] else int(data[row])

    @property
    def missing(self) -> Array:
        return self._buffers[1][: self._length]


class MaybeFlags(Column):
    """boolean; ``None`` is missing."""

    def _make(self, capacity: int) -> tuple[tuple[Array, ...], pd.Series[Any]]:
        data, mask = np.zeros(capacity, dtype=bool), np.ones(capacity, dtype=bool)
        return (data, mask), pd.Series(pd.arrays.BooleanArray(data, mask), copy=False)

    def _encode(self, values: Values) -> tuple[Any, ...]:
        return [bool(value) for value in values], [value is None for value in values]


class Texts(Column):
    """object: text, or ``None``."""

    def _make(self, capacity: int) -> tuple[tuple[Array, ...], pd.Series[Any]]:
        buffer = np.empty(capacity, dtype=object)
        return (buffer,), pd.Series(buffer, dtype=object, copy=False)


class Times(Column):
    """datetime64[us, UTC], from microseconds since the epoch."""

    def _make(self, capacity: int) -> tuple[tuple[Array, ...], pd.Series[Any]]:
        # pandas makes its own buffer here, so that is the one to write to.
        whole: Any = pd.array(np.zeros(capacity, dtype="M8[us]"), dtype=UTC_US)
        return (whole.asi8,), pd.Series(whole, copy=False)


class MaybeTimes(Times):
    """datetime64[us, UTC]; ``None`` is NaT."""

    def _encode(self, values: Values) -> tuple[Any, ...]:
        return ([NAT if value is None else value for value in values],)


class MaybeDurations(Column):
    """timedelta64[us], from microseconds; ``None`` is NaT."""

    def _make(self, capacity: int) -> tuple[tuple[Array, ...], pd.Series[Any]]:
        buffer = np.full(capacity, NAT, dtype=np.int64)
        return (buffer,), pd.Series(buffer.view("m8[us]"), copy=False)

    def _encode(self, values: Values) -> tuple[Any, ...]:
        return ([NAT if value is None else value for value in values],)

    def get(self, row: int) -> int | None:
        value = int(self._buffers[0][row])
        return None if value == NAT else value


class Categories(Column):
    """category: known values in their order, then others as they came; ``None`` is missing."""

    def __init__(self, known: Iterable[str], ordered: bool = False) -> None:
        self.codes = {value: code for code, value in enumerate(known)}
        self._ordered = ordered
        super().__init__()

    @property
    def dtype(self) -> pd.CategoricalDtype:
        return pd.CategoricalDtype(list(self.codes), ordered=self._ordered)

    def _make(self, capacity: int) -> tuple[tuple[Array, ...], pd.Series[Any]]:
        # The width that pandas itself takes for so many categories; any other would make it copy.
        buffer = np.full(capacity, -1, dtype=pd.Categorical.from_codes([], dtype=self.dtype).codes.dtype)
        shown = pd.Categorical.from_codes(buffer, dtype=self.dtype, validate=False)
        return (buffer,), pd.Series(shown, copy=False)

    def _encode(self, values: Values) -> tuple[Any, ...]:
        codes: dict[Any, int] = {None: -1, **self.codes}
        if not codes.keys() >= set(values):
            for value in dict.fromkeys(values):
                if value not in codes:
                    codes[value] = self.codes[value] = len(self.codes)
            # Frames that are out keep the categories they have.
            self._grow(len(self._buffers[0]))
        return (np.fromiter(map(codes.__getitem__, values), dtype=np.int64, count=len(values)),)


def objects(values: Values) -> Array:
    """An array of the very objects, whatever they are."""
    return np.fromiter(values, dtype=object, count=len(values))


class Table:
    """Columns of rows that have a key: what is known of a thing is written again when there is news of it."""

    def __init__(self, columns: Mapping[str, Column]) -> None:
        self.columns = columns
        self._rows: dict[Hashable, int] = {}
        self._handed_out = 0

    def __len__(self) -> int:
        return len(self._rows)

    def write(self, changes: Mapping[Hashable, Sequence[Any]]) -> None:
        """Write rows by their key: those that are new behind the others."""
        known = {self._rows[key]: values for key, values in changes.items() if key in self._rows}
        new = {key: values for key, values in changes.items() if key not in self._rows}
        shown = any(row < self._handed_out for row in known)
        for place, column in enumerate(self.columns.values()):
            if known:
                column.change({row: values[place] for row, values in known.items()}, shown=shown)
            column.extend([values[place] for values in new.values()])
        for key in new:
            self._rows[key] = len(self._rows)

    def frame(self) -> pd.DataFrame:
        self._handed_out = len(self)
        return frame_of(self.columns)


class Shown(Protocol):
    """What a frame can show as a column."""

    def series(self) -> pd.Series[Any]: ...


def frame_of(columns: Mapping[str, Shown]) -> pd.DataFrame:
    """A frame over columns of the same length, in the time it takes to make it: nothing is copied."""
    frame = pd.DataFrame({name: column.series() for name, column in columns.items()}, copy=False)
    return handed_out(frame)


def handed_out(frame: pd.DataFrame) -> pd.DataFrame:
    """A copy for the user, who may write into it; pandas 3 makes it when that happens."""
    return frame.copy(deep=not _SHARES_SAFELY)
