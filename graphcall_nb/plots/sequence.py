"""``plot_sequence``: the messages of one call as a ladder diagram."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection

from ..graph.states import STATES, TERMINAL
from ._axes import (
    HATCH,
    HATCH_COLOR,
    MESSAGES,
    Array,
    draw_empty,
    escape_mathtext,
    format_duration,
    get_axes,
    get_ink_color,
    is_simulated,
    make_rectangles,
    make_title,
    require_columns,
    set_title,
    shorten,
)
from .colors import get_color, get_text_color

PARTIES = ("application", "service", "listener")
MAX_LABELLED_MESSAGES = 80
"""Up to this number of messages each has its text; of more, some have."""

_NAMES = ("your application", "Microsoft Graph", "your listener")
_WARNING_COLOR = "#d55e00"
_PAUSE_ROWS = 0.55
"""Additional space above and below a long pause, in rows."""


def plot_sequence(messages: pd.DataFrame, *, ax: Axes | None = None, simulated: bool | None = None) -> Axes:
    """Draw the requests, answers and notifications of one call as a ladder, from top to bottom.

    Parameters
    ----------
    messages : pandas.DataFrame
        Frame of :meth:`graphcall_nb.Session.messages`, of one call. It may be empty.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; by default those of a new figure.
    simulated : bool, optional
        True marks the title; by default the session of the frame decides.

    Returns
    -------
    matplotlib.axes.Axes
        One row for each message, in the order of time; times are written, not drawn to scale. The state of the call, as
        known to the listener, stands on the right.

    Raises
    ------
    ValueError
        If the frame has messages of several calls.

    Examples
    --------
    >>> import graphcall_nb as gc
    >>> with gc.simulate(speed=100) as session:
    ...     call = session.create_call(gc.templates.peer_to_peer())
    ...     call.wait_for("established", timeout=10)
    ...     ax = plot_sequence(session.messages(call.id))
    >>> [text.get_text() for text in ax.texts if "ringing" in text.get_text()]
    ['updated ringing', 'ringing']
    """
    require_columns(messages, MESSAGES, "call_id", "at", "sender")
    calls = messages["call_id"].dropna().unique()
    if len(calls) > 1:
        raise ValueError(
            f"Cannot plot messages of {len(calls):,} calls. Pass those of one call: session.messages(call_id)."
        )
    ladder = _arrange(messages)
    ax = get_axes(ax, 10, min(1.4 + 0.36 * (ladder.height + 1), 30.0))
    title = make_title("Messages of this call", messages, simulated)
    if messages.empty:
        return draw_empty(ax, title, "No messages yet. Create a call with session.create_call(…) and draw again.")
    _draw_lanes(ax, ladder, "simulated Graph" if is_simulated(messages, simulated) else _NAMES[1])
    _draw_arrows(ax, ladder)
    _write_texts(ax, ladder)
    _draw_states(ax, ladder)
    set_title(ax, title)
    return ax


@dataclass(frozen=True)
class _Ladder:
    """Messages with their position: ``y`` in rows from the top, ``source`` and ``target`` numbers of lanes."""

    messages: pd.DataFrame
    y: Array
    source: Array
    target: Array
    pauses: list[tuple[float, float]]
    """Position and length in seconds of each long pause."""

    @property
    def height(self) -> float:
        return float(self.y[-1]) if len(self.y) else 0.0

    @property
    def step(self) -> int:
        """Interval between messages with a text."""
        return -(-len(self.messages) // MAX_LABELLED_MESSAGES)


def _arrange(messages: pd.DataFrame) -> _Ladder:
    seconds = messages["at"].diff().dt.total_seconds().fillna(0).to_numpy(dtype=float)
    long = _find_long_pauses(seconds)
    y = np.arange(len(seconds), dtype=float) + 2 * _PAUSE_ROWS * np.cumsum(long)
    lane = {party: number for number, party in enumerate(PARTIES)}
    source, target = (
        np.array([lane[party] for party in messages[name]], dtype=float) for name in ("sender", "receiver")
    )
    pauses = [(float(y[row]) - 0.5 - _PAUSE_ROWS, float(seconds[row])) for row in np.flatnonzero(long)]
    return _Ladder(messages, y, source, target, pauses)


def _find_long_pauses(seconds: Array) -> Array:
    """Return True for each message after a pause that is long compared with the others of this call."""
    some = seconds[seconds > 0]
    return seconds > max(6 * float(np.median(some)), float(some.sum()) / 12) if len(some) else seconds > 0


def _draw_lanes(ax: Axes, ladder: _Ladder, service: str) -> None:
    ax.set_xlim(-0.42, 2.5)
    rows = _count_rows(ax, ladder, 0.36)
    ax.set_ylim(ladder.height + 0.7, -1.5 * rows)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[:].set_visible(False)
    ink = get_ink_color(ax)
    for lane, name in enumerate((_NAMES[0], service, _NAMES[2])):
        ax.plot([lane, lane], [-0.7 * rows, ladder.height + 0.6], color=ink, linewidth=1, alpha=0.35, zorder=1)
        box = {"boxstyle": "round,pad=0.45", "facecolor": ax.get_facecolor(), "edgecolor": ink, "linewidth": 1.2}
        ax.text(lane, -1.05 * rows, name, ha="center", va="center", fontweight="bold", fontsize=9.5, bbox=box)
    for where, seconds in ladder.pauses:
        ax.axhline(where, xmin=0.02, xmax=0.98, color=ink, alpha=0.3, linewidth=0.8, linestyle=(0, (1, 4)))
        words = f"{format_duration(seconds)} later"
        look: dict[str, Any] = {"ha": "right", "va": "center", "fontsize": 8, "fontstyle": "italic", "alpha": 0.8}
        ax.text(-0.04, where, words, **look)


def _count_rows(ax: Axes, ladder: _Ladder, inches: float) -> float:
    """Return the number of rows with this height, at least one; in a figure made here a row has that height."""
    height = ax.get_window_extent().height / (ax.figure.dpi if ax.figure else 100)
    return max(1.0, inches * (ladder.height + 2.2) / max(height, 1.0))


def _draw_arrows(ax: Axes, ladder: _Ladder) -> None:
    messages = ladder.messages
    paint = [_choose_color(ax, row) for row in messages.itertuples(index=False)]
    dashed = (messages["kind"] == "answer").to_numpy()
    unsure = messages["remark"].notna().to_numpy()
    ends = np.stack([np.stack([ladder.source, ladder.y], axis=1), np.stack([ladder.target, ladder.y], axis=1)], axis=1)
    styles = ["--" if answer else (0, (1, 1.6)) if odd else "-" for answer, odd in zip(dashed, unsure, strict=True)]
    ax.add_collection(LineCollection(list(ends), colors=paint, linewidths=1.7, linestyles=styles, zorder=2))
    for marker, mask in ((">", ladder.target > ladder.source), ("<", ladder.target < ladder.source)):
        shift = -0.014 if marker == ">" else 0.014
        colors = [color for color, here in zip(paint, mask, strict=True) if here]
        ax.scatter(ladder.target[mask] + shift, ladder.y[mask], marker=marker, s=46, c=colors, zorder=3, linewidths=0)


def _choose_color(ax: Axes, row: Any) -> Any:
    if row.kind == "notification" and isinstance(row.state, str):
        return get_color(row.state)
    if row.kind == "answer" and not pd.isna(row.status) and row.status >= 400:
        return _WARNING_COLOR
    return get_ink_color(ax)


def _write_texts(ax: Axes, ladder: _Ladder) -> None:
    size = 8.5 if len(ladder.messages) <= 40 else 7.0
    first = ladder.messages["at"].iloc[0]
    for number in range(0, len(ladder.messages), ladder.step):
        row = ladder.messages.iloc[number]
        y = ladder.y[number]
        middle = (ladder.source[number] + ladder.target[number]) / 2
        text = escape_mathtext(shorten(row["text"], 52))
        if ladder.step == 1:
            ax.text(middle, y - 0.09, text, ha="center", va="bottom", fontsize=size)
        else:
            box = {"boxstyle": "round,pad=0.1", "facecolor": ax.get_facecolor(), "edgecolor": "none"}
            ax.text(middle, y, text, ha="center", va="center", fontsize=size, bbox=box, zorder=4)
        if isinstance(row["remark"], str):
            remark: dict[str, Any] = {"ha": "center", "va": "top", "fontsize": size - 1, "fontstyle": "italic"}
            ax.text(middle, y + 0.06, escape_mathtext(shorten(row["remark"], 60)), color=_WARNING_COLOR, **remark)
        elapsed = (row["at"] - first).total_seconds()
        clock = f"+{elapsed:.3f} s" if elapsed else f"{first:%H:%M:%S.%f}"[:-3]
        ax.text(-0.04, y, clock, ha="right", va="center", fontsize=size - 0.5, family="monospace", alpha=0.85)


def _draw_states(ax: Axes, ladder: _Ladder) -> None:
    """Draw the state of the call beside the listener; it starts at its notification."""
    reported = [
        (y, row.state)
        for y, row in zip(ladder.y, ladder.messages.itertuples(index=False), strict=True)
        if row.kind == "notification" and isinstance(row.state, str) and not isinstance(row.remark, str)
    ]
    visits = [entry for number, entry in enumerate(reported) if not number or reported[number - 1][1] != entry[1]]
    bottom = ladder.height + 0.6
    for number, (y, state) in enumerate(visits):
        last = visits[number + 1][0] if number + 1 < len(visits) else bottom
        last = min(last, y + 0.5) if state == TERMINAL else last
        color = get_color(state)
        left, right = np.array([2.02]), np.array([2.46])
        corners = make_rectangles(left, right, np.array([(y + last) / 2]), last - y)
        odd: dict[str, Any] = {} if state in STATES else {"hatch": HATCH, "edgecolors": HATCH_COLOR}
        ax.add_collection(PolyCollection(list(corners), facecolors=color, zorder=2, **odd), autolim=False)
        if last - y >= 0.5 * _count_rows(ax, ladder, 0.3):
            look: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 8, "color": get_text_color(state)}
            ax.text(2.24, (y + last) / 2, state, zorder=4, **look)
