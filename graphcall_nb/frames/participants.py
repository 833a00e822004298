"""One row per call and participant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from .columns import NAT, UTC_US, Array, Categories, MaybeFlags, MaybeTimes, Table, Texts
from .roster import Member, News, Roster, news_of_notification, news_of_request
from .rows import CALL_ID, ENTITY, Asked

KINDS = ("user", "phone", "application", "applicationInstance", "guest", "device", "encrypted")
_ABOUT_ROSTERS = ("participants", "participant")


class Participants:
    """Takes what is new about rosters; the cost goes with that, whatever is there already."""

    def __init__(self) -> None:
        self._rosters: dict[str, Roster] = {}
        self._news: dict[str, None] = {}
        """Calls with news, in order."""
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

    def take(self, rows: Iterable[Sequence[Any]]) -> None:
        """Take new rows of notifications; those that are not about a roster are passed over."""
        for row in rows:
            if row[ENTITY] in _ABOUT_ROSTERS and row[CALL_ID]:
                self._tell(row[CALL_ID], news_of_notification(row))

    def take_requests(self, requests: Iterable[Asked]) -> None:
        for request in requests:
            if request.call_id and (news := news_of_request(request)):
                self._tell(request.call_id, news)

    def _tell(self, call_id: str, news: News | None) -> None:
        if news is not None:
            self._rosters.setdefault(call_id, Roster()).take(news)
            self._news[call_id] = None

    def frame(self, ended: Mapping[str, int]) -> pd.DataFrame:
        """The frame; ``ended`` says in microseconds when calls ended, those that did."""
        self._write()
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

    def _write(self) -> None:
        changes: dict[Any, tuple[Any, ...]] = {}
        for call_id in self._news:
            for id_, member in self._rosters[call_id].changed().items():
                changes[call_id, id_] = _row(call_id, id_, member)
        self._news = {}
        self._table.write(changes)


def _row(call_id: str, id_: str, member: Member) -> tuple[Any, ...]:
    times = (member.joined_at, member.left_at)
    return (call_id, id_, member.display_name, member.kind, *times, member.muted, member.in_lobby)


def _times(microseconds: Array) -> pd.Series:
    return pd.Series(microseconds.astype("M8[us]")).dt.tz_localize("UTC").astype(UTC_US)
