"""From an earlier schema to the present one.

The rule: a journal of any earlier version is brought up to date when it is opened, step by step, in one transaction;
rows are kept as they are. A journal of a later version is refused with a sentence, and nothing in it is touched. A
change of the schema is one more version, one more entry in :data:`STEPS`, and one more journal in the tests.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from ..errors import JournalError
from . import schema


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
