"""Calls that come in: how the bot hears of them, and what becomes of them."""

import pytest

from graphcall_nb.simulator import SimulatorOptions
from graphcall_nb.simulator.state_machine import Result

from . import published_operations as published

SURFACES = {
    "v1.0": ("/v1.0/communications/calls", published.INCOMING_V1),
    "beta/communications": ("/beta/communications/calls", published.INCOMING_V1),
    "beta": ("/beta/app/calls", published.INCOMING_BETA),
}
BODIES = [(version, path, body) for version, (_, bodies) in SURFACES.items() for path, body in bodies]
MEETING = {
    "chatInfo": {"threadId": "19:meeting@thread.v2", "messageId": "0"},
    "meetingInfo": {"@odata.type": "#microsoft.graph.organizerMeetingInfo", "organizer": published.HEIDI},
}


async def ringing(service, version="v1.0", **settings):
    """A call that comes in, and of which the bot has heard; gives its address."""
    id_ = await service.simulator.ring(service.receiver.url, version=version, **settings)
    await service.receiver.reached("incoming")
    return f"{SURFACES[version][0]}/{id_}"


@pytest.mark.parametrize(("version", "path", "body"), BODIES)
async def test_each_published_body_is_taken(service, version, path, body):
    url = await ringing(service, version)
    answer = await service.graph.post(f"{url}/{path}", json=body)
    assert answer.status_code == (200 if version == "beta" else 202), answer.text


async def test_the_first_notification_says_who_calls(service):
    await ringing(service)
    (item,) = service.receiver.items
    data = item["resourceData"]
    assert (item["changeType"], data["state"], data["direction"]) == ("created", "incoming", "incoming")
    assert data["source"]["identity"]["user"]["displayName"] == "Adele Vance"
    assert data["targets"][0]["identity"]["application"]["id"] == service.info["client_id"]


async def test_a_call_that_is_answered_is_established(service):
    url = await ringing(service)
    await service.graph.post(f"{url}/answer", json=published.INCOMING_V1[1][1] | {"callbackUri": service.receiver.url})
    assert await service.receiver.reached("established") == ["incoming", "establishing", "established"]
    assert (await service.graph.get(url)).json()["direction"] == "incoming"


async def test_notifications_go_where_the_answer_wants_them(service):
    url = await ringing(service)
    elsewhere = service.receiver.url + "?call=1"
    await service.graph.post(f"{url}/answer", json=published.INCOMING_V1[1][1] | {"callbackUri": elsewhere})
    await service.receiver.reached("established")
    assert [item.get("callbackUri") for item in service.receiver.items[1:]] == [elsewhere] * 2


async def test_a_call_that_is_rejected_is_deleted_and_in_2018_without_a_word_of_its_state(service):
    for version, state in (("v1.0", "terminated"), ("beta", None)):
        before = len(service.receiver.items)
        url = await ringing(service, version)
        await service.graph.post(f"{url}/reject", json={"reason": "busy"})
        await service.receiver.until(lambda before=before: len(service.receiver.items) == before + 2)
        last = service.receiver.items[-1]
        assert (last["changeType"], last["resourceData"].get("state")) == ("deleted", state)


async def test_a_call_that_is_redirected_ends(service):
    url = await ringing(service, "beta")
    await service.graph.post(f"{url}/redirect", json={"targets": [{"identity": published.HEIDI}]})
    assert await service.receiver.reached("terminated") == ["incoming", "redirecting", "terminated"]
    last = service.receiver.items[-1]["resourceData"]
    assert (last["terminationReason"], "answeredBy" in last) == ("AppRedirected", True)


async def test_v1_does_not_name_redirecting(service):
    url = await ringing(service)
    await service.graph.post(f"{url}/redirect", json=published.INCOMING_V1[5][1])
    assert await service.receiver.reached("terminated") == ["incoming", "terminated"]


async def test_a_call_that_nobody_answers_is_missed(starting):
    service = await starting(options=SimulatorOptions(min_answer_seconds=0.0, missed=Result(480, 1, "Nobody there.")))
    await ringing(service)
    assert await service.receiver.reached("terminated") == ["incoming", "terminated"]
    assert service.receiver.items[-1]["resourceData"]["resultInfo"]["subcode"] == 1


async def test_an_answer_can_come_too_late(starting):
    service = await starting(options=SimulatorOptions(min_answer_seconds=0.0))
    url = await ringing(service)
    await service.receiver.reached("terminated")
    assert (await service.graph.post(f"{url}/answer", json=published.INCOMING_V1[1][1])).status_code == 404


async def test_an_invitation_to_a_meeting_says_which(service):
    url = await ringing(service, meeting=MEETING)
    assert service.receiver.items[0]["resourceData"]["meetingInfo"] == MEETING["meetingInfo"]
    await service.graph.post(f"{url}/answer", json=published.INCOMING_V1[1][1] | {"callbackUri": service.receiver.url})
    await service.receiver.until(lambda: service.receiver.items[-1]["resourceUrl"].endswith("/participants"))


async def test_somebody_who_declined_calls_back(starting):
    service = await starting(scenario="incoming")
    await service.create()
    states = await service.receiver.reached("incoming")
    assert states == ["establishing", "ringing", "terminated", "incoming"]
    caller = service.receiver.items[-1]["resourceData"]["source"]["identity"]["user"]
    assert caller["displayName"] == "Heidi Steen"


async def test_whoever_rings_must_know_where(service):
    with pytest.raises(ValueError, match="https"):
        await service.simulator.ring("http://bot.contoso.com/")
    with pytest.raises(ValueError, match="choose from"):
        await service.simulator.ring(service.receiver.url, version="v2")


async def test_a_bot_in_another_process_can_have_itself_rung(service):
    ring = {"callbackUri": service.receiver.url, "version": "v1.0", "caller": "+14255550100"}
    id_ = (await service.graph.post("/simulator/ring", json=ring)).json()["id"]
    await service.receiver.reached("incoming")
    assert service.receiver.items[0]["resourceData"]["source"]["identity"]["phone"]["id"] == "+14255550100"
    assert (await service.graph.post(f"/simulator/calls/{id_}/hangUp")).status_code == 204
    await service.receiver.reached("terminated")
    told = (await service.graph.get("/simulator/calls")).json()
    assert told == {id_: ["incoming", "terminating", "terminated"]}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("ring", {}, 400),
        ("ring", {"callbackUri": "https://bot.contoso.com", "version": "v2"}, 400),
        ("ring", {"callbackUri": "https://bot.contoso.com", "caller": 5}, 400),
        ("ring", {"callbackUri": "https://bot.contoso.com", "modalities": 5}, 400),
        ("ring", {"callbackUri": "https://bot.contoso.com", "meeting": {"chatInfo": 5}}, 400),
        ("calls/x/press", {}, 400),
        ("calls/x/press", {"tones": 5}, 400),
    ],
)
async def test_what_cannot_be_done_is_refused(service, path, body, status):
    assert (await service.graph.post(f"/simulator/{path}", json=body)).status_code == status
    assert (await service.graph.post(f"/simulator/{path}", json=body, headers={"Authorization": ""})).status_code == 401
