"""Requests to the service with their responses, and the messages of a call: requests, responses and notifications."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import pandas as pd

from ..graph.history import read_call_state
from ..graph.message_texts import describe_notification, describe_request, describe_response
from ..journal.records import RequestRecord
from .columns import (
    CategoryColumn,
    Column,
    IntColumn,
    NullableDurationColumn,
    NullableIntColumn,
    TextColumn,
    TimeColumn,
    make_frame,
)

PARTIES = ("application", "service", "listener")
KINDS = ("request", "answer", "notification")


def compute_answer_time(request: RequestRecord) -> int:
    """Return the time of the response, in microseconds."""
    return request.sent_at_us + request.duration_us


def is_success(request: RequestRecord) -> bool:
    """Return True if the service answered with a status of 2xx."""
    return request.status is not None and 200 <= request.status < 300


def split_call_path(request: RequestRecord) -> list[str]:
    """Return the segments of the path after the id of the call, such as ``["participants", "{id}", "mute"]``."""
    segments = [unquote(segment) for segment in urlsplit(request.url).path.strip("/").split("/")]
    lowered = [segment.lower() for segment in segments]
    return segments[lowered.index("calls") + 2 :] if "calls" in lowered else []


class Requests:
    """Growing columns of requests; appending costs time in proportion to the new rows."""

    def __init__(self) -> None:
        self._columns: dict[str, Column] = {
            "seq": IntColumn(),
            "sent_at": TimeColumn(),
            "call_id": TextColumn(),
            "operation": CategoryColumn(()),
            "status": NullableIntColumn(),
            "duration": NullableDurationColumn(),
            "error": TextColumn(),
            "method": CategoryColumn(("GET", "POST", "PATCH", "DELETE")),
            "url": TextColumn(),
            "request_id": TextColumn(),
            "client_request_id": TextColumn(),
            "request_body": TextColumn(),
            "response_body": TextColumn(),
        }

    def extend(self, requests: Sequence[RequestRecord]) -> None:
        """Append requests."""
        for name, column in self._columns.items():
            field = {"sent_at": "sent_at_us", "duration": "duration_us"}.get(name, name)
            column.extend([getattr(request, field) for request in requests])

    def to_frame(self) -> pd.DataFrame:
        """Return the requests as a frame, without a copy."""
        return make_frame(self._columns)


class _Message(NamedTuple):
    at: Any
    call_id: str | None
    kind: str
    sender: str
    receiver: str
    text: str
    state: str | None = None
    status: int | None = None
    remark: str | None = None
    seq: int = 0


def make_messages_frame(requests: pd.DataFrame, notifications: pd.DataFrame, call_id: str | None) -> pd.DataFrame:
    """Return the frame of :meth:`.Frames.messages` from the frames of requests and notifications."""
    if call_id is not None:
        requests = requests[requests["call_id"] == call_id]
        notifications = notifications[notifications["call_id"] == call_id]
    messages = [message for row in requests.itertuples(index=False) for message in _make_exchange(row)]
    messages += [_make_notification(row) for row in notifications.itertuples(index=False)]
    messages.sort(key=lambda message: message.at)  # stable: equal times keep their order
    columns: dict[str, list[Any]] = {name: [getattr(one, name) for one in messages] for name in _Message._fields}
    # The states of the notifications' column, then those that only responses have.
    states = dict.fromkeys([*notifications["state"].cat.categories, *filter(None, columns["state"])])
    return pd.DataFrame(
        {
            "at": pd.Series(columns["at"], dtype=notifications["received_at"].dtype),
            "call_id": pd.Series(columns["call_id"], dtype=object),
            "kind": pd.Categorical(columns["kind"], categories=KINDS),
            "sender": pd.Categorical(columns["sender"], categories=PARTIES),
            "receiver": pd.Categorical(columns["receiver"], categories=PARTIES),
            "text": pd.Series(columns["text"], dtype=object),
            "state": pd.Categorical(columns["state"], categories=list(states), ordered=True),
            "status": pd.array(columns["status"], dtype="Int64"),
            "remark": pd.Series(columns["remark"], dtype=object),
            "seq": pd.Series(columns["seq"], dtype="int64"),
        }
    )


def _make_exchange(row: Any) -> list[_Message]:
    text = describe_request(row.method, row.url, row.call_id)
    sent = _Message(row.sent_at, row.call_id, "request", "application", "service", text, seq=row.seq)
    if pd.isna(row.status):
        return [sent._replace(remark=f"no answer: {row.error}" if row.error else "no answer")]
    status, answered_at = int(row.status), row.sent_at + row.duration
    text, state = describe_response(status, row.response_body)
    parties = ("service", "application")
    return [sent, _Message(answered_at, row.call_id, "answer", *parties, text, state, status, seq=row.seq)]


def _make_notification(row: Any) -> _Message:
    state = None if pd.isna(row.state) else row.state
    state = read_call_state(row.entity, row.change_type, state) or state
    remark = None
    if not pd.isna(row.duplicate_of):
        remark = f"duplicate of {row.duplicate_of}"
    elif not pd.isna(row.late_by):
        remark = f"{row.late_by.total_seconds():.3g} s late"
    parties = ("service", "listener")
    tone = None if pd.isna(row.tone) else row.tone
    text = describe_notification(row.change_type, row.entity, row.raw, state, tone)
    return _Message(row.received_at, row.call_id, "notification", *parties, text, state, remark=remark, seq=row.seq)
