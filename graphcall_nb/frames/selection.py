"""Selection of the rows of a frame by its own columns, which the database does not have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from .._arguments import require_choice
from ..journal.selection import SELECTABLE, list_values


def select_rows(frame: pd.DataFrame, where: Mapping[str, Any]) -> pd.DataFrame:
    """Return the rows of a frame that have the values.

    Parameters
    ----------
    frame : any frame of a session
    where : maps columns to one value, or to several of which one must match; ``None`` matches a missing value

    Raises
    ------
    ValueError
        For an unknown column, or a value that its type cannot have.

    Examples
    --------
    >>> select_rows(pd.DataFrame({"kind": ["group", "meeting", None]}), {"kind": ["group", None]})["kind"].tolist()
    ['group', nan]
    """
    known = [*frame.columns, *(name for name in SELECTABLE if name not in frame)]
    for name, value in where.items():
        column = frame[require_choice("column in where=", name, known)]
        values = list_values(value)
        present = [_convert(name, column.dtype, item) for item in values if item is not None]
        is_selected = column.isin(present)
        if None in values:
            is_selected |= column.isna()
        frame = frame[is_selected.astype(bool)]
    return frame.reset_index(drop=True)


_WORDS = {"true": True, "false": False}


def _convert(name: str, dtype: Any, value: Any) -> Any:
    """Return a value in the type of a column; the command line has texts only."""
    try:
        if pd.api.types.is_bool_dtype(dtype):
            return _WORDS[str(value).lower()]
        if pd.api.types.is_numeric_dtype(dtype):
            return int(value)
        if isinstance(dtype, pd.DatetimeTZDtype):
            at = pd.Timestamp(value)
            return at if at.tzinfo else at.tz_localize("UTC")
        return pd.Timedelta(value) if dtype.kind == "m" else value
    except (KeyError, TypeError, ValueError, OverflowError):
        raise ValueError(f"where= cannot compare {name!r} with {value!r}; its values are of type {dtype}.") from None
