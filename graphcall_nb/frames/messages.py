"""What was said on the wire about a call, in the order of time."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pandas as pd

from ..callstates import TERMINAL, canonical_state
from .rows import json_object, text

PARTIES = ("application", "service", "listener")
KINDS = ("request", "answer", "notification")


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


def messages_frame(requests: pd.DataFrame, notifications: pd.DataFrame, call_id: str | None) -> pd.DataFrame:
    if call_id is not None:
        requests = requests[requests["call_id"] == call_id]
        notifications = notifications[notifications["call_id"] == call_id]
    said = [message for row in requests.itertuples(index=False) for message in _exchange(row)]
    said += [_notification(row) for row in notifications.itertuples(index=False)]
    said.sort(key=lambda message: message.at)  # keeps the order of those at the same time
    columns: dict[str, list[Any]] = {name: [getattr(one, name) for one in said] for name in _Message._fields}
    state = notifications["state"].dtype
    return pd.DataFrame(
        {
            "at": pd.Series(columns["at"], dtype=notifications["received_at"].dtype),
            "call_id": pd.Series(columns["call_id"], dtype=object),
            "kind": pd.Categorical(columns["kind"], categories=KINDS),
            "sender": pd.Categorical(columns["sender"], categories=PARTIES),
            "receiver": pd.Categorical(columns["receiver"], categories=PARTIES),
            "text": pd.Series(columns["text"], dtype=object),
            "state": pd.Categorical(columns["state"], categories=_all(state, columns["state"]), ordered=True),
            "status": pd.array(columns["status"], dtype="Int64"),
            "remark": pd.Series(columns["remark"], dtype=object),
            "seq": pd.Series(columns["seq"], dtype="int64"),
        }
    )


def _all(dtype: Any, states: list[str | None]) -> list[str]:
    """The states of the notifications' column, then those that only answers name."""
    return list(dict.fromkeys([*dtype.categories, *(state for state in states if state)]))


def _exchange(row: Any) -> list[_Message]:
    sent = _Message(row.sent_at, row.call_id, "request", "application", "service", _asked(row), seq=row.seq)
    if pd.isna(row.status):
        return [sent._replace(remark=f"no answer: {row.error}" if row.error else "no answer")]
    answer = json_object(row.response_body)
    # An operation that was answered has a status; an error has a code.
    state = text(answer.get("state"))
    said = text(answer.get("status")) or text(_part(answer, "error").get("code"))
    words = [f"{row.status} {_phrase(int(row.status))}", canonical_state(state) if state else said]
    answered = _Message(
        row.sent_at + row.duration,
        row.call_id,
        "answer",
        "service",
        "application",
        " · ".join(word for word in words if word),
        canonical_state(state) if state else None,
        int(row.status),
        seq=row.seq,
    )
    return [sent, answered]


def _asked(row: Any) -> str:
    """``POST …/playPrompt``: the method and the path; ids are long, and the same in each line."""
    path = urlsplit(row.url).path
    path = "/" + path.strip("/").partition("/")[2]  # the version begins each path
    return f"{row.method} {path.replace(row.call_id, '{id}') if row.call_id else path}"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _part(body: dict[str, Any], name: str) -> dict[str, Any]:
    value = body.get(name)
    return value if isinstance(value, dict) else {}


def _notification(row: Any) -> _Message:
    state = None if pd.isna(row.state) else row.state
    if state is None and row.entity == "call" and row.change_type == "deleted":
        state = TERMINAL
    words = [row.change_type, _about(row, state)]
    if not pd.isna(row.tone):
        words.append(f"tone {row.tone.removeprefix('tone')}")
    remark = None
    if not pd.isna(row.duplicate_of):
        remark = f"duplicate of {row.duplicate_of}"
    elif not pd.isna(row.late_by):
        remark = f"{row.late_by.total_seconds():.3g} s late"
    parties = ("service", "listener")
    said = " ".join(word for word in words if word)
    return _Message(row.received_at, row.call_id, "notification", *parties, said, state, remark=remark, seq=row.seq)


def _about(row: Any, state: str | None) -> str:
    if row.entity == "call":
        return state or "call"
    data = json_object(row.raw).get("resourceData")
    if row.entity == "participants":
        people = data.get("participants") if isinstance(data, dict) else data
        count = len(people) if isinstance(people, list) else 0
        return f"participants ({count})"
    if row.entity == "operation" and isinstance(data, dict):
        kind = (text(data.get("@odata.type")) or "").rpartition(".")[2].removesuffix("Operation")
        return " ".join(["operation" if kind in ("", "comms") else kind, text(data.get("status")) or ""]).strip()
    return str(row.entity)
