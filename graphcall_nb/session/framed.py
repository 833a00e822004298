"""The part of a session that gives out what it knows: as frames, and as files."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any

from ..dialects import Dialect
from ..errors import SessionClosed
from ..journal import About, Journal, save
from ..slips import checked, known
from .selected import Since, frame_of, selection_of
from .waiting import Waiting

if TYPE_CHECKING:
    import pandas as pd

    from ..frames import Frames
    from ..tracker import Tracker

FRAMES = ("notifications", "intervals", "calls", "participants", "operations", "requests", "messages")
"""Names of the frames that can be exported."""

CLOSED = "This session is closed; make a new one with graphcall_nb.simulate() or connect()."


class Framed(Waiting):
    """What a session knows, as frames and files."""

    dialect: Dialect
    simulated: bool

    def __init__(self, journal: Journal) -> None:
        super().__init__(journal)
        self._frames: Frames | None = None
        self._frames_lock = threading.Lock()

    @property
    def closed(self) -> bool:
        """Whether the session was closed."""
        raise NotImplementedError

    @contextmanager
    def _followed(self) -> Iterator[Tracker]:
        if self.closed:
            raise SessionClosed(CLOSED)
        with super()._followed() as tracker:
            yield tracker

    # ---- what came in

    def notifications(self, *, since: Since = None, where: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """One row per notification; see :meth:`graphcall_nb.frames.Frames.notifications` for the columns.

        Parameters
        ----------
        since
            Only those received then or later: a ``datetime`` (UTC where it names no zone), its text, or a
            ``timedelta``, which is how long ago.
        where
            Only those with this value in a column, or one of several:
            ``{"state": ["established", "terminated"], "result_code": 486}``.

        Notes
        -----
        The database chooses, and what is left out is never read: so a few calls of a fleet fit into little memory.
        The other frames take the same; they tell of each call that has such a notification, and of its whole life.
        """
        return self._frame("notifications", since=since, where=where)

    def intervals(self, *, since: Since = None, where: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """One row per call and state, with ``start``, ``end`` (``NaT`` while it lasts) and ``duration``.

        ``since`` and ``where`` choose calls; see :meth:`notifications`.
        """
        return self._frame("intervals", since=since, where=where)

    def calls(self, *, since: Since = None, where: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """One row per call; see :meth:`graphcall_nb.frames.Frames.calls` for the columns.

        ``since`` and ``where`` choose calls; see :meth:`notifications`.
        """
        return self._frame("calls", since=since, where=where)

    def participants(self, *, since: Since = None, where: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """One row per call and participant; see :meth:`graphcall_nb.frames.Frames.participants` for the columns.

        ``since`` and ``where`` choose calls; see :meth:`notifications`.
        """
        return self._frame("participants", since=since, where=where)

    def operations(self, *, since: Since = None, where: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """One row per operation; see :meth:`graphcall_nb.frames.Frames.operations` for the columns.

        ``since`` and ``where`` choose calls; see :meth:`notifications`.
        """
        return self._frame("operations", since=since, where=where)

    def requests(self) -> pd.DataFrame:
        """One row per request sent; see :meth:`graphcall_nb.frames.Frames.requests` for the columns."""
        return self._frame("requests")

    def messages(self, call_id: str | None = None) -> pd.DataFrame:
        """Requests, answers and notifications in the order of time; see :meth:`graphcall_nb.frames.Frames.messages`."""
        return self._frame("messages", checked("call_id", call_id, (str, NoneType), "the id of a call, or None"))

    def _frame(
        self, name: str, *settings: Any, since: Since = None, where: Mapping[str, Any] | None = None
    ) -> pd.DataFrame:
        if selection := selection_of(since, where):
            if self.closed:
                raise SessionClosed(CLOSED)
            frame = frame_of(self.journal, selection, name)
        else:
            with self._refreshed() as frames:
                frame = getattr(frames, name)(*settings)
        frame.attrs["simulated"] = self.simulated  # the plots put it into their titles
        return frame

    @contextmanager
    def _refreshed(self) -> Iterator[Frames]:
        """The frames with all that is in the journal; pandas is loaded when somebody asks, not before."""
        if self.closed:
            raise SessionClosed(CLOSED)
        with self._frames_lock:
            if self._frames is None:
                from ..frames import Frames

                self._frames = Frames(self.journal.read, self.journal.read_requests, self.journal.raw_texts)
            self._frames.refresh()
            yield self._frames

    # ---- handed on

    def save(self, path: str | os.PathLike[str], *, mask: bool = False) -> Path:
        """Write the whole session into one file, which :func:`graphcall_nb.replay` plays again.

        Parameters
        ----------
        path : of the file, such as ``monday.gcnb``; a file that is there is replaced once the new one is whole
        mask
            Whether telephone numbers, names, mail addresses and subjects are replaced, the same one by the same mask.
            Ids stay. Secrets are in no journal, so they are in no file either.

        Returns
        -------
        Path

        Raises
        ------
        JournalError
            When it cannot be written.
        """
        return save(self._whole_journal(), path, About(self.dialect.name, self.simulated, mask))

    def export(
        self,
        path: str | os.PathLike[str],
        frame: str = "notifications",
        *,
        since: Since = None,
        where: Mapping[str, Any] | None = None,
    ) -> Path:
        """Write a frame into a file for other programs: ``.csv``, ``.jsonl`` (either also ``.gz``) or ``.parquet``.

        Parameters
        ----------
        path : of the file; its end says which kind it is
        frame : the name of a frame: ``notifications``, ``intervals``, ``calls``, ``participants``, ``operations``, …
        since, where : a part of it; see :meth:`notifications`

        Raises
        ------
        ValueError
            For a name that does not say the kind, and for a frame that there is not.
        FileNotFoundError
            When there is no such folder.
        ExtraMissing
            For Parquet without pyarrow.
        """
        from ..frames.export import write_frame

        return write_frame(self._frame(known("frame", frame, FRAMES), since=since, where=where), path)

    def _whole_journal(self) -> Journal:
        if self.closed:
            raise SessionClosed(CLOSED)
        return self.journal
