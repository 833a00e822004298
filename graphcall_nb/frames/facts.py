"""What a call was meant to be, from its create request or from the notification that announced it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from ..callstates import canonical_state
from .rows import CALL_ID, CHANGE_TYPE, DIRECTION, ENTITY, RAW, STATE, Asked, identities, json_object, text


class Facts(NamedTuple):
    """``sent_at`` in microseconds and ``state`` (of the answer) only where the call was created by request."""

    subject: str | None = None
    kind: str | None = None
    targets: str | None = None
    sent_at: int | None = None
    state: str | None = None


NOTHING_KNOWN = Facts()


def facts_of_request(request: Asked) -> tuple[str, Facts] | None:
    """The call id and the facts of a create request that was answered with a call."""
    call_id = request.call_id
    if request.operation != "create" or not call_id:
        return None
    sent, answer = json_object(request.request_body), json_object(request.response_body)
    state = text(answer.get("state"))
    known = _facts(sent or answer)._replace(sent_at=request.sent_at, state=canonical_state(state) if state else None)
    return call_id, known


def announcements(rows: Sequence[Sequence[Any]]) -> Iterator[tuple[str, Facts]]:
    """The call id and the facts of each notification that tells of a call that somebody else began."""
    for row in rows:
        begun = row[DIRECTION] == "incoming" and row[CHANGE_TYPE] == "created"
        if (begun or row[STATE] == "incoming") and row[ENTITY] == "call":
            data = json_object(row[RAW]).get("resourceData")
            known = _facts(data) if isinstance(data, dict) else NOTHING_KNOWN
            yield row[CALL_ID], known._replace(kind="incoming")


def _facts(call: dict[str, Any]) -> Facts:
    targets = call.get("targets")
    people = [target for target in targets if isinstance(target, dict)] if isinstance(targets, list) else []
    meets = any(isinstance(call.get(name), dict) for name in ("meetingInfo", "chatInfo"))
    labels = [label for label in map(_label, people) if label]
    return Facts(text(call.get("subject")), _kind(len(people), meets), ", ".join(labels) or None)


def _kind(targets: int, meets: bool) -> str | None:
    if not targets:
        return "meeting" if meets else None
    if meets:
        return "group"
    return "peerToPeer" if targets == 1 else "simultaneousRing"


def _label(target: dict[str, Any]) -> str:
    for _, identity in identities(target.get("identity")):
        return text(identity.get("displayName")) or text(identity.get("id")) or ""
    return ""
