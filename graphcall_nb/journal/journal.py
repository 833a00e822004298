"""The journal: an append-only log of notifications and requests. Rows never change."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, cast

import msgspec
import sqlalchemy as sa

from ..errors import JournalError
from . import database
from .columns import NotificationColumns, make_columns_query, parse_columns
from .commit import Commit, GroupCommit, OnDone
from .database import Writer, make_writer, open_engine
from .errors import WriteHealth, explain_error, get_error_types, redact_url
from .integrity import IntegrityWatch, describe_file
from .origin import Origin, claim, read_origin
from .payloads import PayloadReader
from .postgres import NotifyListener
from .records import NotificationRecord, RequestRecord, Row
from .selection import Selection
from .sqlite import SqliteWriter

SQLITE_POLL_SECONDS = 0.1
"""Time between two checks for rows of other processes; rows of this process wake waiting readers at once."""

POSTGRES_POLL_SECONDS = 1.0
"""The same for PostgreSQL, which announces commits: only a safety net."""


# NotificationRecord._make without its check of the length: the query selects the fields of the record. The records of a
# large read cost 5 % of its time this way, else 13 %.
_make_record: Callable[[Row], NotificationRecord] = partial(tuple.__new__, NotificationRecord)


class Journal:
    """The durable log of a session. One event loop appends, any thread reads. See :func:`open_journal`.

    Attributes
    ----------
    url : address of the database, without a password
    announces_commits : True; rows of a :class:`~graphcall_nb.journal.replay.Replay` become visible by time alone
    rewind_count : 0; a :class:`~graphcall_nb.journal.replay.Replay` counts its seeks backwards here

    Parameters
    ----------
    engine : a database with the tables of a journal
    folder : folder of a temporary journal, deleted after its last reader
    poll_seconds : time between two checks for rows of other processes; by default a value that fits the database
    """

    rewind_count = 0
    announces_commits = True

    def __init__(self, engine: sa.Engine, *, folder: str | None = None, poll_seconds: float | None = None) -> None:
        self.url = redact_url(engine.url)
        self._engine = engine
        self._payloads: PayloadReader | None = PayloadReader(engine, folder)
        self._error_types = get_error_types(engine)
        self._health = WriteHealth(self.url)
        self._writers = [make_writer(engine, database.notifications), make_writer(engine, database.requests)]
        self._notifications, self._requests = (
            GroupCommit(self._make_commit(writer), self._make_closed_error) for writer in self._writers
        )
        self._callbacks: set[Callable[[], object]] = set()
        self._callbacks_lock = threading.Lock()
        self._is_remote = engine.dialect.name == "postgresql"
        self._poll_seconds = poll_seconds or (POSTGRES_POLL_SECONDS if self._is_remote else SQLITE_POLL_SECONDS)
        self._notify_listener: NotifyListener | None = None
        self._is_closed = False
        # A reader that writes nothing starts no check.
        self._integrity = None if self._is_remote else IntegrityWatch(str(engine.url.database))

    @property
    def url_with_password(self) -> str:
        """Address for another process that opens the same journal. Do not display it."""
        return self._engine.url.render_as_string(hide_password=False)

    # ---- origin

    @property
    def origin(self) -> Origin:
        """The service whose calls the journal holds, and the session that began it."""
        with self._translate_errors("read"), self._engine.connect() as connection:
            return read_origin(connection)

    def claim(self, origin: Origin) -> None:
        """Note the origin of a new journal, before a session writes into it.

        Raises
        ------
        JournalError
            If the journal holds calls of another service.
        """
        with self._translate_errors("write to"), self._engine.connect() as connection:
            database.lock(connection)
            claim(connection, origin, self.url)
            connection.commit()

    # ---- writing

    def _make_commit(self, writer: Writer) -> Commit:
        def commit(rows: Sequence[Row], *, wait: bool) -> bool:
            try:
                with self._translate_errors("write to"):
                    self._require_integrity()
                    is_written = writer.write(rows, wait=wait)
            except JournalError as error:
                self._health.failed(str(error))
                raise
            if is_written:
                self._health.recovered()
                if self._integrity:
                    self._integrity.note_commit()
                self._call_callbacks()
            return is_written

        return commit

    def _require_integrity(self) -> None:
        if self._integrity and self._integrity.damage:
            raise JournalError(f"Cannot write to the journal {self.url}: {self._integrity.damage}")

    async def append(self, notifications: Sequence[Row], received_at_us: int) -> None:
        """Add notifications and return after their commit.

        Parameters
        ----------
        notifications : of :class:`~graphcall_nb.graph.notifications.Notification`, or tuples with the same fields
        received_at_us : time of arrival, microseconds since 1970 in UTC

        Raises
        ------
        JournalError
            If the journal is closed or cannot be written. It then has none of them.
        """
        if notifications:
            await self._notifications.add(_add_time(notifications, received_at_us))

    def append_with_callback(self, notifications: Sequence[Row], received_at_us: int, on_done: OnDone) -> None:
        """Add notifications and return at once; ``on_done`` gets ``None`` after the commit, or a ``JournalError``.

        It is called on the running event loop. A listener needs no task for each request this way.
        """
        if notifications:
            self._notifications.submit(_add_time(notifications, received_at_us), on_done)
        else:
            on_done(None)

    async def append_request(self, request: RequestRecord) -> None:
        """Add a request with its response, and return after the commit; the database assigns ``seq``."""
        _, *values = request
        await self._requests.add([tuple(values)])

    def restore(self, notifications: Sequence[Row], requests: Sequence[Row]) -> None:
        """Add rows that have their ``seq``, from an archive, to a journal in SQLite."""
        for table, rows in ((database.notifications, notifications), (database.requests, requests)):
            writer = SqliteWriter(self._engine, table, has_seq=True)
            try:
                if rows:
                    with self._translate_errors("write to"):
                        writer.write(rows)
            finally:
                writer.close()

    @property
    def write_error(self) -> str | None:
        """Reason and remedy if the last write of this process failed, else ``None``."""
        return self._health.last_error

    # ---- reading

    def read(
        self,
        after: int = 0,
        limit: int | None = None,
        *,
        selection: Selection | None = None,
        whole_calls: bool = False,
        until: int | None = None,
    ) -> list[NotificationRecord]:
        """Return notifications in the order of their ``seq``.

        Parameters
        ----------
        after : exclusive lower bound of ``seq``
        limit : largest number of records
        selection : condition that the database evaluates
        whole_calls : True for all notifications of each call that has a selected one
        until : inclusive upper bound of ``seq``
        """
        query = sa.select(database.notifications).where(_make_condition(selection, whole_calls, until))
        return list(map(_make_record, self._fetch(query, database.notifications.c.seq, after, limit)))

    def read_columns(
        self,
        after: int = 0,
        limit: int | None = None,
        *,
        selection: Selection | None = None,
        whole_calls: bool = False,
        until: int | None = None,
    ) -> NotificationColumns:
        """Return notifications as columns, without ``raw``; parameters as of :meth:`read`.

        With a ``limit``, fewer may be returned although there are more, but none only after the last.
        """
        condition = _make_condition(selection, whole_calls, until)
        query = make_columns_query(condition, after, limit, self._engine.dialect, is_dense=not selection)
        with self._translate_errors("read"), self._engine.connect() as connection:
            [texts] = connection.execute(query).cursor.fetchall()
        try:
            return parse_columns(texts)
        except msgspec.MsgspecError as error:
            raise JournalError(f"The journal {self.url} is damaged: {error}. Restore a copy.") from None

    def read_seqs(self, selection: Selection, *, until: int | None = None) -> list[int]:
        """Return the ``seq`` of each selected notification, in order."""
        seq = database.notifications.c.seq
        query = sa.select(seq).where(selection.make_condition(until))
        return [number for (number,) in self._fetch(query, seq)]

    def read_requests(
        self,
        after: int = 0,
        limit: int | None = None,
        *,
        selection: Selection | None = None,
        until: int | None = None,
    ) -> list[RequestRecord]:
        """Return requests in the order of their ``seq``.

        Parameters
        ----------
        after : exclusive lower bound of ``seq``
        limit : largest number of records
        selection : condition on notifications; only requests about calls with a selected notification are returned
        until : inclusive upper bound of ``seq``
        """
        columns = database.requests.c
        query = sa.select(database.requests)
        if selection:
            query = query.where(selection.make_call_condition(columns.call_id))
        if until is not None:
            query = query.where(columns.seq <= until)
        return list(map(RequestRecord._make, self._fetch(query, columns.seq, after, limit)))

    def read_times(self) -> tuple[list[Row], list[Row]]:
        """Return ``(seq, time)`` of all notifications, and of all requests.

        The times are those of the arrival and of the response, microseconds since 1970 in UTC.
        """
        notified, requested = database.notifications.c, database.requests.c
        response_time = requested.sent_at_us + requested.duration_us
        return (
            self._fetch(sa.select(notified.seq, notified.received_at_us), notified.seq),
            self._fetch(sa.select(requested.seq, response_time), requested.seq),
        )

    def check_content(self) -> None:
        """Check the types of all values: a file in SQLite may come from another program, or be damaged.

        Raises
        ------
        JournalError
            If a row has a value that does not belong into its column.
        """
        with self._translate_errors("read"), self._engine.connect() as connection:
            row = database.find_invalid_row(connection)
        if row:
            raise JournalError(
                f"The journal {self.url} is damaged: a row has a value of another type ({row}). Restore a copy."
            )

    def describe(self) -> str:
        """Check the database and the place of the journal, and return a description.

        Raises
        ------
        JournalError
            If notifications cannot be stored, or may be lost: with the reason and the remedy.
        """
        if self.write_error:
            raise JournalError(self.write_error)
        last_seq = self.last_seq
        if self._is_remote:
            return f"{self.url} responds; its last notification has the number {last_seq}."
        return describe_file(str(self._engine.url.database))

    @property
    def payloads(self) -> PayloadReader:
        """Reader of JSON texts by ``seq``. It stays usable after the journal was closed."""
        with self._translate_errors("read"):
            return cast(PayloadReader, self._payloads)

    def _fetch(
        self, query: sa.Select[Any], seq: sa.ColumnElement[int], after: int = 0, limit: int | None = None
    ) -> list[Row]:
        query = query.where(seq > after).order_by(seq).limit(limit)
        with self._translate_errors("read"), self._engine.connect() as connection:
            # The driver's tuples: a SQLAlchemy row for each would double the time of a large read.
            cursor = connection.execute(query).cursor
            return list(cursor.fetchall()) if cursor else []

    @property
    def last_seq(self) -> int:
        """``seq`` of the newest notification; 0 without one."""
        return self._fetch_last_seq(database.notifications)

    @property
    def last_request_seq(self) -> int:
        """``seq`` of the newest request; 0 without one."""
        return self._fetch_last_seq(database.requests)

    def _fetch_last_seq(self, table: sa.Table) -> int:
        with self._translate_errors("read"), self._engine.connect() as connection:
            return connection.execute(sa.select(sa.func.max(table.c.seq))).scalar() or 0

    # ---- waiting

    async def wait(self, after: int) -> None:
        """Wait for a notification with a ``seq`` above ``after``."""
        loop = asyncio.get_running_loop()
        committed = asyncio.Event()
        with self.watch_commits(lambda: loop.call_soon_threadsafe(committed.set)):
            while await self._read_last_seq() <= after:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._poll_seconds):
                        await committed.wait()
                committed.clear()

    async def _read_last_seq(self) -> int:
        # A file responds in 50 µs. A server may take longer and must not block the loop.
        return await asyncio.to_thread(lambda: self.last_seq) if self._is_remote else self.last_seq

    def wait_sync(self, after: int, timeout: float) -> bool:
        """Wait in a thread for a notification with a ``seq`` above ``after``.

        Returns
        -------
        bool
            False if there was none within ``timeout`` seconds.
        """
        committed = threading.Event()
        end = time.monotonic() + timeout
        with self.watch_commits(committed.set):
            while self.last_seq <= after:
                remaining = end - time.monotonic()
                if remaining <= 0:
                    return False
                committed.wait(min(remaining, self._poll_seconds))
                committed.clear()
        return True

    @contextlib.contextmanager
    def watch_commits(self, on_commit: Callable[[], object]) -> Iterator[None]:
        """Call ``on_commit`` after each commit, within a ``with`` statement.

        It is called in the thread that committed and must return quickly. Commits of other processes are announced by
        PostgreSQL only.
        """
        with self._callbacks_lock:
            self._callbacks.add(on_commit)
            if self._is_remote and self._notify_listener is None:
                self._notify_listener = NotifyListener(self._engine, self._call_callbacks)
        try:
            yield
        finally:
            with self._callbacks_lock:
                self._callbacks.discard(on_commit)

    def _call_callbacks(self) -> None:
        with self._callbacks_lock:
            for on_commit in self._callbacks:
                # The event loop of the callback may have been closed meanwhile.
                with contextlib.suppress(RuntimeError):
                    on_commit()

    # ---- closing

    def _make_closed_error(self) -> JournalError:
        return JournalError(
            f"The journal {self.url} is closed; open it again with graphcall_nb.journal.journal.open_journal."
        )

    @contextlib.contextmanager
    def _translate_errors(self, action: str) -> Iterator[None]:
        if self._is_closed:
            raise self._make_closed_error()
        try:
            yield
        except self._error_types as error:
            raise JournalError(f"Cannot {action} the journal {self.url}: {explain_error(error)}") from None

    def close(self) -> None:
        """Finish pending commits and close; closing twice is allowed.

        A temporary journal is deleted after the last frame that reads from it.
        """
        if self._is_closed:
            return
        self._notifications.close()
        self._requests.close()
        for writer in self._writers:
            writer.close()
        if self._integrity:
            self._integrity.close()
        self._is_closed = True
        if self._notify_listener:
            self._notify_listener.close()
        self._engine.dispose()
        self._payloads = None  # frames may still hold the reader, and with it the folder of a temporary journal

    def __repr__(self) -> str:
        if self._is_closed:
            return f"<Journal {self.url}, closed>"
        try:
            return f"<Journal {self.url}, last seq {self.last_seq}>"
        except JournalError:
            return f"<Journal {self.url}, not readable at present>"


def describe_journal(where: str | os.PathLike[str]) -> str:
    """Check a journal that may not exist yet, create nothing, and return a description.

    Parameters
    ----------
    where : as of :func:`open_journal`

    Raises
    ------
    JournalError
        If notifications cannot be stored, or may be lost: with the reason and the remedy.
    """
    path = database.find_file(where)
    if path is not None:
        return describe_file(path)
    with contextlib.closing(open_journal(where)) as journal:
        return journal.describe()


def _make_condition(selection: Selection | None, whole_calls: bool, until: int | None) -> sa.ColumnElement[bool]:
    """Return the SQL condition of :meth:`Journal.read`."""
    columns = database.notifications.c
    if selection and whole_calls:
        is_selected = selection.make_call_condition(columns.call_id, until)
        return is_selected if until is None else sa.and_(is_selected, columns.seq <= until)
    return (selection or Selection()).make_condition(until)


def _add_time(notifications: Sequence[Row], received_at_us: int) -> list[Row]:
    return [(received_at_us, *notification) for notification in notifications]


def open_journal(
    where: str | os.PathLike[str] | None = None, *, read_only: bool = False, poll_seconds: float | None = None
) -> Journal:
    """Open a journal, or create it if it does not exist.

    Parameters
    ----------
    where
        Path of an SQLite file, or an SQLAlchemy URL such as ``sqlite:///calls.sqlite`` or
        ``postgresql+psycopg://user:password@host/database``; ``None`` creates a temporary file that is deleted on
        ``close``.
    read_only
        True to refuse a database that is not a journal yet, and to change nothing in it.
    poll_seconds
        Time between two checks for rows of other processes while waiting; by default 0.1 for SQLite, and 1 for
        PostgreSQL, which announces commits.

    Raises
    ------
    JournalError
        If it cannot be opened or is not a journal.

    Examples
    --------
    >>> journal = open_journal()
    >>> journal.read()
    []
    >>> journal.close()
    """
    if where is not None:
        return Journal(open_engine(where, read_only=read_only), poll_seconds=poll_seconds)
    folder = None
    try:
        folder = tempfile.mkdtemp(prefix="graphcall_nb-")
        return Journal(open_engine(Path(folder) / "journal.sqlite"), folder=folder, poll_seconds=poll_seconds)
    except BaseException:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
        raise
