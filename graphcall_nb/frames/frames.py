"""The frames of one journal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pandas as pd

from ..journal.columns import NotificationColumns
from ..journal.records import RequestRecord
from .calls import CallInfo, MediaStates, make_calls_frame, parse_create_request, parse_incoming
from .columns import copy_on_write
from .intervals import Intervals, classify, compute_end_times, compute_intervals, make_intervals_frame
from .journal_frame import JournalFrame
from .lazy_payload import ReadPayloads
from .notifications import Notifications
from .operations import Operations
from .participants import Participants
from .requests import Requests, make_messages_frame

_CHUNK_ROWS = 20_000
"""Rows read at a time. They stay in the processor's cache until they are in their columns."""


class Frames:
    """The frames of one journal.

    Parameters
    ----------
    read : ``(after, limit) -> columns`` of notifications with a ``seq`` above ``after``, ascending; none after the last
    read_requests : ``(after) -> records`` of requests, likewise
    read_payloads : ``(seqs) -> texts``, the raw texts of notifications by their ``seq``, in that order

    Notes
    -----
    :meth:`refresh` costs time in proportion to the new rows, and :meth:`notifications` next to nothing at any size.
    ``intervals`` and ``calls`` are made again after new rows. Every frame belongs to the caller, who may write to it,
    and it does not change when more rows arrive. Not thread-safe.

    Examples
    --------
    >>> from graphcall_nb.journal.columns import NotificationColumns
    >>> frames = Frames(lambda after, limit: NotificationColumns(), lambda after: [], lambda seqs: [])
    >>> frames.refresh()
    >>> len(frames.notifications())
    0
    """

    def __init__(
        self,
        read: Callable[[int, int], NotificationColumns],
        read_requests: Callable[[int], Sequence[RequestRecord]],
        read_payloads: ReadPayloads,
    ) -> None:
        self._read = read
        self._read_requests = read_requests
        self._notifications = Notifications(read_payloads)
        self._classified = 0
        self._requests = Requests()
        self._participants = Participants(self._notifications)
        self._operations = Operations(self._notifications)
        self._infos: dict[str, CallInfo] = {}
        self._media = MediaStates(self._notifications)
        self._last_seq = self._last_request_seq = 0
        self._intervals: Intervals | None = None
        self._intervals_frame: pd.DataFrame | None = None
        self._calls_frame: pd.DataFrame | None = None

    def refresh(self) -> None:
        """Read the new rows of the journal."""
        columns = self._read(self._last_seq, _CHUNK_ROWS)
        with ThreadPoolExecutor(1, "graphcall_nb-read") as thread:
            while columns.seq:
                self._last_seq = columns.seq[-1]
                # The database reads the next rows while these go into their columns.
                following = thread.submit(self._read, self._last_seq, _CHUNK_ROWS)
                self._notifications.extend(columns)
                columns = following.result()
        if self._classified < len(self._notifications):
            self._process_notifications(self._classified)
        if requests := self._read_requests(self._last_request_seq):
            self._add_requests(requests)

    def _process_notifications(self, first: int) -> None:
        classify(self._notifications, first)
        for call_id, raw in self._notifications.read_incoming(first):
            self._infos.setdefault(call_id, parse_incoming(raw))
        self._classified = len(self._notifications)
        self._intervals = self._intervals_frame = self._calls_frame = None

    def _add_requests(self, requests: Sequence[RequestRecord]) -> None:
        self._last_request_seq = requests[-1].seq
        self._requests.extend(requests)
        self._participants.add_requests(requests)
        self._operations.add_requests(requests)
        self._infos.update(info for info in map(parse_create_request, requests) if info)
        self._calls_frame = None

    def notifications(self) -> pd.DataFrame:
        """Return one row per notification, in journal order.

        Columns
        -------
        seq : number in the journal, from 1
        received_at : arrival at the listener, UTC
        call_id : of the call that the notification is about
        entity : ``call``, ``participants``, ``participant``, ``operation`` or another part of a call
        state : of the call, as sent; missing in notifications without a state
        change_type, direction : as sent, in one spelling
        answered_by : display name, else id
        active_modalities : separated by comma and blank
        tone : the key that the callee pressed
        result_code, result_subcode : see :func:`graphcall_nb.explain`
        result_message : of the result, else the reason of the end
        duplicate_of : ``seq`` of the equal notification that arrived first
        late_by : time since the first notification of a later state of its call
        resource, etag : as sent
        raw : the notification exactly as received, JSON text

        A notification is a duplicate if an equal one arrived before and it cannot be a change: it repeats the present
        state, or a state that the call cannot have returned to. The third of *hold, established, hold* is not a
        duplicate.
        """
        return JournalFrame(self._notifications.to_frame())

    def intervals(self) -> pd.DataFrame:
        """Return one row per call and visit to a state, correct in spite of duplicates and late arrivals.

        Columns
        -------
        call_id : calls come in the order of their first notification
        state : visits of a call come in life-cycle order
        start : arrival of the first notification of this state or of a later one
        end : start of the next visit; NaT while the call is in the state
        duration : end less start; NaT while the call is in the state

        ``terminated`` ends where it starts, with a duration of zero, so the durations of a call add up to its length. A
        call that was deleted without a state counts as terminated.
        """
        if self._intervals_frame is None:
            self._intervals_frame = make_intervals_frame(self._notifications, self._compute_intervals())
        return JournalFrame(copy_on_write(self._intervals_frame))

    def calls(self) -> pd.DataFrame:
        """Return one row per call, in the order in which the calls were created.

        The frame has the calls that were created by request, also before any notification, and the calls that
        notifications are about.

        Columns
        -------
        call_id : as named by Graph
        state : the present one; before the first notification, that of the response to the request
        result : meaning of ``result_code`` and ``result_subcode`` in plain words
        subject, caller, targets : of the request or of the incoming call, by display name, else id; labels of targets
            are joined by comma and blank
        answered_by : display name, else id, of the party that answered first
        transferor : display name, else id, of the party that transferred an incoming call to the application
        kind : ``peerToPeer`` (one target), ``simultaneousRing`` (several), ``group`` (targets and a meeting or chat),
            ``meeting`` (no target), ``incoming`` (an incoming call); missing if unknown
        audio : Graph's ``mediaState.audio``, ``active`` or ``inactive``, as last notified; ``inactive`` after the end
        created_at : time of the request, else of the first notification
        time_to_ring, time_to_answer : from then to the first ``ringing`` and ``established``
        talk_time : sum of the time in ``established``; NaT without such a visit, and while one lasts
        ended_at : start of ``terminated``
        result_code, result_subcode : of the end of the call, else the last that came with the call
        notifications : number of notifications, duplicates included
        duplicates, late : numbers of those among them that are duplicates, and that arrived late
        """
        if self._calls_frame is None:
            self._calls_frame = make_calls_frame(
                self._notifications, self._compute_intervals(), self._infos, self._media
            )
        return JournalFrame(copy_on_write(self._calls_frame))

    def participants(self) -> pd.DataFrame:
        """Return one row per call and participant, in the order in which they joined.

        The frame has the participants that a roster notification names, or the response to a request about
        participants. A peer-to-peer call has no roster.

        Columns
        -------
        call_id : of the call they are in
        participant_id : a participant who returns usually has a new one; if missing, the id of the identity
        display_name : of the identity, else its id, such as a phone number
        kind : of the identity: ``user``, ``phone``, ``application``, …
        joined_at : first roster with the participant; NaT for participants known only by their leaving
        left_at : first roster without the participant, or report of their leaving, else the end of the call; NaT while
            they are in the call
        muted, in_lobby : latest values

        Rosters with a number are put in its order, however late they arrived; others count in order of arrival. An
        equal roster that names its version counts once.
        """
        ends = compute_end_times(self._notifications, self._compute_intervals())
        return JournalFrame(self._participants.to_frame(ends))

    def operations(self) -> pd.DataFrame:
        """Return one row per operation (playing a prompt, recording, muting, inviting, …), in the order of their start.

        Columns
        -------
        call_id : of the response and the notifications
        kind : Graph's name of the request, such as ``playPrompt``; without a request, of its type
        status : ``notStarted``, ``running``, ``completed`` or ``failed``
        result : meaning of ``result_code`` and ``result_subcode`` in plain words
        started_at : time of the request, else of the first notification
        ended_at : time of ``completed`` or ``failed``; NaT before, and if the service never reported it
        duration : end less start
        result_code, result_subcode : of the end, else the last; see :func:`graphcall_nb.explain`
        client_context : correlation text of the application
        operation_id : of the response and the notifications
        """
        return JournalFrame(self._operations.to_frame())

    def requests(self) -> pd.DataFrame:
        """Return one row per request to the service with its response, including each retry.

        Columns
        -------
        seq : number in the journal, from 1
        sent_at : UTC
        call_id : of the call it is about; ``None`` if no call was created
        operation : Graph's own name, such as ``create`` or ``playPrompt``
        status : of the HTTP response; missing without a response
        duration : until the response
        error : reason for a missing response
        method, url : as sent
        request_id, client_request_id : for Microsoft's support
        request_body, response_body : JSON text, secrets masked
        """
        return JournalFrame(self._requests.to_frame())

    def messages(self, call_id: str | None = None) -> pd.DataFrame:
        """Return the requests, responses and notifications of a call in the order of time.

        Parameters
        ----------
        call_id : id of one call; by default the messages of all calls, with requests that created no call

        Columns
        -------
        at : time of sending or arrival, UTC
        call_id : of the call it is about
        kind : ``request``, ``answer`` or ``notification``
        sender, receiver : ``application``, ``service`` or ``listener``
        text : the message in short
        state : of the call, if the message has one
        status : of an HTTP response
        remark : ``duplicate``, the delay, or the reason for a missing response
        seq : number in the journal, of requests or of notifications
        """
        return JournalFrame(make_messages_frame(self.requests(), self.notifications(), call_id))

    def _compute_intervals(self) -> Intervals:
        if self._intervals is None:
            self._intervals = compute_intervals(self._notifications)
        return self._intervals
