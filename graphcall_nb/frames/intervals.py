"""The stays of calls in their states: one row per call and visit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..callstates import TERMINAL
from .columns import NAT, UTC_US, Array
from .notifications import Notifications
from .order import order_of


@dataclass(frozen=True)
class Stays:
    """Intervals as arrays: number of the call, code of the state, start and end in microseconds, first and last of it.

    Calls come in order of their first notification, the stays of a call in order of its life.
    """

    call: Array
    state: Array
    start: Array
    end: Array
    first: Array
    last: Array

    @property
    def duration(self) -> Array:
        return np.where(self.end == NAT, NAT, self.end - self.start)


def stays_of(found: Notifications) -> Stays:
    rows = np.flatnonzero(found.place.array >= 0)
    rows = rows[order_of(found.call.array[rows], found.place.array[rows])]
    call, state, start = found.call.array[rows], found.life.array[rows], found.start.array[rows]
    changes = call[1:] != call[:-1]
    last, first = np.append(changes, True)[: len(rows)], np.append(True, changes)[: len(rows)]
    end = np.where(last, NAT, np.append(start[1:], NAT)[: len(rows)])
    end = np.where(state == found.state.codes[TERMINAL], start, end)
    return Stays(call, state, start, end, first, last)


def intervals_frame(found: Notifications, stays: Stays) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "call_id": texts(found.ids[stays.call]),
            "state": states(stays.state, found),
            "start": times(stays.start),
            "end": times(stays.end),
            "duration": durations(stays.duration),
        },
        copy=False,  # the arrays were made for it
    )


def texts(values: Array) -> pd.Series:
    return pd.Series(values, dtype=object, copy=False)


def states(codes: Array, found: Notifications) -> pd.Categorical:
    return pd.Categorical.from_codes(codes, dtype=found.state.dtype)


def times(microseconds: Array) -> pd.Series:
    return pd.Series(microseconds.view("M8[us]"), copy=False).dt.tz_localize("UTC").astype(UTC_US)


def durations(microseconds: Array) -> pd.Series:
    return pd.Series(microseconds.view("m8[us]"), copy=False)
