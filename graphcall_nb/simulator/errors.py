"""Error responses of the service, in Graph's own error body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

Problem = tuple[str, str]
"""A member of a request body, and a message on it that ends with the remedy."""


class GraphError(Exception):
    """An error response of Graph. ``details`` lists each problem where a request has several."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: Sequence[Problem] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = tuple(details)
        self.headers = dict(headers or {})

    def make_body(self, *, request_id: str, client_request_id: str, now: float) -> dict[str, Any]:
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


def unauthorized(message: str) -> GraphError:
    return GraphError(401, "InvalidAuthenticationToken", message, headers={"WWW-Authenticate": _CHALLENGE})


def forbidden(permissions: Sequence[str]) -> GraphError:
    """Return the error of an application that has none of these permissions."""
    names = permissions[0] if len(permissions) == 1 else "one of " + ", ".join(permissions)
    return GraphError(
        403,
        "7504",
        "Insufficient enterprise tenant permissions, cannot access this API. "
        f"The application needs {names}: have an administrator consent to it, then ask for a new token.",
    )


def wrong_application(named: str, application_id: str) -> GraphError:
    """Return the error of a path with the id of another application than the token's."""
    return GraphError(
        403,
        "Forbidden",
        f"Application {named[:64]} in the path is not the one that the access token was issued to. Use "
        f"/applications/{application_id}/calls, or /app/calls.",
    )


def bad_request(problems: Sequence[Problem]) -> GraphError:
    message = " ".join(text for _, text in problems)
    return GraphError(400, "BadRequest", message, details=problems if len(problems) > 1 else ())


def unreadable(reason: str) -> GraphError:
    return GraphError(
        400,
        "BadRequest",
        "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON "
        f"format. {reason}",
    )


def call_not_found(call_id: str) -> GraphError:
    return GraphError(404, "8522", f"Call {call_id} was not found: it never existed or has ended. Create a new call.")


def too_many_calls(limit: int) -> GraphError:
    return GraphError(
        429,
        "TooManyRequests",
        f"The limit of {limit} live calls is reached. Hang some up, then try again.",
        headers={"Retry-After": "10"},
    )


def participant_not_found(participant_id: str) -> GraphError:
    return GraphError(
        404,
        "ParticipantNotFound",
        f"Participant {participant_id[:64]} is not in this call. List the participants for their ids.",
    )


def operation_not_found(operation_id: str) -> GraphError:
    return GraphError(
        404,
        "OperationNotFound",
        f"Operation {operation_id[:64]} was not found: it never existed, or it is finished and deleted.",
    )


def item_not_found(kind: str, id_: str) -> GraphError:
    """Return the error of an item of a call that does not exist, such as a content sharing session."""
    return GraphError(404, "ItemNotFound", f"The {kind} {id_[:80]} is not in this call. List them for their ids.")


def path_not_found(path: str) -> GraphError:
    return GraphError(404, "ResourceNotFound", f"A call has nothing at {path[:100]} in this version.")


def method_not_allowed(methods: Sequence[str]) -> GraphError:
    return GraphError(
        405,
        "Request_BadRequest",
        f"Specified HTTP method is not allowed for the request target. Use {' or '.join(methods)}.",
        headers={"Allow": ", ".join(methods)},
    )


def wrong_state(reason: str) -> GraphError:
    """Return the error of an operation that the call's state does not allow.

    The code is the one that the same calling service publishes for Azure Communication Services.
    """
    return GraphError(400, "8501", f"The operation is not valid in the present state of the call: {reason}")


def unsupported_call(reason: str) -> GraphError:
    """Return the error of an operation that the kind of call, or its media, does not allow."""
    return GraphError(400, "BadRequest", reason)


def throttled() -> GraphError:
    return GraphError(
        429,
        "TooManyRequests",
        "Too many requests (a fault that was switched on). Wait as long as Retry-After says.",
        headers={"Retry-After": "1"},
    )


def unavailable() -> GraphError:
    return GraphError(
        503,
        "ServiceUnavailable",
        "The service is not available (a fault that was switched on). Wait as long as Retry-After says.",
        headers={"Retry-After": "1"},
    )
