"""Refusals in Graph's own error body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any


class GraphFault(Exception):
    """A request that Graph refuses.

    ``details`` are ``(target, message)`` pairs, where several things are wrong at once.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = tuple(details)
        self.headers = dict(headers or {})

    def body(self, *, request_id: str, client_request_id: str, now: float) -> dict[str, Any]:
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.details:
            error["details"] = [
                {"code": self.code, "target": target, "message": message} for target, message in self.details
            ]
        error["innerError"] = {
            "date": datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%S"),
            "request-id": request_id,
            "client-request-id": client_request_id,
        }
        return {"error": error}


_CHALLENGE = (
    'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", '
    'client_id="00000003-0000-0000-c000-000000000000"'
)


def unauthorized(message: str) -> GraphFault:
    return GraphFault(401, "InvalidAuthenticationToken", message, headers={"WWW-Authenticate": _CHALLENGE})


def forbidden(needed: Sequence[str]) -> GraphFault:
    """The application lacks a permission; any one of ``needed`` is enough."""
    names = needed[0] if len(needed) == 1 else "one of " + ", ".join(needed)
    return GraphFault(
        403,
        "7504",
        "Insufficient enterprise tenant permissions, cannot access this API. "
        f"The application needs {names}: have an administrator consent to it, then ask for a new token.",
    )


def bad_request(problems: Sequence[tuple[str, str]]) -> GraphFault:
    message = " ".join(text for _, text in problems)
    return GraphFault(400, "BadRequest", message, details=problems if len(problems) > 1 else ())


def unreadable(reason: str) -> GraphFault:
    return GraphFault(
        400,
        "BadRequest",
        "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON "
        f"format. {reason}",
    )


def no_such_call(call_id: str) -> GraphFault:
    return GraphFault(404, "8522", f"Call {call_id} was not found: it never was, or it has ended. Create a new call.")


def too_many_calls(limit: int) -> GraphFault:
    return GraphFault(
        429,
        "TooManyRequests",
        f"The limit of {limit} live calls is reached. Hang some up, then try again.",
        headers={"Retry-After": "10"},
    )


def no_such_participant(given: str) -> GraphFault:
    return GraphFault(
        404,
        "ParticipantNotFound",
        f"Participant {given[:64]} is not in this call. List the participants for their ids.",
    )


def no_such_operation(given: str) -> GraphFault:
    return GraphFault(
        404, "OperationNotFound", f"Operation {given[:64]} was not found: it never was, or it is finished and deleted."
    )


def no_such_path(below: str) -> GraphFault:
    return GraphFault(404, "ResourceNotFound", f"A call has nothing at {below[:100]} in this version.")


def not_allowed(methods: Sequence[str]) -> GraphFault:
    return GraphFault(
        405,
        "Request_BadRequest",
        f"Specified HTTP method is not allowed for the request target. Use {' or '.join(methods)}.",
        headers={"Allow": ", ".join(methods)},
    )


def not_now(reason: str) -> GraphFault:
    """The call's state does not allow it; the published code of the same calling service for that is 8501."""
    return GraphFault(400, "8501", f"The operation is not valid in the present state of the call: {reason}")


def not_here(reason: str) -> GraphFault:
    """The kind of call, or its media, does not allow it."""
    return GraphFault(400, "BadRequest", reason)


def throttled() -> GraphFault:
    return GraphFault(
        429,
        "TooManyRequests",
        "Too many requests (a fault that was switched on). Wait as long as Retry-After says.",
        headers={"Retry-After": "1"},
    )


def unavailable() -> GraphFault:
    return GraphFault(
        503,
        "ServiceUnavailable",
        "The service is not available (a fault that was switched on). Wait as long as Retry-After says.",
        headers={"Retry-After": "1"},
    )
