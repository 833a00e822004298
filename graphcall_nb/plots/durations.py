"""``plot_state_durations``: how long calls stay in each state."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from ..callstates import STATES, TERMINAL
from ..statecolors import color_of, text_color_on
from .bars import Array, rectangles
from .canvas import (
    HATCH,
    HATCH_INK,
    INTERVALS,
    NO_CALLS,
    axes_or_new,
    check_columns,
    duration_in_words,
    empty,
    entitle,
    heading,
    in_order,
)

BOXED_STAYS = 5
"""From so many stays on a box shows where the middle half of them is."""

DOTTED_STAYS = 400
"""Up to so many stays each has a dot; of more, so many have, evenly from the shortest to the longest."""

_LOG_FROM = 30.0
"""From which ratio of the longest to the shortest the axis is logarithmic."""

_ROUND = (1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10, 60, 600, 3600, 36_000, 360_000)
"""Durations that are round for a person, in seconds."""

_GOLDEN = 0.618033988749895
_HALF = 0.3


def plot_state_durations(intervals: pd.DataFrame, *, ax: Axes | None = None, simulated: bool | None = None) -> Axes:
    """Draw how long calls stay in each state: a dot for each stay, a box around the middle half, a line at the median.

    Parameters
    ----------
    intervals
        Of :meth:`graphcall_nb.Session.intervals`: ``state`` and ``duration``. Stays that still last are counted beside
        the state, not drawn: nobody knows how long they will be. No rows at all are fine.
    ax : where to draw; a figure of its own by default
    simulated : whether the title says so; by default as the session said when it made the frame

    Returns
    -------
    matplotlib.axes.Axes
        The horizontal axis is the duration, logarithmic where it has to span much.

    Examples
    --------
    >>> import pandas as pd
    >>> lasted = pd.to_timedelta([2, 3, 60], unit="s")
    >>> frame = pd.DataFrame({"state": ["ringing", "ringing", "established"], "duration": lasted})
    >>> [label.get_text() for label in plot_state_durations(frame).get_yticklabels()]
    ['ringing', 'established']
    """
    check_columns(intervals, INTERVALS, "state", "duration")
    stays = intervals[intervals["state"] != TERMINAL]
    states = in_order(stays["state"].astype(object).tolist())
    ax = axes_or_new(ax, 10, max(2.4, 1.3 + 0.62 * len(states)))
    title = heading("How long calls stay in each state", intervals, simulated)
    if not states:
        return empty(ax, title, NO_CALLS)
    entitle(ax, title)
    seconds = {state: _seconds(stays.loc[stays["state"] == state, "duration"]) for state in states}
    smallest = _axis(ax, np.concatenate(list(seconds.values())))
    for row, state in enumerate(states):
        _draw_state(ax, row, state, np.maximum(seconds[state], smallest))
        _write_beside(ax, row, seconds[state], int((stays["state"] == state).sum()) - len(seconds[state]))
    ax.set_yticks(range(len(states)), states)
    ax.set_ylim(len(states) - 0.45, -0.55)
    ax.tick_params(axis="y", length=0)
    ax.spines[["top", "right", "left"]].set_visible(False)
    return ax


def _seconds(durations: pd.Series) -> Array:
    """The durations of stays that are over, ascending."""
    seconds: Array = np.sort(durations.dropna().dt.total_seconds().to_numpy(dtype=float))
    return seconds


def _axis(ax: Axes, seconds: Array) -> float:
    """The axis of durations; returns the smallest that can be drawn."""
    ax.set_xlabel("time in the state, for stays that are over")
    ax.grid(axis="x", alpha=0.25)
    ax.set_axisbelow(True)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: duration_in_words(value)))
    longest = float(seconds.max()) if len(seconds) else 1.0
    lasting = seconds[seconds > 0]
    shortest = max(float(lasting.min()), longest * 1e-6) if len(lasting) else 1.0
    if longest / shortest < _LOG_FROM:
        ax.set_xlim(0, 1.06 * max(longest, 1e-6))
        return 0.0
    ax.set_xscale("log")
    ax.set_xlim(shortest / 1.5, longest * 1.5)
    ax.xaxis.set_major_locator(FixedLocator(_ROUND))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: duration_in_words(value)))
    return shortest


def _draw_state(ax: Axes, row: int, state: str, seconds: Array) -> None:
    if not len(seconds):
        return
    color = color_of(state)
    boxed = len(seconds) >= BOXED_STAYS
    if boxed:
        low, first, last, high = np.percentile(seconds, (5, 25, 75, 95))
        ax.plot([low, high], [row, row], color=color, linewidth=1.6, solid_capstyle="butt", zorder=2)
        look: dict[str, Any] = {"facecolors": color, "edgecolors": color, "linewidths": 1.2, "zorder": 2.1}
        if state not in STATES:
            look |= {"hatch": HATCH, "edgecolors": HATCH_INK}
        corners = rectangles(np.array([first]), np.array([last]), np.array([float(row)]), 2 * _HALF)
        ax.add_collection(PolyCollection(list(corners), alpha=0.45, **look), autolim=False)
    shown = seconds[np.linspace(0, len(seconds) - 1, min(len(seconds), DOTTED_STAYS)).astype(int)]
    # Spread by the golden ratio: even, and the same each time.
    spread = ((np.arange(len(shown)) * _GOLDEN) % 1 - 0.5) * 2 * _HALF if boxed else np.zeros(len(shown))
    size, alpha = (70, 1.0) if len(shown) < BOXED_STAYS else (16, 0.75) if len(shown) <= 60 else (7, 0.5)
    edge = text_color_on(color) if len(shown) <= 60 else "none"
    ax.scatter(shown, row + 0.8 * spread, s=size, c=color, alpha=alpha, edgecolors=edge, linewidths=0.4, zorder=2.2)
    if len(seconds) == 1:
        return
    middle = float(np.median(seconds))
    ax.plot([middle, middle], [row - _HALF, row + _HALF], color=ax.xaxis.label.get_color(), linewidth=2, zorder=3)


def _write_beside(ax: Axes, row: int, seconds: Array, lasting: int) -> None:
    """The median and how many stays there are, to the right of the picture."""
    words = []
    if len(seconds):
        words.append(f"median {duration_in_words(float(np.median(seconds)))}")
    counted = f"{len(seconds):,} stay{'s' if len(seconds) != 1 else ''}"
    words.append(counted + (f", {lasting:,} going on" if lasting else ""))
    text = "\n".join(words)
    ax.text(1.015, row, text, transform=ax.get_yaxis_transform(), ha="left", va="center", fontsize="small")
