"""The stays of calls in their states: one row per call and visit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..callstates import TERMINAL
from .columns import NAT, UTC_US, Array
from .notifications import Notifications


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
        lasted = self.end - self.start
        lasted[self.end == NAT] = NAT
        return lasted


def stays_of(found: Notifications) -> Stays:
    """Where a visit stands is told by the calls before and its place in its own call: nothing is sorted."""
    rows = np.flatnonzero(found.place.array >= 0)
    number, life, start, place = (
        column.array if len(rows) == len(found) else column.array[rows]
        for column in (found.call, found.life, found.start, found.place)
    )
    visits = np.bincount(number, minlength=len(found.calls))
    ends = np.cumsum(visits)
    at = (ends - visits)[number] + place
    call = np.repeat(np.arange(len(visits)), visits)
    state, since = np.empty_like(life), np.empty_like(start)
    state[at], since[at] = life, start
    first, last = np.zeros(len(at), dtype=bool), np.zeros(len(at), dtype=bool)
    some = visits > 0
    first[(ends - visits)[some]] = last[ends[some] - 1] = True
    end = np.append(since[1:], NAT)[: len(at)]
    end[last] = NAT
    ended = state == found.state.codes[TERMINAL]
    end[ended] = since[ended]
    return Stays(call, state, since, end, first, last)


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
