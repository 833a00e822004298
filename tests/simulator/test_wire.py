"""Notifications in the captured form: the members of each kind of message, in their order."""

import json
from pathlib import Path

import jwt
import pytest

from graphcall_nb.graph.notifications import read_notifications
from graphcall_nb.simulator import SimulatorOptions

from . import published_operations as published
from .test_operations import PATHS, create_established, get_rosters, request_operation
from .test_versions import make_body

WIRE = Path(__file__).parent.parent / "samples" / "wire"
ORGANIZER = {"user": {"id": "05e40000-0000-4000-8000-000000000011", "tenantId": "7e4a4700-0000-4000-8000-0000000000aa"}}
BOT = {"applicationInstance": {"id": "1a57a9ce-0000-4000-8000-0000000000cc", "displayName": "Made-up bot"}}


def read_sample(name):
    return json.loads((WIRE / f"{name}.json").read_text())


def list_members(value):
    """Return the names of all members in their order, with the items of lists but without texts and numbers."""
    if isinstance(value, dict):
        return [(name, list_members(inner)) for name, inner in value.items()]
    return [list_members(inner) for inner in value] if isinstance(value, list) else type(value).__name__


def find_data(service, condition):
    return next((body for body in service.receiver.bodies if condition(body["value"][0]["resourceData"])), None)


async def wait_for(service, condition):
    def is_matching(data):
        return isinstance(data, dict) and condition(data)

    await service.receiver.wait_until(lambda: find_data(service, is_matching))
    return find_data(service, is_matching)


def has_state(state, *members):
    return lambda data: data.get("state") == state and all(member in data for member in members)


def assert_captured(body, name):
    assert list_members(body) == list_members(read_sample(name))


async def start_call(service, name="peer_to_peer", version="v1.0", **changed):
    answer = await service.graph.post(PATHS[version], json=make_body(service, name, **changed))
    assert answer.status_code == 201, answer.text
    return answer


@pytest.mark.parametrize("version", ["v1.0", "beta"])
async def test_call_to_one_person_sends_the_captured_messages(service, version):
    url = (await start_call(service, version=version)).headers["location"]
    assert_captured(await wait_for(service, has_state("establishing")), "establishing_p2p")
    assert_captured(await wait_for(service, has_state("established", "direction")), "established")
    assert_captured(await wait_for(service, has_state("established", "mediaState")), "established_media")
    await request_operation(service, url, "subscribeToTone")
    await service.simulator.press(url.rpartition("/")[2], "tone1")
    assert_captured(await wait_for(service, has_state("established", "toneInfo")), "tone")
    await service.simulator.hang_up(url.rpartition("/")[2])
    end = await wait_for(service, has_state("terminated"))
    assert_captured(end, "terminated_p2p")
    message = end["value"][0]["resourceData"]["resultInfo"]["message"]
    assert message == "The conversation has ended. DiagCode: 0#5002.@"


async def test_meeting_that_is_not_joined_sends_the_captured_messages(start_service):
    service = await start_service(speed=5)
    meeting = {"@odata.type": "#microsoft.graph.organizerMeetingInfo", "organizer": ORGANIZER}
    url = (await start_call(service, "join_meeting", meetingInfo=meeting)).headers["location"]
    assert_captured(await wait_for(service, has_state("establishing")), "establishing_meeting")
    await service.simulator.hang_up(url.rpartition("/")[2])
    assert_captured(await wait_for(service, has_state("terminated")), "terminated_meeting_failure")


async def test_group_call_sends_the_captured_messages(service):
    body = make_body(service, "group_call", source={"identity": BOT})
    body["targets"] = body["targets"][:1]
    body |= {"chatInfo": None, "meetingInfo": None}
    body["targets"] = body["targets"] * 2
    url = (await service.graph.post(PATHS["v1.0"], json=body)).headers["location"]
    await service.receiver.wait_until(lambda: len(get_rosters(service)) == 2)
    alone, everyone = get_rosters(service)
    assert list_members(alone) == list_members(read_sample("roster_bot_alone")["value"][0]["resourceData"])
    sample = read_sample("roster_group")["value"][0]["resourceData"]
    assert list_members([everyone[0], everyone[-1]]) == list_members(sample)
    await service.simulator.hang_up(url.rpartition("/")[2])
    assert_captured(await wait_for(service, has_state("terminated")), "terminated_group")


async def test_invitation_lets_a_call_to_one_person_grow(service):
    url = await create_established(service)
    phone = {"identity": {"phone": {"id": "+15555550123"}}}
    await request_operation(service, url, "participants/invite", {"participants": [phone], "clientContext": "ctx-2"})
    await service.receiver.wait_until(lambda: len(get_rosters(service)) == 2)
    assert_captured(await wait_for(service, lambda data: "participants" in data), "invite_end")
    grown = [body for body in service.receiver.bodies if "meetingProperties" in body["value"][0]["resourceData"]]
    assert [list_members(body) for body in grown] == [
        list_members(read_sample(f"established_escalated_{number}")) for number in (1, 2)
    ]
    sample = read_sample("roster_escalated_p2p")["value"][0]["resourceData"]
    assert list_members(get_rosters(service)[0]) == list_members(sample)


async def test_end_of_a_prompt_has_its_prompts_and_its_reason(service):
    url = await create_established(service)
    prompt = {"mediaInfo": {"uri": "https://bot.example.org/welcome.wav", "resourceId": "1"}}
    await request_operation(service, url, "playPrompt", {"prompts": [prompt], "clientContext": "ctx-1"})
    assert_captured(await wait_for(service, lambda data: "prompts" in data), "play_prompt_end")


async def test_failed_invitation_has_the_captured_members(start_service):
    service = await start_service(scenario="declined")
    await service.simulator.ring(service.receiver.url, version="v1.0")
    await service.receiver.wait_for_state("incoming")
    id_ = service.receiver.items[0]["resourceData"]["id"]
    url = f"{PATHS['v1.0']}/{id_}"
    await service.graph.post(f"{url}/answer", json=published.INCOMING_V1[1][1] | {"callbackUri": service.receiver.url})
    await service.receiver.wait_for_state("established")
    phone = {"identity": {"phone": {"id": "+15555550123"}}}
    await request_operation(service, url, "participants/invite", {"participants": [phone], "clientContext": "ctx-2"})
    assert_captured(await wait_for(service, lambda data: "participants" in data), "invite_failed")


def without_bot(body):
    """Return a body without the bot's identity: an application without a resource account has its id alone."""
    body["value"][0]["resourceData"]["targets"][0].pop("identity")
    return body


async def test_incoming_call_has_the_captured_members(service):
    await service.simulator.ring(service.receiver.url, version="v1.0")
    body = await wait_for(service, has_state("incoming"))
    assert list_members(without_bot(body)) == list_members(without_bot(read_sample("incoming_p2p")))


async def test_policy_recording_has_the_captured_members(service):
    id_ = await service.simulator.ring(service.receiver.url, version="v1.0", policy_recording=True)
    body = await wait_for(service, has_state("incoming"))
    assert list_members(without_bot(body)) == list_members(without_bot(read_sample("incoming_compliance")))
    answer = published.INCOMING_V1[1][1] | {"callbackUri": service.receiver.url}
    await service.graph.post(f"{PATHS['v1.0']}/{id_}/answer", json=answer)
    assert_captured(await wait_for(service, has_state("establishing")), "establishing_incoming_recorder")
    await service.simulator.hang_up(id_)
    end = await wait_for(service, has_state("terminated"))
    assert list_members(without_bot(end)) == list_members(without_bot(read_sample("terminated_incoming")))


async def test_legacy_format_has_the_captured_members(service):
    await service.simulator.ring(service.receiver.url, version="v1.0", legacy=True)
    await service.receiver.wait_until(lambda: service.receiver.bodies)
    assert list_members(service.receiver.bodies[0]) == list_members(read_sample("incoming_legacy"))


async def test_participants_of_a_call_to_one_person_are_not_listed(service):
    url = await create_established(service)
    assert (await service.graph.get(f"{url}/participants")).json()["value"] == []


async def test_hold_is_an_inactive_stream_instead_of_a_state(start_service):
    service = await start_service(scenario="held")
    await create_established(service)
    await service.receiver.wait_until(lambda: len(get_rosters(service)) == 2)
    audio = [[each["mediaStreams"][0]["direction"] for each in roster] for roster in get_rosters(service)]
    assert audio == [["inactive", "sendReceive"], ["sendReceive", "sendReceive"]]
    assert "hold" not in service.receiver.states


async def test_switch_brings_terminating_back(start_service):
    service = await start_service(options=SimulatorOptions(terminating_and_hold=True))
    url = await create_established(service)
    await service.graph.delete(url)
    assert (await service.receiver.wait_for_state("terminated"))[-2:] == ["terminating", "terminated"]


@pytest.mark.parametrize(
    ("style", "expected"),
    [("after", [None, "active"]), ("with", ["active"]), ("never", [None])],
)
async def test_media_state_is_notified_as_chosen(start_service, style, expected):
    service = await start_service(options=SimulatorOptions(media_state=style))
    url = await create_established(service)
    assert (await service.graph.get(url)).json()["mediaState"]["audio"] == "active"
    await service.graph.delete(url)
    await service.receiver.wait_for_state("terminated")
    sent = [item["resourceData"] for item in service.receiver.items]
    states = [data.get("mediaState", {}).get("audio") for data in sent if data["state"] == "established"]
    assert states == expected


async def test_media_become_inactive_around_a_transfer_and_at_the_end(service):
    url = await create_established(service)
    await request_operation(service, url, "transfer", published.TRANSFERS_V1[0])
    await service.receiver.wait_for_state("terminated")
    audio = [item["resourceData"].get("mediaState", {}).get("audio") for item in service.receiver.items]
    assert [each for each in audio if each] == ["active", "inactive"]
    assert (await service.graph.get(url)).json()["mediaState"]["audio"] == "inactive"


async def test_notifications_have_the_captured_headers(service):
    await service.graph.post(PATHS["v1.0"], json=make_body(service), headers={"scenario-id": "scenario-1"})
    await service.receiver.wait_for_state("established")
    first, second, *_ = [headers for headers, _ in service.receiver.requests]
    captured = {name.lower() for name in read_sample("callback_headers")["call_update"]}
    assert captured - {"connection"} <= first.keys()
    assert (first["user-agent"], first["scenario-id"]) == ("Microsoft-Skype/3.0,(Calling/1.0)", "scenario-1")
    assert first["x-microsoft-skype-message-id"] != second["x-microsoft-skype-message-id"]


async def test_first_notification_of_an_incoming_call_has_a_region_and_no_scenario(service):
    await service.simulator.ring(service.receiver.url, version="v1.0")
    await service.receiver.wait_for_state("incoming")
    (headers, _), *_ = service.receiver.requests
    assert ("x-microsoft-skype-caller-region" in headers, "scenario-id" in headers) == (True, False)


async def test_created_call_has_the_captured_headers(service):
    answer = await start_call(service)
    captured = {name.lower() for name in read_sample("create_201_headers")} - {"transfer-encoding"}
    assert captured <= answer.headers.keys()
    assert answer.headers["content-type"] == read_sample("create_201_headers")["Content-Type"]


async def test_meeting_token_is_a_jwt_that_no_key_verifies(service):
    await service.simulator.ring(service.receiver.url, version="v1.0", policy_recording=True)
    await service.receiver.wait_for_state("incoming")
    data = service.receiver.items[0]["resourceData"]
    claims = jwt.decode(data["meetingInfo"]["token"], options={"verify_signature": False})
    assert (claims["iss"], claims["activityId"]) == ("https://api.botframework.com", data["callChainId"])


@pytest.mark.parametrize("path", sorted(WIRE.glob("*.json")), ids=lambda path: path.stem)
def test_every_captured_notification_is_read(path):
    body = path.read_bytes()
    if b"commsNotifications" in body:
        (read,) = read_notifications(body)
        assert read.call_id == "a01f5c00-1a2b-4c3d-8e4f-000000000001"
