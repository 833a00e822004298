"""Axes, titles, legends and durations that all plots share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from .._arguments import require_type
from .._text import show_invisible
from ..graph.states import STATES, TERMINAL
from .colors import get_color

Array: TypeAlias = "np.ndarray[Any, Any]"

HATCH = "////"
HATCH_COLOR = "#555555"
"""Pattern of a state that Graph added later."""

NO_CALLS = "No calls yet. Create one with session.create_call(…) and draw again."

INTERVALS = "session.intervals()"
MESSAGES = "session.messages(call_id)"
"""Expressions that return the frames to plot, for error messages."""

MAX_COUNTED_SECONDS = 120.0
"""Up to this span an axis counts seconds; of a longer one it shows the clock."""

_EPOCH = pd.Timestamp(0, tz="UTC")
"""Zero of matplotlib's dates, which are in days."""


def get_axes(ax: Axes | None, width: float, height: float) -> Axes:
    """Return ``ax``, or the axes of a new figure; width and height in inches."""
    if ax is not None:
        return require_type("ax", ax, Axes, "the Axes of matplotlib")
    # Imported here, since pyplot looks for a display and keeps its figures alive.
    from matplotlib import pyplot

    _, ax = pyplot.subplots(figsize=(width, height), layout="constrained")
    return ax


def require_columns(frame: pd.DataFrame, source: str, *columns: str) -> None:
    """Raise an error unless ``frame`` has the columns; ``source`` is an expression that returns such a frame."""
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"Cannot plot {type(frame).__name__}: expected a DataFrame. Pass {source}.")
    if missing := [name for name in columns if name not in frame]:
        raise ValueError(f"Cannot plot this frame: it has no column {', '.join(missing)}. Pass {source}.")


def make_title(title: str, frame: pd.DataFrame, simulated: bool | None) -> str:
    """Return the title, marked for calls to the simulator; by default the frame's session decides."""
    return f"{title} (simulated)" if is_simulated(frame, simulated) else title


def is_simulated(frame: pd.DataFrame, simulated: bool | None) -> bool:
    """Return ``simulated``, or for ``None`` the mark that a session leaves in the frame."""
    return bool(frame.attrs.get("simulated")) if simulated is None else simulated


def set_title(ax: Axes, title: str, pad: float = 8) -> None:
    """Write the title above the upper left corner."""
    ax.set_title(title, loc="left", fontweight="bold", pad=pad)


def draw_empty(ax: Axes, title: str, text: str) -> Axes:
    """Draw a plot without data: a text that says how to get some."""
    set_title(ax, title)
    ax.text(0.5, 0.5, text, ha="center", va="center", transform=ax.transAxes, alpha=0.75)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    return ax


def get_ink_color(ax: Axes) -> Any:
    """Return the color of text in the present style."""
    return ax.xaxis.label.get_color()


def find_end_time(intervals: pd.DataFrame, now: pd.Timestamp | None) -> Any:
    """Return the right end of the plot: ``now`` while a call is live, else the last end.

    The default for ``now`` is the time of the session if it is in virtual time, else that of this machine.
    """
    latest = intervals["end"].fillna(intervals["start"]).max()
    is_open = intervals["end"].isna() & (intervals["state"] != TERMINAL)
    if not is_open.any():
        return latest
    if now is None:
        virtual_now = intervals.attrs.get("now")
        now = pd.Timestamp(virtual_now) if virtual_now else pd.Timestamp.now("UTC")
    return max(latest, _parse_time(now))


def _parse_time(now: datetime) -> pd.Timestamp:
    """Return a time with a zone, UTC by default."""
    at = pd.Timestamp(require_type("now", now, datetime, "a time, such as pandas.Timestamp.now('UTC')"))
    return at.tz_localize("UTC") if at.tzinfo is None else at


@dataclass(frozen=True)
class TimeScale:
    """Scale of a horizontal axis of time.

    Attributes
    ----------
    start : the first moment shown
    origin, unit : the moment at 0, and the length of 1
    zone : time zone of the clock; ``None`` on an axis that counts seconds
    label : text at the axis
    """

    start: pd.Timestamp
    origin: pd.Timestamp
    unit: pd.Timedelta
    zone: tzinfo | None
    label: str

    @property
    def first(self) -> float:
        """Position of the first moment."""
        return float((self.start - self.origin) / self.unit)


def choose_time_scale(start: pd.Timestamp, end: pd.Timestamp, tz: str | tzinfo | None) -> TimeScale:
    """Return the scale from one moment to another: seconds, or dates of matplotlib in a time zone."""
    zone = _parse_zone(tz)
    name = str(tz) if tz is not None else "UTC"
    if (end - start).total_seconds() > MAX_COUNTED_SECONDS:
        return TimeScale(start, _EPOCH, pd.Timedelta(days=1), zone, f"time ({name})")
    label = f"seconds since {start.tz_convert(zone):%Y-%m-%d %H:%M:%S} {name}"
    return TimeScale(start, start, pd.Timedelta(seconds=1), None, label)


def _parse_zone(tz: str | tzinfo | None) -> tzinfo:
    if tz is None or isinstance(tz, tzinfo):
        return tz or ZoneInfo("UTC")
    try:
        return ZoneInfo(require_type("tz", tz, str, "the name of a time zone, such as 'Europe/Berlin'"))
    except (KeyError, ValueError, OSError):
        raise ValueError(
            f"tz: unknown time zone {tz!r}. Use a name of the IANA database, such as 'Europe/Berlin'."
        ) from None


def set_time_axis(ax: Axes, scale: TimeScale, last: float) -> None:
    """Make the horizontal axis one of time up to ``last``, with a light grid."""
    span = last - scale.first
    ax.set_xlim(scale.first - 0.015 * span, last + 0.02 * span)
    ax.set_xlabel(scale.label)
    if scale.zone is not None:
        locator = AutoDateLocator(tz=scale.zone, minticks=4, maxticks=9)  # type: ignore[no-untyped-call]
        ax.xaxis.set_major_locator(locator)
        formatter = ConciseDateFormatter(locator, tz=scale.zone)  # type: ignore[no-untyped-call]
        ax.xaxis.set_major_formatter(formatter)
    ax.grid(axis="x", alpha=0.25)
    ax.set_axisbelow(True)


def format_duration(seconds: float) -> str:
    """Return a duration with its unit.

    Examples
    --------
    >>> [format_duration(seconds) for seconds in (0, 0.0042, 0.25, 12.345, 180, 5400)]
    ['0 s', '4.2 ms', '250 ms', '12.3 s', '3 min', '1.5 h']
    """
    for least, divisor, name in ((5400, 3600, "h"), (90, 60, "min"), (1, 1, "s"), (0, 1e-3, "ms")):
        if seconds >= least and seconds > 0:
            value = seconds / divisor
            return f"{value:.3g} {name}" if value < 1000 else f"{value:,.0f} {name}"
    return "0 s"


def shorten(text: str, length: int) -> str:
    """Return at most ``length`` characters of a text."""
    return text if len(text) <= length else text[: length - 1] + "…"


def escape_mathtext(text: str) -> str:
    """Return a text for matplotlib with invisible characters shown; a bare dollar sign would begin a formula."""
    return show_invisible(text).replace("$", r"\$")


def draw_layout(ax: Axes) -> None:
    """Run the layout, so that the space that labels leave to the axes is known."""
    if isinstance(ax.figure, Figure) and ax.figure.get_layout_engine() is not None:
        ax.figure.draw_without_rendering()


def estimate_width(ax: Axes, text: str, size: float) -> float:
    """Return the approximate width of a text in pixels; an exact measure takes as long as drawing it."""
    return len(text) * 0.62 * size * (ax.figure.dpi if ax.figure else 100) / 72


def draw_legend(ax: Axes, handles: Sequence[Any]) -> int:
    """Draw colors and names in lines above the axes, and return the number of lines."""
    columns = _choose_columns([estimate_width(ax, f"{handle.get_label()}mmmm", 8.3) for handle in handles], ax)
    ax.legend(
        # matplotlib fills the legend by column; readers read by line.
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


def _choose_columns(widths: list[float], ax: Axes) -> int:
    """Return the number of columns: one line if all fit, else columns as wide as the widest entry."""
    room = ax.get_window_extent().width
    return len(widths) if sum(widths) <= room else max(1, int(room / max(widths)))


def make_legend_entry(state: str) -> Any:
    """Return the handle of a state for a legend."""
    if state == TERMINAL:
        return Line2D([], [], marker="s", linestyle="", color=get_color(state), label=state)
    hatch = None if state in STATES else HATCH
    return Patch(facecolor=get_color(state), hatch=hatch, edgecolor=HATCH_COLOR if hatch else "none", label=state)


def sort_states(states: Sequence[str]) -> list[str]:
    """Return each state once: known ones in life-cycle order, then others by name."""
    distinct = set(states)
    return [state for state in STATES if state in distinct] + sorted(distinct - set(STATES))


def make_rectangles(first: Array, last: Array, y: Array, height: float) -> Array:
    """Return the corners of rectangles, shape (n, 4, 2); a ``height`` of 1 is the distance between two rows."""
    low, high = y - height / 2, y + height / 2
    corners = [(first, low), (last, low), (last, high), (first, high)]
    stacked: Array = np.stack([np.stack(corner, axis=1) for corner in corners], axis=1)
    return stacked
