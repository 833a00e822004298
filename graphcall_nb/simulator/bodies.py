"""What goes over the wire: the call as the service shows it, and notifications, in a surface's own spelling."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from .store import PlacedCall
from .switchboard import Line, Notice


def call_body(placed: PlacedCall) -> dict[str, Any]:
    """A call as ``POST`` and ``GET`` answer it: the sender's members, and what the service generates."""
    surface, line = placed.surface, placed.line
    body: dict[str, Any] = {"id": placed.id} | placed.body
    generated = dict(surface.server_generated)
    generated |= {
        "id": placed.id,
        "state": line.state,
        "activeModalities": list(line.active_modalities),
        "myParticipantId": placed.participant_id,
        "answeredBy": line.answered_by and {"identity": _shown_set(line.answered_by)},
        "resultInfo": line.result and surface.result(line.result),
        "terminationReason": line.reason,
    }
    return body | {name: value for name, value in generated.items() if name in surface.server_generated}


def notification_body(placed: PlacedCall, notice: Notice) -> dict[str, Any]:
    surface = placed.surface
    resource = surface.resource.format(call_id=placed.id)
    data: Any = _call_data(placed, notice, resource)
    if notice.entity == "participants":
        resource += "/participants"
        data = [_participant(placed, who, notice.line, resource, n) for n, who in enumerate(notice.line.participants)]
    item = {**surface.item, "changeType": notice.change_type, surface.resource_member: resource, "resourceData": data}
    return {**surface.envelope, "value": [item]}


def _call_data(placed: PlacedCall, notice: Notice, resource: str) -> dict[str, Any]:
    line = notice.line
    # The published first notification has no etag; those after it have.
    data = _entity(placed, "call", resource, None if notice.first else line.etag)
    data["state"] = line.state
    if notice.first:
        data["direction"] = "outgoing"
    if line.state == "established":
        data |= _established(placed, line)
    if line.result:
        data["resultInfo"] = placed.surface.result(line.result)
    if line.reason:
        data["terminationReason"] = line.reason
    return data


def _established(placed: PlacedCall, line: Line) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    if line.answered_by:
        shown["answeredBy"] = {"identity": _shown_set(line.answered_by)}
    shown["activeModalities"] = list(line.active_modalities)
    return shown | {name: placed.body[name] for name in placed.surface.meeting_members if placed.body.get(name)}


def _entity(placed: PlacedCall, kind: str, resource: str, etag: int | None) -> dict[str, Any]:
    data: dict[str, Any] = {"@odata.type": f"#microsoft.graph.{kind}"}
    if placed.surface.entity_members:
        data["@odata.id"] = resource
        if etag is not None:
            data["@odata.etag"] = f'W/"{etag}"'
    return data


def _participant(
    placed: PlacedCall, who: Mapping[str, Any], line: Line, resource: str, position: int
) -> dict[str, Any]:
    id_ = placed.participant_id if position == 0 else _participant_id(placed.id, position)
    info = {"@odata.type": "#microsoft.graph.participantInfo", "identity": _shown_set(who)}
    streams = [
        {"mediaType": modality, "label": f"main-{modality}", "sourceId": str(position + 1), "direction": "sendReceive"}
        for modality in line.active_modalities
    ]
    return _entity(placed, "participant", f"{resource}/{id_}", line.etag) | {
        "id": id_,
        "info": info,
        "isInLobby": False,
        "isMuted": False,
        "mediaStreams": streams,
    }


def _participant_id(call_id: str, position: int) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{call_id}/{position}").hex.upper()


def _shown_set(identities: Mapping[str, Any]) -> dict[str, Any]:
    """Display name and id of each, in the published order, and none of what else the sender wrote."""
    return {
        kind: {name: who[name] for name in ("displayName", "id") if who.get(name) is not None}
        for kind, who in identities.items()
        if isinstance(who, Mapping)
    }
