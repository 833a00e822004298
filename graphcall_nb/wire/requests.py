"""Operations as request parts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..dialects import Dialect
from ..errors import InvalidCall
from ..models import AppHostedMediaConfig, Call, Operation, Resource
from ..slips import checked
from .actions import ACTIONS, CALLING, JOINING


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


def create_request(dialect: Dialect, call: Call, application_id: str | None = None) -> Request:
    return Request(
        "create",
        "POST",
        dialect.calls_path(application_id),
        dialect.write_call(call),
        repeatable=False,
        permission=permission_for(call, dialect),
    )


def get_request(dialect: Dialect, call_id: str) -> Request:
    return Request("get", "GET", dialect.call_path(call_id), call_id=call_id, permission=CALLING)


def delete_request(dialect: Dialect, call_id: str) -> Request:
    return Request("delete", "DELETE", dialect.call_path(call_id), call_id=call_id, permission=CALLING)


def action_request(
    dialect: Dialect, operation: str, call_id: str, body: Resource | None = None, *, participant_id: str = ""
) -> Request:
    """An operation on a call that there is, one of :data:`ACTIONS`.

    Raises
    ------
    InvalidCall
        When the body breaks a limit that Graph's page names; ``problems`` holds each field with its remedy.
    IllegalAction
        When the dialect has no such operation.
    """
    action = ACTIONS[operation]
    path = dialect.operation_path(operation, call_id, participant_id)
    plain = body.to_json_dict() if body is not None else {}
    written = dialect.write_body(operation, plain)
    return Request(
        operation,
        action.method,
        path,
        written if action.method == "POST" else None,
        call_id=call_id,
        repeatable=action.repeatable,
        permission=action.permission,
    )


def recording_request(call_id: str, operation: Operation) -> Request:
    """Fetch a recording from where an ended operation says that it lies.

    Raises
    ------
    InvalidCall
        When the operation names no such place.
    """
    checked("operation", operation, Operation, "what record_response() returned")
    address = operation.recording_location or operation.record_resource_location
    if not address:
        advice = "there is no recording (yet); wait for the operation of recordResponse to end, and look at its result."
        raise InvalidCall(f"Nothing was fetched: {advice}", problems=[("recordingLocation", advice)])
    token = operation.recording_access_token or ""
    return Request("recording", "GET", address, call_id=call_id, own_sign_in=True, bearer=token)


def permission_for(call: Call, dialect: Dialect) -> str:
    """The application permission that placing a call needs, by what kind of call it is (Graph's create call page)."""
    targets = len(call.targets or [])
    if call.meeting_info is not None or call.chat_info is not None:
        needed = "Calls.InitiateGroupCall.All" if targets else JOINING
    elif targets > 1 and not dialect.rings_at_once:
        needed = "Calls.InitiateGroupCall.All"
    else:
        needed = "Calls.Initiate.All"
    return needed + (" with Calls.AccessMedia.All" if isinstance(call.media_config, AppHostedMediaConfig) else "")
