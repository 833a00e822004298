"""The journal: what is in it is never changed, and was in it before anybody was told."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import sqlalchemy as sa

from ..errors import JournalError
from ..journal import schema
from .commit import Commit, GroupCommit, Row, Then
from .database import open_engine
from .errors import WriteHealth, failures, plain_reason, shown_url
from .payloads import PayloadReader, TemporaryFolder
from .postgres import NotifyListener
from .records import RequestRecord
from .selection import Selection
from .writer import SqliteWriter, Writer, make_writer

ELSEWHERE_SECONDS = 0.1
"""How often a waiter looks for rows that another process wrote; those of this process wake it at once."""

ANNOUNCED_SECONDS = 1.0
"""How often it looks where the database announces them, in case it does not."""


class Journal:
    """The durable log of a session. Made by :func:`open_journal`; one event loop appends, any thread reads.

    Attributes
    ----------
    url : address of the database, without a password
    """

    def __init__(self, engine: sa.Engine, *, folder: TemporaryFolder | None = None) -> None:
        self._engine = engine
        self._raw_texts: PayloadReader | None = PayloadReader(engine, folder)
        self._failures = failures(engine)
        self.url = shown_url(engine.url)
        self._complaints = WriteHealth(self.url)
        self._writers = [make_writer(engine, schema.notifications), make_writer(engine, schema.requests)]
        self._notifications, self._requests = (
            GroupCommit(self._committer(writer), self._shut) for writer in self._writers
        )
        self._waiting: set[Callable[[], object]] = set()
        self._waiting_lock = threading.Lock()
        self._announces = engine.dialect.name == "postgresql"
        self._ear: NotifyListener | None = None
        self._closed = False

    def address(self) -> str:
        """The URL with its password, for another process that is to open the same journal; not to be shown."""
        return self._engine.url.render_as_string(hide_password=False)

    # ---- writing

    def _committer(self, writer: Writer) -> Commit:
        def commit(rows: Sequence[Row], *, wait: bool) -> bool:
            try:
                with self._guarded("write to"):
                    written = writer.write(rows, wait=wait)
            except JournalError as error:
                self._complaints.trouble(str(error))
                raise
            if written:
                self._complaints.well()
                self._wake()
            return written

        return commit

    async def append(self, notifications: Sequence[tuple[Any, ...]], received_at_us: int) -> None:
        """Add notifications; returns after they are committed.

        Parameters
        ----------
        notifications : of :class:`graphcall_nb.graph.notifications.Notification`, or tuples of the same order
        received_at_us : when they came, microseconds since 1970 in UTC

        Raises
        ------
        JournalError
            When they could not be written, or the journal is closed; none of them is in the journal then.
        """
        if notifications:
            await self._notifications.add(_stamped(notifications, received_at_us))

    def append_then(self, notifications: Sequence[tuple[Any, ...]], received_at_us: int, then: Then) -> None:
        """The same without waiting: ``then`` is called on the running loop, with ``None`` or the ``JournalError``."""
        if notifications:
            self._notifications.put(_stamped(notifications, received_at_us), then)
        else:
            then(None)

    async def append_request(self, request: RequestRecord) -> None:
        """Add a request and its response, and return after the commit; the database assigns ``seq``."""
        _, *values = request
        await self._requests.add([tuple(values)])

    def restore(self, notifications: Sequence[Row], requests: Sequence[Row]) -> None:
        """Add rows that have their numbers already, those of a saved session; for SQLite."""
        for table, rows in ((schema.notifications, notifications), (schema.requests, requests)):
            writer = SqliteWriter(self._engine, table, numbered=True)
            try:
                if rows:
                    with self._guarded("write to"):
                        writer.write(rows)
            finally:
                writer.close()

    @property
    def trouble(self) -> str | None:
        """Why the last write of this process failed, with the remedy; ``None`` when it went through."""
        return self._complaints.present

    # ---- reading

    def read(
        self,
        after: int = 0,
        limit: int | None = None,
        *,
        selection: Selection | None = None,
        whole_calls: bool = False,
        until: int | None = None,
    ) -> list[Row]:
        """Rows of notifications, in the order of their ``seq``; see ``NOTIFICATION_COLUMNS``.

        Parameters
        ----------
        after : only those with a ``seq`` above it
        limit : so many at most
        selection : only those that are selected; the database chooses
        whole_calls : all notifications of each call of which one is selected
        until : only those with a ``seq`` up to it
        """
        columns = schema.notifications.c
        query = sa.select(schema.notifications)
        if selection and whole_calls:
            query = query.where(selection.of_calls(columns.call_id, until))
        elif selection:
            query = query.where(selection.condition(until))
        if until is not None:
            query = query.where(columns.seq <= until)
        return self._rows(query, columns.seq, after, limit)

    def seqs(self, selection: Selection, *, until: int | None = None) -> list[int]:
        """The numbers of the selected notifications, in their order."""
        seq = schema.notifications.c.seq
        query = sa.select(seq).where(selection.condition(until))
        return [row[0] for row in self._rows(query, seq, 0)]

    def read_requests(
        self,
        after: int = 0,
        limit: int | None = None,
        *,
        selection: Selection | None = None,
        until: int | None = None,
    ) -> list[Row]:
        """Rows of requests with a ``seq`` above ``after`` and up to ``until``; see ``REQUEST_COLUMNS``.

        With a ``selection``, only those about calls of which a notification is selected.
        """
        columns = schema.requests.c
        query = sa.select(schema.requests)
        if selection:
            query = query.where(selection.of_calls(columns.call_id))
        if until is not None:
            query = query.where(columns.seq <= until)
        return self._rows(query, columns.seq, after, limit)

    @property
    def raw_texts(self) -> PayloadReader:
        """Reads raw texts by their numbers, after this journal was closed too."""
        with self._guarded("read"):
            return cast(PayloadReader, self._raw_texts)

    def times(self) -> tuple[list[Row], list[Row]]:
        """``(seq, microseconds)`` of each notification and of each request, when it was here with its answer."""
        notified, asked = schema.notifications.c, schema.requests.c
        return (
            self._rows(sa.select(notified.seq, notified.received_at_us), notified.seq, 0),
            self._rows(sa.select(asked.seq, asked.sent_at_us + asked.duration_us), asked.seq, 0),
        )

    def _rows(
        self, query: sa.Select[Any], seq: sa.ColumnElement[int], after: int, limit: int | None = None
    ) -> list[Row]:
        query = query.where(seq > after).order_by(seq).limit(limit)
        with self._guarded("read"), self._engine.connect() as connection:
            # The driver's own tuples: SQLAlchemy would make a second object of each row, for its names.
            cursor = connection.execute(query).cursor
            return list(cursor.fetchall()) if cursor else []

    @property
    def last_seq(self) -> int:
        """The number of the newest notification; 0 when there is none."""
        with self._guarded("read"), self._engine.connect() as connection:
            return connection.execute(sa.select(sa.func.max(schema.notifications.c.seq))).scalar() or 0

    # ---- waiting

    async def wait(self, after: int) -> None:
        """Return when a notification with a ``seq`` above ``after`` is there."""
        loop = asyncio.get_running_loop()
        news = asyncio.Event()
        with self._registered(lambda: loop.call_soon_threadsafe(news.set)):
            while await self._newest() <= after:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(news.wait(), self._look_seconds)
                news.clear()

    async def _newest(self) -> int:
        # A file answers in 50 µs; a server may take its time, and the loop has other things to do.
        return await asyncio.to_thread(lambda: self.last_seq) if self._announces else self.last_seq

    def wait_sync(self, after: int, timeout: float) -> bool:
        """The same for a thread: whether there was news within ``timeout`` seconds."""
        news = threading.Event()
        end = time.monotonic() + timeout
        with self._registered(news.set):
            while self.last_seq <= after:
                left = end - time.monotonic()
                if left <= 0:
                    return False
                news.wait(min(left, self._look_seconds))
                news.clear()
        return True

    @property
    def _look_seconds(self) -> float:
        return ANNOUNCED_SECONDS if self._announces else ELSEWHERE_SECONDS

    @contextlib.contextmanager
    def _registered(self, wake: Callable[[], object]) -> Iterator[None]:
        with self._waiting_lock:
            self._waiting.add(wake)
            if self._announces and self._ear is None:
                self._ear = NotifyListener(self._engine, self._wake)
        try:
            yield
        finally:
            with self._waiting_lock:
                self._waiting.discard(wake)

    def _wake(self) -> None:
        with self._waiting_lock:
            for wake in self._waiting:
                # A loop may have closed between its wait and now; it needs no waking.
                with contextlib.suppress(RuntimeError):
                    wake()

    # ---- life

    def _shut(self) -> JournalError:
        return JournalError(
            f"The journal {self.url} is closed; open it again with graphcall_nb.journal.journal.open_journal."
        )

    @contextlib.contextmanager
    def _guarded(self, doing: str) -> Iterator[None]:
        if self._closed:
            raise self._shut()
        try:
            yield
        except self._failures as error:
            raise JournalError(f"Cannot {doing} the journal {self.url}: {plain_reason(error)}") from None

    def close(self) -> None:
        """Finish what is being written and close; closing twice is fine.

        A temporary journal is deleted, once no frame is left that may want to show its raw texts.
        """
        if self._closed:
            return
        self._notifications.close()
        self._requests.close()
        for writer in self._writers:
            writer.close()
        self._closed = True
        if self._ear:
            self._ear.close()
        self._engine.dispose()
        self._raw_texts = None  # a temporary journal goes with the last frame that reads in it

    def __repr__(self) -> str:
        if self._closed:
            return f"<Journal {self.url}, closed>"
        try:
            return f"<Journal {self.url}, last number {self.last_seq}>"
        except JournalError:
            return f"<Journal {self.url}, which cannot be read now>"


def _stamped(notifications: Sequence[tuple[Any, ...]], received_at_us: int) -> list[Row]:
    return [(received_at_us, *notification) for notification in notifications]


def open_journal(where: str | os.PathLike[str] | None = None, *, new: bool = True) -> Journal:
    """Open a journal, and make it when it is not there yet.

    Parameters
    ----------
    where
        A path of an SQLite file, or an SQLAlchemy URL such as ``sqlite:///calls.sqlite`` or
        ``postgresql+psycopg://user:password@host/database``; ``None`` makes a temporary file that is deleted on
        ``close``.
    new
        Whether a file may be made; otherwise one that is not there, or is empty, is an error.

    Raises
    ------
    JournalError
        When it cannot be opened, or is not a journal.

    Examples
    --------
    >>> journal = open_journal()
    >>> journal.read()
    []
    >>> journal.close()
    """
    if where is not None:
        return Journal(open_engine(where, new=new))
    folder = tempfile.mkdtemp(prefix="graphcall_nb-")
    engine = open_engine(Path(folder) / "journal.sqlite")
    return Journal(engine, folder=TemporaryFolder(folder, engine))
