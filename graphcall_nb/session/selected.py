"""Frames of a part of the journal, which the database chooses: what is left out is never read."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from .._arguments import require_type
from ..journal.journal import Journal
from ..journal.selection import Selection, make_selection

if TYPE_CHECKING:
    import pandas as pd

_FAR = timedelta(days=365 * 1000)

Since = datetime | timedelta | str | None
"""From when on: a time (UTC where it names no zone), the text of one, or how long ago."""


def selection_of(
    since: Since = None, where: Mapping[str, Any] | None = None, *, clock: Callable[[], float] = time.time
) -> Selection:
    """What the database is to choose.

    Raises
    ------
    ValueError
        For a time that cannot be read, or a column that cannot be chosen by.

    Examples
    --------
    >>> selection_of("1970-01-01 00:00:01", {"state": "ringing"})
    Selection(since_us=1000000, where=(('state', ('ringing',)),))
    """
    return make_selection(None if since is None else _microseconds(since, clock), where)


def _microseconds(since: datetime | timedelta | str, clock: Callable[[], float]) -> int:
    require_type("since", since, (datetime, timedelta, str), "a time, the text of one, or a timedelta")
    if isinstance(since, timedelta):
        ago = min(max(since, -_FAR), _FAR)  # further than a database can count
        return int(clock() * 1e6) - ago // timedelta(microseconds=1)
    if isinstance(since, str):
        try:
            since = datetime.fromisoformat(since)
        except ValueError:
            raise ValueError(
                f"since={since!r} is no time; write for example '2026-11-25 09:30', or timedelta(minutes=10)."
            ) from None
    at = since if since.tzinfo else since.replace(tzinfo=UTC)
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def frame_of(journal: Journal, selection: Selection, name: str) -> pd.DataFrame:
    """A frame by its name, of the calls that have a selected notification.

    Of ``notifications`` only the selected ones are left; they are judged (duplicates, late ones) among all of their
    call.
    """
    from ..frames import Frames

    frames = Frames(
        partial(journal.read, selection=selection, whole_calls=True),
        partial(journal.read_requests, selection=selection),
        journal.payloads,
    )
    frames.refresh()
    frame: pd.DataFrame = getattr(frames, name)()
    if name == "notifications":
        frame = frame[frame["seq"].isin(journal.read_seqs(selection))].reset_index(drop=True)
    return frame
