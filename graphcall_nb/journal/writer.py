"""Writing rows of one table, in few steps: this is the listener's hot path."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, Protocol

import sqlalchemy as sa

from .commit import Row
from .file_guard import check_file
from .postgres import PostgresWriter


class Writer(Protocol):
    """Writes all of some rows or, with an error, none; used from one thread at a time.

    Where it may have to wait for somebody else and is not to ``wait``, it writes none and returns False.
    """

    def write(self, rows: Sequence[Row], *, wait: bool = True) -> bool: ...
    def close(self) -> None: ...


def make_writer(engine: sa.Engine, table: sa.Table) -> Writer:
    return PostgresWriter(engine, table) if engine.dialect.name == "postgresql" else SqliteWriter(engine, table)


class SqliteWriter:
    """Writes batches of rows, each in a transaction; used from one thread at a time.

    The statement is compiled once, in the engine's own parameter style, and goes to the driver's own connection, which
    is kept: SQLAlchemy's way through dicts, contexts and its pool costs as much as the rows.
    """

    def __init__(self, engine: sa.Engine, table: sa.Table, *, numbered: bool = False) -> None:
        """``numbered`` rows bring their ``seq``; others are given one."""
        names = [column.name for column in table.columns if numbered or column.name != "seq"]
        self._statement = str(table.insert().compile(dialect=engine.dialect, column_keys=names))
        self._engine = engine
        self._connection: sa.PoolProxiedConnection | None = None
        self._patience_ms = self._waits_ms = 0

    def write(self, rows: Sequence[Row], *, wait: bool = True) -> bool:
        """Write all of the rows or, with an error, none; see :class:`Writer` for ``wait``."""
        if not (wait or self._connection):
            return False  # to open a file may take as long as it likes
        connection = self._connection = self._connection or self._connect()
        driver: Any = connection.driver_connection
        try:
            self._be_patient(self._patience_ms if wait else 0)
            driver.executemany(self._statement, rows)
            driver.commit()
            check_file(connection)
        except BaseException as error:
            # The next batch begins with a connection that nothing happened to.
            self.close()
            if not wait and _held_by_others(error):
                return False
            raise
        return True

    def _connect(self) -> sa.PoolProxiedConnection:
        connection = self._engine.raw_connection()
        driver: Any = connection.driver_connection
        self._patience_ms = self._waits_ms = driver.execute("PRAGMA busy_timeout").fetchone()[0]
        return connection

    def _be_patient(self, milliseconds: int) -> None:
        if self._connection and self._waits_ms != milliseconds:
            driver: Any = self._connection.driver_connection
            driver.execute(f"PRAGMA busy_timeout={milliseconds}")
            self._waits_ms = milliseconds

    def close(self) -> None:
        if self._connection is not None:
            self._be_patient(self._patience_ms)  # whoever gets it from the pool
            self._connection.close()
            self._connection = None


def _held_by_others(error: BaseException) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
