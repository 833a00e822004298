"""Tolerant readers of JSON fields: each returns an empty value for content of an unexpected type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

_decode = msgspec.json.Decoder().decode


def parse_object(text: Any) -> dict[str, Any]:
    """Return the JSON object in a text; an empty one if the text holds anything else."""
    try:
        value = _decode(text) if text else {}
    except (msgspec.MsgspecError, RecursionError, TypeError):
        value = {}
    return value if isinstance(value, dict) else {}


def get_object(body: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the object in a field; an empty one if the field holds anything else."""
    value = body.get(name)
    return value if isinstance(value, dict) else {}


def read_text(value: Any) -> str | None:
    """Return a text that is not empty; ``None`` for anything else."""
    return value if isinstance(value, str) and value else None


def read_int(value: Any) -> int | None:
    """Return a whole number, also from its text; ``None`` for anything else."""
    try:
        return None if value is None or isinstance(value, bool) else int(value)
    except (TypeError, ValueError):
        return None


def read_flag(value: Any) -> bool | None:
    """Return a boolean; ``None`` for anything else."""
    return value if isinstance(value, bool) else None


def iterate_identities(value: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield ``(kind, identity)`` of each identity in an identity set; the kind is Graph's name, such as ``user``."""
    for kind, identity in value.items() if isinstance(value, dict) else ():
        if isinstance(identity, dict):
            yield kind, identity
