"""Requests of the client and responses of the service, as values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import unquote

from .._arguments import require_type
from ..errors import ConsentMissing, GraphError, InvalidCall, NotFound, Throttled, Unauthorized
from .base import Resource
from .models import AppHostedMediaConfig, Call, Participant
from .operations import CALLING, JOINING, Action, Operation
from .versions import ApiVersion


@dataclass(frozen=True)
class Request:
    """What is to be sent.

    Attributes
    ----------
    operation : Graph's own name of it, such as ``create``
    repeatable : whether sending it twice does no more than sending it once
    permission : what the service will ask for, where that is known
    own_sign_in : whether ``bearer`` is sent in place of the application's access token, which is not for this address
    """

    operation: str
    method: str
    path: str
    body: dict[str, Any] | None = field(default=None, repr=False)
    call_id: str | None = None
    repeatable: bool = True
    permission: str = ""
    own_sign_in: bool = False
    bearer: str = field(default="", repr=False)


def create_request(version: ApiVersion, call: Call, application_id: str | None = None) -> Request:
    return Request(
        "create",
        "POST",
        version.calls_path(application_id),
        version.write_call(call),
        repeatable=False,
        permission=permission_for(call, version),
    )


def get_request(version: ApiVersion, call_id: str) -> Request:
    return Request("get", "GET", version.call_path(call_id), call_id=call_id, permission=CALLING)


def action_request(version: ApiVersion, call_id: str, action: Action) -> Request:
    """Return the request for an action on a call.

    Raises
    ------
    InvalidCall
        When the body breaks a limit of Graph's page; ``problems`` holds each field with advice.
    IllegalAction
        When the version does not have the action.
    """
    path, body = version.action_path(call_id, action), version.write_action(action)
    return Request(
        action.name,
        action.method,
        path,
        body if action.method == "POST" else None,
        call_id=call_id,
        repeatable=action.is_idempotent,
        permission=action.permission,
    )


def recording_request(call_id: str, operation: Operation) -> Request:
    """Fetch a recording from where an ended operation says that it lies.

    Raises
    ------
    InvalidCall
        When the operation names no such place.
    """
    require_type("operation", operation, Operation, "what record_response() returned")
    address = operation.recording_location or operation.record_resource_location
    if not address:
        advice = "there is no recording (yet); wait for the operation of recordResponse to end, and look at its result."
        raise InvalidCall(f"Nothing was fetched: {advice}", problems=[("recordingLocation", advice)])
    token = operation.recording_access_token or ""
    return Request("recording", "GET", address, call_id=call_id, own_sign_in=True, bearer=token)


def permission_for(call: Call, version: ApiVersion) -> str:
    """The application permission that placing a call needs, by what kind of call it is (Graph's create call page)."""
    targets = len(call.targets or [])
    if call.meeting_info is not None or call.chat_info is not None:
        needed = "Calls.InitiateGroupCall.All" if targets else JOINING
    elif targets > 1 and not version.rings_at_once:
        needed = "Calls.InitiateGroupCall.All"
    else:
        needed = "Calls.Initiate.All"
    return needed + (" with Calls.AccessMedia.All" if isinstance(call.media_config, AppHostedMediaConfig) else "")


MAX_ATTEMPTS = 4
"""How often a request is sent at most."""

MAX_RETRY_PAUSE_SECONDS = 60.0
"""A service that asks for more than this gets no second request from us; the caller is told instead."""


def pause_before_retry(
    status: int, headers: Mapping[str, str], tries: int, now: float, most: int = MAX_ATTEMPTS
) -> float | None:
    """Seconds to wait before a refused request is sent again, or ``None`` when it should not be.

    ``tries`` is how often it was sent, ``most`` how often it may be, ``now`` the time in seconds since 1970. Only 429
    and 503 are asked again: there the service says that it did nothing.
    """
    if status not in (429, 503) or tries >= most:
        return None
    pause = retry_after(headers, now)
    if pause is None:
        # Without a word about when, a 503 may come from anything on the way, and after anything was done.
        return 2.0 ** (tries - 1) if status == 429 else None
    return pause if pause <= MAX_RETRY_PAUSE_SECONDS else None


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """``Retry-After`` in seconds; it may be a number or a date."""
    value = headers.get("retry-after", "").strip()
    if value.isdigit():
        return float(value)
    try:
        return max(parsedate_to_datetime(value).timestamp() - now, 0.0)
    except (TypeError, ValueError):
        return None


R = TypeVar("R", bound=Resource)


@dataclass(frozen=True)
class ServiceResponse:
    """A successful answer, and what support asks for when it cannot be read."""

    status: int
    body: bytes
    location: str = ""
    request_id: str = ""
    client_request_id: str = ""


def read_call(answer: ServiceResponse) -> Call:
    """The call in a successful answer."""
    return _read(Call, answer, "a call")


def read_operation(answer: ServiceResponse) -> Operation:
    """The operation in a successful answer; where the body is left out, the one that ``Location`` names."""
    if not answer.body.strip() and "/operations/" in answer.location:
        return Operation(id=unquote(answer.location.rpartition("/")[2]))
    return _read(Operation, answer, "an operation")


def read_participant(answer: ServiceResponse) -> Participant:
    return _read(Participant, answer, "a participant")


def read_participants(answer: ServiceResponse) -> list[Participant]:
    """The participants in a successful answer: a collection, ``{"value": […]}``."""
    value = _loaded(answer, "a list of participants")
    items = value.get("value") if isinstance(value, dict) else None
    if not isinstance(items, list):
        raise _unreadable(answer, "a list of participants", "it has no value array")
    return [_model(Participant, item, answer, "a list of participants") for item in items]


def _read(kind: type[R], answer: ServiceResponse, noun: str) -> R:
    return _model(kind, _loaded(answer, noun), answer, noun)


def _model(kind: type[R], value: Any, answer: ServiceResponse, noun: str) -> R:
    try:
        return kind.from_json_dict(value)
    except InvalidCall as error:
        raise _unreadable(answer, noun, str(error)) from None


def _loaded(answer: ServiceResponse, noun: str) -> Any:
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise _unreadable(answer, noun, str(error)) from None


def _unreadable(answer: ServiceResponse, noun: str, reason: str) -> GraphError:
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
    400: (GraphError, "Fix what the message names and send it again."),
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
