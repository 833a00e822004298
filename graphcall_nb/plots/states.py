"""``plot_states``: the states of a call and the steps between them as a diagram."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from textwrap import fill
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from .._arguments import as_list, require_type
from ..graph.states import STATES, TRANSITIONS, Transition
from ._axes import get_axes, get_ink_color, set_title
from .colors import get_color, get_text_color

_Point = tuple[float, float]

# Position of each state. States from which a call can end stand in separate columns between two bars, so that the steps
# to either bar go straight up or down.
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
    """Course of the arrow between two states: shift to the side, place of the text along it, and lift of the text."""

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
    """Draw the states of a call and the steps between them, from :data:`graphcall_nb.graph.states.TRANSITIONS`.

    Microsoft publishes the names of the states but not the steps between them. Steps that a page or a capture shows are
    solid; inferred steps are dashed.

    Parameters
    ----------
    path : iterable of str
        States of one call in their order, to highlight with the steps between them, for example
        ``session.intervals()["state"]`` of a session with one call. Everything else turns pale. By default nothing is
        highlighted.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The states are text on it, without an axis.

    Examples
    --------
    >>> plot_states().get_title(loc="left")
    'The life of a call'
    """
    ax = get_axes(ax, 14, 7.6)
    visited = as_list(require_type("path", path, Iterable, "the states of one call in their order"))
    taken = set(pairwise([None, *visited]))
    for step in TRANSITIONS:
        _draw_step(ax, step, pale=bool(visited) and (step.source, step.target) not in taken)
    for state in STATES:
        _draw_state(ax, state, pale=bool(visited) and state not in visited)
    ax.set_xlim(-1.15, 8.1)
    ax.set_ylim(-3.0, 3.05)
    ax.set_axis_off()
    set_title(ax, "The life of a call")
    _legend(ax)
    return ax


def _legend(ax: Axes) -> None:
    look: dict[str, Any] = {"color": get_ink_color(ax), "linewidth": 1.3}
    handles = [
        Line2D([], [], label="shown by Microsoft's pages or by captures", **look),
        Line2D([], [], label="inferred, not documented", linestyle=(0, (4, 3)), **look),
    ]
    ax.legend(handles=handles, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, frameon=False, fontsize=9)


def _draw_state(ax: Axes, state: str, *, pale: bool) -> None:
    color = get_color(state)
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
    look: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 9.5, "fontweight": "bold", "zorder": 4}
    text_color = get_ink_color(ax) if pale else get_text_color(state)
    ax.text(x, y, state, color=text_color, alpha=0.6 if pale else 1.0, **look)


def _draw_step(ax: Axes, step: Transition, *, pale: bool) -> None:
    start, end, words_at, align = _route_arrow(step)
    dashes = "solid" if step.evidence == "shown" else (0, (4, 3))
    arrow = FancyArrowPatch(
        start,
        end,
        arrowstyle="-|>,head_length=5,head_width=2.6",
        shrinkA=0,
        shrinkB=0,
        linestyle=dashes,
        linewidth=1.3,
        color=get_ink_color(ax),
        alpha=0.15 if pale else 0.85,
        zorder=2,
    )
    ax.add_patch(arrow)
    if step.source is None:
        ax.plot(
            [start[0]],
            [start[1]],
            marker="o",
            color=get_ink_color(ax),
            markersize=9,
            alpha=0.2 if pale else 1.0,
            zorder=3,
        )
    box = {"boxstyle": "round,pad=0.12", "facecolor": ax.get_facecolor(), "edgecolor": "none", "alpha": 0.9}
    look: dict[str, Any] = {"fontsize": 7.6, "alpha": 0.3 if pale else 1.0, "zorder": 2.5, "bbox": box}
    ax.text(*words_at, fill(step.trigger, 19), ha=align, va="center", linespacing=1.05, **look)


def _route_arrow(step: Transition) -> tuple[_Point, _Point, _Point, str]:
    """Return start and end of the arrow, and position and alignment of its text."""
    source, target = step.source, step.target
    if source is None:
        return _route_first(target)
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
    return _route_between(source, target)


def _route_first(target: str) -> tuple[_Point, _Point, _Point, str]:
    x, y = _PLACES[target]
    if target == "incoming":
        return (x - 0.9, y), (x - _HALF_WIDTH, y), (x - 0.72, y + 0.38), "center"
    return (x - 0.85, y + 0.75), (x - 0.3, y + _HALF_HEIGHT), (x - 0.72, y + 1.0), "center"


def _route_between(source: str, target: str) -> tuple[_Point, _Point, _Point, str]:
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
