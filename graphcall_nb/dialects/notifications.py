"""Reading notification envelopes of either dialect, on the listener's hot path.

``{"value": [{"changeType", "resource" or "resourceUrl", "resourceData": {…} or […]}]}``. Only what the frames need is
read; what is of an unexpected kind is passed over, and ``raw`` keeps each item exactly as it came.
"""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import unquote

import msgspec

from ..callstates import canonical_state
from ..errors import InvalidNotification


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


class _Envelope(msgspec.Struct):
    value: list[msgspec.Raw]


_read_envelope = msgspec.json.Decoder(_Envelope).decode
_read_item = msgspec.json.Decoder().decode


def read_notifications(body: bytes | str) -> list[Notification]:
    """Read an envelope of either dialect.

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
        value = _read_item(body)
        raw = body.decode()
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
    if not isinstance(value, dict) or not value or "value" in value:
        return None
    return _notification(b"{}")._replace(entity=LEGACY, change_type="created", raw=raw)


LEGACY = "legacy"


def _notification(raw: bytes) -> Notification:
    item = _read_item(raw)
    if not isinstance(item, dict):
        raise InvalidNotification("This is not a notification envelope: each item of value must be an object.")
    resource = _text(item.get("resourceUrl")) or _text(item.get("resource")) or ""
    data = item.get("resourceData")
    # An array packs several entities of a roster; its rows belong to no single state.
    entity_data: dict[str, Any] = data if isinstance(data, dict) else {}
    call_id, entity = _address(resource, entity_data)
    if isinstance(data, list) and entity == "operation" and _is_roster(data):
        entity = "participants"
    # Beta's first pages of 2018 say callState.
    state = _text(entity_data.get("state")) or _text(entity_data.get("callState")) if entity == "call" else None
    return Notification(
        call_id,
        entity,
        resource,
        (_text(item.get("changeType")) or "").lower(),
        canonical_state(state) if state else None,
        _text(entity_data.get("direction")),
        _text(entity_data.get("@odata.etag")),
        _answered_by(entity_data.get("answeredBy")),
        _listed(entity_data.get("activeModalities")),
        _tone(entity_data.get("toneInfo")),
        *read_result(entity_data),
        raw.decode(),
    )


def _is_roster(data: list[Any]) -> bool:
    """The page on invitations shows a roster under the address of the operation that changed it."""
    return any(isinstance(one, dict) and str(one.get("@odata.type", "")).endswith(".participant") for one in data)


_ENTITIES = {("participants", True): "participant", ("operations", True): "operation"}


def _address(resource: str, data: dict[str, Any]) -> tuple[str, str]:
    """``/app/calls/{id}/operations/{id}`` as (call id, entity)."""
    segments = resource.partition("?")[0].strip("/").split("/")
    lowered = [segment.lower() for segment in segments]
    if "calls" in lowered:
        call_id, *rest = segments[lowered.index("calls") + 1 :] or [""]
        if not rest:
            return unquote(call_id), "call"
        return unquote(call_id), _ENTITIES.get((rest[0], len(rest) > 1), rest[0])
    kind = (_text(data.get("@odata.type")) or "").rpartition(".")[2]
    return (_text(data.get("id")) or "", "call") if kind in ("", "call") else ("", kind)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _listed(value: Any) -> str | None:
    return ", ".join(str(part) for part in value) if isinstance(value, list) and value else None


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
    value = entity.get("resultInfo")
    if not isinstance(value, dict):
        return None, None, _text(entity.get("terminationReason")) or _text(entity.get("completionReason"))
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
