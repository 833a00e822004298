"""Incoming calls."""

import pytest

from graphcall_nb.simulator import SimulatorOptions
from graphcall_nb.simulator.state_machine import Result

from . import published_operations as published

VERSIONS = {
    "v1.0": ("/v1.0/communications/calls", published.INCOMING_V1),
    "beta": ("/beta/communications/calls", published.INCOMING_V1),
    "beta-2018": ("/beta/app/calls", published.INCOMING_BETA_2018),
}
BODIES = [(version, path, body) for version, (_, bodies) in VERSIONS.items() for path, body in bodies]
MEETING = {
    "chatInfo": {"threadId": "19:meeting@thread.v2", "messageId": "0"},
    "meetingInfo": {"@odata.type": "#microsoft.graph.organizerMeetingInfo", "organizer": published.HEIDI},
}


async def ring_bot(service, version="v1.0", **settings):
    """Ring the bot, wait for the notification and return the URL of the call."""
    id_ = await service.simulator.ring(service.receiver.url, version=version, **settings)
    await service.receiver.wait_for_state("incoming")
    return f"{VERSIONS[version][0]}/{id_}"


@pytest.mark.parametrize(("version", "path", "body"), BODIES)
async def test_published_body_is_accepted(service, version, path, body):
    url = await ring_bot(service, version)
    answer = await service.graph.post(f"{url}/{path}", json=body)
    assert answer.status_code == (200 if version == "beta-2018" else 202), answer.text


@pytest.mark.parametrize("version", ["v1.0", "beta", "beta-2018"])
async def test_incoming_call_has_the_version_of_the_first_request(service, version):
    for name in (version, "v1.0"):
        await service.graph.get(VERSIONS[name][0] + "/unknown")
    id_ = await service.simulator.ring(service.receiver.url)
    assert (await service.graph.get(f"{VERSIONS[version][0]}/{id_}")).status_code == 200
    await service.receiver.wait_for_state("incoming")
    (item,) = service.receiver.items
    assert (item["resource"].startswith("/app/calls/"), "resourceUrl" in item) == (True, version != "beta-2018")


async def test_incoming_call_of_a_silent_bot_has_v1(service):
    await service.graph.get("/beta/communications/calls/unknown")
    await service.simulator.reset()
    call = service.simulator.calls.get(await service.simulator.ring(service.receiver.url))
    assert call.version.name == "v1.0"


async def test_first_notification_has_the_caller(service):
    await ring_bot(service)
    (item,) = service.receiver.items
    data = item["resourceData"]
    assert (item["changeType"], data["state"], data["direction"]) == ("created", "incoming", "incoming")
    assert data["source"]["identity"]["user"]["displayName"] == "Adele Vance"
    assert data["targets"][0]["identity"]["application"]["id"] == service.info["client_id"]


async def test_answered_call_is_established(service):
    url = await ring_bot(service)
    await service.graph.post(f"{url}/answer", json=published.INCOMING_V1[1][1] | {"callbackUri": service.receiver.url})
    assert await service.receiver.wait_for_state("established") == ["incoming", "establishing", "established"]
    assert (await service.graph.get(url)).json()["direction"] == "incoming"


async def test_answer_changes_the_callback(service):
    url = await ring_bot(service)
    elsewhere = service.receiver.url + "?call=1"
    await service.graph.post(f"{url}/answer", json=published.INCOMING_V1[1][1] | {"callbackUri": elsewhere})
    await service.receiver.wait_for_state("established")
    assert (await service.graph.get(url)).json()["callbackUri"] == elsewhere


async def test_rejected_call_is_deleted_and_has_no_state_in_2018(service):
    for version, state in (("v1.0", "terminated"), ("beta-2018", None)):
        before = len(service.receiver.items)
        url = await ring_bot(service, version)
        await service.graph.post(f"{url}/reject", json={"reason": "busy"})
        await service.receiver.wait_until(lambda before=before: len(service.receiver.items) == before + 2)
        last = service.receiver.items[-1]
        assert (last["changeType"], last["resourceData"].get("state")) == ("deleted", state)


async def test_redirected_call_ends(service):
    url = await ring_bot(service, "beta-2018")
    await service.graph.post(f"{url}/redirect", json={"targets": [{"identity": published.HEIDI}]})
    assert await service.receiver.wait_for_state("terminated") == ["incoming", "redirecting", "terminated"]
    last = service.receiver.items[-1]["resourceData"]
    assert (last["terminationReason"], "answeredBy" in last) == ("AppRedirected", True)


async def test_v1_does_not_send_redirecting(service):
    url = await ring_bot(service)
    await service.graph.post(f"{url}/redirect", json=published.INCOMING_V1[5][1])
    assert await service.receiver.wait_for_state("terminated") == ["incoming", "terminated"]


async def test_unanswered_call_is_missed(start_service):
    service = await start_service(
        options=SimulatorOptions(min_answer_seconds=0.0, missed=Result(480, 1, "Not answered."))
    )
    await ring_bot(service)
    assert await service.receiver.wait_for_state("terminated") == ["incoming", "terminated"]
    assert service.receiver.items[-1]["resourceData"]["resultInfo"]["subcode"] == 1


async def test_late_answer_is_refused(start_service):
    service = await start_service(options=SimulatorOptions(min_answer_seconds=0.0))
    url = await ring_bot(service)
    await service.receiver.wait_for_state("terminated")
    assert (await service.graph.post(f"{url}/answer", json=published.INCOMING_V1[1][1])).status_code == 404


async def test_invitation_to_a_meeting_has_its_meeting_info(service):
    url = await ring_bot(service, meeting=MEETING)
    meeting = service.receiver.items[0]["resourceData"]["meetingInfo"]
    assert meeting["organizer"]["user"]["id"] == MEETING["meetingInfo"]["organizer"]["user"]["id"]
    await service.graph.post(f"{url}/answer", json=published.INCOMING_V1[1][1] | {"callbackUri": service.receiver.url})
    await service.receiver.wait_until(lambda: service.receiver.items[-1]["resourceUrl"].endswith("/participants"))


async def test_callee_calls_back_after_declining(start_service):
    service = await start_service(scenario="incoming")
    await service.create()
    states = await service.receiver.wait_for_state("incoming")
    assert states == ["establishing", "ringing", "terminated", "incoming"]
    caller = service.receiver.items[-1]["resourceData"]["source"]["identity"]["user"]
    assert caller["displayName"] == "Heidi Steen"


async def test_ring_needs_a_valid_callback_and_version(service):
    with pytest.raises(ValueError, match="https"):
        await service.simulator.ring("http://bot.contoso.com/")
    with pytest.raises(ValueError, match="choose from"):
        await service.simulator.ring(service.receiver.url, version="v2")


async def test_bot_in_another_process_controls_the_other_side(service):
    ring = {"callbackUri": service.receiver.url, "version": "v1.0", "caller": "+14255550100"}
    id_ = (await service.graph.post("/simulator/ring", json=ring)).json()["id"]
    await service.receiver.wait_for_state("incoming")
    assert service.receiver.items[0]["resourceData"]["source"]["identity"]["phone"]["id"] == "+14255550100"
    assert (await service.graph.post(f"/simulator/calls/{id_}/hangUp")).status_code == 204
    await service.receiver.wait_for_state("terminated")
    sent = (await service.graph.get("/simulator/calls")).json()
    assert sent == {id_: ["incoming", "terminated"]}


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
async def test_invalid_control_request_is_refused(service, path, body, status):
    assert (await service.graph.post(f"/simulator/{path}", json=body)).status_code == status
    assert (await service.graph.post(f"/simulator/{path}", json=body, headers={"Authorization": ""})).status_code == 401


async def ring_recorder(service):
    """Ring a compliance recorder, answer, and return the URL of the call and its first notification."""
    url = f"/v1.0/communications/calls/{await service.simulator.ring(service.receiver.url, policy_recording=True)}"
    await service.simulator.advance(0)
    (first,) = service.receiver.items
    answer = {
        "callbackUri": service.receiver.url,
        "mediaConfig": {"@odata.type": "#microsoft.graph.appHostedMediaConfig", "blob": "x"},
        "acceptedModalities": ["audio"],
    }
    assert (await service.graph.post(f"{url}/answer", json=answer)).status_code == 202
    await service.simulator.advance(10)
    return url, first["resourceData"]


@pytest.mark.parametrize("form", ["wire", "pages"])
async def test_recorded_call_is_read_with_its_context(start_virtual, form):
    service = await start_virtual(options=SimulatorOptions(form=form))
    url, first = await ring_recorder(service)
    call = (await service.graph.get(url)).json()
    names = ("tenantId", "myParticipantId", "incomingContext", "meetingInfo")
    assert [call[name] for name in names] == [first[name] for name in names]
    assert call["callbackUri"] == service.receiver.url
    assert call["meetingInfo"]["@odata.type"] == "#microsoft.graph.tokenMeetingInfo"


async def test_recorded_call_has_the_participants_of_its_context(start_virtual):
    service = await start_virtual()
    url, first = await ring_recorder(service)
    listed = {each["id"]: each for each in (await service.graph.get(f"{url}/participants")).json()["value"]}
    context = first["incomingContext"]
    ids = {context["sourceParticipantId"], context["observedParticipantId"], first["myParticipantId"]}
    assert listed.keys() == ids
    observed = listed[context["observedParticipantId"]]["info"]["identity"]["user"]["id"]
    assert first["applicationMetadata"]["botData"]["user"]["policyHolderId"] == f"8:orgid:{observed}"


@pytest.mark.parametrize(("recording", "seconds"), [(True, 5), (False, 15)])
async def test_time_to_answer(start_virtual, recording, seconds):
    service = await start_virtual()
    await service.simulator.ring(service.receiver.url, policy_recording=recording)
    await service.simulator.advance(seconds - 0.1)
    assert service.receiver.states == ["incoming"]
    await service.simulator.advance(0.2)
    assert service.receiver.states == ["incoming", "terminated"]
