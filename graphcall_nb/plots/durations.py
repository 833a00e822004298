"""``plot_state_durations``: the durations of visits to each state."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from .._text import pluralize
from ..graph.states import STATES, TERMINAL
from ._axes import (
    HATCH,
    HATCH_COLOR,
    INTERVALS,
    NO_CALLS,
    Array,
    draw_empty,
    format_duration,
    get_axes,
    make_rectangles,
    make_title,
    require_columns,
    set_title,
    sort_states,
)
from .colors import get_color, get_text_color

MIN_BOXED_VISITS = 5
"""From this number of visits on, a box shows the middle half of them."""

MAX_DOTS = 400
"""Up to this number of visits each has a dot; of more, so many have, evenly from the shortest to the longest."""

_MIN_LOG_RATIO = 30.0
"""From this ratio of the longest to the shortest duration on, the axis is logarithmic."""

_TICKS_SECONDS = (1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10, 60, 600, 3600, 36_000, 360_000)
"""Round durations: 1 s, 10 s, 1 min, 10 min, 1 h and so on."""

_GOLDEN_RATIO = 0.618033988749895
_HALF_HEIGHT = 0.3


def plot_state_durations(intervals: pd.DataFrame, *, ax: Axes | None = None, simulated: bool | None = None) -> Axes:
    """Draw the durations of visits to each state: a dot for each, a box around the middle half, a line at the median.

    Parameters
    ----------
    intervals : pandas.DataFrame
        Frame of :meth:`graphcall_nb.Session.intervals` with ``state`` and ``duration``. Open visits have no duration
        yet; their number stands beside the state. The frame may be empty.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; by default those of a new figure.
    simulated : bool, optional
        True marks the title; by default the session of the frame decides.

    Returns
    -------
    matplotlib.axes.Axes
        The horizontal axis is the duration, logarithmic for a wide range.

    Examples
    --------
    >>> import pandas as pd
    >>> durations = pd.to_timedelta([2, 3, 60], unit="s")
    >>> frame = pd.DataFrame({"state": ["ringing", "ringing", "established"], "duration": durations})
    >>> [label.get_text() for label in plot_state_durations(frame).get_yticklabels()]
    ['ringing', 'established']
    """
    require_columns(intervals, INTERVALS, "state", "duration")
    visits = intervals[intervals["state"] != TERMINAL]
    states = sort_states(visits["state"].astype(object).tolist())
    ax = get_axes(ax, 10, max(2.4, 1.3 + 0.62 * len(states)))
    title = make_title("How long calls stay in each state", intervals, simulated)
    if not states:
        return draw_empty(ax, title, NO_CALLS)
    set_title(ax, title)
    seconds = {state: _seconds(visits.loc[visits["state"] == state, "duration"]) for state in states}
    smallest = _axis(ax, np.concatenate(list(seconds.values())))
    for row, state in enumerate(states):
        _draw_state(ax, row, state, np.maximum(seconds[state], smallest))
        _write_beside(ax, row, seconds[state], int((visits["state"] == state).sum()) - len(seconds[state]))
    ax.set_yticks(range(len(states)), states)
    ax.set_ylim(len(states) - 0.45, -0.55)
    ax.tick_params(axis="y", length=0)
    ax.spines[["top", "right", "left"]].set_visible(False)
    return ax


def _seconds(durations: pd.Series) -> Array:
    """Return the durations of closed visits, ascending."""
    seconds: Array = np.sort(durations.dropna().dt.total_seconds().to_numpy(dtype=float))
    return seconds


def _axis(ax: Axes, seconds: Array) -> float:
    """Set up the axis of durations, and return the smallest duration that can be drawn."""
    ax.set_xlabel("duration of closed visits")
    ax.grid(axis="x", alpha=0.25)
    ax.set_axisbelow(True)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: format_duration(value)))
    longest = float(seconds.max()) if len(seconds) else 1.0
    positive = seconds[seconds > 0]
    shortest = max(float(positive.min()), longest * 1e-6) if len(positive) else 1.0
    if longest / shortest < _MIN_LOG_RATIO:
        ax.set_xlim(0, 1.06 * max(longest, 1e-6))
        return 0.0
    ax.set_xscale("log")
    ax.set_xlim(shortest / 1.5, longest * 1.5)
    ax.xaxis.set_major_locator(FixedLocator(_TICKS_SECONDS))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: format_duration(value)))
    return shortest


def _draw_state(ax: Axes, row: int, state: str, seconds: Array) -> None:
    if not len(seconds):
        return
    color = get_color(state)
    boxed = len(seconds) >= MIN_BOXED_VISITS
    if boxed:
        low, first, last, high = np.percentile(seconds, (5, 25, 75, 95))
        ax.plot([low, high], [row, row], color=color, linewidth=1.6, solid_capstyle="butt", zorder=2)
        look: dict[str, Any] = {"facecolors": color, "edgecolors": color, "linewidths": 1.2, "zorder": 2.1}
        if state not in STATES:
            look |= {"hatch": HATCH, "edgecolors": HATCH_COLOR}
        corners = make_rectangles(np.array([first]), np.array([last]), np.array([float(row)]), 2 * _HALF_HEIGHT)
        ax.add_collection(PolyCollection(list(corners), alpha=0.45, **look), autolim=False)
    shown = seconds[np.linspace(0, len(seconds) - 1, min(len(seconds), MAX_DOTS)).astype(int)]
    # Steps of the golden ratio spread the dots evenly, and the same each time.
    spread = ((np.arange(len(shown)) * _GOLDEN_RATIO) % 1 - 0.5) * 2 * _HALF_HEIGHT if boxed else np.zeros(len(shown))
    size, alpha = (70, 1.0) if len(shown) < MIN_BOXED_VISITS else (16, 0.75) if len(shown) <= 60 else (7, 0.5)
    edge = get_text_color(state) if len(shown) <= 60 else "none"
    ax.scatter(shown, row + 0.8 * spread, s=size, c=color, alpha=alpha, edgecolors=edge, linewidths=0.4, zorder=2.2)
    if len(seconds) == 1:
        return
    middle = float(np.median(seconds))
    ax.plot(
        [middle, middle],
        [row - _HALF_HEIGHT, row + _HALF_HEIGHT],
        color=ax.xaxis.label.get_color(),
        linewidth=2,
        zorder=3,
    )


def _write_beside(ax: Axes, row: int, seconds: Array, open_visits: int) -> None:
    """Write the median and the number of visits to the right of the axes."""
    words = []
    if len(seconds):
        words.append(f"median {format_duration(float(np.median(seconds)))}")
    words.append(pluralize(len(seconds), "visit") + (f", {open_visits:,} open" if open_visits else ""))
    text = "\n".join(words)
    ax.text(1.015, row, text, transform=ax.get_yaxis_transform(), ha="left", va="center", fontsize="small")
