"""A request and its answer as the journal keeps them, without secrets."""

from __future__ import annotations

from typing import NamedTuple


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
