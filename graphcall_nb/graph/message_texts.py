"""Requests, responses and notifications as short texts, such as ``POST /app/calls`` and ``updated ringing``."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlsplit

from .json_fields import get_object, parse_object, read_text
from .states import canonical_state


def describe_request(method: str, url: str, call_id: str | None) -> str:
    """Return the method and the path of a request; ids are long and always the same.

    Examples
    --------
    >>> describe_request("POST", "https://graph.microsoft.com/v1.0/app/calls/17/playPrompt", "17")
    'POST /app/calls/{id}/playPrompt'
    """
    path = "/" + urlsplit(url).path.strip("/").partition("/")[2]  # every path begins with the version
    return f"{method} {path.replace(call_id, '{id}') if call_id else path}"


def describe_response(status: int, body: str | None) -> tuple[str, str | None]:
    """Return a response as text, and the state of the call in it, if any.

    Examples
    --------
    >>> describe_response(201, '{"state": "establishing"}')
    ('201 Created · establishing', 'establishing')
    """
    response = parse_object(body)
    state = read_text(response.get("state"))
    state = canonical_state(state) if state else None
    # The response to an operation has a status; an error has a code.
    outcome = state or read_text(response.get("status")) or read_text(get_object(response, "error").get("code"))
    words = [f"{status} {_describe_status(status)}", outcome]
    return " · ".join(word for word in words if word), state


def _describe_status(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def describe_notification(change_type: str, entity: str, raw: str, state: str | None, tone: str | None) -> str:
    """Return a notification as text.

    Examples
    --------
    >>> describe_notification("updated", "call", "{}", "ringing", None)
    'updated ringing'
    """
    words = [change_type, _describe_entity(entity, raw, state)]
    if tone:
        words.append(f"tone {tone.removeprefix('tone')}")
    return " ".join(word for word in words if word)


def _describe_entity(entity: str, raw: str, state: str | None) -> str:
    if entity == "call":
        return state or "call"
    data = parse_object(raw).get("resourceData")
    if entity == "participants":
        entries = data.get("participants") if isinstance(data, dict) else data
        return f"participants ({len(entries) if isinstance(entries, list) else 0})"
    if entity == "operation" and isinstance(data, dict):
        kind = (read_text(data.get("@odata.type")) or "").rpartition(".")[2].removesuffix("Operation")
        name = "operation" if kind in ("", "comms") else kind
        return " ".join([name, read_text(data.get("status")) or ""]).strip()
    return entity
