"""OData in requests that read: keys in parentheses, and the options ``$select``, ``$expand``, ``$filter`` and so on."""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NoReturn
from urllib.parse import quote, unquote

from starlette.types import ASGIApp, Receive, Scope, Send

from .errors import bad_request

MAX_FILTER_CHARS = 2000
MAX_FILTER_DEPTH = 20
ENTITY_OPTIONS = ("$select", "$expand")
LIST_OPTIONS = ("$select", "$filter", "$orderby", "$top", "$skip", "$count")

_KEY = re.compile(r"(?<=[A-Za-z])\('([^'/]*)'\)")
# Blanks are skipped apart, and an unclosed text reaches to the end, so that a search takes linear time.
_TOKEN = re.compile(
    r"(?P<text>'(?:[^']|'')*+(?:'|\Z))|(?P<number>-?\d+(?:\.\d+)?)(?![\w.])|(?P<word>[A-Za-z_@][\w.@/]*)|(?P<sign>[(),])"
)
_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
_FUNCTIONS: Mapping[str, Callable[[str, str], bool]] = {
    "startswith": str.startswith,
    "endswith": str.endswith,
    "contains": operator.contains,
}
_CONSTANTS = {"true": True, "false": False, "null": None}

Object = dict[str, Any]
Condition = Callable[[Object], bool]


class KeysInParentheses:
    """Middleware that reads ``calls('id')`` in a path as ``calls/id``."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and "('" in scope["path"]:
            path = _KEY.sub(lambda match: "/" + match[1], scope["path"])
            scope = {**scope, "path": path, "raw_path": quote(path).encode()}
        await self._app(scope, receive, send)


def make_entity(
    entity: Mapping[str, Any],
    options: Mapping[str, str],
    related: Mapping[str, Callable[[], list[Object]]] | None = None,
) -> Object:
    """Return an entity as the options of a request ask for it.

    Parameters
    ----------
    entity : dict
        The entity with all its members.
    options : mapping of str to str
        Query options of the request.
    related : mapping of str to callable, optional
        Functions that return the related entities by the name that ``$expand`` uses.

    Raises
    ------
    GraphError
        400, for an option that is unknown or cannot be applied.
    """
    _check_options(options, ENTITY_OPTIONS)
    related = related or {}
    names = _split(options.get("$expand", ""))
    for name in names:
        if name not in related:
            _refuse("$expand", f"{name!r} cannot be expanded here. Expand {' or '.join(related) or 'nothing'}.")
    return _select(entity, options) | {name: related[name]() for name in names}


def make_list(entities: list[Object], options: Mapping[str, str]) -> Object:
    """Return the entities that the options of a request ask for, in ``value``.

    Raises
    ------
    GraphError
        400, for an option that is unknown or cannot be applied.
    """
    _check_options(options, LIST_OPTIONS)
    if "$filter" in options:
        condition = parse_filter(options["$filter"])
        entities = [entity for entity in entities if condition(entity)]
    for term in reversed(_split(options.get("$orderby", ""))):
        path, _, direction = term.partition(" ")
        entities = sorted(entities, key=lambda one: _sort_key(_read(one, path)), reverse=direction.strip() == "desc")
    count = {"@odata.count": len(entities)} if options.get("$count", "").lower() == "true" else {}
    first = _read_number(options, "$skip", 0)
    end = first + _read_number(options, "$top", len(entities))
    return {**count, "value": [_select(entity, options) for entity in entities[first:end]]}


def parse_filter(text: str) -> Condition:
    """Return the condition of a ``$filter``.

    Comparisons of a member with a value (``eq``, ``ne``, ``gt``, ``ge``, ``lt``, ``le``), ``startswith``,
    ``endswith`` and ``contains``, combined by ``and``, ``or``, ``not`` and parentheses. A slash leads to a member of a
    member.

    Raises
    ------
    GraphError
        400, for any other expression.

    Examples
    --------
    >>> parse_filter("isMuted eq true and info/identity/user ne null")({"isMuted": True})
    False
    """
    return _FilterParser(text).parse()


class _FilterParser:
    """A recursive descent parser of one ``$filter``."""

    def __init__(self, text: str) -> None:
        if len(text) > MAX_FILTER_CHARS:
            _refuse("$filter", f"It is longer than {MAX_FILTER_CHARS} characters. Send a shorter one.")
        self._text = text
        self._tokens = list(_tokenize(text))
        self._depth = 0

    def parse(self) -> Condition:
        condition = self._parse_any()
        if self._tokens:
            self._fail()
        return condition

    def _parse_any(self) -> Condition:
        parts = [self._parse_all()]
        while self._skip("or"):
            parts.append(self._parse_all())
        return lambda entity: any(part(entity) for part in parts)

    def _parse_all(self) -> Condition:
        parts = [self._parse_one()]
        while self._skip("and"):
            parts.append(self._parse_one())
        return lambda entity: all(part(entity) for part in parts)

    def _parse_one(self) -> Condition:
        self._depth += 1
        if self._depth > MAX_FILTER_DEPTH:
            _refuse("$filter", f"It is nested more than {MAX_FILTER_DEPTH} deep. Send a simpler one.")
        try:
            if self._skip("not"):
                inner = self._parse_one()
                return lambda entity: not inner(entity)
            if self._skip("("):
                inner = self._parse_any()
                self._require(")")
                return inner
            return self._parse_comparison()
        finally:
            self._depth -= 1

    def _parse_comparison(self) -> Condition:
        kind, member = self._next()
        if kind != "word":
            self._fail()
        if member.lower() in _FUNCTIONS and self._skip("("):
            return self._parse_function(_FUNCTIONS[member.lower()])
        compare = _COMPARISONS.get(self._next()[1])
        if compare is None:
            self._fail()
        value = self._parse_value()
        return partial(_compare, compare, member, value)

    def _parse_function(self, function: Callable[[str, str], bool]) -> Condition:
        _, member = self._next()
        self._require(",")
        value = self._parse_value()
        self._require(")")
        return partial(_compare, function, member, value)

    def _parse_value(self) -> Any:
        kind, text = self._next()
        if kind == "text":
            return text[1:-1].replace("''", "'")
        if kind == "number":
            return json.loads(text)
        if kind == "word" and text in _CONSTANTS:
            return _CONSTANTS[text]
        return self._fail()

    def _next(self) -> tuple[str, str]:
        return self._tokens.pop(0) if self._tokens else ("end", "")

    def _skip(self, text: str) -> bool:
        if self._tokens and self._tokens[0][1] == text and self._tokens[0][0] != "text":
            del self._tokens[0]
            return True
        return False

    def _require(self, text: str) -> None:
        if not self._skip(text):
            self._fail()

    def _fail(self) -> NoReturn:
        _refuse("$filter", f"Invalid filter clause: {self._text[:100]!r}. Write it as: state eq 'established'.")


def _tokenize(text: str) -> Iterator[tuple[str, str]]:
    rest = text.strip()
    while rest:
        match = _TOKEN.match(rest)
        if match is None or match.lastgroup is None or not _is_closed(match):
            _refuse("$filter", f"Invalid filter clause at {rest[:20]!r}.")
        yield match.lastgroup, match[0]
        rest = rest[match.end() :].lstrip()


def _is_closed(token: re.Match[str]) -> bool:
    return token.lastgroup != "text" or (len(token[0]) > 1 and token[0].endswith("'"))


def _compare(compare: Callable[[Any, Any], bool], path: str, value: Any, entity: Object) -> bool:
    try:
        return bool(compare(_read(entity, path), value))
    except TypeError:  # values of different types are in no order
        return False


def _read(entity: Object, path: str) -> Any:
    value: Any = entity
    for name in path.split("/"):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _sort_key(value: Any) -> tuple[bool, str]:
    return value is not None, str(value)


def _select(entity: Mapping[str, Any], options: Mapping[str, str]) -> Object:
    names = _split(options.get("$select", ""))
    if not names or "*" in names:
        return dict(entity)
    roots = {name.partition("/")[0] for name in names}
    return {name: value for name, value in entity.items() if name in roots or name.startswith("@")}


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _read_number(options: Mapping[str, str], name: str, default: int) -> int:
    text = options.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"[0-9]{1,9}", text):
        _refuse(name, f"It is {unquote(text)[:40]!r}. Give a whole number.")
    return int(text)


def _check_options(options: Mapping[str, str], allowed: tuple[str, ...]) -> None:
    for name in options:
        if name.startswith("$") and name not in allowed:
            _refuse(name, f"This resource does not support it. Use {', '.join(allowed)}.")


def _refuse(option: str, message: str) -> NoReturn:
    raise bad_request([(option, f"{option}: {message}")])
