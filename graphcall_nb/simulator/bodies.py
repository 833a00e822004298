"""What goes over the wire: the call as the service shows it, and notifications, in a surface's own spelling."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from .refusals import no_such_participant
from .store import PlacedCall, Running
from .surfaces import Surface
from .switchboard import Line, Notice, Participant

_IDENTITY_MEMBERS = ("displayName", "id")
_INCOMING_MEMBERS = ("source", "targets", "requestedModalities", "chatInfo", "meetingInfo", "tenantId")


def call_body(placed: PlacedCall, surface: Surface) -> dict[str, Any]:
    """A call as ``POST`` and ``GET`` answer it: the sender's members, and what the service generates."""
    line = placed.line
    body: dict[str, Any] = {"id": placed.id, **surface.defaults, **placed.body}
    generated = dict(surface.server_generated)
    generated |= {
        "id": placed.id,
        "state": surface.untold.get(line.state or "", line.state),
        "direction": placed.direction,
        "activeModalities": list(line.active_modalities),
        "myParticipantId": placed.participant_id,
        "callChainId": placed.chain_id,
        "answeredBy": line.answered_by and _answered_by(line, surface),
        "resultInfo": line.result and surface.result(line.result),
        "terminationReason": line.reason,
        "toneInfo": _tone(line, surface) if line.tones else None,
    }
    return body | {name: value for name, value in generated.items() if name in surface.server_generated}


def notification_body(placed: PlacedCall, notice: Notice) -> dict[str, Any]:
    surface = placed.surface
    resource = surface.resource.format(call_id=placed.id)
    if notice.entity == "participants":
        resource += "/participants"
        data: Any = [_participant(placed, who, notice.line, resource) for who in notice.line.participants]
    else:
        data = _call_data(placed, notice, resource)
    return _envelope(placed, notice.change_type, resource, data)


def legacy_body(placed: PlacedCall) -> dict[str, Any]:
    """An incoming call in the format from before Graph. Its details are published nowhere; it is no notification."""
    caller = placed.body["source"]["identity"]
    people = [(who, True) for who in caller.values()] + [(who, False) for who in placed.bot.values()]
    return {
        "id": placed.id,
        "appId": placed.application_id,
        "callState": "incoming",
        "isMultiparty": placed.kind != "peer",
        "participants": [
            {"identity": who.get("id"), "displayName": who.get("displayName"), "originator": calls}
            for who, calls in people
            if isinstance(who, Mapping)
        ],
        "presentedModalityTypes": placed.body.get("requestedModalities", []),
    }


def operation_notification(placed: PlacedCall, running: Running, change: str) -> dict[str, Any]:
    surface = placed.surface
    resource = f"{surface.resource.format(call_id=placed.id)}/operations/{running.id}"
    data = _entity(surface, running.kind, resource, placed.line.etag) | _operation(running, surface)
    if surface.dates:
        # The published notifications of 2018 have no dates, only the answers have.
        data = {name: value for name, value in data.items() if not name.endswith("DateTime")}
    return _envelope(placed, change, resource, data)


def _envelope(placed: PlacedCall, change: str, resource: str, data: Any) -> dict[str, Any]:
    surface = placed.surface
    item: dict[str, Any] = {**surface.item, "changeType": change, surface.resource_member: resource}
    if surface.item_callback:
        item["callbackUri"] = placed.callback_uri
    item["resourceData"] = data
    return {**surface.envelope, "value": [item]}


def _call_data(placed: PlacedCall, notice: Notice, resource: str) -> dict[str, Any]:
    line, surface, event = notice.line, placed.surface, notice.event
    # The published first notification has no etag; those after it have.
    bare = notice.first and placed.direction == "outgoing"
    data = _entity(surface, "call", resource, None if bare else line.etag)
    if event.name not in surface.wordless:
        data["state"] = line.state
    if notice.first and (surface.entity_links or placed.direction == "incoming"):
        data["direction"] = placed.direction
    if notice.first and placed.direction == "incoming":
        data |= {name: placed.body[name] for name in _INCOMING_MEMBERS if placed.body.get(name)}
    if event.name == "connect":
        data |= _established(placed, line, surface)
    if event.name in ("create", "answer", "connect") and line.state in surface.meeting_members_in:
        data |= {name: placed.body[name] for name in surface.meeting_members if placed.body.get(name)}
    if event.name == "tone":
        data["toneInfo"] = _tone(line, surface)
    if event.name == "end" and event.answered_by and surface.reasons:
        data["answeredBy"] = _info(event.answered_by, surface)
    if event.result:
        data["resultInfo"] = surface.result(event.result)
    if event.reason and surface.reasons:
        data["terminationReason"] = event.reason
    return data | ({"id": placed.id} if surface.entity_ids else {})


def _established(placed: PlacedCall, line: Line, surface: Surface) -> dict[str, Any]:
    shown: dict[str, Any] = {"direction": placed.direction}
    if line.answered_by:
        shown["answeredBy"] = _answered_by(line, surface)
    shown["activeModalities"] = list(line.active_modalities)
    return {name: value for name, value in shown.items() if name in surface.established_members}


def _answered_by(line: Line, surface: Surface) -> dict[str, Any]:
    info = _info(line.answered_by or {}, surface)
    return info | ({"endpointType": line.endpoint} if line.endpoint else {})


def _tone(line: Line, surface: Surface) -> dict[str, Any]:
    typed = {"@odata.type": "#microsoft.graph.toneInfo"} if surface.typed else {}
    return typed | {"sequenceId": line.tones, "tone": line.last_tone}


def _entity(surface: Surface, kind: str, resource: str, etag: int | None) -> dict[str, Any]:
    data: dict[str, Any] = {"@odata.type": f"#microsoft.graph.{kind}"}
    if surface.entity_links:
        data["@odata.id"] = resource
        if etag is not None:
            data["@odata.etag"] = f'W/"{etag}"'
    return data


def operation_body(running: Running, surface: Surface) -> dict[str, Any]:
    """An operation as the answer to its request has it."""
    return {"@odata.type": f"#microsoft.graph.{running.kind}"} | _operation(running, surface)


def _operation(running: Running, surface: Surface) -> dict[str, Any]:
    body: dict[str, Any] = {"id": running.id, "status": running.status, "clientContext": running.context}
    if running.result is not None:
        body["resultInfo"] = surface.result(running.result)
    if surface.dates:
        body |= {"createdDateTime": _date(running.created), "lastActionDateTime": _date(running.changed)}
    body |= running.extra
    return body | (running.ending if running.status == "completed" else {})


def _date(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def participants_body(placed: PlacedCall, surface: Surface, id_: str | None = None) -> list[dict[str, Any]]:
    """The participants as ``GET`` answers them: all, or the one with this id.

    Raises ``GraphFault`` when there is none of that id.
    """
    resource = f"{surface.resource.format(call_id=placed.id)}/participants"
    line = placed.line
    found = line.participants if id_ is None else (participant_of(placed, id_),)
    return [_participant(placed, who, line, resource, surface) for who in found]


def participant_of(placed: PlacedCall, id_: str) -> Participant:
    """The participant with this id, in any letter case."""
    for who in placed.line.participants:
        if participant_id(placed, who.number).lower() == id_.lower():
            return who
    raise no_such_participant(id_)


def _participant(
    placed: PlacedCall, who: Participant, line: Line, resource: str, surface: Surface | None = None
) -> dict[str, Any]:
    surface = surface or placed.surface
    id_ = participant_id(placed, who.number)
    body = _entity(surface, "participant", f"{resource}/{id_}", line.etag) | {
        "id": id_,
        "info": {"@odata.type": "#microsoft.graph.participantInfo"} | _info(who.identity, surface),
        "isInLobby": who.in_lobby,
        "isMuted": who.muted,
        "mediaStreams": [_stream(modality, who, surface) for modality in line.active_modalities],
    }
    if who.recording:
        body["recordingInfo"] = surface.recording_info(who.recording, _info(who.identity, surface))
    return body


def _stream(modality: str, who: Participant, surface: Surface) -> dict[str, Any]:
    stream = {"mediaType": modality, "sourceId": str(who.number + 1), "direction": "sendReceive"}
    if surface.typed:
        return {"@odata.type": "#microsoft.graph.mediaStream", **stream, "serverMuted": who.muted}
    return {"label": f"main-{modality}", **stream}


def participant_id(placed: PlacedCall, number: int) -> str:
    """The id of the participant with this number; the bot's own is the call's ``myParticipantId``."""
    if number == 0:
        return placed.participant_id
    drawn = uuid.uuid5(uuid.NAMESPACE_URL, f"{placed.id}/{number}")
    return str(drawn) if placed.surface.typed else drawn.hex.upper()


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
