"""``plot_timeline``: the states of calls over time, one row for each call."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke

from ..callstates import STATES, TERMINAL
from ..statecolors import color_of, text_color_on
from .bars import Bars, bars_of, colors, faded, rectangles
from .canvas import (
    HATCH,
    HATCH_INK,
    INTERVALS,
    NO_CALLS,
    axes_or_new,
    check_columns,
    empty,
    entitle,
    heading,
    ink_of,
    legend,
    legend_entry,
    plain,
    settle,
    short,
    time_axis,
    unit_of,
    until,
    width_of,
)

LABELLED_CALLS = 40
"""Up to so many calls each has its name at the axis; of more, some have."""

WRITTEN_CALLS = 20
"""Up to so many calls the bars have the names of their states written in them."""

DENSE_CALLS = 200
"""From so many calls on bars touch, with no mark at their ends: marks would hide what they end."""


def plot_timeline(
    intervals: pd.DataFrame,
    *,
    ax: Axes | None = None,
    calls: pd.DataFrame | None = None,
    now: pd.Timestamp | None = None,
    simulated: bool | None = None,
) -> Axes:
    """Draw the states of calls over time.

    Parameters
    ----------
    intervals
        Of :meth:`graphcall_nb.Session.intervals`: ``call_id``, ``state``, ``start`` and ``end`` (``NaT`` while it
        lasts). No rows at all are fine.
    ax : where to draw; a figure of its own by default
    calls
        Of :meth:`graphcall_nb.Session.calls`: gives each row a name instead of an id, a mark where the call was asked
        for, and its place: rows come in the order of this frame.
    now : until when open states are drawn; the present time by default
    simulated : whether the title says so; by default as the session said when it made the frame

    Returns
    -------
    matplotlib.axes.Axes
        The horizontal axis counts seconds (minutes or hours when it is long) from the first start.

    Examples
    --------
    >>> import pandas as pd
    >>> start = pd.to_datetime(["2026-01-01 10:00:00", "2026-01-01 10:00:03"], utc=True)
    >>> end = pd.to_datetime(["2026-01-01 10:00:03", None], utc=True)
    >>> states = ["ringing", "established"]
    >>> frame = pd.DataFrame({"call_id": "57DAB8B1", "state": states, "start": start, "end": end})
    >>> plot_timeline(frame, now=pd.Timestamp("2026-01-01 10:00:09", tz="UTC")).get_title(loc="left")
    'Call states'
    """
    check_columns(intervals, INTERVALS, "call_id", "state", "start", "end")
    if calls is not None:
        check_columns(calls, "session.calls()")
    count = len(intervals["call_id"].unique())
    ax = axes_or_new(ax, 10, min(max(2.4, 1.6 + 0.42 * count), 12.0))
    title = heading("Call states", intervals, simulated)
    if intervals.empty:
        return empty(ax, title, NO_CALLS)
    origin = _origin(intervals, calls)
    now = until(intervals, now)
    name, unit = unit_of(now - origin)
    bars = bars_of(intervals, origin, now, unit, None if calls is None else calls.index)
    _frame(ax, bars, f"{name} since {origin:%Y-%m-%d %H:%M:%S} UTC")
    _draw(ax, bars)
    requested = _draw_requests(ax, bars, calls, origin, unit)
    _name_rows(ax, bars, calls)
    if len(bars.call_ids) <= WRITTEN_CALLS:
        settle(ax)
    lines = _legend(ax, bars, requested)
    entitle(ax, title, 8 + 17 * lines)
    if len(bars.call_ids) <= WRITTEN_CALLS:
        _write_in_bars(ax, bars)
    return ax


def save_timeline(
    path: str | os.PathLike[str],
    intervals: pd.DataFrame,
    *,
    calls: pd.DataFrame | None = None,
    simulated: bool | None = None,
    dpi: int = 150,
) -> None:
    """Write the picture of :func:`plot_timeline` into a file, wide enough for a slide; needs no display."""
    figure = Figure(figsize=(11, 5), layout="constrained")
    plot_timeline(intervals, ax=figure.add_subplot(), calls=calls, simulated=simulated)
    figure.savefig(path, dpi=dpi)


def _origin(intervals: pd.DataFrame, calls: pd.DataFrame | None) -> Any:
    origin = intervals["start"].min()
    if calls is not None and "created_at" in calls:
        asked = calls.loc[calls.index.isin(intervals["call_id"]), "created_at"].min()
        origin = min(origin, asked) if pd.notna(asked) else origin
    return origin


def _frame(ax: Axes, bars: Bars, label: str) -> None:
    time_axis(ax, max(float(bars.last.max()), 1e-9), label)
    # Few calls keep slim bars, in the middle.
    margin = max(0.6, (3 - len(bars.call_ids)) / 2)
    ax.set_ylim(len(bars.call_ids) - 1 + margin, -margin)
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(axis="y", length=0)


def _draw(ax: Axes, bars: Bars) -> None:
    known = np.isin(bars.states, STATES)
    drawn = ~bars.ends
    dense = len(bars.call_ids) > DENSE_CALLS
    height = 1.0 if dense else 0.66
    span = max(float(bars.last.max()), 1e-9)
    fade = 0.06 * span
    body = np.where(bars.lasting, np.maximum(bars.first, bars.last - fade), bars.last)
    # A state that was overtaken has no length: a thin stroke over its neighbours says that it was there.
    passed = bars.last <= bars.first
    body = np.where(passed, body + 0.003 * span, body)
    order = np.argsort(passed, kind="stable")
    for mask, hatch in ((drawn & known, None), (drawn & ~known, HATCH)):
        rows = order[mask[order]]
        shapes = rectangles(bars.first[rows], body[rows], bars.y[rows], height)
        paint = colors(bars.states[rows])
        # Without smoothing a bar thinner than a pixel keeps its colour.
        edge = "none" if dense else "face" if hatch is None else HATCH_INK
        _add(ax, shapes, facecolors=paint, edgecolors=edge, hatch=hatch, antialiaseds=not dense)
    soft = drawn & bars.lasting
    if soft.any():
        shapes, paint = faded(bars, soft, fade, height)
        _add(ax, shapes, facecolors=paint, edgecolors="none")
    if not dense:
        ends = bars.ends
        size = 30 if len(bars.call_ids) <= LABELLED_CALLS else 4
        ax.scatter(bars.first[ends], bars.y[ends], s=size, c=colors(bars.states[ends]), marker="s", zorder=3)


def _add(ax: Axes, shapes: Any, **look: Any) -> None:
    if len(shapes):
        ax.add_collection(PolyCollection(shapes, linewidths=0.3, **look), autolim=False)


def _draw_requests(ax: Axes, bars: Bars, calls: pd.DataFrame | None, origin: pd.Timestamp, unit: pd.Timedelta) -> bool:
    """A mark where each call was asked for; whether there was any."""
    if calls is None or "created_at" not in calls or len(bars.call_ids) > DENSE_CALLS:
        return False
    asked = ((calls["created_at"].reindex(bars.call_ids) - origin) / unit).to_numpy(dtype=float)
    rows = np.arange(len(asked))[~np.isnan(asked)]
    ax.scatter(asked[rows], rows, marker="|", s=160, linewidths=1.6, color=ink_of(ax), zorder=3, clip_on=False)
    return bool(len(rows))


def _name_rows(ax: Axes, bars: Bars, calls: pd.DataFrame | None) -> None:
    step = -(-len(bars.call_ids) // LABELLED_CALLS)
    rows = range(0, len(bars.call_ids), step)
    ax.set_yticks(list(rows), [_name(bars.call_ids[row], calls) for row in rows])
    if step > 1:
        ax.set_ylabel(f"{len(bars.call_ids):,} calls, one row each; one in {step} is named")
        ax.tick_params(axis="y", labelsize="x-small")


def _name(call_id: str, calls: pd.DataFrame | None) -> str:
    if calls is None or call_id not in calls.index:
        return short(call_id, 9)
    row = calls.loc[call_id]
    words = [str(row[field]) for field in ("subject", "targets") if field in calls and pd.notna(row[field])]
    return plain(" → ".join(short(word, 32) for word in words if word) or short(call_id, 9))


def _write_in_bars(ax: Axes, bars: Bars) -> None:
    """The state's name in each bar that has room for it: the picture can then be read without its legend."""
    pixels = ax.get_window_extent().width / (ax.get_xlim()[1] - ax.get_xlim()[0])
    size = 8.0
    for first, last, y, state in zip(bars.first, bars.last, bars.y, bars.states, strict=True):
        if (last - first) * pixels > width_of(ax, state, size) + width_of(ax, "m", size):
            color = color_of(state)
            # A rim keeps the name apart from the pattern of a state that is not known.
            rim = [] if state in STATES else [withStroke(linewidth=3, foreground=color)]
            look: dict[str, Any] = {"fontsize": size, "color": text_color_on(color), "path_effects": rim}
            ax.text((first + last) / 2, y, state, ha="center", va="center", clip_on=True, **look)


def _legend(ax: Axes, bars: Bars, requested: bool) -> int:
    """Colours and names of the states that occur, above the bars; returns in how many lines."""
    handles = [legend_entry(state) for state in bars.present if state != TERMINAL or len(bars.call_ids) <= DENSE_CALLS]
    if requested:
        handles.append(Line2D([], [], marker="|", linestyle="", markersize=9, color=ink_of(ax), label="requested"))
    return legend(ax, handles)
