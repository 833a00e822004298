"""The journal in SQLite: engine, writer, and checks of the file.

SQLite continues to write to a file that was deleted or moved away. Commits into it would be lost, so :class:`FileGuard`
checks the file after each commit, before the commit is reported, and whenever a connection is used.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from ..errors import JournalError
from .records import Row

BUSY_TIMEOUT_SECONDS = 5
"""Longest wait for the commit of another process; ``?timeout=`` in the URL overrides it."""

_FILE_HEADER = b"SQLite format 3\0"
_GUARD, _LOG = "graphcall_nb.guard", "graphcall_nb.log"
"""Keys of a connection's ``info``: its guard, and the write-ahead log that it opened."""

FileId = tuple[int, int] | None
"""Device and inode of a file; ``None`` if it does not exist."""


def create_engine(url: sa.URL, *, read_only: bool = False) -> sa.Engine:
    """Return an engine whose commits are durable and whose file is checked; with ``read_only``, one without commits."""
    path = str(url.database)
    timeout = {} if "timeout" in url.query else {"timeout": BUSY_TIMEOUT_SECONDS}
    engine = sa.create_engine(url, connect_args=timeout)
    if not read_only:
        # SQLite gives its log the mode of the file. A journal holds calls and numbers: for the owner alone.
        with contextlib.suppress(OSError):  # it exists, or SQLite reports the reason
            os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))
        sa.event.listen(engine, "connect", _configure)
    FileGuard(engine, path, read_only=read_only)
    return engine


def _configure(connection: Any, _: ConnectionPoolEntry) -> None:
    # WAL lets a notebook read while the listener writes; with FULL a commit survives a power failure.
    # Reading the version opens the log, so that FileGuard can identify it.
    for setting in ("journal_mode=WAL", "synchronous=FULL", "schema_version"):
        connection.execute(f"PRAGMA {setting}").fetchall()


def check_is_journal(path: str, url: str) -> None:
    """Check that a file is a journal, is empty, or does not exist, before anything in it is changed.

    Raises
    ------
    JournalError
        If another program created the file. ``url`` is its name in the message.
    """
    if not os.path.exists(path):
        return
    if not has_log(path):
        with open(path, "rb") as file:
            # SQLite takes a file that is shorter than a database for an empty one and overwrites it.
            if file.read(len(_FILE_HEADER)) not in (b"", _FILE_HEADER):
                raise make_foreign_file_error(url)
    with connect_read_only(path) as connection:
        query = "SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'"
        columns = set(connection.execute(query))
    if columns and not {("about", "name"), ("about", "value"), ("notifications", "raw")} <= columns:
        raise make_foreign_file_error(url)


@contextlib.contextmanager
def connect_read_only(path: str) -> Iterator[sqlite3.Connection]:
    """Connect to a file within a ``with`` statement, and change nothing in it."""
    with closing(sqlite3.connect(_make_read_only_uri(path), uri=True)) as connection:
        yield connection


def has_log(path: str | os.PathLike[str]) -> bool:
    """Return True if a file has a write-ahead log, so that a process may have it open as a journal.

    Do not open such a file but with SQLite: closing it would release the locks that SQLite holds in this process.
    """
    return os.path.exists(f"{os.fspath(path)}-wal")


def _make_read_only_uri(path: str) -> str:
    # Without a log, SQLite would leave new -wal and -shm files behind, and fail in a folder that cannot be written to.
    return f"{Path(path).as_uri()}?mode=ro{'' if has_log(path) else '&immutable=1'}"


def make_foreign_file_error(url: str) -> JournalError:
    """Return the error for a database that is not a journal."""
    return JournalError(f"{url} is not a graphcall_nb journal; choose another path.")


class FileGuard:
    """Check that the path of a journal still leads to the file that the connections of an engine have open.

    A check costs two calls of ``stat``, together 2 µs.

    Parameters
    ----------
    engine : of the journal
    path : file of the journal
    read_only : True to connect for reading alone, and to connect again when a writer began, ended or was there
    """

    def __init__(self, engine: sa.Engine, path: str, *, read_only: bool = False) -> None:
        self._path = path
        self._log_path = f"{path}-wal"
        self._is_read_only = read_only
        self._file: FileId = None
        sa.event.listen(engine, "do_connect", self._before_connect)
        sa.event.listen(engine, "connect", self._after_connect)
        sa.event.listen(engine, "checkout", self._before_use)

    def _before_connect(
        self, _: sa.Dialect, record: ConnectionPoolEntry, arguments: list[Any], options: dict[str, Any]
    ) -> None:
        # SQLite would create an empty file in place of a missing one.
        self._check_file()
        if self._is_read_only:
            record.info[_LOG] = self._identify_content()  # before the choice that depends on it
            arguments[0], options["uri"] = _make_read_only_uri(self._path), True

    def _after_connect(self, _: Any, record: ConnectionPoolEntry) -> None:
        self._file = self._file or _identify(self._path)
        record.info[_GUARD] = self
        if not self._is_read_only:
            record.info[_LOG] = _identify(self._log_path)

    def _before_use(self, _: Any, record: ConnectionPoolEntry, __: Any) -> None:
        self._check_file()
        if record.info[_LOG] != self._identify_content():
            raise DisconnectionError  # the pool connects again and opens the present log

    def _identify_content(self) -> FileId:
        """Identify the log. For a reader of a file without one, identify the version of the file instead."""
        log = _identify(self._log_path)
        if log or not self._is_read_only:
            return log
        status = os.stat(self._path)
        return status.st_mtime_ns, status.st_size

    def check(self, log: FileId) -> None:
        """Check the file and its write-ahead log.

        Raises
        ------
        sqlite3.OperationalError
            If either was deleted, moved or replaced. :func:`.errors.explain_error` recognizes the message.
        """
        self._check_file()
        if log != _identify(self._log_path):
            raise sqlite3.OperationalError("write-ahead log was deleted or replaced")

    def _check_file(self) -> None:
        present = _identify(self._path)
        if self._file and not present:
            raise sqlite3.OperationalError("file was deleted or moved away")
        if self._file and present != self._file:
            raise sqlite3.OperationalError("file was replaced by another")


def _identify(path: str) -> FileId:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


class SqliteWriter:
    """Writer of one table; one thread at a time may use it.

    The statement is compiled once by SQLAlchemy Core and goes directly to the driver, on a connection that stays open:
    SQLAlchemy's parameter dictionaries, contexts and pool would cost as much as the rows, and this is the listener's
    hot path.

    Parameters
    ----------
    engine : of the journal
    table : table to write to
    has_seq : True if the rows contain ``seq``; otherwise the database assigns it
    """

    def __init__(self, engine: sa.Engine, table: sa.Table, *, has_seq: bool = False) -> None:
        names = [column.name for column in table.columns if has_seq or column.name != "seq"]
        self._statement = str(table.insert().compile(dialect=engine.dialect, column_keys=names))
        self._engine = engine
        self._connection: sa.PoolProxiedConnection | None = None
        self._default_timeout_ms = self._timeout_ms = 0

    def write(self, rows: Sequence[Row], *, wait: bool = True) -> bool:
        """Write all rows or, with an error, none.

        Returns
        -------
        bool
            False, with nothing written, if ``wait`` is False and the write would block.
        """
        if not (wait or self._connection):
            return False  # opening a file may take arbitrarily long
        connection = self._connection = self._connection or self._connect()
        driver: Any = connection.driver_connection
        try:
            self._set_timeout(self._default_timeout_ms if wait else 0)
            driver.executemany(self._statement, rows)
            driver.commit()
            connection.info[_GUARD].check(connection.info[_LOG])
        except BaseException as error:
            # The next batch starts with a new connection.
            self.close()
            if not wait and _is_busy(error):
                return False
            raise
        return True

    def _connect(self) -> sa.PoolProxiedConnection:
        connection = self._engine.raw_connection()
        driver: Any = connection.driver_connection
        self._default_timeout_ms = self._timeout_ms = driver.execute("PRAGMA busy_timeout").fetchone()[0]
        return connection

    def _set_timeout(self, milliseconds: int) -> None:
        if self._connection and self._timeout_ms != milliseconds:
            driver: Any = self._connection.driver_connection
            driver.execute(f"PRAGMA busy_timeout={milliseconds}")
            self._timeout_ms = milliseconds

    def close(self) -> None:
        """Return the connection to the pool with its default time-out."""
        if self._connection is not None:
            self._set_timeout(self._default_timeout_ms)
            self._connection.close()
            self._connection = None


def _is_busy(error: BaseException) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
