"""One row per call and participant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from .columns import NAT, UTC_US, Array, Categories, MaybeFlags, MaybeTimes, Table, Texts
from .notifications import Notifications
from .roster import Member, Roster, news_of_notification, news_of_request
from .rows import Asked

KINDS = ("user", "phone", "application", "applicationInstance", "guest", "device", "encrypted")
_ABOUT_ROSTERS = ("participants", "participant")


class Participants:
    """Looks at what is new about rosters when somebody asks; the cost goes with that, whatever is there already."""

    def __init__(self, found: Notifications) -> None:
        self._found = found
        self._seen = 0
        self._requests: list[Asked] = []
        self._rosters: dict[str, Roster] = {}
        self._joined, self._left, self._call_ids = MaybeTimes(), MaybeTimes(), Texts()
        self._table = Table(
            {
                "call_id": self._call_ids,
                "participant_id": Texts(),
                "display_name": Texts(),
                "kind": Categories(KINDS),
                "joined_at": self._joined,
                "left_at": self._left,
                "muted": MaybeFlags(),
                "in_lobby": MaybeFlags(),
            }
        )

    def take_requests(self, requests: Iterable[Asked]) -> None:
        self._requests += [request for request in requests if request.call_id and "/participants" in request.url]

    def _look(self) -> None:
        news = [(told.call_id, news_of_notification(told)) for told in self._found.told_of(_ABOUT_ROSTERS, self._seen)]
        news += [(request.call_id or "", news_of_request(request)) for request in self._requests]
        self._seen, self._requests = len(self._found), []
        told_of: dict[str, Roster] = {}
        for call_id, one in news:
            if one is not None:
                told_of[call_id] = self._rosters.setdefault(call_id, Roster())
                told_of[call_id].take(one)
        changes: dict[Any, tuple[Any, ...]] = {}
        for call_id, roster in told_of.items():
            for id_, member in roster.changed().items():
                changes[call_id, id_] = _row(call_id, id_, member)
        self._table.write(changes)

    def frame(self, ended: Mapping[str, int]) -> pd.DataFrame:
        """The frame; ``ended`` says in microseconds when calls ended, those that did."""
        self._look()
        frame = self._table.frame()
        joined, left = self._joined.array, self._left.array
        lasting = np.flatnonzero(left == NAT)
        ends = np.array([ended.get(call_id, NAT) for call_id in self._call_ids.array[lasting]], dtype=np.int64)
        over = ends != NAT
        if over.any():
            left = left.copy()
            left[lasting[over]] = np.maximum(ends[over], joined[lasting[over]])
            frame["left_at"] = _times(left)
        return frame.iloc[np.argsort(np.where(joined == NAT, left, joined), kind="stable")].reset_index(drop=True)


def _row(call_id: str, id_: str, member: Member) -> tuple[Any, ...]:
    times = (member.joined_at, member.left_at)
    return (call_id, id_, member.display_name, member.kind, *times, member.muted, member.in_lobby)


def _times(microseconds: Array) -> pd.Series:
    return pd.Series(microseconds.astype("M8[us]")).dt.tz_localize("UTC").astype(UTC_US)
