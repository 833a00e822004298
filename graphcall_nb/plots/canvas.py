"""What all pictures have in common: a figure of their own, titles, legends, times in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ..callstates import STATES, TERMINAL
from ..slips import checked
from ..statecolors import color_of
from ..unseen import marked

HATCH = "////"
HATCH_INK = "#555555"
"""The pattern of a state that Graph added later."""

NO_CALLS = "No calls yet. Place one with session.create_call(…) and draw again."

INTERVALS = "session.intervals()"
MESSAGES = "session.messages(call_id)"
"""What makes the frames that pictures show."""

_UNITS = ((7200.0, "hours", pd.Timedelta(hours=1)), (600.0, "minutes", pd.Timedelta(minutes=1)))


def axes_or_new(ax: Axes | None, width: float, height: float) -> Axes:
    """Where to draw: what was given, else a figure of its own."""
    if ax is not None:
        return checked("ax", ax, Axes, "the Axes of matplotlib")
    # Only here: pyplot looks for a display and keeps its figures alive.
    from matplotlib import pyplot

    _, ax = pyplot.subplots(figsize=(width, height), layout="constrained")
    return ax


def check_columns(frame: pd.DataFrame, maker: str, *columns: str) -> None:
    """Refuse what is not the frame that a picture shows; ``maker`` is what makes such a frame."""
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"A picture shows a frame, not {type(frame).__name__}; give that of {maker}.")
    if lacking := [name for name in columns if name not in frame]:
        raise ValueError(f"The frame lacks {', '.join(lacking)}; give one of {maker}.")


def heading(title: str, frame: pd.DataFrame, simulated: bool | None) -> str:
    """The title, which says so where no real service was asked; a session says it in the frames that it makes."""
    told = bool(frame.attrs.get("simulated")) if simulated is None else simulated
    return f"{title} (simulated)" if told else title


def entitle(ax: Axes, title: str, pad: float = 8) -> None:
    ax.set_title(title, loc="left", fontweight="bold", pad=pad)


def empty(ax: Axes, title: str, words: str) -> Axes:
    """A picture of nothing: what to do to get something."""
    entitle(ax, title)
    ax.text(0.5, 0.5, words, ha="center", va="center", transform=ax.transAxes, alpha=0.75)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    return ax


def ink_of(ax: Axes) -> Any:
    """The colour in which this style writes."""
    return ax.xaxis.label.get_color()


def until(intervals: pd.DataFrame, now: pd.Timestamp | None) -> Any:
    """When the picture ends: now while a call lasts, else with the last end."""
    latest = intervals["end"].fillna(intervals["start"]).max()
    lasting = intervals["end"].isna() & (intervals["state"] != TERMINAL)
    if not lasting.any():
        return latest
    return max(latest, pd.Timestamp.now("UTC") if now is None else _moment(now))


def _moment(now: datetime) -> pd.Timestamp:
    """A time that can be held against those of a frame; UTC where it names no zone."""
    at = pd.Timestamp(checked("now", now, datetime, "a time, such as pandas.Timestamp.now('UTC')"))
    return at.tz_localize("UTC") if at.tzinfo is None else at


def unit_of(span: pd.Timedelta) -> tuple[str, pd.Timedelta]:
    """In what to count a span of time."""
    seconds = span.total_seconds()
    return next(((name, unit) for least, name, unit in _UNITS if seconds > least), ("seconds", pd.Timedelta(seconds=1)))


def time_axis(ax: Axes, span: float, label: str) -> None:
    """A horizontal axis of time from 0 to ``span``, with a light grid."""
    ax.set_xlim(-0.015 * span, 1.02 * span)
    ax.set_xlabel(label)
    ax.grid(axis="x", alpha=0.25)
    ax.set_axisbelow(True)


def duration_in_words(seconds: float) -> str:
    """A duration as it is said: ``0.25 s``, ``12 s``, ``3 min``, ``1.5 h``.

    >>> [duration_in_words(seconds) for seconds in (0, 0.0042, 0.25, 12.345, 180, 5400)]
    ['0 s', '4.2 ms', '250 ms', '12.3 s', '3 min', '1.5 h']
    """
    for least, divisor, name in ((5400, 3600, "h"), (90, 60, "min"), (1, 1, "s"), (0, 1e-3, "ms")):
        if seconds >= least and seconds > 0:
            value = seconds / divisor
            return f"{value:.3g} {name}" if value < 1000 else f"{value:,.0f} {name}"
    return "0 s"


def short(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def plain(text: str) -> str:
    """Text as it is, with what nobody would see written out: a dollar sign would begin a formula."""
    return marked(text).replace("$", r"\$")


def settle(ax: Axes) -> None:
    """Let the layout make room for what is written at the axes, so that the width left is known."""
    if isinstance(ax.figure, Figure) and ax.figure.get_layout_engine() is not None:
        ax.figure.draw_without_rendering()


def width_of(ax: Axes, text: str, size: float) -> float:
    """About how many pixels a text takes; measuring it needs a renderer, and takes as long as drawing it."""
    return len(text) * 0.62 * size * (ax.figure.dpi if ax.figure else 100) / 72


def legend(ax: Axes, handles: Sequence[Any]) -> int:
    """Colours and their names in lines above the picture; returns in how many lines."""
    columns = _columns([width_of(ax, f"{handle.get_label()}mmmm", 8.3) for handle in handles], ax)
    ax.legend(
        # matplotlib fills column by column; states are read line by line.
        handles=[handle for column in range(columns) for handle in handles[column::columns]],
        loc="lower left",
        bbox_to_anchor=(-0.01, 1.0),
        ncols=columns,
        frameon=False,
        fontsize="small",
        handlelength=1.2,
        columnspacing=1.2,
    )
    return -(-len(handles) // columns)


def _columns(widths: list[float], ax: Axes) -> int:
    """One line where all fit, else columns as wide as the widest."""
    room = ax.get_window_extent().width
    return len(widths) if sum(widths) <= room else max(1, int(room / max(widths)))


def legend_entry(state: str) -> Any:
    if state == TERMINAL:
        return Line2D([], [], marker="s", linestyle="", color=color_of(state), label=state)
    hatch = None if state in STATES else HATCH
    return Patch(facecolor=color_of(state), hatch=hatch, edgecolor=HATCH_INK if hatch else "none", label=state)


def in_order(states: Sequence[str]) -> list[str]:
    """Each state once: Graph's in life-cycle order, then others by name."""
    found = set(states)
    return [state for state in STATES if state in found] + sorted(found - set(STATES))
