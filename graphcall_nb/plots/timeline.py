"""``plot_timeline``: the states of calls over time, one row for each call."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke

from .._text import label_calls
from ..graph.states import STATES, TERMINAL
from ._axes import (
    HATCH,
    HATCH_COLOR,
    INTERVALS,
    NO_CALLS,
    Array,
    TimeScale,
    choose_time_scale,
    draw_empty,
    draw_layout,
    draw_legend,
    escape_mathtext,
    estimate_width,
    find_end_time,
    get_axes,
    get_ink_color,
    make_legend_entry,
    make_rectangles,
    make_title,
    require_columns,
    set_time_axis,
    set_title,
    sort_states,
)
from .colors import STATE_COLORS, UNKNOWN_COLOR, get_color, get_text_color

MAX_LABELLED_CALLS = 40
"""Up to this number of calls each has its name at the axis; of more calls, some have."""

MAX_CALLS_WITH_STATES = 20
"""Up to this number of calls the bars have the names of their states written in them."""

MAX_CALLS_WITH_MARKS = 200
"""For more calls the bars touch, with no mark at their ends: marks would hide the bars."""

_MAX_LABEL_CHARS = 60
_FADING_SLICES = 10
"""Slices in which the soft end of an open bar fades."""


@dataclass(frozen=True)
class Bars:
    """The bars of a timeline as arrays: ten thousand calls are one collection, not forty thousand patches.

    Attributes
    ----------
    call_ids : ids of the calls, from the top
    states : state of each interval
    y : number of its call from the top
    first, last : start and end, in units after the origin; ``last`` of an open interval is now
    is_open : True for an interval without an end
    """

    call_ids: list[str]
    states: Array
    y: Array
    first: Array
    last: Array
    is_open: Array

    @property
    def present_states(self) -> list[str]:
        """States that occur: known ones in life-cycle order, then others by name."""
        return sort_states(self.states.tolist())

    @property
    def is_end(self) -> Array:
        """True for the end of a call, which has no length and gets a mark."""
        mask: Array = self.states == TERMINAL
        return mask


def compute_bars(
    intervals: pd.DataFrame,
    origin: pd.Timestamp,
    now: pd.Timestamp,
    unit: pd.Timedelta,
    order: pd.Index | None = None,
) -> Bars:
    """Return the bars of a frame of intervals; calls in the order of their first start, or of ``order`` (call ids)."""
    first = ((intervals["start"] - origin) / unit).to_numpy(dtype=float)
    end = intervals["end"].fillna(now)
    last = np.maximum(((end - origin) / unit).to_numpy(dtype=float), first)
    codes, ids = pd.factorize(intervals["call_id"])
    start = np.full(len(ids), np.inf)
    np.minimum.at(start, codes, first)
    rank = np.zeros(len(ids)) if order is None else order.get_indexer(ids)
    # Calls that are not in the given order (rank -1) come after the others.
    rows = np.lexsort((start, rank, rank < 0))
    place = np.empty(len(ids), dtype=int)
    place[rows] = np.arange(len(ids))
    return Bars(
        call_ids=[str(ids[index]) for index in rows],
        states=intervals["state"].astype(object).to_numpy(),
        y=place[codes],
        first=first,
        last=last,
        is_open=intervals["end"].isna().to_numpy() & (intervals["state"] != TERMINAL).to_numpy(),
    )


def _get_rgba(states: Array) -> Array:
    """Return the color of each state, shape (n, 4)."""
    table = {state: to_rgba(STATE_COLORS.get(state, UNKNOWN_COLOR)) for state in set(states.tolist())}
    return np.array([table[state] for state in states]).reshape(-1, 4)


def _make_fading_ends(bars: Bars, mask: Array, width: float, height: float) -> tuple[Array, Array]:
    """Return corners and colors of the soft ends of open bars: slices up to now, each paler than the one before."""
    last, first = bars.last[mask], bars.first[mask]
    start = np.maximum(first, last - width)
    rgba = _get_rgba(bars.states[mask])
    shapes, colors = [], []
    for slice_number in range(_FADING_SLICES):
        left = start + (last - start) * slice_number / _FADING_SLICES
        right = start + (last - start) * (slice_number + 1) / _FADING_SLICES
        shapes.append(make_rectangles(left, right, bars.y[mask], height))
        color = rgba.copy()
        color[:, 3] = 1 - (slice_number + 1) / (_FADING_SLICES + 1)
        colors.append(color)
    return np.concatenate(shapes), np.concatenate(colors)


def plot_timeline(
    intervals: pd.DataFrame,
    *,
    ax: Axes | None = None,
    calls: pd.DataFrame | None = None,
    now: pd.Timestamp | None = None,
    tz: str | tzinfo | None = None,
    simulated: bool | None = None,
) -> Axes:
    """Draw the states of calls over time.

    Parameters
    ----------
    intervals : pandas.DataFrame
        Frame of :meth:`graphcall_nb.Session.intervals` with ``call_id``, ``state``, ``start`` and ``end`` (``NaT`` for
        an open interval). It may be empty.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; by default those of a new figure.
    calls : pandas.DataFrame, optional
        Frame of :meth:`graphcall_nb.Session.calls`; ``call_id`` may be its index. It gives each row a name
        instead of an id, a mark at the create request, and its place: rows come in the order of this frame.
    now : pandas.Timestamp, optional
        End of open intervals; by default the present time, in virtual time that of the session.
    tz : str or tzinfo, optional
        Time zone of the axis, such as ``"Europe/Berlin"``; by default UTC.
    simulated : bool, optional
        True marks the title; by default the session of the frame decides.

    Returns
    -------
    matplotlib.axes.Axes
        The horizontal axis counts seconds from the first start; over more than two minutes it shows the clock.

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
    require_columns(intervals, INTERVALS, "call_id", "state", "start", "end")
    if calls is not None:
        calls = _index_by_call(calls)
    count = len(intervals["call_id"].unique())
    ax = get_axes(ax, 10, min(max(2.4, 1.6 + 0.42 * count), 12.0))
    title = make_title("Call states", intervals, simulated)
    if intervals.empty:
        return draw_empty(ax, title, NO_CALLS)
    origin = _origin(intervals, calls)
    now = find_end_time(intervals, now)
    scale = choose_time_scale(origin, now, tz)
    bars = compute_bars(intervals, scale.origin, now, scale.unit, None if calls is None else calls.index)
    end = max(float(bars.last.max()), scale.first + 1e-9)
    _frame(ax, bars, scale, end)
    _draw(ax, bars, end - scale.first)
    requested = _draw_requests(ax, bars, calls, scale)
    _name_rows(ax, bars, calls)
    if len(bars.call_ids) <= MAX_CALLS_WITH_STATES:
        draw_layout(ax)
    lines = _legend(ax, bars, requested)
    set_title(ax, title, 8 + 17 * lines)
    if len(bars.call_ids) <= MAX_CALLS_WITH_STATES:
        _write_in_bars(ax, bars)
    return ax


def save_timeline(
    path: str | os.PathLike[str],
    intervals: pd.DataFrame,
    *,
    calls: pd.DataFrame | None = None,
    tz: str | tzinfo | None = None,
    simulated: bool | None = None,
    dpi: int = 150,
) -> None:
    """Write the plot of :func:`plot_timeline` to a file, wide enough for a slide; needs no display.

    Parameters
    ----------
    path : path-like
        Image file; its extension selects the format, such as ``.png`` or ``.svg``.
    intervals : pandas.DataFrame
        As in :func:`plot_timeline`.
    calls, tz, simulated : optional
        As in :func:`plot_timeline`.
    dpi : int
        Dots per inch.
    """
    figure = Figure(figsize=(11, 5), layout="constrained")
    plot_timeline(intervals, ax=figure.add_subplot(), calls=calls, tz=tz, simulated=simulated)
    figure.savefig(path, dpi=dpi)


def _index_by_call(calls: pd.DataFrame) -> pd.DataFrame:
    require_columns(calls, "session.calls()")
    return calls.set_index("call_id") if "call_id" in calls else calls


def _origin(intervals: pd.DataFrame, calls: pd.DataFrame | None) -> Any:
    origin = intervals["start"].min()
    if calls is not None and "created_at" in calls:
        requested_at = calls.loc[calls.index.isin(intervals["call_id"]), "created_at"].min()
        origin = min(origin, requested_at) if pd.notna(requested_at) else origin
    return origin


def _frame(ax: Axes, bars: Bars, scale: TimeScale, end: float) -> None:
    set_time_axis(ax, scale, end)
    # Few calls keep slim bars, in the middle.
    margin = max(0.6, (3 - len(bars.call_ids)) / 2)
    ax.set_ylim(len(bars.call_ids) - 1 + margin, -margin)
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(axis="y", length=0)


def _draw(ax: Axes, bars: Bars, span: float) -> None:
    known = np.isin(bars.states, STATES)
    drawn = ~bars.is_end
    dense = len(bars.call_ids) > MAX_CALLS_WITH_MARKS
    height = 1.0 if dense else 0.66
    fade = 0.06 * span
    body = np.where(bars.is_open, np.maximum(bars.first, bars.last - fade), bars.last)
    # A late state has no length: a thin stroke over its neighbours shows it.
    is_late = bars.last <= bars.first
    body = np.where(is_late, body + 0.003 * span, body)
    order = np.argsort(is_late, kind="stable")
    for mask, hatch in ((drawn & known, None), (drawn & ~known, HATCH)):
        rows = order[mask[order]]
        shapes = make_rectangles(bars.first[rows], body[rows], bars.y[rows], height)
        paint = _get_rgba(bars.states[rows])
        # Without smoothing a bar thinner than a pixel keeps its colour.
        edge = "none" if dense else "face" if hatch is None else HATCH_COLOR
        _add(ax, shapes, facecolors=paint, edgecolors=edge, hatch=hatch, antialiaseds=not dense)
    soft = drawn & bars.is_open
    if soft.any():
        shapes, paint = _make_fading_ends(bars, soft, fade, height)
        _add(ax, shapes, facecolors=paint, edgecolors="none")
    if not dense:
        ends = bars.is_end
        size = 30 if len(bars.call_ids) <= MAX_LABELLED_CALLS else 4
        ax.scatter(bars.first[ends], bars.y[ends], s=size, c=_get_rgba(bars.states[ends]), marker="s", zorder=3)


def _add(ax: Axes, shapes: Any, **look: Any) -> None:
    if len(shapes):
        ax.add_collection(PolyCollection(shapes, linewidths=0.3, **look), autolim=False)


def _draw_requests(ax: Axes, bars: Bars, calls: pd.DataFrame | None, scale: TimeScale) -> bool:
    """Draw a mark at each create request; return True if there is one."""
    if calls is None or "created_at" not in calls or len(bars.call_ids) > MAX_CALLS_WITH_MARKS:
        return False
    requested_at = ((calls["created_at"].reindex(bars.call_ids) - scale.origin) / scale.unit).to_numpy(dtype=float)
    rows = np.arange(len(requested_at))[~np.isnan(requested_at)]
    ax.scatter(
        requested_at[rows], rows, marker="|", s=160, linewidths=1.6, color=get_ink_color(ax), zorder=3, clip_on=False
    )
    return bool(len(rows))


def _name_rows(ax: Axes, bars: Bars, calls: pd.DataFrame | None) -> None:
    step = -(-len(bars.call_ids) // MAX_LABELLED_CALLS)
    rows = range(0, len(bars.call_ids), step)
    labels = label_calls({call_id: _name(call_id, calls) for call_id in bars.call_ids}, _MAX_LABEL_CHARS)
    ax.set_yticks(list(rows), [escape_mathtext(labels[bars.call_ids[row]]) for row in rows])
    if step > 1:
        ax.set_ylabel(f"{len(bars.call_ids):,} calls, one row each; 1 in {step} is named")
        ax.tick_params(axis="y", labelsize="x-small")


def _name(call_id: str, calls: pd.DataFrame | None) -> str:
    """Return subject and targets of a call; empty without both."""
    if calls is None or call_id not in calls.index:
        return ""
    row = calls.loc[call_id]
    words = [str(row[field]) for field in ("subject", "targets") if field in calls and pd.notna(row[field])]
    return " → ".join(word for word in words if word)


def _write_in_bars(ax: Axes, bars: Bars) -> None:
    """Write the name of the state in each bar that has space for it, so that the plot needs no legend."""
    pixels = ax.get_window_extent().width / (ax.get_xlim()[1] - ax.get_xlim()[0])
    size = 8.0
    for first, last, y, state in zip(bars.first, bars.last, bars.y, bars.states, strict=True):
        if (last - first) * pixels > estimate_width(ax, state, size) + estimate_width(ax, "m", size):
            color = get_color(state)
            # A rim keeps the name apart from the pattern of an unknown state.
            rim = [] if state in STATES else [withStroke(linewidth=3, foreground=color)]
            look: dict[str, Any] = {"fontsize": size, "color": get_text_color(state), "path_effects": rim}
            ax.text((first + last) / 2, y, state, ha="center", va="center", clip_on=True, **look)


def _legend(ax: Axes, bars: Bars, requested: bool) -> int:
    """Draw colors and names of the states above the bars; return the number of lines."""
    handles = [
        make_legend_entry(state)
        for state in bars.present_states
        if state != TERMINAL or len(bars.call_ids) <= MAX_CALLS_WITH_MARKS
    ]
    if requested:
        handles.append(
            Line2D([], [], marker="|", linestyle="", markersize=9, color=get_ink_color(ax), label="requested")
        )
    return draw_legend(ax, handles)
