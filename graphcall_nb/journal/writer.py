"""Writing rows of one table, in few steps: this is the listener's hot path."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import sqlalchemy as sa

from .groupcommit import Row
from .place import look_at_place
from .postgres import PostgresWriter


class Writer(Protocol):
    """Writes all of some rows or, with an error, none; used from one thread at a time."""

    def write(self, rows: Sequence[Row]) -> None: ...
    def close(self) -> None: ...


def writer_of(engine: sa.Engine, table: sa.Table) -> Writer:
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

    def write(self, rows: Sequence[Row]) -> None:
        """Write all of the rows or, with an error, none."""
        connection = self._connection = self._connection or self._engine.raw_connection()
        driver: Any = connection.driver_connection
        try:
            driver.executemany(self._statement, rows)
            driver.commit()
            look_at_place(connection)
        except BaseException:
            # The next batch begins with a connection that nothing happened to.
            self.close()
            raise

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
