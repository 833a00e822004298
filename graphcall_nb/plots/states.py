"""``plot_states``: the life of a call as a diagram of its states."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from textwrap import fill
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from ..callstates import STATES, TRANSITIONS, Transition
from ..slips import checked, several
from ..statecolors import color_of, text_color_on
from .canvas import axes_or_new, entitle, ink_of

_Point = tuple[float, float]

# Where each state stands. Those from which a call can end stand in columns of their own between two bars, so that the
# steps to either bar go straight up or down.
_PLACES: dict[str, _Point] = {
    "incoming": (0.0, 0.75),
    "redirecting": (1.0, -0.75),
    "establishing": (2.0, 0.75),
    "ringing": (3.0, -0.75),
    "established": (4.0, 0.75),
    "hold": (5.0, -0.75),
    "transferring": (6.0, 0.75),
    "transferAccepted": (7.0, -0.75),
}
_BARS = {"terminating": 2.6, "terminated": -2.6}
_BAR_ENDS = (-0.47, 8.0)
_HALF_WIDTH, _HALF_HEIGHT = 0.47, 0.21


@dataclass(frozen=True)
class _Route:
    """How the step between two states is drawn: moved aside, its words at ``at`` of the way and lifted from it."""

    aside: float = 0.0
    at: float = 0.5
    lift: float = 0.0


_ROUTES: dict[tuple[str | None, str], _Route] = {
    ("established", "hold"): _Route(aside=0.12, at=0.42),
    ("hold", "established"): _Route(aside=0.12, at=0.42),
    ("established", "transferring"): _Route(aside=0.1, lift=0.13),
    ("transferring", "established"): _Route(aside=0.1, lift=-0.15),
    ("transferAccepted", "established"): _Route(at=0.52),
}


def plot_states(path: Iterable[str] = (), *, ax: Axes | None = None) -> Axes:
    """Draw the states of a call and the steps between them, from :data:`graphcall_nb.callstates.TRANSITIONS`.

    Microsoft publishes the names of the states and no table of the steps. Steps that a page or a capture shows are
    solid; those that are our reading are dashed.

    Parameters
    ----------
    path
        The states of one call in their order, to stand out with the steps between them, for example
        ``session.intervals()["state"]`` of a session with one call. All else turns pale. By default all are alike.
    ax : where to draw; a figure of its own by default

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> plot_states().get_title(loc="left")
    'The life of a call'
    """
    ax = axes_or_new(ax, 14, 7.6)
    passed = several(checked("path", path, Iterable, "the states of one call in their order"))
    taken = set(pairwise([None, *passed]))
    for step in TRANSITIONS:
        _draw_step(ax, step, pale=bool(passed) and (step.source, step.target) not in taken)
    for state in STATES:
        _draw_state(ax, state, pale=bool(passed) and state not in passed)
    ax.set_xlim(-1.15, 8.1)
    ax.set_ylim(-3.0, 3.05)
    ax.set_axis_off()
    entitle(ax, "The life of a call")
    _legend(ax)
    return ax


def _legend(ax: Axes) -> None:
    look: dict[str, Any] = {"color": ink_of(ax), "linewidth": 1.3}
    handles = [
        Line2D([], [], label="shown by Microsoft's pages or by captures", **look),
        Line2D([], [], label="inferred: our reading, not promised", linestyle=(0, (4, 3)), **look),
    ]
    ax.legend(handles=handles, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, frameon=False, fontsize=9)


def _draw_state(ax: Axes, state: str, *, pale: bool) -> None:
    color = color_of(state)
    alpha = 0.25 if pale else 1.0
    if state in _BARS:
        left, right = _BAR_ENDS
        x, y, width = (left + right) / 2, _BARS[state], right - left
    else:
        (x, y), width = _PLACES[state], 2 * _HALF_WIDTH
    corner = (x - width / 2, y - _HALF_HEIGHT)
    shape = FancyBboxPatch(corner, width, 2 * _HALF_HEIGHT, boxstyle="round,pad=0,rounding_size=0.12", zorder=3)
    shape.set(facecolor=color, alpha=alpha, edgecolor="none")
    ax.add_patch(shape)
    words: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 9.5, "fontweight": "bold", "zorder": 4}
    ax.text(x, y, state, color=ink_of(ax) if pale else text_color_on(color), alpha=0.6 if pale else 1.0, **words)


def _draw_step(ax: Axes, step: Transition, *, pale: bool) -> None:
    start, end, words_at, align = _way(step)
    dashes = "solid" if step.evidence == "shown" else (0, (4, 3))
    arrow = FancyArrowPatch(
        start,
        end,
        arrowstyle="-|>,head_length=5,head_width=2.6",
        shrinkA=0,
        shrinkB=0,
        linestyle=dashes,
        linewidth=1.3,
        color=ink_of(ax),
        alpha=0.15 if pale else 0.85,
        zorder=2,
    )
    ax.add_patch(arrow)
    if step.source is None:
        ax.plot(
            [start[0]], [start[1]], marker="o", color=ink_of(ax), markersize=9, alpha=0.2 if pale else 1.0, zorder=3
        )
    box = {"boxstyle": "round,pad=0.12", "facecolor": ax.get_facecolor(), "edgecolor": "none", "alpha": 0.9}
    look: dict[str, Any] = {"fontsize": 7.6, "alpha": 0.3 if pale else 1.0, "zorder": 2.5, "bbox": box}
    ax.text(*words_at, fill(step.trigger, 19), ha=align, va="center", linespacing=1.05, **look)


def _way(step: Transition) -> tuple[_Point, _Point, _Point, str]:
    """Start and end of the arrow, and where its words are."""
    source, target = step.source, step.target
    if source is None:
        return _beginning(target)
    if source in _BARS:
        y, right = _BARS[source], _BAR_ENDS[1]
        x = right - 0.15
        return (x, y - _HALF_HEIGHT), (x, _BARS[target] + _HALF_HEIGHT), (x, 0.0), "center"
    if target in _BARS:
        x, y = _PLACES[source]
        toward = 1 if _BARS[target] > 0 else -1
        start, end = y + toward * _HALF_HEIGHT, _BARS[target] - toward * _HALF_HEIGHT
        far = 0.5 if abs(end - start) < 2 else 0.72
        return (x, start), (x, end), (x, start + (end - start) * far), "center"
    return _between(source, target)


def _beginning(target: str) -> tuple[_Point, _Point, _Point, str]:
    x, y = _PLACES[target]
    if target == "incoming":
        return (x - 0.9, y), (x - _HALF_WIDTH, y), (x - 0.72, y + 0.38), "center"
    return (x - 0.85, y + 0.75), (x - 0.3, y + _HALF_HEIGHT), (x - 0.72, y + 1.0), "center"


def _between(source: str, target: str) -> tuple[_Point, _Point, _Point, str]:
    route = _ROUTES.get((source, target), _Route())
    (x1, y1), (x2, y2) = _PLACES[source], _PLACES[target]
    onward = 1 if x2 > x1 else -1
    if y1 == y2:
        # Side by side, one a little above the other where there is a way back.
        shift = route.aside * onward
        start, end = (x1 + onward * _HALF_WIDTH, y1 + shift), (x2 - onward * _HALF_WIDTH, y2 + shift)
    else:
        down = 1 if y2 < y1 else -1
        shift = route.aside * onward
        start = (x1 + onward * 0.25 + shift, y1 - down * _HALF_HEIGHT)
        end = (x2 - onward * 0.25 + shift, y2 + down * _HALF_HEIGHT)
    words = (start[0] + (end[0] - start[0]) * route.at, start[1] + (end[1] - start[1]) * route.at + route.lift)
    return start, end, words, "center"
