"""Notifications as tidy data frames.

Types are the same from the empty frame on, and the same with pandas 2 and 3:

* times ``datetime64[us, UTC]``, durations ``timedelta64[us]``, both ``NaT`` where there is none;
* ``state`` an ordered category in life-cycle order (a state that Graph adds later is appended), ``entity``,
  ``change_type``, ``direction``, ``tone``, ``kind`` (but of a call) and others of few values unordered ones;
* ``seq`` ``int64``; ``result_code``, ``result_subcode``, ``duplicate_of`` and an HTTP ``status`` ``Int64``, ``muted``
  and ``in_lobby`` ``boolean``, ``<NA>`` where there is none;
* ``raw`` of notifications ``raw``: texts that are read from the journal when somebody looks at them, also after the
  session was closed;
* other texts ``object``, ``None`` where there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from .calls import calls_frame, ends_of
from .columns import handed_out
from .facts import Facts, announcements, facts_of_request
from .intervals import Stays, intervals_frame, stays_of
from .judge import Judge
from .messages import messages_frame
from .notifications import Notifications
from .operations import Operations
from .participants import Participants
from .raw import ReadRaw
from .requests import Requests
from .rows import SEQ, Asked, asked

__all__ = ["Frames"]

_CHUNK = 2_000
"""How many rows are read at a time: they stay in the processor's cache until they are in their columns. A journal of a
million is read in less than half the time of chunks of a hundred thousand.
"""


class Frames:
    """The frames of one journal.

    Parameters
    ----------
    read : ``(after, limit) -> rows`` of notifications with a ``seq`` above ``after``, ascending
    read_requests : ``(after) -> rows`` of requests, likewise
    read_raw : ``(seqs) -> texts``, the raw texts of notifications by their ``seq``, in that order

    Notes
    -----
    :meth:`refresh` costs what is new, and :meth:`notifications` next to nothing, whatever is there already;
    ``intervals`` and ``calls`` are made again when something new has come. Every frame is the caller's own: it may be
    written to, and it does not change when more comes in. One thread at a time.

    Examples
    --------
    >>> frames = Frames(lambda after, limit: [], lambda after: [], lambda seqs: [])
    >>> frames.refresh()
    >>> len(frames.notifications())
    0
    """

    def __init__(
        self,
        read: Callable[[int, int], Sequence[Sequence[Any]]],
        read_requests: Callable[[int], Sequence[Sequence[Any]]],
        read_raw: ReadRaw,
    ) -> None:
        self._read = read
        self._read_requests = read_requests
        self._found = Notifications(read_raw)
        self._judge = Judge(self._found)
        self._asked = Requests()
        self._rosters = Participants(self._found)
        self._operations = Operations(self._found)
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
        self._judge.look()
        if requests := self._read_requests(self._after_request):
            self._take_requests([asked(row) for row in requests])

    def _take(self, rows: Sequence[Sequence[Any]]) -> None:
        self._after = rows[-1][SEQ]
        self._found.extend(rows)
        for call_id, fact in announcements(rows):
            self._facts.setdefault(call_id, fact)
        self._stays = self._intervals = self._calls = None

    def _take_requests(self, requests: Sequence[Asked]) -> None:
        self._after_request = requests[-1].seq
        self._asked.extend(requests)
        self._rosters.take_requests(requests)
        self._operations.take_requests(requests)
        self._facts.update(fact for fact in map(facts_of_request, requests) if fact)
        self._calls = None

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
        result_code, result_subcode : see :func:`graphcall_nb.explain`
        result_message : of the result, else the reason of the end
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
        call_id : as Graph named it
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

    def participants(self) -> pd.DataFrame:
        """One row per call and participant, in the order in which they joined.

        Known are those whom a roster notification names, or the answer to a request about participants. A peer-to-peer
        call has no roster.

        Columns
        -------
        call_id : of the call they are in
        participant_id : a person who leaves and comes back has a new one as a rule; where none was given, the person's
        display_name : of the identity, else its id, such as a phone number
        kind : of the identity: ``user``, ``phone``, ``application``, …
        joined_at : when a roster first named them; NaT for those known only by their leaving
        left_at : when a roster first lacked them or said that they left, else the end of the call; NaT while
            they are in
        muted, in_lobby : as last said

        Rosters that carry a number are put in its order, however late they came; others count as they came. One that
        names its version and comes again word for word is not taken for news.
        """
        return self._rosters.frame(ends_of(self._found, self._all_stays()))

    def operations(self) -> pd.DataFrame:
        """One row per operation (playing a prompt, recording, muting, inviting, …), in the order of their start.

        Columns
        -------
        call_id, operation_id : of the answer and the notifications
        kind : Graph's name of what was asked, such as ``playPrompt``; where only notifications are known, of its type
        client_context : what the application gave to know it again
        status : ``notStarted``, ``running``, ``completed`` or ``failed``
        started_at : when it was asked for, else when the first was heard of it
        ended_at : when it was said to be completed or failed; NaT before, and where that was never said
        duration : end less start
        result_code, result_subcode, result : of the end, else the last; see :func:`graphcall_nb.explain`
        """
        return self._operations.frame()

    def requests(self) -> pd.DataFrame:
        """One row per request to the service and its answer, each try of a repeated one too.

        Columns
        -------
        seq : number in the journal, from 1
        sent_at : UTC
        call_id : of the call it is about; ``None`` where no call came of it
        operation : Graph's own name, such as ``create`` or ``playPrompt``
        method, url : as sent
        status : of the HTTP answer; missing where none came
        duration : until the answer
        request_id, client_request_id : to be named to Microsoft's support
        request_body, response_body : JSON text, secrets masked
        error : why no answer came
        """
        return self._asked.frame()

    def messages(self, call_id: str | None = None) -> pd.DataFrame:
        """All that was said on the wire about a call, in the order of time: requests, answers, notifications.

        Parameters
        ----------
        call_id : of one call; by default those of all, with requests of which no call came

        Columns
        -------
        at : when it was sent or came, UTC
        call_id : the call it is about
        kind : ``request``, ``answer`` or ``notification``
        sender, receiver : ``application``, ``service`` or ``listener``
        text : what it says, in short
        state : of the call, where it names one
        status : of an HTTP answer
        remark : ``duplicate``, how late it was, or why no answer came
        seq : number in the journal, of requests or of notifications
        """
        return messages_frame(self.requests(), self.notifications(), call_id)

    def _all_stays(self) -> Stays:
        if self._stays is None:
            self._stays = stays_of(self._found)
        return self._stays
