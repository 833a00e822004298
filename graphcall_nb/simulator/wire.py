"""Notifications in the form that captures of the real service show: members, their order, and headers.

The page "What the real service was seen to send" of the documentation lists each fact with its strength.
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from . import result_codes
from .calls import RunningOperation, SimulatedCall, make_participant_id
from .state_machine import CallState, Change, Participant
from .versions import ApiVersion

REGION = "amer"
LANGUAGE = "en-us"
REPLACEMENT_HOST = "https://cc.example.invalid"
TOKEN_LIFE_SECONDS = 24 * 3600
POLICY = "TeamsComplianceRecordingPolicy=Tenant:SimulatedPolicy"
USER_STREAMS = (
    ("audio", "main-audio", "sendReceive"),
    ("video", "main-video", "receiveOnly"),
    ("videoBasedScreenSharing", "applicationsharing-video", "receiveOnly"),
    ("data", "data", "sendReceive"),
)
RECORDED_USER: Mapping[str, Any] = {
    "user": {"displayName": "Megan Bowen", "id": "4c9041b7-449a-40f7-8855-56da239b9fd1"}
}
"""User whose calls a compliance policy records."""

_BOT_KINDS = frozenset({"application", "applicationInstance"})


def _typed(kind: str, **members: Any) -> dict[str, Any]:
    return {"@odata.type": f"#microsoft.graph.{kind}", **members}


# Calls


def make_call_data(call: SimulatedCall, change: Change) -> dict[str, Any]:
    """Return the ``resourceData`` of a change of a call."""
    data = _typed("call", state=change.state.name)
    if change.event.name == "tone":
        tone = _typed("toneInfo", sequenceId=change.state.tone_count, tone=change.state.last_tone)
        return data | {"toneInfo": tone}
    if change.event.name == "arrive":
        return data | _make_incoming(call)
    if change.state.has_ended:
        return data | _make_end(call, change)
    if change.event.name == "grow":
        return data | _make_growth(call, change)
    return data | _make_update(call, change) | {"callChainId": call.chain_id}


def _make_update(call: SimulatedCall, change: Change) -> dict[str, Any]:
    event = change.event
    if event.name in ("create", "answer"):
        return _make_meeting(call)
    if event.name == "connect":
        return {"direction": call.direction} | (_make_media_state(change.state) if event.media else {})
    if event.name == "media":
        return _make_media_state(change.state) | _make_capabilities()
    return {"resultInfo": call.version.make_result(event.result)} if event.result else {}


def _make_media_state(state: CallState) -> dict[str, Any]:
    return {"mediaState": _typed("callMediaState", audio=state.media or "inactive")}


def _make_capabilities() -> dict[str, Any]:
    return {"meetingCapability": _typed("meetingCapability"), "coOrganizers": []}


def _make_growth(call: SimulatedCall, change: Change) -> dict[str, Any]:
    """Return the members of a call to one person that becomes a conversation; the second message has the token."""
    link = base64.b64encode(_make_link(call.id).encode()).decode()
    return {
        **_make_media_state(change.state),
        "chatInfo": _typed("chatInfo", threadId=f"19:{uuid.uuid5(uuid.NAMESPACE_URL, call.id)}", messageId="0"),
        **({"meetingInfo": _make_token_info(call)} if change.event.flag else {}),
        "meetingCapability": _typed("meetingCapability"),
        "meetingProperties": _typed("meetingProperties", meetingLabel=str(uuid.UUID(int=0))),
        "coOrganizers": [],
        "callChainId": call.chain_id,
        "replacesContext": link,
    }


def _make_meeting(call: SimulatedCall) -> dict[str, Any]:
    """Return chat and meeting of a call that names them; an answered call has only the token of a meeting."""
    if call.direction == "incoming":
        return {"meetingInfo": _make_token_info(call)} if call.kind != "peer" or call.is_recording else {}
    members: dict[str, Any] = {}
    if chat := call.body.get("chatInfo"):
        message_id = chat.get("messageId") or "0"
        members["chatInfo"] = _typed("chatInfo", threadId=chat.get("threadId"), messageId=message_id)
    if meeting := call.body.get("meetingInfo"):
        members["meetingInfo"] = _make_meeting_info(meeting)
    return members


def _make_meeting_info(meeting: Mapping[str, Any]) -> dict[str, Any]:
    organizer = meeting.get("organizer")
    kept = {name: value for name, value in meeting.items() if name not in ("passcode", "organizer")}
    return kept | ({"organizer": make_identity_set(organizer)} if isinstance(organizer, Mapping) else {})


def _make_token_info(call: SimulatedCall) -> dict[str, Any]:
    """Return a meeting's token with the captured claims and a signature that nothing accepts."""
    start = int(call.created_at)
    claims = {
        "appId": call.application_id,
        "conversationController": _make_link(call.id),
        "activityId": call.chain_id,
        "http://schemas.microsoft.com/identity/claims/tenantid": call.tenant_id,
        "nbf": start,
        "exp": start + TOKEN_LIFE_SECONDS,
        "iss": "https://api.botframework.com",
        "aud": "https://api.botframework.com",
    }
    parts = [json.dumps(each, separators=(",", ":")).encode() for each in ({"alg": "RS256", "typ": "JWT"}, claims)]
    encoded = [base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in [*parts, b"simulated"]]
    return _typed("tokenMeetingInfo", token=".".join(encoded))


def _make_link(id_: str) -> str:
    return f"{REPLACEMENT_HOST}/cc/v1/call/{id_}/replacement"


def _make_end(call: SimulatedCall, change: Change) -> dict[str, Any]:
    result = change.state.result
    members = {"resultInfo": call.version.make_result(result)} if result else {}
    if call.direction == "incoming":
        return members | {"terminationReason": "CallTerminated"} | _make_incoming(call)
    if not change.state.active_modalities and call.body.get("meetingInfo"):
        # A meeting that was not joined: its end repeats what the bot sent.
        return members | _make_meeting(call) | {"callChainId": call.chain_id}
    token = {"meetingInfo": _make_token_info(call)} if call.kind != "peer" else {}
    return members | token | _make_capabilities() | {"callChainId": call.chain_id}


# Incoming calls


def _make_incoming(call: SimulatedCall) -> dict[str, Any]:
    body = call.body
    caller_id = make_participant_id(call, 1)
    members = {
        "direction": call.direction,
        "callbackUri": call.callback_uri,
        "source": _make_source(call, body["source"], caller_id),
        "targets": [_make_target(call)],
    }
    if body.get("chatInfo") and not call.is_recording:
        members["chatInfo"] = _typed("chatInfo") | body["chatInfo"]
    if call.is_recording:
        members["meetingInfo"] = _make_token_info(call)
    elif body.get("meetingInfo"):
        members["meetingInfo"] = _make_meeting_info(body["meetingInfo"])
    return members | {
        "tenantId": call.tenant_id,
        "myParticipantId": call.participant_id,
        "incomingContext": _make_incoming_context(call),
        "id": call.id,
        "callChainId": call.chain_id,
        "applicationMetadata": {"botData": _make_bot_data(call, caller_id)},
    }


def make_incoming_members(call: SimulatedCall) -> dict[str, Any]:
    """Return the members that ``GET`` shows of an incoming call besides those that its first notification has."""
    return {
        "callbackUri": call.callback_uri,
        "tenantId": call.tenant_id,
        "incomingContext": _make_incoming_context(call),
        **({"meetingInfo": _make_token_info(call)} if call.is_recording else {}),
    }


def make_recording_members(call: SimulatedCall) -> dict[str, Any]:
    """Return the members that a call to a compliance recorder has in either form."""
    members = {**make_incoming_members(call), "myParticipantId": call.participant_id} if call.is_recording else {}
    return {name: value for name, value in members.items() if name != "callbackUri"}


def _make_incoming_context(call: SimulatedCall) -> dict[str, Any]:
    observed = {"observedParticipantId": make_participant_id(call, 2)} if call.is_recording else {}
    return _typed("incomingContext", **observed, sourceParticipantId=make_participant_id(call, 1))


def _make_source(call: SimulatedCall, source: Mapping[str, Any], id_: str) -> dict[str, Any]:
    return _typed(
        "participantInfo",
        id=id_,
        identity=_make_known_identity(source["identity"], call.tenant_id),
        endpointType="default",
        region=source.get("region") or REGION,
        languageId=source.get("languageId") or LANGUAGE,
    )


def _make_target(call: SimulatedCall) -> dict[str, Any]:
    return _typed(
        "invitationParticipantInfo",
        identity=make_identity_set(call.bot),
        endpointType="default",
        id=call.participant_id,
    )


def _make_bot_data(call: SimulatedCall, caller_id: str) -> dict[str, Any]:
    if not call.is_recording:
        return {"isMultiParty": call.kind != "peer"}
    caller = next(iter(call.body["source"]["identity"].values()))
    return {
        "callId": call.chain_id,
        "mediaHostedRegion": "EMEA",
        "user": {
            "participationMethod": "Callee",
            "policyHolderId": f"8:orgid:{RECORDED_USER['user']['id']}",
            "policyHolderTenantId": call.tenant_id,
        },
        "otherSideUser": {
            "id": f"8:orgid:{caller.get('id')}",
            "participantId": caller_id,
            "tenantId": call.tenant_id,
            "participationMethod": "Caller",
        },
        "inviteReasons": ["ComplianceRecording"],
        "policyIdentifier": POLICY,
        "otherRecorders": [],
        "pairedRecorders": [],
        "isMultiParty": "meetingInfo" in call.body,
        "applicationType": None,
    }


def make_legacy_incoming(call: SimulatedCall) -> dict[str, Any]:
    """Return an incoming call in the format from before Graph."""
    caller = next(iter(call.body["source"]["identity"].values()))
    end = {"isHidden": False, "endPointType": "default", "removeFromDefaultAudioRoutingGroup": False}
    source = {
        "identity": f"29:{caller.get('id')}",
        "participantId": make_participant_id(call, 1),
        "endpointId": _make_endpoint_id(call, 1),
        "languageId": "en-US",
        "tenantId": call.tenant_id,
        "region": REGION,
        "originator": True,
        **end,
    }
    bot = {"identity": f"28:{call.application_id}", "participantId": call.participant_id, "originator": False, **end}
    return {
        "id": call.id,
        "participants": [source, bot],
        "isMultiparty": call.kind != "peer",
        "presentedModalityTypes": list(call.body.get("requestedModalities") or ["audio"]),
        "callState": "incoming",
        "tenantId": call.tenant_id,
    }


# Participants


def make_roster(call: SimulatedCall, state: CallState) -> list[dict[str, Any]]:
    """Return the whole roster, the bot last."""
    others = [each for each in state.participants if each.number]
    return [make_participant(call, each, state) for each in [*others, *(p for p in state.participants if not p.number)]]


def make_participant(call: SimulatedCall, participant: Participant, state: CallState) -> dict[str, Any]:
    """Return a participant as rosters show it, its id last."""
    id_ = make_participant_id(call, participant.number)
    link = _make_link(id_)
    kind = next(iter(_list_identities(participant.identity)), "user")
    info = _typed(
        "participantInfo",
        identity=_make_roster_identity(call, participant),
        endpointType="default",
        endpointId=_make_endpoint_id(call, participant.number),
    )
    if kind in _BOT_KINDS:
        info["clientVersion"] = f"{call.application_name} (appid:{call.application_id})"
    elif kind != "phone":
        info |= {"languageId": "en-US", "clientVersion": "SkypeSpaces/1415/1.0.0.0/os=win; simulated"}
    info |= {"participantId": id_, "replacementLink": link}
    body = _typed(
        "participant",
        info=info,
        mediaStreams=_make_streams(participant, kind, is_held=state.name == "hold" and participant.number != 0),
        isMuted=participant.is_muted,
        isInLobby=participant.is_in_lobby,
        publishedStates=[],
        meetingRole="none",
        replacementLink=link,
        isIdentityAnonymized=False,
    )
    if participant.recording:
        body["recordingInfo"] = call.version.make_recording_info(participant.recording, info)
    return body | make_reported(participant) | {"id": id_}


def make_reported(participant: Participant) -> dict[str, Any]:
    """Return the members of a participant that the bot reported."""
    members = {"metadata": participant.metadata, "syntheticMediaDetection": participant.detection}
    return {name: value for name, value in members.items() if value is not None}


def _make_endpoint_id(call: SimulatedCall, number: int) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{call.id}/endpoint/{number}"))


def _make_streams(participant: Participant, kind: str, *, is_held: bool) -> list[dict[str, Any]]:
    streams = USER_STREAMS[:1] if kind in _BOT_KINDS or kind == "phone" else USER_STREAMS
    return [
        _typed(
            "mediaStream",
            mediaType=media,
            label=label,
            sourceId=str(10 * participant.number + index),
            direction="inactive" if is_held and media == "audio" else direction,
            serverMuted=participant.is_muted and media == "audio",
        )
        for index, (media, label, direction) in enumerate(streams, start=1)
    ]


def _make_roster_identity(call: SimulatedCall, participant: Participant) -> dict[str, Any]:
    identities = {
        kind: {**each, "displayName": f"28:{each.get('id')}"}
        if kind == "application" and isinstance(each, dict)
        else each
        for kind, each in participant.identity.items()
    }
    return _make_known_identity(identities, call.tenant_id)


def _make_known_identity(identities: Mapping[str, Any], tenant_id: str) -> dict[str, Any]:
    """Return an identity set whose members have a tenant and a provider, except phones."""
    known = make_identity_set(identities)
    for kind in _list_identities(identities):
        if kind != "phone":
            known[kind].setdefault("tenantId", tenant_id)
            known[kind]["identityProvider"] = "AAD"
    return known


def _list_identities(identities: Mapping[str, Any]) -> list[str]:
    return [kind for kind, each in identities.items() if isinstance(each, Mapping)]


def make_identity_set(identities: Mapping[str, Any]) -> dict[str, Any]:
    """Return an identity set with the types of its members."""
    return _typed("identitySet", **{kind: _make_identity(identities[kind]) for kind in _list_identities(identities)})


def _make_identity(identity: Mapping[str, Any]) -> dict[str, Any]:
    first = {name: identity[name] for name in ("id", "displayName") if identity.get(name) is not None}
    return _typed("identity") | first | {name: value for name, value in identity.items() if name not in first}


# Operations


def make_operation_data(operation: RunningOperation, version: ApiVersion) -> dict[str, Any]:
    """Return the ``resourceData`` of an operation that ended, its id last."""
    is_playing = operation.kind == "playPromptOperation"
    completion = operation.completion if is_playing or operation.status == "completed" else {}
    if is_playing and operation.status == "failed":
        is_canceled = operation.result == result_codes.CANCELED
        completion = completion | {"completionReason": "mediaOperationCanceled" if is_canceled else "unknown"}
    result = {"resultInfo": version.make_result(operation.result)} if operation.result else {}
    return {
        **_typed(operation.kind),
        **operation.extra,
        **completion,
        "status": operation.status,
        "clientContext": operation.context,
        **result,
        "id": operation.id,
    }


def make_prompts(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the prompts of a request with the types of their members."""
    return [
        _typed("mediaPrompt") | prompt | ({"mediaInfo": _typed("mediaInfo") | info} if info else {})
        for prompt in body.get("prompts") or ()
        for info in [prompt.get("mediaInfo")]
    ]


def make_invited(invited: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return invited participants with the types of their members."""
    return [
        _typed("invitationParticipantInfo") | dict(each) | {"identity": make_identity_set(each["identity"])}
        for each in invited
    ]


# Headers


def make_headers(call: SimulatedCall, message_id: str, *, is_first: bool) -> dict[str, str]:
    """Return the headers of a notification besides ``Authorization`` and ``Content-Type``.

    Parameters
    ----------
    message_id : str
        Id of this request.
    is_first : bool
        Whether it is the first notification of an incoming call, which lacks the scenario id.
    """
    headers = {"User-Agent": "Microsoft-Skype/3.0,(Calling/1.0)", "Accept": "application/json"}
    if not (is_first and call.direction == "incoming"):
        headers["Scenario-Id"] = call.scenario_id or call.chain_id
    headers |= {"X-Microsoft-Skype-Chain-ID": call.chain_id, "X-Microsoft-Skype-Message-ID": message_id}
    if is_first and call.direction == "incoming":
        headers["X-Microsoft-Skype-Caller-Region"] = REGION
    return headers | {
        "MS-Teams-Ring": "simulated",
        "MS-Teams-Partition": "simulated",
        "MS-Teams-Region": REGION,
    }


RESPONSE_HEADERS: Mapping[str, str] = {
    "OData-Version": "4.0",
    "Strict-Transport-Security": "max-age=31536000",
    "x-ms-ags-diagnostic": json.dumps(
        {
            "ServerInfo": {
                "DataCenter": "Simulated",
                "Slice": "E",
                "Ring": "1",
                "ScaleUnit": "000",
                "RoleInstance": "SIMULATED",
            }
        },
        separators=(",", ":"),
    ),
}
"""Headers of responses in the captured form."""

CREATED_CONTENT_TYPE = (
    "application/json; odata.metadata=minimal; odata.streaming=true; IEEE754Compatible=false; charset=utf-8"
)
"""``Content-Type`` of the response to a created call."""
