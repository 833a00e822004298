"""What goes over the wire: the call as the service shows it, and notifications, in a surface's own spelling."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from .store import PlacedCall
from .surfaces import Surface
from .switchboard import Line, Notice

_IDENTITY_MEMBERS = ("displayName", "id")


def call_body(placed: PlacedCall, surface: Surface) -> dict[str, Any]:
    """A call as ``POST`` and ``GET`` answer it: the sender's members, and what the service generates."""
    line = placed.line
    body: dict[str, Any] = {"id": placed.id, **surface.defaults, **placed.body}
    generated = dict(surface.server_generated)
    generated |= {
        "id": placed.id,
        "state": surface.untold.get(line.state or "", line.state),
        "activeModalities": list(line.active_modalities),
        "myParticipantId": placed.participant_id,
        "callChainId": placed.chain_id,
        "answeredBy": line.answered_by and _info(line.answered_by, surface),
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
    item: dict[str, Any] = {**surface.item, "changeType": notice.change_type, surface.resource_member: resource}
    if surface.item_callback:
        item["callbackUri"] = placed.callback_uri
    item["resourceData"] = data
    return {**surface.envelope, "value": [item]}


def _call_data(placed: PlacedCall, notice: Notice, resource: str) -> dict[str, Any]:
    line, surface = notice.line, placed.surface
    # The published first notification has no etag; those after it have.
    data = _entity(surface, "call", resource, None if notice.first else line.etag)
    data["state"] = line.state
    if notice.first and surface.entity_links:
        data["direction"] = "outgoing"
    if line.state == "established":
        data |= _established(line, surface)
    if line.state in surface.meeting_members_in:
        data |= {name: placed.body[name] for name in surface.meeting_members if placed.body.get(name)}
    if line.result:
        data["resultInfo"] = surface.result(line.result)
    if line.reason and surface.reasons:
        data["terminationReason"] = line.reason
    return data | ({"id": placed.id} if surface.entity_ids else {})


def _established(line: Line, surface: Surface) -> dict[str, Any]:
    shown: dict[str, Any] = {"direction": "outgoing"}
    if line.answered_by:
        shown["answeredBy"] = _info(line.answered_by, surface)
    shown["activeModalities"] = list(line.active_modalities)
    return {name: value for name, value in shown.items() if name in surface.established_members}


def _entity(surface: Surface, kind: str, resource: str, etag: int | None) -> dict[str, Any]:
    data: dict[str, Any] = {"@odata.type": f"#microsoft.graph.{kind}"}
    if surface.entity_links:
        data["@odata.id"] = resource
        if etag is not None:
            data["@odata.etag"] = f'W/"{etag}"'
    return data


def _participant(
    placed: PlacedCall, who: Mapping[str, Any], line: Line, resource: str, position: int
) -> dict[str, Any]:
    id_ = placed.participant_id if position == 0 else _participant_id(placed.id, position)
    info = {"@odata.type": "#microsoft.graph.participantInfo"} | _info(who, placed.surface)
    streams = [
        {"mediaType": modality, "label": f"main-{modality}", "sourceId": str(position + 1), "direction": "sendReceive"}
        for modality in line.active_modalities
    ]
    return _entity(placed.surface, "participant", f"{resource}/{id_}", line.etag) | {
        "id": id_,
        "info": info,
        "isInLobby": False,
        "isMuted": False,
        "mediaStreams": streams,
    }


def _participant_id(call_id: str, position: int) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{call_id}/{position}").hex.upper()


def _info(identities: Mapping[str, Any], surface: Surface) -> dict[str, Any]:
    """A participant's info: display name and id of each identity, and none of what else the sender wrote."""
    shown: dict[str, Any] = {
        kind: {
            **({"@odata.type": "#microsoft.graph.identity"} if surface.typed else {}),
            **{name: who[name] for name in _IDENTITY_MEMBERS if who.get(name) is not None},
        }
        for kind, who in identities.items()
        if isinstance(who, Mapping)
    }
    if not surface.typed:
        return {"identity": shown}
    return {
        "@odata.type": "#microsoft.graph.participantInfo",
        "identity": {"@odata.type": "#microsoft.graph.identitySet", **shown},
    }
