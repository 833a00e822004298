"""A request and its answer as the journal keeps them, without secrets."""

from __future__ import annotations

from typing import Any, NamedTuple


class Exchange(NamedTuple):
    """One request to the service and its answer, in the order of the journal's columns after ``seq``.

    Times are microseconds (since 1970 in UTC, and of the exchange); ``status`` is ``None`` and ``error`` says why when
    no answer came. Bodies are JSON text without secrets.
    """

    sent_at_us: int
    method: str
    url: str
    operation: str
    call_id: str | None
    status: int | None
    duration_us: int
    request_id: str | None
    client_request_id: str | None
    request_body: str | None
    response_body: str | None
    error: str | None


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
