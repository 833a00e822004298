"""Classifier of JSON documents: a call, a document that contains the request of a call, or something else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..errors import InvalidCall
from .join_url import MeetingLink, find_meeting, read_meeting_link
from .json_text import parse_object
from .models import Call
from .operations import ACTIONS

_CALL_MEMBERS = {str(field.alias).lower() for field in Call.model_fields.values()} - {"@odata.type"}
_MAX_DEPTH = 40

# Kind and members, of which one is enough.
_OTHER_KINDS = (
    ("a notification", {"changetype", "resourcedata", "resourceurl"}),
    ("an access token, which must not be shown", {"access_token"}),
    ("an error response", {"error"}),
    ("the body of the action answer", {"acceptedmodalities"}),
    ("the body of the action transfer", {"transfertarget"}),
    ("the body of the action playPrompt", {"prompts"}),
    ("a roster of participants", {"isinlobby", "mediastreams"}),
)
_MEETING_MEMBERS = {"joinweburl", "joinurl", "joinmeetingidsettings", "onlinemeeting", "onlinemeetingurl", "icaluid"}
# Members of a request in which tools keep its body.
_CONTAINERS = (
    ("a Postman collection", {"info", "item"}),
    ("a HAR file", {"log"}),
    ("a batch of requests", {"requests"}),
    ("an export of Insomnia", {"resources"}),
    ("a request", {"body", "url"}),
    ("a request", {"body", "method"}),
    ("a request", {"postdata"}),
    ("a request", {"data", "headers"}),
)
_BODY_MEMBERS = ("raw", "text", "body", "data", "json", "content", "postData")


def read_document(value: Any) -> Call:
    """Return the call in a JSON document: a body, an online meeting, or a collection with the request.

    Raises
    ------
    InvalidCall
        For another document; the message says which it is.

    Examples
    --------
    >>> read_document({"log": {"entries": [{"request": {"postData": {"text": '{"subject": "a"}'}}}]}}).subject
    'a'
    """
    if not isinstance(value, Mapping) or _is_call(value):
        return Call.from_json_dict(value)
    if meeting := _read_online_meeting(value):
        return meeting.to_call()
    members = _names(value)
    container = next((kind for kind, names in _CONTAINERS if names <= members), None)
    if container:
        for body in _find_bodies(value):
            if _is_call(body):
                return Call.from_json_dict(body)
        raise InvalidCall(f"This is {container} without the body of a call; copy the body of the request POST …/calls.")
    raise InvalidCall(_describe(value))


def is_call(value: Mapping[str, Any]) -> bool:
    """Return true for the body of a call: it has a member of one, and is not known to be something else."""
    return bool(value) and _is_call(value)


def _is_call(value: Mapping[str, Any]) -> bool:
    if not value:
        return True
    kind = value.get("@odata.type")
    if isinstance(kind, str) and kind:
        return kind.rpartition(".")[2].lower() == "call"
    members = _names(value)
    others = [names for _, names in _OTHER_KINDS] + [_MEETING_MEMBERS]
    return bool(members & _CALL_MEMBERS) and not any(members & names for names in others)


def _names(value: Mapping[str, Any]) -> set[str]:
    return {str(name).lower() for name in value}


def _describe(value: Mapping[str, Any]) -> str:
    members = _names(value)
    items = value.get("value")
    if isinstance(items, list) and items and isinstance(items[0], Mapping):
        members |= _names(items[0])
    kind = next((kind for kind, names in _OTHER_KINDS if names & members), None)
    odata_type = value.get("@odata.type")
    if kind is None and isinstance(odata_type, str):
        kind = f"a {odata_type.rpartition('.')[2]}"
    action = next((name for name, body in ACTIONS.items() if _matches(body, members)), None)
    if kind is None and action:
        kind = f"the body of the action {action}"
    shown = ", ".join(str(name)[:40] for name in list(value)[:6])
    what = f"This is {kind}, not a call" if kind else f"This JSON is not a call; its members are {shown}"
    return f"{what}. A call has callbackUri, targets or meetingInfo, and mediaConfig; copy the body of POST …/calls."


def _matches(body: Any, members: set[str]) -> bool:
    names = {str(field.alias).lower() for field in body.model_fields.values()} - {"@odata.type"}
    own = members - {"@odata.type", "clientcontext"}
    return bool(own) and own <= names


def _read_online_meeting(value: Mapping[str, Any]) -> MeetingLink | None:
    """Return the meeting of an online meeting or an event of a calendar; ``None`` for other documents."""
    if not _names(value) & _MEETING_MEMBERS or _names(value) & {"changetype", "resourcedata"}:
        return None
    for name in ("joinWebUrl", "joinUrl", "onlineMeetingUrl"):
        for holder in (value, value.get("onlineMeeting")):
            link = holder.get(name) if isinstance(holder, Mapping) else None
            if isinstance(link, str) and link:
                return read_meeting_link(link)
    body = value.get("body")
    content = body.get("content") if isinstance(body, Mapping) else None
    meeting = find_meeting(content) if isinstance(content, str) else None
    if meeting is None:
        raise InvalidCall("This is an online meeting without joinWebUrl, not a call; paste the link of its invitation.")
    return meeting


def _find_bodies(value: Any, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """Yield the bodies of requests in a document, in order; responses are left out."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, list):
        for item in value:
            yield from _find_bodies(item, depth + 1)
    elif isinstance(value, Mapping):
        if _is_action_url(value.get("url")):
            return
        for name, inner in value.items():
            if name in ("response", "responses"):
                continue
            if name in _BODY_MEMBERS:
                body = parse_object(inner) if isinstance(inner, str) else inner
                if isinstance(body, Mapping):
                    yield body
            yield from _find_bodies(inner, depth + 1)


def _is_action_url(url: Any) -> bool:
    """Return true for the address of an action on a call, such as ``…/calls/{id}/answer``."""
    text = url.get("raw") if isinstance(url, Mapping) else url
    return isinstance(text, str) and bool(text.partition("?")[0].partition("/calls/")[2].strip("/"))
