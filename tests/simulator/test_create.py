"""Creating, reading and ending calls over HTTP."""

import pytest

from .service import DOCUMENTED, sample

PATHS = ("/beta/app/calls", "/beta/applications/{client_id}/calls")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", DOCUMENTED)
async def test_documented_body_is_accepted_on_both_paths(service, path, name):
    answer = await service.graph.post(path.format(**service.info), json=sample(f"{name}.request"))
    assert answer.status_code == 201
    assert sample(f"{name}.request").items() <= answer.json().items()


async def test_response_has_all_documented_members(service):
    answer = await service.graph.post("/beta/app/calls", json=sample("peer_to_peer.request"))
    documented = sample("peer_to_peer.response") | {"id": answer.json()["id"]}
    assert documented.items() <= answer.json().items()


async def test_trailing_commas_are_accepted(service):
    text = '{"callbackUri": "https://bot.contoso.com/a,]", "targets": [{"identity": {"user": {"id": "u",},},},\n],\n}'
    answer = await service.graph.post("/beta/app/calls", content=text, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["callbackUri"]) == (201, "https://bot.contoso.com/a,]")


async def test_new_call_is_establishing_and_outgoing(service):
    call = (await service.create()).json()
    assert (call["state"], call["direction"], len(call["id"])) == ("establishing", "outgoing", 32)


async def test_server_generated_members_in_a_request_are_ignored(service):
    mine = {
        "id": "mine",
        "state": "established",
        "direction": "incoming",
        "terminationReason": "mine",
        "participants": [],
    }
    call = (await service.create(**mine)).json()
    assert {name for name, value in mine.items() if call.get(name) == value} == set()


async def test_location_is_the_url_of_the_call(service):
    created = await service.create()
    assert (await service.graph.get(created.headers["location"])).json()["id"] == created.json()["id"]


async def test_call_can_be_read_on_both_paths(service):
    id_ = (await service.create()).json()["id"]
    answer = await service.graph.get(f"/beta/applications/{service.info['client_id']}/calls/{id_}")
    assert answer.json()["id"] == id_


async def test_get_shows_the_state_of_the_call(service):
    id_ = (await service.create()).json()["id"]
    await service.receiver.wait_for_state("established")
    call = (await service.graph.get(f"/beta/app/calls/{id_}")).json()
    assert (call["state"], call["activeModalities"]) == ("established", ["audio", "video"])
    assert call["answeredBy"]["identity"]["user"]["displayName"] == "Heidi Steen"


async def test_hanging_up_sends_terminating_and_terminated(service):
    id_ = (await service.create()).json()["id"]
    await service.receiver.wait_for_state("established")
    answer = await service.graph.delete(f"/beta/app/calls/{id_}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await service.receiver.wait_for_state("terminated"))[-2:] == ["terminating", "terminated"]


async def test_last_notification_has_the_reason_of_a_hang_up(service):
    id_ = (await service.create()).json()["id"]
    await service.graph.delete(f"/beta/app/calls/{id_}")
    await service.receiver.wait_for_state("terminated")
    last = service.receiver.items[-1]
    assert (last["changeType"], last["resourceData"]["terminationReason"]) == ("deleted", "AppInitiated")
    assert last["resourceData"]["resultInfo"]["code"] == "200"


async def test_hanging_up_at_once_sends_establishing_first(start_service):
    service = await start_service(speed=4)
    id_ = (await service.create()).json()["id"]
    await service.graph.delete(f"/beta/app/calls/{id_}")
    assert await service.receiver.wait_for_state("terminated") == ["establishing", "terminating", "terminated"]


async def test_ending_call_can_be_hung_up_again(start_service):
    service = await start_service(speed=1)
    url = (await service.create()).headers["location"]
    assert [(await service.graph.delete(url)).status_code for _ in range(2)] == [204, 204]


async def test_ended_call_can_be_read_but_not_hung_up(service):
    url = (await service.create()).headers["location"]
    await service.graph.delete(url)
    await service.receiver.wait_for_state("terminated")
    assert (await service.graph.get(url)).json()["state"] == "terminated"
    assert (await service.graph.delete(url)).status_code == 404


async def test_ended_call_is_removed_after_its_retention(start_service):
    now = [1_700_000_000.0]
    service = await start_service(clock=lambda: now[0])
    url = (await service.create()).headers["location"]
    await service.graph.delete(url)
    await service.receiver.wait_for_state("terminated")
    now[0] += 61
    assert (await service.graph.get(url)).status_code == 404


async def test_response_has_a_request_id_and_the_client_request_id(service):
    answer = await service.graph.get("/beta/app/calls/none", headers={"client-request-id": "mine"})
    inner = answer.json()["error"]["innerError"]
    assert answer.headers["client-request-id"] == inner["client-request-id"] == "mine"
    assert answer.headers["request-id"] == inner["request-id"] != "mine"


async def test_call_of_another_application_is_not_found(service):
    url = (await service.create()).headers["location"]
    service.simulator.calls[url.rpartition("/")[2]].application_id = "another"
    assert (await service.graph.get(url)).status_code == 404
