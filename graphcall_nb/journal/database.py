"""Database of a journal: tables, schema versions, and opening a path or a URL.

The columns that frames need are stored beside the JSON text: reading JSON again costs ten times as much.
"""

from __future__ import annotations

import os
import re
import sqlite3
import warnings
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text
from sqlalchemy.exc import NoSuchModuleError, SQLAlchemyError

from .._arguments import require_path
from ..errors import JournalError
from ..graph.clouds import CLOUDS
from . import postgres, sqlite
from .errors import explain_error, redact_url
from .places import find_unsafe_place
from .records import Row

# ---- tables

SCHEMA_VERSION = 3
"""Version of the tables, stored in the journal. ``_MIGRATIONS`` has a step to each version after the first."""

metadata = MetaData()

# SQLite assigns numbers only to INTEGER columns; in other databases INTEGER has 32 bits.
_Id = BigInteger().with_variant(Integer, "sqlite")

notifications = Table(
    "notifications",
    metadata,
    Column("seq", _Id, primary_key=True, autoincrement=True),
    Column("received_at_us", BigInteger, nullable=False),
    Column("call_id", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("resource", Text, nullable=False),
    Column("change_type", Text, nullable=False),
    Column("state", Text),
    Column("direction", Text),
    Column("etag", Text),
    Column("answered_by", Text),
    Column("active_modalities", Text),
    Column("tone", Text),
    Column("result_code", BigInteger),
    Column("result_subcode", BigInteger),
    Column("result_message", Text),
    Column("raw", Text, nullable=False),
    sqlite_autoincrement=True,  # a number is never used again, even if rows are deleted
)

requests = Table(
    "requests",
    metadata,
    Column("seq", _Id, primary_key=True, autoincrement=True),
    Column("sent_at_us", BigInteger, nullable=False),
    Column("method", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("operation", Text, nullable=False),
    Column("call_id", Text),
    Column("status", Integer),
    Column("duration_us", BigInteger, nullable=False),
    Column("request_id", Text),
    Column("client_request_id", Text),
    Column("request_body", Text),
    Column("response_body", Text),
    Column("error", Text),
    sqlite_autoincrement=True,
)

about = Table("about", metadata, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))

# Times only increase, so this index costs one microsecond a row. An index of random call ids costs one page of the file
# a row, which only the cache of a server compensates.
_by_time = Index("notifications_by_time", notifications.c.received_at_us)
_by_call = Index("notifications_by_call", notifications.c.call_id).ddl_if(dialect="postgresql")

MAX_TIME_US = 7_258_118_400_000_000
"""The year 2200: pandas and matplotlib can still show it in nanoseconds."""

MAX_DURATION_US = 10 * 365 * 86_400 * 1_000_000


def get_bounds(column: sa.Column[Any]) -> tuple[int, int]:
    """Return the least and the largest value of a column of integers that frames and plots can show."""
    if column.name.endswith("_us"):
        return 0, MAX_DURATION_US if column.name == "duration_us" else MAX_TIME_US
    return (0 if column.primary_key else -(2**63)), 2**63 - 1


def find_invalid_row(connection: sa.Connection) -> str | None:
    """Return the table and ``seq`` of a row with a value of another type; SQLite stores any type in any column."""
    if connection.dialect.name != "sqlite":
        return None
    for table in (notifications, requests):
        row = connection.execute(
            sa.select(table.c.seq).where(sa.or_(*map(_make_check, table.columns))).limit(1)
        ).first()
        if row is not None:
            return f"{table.name}, seq {row.seq}"
    return None


def _make_check(column: sa.Column[Any]) -> sa.ColumnElement[bool]:
    """Return the SQL condition for a value that does not belong into a column."""
    is_number = isinstance(column.type, sa.Integer)
    types = ["integer" if is_number else "text", *(["null"] if column.nullable else [])]
    is_foreign = sa.func.typeof(column).not_in(types)
    return (
        sa.or_(is_foreign, sa.not_(column.between(*get_bounds(column)))) if column.name.endswith("_us") else is_foreign
    )


# ---- schema versions


def _migrate_to_2(connection: sa.Connection) -> None:
    """Create the indexes for ``since`` and for the notifications of a call."""
    _by_time.create(connection)
    if connection.dialect.name == "postgresql":
        _by_call.create(connection)


def _migrate_to_3(connection: sa.Connection) -> None:
    """Note the service whose calls the journal holds, and when it began."""
    firsts = (sa.func.min(notifications.c.received_at_us), sa.func.min(requests.c.sent_at_us))
    times = [time_us for first in firsts if (time_us := connection.execute(sa.select(first)).scalar()) is not None]
    began_at = (_EPOCH + timedelta(microseconds=min(times))).isoformat() if times else None
    for name, value in {"service": find_service(connection), "began_at": began_at}.items():
        if value is not None:
            connection.execute(about.insert().values(name=name, value=value))


SIMULATED, MICROSOFT, MIXED = "simulated", "microsoft", "mixed"
"""Services of a journal."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LOCAL_HOSTS = ("127.0.0.1", "localhost", "[::1]")
_URLS = {
    SIMULATED: [f"http{s}://{host}{end}%" for s in ("", "s") for host in _LOCAL_HOSTS for end in (":", "/")],
    MICROSOFT: [f"{cloud.graph_url}/%" for cloud in CLOUDS.values()],
}
"""Patterns of the addresses of each service."""


def find_service(connection: sa.Connection) -> str | None:
    """Return the service that requests were sent to; ``None`` without a request to a known address."""
    found = [service for service, patterns in _URLS.items() if _has_request(connection, patterns)]
    return MIXED if len(found) > 1 else next(iter(found), None)


def _has_request(connection: sa.Connection, patterns: Sequence[str]) -> bool:
    matches = sa.or_(*(requests.c.url.like(pattern) for pattern in patterns))
    return connection.execute(sa.select(requests.c.seq).where(matches).limit(1)).first() is not None


_MIGRATIONS: dict[int, Callable[[sa.Connection], None]] = {2: _migrate_to_2, 3: _migrate_to_3}
"""Step from the version before to each version."""


def _create_or_migrate(connection: sa.Connection, url: str) -> None:
    """Create the tables of a new journal, or migrate an earlier version; ``url`` is its name in errors."""
    version = _read_version(connection, url)
    if version is None:
        metadata.create_all(connection)
        connection.execute(about.insert().values(name="version", value=str(SCHEMA_VERSION)))
        return
    for step in range(version + 1, SCHEMA_VERSION + 1):
        _MIGRATIONS[step](connection)
    if version < SCHEMA_VERSION:
        connection.execute(about.update().where(about.c.name == "version").values(value=str(SCHEMA_VERSION)))


def _require_tables(connection: sa.Connection, url: str) -> None:
    """Refuse a database without the tables of a journal; those of an earlier version have the same columns."""
    if _read_version(connection, url) is None:
        raise sqlite.make_foreign_file_error(url)


def _read_version(connection: sa.Connection, url: str) -> int | None:
    """Return the version of the tables; ``None`` without tables."""
    if not sa.inspect(connection).has_table(about.name):
        return None
    value = connection.execute(sa.select(about.c.value).where(about.c.name == "version")).scalar()
    try:
        version = None if value is None else int(value)
    except ValueError:
        raise sqlite.make_foreign_file_error(url) from None
    if version is not None and version > SCHEMA_VERSION:
        raise JournalError(f"The journal {url} was written by a newer graphcall_nb; update graphcall_nb to read it.")
    return version


# ---- opening

_LOOKS_LIKE_URL = re.compile(r"\A[a-z+]{2,}+:/?[^/:]*+:[^/]*@")
"""A URL that lacks a slash or two. As a path it would be shown with its password."""


def open_engine(where: str | os.PathLike[str], *, read_only: bool = False) -> sa.Engine:
    """Return an engine for a database that has the tables of a journal.

    Parameters
    ----------
    where : path of an SQLite file, or a database URL
    read_only : True to refuse a database that is not a journal yet, and to change nothing in it

    Raises
    ------
    JournalError
        If the database cannot be opened or is not a journal.
    """
    url = _parse_url(where)
    redacted = redact_url(url)
    if url.get_backend_name() == "sqlite":
        if read_only:
            _require_content(str(url.database))
        else:
            _warn_of_place(str(url.database))
    try:
        engine = _create_engine(url, read_only)
        if engine.dialect.name == "sqlite":
            sqlite.check_is_journal(str(url.database), redacted)
        with engine.connect() as connection:
            if read_only:
                _require_tables(connection, redacted)
            else:
                lock(connection)
                _create_or_migrate(connection, redacted)
            connection.commit()
    except NoSuchModuleError:
        raise JournalError(f"Unsupported database in {redacted}; use sqlite:///calls.sqlite, or a path.") from None
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise JournalError(f"Cannot open the journal {redacted}: {explain_error(error)}") from None
    except ImportError as error:
        raise JournalError(
            f"The journal {redacted} needs {error.name}, which is not installed: pip install 'graphcall-nb[postgres]'."
        ) from None
    return engine


def _warn_of_place(path: str) -> None:
    if place := find_unsafe_place(path):
        warnings.warn(
            f"The journal {path} is in {place}, where acknowledged notifications may be lost; choose a folder on a "
            "disk of this machine, or a PostgreSQL server.",
            stacklevel=2,
        )


def _require_content(path: str) -> None:
    if not os.path.isfile(path):
        raise JournalError(f"The file {path} does not exist; give a file from session.save(), or a journal.")
    if not os.path.getsize(path):
        raise JournalError(f"The file {path} is empty; give a file from session.save(), or a journal.")


def _parse_url(where: str | os.PathLike[str]) -> sa.URL:
    text = require_path("journal", where, "a path or a database URL")
    if "://" not in text and not _LOOKS_LIKE_URL.match(text):
        return sa.URL.create("sqlite", database=_resolve_file(text))
    try:
        url = sa.make_url(text)
    except (SQLAlchemyError, ValueError):
        # The text is not repeated: it may contain a password.
        raise JournalError("Invalid database URL; write for example sqlite:///calls.sqlite, or a path.") from None
    if "password" in url.query:
        url = url.set(password=str(url.query["password"])).difference_update_query(["password"])
    if url.get_backend_name() == "sqlite":
        return url.set(database=_resolve_file(url.database))
    return url.set(drivername="postgresql+psycopg") if url.drivername in ("postgresql", "postgres") else url


def find_file(where: str | os.PathLike[str]) -> str | None:
    """Return the absolute path of a journal in SQLite; ``None`` for a server. :func:`open_engine` has the parameter."""
    url = _parse_url(where)
    return str(url.database) if url.get_backend_name() == "sqlite" else None


def _resolve_file(database: str | None) -> str:
    """Return the absolute path: the working directory may change, and each connection opens the file again."""
    if not database or database == ":memory:" or database.startswith("file:"):
        raise JournalError("An SQLite journal must be a file, not a database in memory; use sqlite:///calls.sqlite.")
    path = os.path.abspath(database)
    if os.path.isdir(path):
        raise JournalError(f"{path} is a folder; name a file in it, for example {os.path.join(path, 'calls.sqlite')}.")
    return path


def _create_engine(url: sa.URL, read_only: bool) -> sa.Engine:
    match url.get_backend_name():
        case "sqlite":
            return sqlite.create_engine(url, read_only=read_only)
        case "postgresql":
            return postgres.create_engine(url, read_only=read_only)
        case _:
            raise NoSuchModuleError


def lock(connection: sa.Connection) -> None:
    """Lock the tables until the commit: of two processes that open a new journal, only one may create them."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        postgres.lock_schema(connection)


# ---- writing


class Writer(Protocol):
    """Writer of one table."""

    def write(self, rows: Sequence[Row], *, wait: bool = True) -> bool:
        """Write all rows or, with an error, none; return False if ``wait`` is False and the write would block."""

    def close(self) -> None:
        """Release the connection."""


def make_writer(engine: sa.Engine, table: sa.Table) -> Writer:
    """Return the writer for the database of an engine."""
    if engine.dialect.name == "postgresql":
        return postgres.PostgresWriter(engine, table)
    return sqlite.SqliteWriter(engine, table)
