"""Notifications as columns, which the database itself puts together.

It writes each column of some thousand rows as one JSON text. A row of Python objects for each notification would cost
three times as much.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from .database import notifications
from .records import NotificationRecord

OWN_FIELDS = ("seq", "received_at_us", "call_id", "resource", "etag")
"""Fields that differ from row to row, or from call to call."""

SHARED_FIELDS = tuple(name for name in NotificationRecord._fields if name not in (*OWN_FIELDS, "raw"))
"""Fields of few values: their combinations are far fewer than the rows."""

_SEPARATOR = "],["

# One text each, since SQLAlchemy takes longer to build sixteen expressions than the database to read a hundred rows.
_AGGREGATES = {
    "sqlite": ", ".join(
        [
            *(f"json_group_array({name})" for name in OWN_FIELDS),
            f"json_group_array(json_array({', '.join(SHARED_FIELDS)}))",
        ]
    ),
    "postgresql": ", ".join(
        [
            *(f"json_agg({name})::text" for name in OWN_FIELDS),
            f"json_agg(json_build_array({', '.join(SHARED_FIELDS)}))::text",
        ]
    ),
}


class NotificationColumns(NamedTuple):
    """Notifications, one sequence for each field, ascending by ``seq``.

    Attributes
    ----------
    seq, received_at_us, call_id, resource, etag : as in :class:`.NotificationRecord`
    shared : values of :data:`SHARED_FIELDS` as JSON, for :func:`parse_shared_fields`; equal values have equal texts
    """

    seq: Sequence[int] = ()
    received_at_us: Sequence[int] = ()
    call_id: Sequence[str] = ()
    resource: Sequence[str] = ()
    etag: Sequence[str | None] = ()
    shared: Sequence[str] = ()

    @classmethod
    def from_records(cls, records: Iterable[NotificationRecord]) -> NotificationColumns:
        """Return the columns of records."""
        rows = [
            (
                *(getattr(record, name) for name in OWN_FIELDS),
                msgspec.json.encode([getattr(record, name) for name in SHARED_FIELDS]).decode()[1:-1],
            )
            for record in records
        ]
        return cls(*zip(*rows, strict=True)) if rows else cls()


_decode_own = msgspec.json.Decoder(tuple[list[int], list[int], list[str], list[str], list[str | None]]).decode
_decode_parts = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_shared = msgspec.json.Decoder(
    list[
        tuple[str, str, str | None, str | None, str | None, str | None, str | None, int | None, int | None, str | None]
    ]
).decode


def make_columns_query(
    condition: sa.ColumnElement[bool], after: int, limit: int | None, dialect: sa.Dialect, *, is_dense: bool
) -> sa.Select[Any]:
    """Return the query for one row of JSON texts, to be read by :func:`parse_columns`.

    Parameters
    ----------
    condition : on notifications
    after : exclusive lower bound of ``seq``
    limit : largest number of notifications
    dialect : of the database
    is_dense : True if most notifications meet the condition; the limit then counts numbers, not rows
    """
    columns = notifications.c
    condition = sa.and_(condition, columns.seq > after)
    if limit is not None:
        # A bound instead of a subquery of the rows: SQLite would copy each value once more. To count the rows, it reads
        # each of them twice; numbers have few gaps.
        seqs = sa.select(columns.seq).where(condition).order_by(columns.seq).limit(1 if is_dense else limit).subquery()
        last = sa.select(sa.func.max(seqs.c.seq)).scalar_subquery()
        condition = sa.and_(condition, columns.seq < last + (limit if is_dense else 1))
    return sa.select(sa.text(_AGGREGATES[dialect.name])).where(condition)


def parse_columns(texts: Sequence[str | None]) -> NotificationColumns:
    """Return the columns in the texts of :func:`make_columns_query`.

    Raises
    ------
    msgspec.MsgspecError
        For a value that does not belong into its column.
    """
    *own, shared = (text or "[]" for text in texts)  # PostgreSQL has NULL for no rows
    columns = NotificationColumns(*_decode_own(f"[{','.join(own)}]"))
    columns = columns._replace(shared=_split_arrays(shared, len(columns.seq)))
    if columns.seq != sorted(columns.seq):  # the database took the rows from an index, or from reused pages
        order = sorted(range(len(columns.seq)), key=columns.seq.__getitem__)
        return NotificationColumns._make([column[place] for place in order] for column in columns)
    return columns


def _split_arrays(text: str, count: int) -> list[str]:
    """Return the content of each of ``count`` arrays in a JSON array of arrays."""
    parts = text[2:-2].split(_SEPARATOR) if count else []
    if len(parts) == count:
        return parts
    # A text contains the separator, or the database writes blanks between arrays.
    return [bytes(part)[1:-1].decode() for part in _decode_parts(text)]


def parse_shared_fields(texts: Iterable[str]) -> list[tuple[Any, ...]]:
    """Return the values of :data:`SHARED_FIELDS` in texts of :attr:`NotificationColumns.shared`.

    Raises
    ------
    msgspec.MsgspecError
        For a value that does not belong into its column.
    """
    return _decode_shared(f"[[{_SEPARATOR.join(texts)}]]")
