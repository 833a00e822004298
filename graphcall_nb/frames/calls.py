"""One row per call: its request, its times, its result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ..graph.json_fields import get_object, iterate_identities, parse_object, read_text
from ..graph.results import in_words
from ..graph.states import TERMINAL, canonical_state
from ..journal.records import RequestRecord
from .columns import NAT, Array, make_duration_series, make_object_array, make_text_series, make_time_series
from .intervals import Intervals, compute_first_starts
from .notifications import Notifications


class CallInfo(NamedTuple):
    """Subject and parties of a call, from its create request or from the notification of an incoming call.

    ``sent_at_us`` and ``state`` (of the response) are there for a create request only.
    """

    subject: str | None = None
    kind: str | None = None
    caller: str | None = None
    targets: str | None = None
    transferor: str | None = None
    sent_at_us: int | None = None
    state: str | None = None


UNKNOWN_CALL = CallInfo()


def parse_create_request(request: RequestRecord) -> tuple[str, CallInfo] | None:
    """Return call id and info of a create request whose response is a call; ``None`` for any other request."""
    call_id = request.call_id
    if request.operation != "create" or not call_id:
        return None
    sent, response = parse_object(request.request_body), parse_object(request.response_body)
    state = read_text(response.get("state"))
    info = _parse_call(sent or response)
    info = info._replace(caller=info.caller or _parse_call(response).caller)
    return call_id, info._replace(sent_at_us=request.sent_at_us, state=canonical_state(state) if state else None)


def parse_incoming(raw: str) -> CallInfo:
    """Return the info in the raw text of a notification that announces an incoming call."""
    return _parse_call(get_object(parse_object(raw), "resourceData"))._replace(kind="incoming")


def _parse_call(call: dict[str, Any]) -> CallInfo:
    targets = call.get("targets")
    targets = [target for target in targets if isinstance(target, dict)] if isinstance(targets, list) else []
    has_meeting = any(isinstance(call.get(name), dict) for name in ("meetingInfo", "chatInfo"))
    labels = [label for label in map(_make_label, targets) if label]
    return CallInfo(
        read_text(call.get("subject")),
        _choose_kind(len(targets), has_meeting),
        _make_label(get_object(call, "source")) or None,
        ", ".join(labels) or None,
        _make_label({"identity": get_object(call, "incomingContext").get("transferor")}) or None,
    )


def _choose_kind(targets: int, has_meeting: bool) -> str | None:
    if not targets:
        return "meeting" if has_meeting else None
    if has_meeting:
        return "group"
    return "peerToPeer" if targets == 1 else "simultaneousRing"


def _make_label(target: dict[str, Any]) -> str:
    for _, identity in iterate_identities(target.get("identity")):
        return read_text(identity.get("displayName")) or read_text(identity.get("id")) or ""
    return ""


class MediaStates:
    """The last ``mediaState.audio`` of each call; only new notifications are read."""

    def __init__(self, table: Notifications) -> None:
        self._table = table
        self._read_rows = 0
        self._audio: dict[int, tuple[tuple[int, int], str]] = {}

    def get_audio(self, count: int) -> list[str | None]:
        """Return the value of each call by its number; ``None`` for a call that was not notified of it."""
        for call, order, raw in self._table.read_media_candidates(self._read_rows):
            if '"mediaState"' not in raw:
                continue
            data = get_object(parse_object(raw), "resourceData")
            audio = read_text(get_object(data, "mediaState").get("audio"))
            if audio and order >= self._audio.get(call, (order, ""))[0]:
                self._audio[call] = (order, audio.lower())
        self._read_rows = len(self._table)
        return [self._audio[call][1] if call in self._audio else None for call in range(count)]


def make_calls_frame(
    table: Notifications, intervals: Intervals, infos: Mapping[str, CallInfo], media: MediaStates
) -> pd.DataFrame:
    """Return the frame of :meth:`.Frames.calls`."""
    ids = [*table.calls, *(call_id for call_id in infos if call_id not in table.calls)]
    count = len(ids)
    info = [infos.get(call_id, UNKNOWN_CALL) for call_id in ids]
    created = _compute_creation_times(table, info)
    ringing, answered, ended = (
        compute_first_starts(intervals, table.state.codes[state], count)
        for state in ("ringing", "established", TERMINAL)
    )
    code, subcode, message = _choose_results(table, count)
    # The service does not notify of the audio's end with the call's.
    audio = [
        one and ("inactive" if end != NAT else one) for one, end in zip(media.get_audio(count), ended, strict=True)
    ]
    frame = pd.DataFrame(
        {
            "call_id": _make_texts(ids),
            "state": pd.Categorical.from_codes(_choose_states(table, intervals, info), dtype=table.state.dtype),
            "result": _make_texts(map(in_words, code, subcode, message)),
            "subject": _make_texts(call.subject for call in info),
            "caller": _make_texts(call.caller for call in info),
            "targets": _make_texts(call.targets for call in info),
            "answered_by": make_text_series(_find_answering_parties(table, count)),
            "transferor": _make_texts(call.transferor for call in info),
            "kind": _make_texts(call.kind for call in info),
            "audio": _make_texts(audio),
            "created_at": make_time_series(created),
            "time_to_ring": make_duration_series(_subtract(ringing, created)),
            "time_to_answer": make_duration_series(_subtract(answered, created)),
            "talk_time": make_duration_series(_compute_talk_times(intervals, table.state.codes["established"], count)),
            "ended_at": make_time_series(ended),
            "result_code": pd.array(code, dtype="Int64"),
            "result_subcode": pd.array(subcode, dtype="Int64"),
            "notifications": _count_by_call(table, np.ones(len(table), dtype=bool), count),
            "duplicates": _count_by_call(table, ~table.duplicate_of.missing, count),
            "late": _count_by_call(table, table.late_by.array != NAT, count),
        }
    )
    return frame.iloc[np.argsort(created, kind="stable")].reset_index(drop=True)


def _count_by_call(table: Notifications, is_counted: Array, count: int) -> Array:
    """Return the number of notifications of each call for which a condition holds."""
    call = table.call.array[is_counted & (table.call.array >= 0)]
    return np.bincount(call, minlength=count).astype(np.int64)


def _find_answering_parties(table: Notifications, count: int) -> Array:
    """Return the first party that answered each call, or ``None``."""
    answered_by = table.answered_by.array
    rows = np.flatnonzero((answered_by != None) & (table.call.array >= 0))[::-1]  # noqa: E711 - of each element
    parties = np.full(count, None, dtype=object)
    parties[table.call.array[rows]] = answered_by[rows]  # of the rows of a call, the last assignment is the first row
    return parties


def _make_texts(values: Iterable[str | None]) -> pd.Series:
    return make_text_series(make_object_array(values))


def _compute_creation_times(table: Notifications, infos: list[CallInfo]) -> Array:
    """Return the time of each create request, else of the first notification."""
    created = np.full(len(infos), np.iinfo(np.int64).max, dtype=np.int64)
    has_call = table.call.array >= 0
    np.minimum.at(created, table.call.array[has_call], table.received_at.array[has_call])
    for number, info in enumerate(infos):
        if info.sent_at_us is not None:
            created[number] = info.sent_at_us
    return created


def _subtract(end: Array, start: Array) -> Array:
    return np.where((start == NAT) | (end == NAT), NAT, end - start)


def _compute_talk_times(intervals: Intervals, established: int, count: int) -> Array:
    """Return the sum of each call's time in ``established``; NaT without such a visit, and while one is open."""
    visits = intervals.state == established
    call, duration = intervals.call[visits], intervals.duration[visits]
    talk = np.full(count, NAT, dtype=np.int64)
    talk[call] = 0
    is_open = duration == NAT
    np.add.at(talk, call[~is_open], duration[~is_open])
    talk[call[is_open]] = NAT
    return talk


def _choose_states(table: Notifications, intervals: Intervals, infos: list[CallInfo]) -> Array:
    """Return the code of the last visit's state; before the first visit, of the state in the response."""
    state = np.array([table.state.codes.get(info.state or "", -1) for info in infos], dtype=np.int64)
    state[intervals.call[intervals.is_last]] = intervals.state[intervals.is_last]
    return state


def _choose_results(table: Notifications, count: int) -> tuple[list[int | None], list[int | None], list[str | None]]:
    """Return the last result that came with each call itself; a result of its end goes before any other."""
    message = table.result_message.array
    has_result = ~table.result_code.missing | ~table.result_subcode.missing | (message != None)  # noqa: E711
    rows = np.flatnonzero(has_result & (table.entity.array == table.entity.codes["call"]) & (table.call.array >= 0))
    is_end = table.life.array[rows] == table.state.codes[TERMINAL]
    rows = rows[np.lexsort((table.seq.array[rows], table.received_at.array[rows], is_end))]
    chosen: list[int | None] = [None] * count
    for row, number in zip(rows.tolist(), table.call.array[rows].tolist(), strict=True):
        chosen[number] = row
    return (
        [None if row is None else table.result_code.get(row) for row in chosen],
        [None if row is None else table.result_subcode.get(row) for row in chosen],
        [None if row is None else message[row] for row in chosen],
    )
