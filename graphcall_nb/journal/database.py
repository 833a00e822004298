"""Opening the database of a journal: file checks, schema version, engine."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from .._arguments import require_path
from ..errors import JournalError
from ..journal import postgres, schema
from .errors import plain_reason, shown_url
from .file_guard import FileGuard


def _to_2(connection: sa.Connection) -> None:
    """Indexes for ``since`` and for the notifications of a call."""
    schema.by_time.create(connection)
    if connection.dialect.name == "postgresql":
        schema.by_call.create(connection)


STEPS: dict[int, Callable[[sa.Connection], None]] = {2: _to_2}
"""What leads to each version from the one before."""


def bring_up_to_date(connection: sa.Connection, shown: str) -> None:
    """Make the tables of a new journal, or change those of an earlier version; ``shown`` is its name in errors."""
    found = _version(connection, shown)
    if found is None:
        schema.metadata.create_all(connection)
        connection.execute(schema.about.insert().values(name="version", value=str(schema.VERSION)))
        return
    if found > schema.VERSION:
        raise JournalError(f"The journal {shown} was written by a newer graphcall_nb; update this one to read it.")
    for version in range(found + 1, schema.VERSION + 1):
        STEPS[version](connection)
    if found < schema.VERSION:
        named = schema.about.c.name == "version"
        connection.execute(schema.about.update().where(named).values(value=str(schema.VERSION)))


def _version(connection: sa.Connection, shown: str) -> int | None:
    if not sa.inspect(connection).has_table(schema.about.name):
        return None
    query = sa.select(schema.about.c.value).where(schema.about.c.name == "version")
    found = connection.execute(query).scalar()
    try:
        return None if found is None else int(found)
    except ValueError:
        raise not_ours(shown) from None


_MAGIC = b"SQLite format 3\0"


def refuse_another(path: str, shown: str) -> None:
    """Refuse a file of SQLite that another program made, before anything in it is touched."""
    if not os.path.exists(path):
        return
    with open(path, "rb") as file:
        # What is shorter than a database, SQLite takes for an empty one and writes over it; an empty file is fine.
        if file.read(len(_MAGIC)) not in (b"", _MAGIC):
            raise not_ours(shown)
    with closing(sqlite3.connect(f"{Path(path).as_uri()}?mode=ro", uri=True)) as connection:
        columns = "SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'"
        found = set(connection.execute(columns))
    if found and not {("about", "name"), ("about", "value"), ("notifications", "raw")} <= found:
        raise not_ours(shown)


def not_ours(shown: str) -> JournalError:
    return JournalError(f"{shown} is no journal, but the file is something else; choose another path.")


BUSY_SECONDS = 5
"""How long SQLite waits for another process's commit before it gives up; ``?timeout=`` in the URL says otherwise."""

_LIKE_A_URL = re.compile(r"[a-z+]{2,}:/?[^/]*:[^/]*@")
"""What lacks a slash or two; as a path it would be shown with its password."""


def open_engine(where: str | os.PathLike[str], *, new: bool = True) -> sa.Engine:
    """An engine on a database with our tables in it; ``new`` says whether its file may be made."""
    url = _url(where)
    shown = shown_url(url)
    if not new and url.get_backend_name() == "sqlite":
        _must_hold_something(str(url.database))
    try:
        engine = _engine(url)
        if engine.dialect.name == "sqlite":
            refuse_another(str(url.database), shown)
        with engine.connect() as connection:
            _alone(connection)
            bring_up_to_date(connection, shown)
            connection.commit()
    except NoSuchModuleError:
        raise JournalError(f"There is no database behind {shown}; write sqlite:///calls.sqlite, or a path.") from None
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise JournalError(f"Cannot open the journal {shown}: {plain_reason(error)}") from None
    except ImportError as error:
        raise JournalError(
            f"The journal {shown} needs {error.name}, which is not installed: pip install 'graphcall-nb[postgres]'."
        ) from None
    return engine


def _must_hold_something(path: str) -> None:
    if not os.path.isfile(path):
        raise JournalError(f"There is no file {path}; give one that session.save() wrote, or a journal.")
    if not os.path.getsize(path):
        raise JournalError(f"{path} is empty; give a file that session.save() wrote, or a journal.")


def _url(where: str | os.PathLike[str]) -> sa.URL:
    text = require_path("journal", where, "a path or a database URL")
    if "://" not in text and not _LIKE_A_URL.match(text):
        return sa.URL.create("sqlite", database=_file(text))
    try:
        url = sa.make_url(text)
    except (SQLAlchemyError, ValueError):
        # The text is not repeated: it may hold a password.
        raise JournalError("That is no database URL; write for example sqlite:///calls.sqlite, or a path.") from None
    if "password" in url.query:
        url = url.set(password=str(url.query["password"])).difference_update_query(["password"])
    if url.get_backend_name() == "sqlite":
        return url.set(database=_file(url.database))
    return url.set(drivername="postgresql+psycopg") if url.drivername in ("postgresql", "postgres") else url


def _file(database: str | None) -> str:
    """The path of a file, whole: the working directory may change, and each connection opens it anew."""
    if not database or database == ":memory:" or database.startswith("file:"):
        raise JournalError("A journal in SQLite is a file, since memory keeps nothing; write sqlite:///calls.sqlite.")
    path = os.path.abspath(database)
    if os.path.isdir(path):
        raise JournalError(f"{path} is a folder; name a file in it, for example {os.path.join(path, 'calls.sqlite')}.")
    return path


def _engine(url: sa.URL) -> sa.Engine:
    if url.get_backend_name() == "postgresql":
        return postgres.engine(url)
    if url.get_backend_name() != "sqlite":
        raise NoSuchModuleError
    return _sqlite_engine(url)


def _sqlite_engine(url: sa.URL) -> sa.Engine:
    wait = {} if "timeout" in url.query else {"timeout": BUSY_SECONDS}
    engine = sa.create_engine(url, connect_args=wait)
    sa.event.listen(engine, "connect", _set_up_sqlite)
    FileGuard(engine, str(url.database))
    return engine


def _set_up_sqlite(connection: Any, _: ConnectionPoolEntry) -> None:
    # WAL lets a notebook read while the listener writes; FULL makes a commit outlive a power cut.
    # Reading the version opens the log, so that it is there when Place looks which one it is.
    for setting in ("journal_mode=WAL", "synchronous=FULL", "schema_version"):
        connection.execute(f"PRAGMA {setting}").fetchall()


def _alone(connection: sa.Connection) -> None:
    """Keep others out until the commit: two that open a new journal must not both make its tables."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        postgres.open_alone(connection)
