"""Notifications as tidy data frames.

Types are the same from the empty frame on, and the same with pandas 2 and 3:

* times ``datetime64[us, UTC]``, durations ``timedelta64[us]``, both ``NaT`` where there is none;
* ``state`` an ordered category in life-cycle order (a state that Graph adds later is appended), ``entity``,
  ``change_type``, ``direction`` and ``tone`` unordered ones;
* ``seq`` ``int64``; ``result_code``, ``result_subcode`` and ``duplicate_of`` ``Int64``, ``<NA>`` where there is none;
* other texts ``object``, ``None`` where there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from .calls import calls_frame
from .columns import handed_out
from .facts import Facts, facts_of_announcement, facts_of_request
from .intervals import Stays, intervals_frame, stays_of
from .judge import Judge
from .notifications import Notifications

__all__ = ["Frames"]

_CHUNK = 100_000
"""How many rows are read at a time, so that a large journal is never in memory twice."""

_SEQ = 0


class Frames:
    """The frames of one journal.

    Parameters
    ----------
    read : ``(after, limit) -> rows`` of notifications with a ``seq`` above ``after``, ascending
    read_requests : ``(after) -> rows`` of requests, likewise

    Notes
    -----
    :meth:`refresh` costs what is new, and :meth:`notifications` next to nothing, whatever is there already; the other
    two are made again when something new has come. Every frame is the caller's own: it may be written to, and it does
    not change when more comes in. One thread at a time.

    Examples
    --------
    >>> frames = Frames(read=lambda after, limit: [], read_requests=lambda after: [])
    >>> frames.refresh()
    >>> len(frames.notifications())
    0
    """

    def __init__(
        self,
        read: Callable[[int, int], Sequence[Sequence[Any]]],
        read_requests: Callable[[int], Sequence[Sequence[Any]]],
    ) -> None:
        self._read = read
        self._read_requests = read_requests
        self._found = Notifications()
        self._judge = Judge(self._found)
        self._facts: dict[str, Facts] = {}
        self._after = self._after_request = 0
        self._stays: Stays | None = None
        self._intervals: pd.DataFrame | None = None
        self._calls: pd.DataFrame | None = None

    def refresh(self) -> None:
        """Read what is new in the journal."""
        while rows := self._read(self._after, _CHUNK):
            self._take(rows)
            if len(rows) < _CHUNK:
                break
        if requests := self._read_requests(self._after_request):
            self._after_request = requests[-1][_SEQ]
            self._facts.update(fact for fact in map(facts_of_request, requests) if fact)
            self._calls = None

    def _take(self, rows: Sequence[Sequence[Any]]) -> None:
        self._after = rows[-1][_SEQ]
        self._found.extend(rows)
        self._judge.look()
        for call_id, fact in filter(None, map(facts_of_announcement, rows)):
            self._facts.setdefault(call_id, fact)
        self._stays = self._intervals = self._calls = None

    def notifications(self) -> pd.DataFrame:
        """One row per notification, in the order in which the journal has them.

        Columns
        -------
        seq : number in the journal, from 1
        received_at : when the listener had it, UTC
        call_id : of the call it is about
        entity : ``call``, ``participants``, ``participant``, ``operation`` or another part of a call
        resource, change_type, direction, etag : as sent
        state : of the call, as sent; missing where the notification speaks of none
        answered_by : display name, else id
        active_modalities : separated by comma and blank
        tone : the key that was pressed
        result_code, result_subcode, result_message : see :func:`graphcall_nb.explain`
        duplicate_of : ``seq`` of the notification that this one repeats word for word
        late_by : how long after the first later state of its call it came
        raw : the notification exactly as it came, JSON text

        A notification is a duplicate when it came before word for word and cannot be news: it repeats the present
        state, or one that the call cannot have gone back to. The third of *hold, established, hold* is none.
        """
        return self._found.frame()

    def intervals(self) -> pd.DataFrame:
        """One row per call and stay in a state, right in spite of duplicates and late arrivals.

        Columns
        -------
        call_id : calls come in the order of their first notification
        state : stays of a call come in the order of its life
        start : when the state was first known to be reached: by its own notification, or by that of a later state
        end : start of the next; NaT while it lasts
        duration : end less start; NaT while it lasts

        ``terminated`` ends where it starts, with a duration of zero, so that sums of durations are times of life. A
        call that was deleted with no word about its state counts as terminated.
        """
        if self._intervals is None:
            self._intervals = intervals_frame(self._found, self._all_stays())
        return handed_out(self._intervals)

    def calls(self) -> pd.DataFrame:
        """One row per call, in the order in which they were created.

        Known are calls that were created by request, also before any notification, and those that notifications
        tell of.

        Columns
        -------
        call_id : the index
        subject, targets : of the request; labels of targets are joined by comma and blank
        kind : ``peerToPeer`` (one target), ``simultaneousRing`` (several), ``group`` (targets and a meeting or chat),
            ``meeting`` (no target), ``incoming`` (somebody else began it); missing where nobody said
        state : the present one; before the first notification, that of the answer to the request
        created_at : when the request was sent, else when the first notification came
        time_to_ring, time_to_answer : from then to the first ``ringing`` and ``established``
        talk_time : sum of the time in ``established``; NaT where it never was, and while it is
        ended_at : start of ``terminated``
        result_code, result_subcode : of the end of the call, else the last that came with the call
        result : the same in plain words
        notifications : how many came, duplicates included
        """
        if self._calls is None:
            self._calls = calls_frame(self._found, self._all_stays(), self._facts)
        return handed_out(self._calls)

    def _all_stays(self) -> Stays:
        if self._stays is None:
            self._stays = stays_of(self._found)
        return self._stays
