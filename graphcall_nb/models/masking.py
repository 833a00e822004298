"""What of a body must not be seen where others look."""

from __future__ import annotations

from typing import Any

_SECRET = frozenset({"token", "passcode", "blob", "recordingAccessToken"})


def masked(value: Any) -> Any:
    """A body as it may be kept: who holds the token of a meeting can join it, a callback's path is a secret."""
    if isinstance(value, dict):
        return {name: _masked(name, inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [masked(inner) for inner in value]
    return value


def _masked(name: str, value: Any) -> Any:
    if name == "callbackUri" and isinstance(value, str):
        return "/".join([*value.split("/")[:3], "***"])
    return "***" if name in _SECRET and value else masked(value)
