"""Operations on an established call, in each version."""

import pytest

from graphcall_nb.simulator import SimulatorOptions

from . import published_operations as published
from .test_versions import make_body

PATHS = {
    "beta-2018": "/beta/app/calls",
    "beta": "/beta/communications/calls",
    "v1.0": "/v1.0/communications/calls",
}
PAGES = SimulatorOptions(form="pages")
NUMBERED = [("v1.0", "participants/invite", 5), ("v1.0", "playPrompt", 20), ("v1.0", "recordResponse", 1)]
ESTABLISHED_BODIES = [
    (version, path, body)
    for version, bodies in (
        ("v1.0", published.ESTABLISHED_V1),
        ("beta", published.ESTABLISHED_BETA),
        ("beta-2018", published.ESTABLISHED_BETA_2018),
    )
    for path, body in bodies
]
ENDLESS = {"prompts": [{**published.WAV, "loop": 0}]}
BODIES = dict(published.ESTABLISHED_V1)


async def create_established(service, version="v1.0", name=None):
    """Create a call, wait until it is established and return its URL."""
    body = (
        service.call(name or "peer_to_peer") if version == "beta-2018" else make_body(service, name or "peer_to_peer")
    )
    answer = await service.graph.post(PATHS[version], json=body)
    assert answer.status_code == 201, answer.text
    id_ = answer.json()["id"]
    await service.receiver.wait_until(lambda: is_established(service, id_))
    return answer.headers["location"]


def is_established(service, id_):
    items = [item for item in service.receiver.items if get_resource(item).endswith(id_)]
    return any(item["resourceData"].get("state") == "established" for item in items)


async def request_operation(service, url, path, body=None):
    if "{participant}" in path:
        people = (await service.graph.get(f"{url}/participants")).json()["value"]
        path = path.format(participant=people[1]["id"])
    return await service.graph.post(f"{url}/{path}", json=BODIES[path] if body is None and path in BODIES else body)


def get_finished(service):
    """Return the operations in notifications."""
    return [item["resourceData"] for item in service.receiver.items if "/operations/" in get_resource(item)]


def get_resource(item):
    return item.get("resourceUrl") or item["resource"]


@pytest.mark.parametrize(("version", "path", "body"), ESTABLISHED_BODIES)
async def test_published_body_is_accepted(start_service, version, path, body):
    service = await start_service(options=PAGES)
    url = await create_established(service, version)
    answer = await request_operation(service, url, path, body)
    assert answer.status_code in (200, 201, 202), answer.text
    operation = answer.json() if answer.content else {}
    assert operation.get("clientContext") == ((body or {}).get("clientContext") if operation else None)


@pytest.mark.parametrize("path", ["playPrompt", "recordResponse", "sendDtmfTones", "participants/invite"])
async def test_longer_operation_is_running_until_its_end_is_notified(service, path):
    url = await create_established(service)
    answer = await request_operation(service, url, path)
    assert (answer.status_code, answer.json()["status"]) == (200, "running")
    assert answer.headers["location"] == f"{url}/operations/{answer.json()['id']}"
    await service.receiver.wait_until(lambda: get_finished(service))
    assert [(end["id"], end["status"]) for end in get_finished(service)] == [(answer.json()["id"], "completed")]


@pytest.mark.parametrize(
    "path", ["mute", "unmute", "subscribeToTone", "cancelMediaProcessing", "updateRecordingStatus"]
)
async def test_short_operation_completes_with_the_response(service, path):
    url = await create_established(service)
    answer = await request_operation(service, url, path)
    assert (answer.status_code, answer.json()["status"]) == (200, "completed")
    assert answer.json()["@odata.type"].endswith("Operation")


async def test_running_operation_can_be_read_until_it_ends(service):
    url = await create_established(service, "beta")
    location = (await request_operation(service, url, "playPrompt", ENDLESS)).headers["location"]
    assert (await service.graph.get(location)).json()["status"] == "running"
    await request_operation(service, url, "cancelMediaProcessing")
    await service.receiver.wait_until(lambda: get_finished(service))
    assert (await service.graph.get(location)).status_code == 404


async def test_prompts_play_one_after_another(service):
    url = await create_established(service)
    ids = [(await request_operation(service, url, "playPrompt")).json()["id"] for _ in range(3)]
    await service.receiver.wait_until(lambda: len(get_finished(service)) == 3)
    assert [end["id"] for end in get_finished(service)] == ids


async def test_cancelling_fails_all_queued_prompts(service):
    url = await create_established(service, "beta")
    for _ in range(2):
        await request_operation(service, url, "playPrompt", ENDLESS)
    await request_operation(service, url, "cancelMediaProcessing")
    await service.receiver.wait_until(lambda: len(get_finished(service)) == 2)
    assert {(end["status"], end["resultInfo"]["subcode"]) for end in get_finished(service)} == {("failed", 8508)}


async def test_hanging_up_fails_the_playing_prompt(service):
    url = await create_established(service, "beta")
    await request_operation(service, url, "playPrompt", ENDLESS)
    await service.graph.delete(url)
    await service.receiver.wait_for_state("terminated")
    assert [end["status"] for end in get_finished(service)] == ["failed"]


async def test_recording_can_be_downloaded_with_its_token(service):
    url = await create_established(service)
    await request_operation(service, url, "recordResponse")
    await service.receiver.wait_until(lambda: get_finished(service))
    (end,) = get_finished(service)
    headers = {"Authorization": f"Bearer {end['recordingAccessToken']}"}
    assert (await service.graph.get(end["recordingLocation"], headers=headers)).content.startswith(b"RIFF")
    assert (await service.graph.get(end["recordingLocation"], headers={"Authorization": "Bearer x"})).status_code == 401


async def test_unknown_recording_is_not_found(service):
    headers = {"Authorization": "Bearer None"}
    assert (await service.graph.get("/recordings/none", headers=headers)).status_code == 404


async def test_blind_transfer_changes_the_states_of_the_call(service):
    url = await create_established(service)
    answer = await request_operation(service, url, "transfer", published.TRANSFERS_V1[0])
    assert (answer.status_code, answer.content) == (202, b"")
    states = await service.receiver.wait_for_state("terminated")
    assert list(dict.fromkeys(states)) == [
        "establishing",
        "established",
        "transferring",
        "transferAccepted",
        "terminated",
    ]
    assert service.receiver.items[-1]["resourceData"]["resultInfo"]["subcode"] == 7015


async def test_beta_of_2018_reports_a_transfer_by_its_operation(service):
    url = await create_established(service, "beta-2018")
    answer = await request_operation(service, url, "transfer", published.TRANSFERS_BETA_2018[0])
    assert (answer.status_code, answer.json()["@odata.type"]) == (200, "#microsoft.graph.commsOperation")
    assert (await service.receiver.wait_for_state("terminated"))[-2:] == ["established", "terminated"]
    assert [end["resultInfo"]["subCode"] for end in get_finished(service)] == ["transferring", "transferAccepted"]
    assert service.receiver.items[-1]["resourceData"]["terminationReason"] == "AppTransferred"


@pytest.mark.parametrize(("number", "subcode"), [(0, 7000), (1, 7700)])
async def test_call_is_established_again_after_a_failed_transfer(start_service, number, subcode):
    service = await start_service(scenario="transfer_failed")
    url = await create_established(service)
    await request_operation(service, url, "transfer", published.TRANSFERS_V1[number])
    await service.receiver.wait_until(
        lambda: any("resultInfo" in item["resourceData"] for item in service.receiver.items)
    )
    (failed,) = [item["resourceData"] for item in service.receiver.items if "resultInfo" in item["resourceData"]]
    assert (failed["state"], failed["resultInfo"]["subcode"]) == ("established", subcode)


async def test_consultative_transfer_ends_the_replaced_call(service):
    first, second = await create_established(service), await create_established(service)
    target = published.invited(published.HEIDI, replacesCallId=first.rpartition("/")[2])
    await request_operation(service, second, "transfer", {"transferTarget": target})
    await service.receiver.wait_until(lambda: service.receiver.states.count("terminated") == 2)


def get_tones(service):
    return [item["resourceData"] for item in service.receiver.items if "toneInfo" in item["resourceData"]]


async def test_subscribed_bot_is_notified_of_tones(start_service):
    service = await start_service(scenario="tones")
    url = await create_established(service)
    await request_operation(service, url, "subscribeToTone")
    await service.receiver.wait_until(
        lambda: sum("toneInfo" in item["resourceData"] for item in service.receiver.items) == 3
    )
    tones = [item["resourceData"] for item in service.receiver.items if "toneInfo" in item["resourceData"]]
    assert [(tone["state"], tone["toneInfo"]["sequenceId"]) for tone in tones] == [
        ("established", n) for n in (1, 2, 3)
    ]
    assert [tone["toneInfo"]["tone"] for tone in tones] == ["tone1", "tone2", "pound"]


async def test_simulator_presses_keys_and_hangs_up(service):
    url = await create_established(service)
    await request_operation(service, url, "subscribeToTone")
    id_ = url.rpartition("/")[2]
    await service.simulator.press(id_, "star")
    await service.simulator.hang_up(id_)
    await service.receiver.wait_for_state("terminated")
    assert [each["toneInfo"]["tone"] for each in get_tones(service)] == ["star"]
    assert service.receiver.items[-1]["resourceData"]["resultInfo"]["subcode"] == 5002


def get_rosters(service):
    return [item["resourceData"] for item in service.receiver.items if get_resource(item).endswith("/participants")]


async def test_pages_list_the_participants_of_a_peer_call_without_a_roster(start_service):
    service = await start_service(options=PAGES)
    url = await create_established(service)
    people = (await service.graph.get(f"{url}/participants")).json()["value"]
    assert [next(reversed(each["info"]["identity"])) for each in people] == ["application", "user"]
    one = (await service.graph.get(f"{url}/participants/{people[1]['id']}")).json()
    assert (one, get_rosters(service)) == (people[1], [])


async def test_invited_participants_join_the_roster(service):
    url = await create_established(service, name="group_call")
    await request_operation(service, url, "participants/invite", BODIES["participants/invite"])
    await service.receiver.wait_until(lambda: len(get_rosters(service)) == 3)
    # The published body invites two, of whom one is in the call already.
    assert len(get_rosters(service)[2]) == len(get_rosters(service)[1]) + 1


async def test_muting_is_shown_by_the_roster(start_service):
    service = await start_service(options=PAGES)
    url = await create_established(service, name="group_call")
    await service.receiver.wait_until(lambda: get_rosters(service))
    await request_operation(service, url, "participants/{participant}/mute", {})
    await service.receiver.wait_until(lambda: len(get_rosters(service)) == 2)
    assert [who["isMuted"] for who in get_rosters(service)[1]] == [False, True, False]


async def test_muting_all_ignores_unknown_participants(start_service):
    service = await start_service(options=PAGES)
    url = await create_established(service, "beta", "group_call")
    await service.receiver.wait_until(lambda: get_rosters(service))
    known = get_rosters(service)[0][2]["id"]
    assert (
        await request_operation(service, url, "participants/muteAll", {"participants": ["gone", known]})
    ).status_code == 200
    await service.receiver.wait_until(lambda: len(get_rosters(service)) == 2)
    assert [who["isMuted"] for who in get_rosters(service)[1]] == [False, False, True]


async def test_removed_participant_leaves_the_roster(start_service):
    service = await start_service(options=PAGES)
    url = await create_established(service, name="group_call")
    await service.receiver.wait_until(lambda: get_rosters(service))
    gone = get_rosters(service)[0][1]["id"]
    assert (await service.graph.delete(f"{url}/participants/{gone}")).status_code == 204
    await service.receiver.wait_until(lambda: len(get_rosters(service)) == 2)
    assert gone not in [who["id"] for who in get_rosters(service)[1]]


@pytest.mark.parametrize(
    "path", ["participants/{participant}/startHoldMusic", "participants/{participant}/stopHoldMusic"]
)
async def test_hold_music_is_running_until_its_end_is_notified(service, path):
    url = await create_established(service, name="group_call")
    await service.receiver.wait_until(lambda: get_rosters(service))
    answer = await request_operation(service, url, path)
    kind = "#microsoft.graph." + path.rpartition("/")[2] + "Operation"
    assert (answer.status_code, answer.json()["@odata.type"], answer.json()["status"]) == (202, kind, "running")
    await service.receiver.wait_until(lambda: get_finished(service))
    assert [(end["id"], end["status"]) for end in get_finished(service)] == [(answer.json()["id"], "completed")]


async def test_hold_music_needs_a_known_participant_and_a_media_prompt(service):
    url = await create_established(service, name="group_call")
    unknown = await service.graph.post(f"{url}/participants/unknown/startHoldMusic", json={})
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "ParticipantNotFound")
    bad = await request_operation(service, url, "participants/{participant}/startHoldMusic", {"customPrompt": {}})
    assert (bad.status_code, "customPrompt.mediaInfo" in bad.json()["error"]["message"]) == (400, True)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("startRecording", "running"),
        ("stopRecording", "completed"),
        ("startTranscription", "running"),
        ("stopTranscription", "completed"),
    ],
)
async def test_recording_and_transcription_are_acknowledged_in_beta(service, path, status):
    url = await create_established(service, "beta")
    answer = await service.graph.post(f"{url}/microsoft.graph.{path[0].upper()}{path[1:]}")
    operation = answer.json()
    assert (answer.status_code, operation["status"]) == (202, status)
    assert operation["@odata.type"] == f"#microsoft.graph.{path}Operation"
    assert answer.headers["location"] == f"{url}/operations/{operation['id']}"
    if status == "running":
        await service.receiver.wait_until(lambda: get_finished(service))
        assert [end["status"] for end in get_finished(service)] == ["completed"]


async def test_transcription_is_shown_by_the_call(service):
    url = await create_established(service, "beta")
    shown = [(await service.graph.get(url)).json()["transcription"]]
    for path in ("startTranscription", "stopTranscription"):
        await service.graph.post(f"{url}/{path}", json={"language": "en-us"})
        shown.append((await service.graph.get(url)).json()["transcription"]["state"])
    assert shown == [None, "active", "inactive"]


@pytest.mark.parametrize("path", ["startRecording", "stopRecording", "startTranscription", "stopTranscription"])
async def test_v1_has_neither_recording_nor_transcription(service, path):
    assert (await service.graph.post(f"{await create_established(service)}/{path}", json={})).status_code == 404


async def test_call_ends_without_keep_alive(start_service):
    service = await start_service(speed=2700 * 1000, options=SimulatorOptions(min_keep_alive_seconds=0.05))
    await create_established(service)
    await service.receiver.wait_for_state("terminated")
    assert service.receiver.items[-1]["resourceData"]["resultInfo"]["subcode"] == 8537


async def test_call_continues_with_keep_alive(start_service):
    service = await start_service(options=SimulatorOptions(min_keep_alive_seconds=60))
    url = await create_established(service)
    answer = await service.graph.post(f"{url}/keepAlive")
    assert (answer.status_code, answer.content) == (200, b"")
    await service.graph.delete(url)
    await service.receiver.wait_for_state("terminated")
    assert (await service.graph.post(f"{url}/keepAlive")).status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "named"),
    [
        ("playPrompt", {}, "prompts is missing"),
        ("playPrompt", {"prompts": []}, "prompts is empty"),
        ("playPrompt", {"prompts": [published.WAV] * 21}, "20 is the most"),
        ("playPrompt", {"prompts": [{"@odata.type": "#microsoft.graph.textPrompt"}]}, "use mediaPrompt"),
        ("playPrompt", {"prompts": [{"@odata.type": "#microsoft.graph.mediaPrompt"}]}, "mediaInfo"),
        ("playPrompt", {"prompts": [5]}, "prompts[0] must be an object"),
        ("recordResponse", {"prompts": [published.WAV] * 2}, "1 is the most"),
        ("recordResponse", {"maxRecordDurationInSeconds": 121}, "between 1 and 120"),
        ("recordResponse", {"playBeep": "yes"}, "true or false"),
        ("participants/invite", {"participants": [published.invited(published.HEIDI)] * 6}, "5 is the most"),
        ("participants/invite", {"participants": [published.invited(published.phone("555"))]}, "E.164"),
        ("transfer", {}, "transferTarget is missing"),
        ("transfer", {"transferTarget": {"identity": {}}}, "has no identity"),
        ("mute", {"clientContext": "c" * 257}, "256 is the most"),
        ("sendDtmfTones", {"tones": ["tone12"]}, "tones[0]"),
        ("changeScreenSharingRole", {"role": "owner"}, "viewer, sharer"),
        ("updateRecordingStatus", {}, "status is missing"),
    ],
)
async def test_error_names_the_invalid_member(service, path, body, named):
    answer = await request_operation(service, await create_established(service), path, body)
    assert (answer.status_code, named in answer.json()["error"]["message"]) == (400, True), answer.text


@pytest.mark.parametrize("path", ["answer", "reject", "redirect"])
async def test_operation_in_the_wrong_state_is_refused(service, path):
    body = dict(published.INCOMING_V1)[path]
    answer = await request_operation(service, await create_established(service), path, body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "8501")
    assert "incoming" in answer.json()["error"]["message"]


async def test_prompt_is_refused_if_the_application_hosts_media(service):
    answer = await request_operation(
        service, await create_established(service, name="peer_to_peer_app_hosted"), "playPrompt"
    )
    assert (answer.status_code, "service-hosted" in answer.json()["error"]["message"]) == (400, True)


async def test_ended_call_is_not_found(service):
    url = await create_established(service)
    await service.graph.delete(url)
    await service.receiver.wait_for_state("terminated")
    assert (await request_operation(service, url, "mute")).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "nothing", 404),
        ("GET", "nothing", 404),
        ("GET", "mute", 405),
        ("DELETE", "mute", 405),
        ("GET", "participants/none", 404),
        ("DELETE", "participants/none", 404),
        ("GET", "operations/none", 404),
    ],
)
async def test_unknown_path_is_not_found(service, method, path, status):
    url = await create_established(service)
    answer = await service.graph.request(method, f"{url}/{path}")
    assert (answer.status_code, "error" in answer.json()) == (status, True)


async def test_operation_names_may_have_a_namespace(service):
    url = await create_established(service)
    assert (await request_operation(service, url, "microsoft.graph.mute", {})).status_code == 200
