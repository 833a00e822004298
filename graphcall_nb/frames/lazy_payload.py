"""The column ``raw``: a pandas array of texts that are read from the journal on access.

Raw texts would take two thirds of a frame's memory, and users look at a few of them. The array holds only their numbers
in the journal, and reads the texts of an access: one cell, those of a filtered frame, or all. In every other respect it
is a pandas array of texts: ``.str``, ``.map``, comparison, sorting, export and pickling work as with any.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionArray, ExtensionDtype, register_extension_dtype, take

from .columns import Array, IntColumn, make_object_array

ReadPayloads: TypeAlias = Callable[[Sequence[int]], Sequence[str]]
"""``(seqs) -> texts`` of notifications, in the order of ``seqs``."""

_BLOCK_ROWS = 1_000
_MISSING = -1


@register_extension_dtype
class LazyTextDtype(ExtensionDtype):
    """Dtype of :class:`LazyTextArray`."""

    name = "raw"
    type = str  # the type of one cell
    na_value = np.nan

    @classmethod
    def construct_array_type(cls) -> Any:
        return LazyTextArray

    def __str__(self) -> str:
        # pyarrow writes this into a Parquet file, and its readers may not have this package.
        return "object"


class LazyTextArray(ExtensionArray):
    """Texts by their numbers.

    Parameters
    ----------
    seqs : int64, the number of each text; -1 for a missing one
    read : returns the texts of some numbers
    """

    dtype = LazyTextDtype()

    def __init__(self, seqs: Array, read: ReadPayloads) -> None:
        self._seqs = seqs
        self._read = read

    @classmethod
    def _from_sequence(cls, scalars: Any, *, dtype: Any = None, copy: bool = False) -> LazyTextArray:
        texts = make_object_array(list(scalars))
        missing = pd.isna(texts)
        others = [text for text in texts[~missing] if not isinstance(text, str)]
        if others:
            raise TypeError(
                f"raw: expected texts, got {others[0]!r}. Convert the column first: frame.astype({{'raw': object}})."
            )
        return cls(np.where(missing, _MISSING, np.arange(len(texts))), lambda seqs: texts[seqs].tolist())

    @classmethod
    def _from_factorized(cls, values: Any, original: Any) -> LazyTextArray:
        return cls._from_sequence(values)

    @classmethod
    def _concat_same_type(cls, to_concat: Sequence[LazyTextArray]) -> LazyTextArray:
        parts = [(part._seqs, part._read) for part in to_concat]  # noqa: SLF001 - arrays of this class
        read = parts[0][1]
        if all(other == read for _, other in parts):
            return cls(np.concatenate([seqs for seqs, _ in parts]), read)
        return cls._from_sequence(np.concatenate([np.asarray(part) for part in to_concat]))

    def __len__(self) -> int:
        return len(self._seqs)

    def __getitem__(self, item: Any) -> Any:
        chosen = self._seqs[pd.api.indexers.check_array_indexer(self, item)]
        if np.ndim(chosen):
            return LazyTextArray(chosen, self._read)
        return self.dtype.na_value if chosen == _MISSING else self._read([int(chosen)])[0]

    def __setitem__(self, key: Any, value: Any) -> None:
        """Write texts. From then on this array has all of its texts in memory, and shares none."""
        if getattr(self, "_readonly", False):
            raise ValueError("Cannot modify read-only array")
        if pd.api.types.is_integer(key) and pd.api.types.is_list_like(value):
            raise ValueError("raw: a cell holds one text, got a list. Assign a text.")
        texts = np.asarray(self)
        texts[pd.api.indexers.check_array_indexer(self, key)] = value
        written = self._from_sequence(texts)
        self._seqs, self._read = written._seqs, written._read  # noqa: SLF001 - an array of this class

    def __iter__(self) -> Iterator[Any]:
        for first in range(0, len(self), _BLOCK_ROWS):
            yield from np.asarray(self[first : first + _BLOCK_ROWS])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        if copy is False:
            raise ValueError("raw has no array to share: its texts are read from the journal. Use copy=True.")
        texts: Array = np.full(len(self), self.dtype.na_value, dtype=object)
        present = self._seqs != _MISSING
        texts[present] = make_object_array(self._read(self._seqs[present].tolist()))
        return texts

    def __arrow_array__(self, type: Any = None) -> Any:
        import pyarrow  # type: ignore[import-untyped]  # only pyarrow calls this

        return pyarrow.array(np.asarray(self), pyarrow.string(), from_pandas=True)

    def __reduce__(self) -> tuple[Any, ...]:
        # Pickled, it is an array of pandas' own: the reader has no journal, and may not have this package.
        return pd.array, (np.asarray(self).tolist(), "string")

    def isna(self) -> Array:
        missing: Array = self._seqs == _MISSING
        return missing

    def take(self, indices: Any, *, allow_fill: bool = False, fill_value: Any = None) -> LazyTextArray:
        if allow_fill and not (fill_value is None or pd.isna(fill_value)):
            return self._from_sequence(take(np.asarray(self), indices, allow_fill=True, fill_value=fill_value))
        seqs: Any = take(self._seqs, indices, allow_fill=allow_fill, fill_value=_MISSING)
        return LazyTextArray(seqs, self._read)

    def copy(self) -> LazyTextArray:
        return LazyTextArray(self._seqs.copy(), self._read)

    @property
    def nbytes(self) -> int:
        return self._seqs.nbytes

    def __getattr__(self, name: str) -> Any:
        # The ``.str`` accessor calls these; an array of objects has all of them.
        if name.startswith("_str_"):
            return getattr(pd.Series(np.asarray(self), dtype=object).array, name)
        raise AttributeError(name)


def _make_comparison(compare: Callable[[Any, Any], Any]) -> Callable[[LazyTextArray, Any], Any]:
    def compare_texts(self: LazyTextArray, other: Any) -> Any:
        if isinstance(other, pd.Series | pd.Index | pd.DataFrame):
            return NotImplemented  # pandas aligns them first
        return compare(np.asarray(self), np.asarray(other) if isinstance(other, ExtensionArray) else other)

    return compare_texts


for _name in ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"):
    setattr(LazyTextArray, _name, _make_comparison(getattr(operator, _name)))


class LazyPayloads:
    """The raw texts of the notifications whose numbers stand in a column."""

    def __init__(self, seq: IntColumn, read: ReadPayloads) -> None:
        self._seq = seq
        self._read = read

    def read(self, rows: Array) -> Sequence[str]:
        """Return the texts of some rows, read together."""
        return self._read(self._seq.array[rows].tolist())

    def to_series(self) -> pd.Series[Any]:
        """Return the texts as a Series that reads them on access."""
        return pd.Series(LazyTextArray(self._seq.array, self._read), copy=False)
