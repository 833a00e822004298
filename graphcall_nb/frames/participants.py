"""One row per call and participant.

Rosters arrive at least once, in any order, or not at all. A **complete** roster (Graph's usual notification, and the
response to a list of participants) names all participants: a participant who is not in it has left. Microsoft's pages
offer notifications of changes alone as a feature of its own, ``isDeltaRosterEnabled``; one of their examples, of a
mute, names only the muted participant and is taken for shortened. Large rosters are reported to be cut at 100
participants, so a roster of exactly 100 may be cut and does not show departures.

Any other update describes some participants, or reports that they left. A ``deltaParticipants`` has a sequence number
and each participant may have one, which puts updates in order; updates without a number count in order of arrival. An
equal roster with a number or an etag that arrives again is the same update.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pandas as pd

from ..graph.json_fields import get_object, iterate_identities, parse_object, read_flag, read_int, read_text
from ..journal.records import NotificationRecord, RequestRecord
from .columns import (
    NAT,
    CategoryColumn,
    KeyedTable,
    NullableBoolColumn,
    NullableTimeColumn,
    TextColumn,
    make_time_series,
)
from .notifications import Notifications
from .requests import compute_answer_time, is_success, split_call_path

KINDS = ("user", "phone", "application", "applicationInstance", "guest", "device", "encrypted")
ROSTER_LIMIT = 100
_ROSTER_ENTITIES = ("participants", "participant")


class ParticipantUpdate(NamedTuple):
    """A participant as one update describes it; ``None`` for each field that the update lacks."""

    id: str
    display_name: str | None = None
    kind: str | None = None
    muted: bool | None = None
    in_lobby: bool | None = None


class RosterUpdate(NamedTuple):
    """One update of a roster.

    Attributes
    ----------
    at_us : arrival, in microseconds
    order : order of updates that arrive at the same time
    present, left : participants in the call, and ids of those who left
    is_complete : True if participants that are not named have left
    number : sequence number, if it has one
    content : its text, if an equal text can only be the same update
    """

    at_us: int
    order: tuple[int, int]
    present: tuple[ParticipantUpdate, ...] = ()
    left: tuple[str, ...] = ()
    is_complete: bool = False
    number: int | None = None
    content: str | None = None


_Key: TypeAlias = tuple[int, tuple[int, int]]
_LAST_KEY: _Key = (2**63, (0, 0))


def _get_key(update: RosterUpdate) -> _Key:
    return update.at_us, update.order


def _get_number_and_key(update: RosterUpdate) -> tuple[int, _Key]:
    return -1 if update.number is None else update.number, _get_key(update)


@dataclass(slots=True)
class ParticipantState:
    """A participant after all updates so far."""

    joined_at: int | None
    display_name: str | None = None
    kind: str | None = None
    left_at: int | None = None
    muted: bool | None = None
    in_lobby: bool | None = None

    def apply(self, update: ParticipantUpdate) -> None:
        self.display_name = self.display_name if update.display_name is None else update.display_name
        self.kind = self.kind if update.kind is None else update.kind
        self.muted = self.muted if update.muted is None else update.muted
        self.in_lobby = self.in_lobby if update.in_lobby is None else update.in_lobby


class Roster:
    """The participants of one call. :meth:`add` updates in any order, then read :meth:`pop_changes`."""

    def __init__(self) -> None:
        self.participants: dict[str, ParticipantState] = {}
        self._updates: list[RosterUpdate] = []
        self._contents: set[str] = set()
        self._latest: _Key = (-(2**63), (0, 0))
        self._number = -1
        self._changed: set[str] = set()
        self._needs_rebuild = False

    def add(self, update: RosterUpdate) -> None:
        """Add an update."""
        self._updates.append(update)
        in_order = _get_key(update) > self._latest and (update.number is None or update.number >= self._number)
        if in_order and not self._needs_rebuild:
            self._apply(update, update.at_us)
        else:
            self._needs_rebuild = True

    def pop_changes(self) -> dict[str, ParticipantState]:
        """Return the participants that changed since the last time."""
        if self._needs_rebuild:
            self._rebuild()
        changed, self._changed = self._changed, set()
        return {id_: self.participants[id_] for id_ in self.participants if id_ in changed}

    def _rebuild(self) -> None:
        """Apply all updates again, in order. An update that a later number overtook counts from then on."""
        keys = {id(update): _get_key(update) for update in self._updates}
        earliest = _LAST_KEY
        for update in sorted(self._updates, key=_get_number_and_key, reverse=True):
            if update.number is not None:
                earliest = keys[id(update)] = min(earliest, _get_key(update))
        in_order = sorted(self._updates, key=lambda update: (keys[id(update)], *_get_number_and_key(update)))
        self.participants, self._contents, self._number, self._needs_rebuild = {}, set(), -1, False
        for update in in_order:
            at_us, _ = keys[id(update)]
            self._apply(update, at_us)
        self._changed = set(self.participants)

    def _apply(self, update: RosterUpdate, at_us: int) -> None:
        self._latest = max(self._latest, _get_key(update))
        self._number = max(self._number, -1 if update.number is None else update.number)
        if update.content is not None:
            if update.content in self._contents:
                return
            self._contents.add(update.content)
        for one in update.present:
            participant = self.participants.setdefault(one.id, ParticipantState(at_us))
            participant.joined_at = at_us if participant.joined_at is None else participant.joined_at
            participant.left_at = None
            participant.apply(one)
        present = {one.id for one in update.present}
        self._changed |= present
        self._mark_left(update.left, at_us)
        if update.is_complete:
            rest = [id_ for id_, known in self.participants.items() if id_ not in present and not known.left_at]
            self._mark_left(rest, at_us)

    def _mark_left(self, ids: Iterable[str], at_us: int) -> None:
        for id_ in ids:
            participant = self.participants.setdefault(id_, ParticipantState(None))
            if participant.left_at is None:
                participant.left_at = at_us
                self._changed.add(id_)


def parse_roster_notification(record: NotificationRecord) -> RosterUpdate | None:
    """Return the update in a notification about ``/participants`` or ``/participants/{id}``, if it has one."""
    data = parse_object(record.raw).get("resourceData")
    number = read_int(data.get("sequenceNumber")) if isinstance(data, dict) else None
    entries = data.get("participants") if isinstance(data, dict) else data
    if record.entity == "participant":
        participant = data if isinstance(data, dict) else {}
        entries = [{"id": record.resource.rstrip("/").rpartition("/")[2], **participant}]
    if not isinstance(entries, list):
        return None
    entries = [entry for entry in entries if isinstance(entry, dict)]
    if number is None:
        numbers = (read_int(entry.get("rosterSequenceNumber")) for entry in entries)
        number = max((one for one in numbers if one), default=None)
    is_repeatable = number is None and '"@odata.etag"' not in record.raw
    all_left = record.change_type == "deleted"
    has_left = [all_left or bool(entry.get("removedState")) for entry in entries]
    return RosterUpdate(
        record.received_at_us,
        (0, record.seq),
        _read_participants(entry for entry, left in zip(entries, has_left, strict=True) if not left),
        tuple(id_ for entry, left in zip(entries, has_left, strict=True) if left and (id_ := _find_id(entry))),
        isinstance(data, list) and record.change_type == "updated" and len(entries) != ROSTER_LIMIT,
        number,
        None if is_repeatable else record.raw,
    )


def parse_roster_request(request: RequestRecord) -> RosterUpdate | None:
    """Return the update in a request about participants and its response, if it has one."""
    path = split_call_path(request)
    if not is_success(request) or path[:1] != ["participants"]:
        return None
    when, response = (compute_answer_time(request), (1, request.seq)), parse_object(request.response_body)
    match request.method, path[1:]:
        case "GET", []:
            entries = [entry for entry in response.get("value") or [] if isinstance(entry, dict)]
            is_complete = "value" in response and "@odata.nextLink" not in response and len(entries) != ROSTER_LIMIT
            return RosterUpdate(*when, present=_read_participants(entries), is_complete=is_complete)
        case "GET", [id_]:
            return RosterUpdate(*when, present=_read_participants([{"id": id_, **response}]))
        case "DELETE", [id_]:
            return RosterUpdate(*when, left=(id_,))
        case "POST", [id_, "mute"]:
            return RosterUpdate(*when, present=(ParticipantUpdate(id_, muted=True),))
    return None


def _read_participants(entries: Iterable[dict[str, Any]]) -> tuple[ParticipantUpdate, ...]:
    return tuple(_read_participant(id_, entry) for entry in entries if (id_ := _find_id(entry)))


def _read_participant(id_: str, entry: dict[str, Any]) -> ParticipantUpdate:
    muted, in_lobby = read_flag(entry.get("isMuted")), read_flag(entry.get("isInLobby"))
    for kind, identity in iterate_identities(get_object(entry, "info").get("identity")):
        name = read_text(identity.get("displayName")) or read_text(identity.get("id"))
        return ParticipantUpdate(id_, name, kind, muted, in_lobby)
    return ParticipantUpdate(id_, None, None, muted, in_lobby)


def _find_id(entry: dict[str, Any]) -> str | None:
    """Return the id of a participant.

    Published examples without one have it in the address of the entity; otherwise the id of the identity stands in.
    """
    if id_ := read_text(entry.get("id")):
        return id_
    if address := read_text(entry.get("@odata.id")):
        return address.rstrip("/").rpartition("/")[2]
    info = get_object(entry, "info")
    ids = (read_text(identity.get("id")) for _, identity in iterate_identities(info.get("identity")))
    return read_text(info.get("participantId")) or next(filter(None, ids), None)


class Participants:
    """The participants of all calls; new updates are read when a frame is made, at a cost in proportion to them."""

    def __init__(self, notifications: Notifications) -> None:
        self._notifications = notifications
        self._read_rows = 0
        self._requests: list[RequestRecord] = []
        self._rosters: dict[str, Roster] = {}
        self._joined_at, self._left_at = NullableTimeColumn(), NullableTimeColumn()
        self._call_ids = TextColumn()
        self._table = KeyedTable(
            {
                "call_id": self._call_ids,
                "participant_id": TextColumn(),
                "display_name": TextColumn(),
                "kind": CategoryColumn(KINDS),
                "joined_at": self._joined_at,
                "left_at": self._left_at,
                "muted": NullableBoolColumn(),
                "in_lobby": NullableBoolColumn(),
            }
        )

    def add_requests(self, requests: Iterable[RequestRecord]) -> None:
        """Add requests; only those about participants of a call are kept."""
        self._requests += [request for request in requests if request.call_id and "/participants" in request.url]

    def _process_new(self) -> None:
        records = self._notifications.read_records(_ROSTER_ENTITIES, self._read_rows)
        updates = [(record.call_id, parse_roster_notification(record)) for record in records]
        updates += [(request.call_id or "", parse_roster_request(request)) for request in self._requests]
        self._read_rows, self._requests = len(self._notifications), []
        changed: dict[str, Roster] = {}
        for call_id, update in updates:
            if update is not None:
                changed[call_id] = self._rosters.setdefault(call_id, Roster())
                changed[call_id].add(update)
        rows: dict[Any, tuple[Any, ...]] = {}
        for call_id, roster in changed.items():
            for id_, participant in roster.pop_changes().items():
                rows[call_id, id_] = _make_row(call_id, id_, participant)
        self._table.write(rows)

    def to_frame(self, end_times: Mapping[str, int]) -> pd.DataFrame:
        """Return the frame of :meth:`.Frames.participants`.

        Parameters
        ----------
        end_times : end of each call that has ended, in microseconds
        """
        self._process_new()
        frame = self._table.to_frame()
        joined, left = self._joined_at.array, self._left_at.array
        present = np.flatnonzero(left == NAT)
        ends = np.array([end_times.get(call_id, NAT) for call_id in self._call_ids.array[present]], dtype=np.int64)
        is_over = ends != NAT
        if is_over.any():
            left = left.copy()
            left[present[is_over]] = np.maximum(ends[is_over], joined[present[is_over]])
            frame["left_at"] = make_time_series(left)
        return frame.iloc[np.argsort(np.where(joined == NAT, left, joined), kind="stable")].reset_index(drop=True)


def _make_row(call_id: str, id_: str, participant: ParticipantState) -> tuple[Any, ...]:
    times = (participant.joined_at, participant.left_at)
    return (call_id, id_, participant.display_name, participant.kind, *times, participant.muted, participant.in_lobby)
