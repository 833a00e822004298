"""Version 1.0 and today's beta beside the beta of 2018, on the same port."""

import json
from pathlib import Path

import pytest

from graphcall_nb.simulator import SimulatorOptions

V1 = Path(__file__).parent.parent / "samples" / "v1.0"
REQUESTS = sorted(path.name.removesuffix(".request.json") for path in V1.glob("*.request.json"))
CALLS = "/v1.0/communications/calls"


def published(name):
    return json.loads((V1 / f"{name}.json").read_text())


def make_body(service, name="peer_to_peer", **changed):
    body = published(f"{name}.request") | {"callbackUri": service.receiver.url} | changed
    return {member: value for member, value in body.items() if value is not None}


async def create_call(service, name="peer_to_peer", path=CALLS, **changed):
    answer = await service.graph.post(path, json=make_body(service, name, **changed))
    assert answer.status_code == 201, answer.text
    return answer


@pytest.mark.parametrize("path", [CALLS, "/v1.0/app/calls", "/beta/communications/calls"])
@pytest.mark.parametrize("name", REQUESTS)
async def test_published_body_is_accepted_unchanged(service, path, name):
    answer = await service.graph.post(path, json=published(f"{name}.request"))
    assert answer.status_code == 201, answer.text
    sent, shown = published(f"{name}.request"), answer.json()
    assert sent == {member: shown[member] for member in sent}


async def test_response_has_the_published_members(service):
    answer = (await service.graph.post(CALLS, json=published("peer_to_peer.request"))).json()
    documented = published("peer_to_peer.response")
    assert documented.keys() <= answer.keys()
    drawn = {"id", "callChainId", "myParticipantId", "source", "targets"}
    assert {name: answer[name] for name in documented.keys() - drawn} == {
        name: documented[name] for name in documented.keys() - drawn
    }


async def test_location_has_the_path_of_the_version(service):
    answer = await create_call(service)
    assert answer.headers["location"].endswith(f"{CALLS}/{answer.json()['id']}")


@pytest.mark.parametrize("state", ["establishing", "established"])
async def test_pages_form_has_the_published_members(start_service, state):
    service = await start_service(options=SimulatorOptions(form="pages"))
    id_ = (await create_call(service)).json()["id"]
    await service.receiver.wait_for_state(state)
    sent = next(body for body in service.receiver.bodies if body["value"][0]["resourceData"]["state"] == state)
    expected = json.dumps(published(f"notification_{state}")).replace("421f0b00-2db4-4022-9570-243709c565ab", id_)
    assert sent == json.loads(expected.replace("https://bot.contoso.com/api/calls", service.receiver.url))


async def test_only_beta_sends_ringing(service):
    await create_call(service)
    assert await service.receiver.wait_for_state("established") == ["establishing", "established"]
    await create_call(service, path="/beta/communications/calls")
    await service.receiver.wait_for_state("ringing")


async def test_results_are_numbers(service):
    url = (await create_call(service)).headers["location"]
    await service.graph.delete(url)
    await service.receiver.wait_for_state("terminated")
    last = service.receiver.items[-1]["resourceData"]
    assert (last["resultInfo"]["code"], last["resultInfo"]["subcode"]) == (200, 7000)
    assert "terminationReason" not in last


async def test_call_is_shown_in_the_version_of_the_request(service):
    id_ = (await create_call(service)).json()["id"]
    shown = (await service.graph.get(f"/beta/app/calls/{id_}")).json()
    assert "callChainId" not in shown


async def test_meeting_joined_by_its_id_has_a_chat(service):
    answer = (await create_call(service, "join_meeting_by_id")).json()
    assert answer["chatInfo"]["threadId"].startswith("19:meeting_")


@pytest.mark.parametrize(
    ("name", "changed", "named"),
    [
        ("peer_to_peer", {"mediaConfig": None}, "mediaConfig"),
        ("peer_to_peer", {"mediaConfig": {"@odata.type": "#microsoft.graph.noMediaConfig"}}, "mediaConfig"),
        ("pstn", {"source": None}, "applicationInstance"),
        ("group_call", {"targets": [{"identity": {"user": {"id": "u"}}}] * 6}, "5 at most"),
        ("join_meeting_by_id", {"meetingInfo": {"@odata.type": "#microsoft.graph.joinMeetingIdMeetingInfo"}}, "Id"),
    ],
)
async def test_v1_refuses_invalid_calls(service, name, changed, named):
    answer = await service.graph.post(CALLS, json=make_body(service, name, **changed))
    assert (answer.status_code, named in answer.json()["error"]["message"]) == (400, True), answer.text


@pytest.mark.parametrize(
    ("name", "roles", "missing"),
    [
        ("peer_to_peer", ["Calls.InitiateGroupCall.All"], "Calls.Initiate.All"),
        ("group_call", ["Calls.Initiate.All"], "Calls.InitiateGroupCall.All"),
        ("join_meeting", ["Calls.Initiate.All"], "Calls.JoinGroupCall.All"),
        ("pstn_app_hosted", ["Calls.Initiate.All"], "Calls.AccessMedia.All"),
    ],
)
async def test_kind_of_call_needs_its_permission(start_service, name, roles, missing):
    service = await start_service(roles=roles)
    answer = await service.graph.post(CALLS, json=make_body(service, name))
    assert (answer.status_code, missing in answer.json()["error"]["message"]) == (403, True), answer.text


async def test_members_that_were_left_out_come_back_as_null_in_the_documents_version(service):
    call = (await service.create(subject=None, source=None)).json()
    assert {name: call[name] for name in ("subject", "source")} == {"subject": None, "source": None}
