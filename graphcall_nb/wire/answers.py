"""What the service answers, as models or errors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import unquote

from ..errors import ConsentMissing, GraphError, InvalidCall, NotFound, Throttled, Unauthorized
from ..models import Call, Operation, Participant, Resource
from .requests import Request
from .retry import retry_after

R = TypeVar("R", bound=Resource)


@dataclass(frozen=True)
class Answer:
    """A successful answer, and what support asks for when it cannot be read."""

    status: int
    body: bytes
    location: str = ""
    request_id: str = ""
    client_request_id: str = ""


def read_call(answer: Answer) -> Call:
    """The call in a successful answer."""
    return _read(Call, answer, "a call")


def read_operation(answer: Answer) -> Operation:
    """The operation in a successful answer; where the body is left out, the one that ``Location`` names."""
    if not answer.body.strip() and "/operations/" in answer.location:
        return Operation(id=unquote(answer.location.rpartition("/")[2]))
    return _read(Operation, answer, "an operation")


def read_transfer(answer: Answer) -> Operation | None:
    """The operation of a transfer, where the version tells of one."""
    return read_operation(answer) if answer.body.strip() else None


def read_participant(answer: Answer) -> Participant:
    return _read(Participant, answer, "a participant")


def read_participants(answer: Answer) -> list[Participant]:
    """The participants in a successful answer: a collection, ``{"value": […]}``."""
    value = _loaded(answer, "a list of participants")
    items = value.get("value") if isinstance(value, dict) else None
    if not isinstance(items, list):
        raise _unreadable(answer, "a list of participants", "it has no value array")
    return [_model(Participant, item, answer, "a list of participants") for item in items]


def _read(kind: type[R], answer: Answer, noun: str) -> R:
    return _model(kind, _loaded(answer, noun), answer, noun)


def _model(kind: type[R], value: Any, answer: Answer, noun: str) -> R:
    try:
        return kind.from_json_dict(value)
    except InvalidCall as error:
        raise _unreadable(answer, noun, str(error)) from None


def _loaded(answer: Answer, noun: str) -> Any:
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise _unreadable(answer, noun, str(error)) from None


def _unreadable(answer: Answer, noun: str, reason: str) -> GraphError:
    return GraphError(
        answer.status,
        "UnreadableAnswer",
        f"the service agreed, but its answer is not {noun}: {reason}",
        request_id=answer.request_id,
        client_request_id=answer.client_request_id,
        remedy="Look at session.calls() for what became of it, and check the address of the service.",
    )


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
