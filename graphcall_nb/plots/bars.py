"""The bars of a timeline as arrays: ten thousand calls are one collection, not forty thousand patches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from matplotlib.colors import to_rgba

from ..callstates import TERMINAL
from ..statecolors import STATE_COLORS, UNKNOWN_COLOR
from .canvas import in_order

Array: TypeAlias = "np.ndarray[Any, Any]"

_FADES = 10
"""Slices in which the soft edge of an open bar fades."""


@dataclass(frozen=True)
class Bars:
    """What is to be drawn; ``x`` in units after the first start, ``y`` the number of the call from the top.

    ``last`` is the end of each interval, or now for those that are open; ``lasting`` says which those are.
    """

    call_ids: list[str]
    states: Array
    y: Array
    first: Array
    last: Array
    lasting: Array

    @property
    def present(self) -> list[str]:
        """The states that occur: Graph's in life-cycle order, then others by name."""
        return in_order(self.states.tolist())

    @property
    def ends(self) -> Array:
        """Which are the ends of calls: they have no length, and get a mark."""
        mask: Array = self.states == TERMINAL
        return mask


def bars_of(
    intervals: pd.DataFrame,
    origin: pd.Timestamp,
    now: pd.Timestamp,
    unit: pd.Timedelta,
    order: pd.Index | None = None,
) -> Bars:
    """The bars of a frame of intervals; calls in the order of their first start, or in that of ``order`` (call ids)."""
    first = ((intervals["start"] - origin) / unit).to_numpy(dtype=float)
    ended = intervals["end"].fillna(now)
    last = np.maximum(((ended - origin) / unit).to_numpy(dtype=float), first)
    codes, ids = pd.factorize(intervals["call_id"])
    begun = np.full(len(ids), np.inf)
    np.minimum.at(begun, codes, first)
    rank = np.zeros(len(ids)) if order is None else order.get_indexer(ids)
    # Calls that the given order does not know (rank -1) come after those that it knows.
    rows = np.lexsort((begun, rank, rank < 0))
    place = np.empty(len(ids), dtype=int)
    place[rows] = np.arange(len(ids))
    return Bars(
        call_ids=[str(ids[index]) for index in rows],
        states=intervals["state"].astype(object).to_numpy(),
        y=place[codes],
        first=first,
        last=last,
        lasting=intervals["end"].isna().to_numpy() & (intervals["state"] != TERMINAL).to_numpy(),
    )


def rectangles(first: Array, last: Array, y: Array, height: float) -> Array:
    """Corners of rectangles, shape (n, 4, 2); ``height`` 1 is the distance between two calls."""
    low, high = y - height / 2, y + height / 2
    corners = [(first, low), (last, low), (last, high), (first, high)]
    stacked: Array = np.stack([np.stack(corner, axis=1) for corner in corners], axis=1)
    return stacked


def colors(states: Array) -> Array:
    """RGBA of each state, shape (n, 4)."""
    table = {state: to_rgba(STATE_COLORS.get(state, UNKNOWN_COLOR)) for state in set(states.tolist())}
    return np.array([table[state] for state in states]).reshape(-1, 4)


def faded(bars: Bars, mask: Array, width: float, height: float) -> tuple[Array, Array]:
    """The soft edges of open bars: slices up to now, each paler than the one before."""
    last, first = bars.last[mask], bars.first[mask]
    start = np.maximum(first, last - width)
    rgba = colors(bars.states[mask])
    shapes, paints = [], []
    for slice_number in range(_FADES):
        left = start + (last - start) * slice_number / _FADES
        right = start + (last - start) * (slice_number + 1) / _FADES
        shapes.append(rectangles(left, right, bars.y[mask], height))
        paint = rgba.copy()
        paint[:, 3] = 1 - (slice_number + 1) / (_FADES + 1)
        paints.append(paint)
    return np.concatenate(shapes), np.concatenate(paints)
