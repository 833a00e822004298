"""Operations as request parts, response parts as models or errors, and the rule when to ask again. No I/O."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from .dialects import Dialect
from .errors import ConsentMissing, GraphError, NotFound, Throttled, Unauthorized
from .models import AppHostedMediaConfig, Call

TRIES = 4
"""How often a request is sent at most."""

LONGEST_PAUSE_SECONDS = 60.0
"""A service that asks for more than this gets no second request from us; the caller is told instead."""


@dataclass(frozen=True)
class Request:
    """What is to be sent.

    Attributes
    ----------
    operation : Graph's own name of it, such as ``create``
    repeatable : whether sending it twice does no more than sending it once
    permission : what the service will ask for, where that is known
    """

    operation: str
    method: str
    path: str
    body: dict[str, Any] | None = None
    call_id: str | None = None
    repeatable: bool = True
    permission: str = ""


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


def create_request(dialect: Dialect, call: Call, application_id: str | None = None) -> Request:
    return Request(
        "create",
        "POST",
        dialect.calls_path(application_id),
        dialect.write_call(call),
        repeatable=False,
        permission=permission_for(call),
    )


def get_request(dialect: Dialect, call_id: str) -> Request:
    permission = "Calls.Initiate.All or Calls.AccessMedia.All"
    return Request("get", "GET", dialect.call_path(call_id), call_id=call_id, permission=permission)


def delete_request(dialect: Dialect, call_id: str) -> Request:
    permission = "Calls.Initiate.All or Calls.AccessMedia.All"
    return Request("delete", "DELETE", dialect.call_path(call_id), call_id=call_id, permission=permission)


def permission_for(call: Call) -> str:
    """The application permission that placing a call needs, by what kind of call it is (Graph's create call page)."""
    if call.meeting_info is not None or call.chat_info is not None:
        needed = "Calls.JoinGroupCall.All or Calls.JoinGroupCallAsGuest.All"
    elif len(call.targets or []) > 1:
        needed = "Calls.InitiateGroupCall.All"
    else:
        needed = "Calls.Initiate.All"
    return needed + (" with Calls.AccessMedia.All" if isinstance(call.media_config, AppHostedMediaConfig) else "")


def pause_before_retry(status: int, headers: Mapping[str, str], tries: int, now: float) -> float | None:
    """Seconds to wait before a refused request is sent again, or ``None`` when it should not be.

    ``tries`` is how often it was sent, ``now`` the time in seconds since 1970. Only 429 and 503 are asked again: there
    the service says that it did nothing.
    """
    if status not in (429, 503) or tries >= TRIES:
        return None
    pause = retry_after(headers, now)
    if pause is None:
        # Without a word about when, a 503 may come from anything on the way, and after anything was done.
        return 2.0 ** (tries - 1) if status == 429 else None
    return pause if pause <= LONGEST_PAUSE_SECONDS else None


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """``Retry-After`` in seconds; it may be a number or a date."""
    value = headers.get("retry-after", "").strip()
    if value.isdigit():
        return float(value)
    try:
        return max(parsedate_to_datetime(value).timestamp() - now, 0.0)
    except (TypeError, ValueError):
        return None


def read_call(status: int, body: bytes, request_id: str, client_request_id: str) -> Call:
    """The call in a successful answer."""
    try:
        return Call.from_json_dict(json.loads(body))
    except ValueError as error:  # InvalidCall is one, too
        raise GraphError(
            status,
            "UnreadableAnswer",
            f"the service agreed, but its answer is not a call: {error}",
            request_id=request_id,
            client_request_id=client_request_id,
            remedy="Look at session.calls() for what became of it, and check the address of the service.",
        ) from None


def read_error(
    request: Request, status: int, headers: Mapping[str, str], body: bytes, client_request_id: str
) -> GraphError:
    """The error that an answer of 400 and above stands for."""
    code, message, inner_id = _error_body(body)
    kind, remedy = _KINDS.get(status, (GraphError, ""))
    if status == 503 and "retry-after" in headers:
        kind, remedy = _KINDS[429]
    error = kind(
        status,
        code or f"HTTP {status}",
        message or "the service gave no reason.",
        request_id=headers.get("request-id", "") or inner_id,
        client_request_id=client_request_id,
        remedy=remedy.format(permission=request.permission or "the permission that the operation's page names"),
    )
    if isinstance(error, ConsentMissing):
        error.permission = request.permission
    if isinstance(error, Throttled):
        error.retry_after = retry_after(headers, 0.0) if headers.get("retry-after", "").isdigit() else None
    return error


_KINDS: dict[int, tuple[type[GraphError], str]] = {
    400: (GraphError, "Mend what the message names and send it again."),
    401: (Unauthorized, "Check that the token is for Graph (https://graph.microsoft.com/.default) and of your tenant."),
    403: (
        ConsentMissing,
        "Give the application {permission} in Microsoft Entra, have an administrator consent, and sign in again.",
    ),
    404: (NotFound, "Check the id; a call is gone a while after it ended."),
    429: (Throttled, "Wait as long as Retry-After says, and place fewer calls at a time."),
}


def _error_body(body: bytes) -> tuple[str, str, str]:
    """Code, message and request id of Graph's error body; empty where it is something else."""
    try:
        error = json.loads(body)["error"]
        inner = error.get("innerError") or error.get("innererror") or {}
        return str(error.get("code", "")), str(error.get("message", "")), str(inner.get("request-id", ""))
    except (ValueError, KeyError, TypeError, AttributeError):
        return "", "", ""


_SECRET = frozenset({"token", "passcode", "blob"})


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
