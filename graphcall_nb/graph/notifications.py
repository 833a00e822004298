"""Reading notification envelopes of either version, on the listener's hot path.

``{"value": [{"changeType", "resource" or "resourceUrl", "resourceData": {…} or […]}]}``. Only what the frames need is
read; what is of an unexpected kind is passed over, and ``raw`` keeps each item exactly as it came.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple
from urllib.parse import unquote

import msgspec

from ..errors import InvalidNotification
from .states import canonical_state


class Notification(NamedTuple):
    """One item of an envelope.

    Attributes
    ----------
    call_id : the call it is about
    entity : ``call``, ``participants``, ``participant``, ``operation``, the path segment of another resource, or
        ``legacy`` for what was written before Graph (:func:`read_legacy`)
    resource : the path, as it came
    change_type : ``created``, ``updated`` or ``deleted``
    state : the call's state in Graph's own spelling, where it was given
    direction, etag : as they came
    answered_by : the display name of who answered, else the id
    active_modalities : separated by a comma and a blank
    tone : the key that was pressed
    result_code, result_subcode, result_message
        ``resultInfo``, else the reason of the end; a code that is no number is put into the message
    raw : the item as it came, JSON text
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
    """What is read of an entity; each may be of any kind, since nothing is refused for what it is."""

    id: Any = None
    type: Any = msgspec.field(default=None, name="@odata.type")
    etag: Any = msgspec.field(default=None, name="@odata.etag")
    state: Any = None
    call_state: Any = None  # beta's first pages of 2018 say so
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
    # An array packs several entities of a roster; its rows belong to no single state.
    resource_data: _Entity | list[Any] | str | int | float | bool | None = None


class _Envelope(msgspec.Struct):
    value: list[msgspec.Raw]


_read_envelope = msgspec.json.Decoder(_Envelope).decode
_read_item = msgspec.json.Decoder(_Item).decode
_read_anything = msgspec.json.Decoder().decode

_NOTHING = _Entity()


def read_notifications(body: bytes | str) -> list[Notification]:
    """Read an envelope of either version.

    Raises
    ------
    InvalidNotification
        When the body is no envelope; the message says where it stops being one.

    Examples
    --------
    >>> item = '{"changeType": "updated", "resource": "/app/calls/57DAB8B1", "resourceData": {"state": "Ringing"}}'
    >>> [read] = read_notifications('{"value": [' + item + ']}')
    >>> read.call_id, read.entity, read.state
    ('57DAB8B1', 'call', 'ringing')
    """
    try:
        items = _read_envelope(body).value
        return [_notification(bytes(item)) for item in items]
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise InvalidNotification(f"This is not a notification envelope: {error}") from None


def read_legacy(body: bytes) -> Notification | None:
    """What Microsoft sends first of an incoming call: the format from before Graph, of which no page shows the members.

    Any object that is no envelope is taken for one; ``None`` where the body is something else. It is kept as
    ``legacy``, of no call: the id in it is not Graph's, and Graph tells of the call once this is answered with 204.

    >>> read_legacy(b'{"callState": "incoming"}').entity
    'legacy'
    """
    try:
        value = _read_anything(body)
        raw = body.decode()
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
    if not isinstance(value, dict) or not value or "value" in value:
        return None
    return _notification(b"{}")._replace(entity=LEGACY, change_type="created", raw=raw)


LEGACY = "legacy"


def _notification(raw: bytes) -> Notification:
    item = _read_item(raw)
    resource = _text(item.resource_url) or _text(item.resource) or ""
    data = item.resource_data
    told = data if isinstance(data, _Entity) else _NOTHING
    call_id, entity = _address(resource, told)
    if isinstance(data, list) and entity == "operation" and _is_roster(data):
        entity = "participants"
    state = (_text(told.state) or _text(told.call_state)) if entity == "call" else None
    return Notification(
        call_id,
        entity,
        resource,
        (_text(item.change_type) or "").lower(),
        canonical_state(state) if state else None,
        _text(told.direction),
        _text(told.etag),
        _answered_by(told.answered_by),
        _listed(told.active_modalities),
        _tone(told.tone_info),
        *_result(told.result_info, told.termination_reason, told.completion_reason),
        raw.decode(),
    )


def _is_roster(data: list[Any]) -> bool:
    """The page on invitations shows a roster under the address of the operation that changed it."""
    return any(isinstance(one, dict) and str(one.get("@odata.type", "")).endswith(".participant") for one in data)


_ENTITIES = {("participants", True): "participant", ("operations", True): "operation"}


# Nearly all are of this form.
_plain_address = re.compile(r"/(?:app|communications)/calls/([^/?%]+)").fullmatch


def _address(resource: str, told: _Entity) -> tuple[str, str]:
    """``/app/calls/{id}/operations/{id}`` as (call id, entity)."""
    if plain := _plain_address(resource):
        return plain[1], "call"
    segments = resource.partition("?")[0].strip("/").split("/")
    lowered = [segment.lower() for segment in segments]
    if "calls" in lowered:
        call_id, *rest = segments[lowered.index("calls") + 1 :] or [""]
        if not rest:
            return unquote(call_id), "call"
        return unquote(call_id), _ENTITIES.get((rest[0], len(rest) > 1), rest[0])
    kind = (_text(told.type) or "").rpartition(".")[2]
    return (_text(told.id) or "", "call") if kind in ("", "call") else ("", kind)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _listed(value: Any) -> str | None:
    return ", ".join(map(str, value)) if isinstance(value, list) and value else None


def _answered_by(value: Any) -> str | None:
    # A participant's info, or (in beta's first pages) his identities themselves.
    identities = value.get("identity", value) if isinstance(value, dict) else None
    if not isinstance(identities, dict):
        return None
    for identity in identities.values():
        if isinstance(identity, dict):
            return _text(identity.get("displayName")) or _text(identity.get("id"))
    return None


def _tone(value: Any) -> str | None:
    return _text(value.get("tone")) if isinstance(value, dict) else None


def read_result(entity: dict[str, Any]) -> tuple[int | None, int | None, str | None]:
    """Code, subcode, message of an entity's ``resultInfo``; beta writes texts and ``subCode``, v1.0 numbers and
    ``subcode``. Where it has none, its ``terminationReason`` or ``completionReason`` stands as the message.
    """
    return _result(entity.get("resultInfo"), entity.get("terminationReason"), entity.get("completionReason"))


def _result(value: Any, terminated: Any, completed: Any) -> tuple[int | None, int | None, str | None]:
    if not isinstance(value, dict):
        return None, None, _text(terminated) or _text(completed)
    code, odd_code = _number(value.get("code"))
    subcode, odd_subcode = _number(value.get("subcode", value.get("subCode")))
    words = [part for part in (odd_code, odd_subcode, _text(value.get("message"))) if part]
    return code, subcode, ": ".join(words) or None


_LARGEST = 2**63 - 1  # of what a database keeps as an integer


def _number(value: Any) -> tuple[int | None, str]:
    """A number however it was written, or the text that was no number."""
    if isinstance(value, int | str) and not isinstance(value, bool):
        try:
            number = int(value)
        except ValueError:
            return None, str(value).strip()
        return (number, "") if abs(number) <= _LARGEST else (None, str(value))
    return None, ""
