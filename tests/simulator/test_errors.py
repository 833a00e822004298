"""Error responses of the service."""

import asyncio
import json

import pytest
from starlette.requests import Request

from graphcall_nb.simulator.errors import GraphError
from graphcall_nb.simulator.tokens import SigningKey
from graphcall_nb.simulator.validation import read_bytes

from .service import sample

CALLS = "/beta/app/calls"


async def get_error(service, body, status=400):
    answer = await service.graph.post(CALLS, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()["error"]


async def post_raw(service, content, **headers):
    answer = await service.graph.post(CALLS, content=content, headers={"Content-Type": "application/json"} | headers)
    return answer.status_code


async def test_missing_token_gives_401_with_a_challenge(service):
    answer = await service.graph.post(CALLS, json=sample("pstn.request"), headers={"Authorization": ""})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("value", ["Bearer", "Bearer x", "Bearer a.b.c", "Basic dTpw", "Bearer é.é.é"])
async def test_invalid_token_gives_401(service, value):
    headers = {"Authorization": value.encode()}
    assert (await service.graph.post(CALLS, json={}, headers=headers)).status_code == 401


async def test_expired_token_gives_401(start_service):
    now = [1_700_000_000.0]
    service = await start_service(clock=lambda: now[0])
    now[0] += 3600
    assert "expired" in (await get_error(service, {}, 401))["message"]


async def test_token_of_another_service_gives_401(service, start_service):
    other = await start_service(make_key=SigningKey)
    service.graph.headers["Authorization"] = other.graph.headers["Authorization"]
    assert "signature" in (await get_error(service, {}, 401))["message"]


@pytest.mark.parametrize("claim", [{"aud": "https://other"}, {"tid": "other"}, {"appid": "other"}, {"exp": None}])
async def test_wrong_claim_gives_401(service, claim):
    tenant = service.simulator.tenant
    claims = tenant.key.verify(service.graph.headers["Authorization"].split()[1]) | claim
    service.graph.headers["Authorization"] = "Bearer " + tenant.key.sign(claims)
    assert (await get_error(service, sample("pstn.request"), 401))["code"] == "InvalidAuthenticationToken"


async def test_notification_token_is_not_an_access_token(service):
    await service.create()
    await service.receiver.wait_for_state("establishing")
    service.graph.headers["Authorization"] = service.receiver.requests[0][0]["authorization"]
    await get_error(service, sample("pstn.request"), 401)


async def test_application_without_consent_gets_403(service):
    given = {name: service.info[f"{name}_without_consent"] for name in ("client_id", "client_secret")}
    token = (await service.token(**given)).json()["access_token"]
    service.graph.headers["Authorization"] = f"Bearer {token}"
    assert "Calls.Initiate.All" in (await get_error(service, sample("pstn.request"), 403))["message"]


@pytest.mark.parametrize(
    ("name", "role", "missing"),
    [
        ("pstn", "Calls.JoinGroupCall.All", "Calls.Initiate.All"),
        ("simultaneous_ring", "Calls.InitiateGroupCall.All", "Calls.Initiate.All"),
        ("group_call", "Calls.Initiate.All", "Calls.InitiateGroupCall.All"),
        ("join_channel_meeting", "Calls.Initiate.All", "Calls.JoinGroupCall.All"),
        ("peer_to_peer_app_hosted", "Calls.Initiate.All", "Calls.AccessMedia.All"),
    ],
)
async def test_missing_permission_gives_403_with_its_name(start_service, name, role, missing):
    service = await start_service(roles=[role])
    assert missing in (await get_error(service, sample(f"{name}.request"), 403))["message"]


@pytest.mark.parametrize("role", ["Calls.JoinGroupCallAsGuest.All", "Calls.JoinGroupCalls.Chat"])
async def test_guest_or_chat_permission_is_enough_for_a_meeting(start_service, role):
    service = await start_service(roles=[role])
    assert (await service.create("meet_now")).status_code == 201


async def test_missing_destination_gives_400_that_names_both_members(service):
    error = await get_error(service, service.call("pstn", targets=None))
    assert "targets" in error["message"]
    assert "meetingInfo" in error["message"]


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"callbackUri": None}, "callbackUri"),
        ({"callbackUri": "http://bot.contoso.com/"}, "callbackUri"),
        ({"callbackUri": "https://"}, "callbackUri"),
        ({"callbackUri": "https://bot:port/"}, "callbackUri"),
        ({"callbackUri": "https://[bot/"}, "callbackUri"),
        ({"callbackUri": 5}, "callbackUri"),
        ({"targets": {}}, "targets"),
        ({"targets": [5]}, "targets[0]"),
        ({"targets": [{}]}, "targets[0].identity"),
        ({"targets": [{"identity": {"user": {}}}]}, "targets[0].identity.user.id"),
        ({"targets": [{"identity": {"phone": {"id": "555-0100"}}}]}, "E.164"),
        ({"targets": [{"identity": {"user": {"id": "u"}}}] * 26}, "25"),
        ({"requestedModalities": "audio"}, "requestedModalities"),
        ({"requestedModalities": ["smell"]}, "requestedModalities[0]"),
        ({"mediaConfig": {"@odata.type": "#microsoft.graph.otherConfig"}}, "mediaConfig"),
        ({"mediaConfig": {"@odata.type": "#microsoft.graph.appHostedMediaConfig"}}, "mediaConfig.blob"),
        ({"ringingTimeoutInSeconds": True}, "ringingTimeoutInSeconds"),
        ({"ringingTimeoutInSeconds": 116}, "115"),
        ({"tenantId": 5}, "tenantId"),
        ({"source": {"identity": 5}}, "source.identity"),
        ({"meetingInfo": {"organizer": 5}}, "meetingInfo.organizer"),
        ({"meetingInfo": {"@odata.type": "#microsoft.graph.tokenMeetingInfo"}}, "meetingInfo.token"),
        ({"meetingInfo": {"@odata.type": "other"}}, "meetingInfo"),
        ({"mediaConfig": {"@odata.type": []}}, "mediaConfig.@odata.type"),
        ({"meetingInfo": {"organizer": {"user": {"id": "u"}}}}, "chatInfo.threadId"),
    ],
)
async def test_invalid_member_gives_400_with_its_name(service, changed, named):
    assert named in (await get_error(service, service.call("pstn", **changed)))["message"]


async def test_several_problems_are_listed(service):
    error = await get_error(service, service.call("pstn", targets=None, callbackUri=None))
    assert [detail["target"] for detail in error["details"]] == ["callbackUri", "targets"]


BROKEN = [b"", b"{", b"[]", b"\xff", b'{"a": NaN}', b'{"a": 1e999}', b'{"a": "\\ud800"}', b"[" * 100_000, b'"\\"' * 9]


@pytest.mark.parametrize("content", BROKEN, ids=range(len(BROKEN)))
async def test_invalid_json_gives_400(service, content):
    assert await post_raw(service, content) == 400


async def test_unclosed_string_is_refused_quickly(service):
    async with asyncio.timeout(2):
        assert await post_raw(service, b'{"a":"' + b'\\"' * 500_000) == 400


async def test_byte_order_mark_is_accepted(service):
    assert await post_raw(service, b"\xef\xbb\xbf" + json.dumps(sample("pstn.request")).encode()) == 201


@pytest.mark.parametrize("media_type", ["application/x-www-form-urlencoded", "text/plain", ""])
async def test_another_content_type_gives_415(service, media_type):
    assert await post_raw(service, b"{}", **{"Content-Type": media_type}) == 415


async def test_closed_connection_is_a_bad_request():
    async def receive():
        return {"type": "http.disconnect"}

    with pytest.raises(GraphError, match="closed before the body was complete"):
        await read_bytes(Request({"type": "http", "headers": []}, receive))


async def test_large_body_gives_413(service):
    assert await post_raw(service, b" " * (4 * 1024 * 1024 + 1)) == 413


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("POST", "/v1.0/applications/8A34A46B/calls", 404),
        ("GET", "/beta/app/calls/57DAB8B1894C409AB240BD8BEAE78896", 404),
        ("DELETE", "/beta/app/calls/57DAB8B1894C409AB240BD8BEAE78896", 404),
        ("GET", "/beta/app/calls", 405),
        ("PATCH", "/beta/app/calls/57DAB8B1894C409AB240BD8BEAE78896", 405),
    ],
)
async def test_unknown_resource_gives_graph_error(service, method, path, status):
    answer = await service.graph.request(method, path)
    assert answer.status_code == status
    assert {"code", "message", "innerError"} <= answer.json()["error"].keys()


async def test_405_names_the_allowed_methods(service):
    answer = await service.graph.patch(f"{CALLS}/x")
    assert {"GET", "DELETE"} <= set(answer.headers["allow"].split(", "))
