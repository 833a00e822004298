"""Whether a journal's file is still where it was: commits into a file that was deleted or moved away would be lost.

SQLite goes on with the file that it opened, wherever that is by now, and without a word. So it is looked after each
commit, before anybody is told of it, and whenever a connection is taken: two calls of ``stat``, two microseconds.
"""

from __future__ import annotations

import os
import sqlite3
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

Identity = tuple[int, int] | None

_PLACE, _LOG = "graphcall_nb.place", "graphcall_nb.log"
"""Under which names a connection knows its place, and the write-ahead log that it opened."""


class FileGuard:
    """Where the file of a journal is, and which file that is; watches the connections of an engine."""

    def __init__(self, engine: sa.Engine, path: str) -> None:
        self._path = path
        self._log = f"{path}-wal"
        self._file: Identity = None
        sa.event.listen(engine, "do_connect", self._before)
        sa.event.listen(engine, "connect", self._after)
        sa.event.listen(engine, "checkout", self._taken)

    def _before(self, *_: Any) -> None:
        # Else SQLite would make an empty file in the place of one that is gone.
        self._look_at_file()

    def _after(self, _: Any, record: ConnectionPoolEntry) -> None:
        self._file = self._file or _identity(self._path)
        record.info[_PLACE], record.info[_LOG] = self, _identity(self._log)

    def _taken(self, _: Any, record: ConnectionPoolEntry, __: Any) -> None:
        self._look_at_file()
        if record.info[_LOG] != _identity(self._log):
            raise DisconnectionError  # the next one opens the log that is there

    def look(self, log: Identity) -> None:
        self._look_at_file()
        if log != _identity(self._log):
            raise sqlite3.OperationalError("write-ahead log was deleted or replaced")

    def _look_at_file(self) -> None:
        found = _identity(self._path)
        if self._file and not found:
            raise sqlite3.OperationalError("file was deleted or moved away")
        if self._file and found != self._file:
            raise sqlite3.OperationalError("file was replaced by another")


def check_file(connection: sa.PoolProxiedConnection) -> None:
    """Look whether what was committed is where others will find it.

    Raises
    ------
    sqlite3.OperationalError
        When it is not, with words for :mod:`.trouble`.
    """
    place: FileGuard = connection.info[_PLACE]
    place.look(connection.info[_LOG])


def _identity(path: str) -> Identity:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
