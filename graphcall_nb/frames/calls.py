"""One row per call: what it was meant to be, how long it took, how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ..callstates import TERMINAL
from ..results import in_words
from .columns import NAT, Array
from .facts import NOTHING_KNOWN, Facts
from .intervals import Stays, durations, states, texts, times
from .notifications import Notifications


def calls_frame(found: Notifications, stays: Stays, facts: Mapping[str, Facts]) -> pd.DataFrame:
    only_asked_for = [call_id for call_id in facts if call_id not in found.calls]
    ids = [*found.calls, *only_asked_for]
    count = len(ids)
    known = [facts.get(call_id, NOTHING_KNOWN) for call_id in ids]
    created = _created(found, known)
    ringing, answered, ended = (
        _first_start(stays, found.state.codes[state], count) for state in ("ringing", "established", TERMINAL)
    )
    code, subcode, message = _results(found, count)
    frame = pd.DataFrame(
        {
            "subject": texts(_objects(fact.subject for fact in known)),
            "kind": texts(_objects(fact.kind for fact in known)),
            "targets": texts(_objects(fact.targets for fact in known)),
            "state": states(_states(found, stays, known), found),
            "created_at": times(created),
            "time_to_ring": durations(_between(created, ringing)),
            "time_to_answer": durations(_between(created, answered)),
            "talk_time": durations(_talk(stays, found.state.codes["established"], count)),
            "ended_at": times(ended),
            "result_code": pd.array(code, dtype="Int64"),
            "result_subcode": pd.array(subcode, dtype="Int64"),
            "result": texts(_objects(map(in_words, code, subcode, message))),
            "notifications": np.bincount(found.call.array[found.call.array >= 0], minlength=count).astype(np.int64),
        }
    )
    frame.index = pd.Index(ids, dtype=object, name="call_id")
    return frame.iloc[np.argsort(created, kind="stable")]


def ends_of(found: Notifications, stays: Stays) -> dict[str, int]:
    """When each call ended, in microseconds, of those that did."""
    ended = _first_start(stays, found.state.codes[TERMINAL], len(found.calls))
    return {call_id: int(at) for call_id, at in zip(found.calls, ended.tolist(), strict=True) if at != NAT}


def _objects(values: Any) -> Array:
    listed = list(values)
    array = np.empty(len(listed), dtype=object)
    array[:] = listed
    return array


def _created(found: Notifications, known: list[Facts]) -> Array:
    """When a call was asked for, else when the first was heard of it."""
    heard = np.full(len(known), np.iinfo(np.int64).max, dtype=np.int64)
    mine = found.call.array >= 0
    np.minimum.at(heard, found.call.array[mine], found.received_at.array[mine])
    asked = ((number, fact.sent_at) for number, fact in enumerate(known))
    for number, sent_at in asked:
        if sent_at is not None:
            heard[number] = sent_at
    return heard


def _first_start(stays: Stays, state: int, count: int) -> Array:
    """When each call was in a state for the first time."""
    here = np.flatnonzero(stays.state == state)[::-1]
    start = np.full(count, NAT, dtype=np.int64)
    start[stays.call[here]] = stays.start[here]
    return start


def _between(start: Array, end: Array) -> Array:
    return np.where((start == NAT) | (end == NAT), NAT, end - start)


def _talk(stays: Stays, established: int, count: int) -> Array:
    """Time established, NaT for calls that never were and for those that still are."""
    here = stays.state == established
    call, duration = stays.call[here], stays.duration[here]
    talk = np.full(count, NAT, dtype=np.int64)
    talk[call] = 0
    open_ = duration == NAT
    np.add.at(talk, call[~open_], duration[~open_])
    talk[call[open_]] = NAT
    return talk


def _states(found: Notifications, stays: Stays, known: list[Facts]) -> Array:
    answered = [found.state.codes.get(fact.state or "", -1) for fact in known]
    state = np.array(answered, dtype=np.int64)
    state[stays.call[stays.last]] = stays.state[stays.last]
    return state


def _results(found: Notifications, count: int) -> tuple[list[int | None], list[int | None], list[str | None]]:
    """The last result that came with the call itself; one that came with its end goes before any other."""
    message = found.message.array
    said = ~found.code.missing | ~found.subcode.missing | (message != None)  # noqa: E711 - element by element
    rows = np.flatnonzero(said & (found.entity.array == found.entity.codes["call"]) & (found.call.array >= 0))
    ends = found.life.array[rows] == found.state.codes[TERMINAL]
    rows = rows[np.lexsort((found.seq.array[rows], found.received_at.array[rows], ends))]
    chosen: list[int | None] = [None] * count
    for row, number in zip(rows.tolist(), found.call.array[rows].tolist(), strict=True):
        chosen[number] = row
    return (
        [None if row is None else found.code.get(row) for row in chosen],
        [None if row is None else found.subcode.get(row) for row in chosen],
        [None if row is None else message[row] for row in chosen],
    )
