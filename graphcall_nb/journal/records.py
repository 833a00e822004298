"""Rows of the journal with named fields."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..graph.notifications import Notification

Row = tuple[Any, ...]
"""Values of one row in the order of the table's columns, for bulk paths that use each value once."""


class NotificationRecord(NamedTuple):
    """One notification, as the journal stores it. Times are microseconds since 1970 in UTC.

    The fields after ``received_at_us`` are those of :class:`~graphcall_nb.graph.notifications.Notification`.
    """

    seq: int
    received_at_us: int
    call_id: str
    entity: str
    resource: str
    change_type: str
    state: str | None
    direction: str | None
    etag: str | None
    answered_by: str | None
    active_modalities: str | None
    tone: str | None
    result_code: int | None
    result_subcode: int | None
    result_message: str | None
    raw: str

    def to_notification(self) -> Notification:
        """Return the notification without its number and its time."""
        return Notification._make(self[2:])


class RequestRecord(NamedTuple):
    """One request to the service with its response. Times are microseconds since 1970 in UTC.

    ``seq`` is 0 until the journal assigns a number. ``status`` is ``None`` when no response came; ``error`` then has
    the name of the error. Bodies are JSON text without secrets.
    """

    seq: int
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
