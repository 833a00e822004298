"""The column ``raw``: texts that stay in the journal until somebody looks at them.

Two thirds of a frame's memory would be raw texts, of which people look at a few. An array of them knows only their
numbers in the journal, and reads the texts it is asked for: one cell, those of a filtered frame, or all. In every other
respect it is a pandas array of texts: ``.str``, ``.map``, comparison, sorting, export and pickling work as with any.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionArray, ExtensionDtype, register_extension_dtype, take

from .columns import Array, Numbers, objects

ReadRaw: TypeAlias = Callable[[Sequence[int]], Sequence[str]]
"""``(seqs) -> texts`` of notifications, in the order asked for."""

_BLOCK = 1_000
_NONE = -1


@register_extension_dtype
class RawDtype(ExtensionDtype):
    """Texts that are read when they are looked at; :class:`RawArray` holds them."""

    name = "raw"
    type = str  # the type of one cell
    na_value = np.nan

    @classmethod
    def construct_array_type(cls) -> Any:
        return RawArray

    def __str__(self) -> str:
        # pyarrow writes this into a Parquet file, for readers that need not have this package.
        return "object"


class RawArray(ExtensionArray):
    """Texts by their numbers.

    Parameters
    ----------
    seqs : int64, the number of each text; -1 where there is none
    read : gets the texts of such numbers
    """

    dtype = RawDtype()

    def __init__(self, seqs: Array, read: ReadRaw) -> None:
        self._seqs = seqs
        self._read = read

    @classmethod
    def _from_sequence(cls, scalars: Any, *, dtype: Any = None, copy: bool = False) -> RawArray:
        texts = objects(list(scalars))
        missing = pd.isna(texts)
        strangers = [text for text in texts[~missing] if not isinstance(text, str)]
        if strangers:
            raise TypeError(f"raw holds texts, not {strangers[0]!r}; frame.astype({{'raw': object}}) takes anything.")
        return cls(np.where(missing, _NONE, np.arange(len(texts))), lambda seqs: texts[seqs].tolist())

    @classmethod
    def _from_factorized(cls, values: Any, original: Any) -> RawArray:
        return cls._from_sequence(values)

    @classmethod
    def _concat_same_type(cls, to_concat: Sequence[RawArray]) -> RawArray:
        first = to_concat[0]
        if all(part._read == first._read for part in to_concat):
            return cls(np.concatenate([part._seqs for part in to_concat]), first._read)
        return cls._from_sequence(np.concatenate([np.asarray(part) for part in to_concat]))

    def __len__(self) -> int:
        return len(self._seqs)

    def __getitem__(self, item: Any) -> Any:
        chosen = self._seqs[pd.api.indexers.check_array_indexer(self, item)]
        if np.ndim(chosen):
            return RawArray(chosen, self._read)
        return self.dtype.na_value if chosen == _NONE else self._read([int(chosen)])[0]

    def __setitem__(self, key: Any, value: Any) -> None:
        """A text of somebody else's: from then on this array has all of its texts in memory, and shares none."""
        if getattr(self, "_readonly", False):
            raise ValueError("Cannot modify read-only array")
        if pd.api.types.is_integer(key) and pd.api.types.is_list_like(value):
            raise ValueError("One cell takes one text.")
        texts = np.asarray(self)
        texts[pd.api.indexers.check_array_indexer(self, key)] = value
        written = self._from_sequence(texts)
        self._seqs, self._read = written._seqs, written._read

    def __iter__(self) -> Iterator[Any]:
        for first in range(0, len(self), _BLOCK):
            yield from np.asarray(self[first : first + _BLOCK])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        if copy is False:
            raise ValueError("The texts are read from the journal, so they are copied.")
        texts: Array = np.full(len(self), self.dtype.na_value, dtype=object)
        there = self._seqs != _NONE
        texts[there] = objects(self._read(self._seqs[there].tolist()))
        return texts

    def __arrow_array__(self, type: Any = None) -> Any:
        import pyarrow  # type: ignore[import-untyped]  # only pyarrow calls this

        return pyarrow.array(np.asarray(self), pyarrow.string(), from_pandas=True)

    def __reduce__(self) -> tuple[Any, ...]:
        # Pickled, it is an array of pandas' own: who unpickles has neither the journal nor, maybe, this package.
        return pd.array, (np.asarray(self).tolist(), "string")

    def isna(self) -> Array:
        missing: Array = self._seqs == _NONE
        return missing

    def take(self, indices: Any, *, allow_fill: bool = False, fill_value: Any = None) -> RawArray:
        if allow_fill and not (fill_value is None or pd.isna(fill_value)):
            return self._from_sequence(take(np.asarray(self), indices, allow_fill=True, fill_value=fill_value))
        seqs: Any = take(self._seqs, indices, allow_fill=allow_fill, fill_value=_NONE)
        return RawArray(seqs, self._read)

    def copy(self) -> RawArray:
        return RawArray(self._seqs.copy(), self._read)

    @property
    def nbytes(self) -> int:
        return self._seqs.nbytes

    def __getattr__(self, name: str) -> Any:
        # What ``.str`` asks an array for; one of objects has all of it.
        if name.startswith("_str_"):
            return getattr(pd.Series(np.asarray(self), dtype=object).array, name)
        raise AttributeError(name)


def _comparison(compare: Callable[[Any, Any], Any]) -> Callable[[RawArray, Any], Any]:
    def compared(self: RawArray, other: Any) -> Any:
        if isinstance(other, pd.Series | pd.Index | pd.DataFrame):
            return NotImplemented  # they align first
        return compare(np.asarray(self), np.asarray(other) if isinstance(other, ExtensionArray) else other)

    return compared


for _name in ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"):
    setattr(RawArray, _name, _comparison(getattr(operator, _name)))


class Raws:
    """The raw texts of notifications whose numbers stand in a column."""

    def __init__(self, seq: Numbers, read: ReadRaw) -> None:
        self._seq = seq
        self._read = read

    def texts(self, rows: Array) -> Sequence[str]:
        """Of some rows, read together."""
        return self._read(self._seq.array[rows].tolist())

    def series(self) -> pd.Series[Any]:
        return pd.Series(RawArray(self._seq.array, self._read), copy=False)
