"""Reader of notification envelopes in any version, on the listener's hot path.

``{"value": [{"changeType", "resource" or "resourceUrl", "resourceData": {…} or […]}]}``. Only the values for the frames
are read; values of an unexpected type are skipped, and ``raw`` keeps each item as it was received.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote

import msgspec

from ..errors import InvalidNotification
from .states import canonical_state


class Notification(NamedTuple):
    """One item of an envelope.

    Attributes
    ----------
    call_id : str
        Id of the call.
    entity : str
        ``call``, ``participants``, ``participant``, ``operation``, ``contentSharingSessions``, the path segment of
        another resource, or ``legacy`` for a body in the format before Graph (:func:`read_legacy`).
    resource : str
        Path as it was received.
    change_type : str
        ``created``, ``updated`` or ``deleted``.
    state : str or None
        State of the call in Graph's letter case.
    direction : str or None
        ``incoming`` or ``outgoing``, in Graph's letter case.
    etag : str or None
        Value as it was received.
    answered_by : str or None
        Display name of the callee that answered, else the id.
    active_modalities : str or None
        Modalities separated by a comma and a space.
    tone : str or None
        The key that was pressed, in Graph's letter case.
    result_code, result_subcode, result_message : int, int and str, or None
        ``resultInfo``, else the reason of the end; a code that is not a number is a part of the message.
    raw : str
        The item as it was received, JSON text.
    """

    call_id: str
    entity: str
    resource: str
    change_type: str
    state: str | None
    direction: str | None
    etag: str | None
    answered_by: str | None
    active_modalities: str | None
    tone: str | None
    result_code: int | None
    result_subcode: int | None
    result_message: str | None
    raw: str

    def __repr__(self) -> str:
        return f"<Notification {self.change_type} {self.entity} {self.state or ''} of call {self.call_id}>"


class _Entity(msgspec.Struct, rename="camel"):
    """Values to read of an entity; each may have any type, since none is refused."""

    id: Any = None
    type: Any = msgspec.field(default=None, name="@odata.type")
    etag: Any = msgspec.field(default=None, name="@odata.etag")
    state: Any = None
    call_state: Any = None  # the name on beta's first pages of 2018
    direction: Any = None
    answered_by: Any = None
    active_modalities: Any = None
    tone_info: Any = None
    result_info: Any = None
    termination_reason: Any = None
    completion_reason: Any = None


class _Item(msgspec.Struct, rename="camel"):
    change_type: Any = None
    resource: Any = None
    resource_url: Any = None
    # An array has several participants of a roster, and no state of the call.
    resource_data: _Entity | list[Any] | str | int | float | bool | None = None


class _Envelope(msgspec.Struct):
    value: list[msgspec.Raw]


_read_envelope = msgspec.json.Decoder(_Envelope).decode
_read_item = msgspec.json.Decoder(_Item).decode
_read_anything = msgspec.json.Decoder().decode

_NO_FIELDS = _Entity()


def read_notifications(body: bytes | str) -> list[Notification]:
    """Read an envelope of any version.

    Raises
    ------
    InvalidNotification
        When the body is not an envelope; the message has the position of the error.

    Examples
    --------
    >>> item = '{"changeType": "updated", "resource": "/app/calls/57DAB8B1", "resourceData": {"state": "Ringing"}}'
    >>> [read] = read_notifications('{"value": [' + item + ']}')
    >>> read.call_id, read.entity, read.state
    ('57DAB8B1', 'call', 'ringing')
    """
    return [notification for part in read_in_parts(body) for notification in part]


def read_in_parts(body: bytes | str, size: int = 500) -> Iterator[list[Notification]]:
    """Read an envelope as :func:`read_notifications` does, some notifications at a time.

    Parameters
    ----------
    body : envelope
    size : number of notifications in each part

    Raises
    ------
    InvalidNotification
        When the body is not an envelope, or the next part has something else than notifications.
    """
    try:
        items = _read_envelope(_remove_mark(body)).value
        for first in range(0, len(items), size):
            yield [_make_notification(bytes(item)) for item in items[first : first + size]]
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise InvalidNotification(f"This is not a notification envelope: {_explain(error, body)}") from None


def _remove_mark(body: bytes | str) -> bytes | str:
    """Return an envelope without the byte order mark that some programs write before UTF-8."""
    return body.removeprefix(b"\xef\xbb\xbf") if isinstance(body, bytes) else body.removeprefix("\ufeff")


def _explain(error: Exception, body: bytes | str) -> str:
    """Return the reason of an error; msgspec describes half of a character as data that ends too early."""
    text = body if isinstance(body, str) else body.decode("latin-1")
    if text.startswith(("\xff\xfe", "\xfe\xff")):
        return "it is UTF-16; send UTF-8."
    if half := next((escape[1] for escape in _ESCAPE.finditer(text) if escape[1]), None):
        return f"{half} is half of a character, which JSON must not have; send both halves, or leave it out."
    return str(error)


def read_legacy(body: bytes) -> Notification | None:
    """Read the first notification of an incoming call, in the undocumented format before Graph.

    Any JSON object that is not an envelope is read as one; for another body the result is ``None``. It does not belong
    to a call, since its id is not Graph's; Graph notifies of the call after a response of 204.

    Examples
    --------
    >>> read_legacy(b'{"callState": "incoming"}').entity
    'legacy'
    """
    try:
        value = _read_anything(_remove_mark(body))
        raw = body.decode("utf-8-sig")
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
    if not isinstance(value, dict) or not value or "value" in value:
        return None
    return _make_notification(b"{}")._replace(entity=LEGACY, change_type="created", raw=raw)


LEGACY = "legacy"


def _make_notification(raw: bytes) -> Notification:
    item = _read_item(raw)
    resource = _get_text(item.resource_url) or _get_text(item.resource) or ""
    data = item.resource_data
    fields = data if isinstance(data, _Entity) else _NO_FIELDS
    call_id, entity = _parse_path(resource, fields)
    if isinstance(data, list) and entity == "operation" and _is_roster(data):
        entity = "participants"
    state = (_get_text(fields.state) or _get_text(fields.call_state)) if entity == "call" else None
    return Notification(
        call_id,
        entity,
        resource,
        (_get_text(item.change_type) or "").lower(),
        canonical_state(state) if state else None,
        _spell(_get_text(fields.direction), _DIRECTIONS),
        _get_text(fields.etag),
        _get_answered_by(fields.answered_by),
        _join(fields.active_modalities),
        _get_tone(fields.tone_info),
        *_make_result(fields.result_info, fields.termination_reason, fields.completion_reason),
        raw.decode(),
    )


def _is_roster(data: list[Any]) -> bool:
    """Return true for a roster, which the page on invitations shows under the path of an operation."""
    return any(isinstance(one, dict) and str(one.get("@odata.type", "")).endswith(".participant") for one in data)


# Both halves of a character, or one of them (group 1), or another escape.
_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.", re.DOTALL
)

_ENTITIES = {("participants", True): "participant", ("operations", True): "operation"}
_SPELLINGS = {"contentsharingsessions": "contentSharingSessions"}  # as in the path of a request that lists them


# Nearly all paths have this form.
_match_call_path = re.compile(r"/(?:app|communications)/calls/([^/?%]+)").fullmatch


def _parse_path(resource: str, fields: _Entity) -> tuple[str, str]:
    """Return call id and entity of a path such as ``/app/calls/{id}/operations/{id}``."""
    if match := _match_call_path(resource):
        return match[1], "call"
    segments = resource.partition("?")[0].strip("/").split("/")
    lowered = [segment.lower() for segment in segments]
    if "calls" in lowered:
        call_id, *rest = segments[lowered.index("calls") + 1 :] or [""]
        if not rest:
            return unquote(call_id), "call"
        return unquote(call_id), _ENTITIES.get((rest[0], len(rest) > 1)) or _SPELLINGS.get(rest[0].lower(), rest[0])
    kind = (_get_text(fields.type) or "").rpartition(".")[2]
    return (_get_text(fields.id) or "", "call") if kind in ("", "call") else ("", kind)


def _get_text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _join(value: Any) -> str | None:
    return ", ".join(map(str, value)) if isinstance(value, list) and value else None


def _get_answered_by(value: Any) -> str | None:
    # The info of a participant, or, on beta's first pages, its identities.
    identities = value.get("identity", value) if isinstance(value, dict) else None
    if not isinstance(identities, dict):
        return None
    for identity in identities.values():
        if isinstance(identity, dict):
            return _get_text(identity.get("displayName")) or _get_text(identity.get("id"))
    return None


def _get_tone(value: Any) -> str | None:
    return _spell(_get_text(value.get("tone")), _TONES) if isinstance(value, dict) else None


_DIRECTIONS = frozenset({"incoming", "outgoing"})
_TONES = frozenset({*(f"tone{digit}" for digit in range(10)), "star", "pound", "a", "b", "c", "d", "flash"})


def _spell(text: str | None, words: frozenset[str]) -> str | None:
    """Return a word of the API in the spelling of its pages; another text is returned unchanged."""
    if text is None or text in words:
        return text
    lowercase = text.lower()
    return lowercase if lowercase in words else text


def read_result(entity: dict[str, Any]) -> tuple[int | None, int | None, str | None]:
    """Return code, subcode and message of an entity's ``resultInfo``.

    Beta has texts and ``subCode``, v1.0 has numbers and ``subcode``. Without a ``resultInfo``, the message is
    ``terminationReason`` or ``completionReason``.
    """
    return _make_result(entity.get("resultInfo"), entity.get("terminationReason"), entity.get("completionReason"))


def _make_result(value: Any, terminated: Any, completed: Any) -> tuple[int | None, int | None, str | None]:
    if not isinstance(value, dict):
        return None, None, _get_text(terminated) or _get_text(completed)
    code, odd_code = _to_int(value.get("code"))
    subcode, odd_subcode = _to_int(value.get("subcode", value.get("subCode")))
    words = [part for part in (odd_code, odd_subcode, _get_text(value.get("message"))) if part]
    return code, subcode, ": ".join(words) or None


_MAX_INTEGER = 2**63 - 1  # of a database


def _to_int(value: Any) -> tuple[int | None, str]:
    """Return a number from a number or a text, and the text if it is not a number."""
    if isinstance(value, int | str) and not isinstance(value, bool):
        try:
            number = int(value)
        except ValueError:
            return None, str(value).strip()
        return (number, "") if abs(number) <= _MAX_INTEGER else (None, str(value))
    return None, ""
