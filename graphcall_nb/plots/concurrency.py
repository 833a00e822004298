"""``plot_concurrency``: how many calls there are at each moment, by state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from ..callstates import STATES, TERMINAL
from ..statecolors import color_of
from .bars import Array
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
    in_order,
    ink_of,
    legend,
    legend_entry,
    time_axis,
    unit_of,
    until,
)

LIMIT = 100
"""How many calls an application may have at once, by Graph's page on throttling; drawn where calls come near."""

_MOMENTS = 4000
"""How many moments are drawn at most; more would not be seen. Of those between, the one with most calls stands."""


@dataclass(frozen=True)
class Crowd:
    """How many calls were in which state: ``counts[state, moment]`` holds from ``at[moment]`` to the next."""

    states: list[str]
    at: Array
    counts: Array

    @property
    def total(self) -> Array:
        total: Array = self.counts.sum(axis=0)
        return total

    @property
    def peak(self) -> tuple[float, int]:
        """When there were most calls for the first time, and how many."""
        moment = int(np.argmax(self.total))
        return float(self.at[moment]), int(self.total[moment])


def crowd_of(intervals: pd.DataFrame, origin: pd.Timestamp, now: pd.Timestamp, unit: pd.Timedelta) -> Crowd:
    """Count the calls in each state; those that ended are none."""
    live = intervals[intervals["state"] != TERMINAL]
    states = in_order(live["state"].astype(object).tolist())
    start = ((live["start"] - origin) / unit).to_numpy(dtype=float)
    end = np.maximum(((live["end"].fillna(now) - origin) / unit).to_numpy(dtype=float), start)
    row = pd.Categorical(live["state"].astype(object), categories=states).codes
    at = np.concatenate([[0.0], start, end])
    moments, moment = np.unique(at, return_inverse=True)
    counts = np.zeros((len(states), len(moments)), dtype=np.int64)
    np.add.at(counts, (row, moment[1 : len(start) + 1]), 1)
    # What lasts is there at the last moment too.
    over = live["end"].notna().to_numpy()
    np.add.at(counts, (row[over], moment[len(start) + 1 :][over]), -1)
    return Crowd(states, moments, np.cumsum(counts, axis=1))


def thinned(crowd: Crowd, most: int = _MOMENTS) -> Crowd:
    """The same with no more than ``most`` moments; the peak stays."""
    if len(crowd.at) <= most:
        return crowd
    edges = np.linspace(0, len(crowd.at), most + 1).astype(int)[:-1]
    total = crowd.total
    highest = np.maximum.reduceat(total, edges)
    group = np.repeat(np.arange(most), np.diff(np.append(edges, len(total))))
    at_top = np.flatnonzero(total == highest[group])
    kept = at_top[np.unique(group[at_top], return_index=True)[1]]
    kept = np.unique(np.append(kept, len(total) - 1))
    return Crowd(crowd.states, crowd.at[kept], crowd.counts[:, kept])


def plot_concurrency(
    intervals: pd.DataFrame,
    *,
    ax: Axes | None = None,
    now: pd.Timestamp | None = None,
    simulated: bool | None = None,
) -> Axes:
    """Draw how many calls there are at each moment, in layers by state.

    Parameters
    ----------
    intervals
        Of :meth:`graphcall_nb.Session.intervals`: ``call_id``, ``state``, ``start`` and ``end`` (``NaT`` while it
        lasts). No rows at all are fine.
    ax : where to draw; a figure of its own by default
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
    >>> end = pd.to_datetime(["2026-01-01 10:00:05", "2026-01-01 10:00:09"], utc=True)
    >>> frame = pd.DataFrame({"call_id": ["57", "58"], "state": "established", "start": start, "end": end})
    >>> plot_concurrency(frame).get_title(loc="left")
    'Calls at a time: 2 at most'
    """
    check_columns(intervals, INTERVALS, "state", "start", "end")
    ax = axes_or_new(ax, 10, 4)
    live = intervals[intervals["state"] != TERMINAL]
    if live.empty:
        return empty(ax, heading("Calls at a time", intervals, simulated), NO_CALLS)
    origin, end = intervals["start"].min(), until(intervals, now)
    name, unit = unit_of(end - origin)
    crowd = crowd_of(intervals, origin, end, unit)
    _draw(ax, thinned(crowd))
    time_axis(ax, max(float(crowd.at[-1]), 1e-9), f"{name} since {origin:%Y-%m-%d %H:%M:%S} UTC")
    _count_axis(ax, crowd)
    lines = legend(ax, [legend_entry(state) for state in crowd.states])
    entitle(ax, heading(f"Calls at a time: {crowd.peak[1]:,} at most", intervals, simulated), 8 + 17 * lines)
    return ax


def _draw(ax: Axes, crowd: Crowd) -> None:
    top = np.cumsum(crowd.counts, axis=0)
    base = np.zeros(len(crowd.at))
    for state, upper in zip(crowd.states, top, strict=True):
        hatch = None if state in STATES else HATCH
        look: dict[str, Any] = {
            "facecolor": color_of(state),
            "edgecolor": HATCH_INK if hatch else "none",
            "hatch": hatch,
        }
        ax.fill_between(crowd.at, base, upper, step="post", linewidth=0, **look)
        base = upper
    ax.step(crowd.at, crowd.total, where="post", color=ink_of(ax), linewidth=0.8)


def _count_axis(ax: Axes, crowd: Crowd) -> None:
    when, most = crowd.peak
    high = max(most, LIMIT) if most > LIMIT / 2 else most
    ax.set_ylim(0, high * 1.12)
    ax.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    ax.set_ylabel("calls")
    ax.grid(axis="y", alpha=0.25)
    ax.spines[["top", "right"]].set_visible(False)
    ax.plot([when], [most], marker="v", color=ink_of(ax), markersize=6, clip_on=False, zorder=4)
    if most > LIMIT / 2:
        ax.axhline(LIMIT, color=ink_of(ax), linewidth=1, linestyle=(0, (5, 3)))
        words = f"{LIMIT}: what Graph allows one application"
        box = {"boxstyle": "round,pad=0.2", "facecolor": ax.get_facecolor(), "edgecolor": "none", "alpha": 0.85}
        look: dict[str, Any] = {"ha": "right", "va": "center", "fontsize": "small", "bbox": box, "zorder": 5}
        ax.text(0.99, LIMIT, words, transform=ax.get_yaxis_transform(), **look)
