"""What Graph's action pages allow in a body, checked before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

Problem = tuple[str, str]
Limit = Callable[[Mapping[str, Any]], Iterator[Problem]]

_E164 = re.compile(r"\+[1-9]\d{1,14}")


def needed(field: str, remedy: str) -> Limit:
    """A field that must be there and not be empty."""

    def check(body: Mapping[str, Any]) -> Iterator[Problem]:
        if not body.get(field):
            yield field, f"it is missing; {remedy}."

    return check


def most(field: str, count: int, unit: str) -> Limit:
    """At most so many items of an array, or characters of a text."""

    def check(body: Mapping[str, Any]) -> Iterator[Problem]:
        size = len(body.get(field) or ())
        if size > count:
            yield field, f"it has {size} {unit}, and Graph takes {count} at most; give fewer."

    return check


def between(field: str, low: int, high: int, unit: str = "seconds") -> Limit:
    """A number within bounds."""

    def check(body: Mapping[str, Any]) -> Iterator[Problem]:
        value = body.get(field)
        if value is not None and not low <= value <= high:
            yield field, f"it is {value}, and Graph takes {low} to {high} {unit}; give one of these."

    return check


def one_of(field: str, *values: str) -> Limit:
    """A text, or an array of them, out of a few; the letter case is Graph's to judge."""
    known = {value.lower() for value in values}

    def check(body: Mapping[str, Any]) -> Iterator[Problem]:
        for where, text in _each(body, field):
            if text.lower() not in known:
                yield where, f"there is no {text!r}; choose from {', '.join(values)}."

    return check


def people(field: str) -> Limit:
    """Participants that name somebody, and phones in E.164."""

    def check(body: Mapping[str, Any]) -> Iterator[Problem]:
        for where, who in _each(body, field):
            yield from _person(where, who)

    return check


def _each(body: Mapping[str, Any], field: str) -> Iterator[tuple[str, Any]]:
    """Path and value of a field, or of each item where it is an array."""
    value = body.get(field)
    if isinstance(value, list):
        yield from ((f"{field}[{position}]", item) for position, item in enumerate(value))
    elif value is not None:
        yield field, value


def _person(where: str, who: Mapping[str, Any]) -> Iterator[Problem]:
    identity = who.get("identity") or {}
    people = {kind: one for kind, one in identity.items() if isinstance(one, Mapping)}
    if not people:
        yield f"{where}.identity", "it names nobody; give a user, a phone or the like."
    for kind, one in people.items():
        if not one.get("id"):
            yield f"{where}.identity.{kind}.id", "it is missing; give the object id, or the number of a phone."
        elif kind == "phone" and not _E164.fullmatch(one["id"]):
            yield f"{where}.identity.phone.id", "it is not in E.164; write the number like +14255550100."


def problems_of(body: Mapping[str, Any], limits: Sequence[Limit]) -> list[Problem]:
    return [problem for limit in limits for problem in limit(body)]
