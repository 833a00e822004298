"""``plot_concurrency``: the number of live calls over time, by state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from ..graph.states import STATES, TERMINAL
from ._axes import (
    HATCH,
    HATCH_COLOR,
    INTERVALS,
    NO_CALLS,
    Array,
    choose_time_scale,
    draw_empty,
    draw_legend,
    find_end_time,
    get_axes,
    get_ink_color,
    make_legend_entry,
    make_title,
    require_columns,
    set_time_axis,
    set_title,
    sort_states,
)
from .colors import get_color

MAX_CALLS_PER_APPLICATION = 100
"""Limit of Graph's page on throttling; drawn if the calls come near it."""

_MAX_MOMENTS = 4000
"""More moments are not visible. Of each group, the moment with most calls is drawn."""


@dataclass(frozen=True)
class Concurrency:
    """Number of calls in each state: ``counts[state, moment]`` holds from ``at[moment]`` to the next moment."""

    states: list[str]
    at: Array
    counts: Array

    @property
    def total(self) -> Array:
        """Number of live calls at each moment."""
        total: Array = self.counts.sum(axis=0)
        return total

    @property
    def peak(self) -> tuple[float, int]:
        """First moment with most calls, and their number."""
        moment = int(np.argmax(self.total))
        return float(self.at[moment]), int(self.total[moment])


def compute_concurrency(
    intervals: pd.DataFrame, origin: pd.Timestamp, now: pd.Timestamp, unit: pd.Timedelta, first: float = 0.0
) -> Concurrency:
    """Count the live calls in each state, from the moment ``first`` on."""
    live = intervals[intervals["state"] != TERMINAL]
    states = sort_states(live["state"].astype(object).tolist())
    start = ((live["start"] - origin) / unit).to_numpy(dtype=float)
    end = np.maximum(((live["end"].fillna(now) - origin) / unit).to_numpy(dtype=float), start)
    row = pd.Categorical(live["state"].astype(object), categories=states).codes
    at = np.concatenate([[first], start, end])
    moments, moment = np.unique(at, return_inverse=True)
    counts = np.zeros((len(states), len(moments)), dtype=np.int64)
    np.add.at(counts, (row, moment[1 : len(start) + 1]), 1)
    # Open intervals count at the last moment too.
    is_over = live["end"].notna().to_numpy()
    np.add.at(counts, (row[is_over], moment[len(start) + 1 :][is_over]), -1)
    return Concurrency(states, moments, np.cumsum(counts, axis=1))


def limit_moments(concurrency: Concurrency, limit: int = _MAX_MOMENTS) -> Concurrency:
    """Return the same with at most ``limit`` moments; the peak stays."""
    if len(concurrency.at) <= limit:
        return concurrency
    edges = np.linspace(0, len(concurrency.at), limit + 1).astype(int)[:-1]
    total = concurrency.total
    highest = np.maximum.reduceat(total, edges)
    group = np.repeat(np.arange(limit), np.diff(np.append(edges, len(total))))
    at_top = np.flatnonzero(total == highest[group])
    kept = at_top[np.unique(group[at_top], return_index=True)[1]]
    kept = np.unique(np.append(kept, len(total) - 1))
    return Concurrency(concurrency.states, concurrency.at[kept], concurrency.counts[:, kept])


def plot_concurrency(
    intervals: pd.DataFrame,
    *,
    ax: Axes | None = None,
    now: pd.Timestamp | None = None,
    tz: str | tzinfo | None = None,
    simulated: bool | None = None,
) -> Axes:
    """Draw the number of live calls over time, in layers by state.

    Parameters
    ----------
    intervals : pandas.DataFrame
        Frame of :meth:`graphcall_nb.Session.intervals` with ``call_id``, ``state``, ``start`` and ``end`` (``NaT`` for
        an open interval). It may be empty.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; by default those of a new figure.
    now : pandas.Timestamp, optional
        End of open intervals; by default the present time.
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
    >>> end = pd.to_datetime(["2026-01-01 10:00:05", "2026-01-01 10:00:09"], utc=True)
    >>> frame = pd.DataFrame({"call_id": ["57", "58"], "state": "established", "start": start, "end": end})
    >>> plot_concurrency(frame).get_title(loc="left")
    'Calls at a time: 2 at most'
    """
    require_columns(intervals, INTERVALS, "state", "start", "end")
    ax = get_axes(ax, 10, 4)
    live = intervals[intervals["state"] != TERMINAL]
    if live.empty:
        return draw_empty(ax, make_title("Calls at a time", intervals, simulated), NO_CALLS)
    origin, end = intervals["start"].min(), find_end_time(intervals, now)
    scale = choose_time_scale(origin, end, tz)
    concurrency = compute_concurrency(intervals, scale.origin, end, scale.unit, scale.first)
    _draw(ax, limit_moments(concurrency))
    set_time_axis(ax, scale, max(float(concurrency.at[-1]), scale.first + 1e-9))
    _count_axis(ax, concurrency)
    lines = draw_legend(ax, [make_legend_entry(state) for state in concurrency.states])
    set_title(ax, make_title(f"Calls at a time: {concurrency.peak[1]:,} at most", intervals, simulated), 8 + 17 * lines)
    return ax


def _draw(ax: Axes, concurrency: Concurrency) -> None:
    top = np.cumsum(concurrency.counts, axis=0)
    base = np.zeros(len(concurrency.at))
    for state, upper in zip(concurrency.states, top, strict=True):
        hatch = None if state in STATES else HATCH
        look: dict[str, Any] = {
            "facecolor": get_color(state),
            "edgecolor": HATCH_COLOR if hatch else "none",
            "hatch": hatch,
        }
        ax.fill_between(concurrency.at, base, upper, step="post", linewidth=0, **look)
        base = upper
    ax.step(concurrency.at, concurrency.total, where="post", color=get_ink_color(ax), linewidth=0.8)


def _count_axis(ax: Axes, concurrency: Concurrency) -> None:
    when, most = concurrency.peak
    is_near_limit = most > MAX_CALLS_PER_APPLICATION / 2
    high = max(most, MAX_CALLS_PER_APPLICATION) if is_near_limit else most
    ax.set_ylim(0, high * 1.12)
    ax.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    ax.set_ylabel("calls")
    ax.grid(axis="y", alpha=0.25)
    ax.spines[["top", "right"]].set_visible(False)
    ax.plot([when], [most], marker="v", color=get_ink_color(ax), markersize=6, clip_on=False, zorder=4)
    if is_near_limit:
        ax.axhline(MAX_CALLS_PER_APPLICATION, color=get_ink_color(ax), linewidth=1, linestyle=(0, (5, 3)))
        text = f"{MAX_CALLS_PER_APPLICATION}: Graph's limit for one application"
        box = {"boxstyle": "round,pad=0.2", "facecolor": ax.get_facecolor(), "edgecolor": "none", "alpha": 0.85}
        look: dict[str, Any] = {"ha": "right", "va": "center", "fontsize": "small", "bbox": box, "zorder": 5}
        ax.text(0.99, MAX_CALLS_PER_APPLICATION, text, transform=ax.get_yaxis_transform(), **look)
