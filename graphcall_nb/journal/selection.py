"""Selection of notifications by time and columns, evaluated by the database."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from .._arguments import require_choice, require_type
from .database import notifications
from .records import NotificationRecord

_TIME = "received_at_us"
SELECTABLE = tuple(name for name in NotificationRecord._fields if name not in (_TIME, "raw"))
"""Columns that ``where`` may name."""

_MAX_INTEGER = 2**63 - 1
"""Largest integer that the databases store."""


@dataclass(frozen=True)
class Selection:
    """Condition on notifications, made by :func:`make_selection`. It is false if it selects all.

    Attributes
    ----------
    since_us, until_us : earliest and latest time of arrival, microseconds since 1970 in UTC; ``None`` for any
    where : pairs of a column and the values of which it must have one
    """

    since_us: int | None = None
    where: tuple[tuple[str, tuple[Any, ...]], ...] = ()
    until_us: int | None = None

    def __bool__(self) -> bool:
        return self.since_us is not None or self.until_us is not None or bool(self.where)

    def make_condition(self, until: int | None = None) -> sa.ColumnElement[bool]:
        """Return the SQL condition for selected notifications with a ``seq`` up to ``until``."""
        columns = notifications.c
        parts = [_make_column_condition(columns[name], values) for name, values in self.where]
        if self.since_us is not None:
            parts.append(columns[_TIME] >= self.since_us)
        if self.until_us is not None:
            parts.append(columns[_TIME] <= self.until_us)
        if until is not None:
            parts.append(columns.seq <= until)
        return sa.and_(sa.true(), *parts)

    def make_call_condition(self, call_id: sa.ColumnElement[Any], until: int | None = None) -> sa.ColumnElement[bool]:
        """Return the SQL condition for all rows of the calls that have a selected notification."""
        return call_id.in_(sa.select(notifications.c.call_id).where(self.make_condition(until)))


def make_selection(
    since_us: int | None = None, where: Mapping[str, Any] | None = None, *, until_us: int | None = None
) -> Selection:
    """Return a checked selection.

    Parameters
    ----------
    since_us : earliest time of arrival, microseconds since 1970 in UTC
    where : maps columns to one value, or to several of which one must match; ``None`` matches a missing value
    until_us : latest time of arrival

    Raises
    ------
    ValueError
        For an unknown column or a value of the wrong type.

    Examples
    --------
    >>> make_selection(where={"state": ["ringing", None]}).where
    (('state', ('ringing', None)),)
    """
    conditions = require_type("where", {} if where is None else where, Mapping, "a dict of columns and their values")
    checked = [(require_choice("column in where=", name, SELECTABLE), value) for name, value in conditions.items()]
    return Selection(since_us, tuple((name, _check_values(name, value)) for name, value in checked), until_us)


def split_conditions(where: Mapping[str, Any] | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the conditions on columns of notifications, for the database, and those on other columns of a frame."""
    conditions = require_type("where", {} if where is None else where, Mapping, "a dict of columns and their values")
    own = {name: value for name, value in conditions.items() if name not in SELECTABLE}
    return {name: value for name, value in conditions.items() if name in SELECTABLE}, own


Since = datetime | timedelta | str | None
"""Earliest or latest time of a selection: a time (UTC without a zone), its text, or a duration before now."""

_MAX_AGE = timedelta(days=365 * 1000)
"""A longer duration leads to times that a database cannot hold."""


def parse_since(since: Since, *, clock: Callable[[], float] = time.time, name: str = "since") -> int | None:
    """Return the earliest or latest time of a selection, in microseconds since 1970 in UTC.

    Parameters
    ----------
    since : datetime, timedelta, str or None
        A time (UTC without a zone), its text, or a duration before now.
    clock : callable
        Present time in seconds since 1970.
    name : str
        Name of the argument for errors.

    Raises
    ------
    ValueError
        For a text that cannot be read.

    Examples
    --------
    >>> parse_since("1970-01-01 00:00:01")
    1000000
    """
    if since is None:
        return None
    require_type(name, since, (datetime, timedelta, str), "a time, the text of one, or a timedelta")
    if isinstance(since, timedelta):
        age = min(max(since, -_MAX_AGE), _MAX_AGE)
        return int(clock() * 1e6) - age // timedelta(microseconds=1)
    if isinstance(since, str):
        try:
            since = datetime.fromisoformat(since)
        except ValueError:
            raise ValueError(
                f"{name}={since!r} is not a valid time; for example '2026-11-25 09:30', or timedelta(minutes=10)."
            ) from None
    at = since if since.tzinfo else since.replace(tzinfo=UTC)
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def list_values(value: Any) -> tuple[Any, ...]:
    """Return the values of one column in ``where``: one, or several of a list or a set."""
    is_several = isinstance(value, Sequence | set | frozenset) and not isinstance(value, str)
    return tuple(value) if is_several else (value,)


def _check_values(name: str, value: Any) -> tuple[Any, ...]:
    values = list_values(value)
    if not isinstance(notifications.c[name].type, sa.Integer):
        for item in values:
            if not isinstance(item, str | None):
                raise ValueError(f"where= expected text for {name!r}, got {item!r}.")
        return values
    try:
        return tuple(None if item is None else _to_integer(item) for item in values)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"where= expected a number for {name!r}, got {value!r}.") from None


def _to_integer(value: Any) -> int:
    number = int(value)
    if abs(number) > _MAX_INTEGER:
        raise OverflowError
    return number


def _make_column_condition(column: sa.ColumnElement[Any], values: tuple[Any, ...]) -> sa.ColumnElement[bool]:
    present = [value for value in values if value is not None]
    condition = column.in_(present)
    return sa.or_(condition, column.is_(None)) if len(present) < len(values) else condition
