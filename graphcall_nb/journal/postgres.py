"""The journal in PostgreSQL: any number of listeners write, any number of notebooks read.

``seq`` comes from a sequence. Two transactions could commit in the reverse order of their numbers, and a reader whose
cursor has passed the higher number would never see the lower one. Every insert therefore locks its table before it
draws the first number, until the commit: a reader that sees a number has seen all lower ones. The lock costs little,
since ``NOTIFY`` serializes commits anyway and a group commit writes many rows.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.pool import ConnectionPoolEntry

from .errors import get_error_types
from .records import Row

CHANNEL = "graphcall_nb"
"""Channel of the ``NOTIFY`` after each commit. Journals in one database share it and wake each other needlessly."""

CONNECT_TIMEOUT_SECONDS = 5

STATEMENT_TIMEOUT_SECONDS = 10
"""Longest statement, and longest silence of the network, before the sender is asked to retry."""

RECONNECT_SECONDS = 1.0
"""Time between two attempts to reach a lost server for ``LISTEN``."""


def create_engine(url: sa.URL, *, read_only: bool = False) -> sa.Engine:
    """Return an engine whose commits are durable and whose statements have a time-out; or one that cannot write."""
    timeouts = {
        "connect_timeout": CONNECT_TIMEOUT_SECONDS,
        "tcp_user_timeout": STATEMENT_TIMEOUT_SECONDS * 1000,
        "keepalives_idle": STATEMENT_TIMEOUT_SECONDS,
    }
    arguments = {name: value for name, value in timeouts.items() if name not in url.query}
    # One idle connection: thirty notebooks of a class must fit into the server's default of 100.
    engine = sa.create_engine(url, connect_args=arguments, pool_pre_ping=True, pool_size=1)
    # Acknowledged means on disk, also if the server's default is off.
    setting = "default_transaction_read_only = on" if read_only else "synchronous_commit = on"

    def configure(connection: Any, _: ConnectionPoolEntry) -> None:
        connection.autocommit = True  # without it, the setting would end with its transaction
        connection.execute(f"SET {setting}")
        connection.autocommit = False

    sa.event.listen(engine, "connect", configure)
    return engine


def lock_schema(connection: sa.Connection) -> None:
    """Prevent other processes from creating tables until the commit."""
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtextextended('graphcall_nb', 0))")


class PostgresWriter:
    """Writer of one table, with one statement and so one transaction for each batch; one thread at a time may use it.

    The rows are sent as one JSON text, which the server splits: with 30 rows this takes half of the CPU time of COPY in
    this process, and a fifth of ``executemany`` in a pipeline. The statement goes directly to psycopg, because
    SQLAlchemy would cost as much as the rows.
    """

    def __init__(self, engine: sa.Engine, table: sa.Table) -> None:
        self._engine = engine
        self._names = [column.name for column in table.columns if column.name != "seq"]
        types = {column.name: column.type.compile(engine.dialect) for column in table.columns}
        columns = ", ".join(self._names)
        record = ", ".join(f"{name} {types[name]}" for name in self._names)
        self._statement = (
            f"WITH locked AS MATERIALIZED (SELECT pg_advisory_xact_lock('{table.name}'::regclass::oid::bigint)),"  # noqa: S608 - names from our schema
            f" added AS (INSERT INTO {table.name} ({columns})"
            f" SELECT row.* FROM locked, json_to_recordset(%s::json) AS row({record}))"
            f" SELECT pg_notify('{CHANNEL}', '')"
        )
        self._driver: Any = None

    def write(self, rows: Sequence[Row], *, wait: bool = True) -> bool:
        """Write all rows or, with an error, none.

        Returns
        -------
        bool
            False, with nothing written, if ``wait`` is False: a server may take time.
        """
        if not wait:
            return False
        text = self._encode(rows)
        if "\\u0000" in text:
            text = self._encode([_replace_nul(row) for row in rows])
        driver = self._driver = self._driver or self._connect()
        try:
            driver.execute(self._statement, (text,))
        except BaseException:
            # The next batch starts with a new connection.
            self.close()
            raise
        return True

    def _connect(self) -> Any:
        pooled = self._engine.raw_connection()
        driver: Any = pooled.driver_connection
        pooled.detach()  # its settings must not reach other users of the pool
        driver.autocommit = True
        driver.execute(f"SET statement_timeout = '{STATEMENT_TIMEOUT_SECONDS}s'")
        return driver

    def _encode(self, rows: Sequence[Row]) -> str:
        return msgspec.json.encode([dict(zip(self._names, row, strict=True)) for row in rows]).decode()

    def close(self) -> None:
        """Close the connection; the next write opens another one."""
        if self._driver is not None:
            self._driver.close()
            self._driver = None


def _replace_nul(row: Row) -> Row:
    """Return the row without NUL: PostgreSQL cannot store it, and the sender would retry for ever."""
    return tuple(value.replace("\0", "\ufffd") if isinstance(value, str) else value for value in row)


class NotifyListener:
    """Thread that calls ``on_commit`` after each commit of any process. It reconnects after a lost connection.

    Parameters
    ----------
    engine : of the journal
    on_commit : called from the thread
    """

    def __init__(self, engine: sa.Engine, on_commit: Callable[[], None]) -> None:
        self._engine = engine
        self._on_commit = on_commit
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="graphcall_nb-listen", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stopped.is_set():
            with contextlib.suppress(*get_error_types(self._engine)):
                self._listen()
            self._stopped.wait(RECONNECT_SECONDS)

    def _listen(self) -> None:
        with self._engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            connection.detach()  # it must not return to the pool
            driver.autocommit = True
            driver.execute(f"LISTEN {CHANNEL}")
            self._on_commit()  # for commits before LISTEN
            while not self._stopped.is_set():
                for _ in driver.notifies(timeout=STATEMENT_TIMEOUT_SECONDS, stop_after=1):
                    self._on_commit()

    def close(self) -> None:
        """Stop listening. A ``NOTIFY`` wakes the thread, so that it ends at once."""
        self._stopped.set()
        with contextlib.suppress(sa.exc.SQLAlchemyError), self._engine.connect() as connection:
            connection.exec_driver_sql(f"NOTIFY {CHANNEL}")
            connection.commit()
        self._thread.join(timeout=2)
