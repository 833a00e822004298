"""Which notifications: a part of a journal, chosen by the database rather than after reading all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from .._arguments import require_choice, require_type
from ..journal import schema

_BY_TIME = "received_at_us"
SELECTABLE = tuple(name for name in schema.NOTIFICATION_COLUMNS if name not in (_BY_TIME, "raw"))
"""Columns that ``where`` may name."""


_LARGEST = 2**63 - 1
"""The largest number that a database holds."""


@dataclass(frozen=True)
class Selection:
    """Notifications that were received at ``since_us`` or later and have one of the given values in each column.

    Made by :meth:`of`.
    """

    since_us: int | None = None
    where: tuple[tuple[str, tuple[Any, ...]], ...] = ()

    @classmethod
    def of(cls, since_us: int | None = None, where: Mapping[str, Any] | None = None) -> Selection:
        """``where`` maps columns to a value or to several, of which one must match; ``None`` matches what is missing.

        Raises
        ------
        ValueError
            For a column that cannot be chosen by; the message lists those that can.
        """
        wanted = require_type("where", {} if where is None else where, Mapping, "a dict of columns and their values")
        chosen = [(require_choice("column to choose by", name, SELECTABLE), value) for name, value in wanted.items()]
        return cls(since_us, tuple((name, _values(name, value)) for name, value in chosen))

    def __bool__(self) -> bool:
        return self.since_us is not None or bool(self.where)

    def condition(self, until: int | None = None) -> sa.ColumnElement[bool]:
        """For a query of notifications: those that are selected, of those with a ``seq`` up to ``until``."""
        columns = schema.notifications.c
        parts = [_one_of(columns[name], values) for name, values in self.where]
        if self.since_us is not None:
            parts.append(columns[_BY_TIME] >= self.since_us)
        if until is not None:
            parts.append(columns.seq <= until)
        return sa.and_(sa.true(), *parts)

    def of_calls(self, column: sa.ColumnElement[Any], until: int | None = None) -> sa.ColumnElement[bool]:
        """For a query of anything with call ids: all of each call that has a selected notification."""
        return column.in_(sa.select(schema.notifications.c.call_id).where(self.condition(until)))


def _values(name: str, value: Any) -> tuple[Any, ...]:
    several = isinstance(value, Sequence | set | frozenset) and not isinstance(value, str)
    values = tuple(value) if several else (value,)
    if not isinstance(schema.notifications.c[name].type, sa.Integer):
        for one in values:
            if not isinstance(one, str | None):
                raise ValueError(f"where= wants a text for {name!r}, not {one!r}.")
        return values
    try:
        return tuple(None if one is None else _number(one) for one in values)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"where= wants a number for {name!r}, not {value!r}.") from None


def _number(value: Any) -> int:
    number = int(value)
    if abs(number) > _LARGEST:
        raise OverflowError
    return number


def _one_of(column: sa.ColumnElement[Any], values: tuple[Any, ...]) -> sa.ColumnElement[bool]:
    given = [value for value in values if value is not None]
    chosen = column.in_(given)
    return sa.or_(chosen, column.is_(None)) if len(given) < len(values) else chosen
