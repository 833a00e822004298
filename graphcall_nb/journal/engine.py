"""Opening the database: settings, schema version, and errors in words."""

from __future__ import annotations

import os
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from ..errors import JournalError
from . import postgres
from .migrations import bring_up_to_date

BUSY_SECONDS = 5
"""How long SQLite waits for another process's commit before it gives up; ``?timeout=`` in the URL says otherwise."""


def open_engine(where: str | os.PathLike[str]) -> sa.Engine:
    """An engine on a database with our tables in it."""
    url = _url(where)
    shown = url.render_as_string(hide_password=True)
    try:
        engine = _engine(url)
        with engine.connect() as connection:
            _alone(connection)
            bring_up_to_date(connection, shown)
            connection.commit()
    except NoSuchModuleError:
        raise JournalError(f"There is no database behind {shown}; write sqlite:///calls.sqlite, or a path.") from None
    except SQLAlchemyError as error:
        raise JournalError(f"Cannot open the journal {shown}: {plain_reason(error)}") from None
    except ImportError as error:
        raise JournalError(
            f"The journal {shown} needs {error.name}, which is not installed: pip install 'graphcall-nb[postgres]'."
        ) from None
    return engine


def _url(where: str | os.PathLike[str]) -> sa.URL:
    text = os.fspath(where)
    if os.path.isdir(text):
        raise JournalError(f"{text} is a folder; name a file in it, for example {os.path.join(text, 'calls.sqlite')}.")
    if "://" not in text:
        return sa.URL.create("sqlite", database=os.path.abspath(text))
    try:
        url = sa.make_url(text)
    except (SQLAlchemyError, ValueError):
        # The text is not repeated: it may hold a password.
        raise JournalError("That is no database URL; write for example sqlite:///calls.sqlite, or a path.") from None
    return url.set(drivername="postgresql+psycopg") if url.drivername in ("postgresql", "postgres") else url


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
    return engine


def _set_up_sqlite(connection: Any, _: ConnectionPoolEntry) -> None:
    # WAL lets a notebook read while the listener writes; FULL makes a commit outlive a power cut.
    for setting in ("journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {setting}").close()


def _alone(connection: sa.Connection) -> None:
    """Keep others out until the commit: two that open a new journal must not both make its tables."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        postgres.open_alone(connection)


_REMEDIES = {
    "full": "the disk is full; make room, the service will send again.",
    "no space left": "the disk is full; make room, the service will send again.",
    "disk i/o error": "the disk cannot be read or written; look at its room and its health.",
    "locked": "another program holds it; close that program or choose another journal.",
    "readonly": "it may not be written to; choose a place where you may write.",
    "read-only": "it may not be written to; choose a place where you may write.",
    "not a database": "the file is something else; choose another path.",
    "malformed": "the file is damaged; restore a copy, or choose another path.",
    "unable to open": "the folder is missing or may not be entered; make it, or choose another path.",
    "authentication failed": "the server does not know that user or password; correct the URL.",
    "does not exist": "the server has no such thing; correct the URL, or create it.",
    "permission denied": "that user may not do this; ask for the right, or write another user into the URL.",
    "timeout": "the server took too long; see how it is, the service will send again.",
    "connection": "the server cannot be reached; see that it runs, and that host and port are right.",
}


def plain_reason(error: SQLAlchemyError) -> str:
    """The database's complaint in words; never the statement, which holds what people said to each other."""
    original = getattr(error, "orig", None)
    # PostgreSQL's further lines may show the row.
    primary = getattr(getattr(original, "diag", None), "message_primary", None)
    said = (primary or str(original or type(error).__name__)).partition("\n")[0]
    for mark, remedy in _REMEDIES.items():
        if mark in said.lower():
            return f"{remedy} ({said})"
    return said
