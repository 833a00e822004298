"""Requests of the client and responses of the service, as values."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import unquote

from .._arguments import require_type
from ..errors import ConsentMissing, GraphError, InvalidCall, NotFound, Throttled, Unauthorized
from .base import Resource
from .models import AppHostedMediaConfig, Call, CreatedCall
from .operations import CALLING, JOINING, JOINING_CHAT, Action, Operation
from .results import explain
from .versions import ApiVersion


@dataclass(frozen=True)
class Request:
    """A request to the service.

    Attributes
    ----------
    operation : str
        Graph's name, such as ``create``.
    method, path : str
        HTTP method, and path below the base URL.
    body : dict or None
        JSON body.
    call_id : str or None
        Id of the call, if it exists.
    is_idempotent : bool
        True when a second request has no further effect.
    permission : str
        Permission that the service requires, if it is known.
    has_own_token : bool
        True when ``bearer`` replaces the access token of the application, which other hosts must not see.
    headers : dict
        Further headers.
    """

    operation: str
    method: str
    path: str
    body: dict[str, Any] | None = field(default=None, repr=False)
    call_id: str | None = None
    is_idempotent: bool = True
    permission: str = ""
    has_own_token: bool = False
    bearer: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)


def create_request(
    version: ApiVersion, call: Call, application_id: str | None = None, headers: Mapping[str, str] | None = None
) -> Request:
    """Return the request that creates a call, optionally under the path of an application."""
    return Request(
        "create",
        "POST",
        version.calls_path(application_id),
        version.write_call(call),
        is_idempotent=False,
        permission=permission_for(call, version),
        headers=headers or {},
    )


def get_request(version: ApiVersion, call_id: str) -> Request:
    """Return the request that reads a call."""
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
        body if action.method in ("POST", "PATCH") else None,
        call_id=call_id,
        is_idempotent=action.is_idempotent,
        permission=action.permission,
    )


def recording_request(call_id: str, operation: Operation) -> Request:
    """Return the request that fetches the recording of a completed operation.

    Raises
    ------
    InvalidCall
        When the operation does not have the URL of a recording.
    """
    require_type("operation", operation, Operation, "the operation that record_response() returned")
    url = operation.recording_location or operation.record_resource_location
    if not url:
        advice = "the operation has no recording; wait until it has ended, and check its result."
        raise InvalidCall(f"Nothing was fetched: {advice}", problems=[("recordingLocation", advice)])
    token = operation.recording_access_token or ""
    return Request("recording", "GET", url, call_id=call_id, has_own_token=True, bearer=token)


def permission_for(call: Call, version: ApiVersion) -> str:
    """Return the application permission to create a call of this kind, as on Graph's page *Create call*.

    A meeting can also be joined with a resource-specific permission, of the meeting's chat alone.
    """
    targets = len(call.targets or [])
    if call.meeting_info is not None or call.chat_info is not None:
        needed = "Calls.InitiateGroupCall.All" if targets else f"{JOINING} or {JOINING_CHAT}"
    elif targets > 1 and not version.rings_at_once:
        needed = "Calls.InitiateGroupCall.All"
    else:
        needed = "Calls.Initiate.All"
    return needed + (" with Calls.AccessMedia.All" if isinstance(call.media_config, AppHostedMediaConfig) else "")


MAX_ATTEMPTS = 4
"""Attempts in all, as Graph's SDKs do."""

MAX_RETRY_PAUSE_SECONDS = 60.0
"""Longest ``Retry-After`` that is waited for; a longer one raises ``Throttled`` at once."""


def pause_before_retry(
    status: int, headers: Mapping[str, str], attempts: int, now: float, max_attempts: int = MAX_ATTEMPTS
) -> float | None:
    """Return the seconds to wait before a refused request is sent again, or ``None`` for no retry.

    Only 429 and 503 are retried, since the service has not acted on the request.

    Parameters
    ----------
    status : int
        HTTP status of the response.
    headers : mapping of str to str
        Headers of the response, in lower case.
    attempts : int
        Number of requests that were sent.
    now : float
        Time in seconds since 1970.
    max_attempts : int
        Number of requests to send in all.
    """
    if status not in (429, 503) or attempts >= max_attempts:
        return None
    pause = retry_after(headers, now)
    if pause is None:
        # A 503 without Retry-After may come from a proxy, after the service has acted.
        return 2.0 ** (attempts - 1) if status == 429 else None
    return pause if pause <= MAX_RETRY_PAUSE_SECONDS else None


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return ``Retry-After`` in seconds, which may be a number or a date."""
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
    """A successful response, with the request ids that Microsoft's support needs."""

    status: int
    body: bytes
    location: str = ""
    request_id: str = ""
    client_request_id: str = ""


def read_call(response: ServiceResponse) -> CreatedCall:
    """Return the call in a successful response."""
    return _read(CreatedCall, response, "a call")


def read_operation(response: ServiceResponse) -> Operation:
    """Return the operation in a successful response; without a body, the one in ``Location``."""
    if not response.body.strip() and "/operations/" in response.location:
        return Operation(id=unquote(response.location.rpartition("/")[2]))
    return _read(Operation, response, "an operation")


def read_entity(kind: type[R], response: ServiceResponse) -> R:
    """Return the object of a kind, such as a participant, in a successful response."""
    words = _split_words(kind)
    return _read(kind, response, f"{'an' if words[0] in 'aeiou' else 'a'} {words}")


def read_entities(kind: type[R], response: ServiceResponse) -> list[R]:
    """Return the objects of a kind in a successful response, a collection ``{"value": […]}``."""
    noun = f"a list of {_split_words(kind)}s"
    value = _load(response, noun)
    items = value.get("value") if isinstance(value, dict) else None
    if not isinstance(items, list):
        raise _make_error(response, noun, "it does not have an array value")
    return [_validate(kind, item, response, noun) for item in items]


def _split_words(kind: type[Resource]) -> str:
    return re.sub("(?<!^)(?=[A-Z])", " ", kind.__name__).lower()


def _read(kind: type[R], response: ServiceResponse, noun: str) -> R:
    return _validate(kind, _load(response, noun), response, noun)


def _validate(kind: type[R], value: Any, response: ServiceResponse, noun: str) -> R:
    try:
        return kind.from_json_dict(value)
    except InvalidCall as error:
        raise _make_error(response, noun, str(error)) from None


def _load(response: ServiceResponse, noun: str) -> Any:
    try:
        return json.loads(response.body)
    except (ValueError, RecursionError) as error:
        raise _make_error(response, noun, str(error)) from None


def _make_error(response: ServiceResponse, noun: str, reason: str) -> GraphError:
    return GraphError(
        response.status,
        "UnreadableResponse",
        f"the service accepted the request, but its response is not {noun}: {reason}",
        request_id=response.request_id,
        client_request_id=response.client_request_id,
        remedy="See session.calls() for its effect, and check the URL of the service.",
    )


def read_error(
    request: Request, status: int, headers: Mapping[str, str], body: bytes, client_request_id: str
) -> GraphError:
    """Return the error for a response of 400 or above."""
    code, message, inner_id = _error_body(body)
    kind, remedy = _ERRORS.get(status, (GraphError, _REMEDY_5XX if status >= 500 else _REMEDY_4XX))
    if status == 503 and "retry-after" in headers:
        kind, remedy = _ERRORS[429]
    if status == 403 and code.isdigit() and code != _CONSENT_CODE:
        # The permission is there; the code tells what else is wrong.
        kind, remedy = GraphError, f"{explain(status, code).remedy}."
    error = kind(
        status,
        code or f"HTTP {status}",
        message or "the service did not give a reason.",
        request_id=headers.get("request-id", "") or inner_id,
        client_request_id=client_request_id,
        remedy=remedy.format(permission=request.permission or "the permission on the page of the operation"),
    )
    if isinstance(error, ConsentMissing):
        error.permission = request.permission
    if isinstance(error, Throttled):
        error.retry_after = retry_after(headers, 0.0) if headers.get("retry-after", "").isdigit() else None
    return error


MAX_CALLS_A_MONTH, MAX_CALLS_AT_A_TIME = 10_000, 100
"""Microsoft's limits for an application, over all tenants."""

_CONSENT_CODE = "7504"
_REMEDY_4XX = "Compare the request with Graph's page of the operation."
_REMEDY_5XX = "Try again later; if it stays, give the request-id to Microsoft's support."

_ERRORS: dict[int, tuple[type[GraphError], str]] = {
    400: (GraphError, "Correct the field in the message and retry."),
    401: (Unauthorized, "Check that the token is for Graph (https://graph.microsoft.com/.default) and your tenant."),
    403: (
        ConsentMissing,
        "Add {permission} to the application in Microsoft Entra, let an administrator consent, and sign in again.",
    ),
    404: (NotFound, "Check the id; the service removes a call soon after it ended."),
    429: (
        Throttled,
        "Wait for the time in Retry-After, and create fewer calls at a time: Microsoft allows an application "
        f"{MAX_CALLS_A_MONTH:,} calls a month and {MAX_CALLS_AT_A_TIME} at a time.",
    ),
}


def _error_body(body: bytes) -> tuple[str, str, str]:
    """Return code, message and request id of Graph's error body; empty texts for another body.

    A message that is itself an error body in JSON, as the calling service nests it, is unwrapped.
    """
    code, message, request_id = _read_error_body(body)
    for _ in range(MAX_NESTED_ERRORS):
        inner_code, inner_message, inner_id = _read_error_body(message)
        if not (inner_code or inner_message):
            break
        code, message, request_id = inner_code or code, inner_message or message, request_id or inner_id
    return code, message, request_id


MAX_NESTED_ERRORS = 4


def _read_error_body(body: bytes | str) -> tuple[str, str, str]:
    try:
        value = json.loads(body)
        error = value.get("error", value.get("errorDetails", value))
        inner = error.get("innerError") or error.get("innererror") or {}
        code, message = error.get("code", error.get("errorCode", "")), error.get("message", "")
        return str(code), str(message), str(inner.get("request-id", ""))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return "", "", ""
