"""The journal in PostgreSQL: any number of listeners write it, any number of notebooks read it and are woken.

``seq`` comes from a sequence, so two transactions could commit in the other order than they were numbered, and a
reader whose cursor has passed the higher number would never see the lower one. Every insert therefore takes one lock
of its table before the first number is drawn, and holds it until it has committed: who reads a number has seen all
below it. That costs little, since ``NOTIFY`` serializes commits anyway, and a group commit writes many rows.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.pool import ConnectionPoolEntry

from .commit import Row
from .errors import failures

CHANNEL = "graphcall_nb"
"""On which commits are announced; it belongs to the database, so several journals in one wake each other in vain."""

ANSWER_SECONDS = 10
"""How long the server may take for a statement, or the network be silent, before the sender is told to try again."""

AGAIN_SECONDS = 1.0
"""Between two tries to listen to a server that went away."""


def engine(url: sa.URL) -> sa.Engine:
    patience = {"connect_timeout": 5, "tcp_user_timeout": ANSWER_SECONDS * 1000, "keepalives_idle": ANSWER_SECONDS}
    given = {name: value for name, value in patience.items() if name not in url.query}
    # One idle connection: a class of thirty notebooks must fit into the hundred that a server has by default.
    made = sa.create_engine(url, connect_args=given, pool_pre_ping=True, pool_size=1)
    sa.event.listen(made, "connect", _set_up)
    return made


def _set_up(connection: Any, _: ConnectionPoolEntry) -> None:
    connection.autocommit = True  # else the settings would end with their transaction
    # Whatever the server's default is: acknowledged means on disk.
    connection.execute("SET synchronous_commit = on")
    connection.autocommit = False


def open_alone(connection: sa.Connection) -> None:
    """Keep others out of making the tables, until the commit."""
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtextextended('graphcall_nb', 0))")


class PostgresWriter:
    """Writes batches of rows of one table, each by one statement that is its own transaction.

    The rows go as one JSON text, which the server takes apart: with 30 rows that is half of what COPY costs this
    process, and a fifth of ``executemany`` in a pipeline.
    """

    def __init__(self, engine: sa.Engine, table: sa.Table) -> None:
        self._engine = engine
        self._names = [column.name for column in table.columns if column.name != "seq"]
        types = {column.name: column.type.compile(engine.dialect) for column in table.columns}
        columns = ", ".join(self._names)
        record = ", ".join(f"{name} {types[name]}" for name in self._names)
        self._statement = (
            f"WITH locked AS MATERIALIZED (SELECT pg_advisory_xact_lock('{table.name}'::regclass::oid::bigint)),"  # noqa: S608 - our own names
            f" added AS (INSERT INTO {table.name} ({columns})"
            f" SELECT row.* FROM locked, json_to_recordset(%s::json) AS row({record}))"
            f" SELECT pg_notify('{CHANNEL}', '')"
        )
        self._driver: Any = None  # the connection of psycopg: SQLAlchemy's way costs as much as the rows

    def write(self, rows: Sequence[Row], *, wait: bool = True) -> bool:
        """Write all of the rows or, with an error, none; without ``wait`` none, since a server takes its time."""
        if not wait:
            return False
        text = self._json(rows)
        if "\\u0000" in text:
            text = self._json([_without_nul(row) for row in rows])
        driver = self._driver = self._driver or self._connect()
        try:
            driver.execute(self._statement, (text,))
        except BaseException:
            # The next batch begins with a connection that nothing happened to.
            self.close()
            raise
        return True

    def _connect(self) -> Any:
        pooled = self._engine.raw_connection()
        driver: Any = pooled.driver_connection
        pooled.detach()  # its settings are not for others
        driver.autocommit = True
        driver.execute(f"SET statement_timeout = '{ANSWER_SECONDS}s'")
        return driver

    def _json(self, rows: Sequence[Row]) -> str:
        return msgspec.json.encode([dict(zip(self._names, row, strict=True)) for row in rows]).decode()

    def close(self) -> None:
        if self._driver is not None:
            self._driver.close()
            self._driver = None


def _without_nul(row: Row) -> Row:
    """PostgreSQL's text cannot hold that character; a sender that writes it must not be told to try for ever."""
    return tuple(value.replace("\0", "\ufffd") if isinstance(value, str) else value for value in row)


class NotifyListener:
    """A thread that listens for commits and calls ``wake`` after each; it comes back by itself to a lost server."""

    def __init__(self, engine: sa.Engine, wake: Callable[[], None]) -> None:
        self._engine = engine
        self._wake = wake
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._live, name="graphcall_nb-ear", daemon=True)
        self._thread.start()

    def _live(self) -> None:
        while not self._stopped.is_set():
            with contextlib.suppress(*failures(self._engine)):
                self._listen()
            self._stopped.wait(AGAIN_SECONDS)

    def _listen(self) -> None:
        with self._engine.connect() as connection:
            raw: Any = connection.connection.driver_connection
            connection.detach()  # it is not to go back into the pool
            raw.autocommit = True
            raw.execute(f"LISTEN {CHANNEL}")
            self._wake()  # for what was committed before
            while not self._stopped.is_set():
                for _ in raw.notifies(timeout=ANSWER_SECONDS, stop_after=1):
                    self._wake()

    def close(self) -> None:
        """Stop listening; a commit is announced so that the thread looks up at once."""
        self._stopped.set()
        with contextlib.suppress(sa.exc.SQLAlchemyError), self._engine.connect() as connection:
            connection.exec_driver_sql(f"NOTIFY {CHANNEL}")
            connection.commit()
        self._thread.join(timeout=2)
