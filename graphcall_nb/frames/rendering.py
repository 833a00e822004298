"""Text and HTML of a frame for reading: short ids, clock times, durations with their unit, one mark for missing values.

Both are made of the same cells, so a saved notebook says the same with and without HTML.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from html import escape
from typing import Any, NamedTuple
from unicodedata import combining, east_asian_width

import pandas as pd

from .._text import pluralize, show_invisible

MISSING = "–"
MAX_TEXT_CHARS = 70
"""Longest text in a cell; the longest result in words has 67 characters."""

_MAX_TITLE_CHARS = 1_000
"""Longest text that is shown on hover; payloads would make a notebook large."""

_ID = re.compile(r"\b([0-9A-Fa-f]{8}-?(?:[0-9A-Fa-f]{4}-?){3}[0-9A-Fa-f]{4})([0-9A-Fa-f]{8})\b")
"""32 digits; the last eight are shown, since the beginnings of Graph's ids are often equal."""

# The hidden part of an id stays in the page, so that a selected id is copied whole.
_STYLE = """<style>
.gcnb-frame { overflow-x: auto }
.gcnb-frame table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 0 }
.gcnb-frame table th, .gcnb-frame table td { padding: .3em .7em; text-align: right; vertical-align: top;
  white-space: nowrap }
.gcnb-frame table .gcnb-text { text-align: left }
.gcnb-frame table .gcnb-none { opacity: .65 }
.gcnb-frame table .gcnb-gap { text-align: center; font-style: italic }
.gcnb-frame .gcnb-id { user-select: all; -webkit-user-select: all }
.gcnb-frame .gcnb-id::before { content: "…" }
.gcnb-frame .gcnb-id span { font-size: 0 }
.gcnb-frame p { font-size: smaller; margin: .3em 0 0; opacity: .85 }
</style>"""


class _Cell(NamedTuple):
    text: str
    title: str = ""
    is_missing: bool = False


class _Table(NamedTuple):
    names: list[str]
    is_text: list[bool]
    rows: list[list[_Cell]]
    gap: int | None
    index_width: int
    note: str


def render_text(frame: pd.DataFrame) -> str:
    """Return a frame as lines of text; in a terminal, the columns that fit into its width."""
    table = _make_table(frame)
    columns = [[name, *(_shorten_ids(row[i].text) for row in table.rows)] for i, name in enumerate(table.names)]
    widths = [max(map(_measure_width, column)) for column in columns]
    shown = _count_fitting(widths, table.index_width)
    lines = []
    for number in range(len(table.rows) + 1):
        cells = zip(columns[:shown], widths, table.is_text, strict=False)
        lines.append("  ".join(_pad(column[number], width, left) for column, width, left in cells).rstrip())
    if table.gap is not None:
        lines.insert(table.gap + 1, _describe_gap(frame, table))
    hidden = f" Not shown: {', '.join(table.names[shown:])}." if shown < len(table.names) else ""
    return "\n".join([*lines, "", table.note + hidden])


def render_html(frame: pd.DataFrame) -> str:
    """Return a frame as an HTML table that takes its colors from the page."""
    table = _make_table(frame)
    kinds = ['scope="col" class="gcnb-text"' if is_text else 'scope="col"' for is_text in table.is_text]
    head = "".join(map(partial(_tag, "th"), kinds, map(escape, table.names)))
    body = [_tag("tr", "", "".join(map(partial(_render_cell, table), row, range(len(row))))) for row in table.rows]
    if table.gap is not None:
        words = escape(_describe_gap(frame, table))
        body.insert(table.gap, _tag("tr", "", _tag("td", f'class="gcnb-gap" colspan="{len(kinds)}"', words)))
    rows = "\n".join(body)
    return (
        f'{_STYLE}\n<div class="gcnb-frame">\n<table>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{rows}\n</tbody>\n</table>\n<p>{escape(table.note)}</p>\n</div>"
    )


def format_duration(duration: timedelta) -> str:
    """Return a duration with its unit.

    Examples
    --------
    >>> [format_duration(timedelta(seconds=seconds)) for seconds in (0, 0.0042, 0.981156, 75, 3725, -2)]
    ['0 s', '4.2 ms', '0.98 s', '1 min 15 s', '1 h 02 min', '-2.00 s']
    """
    seconds = duration.total_seconds()
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    if seconds < 0.0995:
        return f"{sign}{seconds * 1000:.2g} ms" if seconds else "0 s"
    if round(seconds, 2) < 60:
        return f"{sign}{seconds:.2f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{sign}{minutes} min {rest:02} s"
    return f"{sign}{round(seconds) // 3600} h {minutes % 60:02} min"


def _make_table(frame: pd.DataFrame) -> _Table:
    """Return the cells of a frame: its index, then its columns; of a long frame the first and the last rows."""
    shown, gap = _cut_rows(frame)
    levels = [shown.index.get_level_values(level).to_series() for level in range(shown.index.nlevels)]
    series = [*levels, *(shown.iloc[:, place] for place in range(shown.shape[1]))]
    days = _find_days(series)
    columns = [_make_cells(one, days) for one in series]
    names = ["" if name is None else name for name in shown.index.names] + list(shown.columns)
    return _Table(
        [_make_name(name) for name in names],
        [not _is_number(one.dtype) for one in series],
        [list(row) for row in zip(*columns, strict=True)],
        gap,
        len(levels),
        _make_note(frame, series, days),
    )


def _cut_rows(frame: pd.DataFrame) -> tuple[pd.DataFrame, int | None]:
    """Return the rows to show, and the place of the gap; the options of pandas say how many are shown."""
    most, least = pd.get_option("display.max_rows"), pd.get_option("display.min_rows")
    if not most or len(frame) <= most:
        return frame, None
    half = max(1, min(least or most, most) // 2)
    return frame.iloc[[*range(half), *range(len(frame) - half, len(frame))]], half


def _find_days(series: Iterable[pd.Series[Any]]) -> set[Any]:
    """Return the days of all times."""
    return {day for one in series if isinstance(one.dtype, pd.DatetimeTZDtype) for day in one.dropna().dt.date}


def _make_note(frame: pd.DataFrame, series: Iterable[pd.Series[Any]], days: set[Any]) -> str:
    note = f"{pluralize(len(frame), 'row')} × {pluralize(frame.shape[1], 'column')}."
    zones = {str(one.dtype.tz) for one in series if isinstance(one.dtype, pd.DatetimeTZDtype)}
    if days and len(zones) == 1:
        note += f" Times in {zones.pop()}" + (f", {next(iter(days))}." if len(days) == 1 else ".")
    return note


def _make_cells(series: pd.Series[Any], days: set[Any]) -> list[_Cell]:
    has_zone = isinstance(series.dtype, pd.DatetimeTZDtype)
    layout = "%H:%M:%S" if has_zone and len(days) == 1 else "%Y-%m-%d %H:%M:%S"
    return [_make_cell(value, layout) for value in series.array]


def _make_cell(value: Any, layout: str) -> _Cell:
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return _Cell(MISSING, is_missing=True)
    if isinstance(value, datetime):
        return _Cell(f"{value.strftime(layout)}.{value.microsecond // 1000:03}", value.isoformat())
    if isinstance(value, timedelta):
        return _Cell(format_duration(value), f"{value.total_seconds():.6f} s")
    if isinstance(value, float):
        return _Cell(f"{value:.{pd.get_option('display.precision')}g}")
    text = show_invisible(str(value))
    cut = text if len(text) <= MAX_TEXT_CHARS else f"{text[: _find_cut(text)].rstrip()}…"
    return _Cell(cut, text[:_MAX_TITLE_CHARS] if cut != text or _ID.search(text) else "")


def _find_cut(text: str) -> int:
    """Return the place to cut a long text, never inside an id; ids count as the digits that are shown."""
    end = MAX_TEXT_CHARS - 1
    for found in _ID.finditer(text):
        if found.start() >= end:
            break
        end = max(end + len(found[1]) - 1, found.end())
    return end


def _shorten_ids(text: str) -> str:
    return _ID.sub(r"…\2", text)


def _make_name(name: Hashable) -> str:
    parts = name if isinstance(name, tuple) else (name,)
    return show_invisible(", ".join(str(part) for part in parts if part != ""))


def _is_number(dtype: Any) -> bool:
    """Return True for a column whose digits are compared: numbers, times and durations."""
    types: Sequence[Callable[[Any], bool]] = (
        pd.api.types.is_datetime64_any_dtype,
        pd.api.types.is_timedelta64_dtype,
        pd.api.types.is_numeric_dtype,
    )
    return any(is_type(dtype) for is_type in types) and not pd.api.types.is_bool_dtype(dtype)


def _describe_gap(frame: pd.DataFrame, table: _Table) -> str:
    return f"… {pluralize(len(frame) - len(table.rows), 'row')} not shown …"


def _count_fitting(widths: Sequence[int], at_least: int) -> int:
    """Return the number of columns to show: all of them outside a terminal, as pandas' own options say."""
    if pd.get_option("display.max_columns") != 0:
        return len(widths)
    room, count = shutil.get_terminal_size().columns, 0
    for width in widths:
        room -= width + 2
        if room < -2:
            break
        count += 1
    return max(count, at_least + 1)


def _measure_width(text: str) -> int:
    """Return the number of places that a text takes in a terminal."""
    return sum(0 if combining(letter) else 2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _pad(text: str, width: int, is_text: bool) -> str:
    blanks = " " * (width - _measure_width(text))
    return text + blanks if is_text else blanks + text


def _render_cell(table: _Table, cell: _Cell, place: int) -> str:
    classes = [name for name, is_set in (("gcnb-text", table.is_text[place]), ("gcnb-none", cell.is_missing)) if is_set]
    attributes = [f'class="{" ".join(classes)}"'] if classes else []
    if cell.title:
        attributes.append(f'title="{escape(cell.title)}"')
    words = _ID.sub(r'<span class="gcnb-id"><span>\1</span>\2</span>', escape(cell.text))
    if place < table.index_width:
        return _tag("th", " ".join(['scope="row"', *attributes]), words)
    return _tag("td", " ".join(attributes), words)


def _tag(name: str, attributes: str, words: str) -> str:
    return f"<{name} {attributes}".rstrip() + f">{words}</{name}>"
