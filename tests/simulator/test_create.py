"""Creating, reading and ending calls over HTTP."""

import pytest

from .running import DOCUMENTED, sample

PATHS = ("/beta/app/calls", "/beta/applications/{client_id}/calls")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", DOCUMENTED)
async def test_each_documented_body_is_taken_as_it_is_on_both_paths(service, path, name):
    answer = await service.graph.post(path.format(**service.info), json=sample(f"{name}.request"))
    assert answer.status_code == 201
    assert sample(f"{name}.request").items() <= answer.json().items()


async def test_the_answer_is_the_documented_response_and_more(service):
    answer = await service.graph.post("/beta/app/calls", json=sample("peer_to_peer.request"))
    documented = sample("peer_to_peer.response") | {"id": answer.json()["id"]}
    assert documented.items() <= answer.json().items()


async def test_trailing_commas_of_the_published_page_are_forgiven(service):
    text = '{"callbackUri": "https://bot.contoso.com/a,]", "targets": [{"identity": {"user": {"id": "u",},},},\n],\n}'
    answer = await service.graph.post("/beta/app/calls", content=text, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["callbackUri"]) == (201, "https://bot.contoso.com/a,]")


async def test_a_new_call_is_establishing_and_outgoing(service):
    call = (await service.create()).json()
    assert (call["state"], call["direction"], len(call["id"])) == ("establishing", "outgoing", 32)


async def test_what_the_sender_says_of_server_generated_members_is_ignored(service):
    mine = {
        "id": "mine",
        "state": "established",
        "direction": "incoming",
        "terminationReason": "mine",
        "participants": [],
    }
    call = (await service.create(**mine)).json()
    assert {name for name, value in mine.items() if call.get(name) == value} == set()


async def test_the_location_leads_to_the_call(service):
    created = await service.create()
    assert (await service.graph.get(created.headers["location"])).json()["id"] == created.json()["id"]


async def test_a_call_can_be_read_by_either_path(service):
    id_ = (await service.create()).json()["id"]
    answer = await service.graph.get(f"/beta/applications/{service.info['client_id']}/calls/{id_}")
    assert answer.json()["id"] == id_


async def test_reading_shows_where_the_call_stands(service):
    id_ = (await service.create()).json()["id"]
    await service.receiver.reached("established")
    call = (await service.graph.get(f"/beta/app/calls/{id_}")).json()
    assert (call["state"], call["activeModalities"]) == ("established", ["audio"])
    assert call["answeredBy"]["identity"]["user"]["displayName"] == "Heidi Steen"


async def test_hanging_up_answers_204_and_then_tells_terminating_and_terminated(service):
    id_ = (await service.create()).json()["id"]
    await service.receiver.reached("established")
    answer = await service.graph.delete(f"/beta/app/calls/{id_}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await service.receiver.reached("terminated"))[-2:] == ["terminating", "terminated"]


async def test_a_call_that_is_hung_up_says_so_in_its_last_notification(service):
    id_ = (await service.create()).json()["id"]
    await service.graph.delete(f"/beta/app/calls/{id_}")
    await service.receiver.reached("terminated")
    last = service.receiver.items[-1]
    assert (last["changeType"], last["resourceData"]["terminationReason"]) == ("deleted", "AppInitiated")
    assert last["resourceData"]["resultInfo"]["code"] == "200"


async def test_hanging_up_at_once_still_tells_establishing_first(starting):
    service = await starting(speed=4)
    id_ = (await service.create()).json()["id"]
    await service.graph.delete(f"/beta/app/calls/{id_}")
    assert await service.receiver.reached("terminated") == ["establishing", "terminating", "terminated"]


async def test_hanging_up_twice_is_fine_while_the_call_ends(starting):
    service = await starting(speed=1)
    url = (await service.create()).headers["location"]
    assert [(await service.graph.delete(url)).status_code for _ in range(2)] == [204, 204]


async def test_an_ended_call_can_be_read_a_while_but_not_hung_up(service):
    url = (await service.create()).headers["location"]
    await service.graph.delete(url)
    await service.receiver.reached("terminated")
    assert (await service.graph.get(url)).json()["state"] == "terminated"
    assert (await service.graph.delete(url)).status_code == 404


async def test_an_ended_call_is_forgotten_after_a_while(starting):
    now = [1_700_000_000.0]
    service = await starting(clock=lambda: now[0])
    url = (await service.create()).headers["location"]
    await service.graph.delete(url)
    await service.receiver.reached("terminated")
    now[0] += 61
    assert (await service.graph.get(url)).status_code == 404


async def test_every_answer_carries_a_request_id_and_echoes_the_client_s(service):
    answer = await service.graph.get("/beta/app/calls/none", headers={"client-request-id": "mine"})
    inner = answer.json()["error"]["innerError"]
    assert answer.headers["client-request-id"] == inner["client-request-id"] == "mine"
    assert answer.headers["request-id"] == inner["request-id"] != "mine"


async def test_a_call_of_another_application_is_not_found(service):
    url = (await service.create()).headers["location"]
    service.simulator.calls[url.rpartition("/")[2]].application_id = "another"
    assert (await service.graph.get(url)).status_code == 404
