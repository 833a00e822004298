"""The data frame that sessions return: an ordinary one with a display of its own."""

from __future__ import annotations

from typing import Any

import pandas as pd

from .rendering import render_html, render_text


class JournalFrame(pd.DataFrame):
    """A DataFrame of pandas whose display is made for reading; its data and dtypes are those of pandas.

    Ids are shown by their last eight digits and copied whole, times as ``HH:MM:SS.mmm`` with their day below the
    table, durations with their unit, and each missing value as one mark. ``display.max_rows`` and ``display.min_rows``
    of pandas set the rows that are shown. Selections, copies, ``pd.concat`` and ``merge`` keep the type;
    ``pd.DataFrame(frame)`` drops it, and so does a pickle, which can be read without this package.

    Examples
    --------
    >>> frame = JournalFrame({"state": ["ringing"], "duration": [pd.Timedelta(seconds=0.981156)]})
    >>> frame
       state    duration
    0  ringing    0.98 s
    <BLANKLINE>
    1 row × 2 columns.
    >>> type(pd.DataFrame(frame)).__name__
    'DataFrame'
    """

    @property
    def _constructor(self) -> type[JournalFrame]:
        return JournalFrame

    def __repr__(self) -> str:
        return render_text(self)

    def _repr_html_(self) -> str | None:
        return render_html(self) if pd.get_option("display.notebook_repr_html") else None

    def __reduce__(self) -> tuple[Any, ...]:
        plain = pd.DataFrame(self)
        plain.attrs = self.attrs
        return pd.DataFrame, (), plain.__getstate__()
