"""Opening the database: settings, schema version, and errors in words."""

from __future__ import annotations

import os
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from ..errors import JournalError
from . import schema

BUSY_SECONDS = 5
"""How long SQLite waits for another process's commit before it gives up."""


def open_engine(where: str | os.PathLike[str]) -> sa.Engine:
    """An engine on a database with our tables in it."""
    url = _url(where)
    shown = url.render_as_string(hide_password=True)
    try:
        engine = sa.create_engine(url)
        if url.get_backend_name() == "sqlite":
            sa.event.listen(engine, "connect", _set_up_sqlite)
        with engine.begin() as connection:
            schema.metadata.create_all(connection)
            _check_version(connection, shown)
    except NoSuchModuleError:
        raise JournalError(f"There is no database behind {shown}; write sqlite:///calls.sqlite, or a path.") from None
    except SQLAlchemyError as error:
        raise JournalError(f"Cannot open the journal {shown}: {plain_reason(error)}") from None
    except ImportError as error:
        raise JournalError(f"The journal {shown} needs a driver that is not installed: {error.name}.") from None
    return engine


def _url(where: str | os.PathLike[str]) -> sa.URL:
    text = os.fspath(where)
    if "://" not in text:
        return sa.URL.create("sqlite", database=os.path.abspath(text))
    try:
        return sa.make_url(text)
    except (SQLAlchemyError, ValueError):
        # The text is not repeated: it may hold a password.
        raise JournalError("That is no database URL; write for example sqlite:///calls.sqlite, or a path.") from None


def _set_up_sqlite(connection: Any, _: ConnectionPoolEntry) -> None:
    # WAL lets a notebook read while the listener writes; FULL makes a commit outlive a power cut.
    for setting in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={BUSY_SECONDS * 1000}"):
        connection.execute(f"PRAGMA {setting}").close()


def _check_version(connection: sa.Connection, shown: str) -> None:
    found = connection.execute(sa.select(schema.about.c.value).where(schema.about.c.name == "version")).scalar()
    if found is None:
        connection.execute(schema.about.insert().values(name="version", value=str(schema.VERSION)))
    elif int(found) > schema.VERSION:
        raise JournalError(f"The journal {shown} was written by a newer graphcall_nb; update this one to read it.")


_REMEDIES = {
    "full": "the disk is full; make room, the service will send again.",
    "locked": "another program holds it; close that program or choose another journal.",
    "readonly": "it may not be written to; choose a place where you may write.",
    "not a database": "the file is something else; choose another path.",
    "malformed": "the file is damaged; restore a copy, or choose another path.",
    "unable to open": "the folder is missing or may not be entered; make it, or choose another path.",
}


def plain_reason(error: SQLAlchemyError) -> str:
    """The database's complaint in words; never the statement, which holds what people said to each other."""
    said = str(getattr(error, "orig", None) or type(error).__name__)
    for mark, remedy in _REMEDIES.items():
        if mark in said:
            return f"{remedy} ({said})"
    return said
