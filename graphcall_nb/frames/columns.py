"""Columns that grow in place and that a frame shows without a copy.

Each column in a frame keeps one pandas Series over its whole buffer for as long as the buffer lives. A frame gets a
slice of that Series, so pandas counts a second reference to the data and copies before the user writes (copy-on-write
of pandas 3). Later rows are written behind the end of every slice.
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
"""Integer value of a missing time or duration."""

_FIRST_CAPACITY = 1024
_GROWTH = 4
"""Factor of a buffer's growth. The system gives it memory only for the part that is written."""

_HAS_COPY_ON_WRITE = int(pd.__version__.split(".")[0]) >= 3


class Column:
    """A growable column of one dtype."""

    _missing: tuple[Any, ...] = (None,)
    """Content of the buffers for a missing value."""

    def __init__(self) -> None:
        self._length = 0
        self._buffers: tuple[Array, ...] = ()
        self._whole: pd.Series[Any] | None = None
        self._grow(_FIRST_CAPACITY)

    def __len__(self) -> int:
        return self._length

    def _allocate(self, capacity: int) -> tuple[Array, ...]:
        """Return buffers of any content."""
        raise NotImplementedError

    def _wrap(self) -> Any:
        """Return the data for a Series over the whole buffers, without a copy."""
        return self._buffers[0]

    def _encode(self, values: Values) -> tuple[Any, ...]:
        """Return the values to write, for each buffer."""
        return (values,)

    def _grow(self, capacity: int) -> None:
        buffers = self._allocate(capacity)
        for old, new in zip(self._buffers, buffers, strict=False):
            length = min(self._length, len(old))
            new[:length] = old[:length]
        self._buffers, self._whole = buffers, None

    def extend(self, values: Values) -> None:
        """Append values."""
        self._append(self._encode(values), len(values))

    def extend_shared(self, values: Values, codes: Array) -> None:
        """Append ``values[code]`` for each code, one object for equal codes."""
        self._append([np.asarray(part).take(codes) for part in self._encode(values)], len(codes))

    def _append(self, encoded: Iterable[Any], count: int) -> None:
        first, self._length = self._length, self._length + count
        capacity = len(self._buffers[0])
        if self._length > capacity:
            self._grow(max(self._length, _GROWTH * capacity))
        for buffer, part in zip(self._buffers, encoded, strict=True):
            buffer[first : self._length] = part

    def extend_missing(self, count: int) -> None:
        """Append rows without a value."""
        self._append(self._missing, count)

    def replace(self, changes: Mapping[int, Any], *, is_shown: bool) -> None:
        """Replace values by row. If a frame may show the rows (``is_shown``), it keeps the old buffers."""
        encoded = self._encode(list(changes.values()))  # a new category replaces the buffers
        if is_shown:
            self._grow(len(self._buffers[0]))
        rows = list(changes)
        for buffer, part in zip(self._buffers, encoded, strict=True):
            buffer[rows] = part

    @property
    def array(self) -> Array:
        """The data. Valid until the column grows."""
        return self._buffers[0][: self._length]

    def to_series(self) -> pd.Series[Any]:
        """Return the data as a Series, without a copy."""
        if self._whole is None:
            data = self._wrap()
            self._whole = pd.Series(data, dtype=data.dtype, copy=False)  # with its dtype, texts stay objects
        return self._whole.iloc[: self._length]


class IntColumn(Column):
    """int64, or a narrower dtype; 0 is missing."""

    _missing = (0,)

    def __init__(self, dtype: type[np.signedinteger[Any]] = np.int64) -> None:
        self._dtype = dtype
        super().__init__()

    def _allocate(self, capacity: int) -> tuple[Array, ...]:
        return (np.empty(capacity, dtype=self._dtype),)


class NullableIntColumn(Column):
    """Int64; ``None`` is missing."""

    _missing = (0, True)

    def _allocate(self, capacity: int) -> tuple[Array, ...]:
        return np.empty(capacity, dtype=np.int64), np.empty(capacity, dtype=bool)

    def _wrap(self) -> Any:
        data, mask = self._buffers
        return pd.arrays.IntegerArray(data, mask)

    def _encode(self, values: Values) -> tuple[Any, ...]:
        cells = make_object_array(values)
        missing: Array = cells == None  # noqa: E711 - of each element
        data = np.zeros(len(cells), dtype=np.int64)
        data[~missing] = cells[~missing]
        return data, missing

    def get(self, row: int) -> int | None:
        """Return the value of one row."""
        data, mask = self._buffers
        return None if mask[row] else int(data[row])

    @property
    def missing(self) -> Array:
        """True for each row without a value."""
        return self._buffers[1][: self._length]


class NullableBoolColumn(Column):
    """boolean; ``None`` is missing."""

    _missing = (False, True)

    def _allocate(self, capacity: int) -> tuple[Array, ...]:
        return np.empty(capacity, dtype=bool), np.empty(capacity, dtype=bool)

    def _wrap(self) -> Any:
        data, mask = self._buffers
        return pd.arrays.BooleanArray(data, mask)

    def _encode(self, values: Values) -> tuple[Any, ...]:
        return [bool(value) for value in values], [value is None for value in values]


class TextColumn(Column):
    """object: text, or ``None``."""

    def _allocate(self, capacity: int) -> tuple[Array, ...]:
        return (np.empty(capacity, dtype=object),)

    def _encode(self, values: Values) -> tuple[Any, ...]:
        return (make_object_array(values),)


class TimeColumn(Column):
    """datetime64[us, UTC], from microseconds since 1970."""

    def _allocate(self, capacity: int) -> tuple[Array, ...]:
        # pandas makes its own buffer here, so the column writes to that one.
        times: Any = pd.array(np.zeros(capacity, dtype="M8[us]"), dtype=UTC_US)
        self._times = times
        return (times.asi8,)

    def _wrap(self) -> Any:
        return self._times


class NullableTimeColumn(TimeColumn):
    """datetime64[us, UTC]; ``None`` is NaT."""

    def _encode(self, values: Values) -> tuple[Any, ...]:
        return ([NAT if value is None else value for value in values],)


class NullableDurationColumn(Column):
    """timedelta64[us], from microseconds; ``None`` is NaT."""

    _missing = (NAT,)

    def _allocate(self, capacity: int) -> tuple[Array, ...]:
        return (np.empty(capacity, dtype=np.int64),)

    def _wrap(self) -> Any:
        return self._buffers[0].view("m8[us]")

    def _encode(self, values: Values) -> tuple[Any, ...]:
        return ([NAT if value is None else value for value in values],)

    def get(self, row: int) -> int | None:
        """Return the value of one row in microseconds."""
        value = int(self._buffers[0][row])
        return None if value == NAT else value


class CategoryColumn(Column):
    """category: known values in their order, then others by arrival; ``None`` is missing."""

    def __init__(self, values: Iterable[str], is_ordered: bool = False) -> None:
        self.codes = {value: code for code, value in enumerate(values)}
        self._is_ordered = is_ordered
        super().__init__()

    @property
    def dtype(self) -> pd.CategoricalDtype:
        """The dtype with all categories so far."""
        return pd.CategoricalDtype(list(self.codes), ordered=self._is_ordered)

    def _allocate(self, capacity: int) -> tuple[Array, ...]:
        # The width that pandas itself takes for this number of categories; with any other it would copy.
        return (np.empty(capacity, dtype=pd.Categorical.from_codes([], dtype=self.dtype).codes.dtype),)

    def _wrap(self) -> Any:
        return pd.Categorical.from_codes(self._buffers[0], dtype=self.dtype, validate=False)

    def _encode(self, values: Values) -> tuple[Any, ...]:
        codes: dict[Any, int] = {None: -1, **self.codes}
        if not codes.keys() >= set(values):
            for value in dict.fromkeys(values):
                if value not in codes:
                    codes[value] = self.codes[value] = len(self.codes)
            # Frames of before keep their categories.
            self._grow(len(self._buffers[0]))
        return (np.fromiter(map(codes.__getitem__, values), dtype=np.int64, count=len(values)),)


class KeyedTable:
    """Columns of rows with a key; writing a key again replaces its row."""

    def __init__(self, columns: Mapping[str, Column]) -> None:
        self.columns = columns
        self._rows: dict[Hashable, int] = {}
        self._shown_rows = 0

    def __len__(self) -> int:
        return len(self._rows)

    def write(self, changes: Mapping[Hashable, Sequence[Any]]) -> None:
        """Write rows by key; rows of new keys are appended."""
        known = {self._rows[key]: values for key, values in changes.items() if key in self._rows}
        new = {key: values for key, values in changes.items() if key not in self._rows}
        is_shown = any(row < self._shown_rows for row in known)
        for place, column in enumerate(self.columns.values()):
            if known:
                column.replace({row: values[place] for row, values in known.items()}, is_shown=is_shown)
            column.extend([values[place] for values in new.values()])
        for key in new:
            self._rows[key] = len(self._rows)

    def to_frame(self) -> pd.DataFrame:
        """Return the rows as a frame, without a copy."""
        self._shown_rows = len(self)
        return make_frame(self.columns)


class SeriesSource(Protocol):
    """Data that a frame can show as a column."""

    def to_series(self) -> pd.Series[Any]: ...


def make_frame(columns: Mapping[str, SeriesSource]) -> pd.DataFrame:
    """Return a frame over columns of the same length, without a copy."""
    frame = pd.DataFrame({name: column.to_series() for name, column in columns.items()}, copy=False)
    return copy_on_write(frame)


def copy_on_write(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a copy that the user may write to; pandas 3 delays the copy until then."""
    return frame.copy(deep=not _HAS_COPY_ON_WRITE)


def make_object_array(values: Iterable[Any]) -> Array:
    """Return an object array of the values, without conversion."""
    cells = values if isinstance(values, Sequence | np.ndarray) else list(values)
    return np.fromiter(cells, dtype=object, count=len(cells))


def make_text_series(values: Array) -> pd.Series:
    """Return a Series over an object array, without a copy."""
    return pd.Series(values, dtype=object, copy=False)


def make_time_series(microseconds: Array) -> pd.Series:
    """Return times from int64 microseconds since 1970."""
    return pd.Series(microseconds.view("M8[us]"), copy=False).dt.tz_localize("UTC").astype(UTC_US)


def make_duration_series(microseconds: Array) -> pd.Series:
    """Return durations from int64 microseconds."""
    return pd.Series(microseconds.view("m8[us]"), copy=False)
