"""What a call was meant to be, from its create request or from the notification that announced it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from ..callstates import canonical_state

# Positions in a journal row of a request, and of a notification.
_SENT_AT, _OPERATION, _CALL_ID, _REQUEST_BODY, _RESPONSE_BODY = 1, 4, 5, 10, 11

_HEARD_OF, _ENTITY, _CHANGE_TYPE, _STATE, _DIRECTION, _RAW = 2, 3, 5, 6, 7, 15
_BEGUN = ("created", "incoming")

_read = msgspec.json.Decoder().decode


class Facts(NamedTuple):
    """``sent_at`` in microseconds and ``state`` (of the answer) only where the call was created by request."""

    subject: str | None = None
    kind: str | None = None
    targets: str | None = None
    sent_at: int | None = None
    state: str | None = None


NOTHING_KNOWN = Facts()


def facts_of_request(row: Sequence[Any]) -> tuple[str, Facts] | None:
    """The call id and the facts of a create request that was answered with a call."""
    call_id = row[_CALL_ID]
    if row[_OPERATION] != "create" or not call_id:
        return None
    asked, answered = _object(row[_REQUEST_BODY]), _object(row[_RESPONSE_BODY])
    state = _text(answered.get("state"))
    known = _facts(asked or answered)._replace(sent_at=row[_SENT_AT], state=canonical_state(state) if state else None)
    return call_id, known


def facts_of_announcement(row: Sequence[Any]) -> tuple[str, Facts] | None:
    """The call id and the facts in a notification that tells of a call that somebody else began."""
    if row[_ENTITY] != "call" or (row[_STATE] != "incoming" and (row[_CHANGE_TYPE], row[_DIRECTION]) != _BEGUN):
        return None
    data = _object(row[_RAW]).get("resourceData")
    known = _facts(data) if isinstance(data, dict) else NOTHING_KNOWN
    return row[_HEARD_OF], known._replace(kind="incoming")


def _facts(call: dict[str, Any]) -> Facts:
    targets = call.get("targets")
    people = [target for target in targets if isinstance(target, dict)] if isinstance(targets, list) else []
    meets = any(isinstance(call.get(name), dict) for name in ("meetingInfo", "chatInfo"))
    labels = [label for label in map(_label, people) if label]
    return Facts(_text(call.get("subject")), _kind(len(people), meets), ", ".join(labels) or None)


def _kind(targets: int, meets: bool) -> str | None:
    if not targets:
        return "meeting" if meets else None
    if meets:
        return "group"
    return "peerToPeer" if targets == 1 else "simultaneousRing"


def _label(target: dict[str, Any]) -> str:
    identities = target.get("identity")
    for identity in identities.values() if isinstance(identities, dict) else ():
        if isinstance(identity, dict):
            return _text(identity.get("displayName")) or _text(identity.get("id")) or ""
    return ""


def _object(text: Any) -> dict[str, Any]:
    try:
        value = _read(text) if text else {}
    except (msgspec.MsgspecError, RecursionError, TypeError):
        value = {}
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
