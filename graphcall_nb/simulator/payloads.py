"""Bodies of responses and notifications, in the shape of the call's version."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from . import wire
from .calls import RunningOperation, SimulatedCall, make_participant_id
from .errors import participant_not_found
from .state_machine import CallState, Change, Participant
from .versions import ApiVersion

_IDENTITY_MEMBERS = ("displayName", "id")
_INCOMING_MEMBERS = ("source", "targets", "requestedModalities", "chatInfo", "meetingInfo", "tenantId")


def make_call(call: SimulatedCall, version: ApiVersion) -> dict[str, Any]:
    """Return a call as ``POST`` and ``GET`` respond with it: the sender's members and the generated ones."""
    state = call.state
    generated = {
        **version.server_generated,
        "id": call.id,
        "state": version.hidden_states.get(state.name or "", state.name),
        "direction": call.direction,
        "activeModalities": list(state.active_modalities),
        "myParticipantId": call.participant_id,
        "callChainId": call.chain_id,
        "answeredBy": state.answered_by and _make_answered_by(state, version),
        "resultInfo": state.result and version.make_result(state.result),
        "terminationReason": state.reason,
        "toneInfo": _make_tone(state, version) if state.tone_count else None,
        "transcription": _make_transcription(state) if state.transcription else None,
        "mediaState": {"@odata.type": "#microsoft.graph.callMediaState", "audio": state.media} if state.media else None,
    }
    shown = {name: value for name, value in generated.items() if name in version.server_generated}
    if version.has_types and call.direction == "incoming":
        shown |= wire.make_incoming_members(call)
    return {"id": call.id, **version.defaults, **call.body, **shown}


def _make_transcription(state: CallState) -> dict[str, Any]:
    return {
        "@odata.type": "#microsoft.graph.callTranscriptionInfo",
        "state": state.transcription,
        "lastModifiedDateTime": _format_date(state.transcribed_at),
    }


# Notifications


def make_notification(
    call: SimulatedCall, change: Change, *, is_roster: bool = False, max_participants: int | None = None
) -> dict[str, Any]:
    """Return the notification of a change of a call or, if so or ``is_roster``, of its participants."""
    if change.entity == "call" and not is_roster:
        resource = call.version.resource.format(call_id=call.id)
        is_captured = call.version.is_captured
        data = wire.make_call_data(call, change) if is_captured else _make_call_data(call, change, resource)
        return _wrap(call, change.change_type, "", data)
    return _wrap(call, change.change_type, "/participants", _make_roster(call, change.state)[:max_participants])


def make_sharing_notification(call: SimulatedCall, change: Change) -> dict[str, Any]:
    """Return the notification of content that is or was shared, as an array of one session."""
    session = _make_sharing_session(call, change.state.sharing_count)
    return _wrap(call, change.change_type, "/contentsharingsessions", [session])


def make_delta_notification(call: SimulatedCall, change: Change) -> dict[str, Any] | None:
    """Return the notification of the participants that changed since the last one, or ``None`` if none did."""
    update = call.delta_roster.update(_make_roster(call, change.state))
    return update and _wrap(call, change.change_type, "/participants", update)


def _make_roster(call: SimulatedCall, state: CallState) -> list[dict[str, Any]]:
    if call.version.is_captured:
        return wire.make_roster(call, state)
    resource = call.version.resource.format(call_id=call.id) + "/participants"
    return [_make_participant(call, each, state, resource) for each in state.participants]


def make_operation_notification(call: SimulatedCall, operation: RunningOperation, change_type: str) -> dict[str, Any]:
    """Return the notification of a change of an operation."""
    version = call.version
    tail = f"/operations/{operation.id}"
    if version.is_captured:
        return _wrap(call, change_type, tail, wire.make_operation_data(operation, version))
    resource = version.resource.format(call_id=call.id) + tail
    data = _make_entity(version, operation.kind, resource, call.state.etag) | _make_operation(operation, version)
    if version.has_dates:
        # The published notifications of 2018 have no dates, only the responses have.
        data = {name: value for name, value in data.items() if not name.endswith("DateTime")}
    return _wrap(call, change_type, tail, data)


def _wrap(call: SimulatedCall, change_type: str, tail: str, data: Any) -> dict[str, Any]:
    version = call.version
    item: dict[str, Any] = {**version.item, "changeType": change_type}
    item |= {name: template.format(call_id=call.id) + tail for name, template in version.resources.items()}
    if version.has_callback_uri:
        item["callbackUri"] = call.callback_uri
    item["resourceData"] = data
    return {**version.envelope, "value": [item]}


def _make_call_data(call: SimulatedCall, change: Change, resource: str) -> dict[str, Any]:
    version = call.version
    # The published first notification has no etag; the later ones have.
    has_etag = not (change.is_first and call.direction == "outgoing")
    data = _make_entity(version, "call", resource, change.state.etag if has_etag else None)
    if change.event.name not in version.stateless_events:
        data["state"] = change.state.name
    if change.is_first:
        data |= _make_first_members(call, version)
    for make in (_make_event_members, _make_meeting_members, _make_end_members):
        data |= make(call, change, version)
    return data | ({"id": call.id} if version.has_entity_ids else {})


def _make_first_members(call: SimulatedCall, version: ApiVersion) -> dict[str, Any]:
    if call.direction == "incoming":
        members = {name: call.body[name] for name in _INCOMING_MEMBERS if call.body.get(name)}
        recording = wire.make_recording_members(call) if version.has_types else {}
        return {"direction": call.direction, **members, **recording}
    return {"direction": call.direction} if version.has_entity_links else {}


def _make_event_members(call: SimulatedCall, change: Change, version: ApiVersion) -> dict[str, Any]:
    make = _EVENT_MEMBERS.get(change.event.name)
    return make(call, change, version) if make else {}


def _make_established(call: SimulatedCall, change: Change, version: ApiVersion) -> dict[str, Any]:
    members: dict[str, Any] = {"direction": call.direction}
    if change.state.answered_by:
        members["answeredBy"] = _make_answered_by(change.state, version)
    members["activeModalities"] = list(change.state.active_modalities)
    shown = {name: value for name, value in members.items() if name in version.established_members}
    return shown | (_make_media_members(call, change, version) if change.event.media else {})


def _make_media_members(call: SimulatedCall, change: Change, version: ApiVersion) -> dict[str, Any]:
    return {"mediaState": {**version.make_type("callMediaState"), "audio": change.state.media}}


def _make_tone_members(call: SimulatedCall, change: Change, version: ApiVersion) -> dict[str, Any]:
    return {"toneInfo": _make_tone(change.state, version)}


def _make_redirected(call: SimulatedCall, change: Change, version: ApiVersion) -> dict[str, Any]:
    answered_by = change.event.answered_by
    return {"answeredBy": _make_info(answered_by, version)} if answered_by and version.has_reasons else {}


_EVENT_MEMBERS: Mapping[str, Callable[[SimulatedCall, Change, ApiVersion], dict[str, Any]]] = {
    "connect": _make_established,
    "media": _make_media_members,
    "tone": _make_tone_members,
    "end": _make_redirected,
}
"""Members that the notification of an event has."""


def _make_meeting_members(call: SimulatedCall, change: Change, version: ApiVersion) -> dict[str, Any]:
    if change.event.name in ("create", "answer", "connect") and change.state.name in version.meeting_states:
        return {name: call.body[name] for name in version.meeting_members if call.body.get(name)}
    return {}


def _make_end_members(call: SimulatedCall, change: Change, version: ApiVersion) -> dict[str, Any]:
    event = change.event
    members: dict[str, Any] = {}
    if event.result:
        members["resultInfo"] = version.make_result(event.result)
    if event.reason and version.has_reasons:
        members["terminationReason"] = event.reason
    return members


def _make_answered_by(state: CallState, version: ApiVersion) -> dict[str, Any]:
    info = _make_info(state.answered_by or {}, version)
    return info | ({"endpointType": state.endpoint} if state.endpoint else {})


def _make_tone(state: CallState, version: ApiVersion) -> dict[str, Any]:
    return {**version.make_type("toneInfo"), "sequenceId": state.tone_count, "tone": state.last_tone}


def _make_entity(version: ApiVersion, kind: str, resource: str, etag: int | None) -> dict[str, Any]:
    data: dict[str, Any] = {"@odata.type": f"#microsoft.graph.{kind}"}
    if version.has_entity_links:
        data["@odata.id"] = resource
        if etag is not None:
            data["@odata.etag"] = f'W/"{etag}"'
    return data


# Operations


def make_operation(operation: RunningOperation, version: ApiVersion) -> dict[str, Any]:
    """Return an operation as the response to its request has it."""
    return {"@odata.type": f"#microsoft.graph.{operation.kind}"} | _make_operation(operation, version)


def _make_operation(operation: RunningOperation, version: ApiVersion) -> dict[str, Any]:
    body: dict[str, Any] = {"id": operation.id, "status": operation.status, "clientContext": operation.context}
    if operation.result is not None:
        body["resultInfo"] = version.make_result(operation.result)
    if version.has_dates:
        body["createdDateTime"] = _format_date(operation.created_at)
        body["lastActionDateTime"] = _format_date(operation.changed_at)
    body |= operation.extra
    return body | (operation.completion if operation.status == "completed" else {})


def _format_date(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# Content sharing


def make_sharing_sessions(call: SimulatedCall) -> list[dict[str, Any]]:
    """Return the sessions in which content is shared at present, one at most."""
    return [] if call.state.presenter is None else [_make_sharing_session(call, call.state.sharing_count)]


def _make_sharing_session(call: SimulatedCall, number: int) -> dict[str, Any]:
    id_ = hashlib.sha256(f"{call.id}/sharing/{number}".encode()).hexdigest().upper()
    return {"@odata.type": "#microsoft.graph.contentSharingSession", "id": id_}


# Participants


def make_participants(call: SimulatedCall, version: ApiVersion) -> list[dict[str, Any]]:
    """Return the participants as ``GET`` responds with them."""
    if version.is_captured and not call.has_roster:
        return []
    return [make_participant(call, each, version) for each in call.state.participants]


def make_participant(call: SimulatedCall, participant: Participant, version: ApiVersion) -> dict[str, Any]:
    """Return one participant as ``GET`` responds with it."""
    if version.is_captured:
        return call.delta_roster.add_number(wire.make_participant(call, participant, call.state))
    resource = f"{version.resource.format(call_id=call.id)}/participants"
    return call.delta_roster.add_number(_make_participant(call, participant, call.state, resource, version))


def find_participant(call: SimulatedCall, participant_id: str) -> Participant:
    """Return the participant with this id, in any letter case. Raise ``GraphError`` for an unknown id."""
    for each in call.state.participants:
        if make_participant_id(call, each.number).lower() == participant_id.lower():
            return each
    raise participant_not_found(participant_id)


def _make_participant(
    call: SimulatedCall,
    participant: Participant,
    state: CallState,
    resource: str,
    version: ApiVersion | None = None,
) -> dict[str, Any]:
    version = version or call.version
    id_ = make_participant_id(call, participant.number)
    info = _make_info(participant.identity, version)
    body = _make_entity(version, "participant", f"{resource}/{id_}", state.etag) | {
        "id": id_,
        "info": {"@odata.type": "#microsoft.graph.participantInfo"} | info,
        "isInLobby": participant.is_in_lobby,
        "isMuted": participant.is_muted,
        "mediaStreams": [_make_stream(modality, participant, version) for modality in state.active_modalities],
    }
    if participant.recording:
        body["recordingInfo"] = version.make_recording_info(participant.recording, info)
    return body | wire.make_reported(participant)


def _make_stream(modality: str, participant: Participant, version: ApiVersion) -> dict[str, Any]:
    stream = {"mediaType": modality, "sourceId": str(participant.number + 1), "direction": "sendReceive"}
    if version.has_types:
        return {"@odata.type": "#microsoft.graph.mediaStream", **stream, "serverMuted": participant.is_muted}
    return {"label": f"main-{modality}", **stream}


def _make_info(identities: Mapping[str, Any], version: ApiVersion) -> dict[str, Any]:
    """Return a participant's info: display name and id of each identity, without the sender's other members."""
    identity_set: dict[str, Any] = {
        kind: {
            **version.make_type("identity"),
            **{name: each[name] for name in _IDENTITY_MEMBERS if each.get(name) is not None},
        }
        for kind, each in identities.items()
        if isinstance(each, Mapping)
    }
    return {
        **version.make_type("participantInfo"),
        "identity": {**version.make_type("identitySet"), **identity_set},
    }
