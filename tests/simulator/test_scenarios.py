"""Notifications in each scenario."""

import pytest

from graphcall_nb.simulator.scenarios import SCENARIOS, generate_events

from .service import DOCUMENTED, sample

RINGING = DOCUMENTED[:4]
JOINED = DOCUMENTED[4:]


@pytest.mark.parametrize("name", RINGING)
async def test_answered_call_rings_first(service, name):
    await service.create(name)
    assert await service.receiver.wait_for_state("established") == ["establishing", "ringing", "established"]


@pytest.mark.parametrize("name", JOINED)
async def test_group_calls_and_meetings_do_not_ring(service, name):
    await service.create(name)
    assert await service.receiver.wait_for_state("established") == ["establishing", "established"]


@pytest.mark.parametrize(
    ("scenario", "states", "code"),
    [
        ("declined", ["establishing", "ringing", "terminated"], ("487", "10024")),
        ("no_answer", ["establishing", "ringing", "terminated"], ("487", "10004")),
        ("busy", ["establishing", "terminated"], ("486", "8539")),
    ],
)
async def test_unanswered_call_ends_with_its_code(start_service, scenario, states, code):
    service = await start_service(scenario=scenario, speed=400)
    await service.create("pstn")
    assert await service.receiver.wait_for_state("terminated") == states
    result = service.receiver.items[-1]["resourceData"]["resultInfo"]
    assert (result["code"], result["subCode"]) == code


async def test_group_call_without_participants_ends(start_service):
    service = await start_service(scenario="declined")
    await service.create("group_call")
    assert await service.receiver.wait_for_state("terminated") == ["establishing", "established", "terminated"]


@pytest.mark.parametrize("state", ["establishing", "ringing", "established"])
async def test_notifications_have_the_documented_shape(service, state):
    await service.create(requestedModalities=["audio", "video"])
    await service.receiver.wait_for_state(state)
    sent = next(body for body in service.receiver.bodies if body["value"][0]["resourceData"]["state"] == state)
    assert shape(sent) == shape(sample(f"notification_{state}"))


def shape(value):
    """Return the members in order with their types; texts only if they are the same in all calls."""
    if isinstance(value, dict):
        return [(name, shape(inner)) for name, inner in value.items()]
    if isinstance(value, list):
        return [shape(inner) for inner in value]
    fixed = {"updated", "establishing", "ringing", "established", "outgoing", "audio", "video", "#microsoft.graph.call"}
    return value if value in fixed else type(value).__name__


async def test_notifications_name_the_call_as_in_beta(service):
    id_ = (await service.create()).json()["id"]
    await service.receiver.wait_for_state("ringing")
    ringing = service.receiver.items[1]
    assert ringing["resource"] == ringing["resourceData"]["@odata.id"] == f"/app/calls/{id_}"
    assert ringing["resourceData"]["@odata.etag"].startswith('W/"')


async def test_joined_meeting_sends_its_roster(service):
    await service.create("meet_now")
    await service.receiver.wait_until(lambda: len(service.receiver.items) == 3)
    roster = service.receiver.items[-1]
    assert roster["resource"].endswith("/participants")
    kinds = [next(iter(participant["info"]["identity"])) for participant in roster["resourceData"]]
    assert kinds == ["application", "user"]


async def test_established_meeting_has_its_meeting_info(service):
    await service.create("meet_now")
    await service.receiver.wait_for_state("established")
    established = service.receiver.items[1]["resourceData"]
    assert established["meetingInfo"] == sample("meet_now.request")["meetingInfo"]


async def test_any_target_of_a_simultaneous_ring_may_answer(start_service):
    answered = set()
    for seed in range(4):
        service = await start_service(seed=seed)
        await service.create("simultaneous_ring")
        await service.receiver.wait_for_state("established")
        answered |= service.receiver.items[-1]["resourceData"]["answeredBy"]["identity"].keys()
    assert answered == {"user", "phone"}


@pytest.mark.parametrize(("members", "seconds"), [({}, 55), ({"ringingTimeoutInSeconds": 20}, 20)])
def test_unanswered_call_rings_until_its_timeout(members, seconds):
    rng = type("Even", (), {"uniform": lambda self, low, high: (low + high) / 2})()
    *_, (after, _) = generate_events(SCENARIOS["no_answer"].peer, "peer", sample("pstn.request") | members, {}, rng)
    assert after == pytest.approx(seconds)


async def test_seed_repeats_ids_etags_and_tenant(start_service):
    runs = []
    for _ in range(2):
        service = await start_service(seed=7)
        await service.create()
        await service.receiver.wait_for_state("established")
        runs.append((service.receiver.items, service.info["tenant_id"], service.info["client_secret"]))
    assert runs[0] == runs[1]


async def test_seed_repeats_delays(start_service):
    runs = []
    for _ in range(2):
        slept = []

        async def sleep(seconds, slept=slept):
            slept.append(seconds)

        service = await start_service(seed=7, sleep=sleep)
        await service.create()
        await service.receiver.wait_for_state("established")
        runs.append(slept)
    assert runs[0] == runs[1]


async def test_first_notification_is_delayed_after_the_response(start_service):
    slept = []

    async def sleep(seconds):
        slept.append(seconds)

    service = await start_service(speed=10, sleep=sleep)
    await service.create()
    await service.receiver.wait_for_state("established")
    assert 0.03 in slept


async def test_without_a_seed_nothing_repeats(start_service):
    first, second = await start_service(), await start_service()
    assert first.info["tenant_id"] != second.info["tenant_id"]
    assert (await first.create()).json()["id"] != (await second.create()).json()["id"]


def get_lobbies(service):
    """Return the ``isInLobby`` of each participant, by roster notification."""
    rosters = [item["resourceData"] for item in service.receiver.items if isinstance(item["resourceData"], list)]
    return [[who["isInLobby"] for who in roster] for roster in rosters]


async def test_roster_in_the_lobby_has_the_bot_alone(start_service):
    service = await start_service(scenario="admitted_from_lobby")
    await service.create("meet_now")
    await service.receiver.wait_until(lambda: len(get_lobbies(service)) == 3)
    assert get_lobbies(service) == [[True], [False], [False, False]]


@pytest.mark.parametrize(
    ("scenario", "name", "subcode"),
    [
        ("lobby_timeout", "meet_now", "5855"),
        ("removed_from_meeting", "meet_now", "5300"),
        ("callee_hangs_up", "pstn", "560000"),
        ("callee_hangs_up", "peer_to_peer", "4521"),
        ("callee_hangs_up", "group_call", "5010"),
        ("dropped_media", "peer_to_peer", "301005"),
        ("voicemail", "peer_to_peer", "4521"),
        ("unreachable", "peer_to_peer", "10037"),
        ("ringing_timeout", "peer_to_peer", "10057"),
    ],
)
async def test_call_ends_with_the_result_of_its_scenario(start_service, scenario, name, subcode):
    service = await start_service(scenario=scenario, speed=2000)
    await service.create(name)
    await service.receiver.wait_for_state("terminated")
    assert service.receiver.items[-1]["resourceData"]["resultInfo"]["subCode"] == subcode


async def test_voicemail_has_an_endpoint_type(start_service):
    service = await start_service(scenario="voicemail", speed=400)
    await service.create()
    await service.receiver.wait_for_state("established")
    assert service.receiver.items[-1]["resourceData"]["answeredBy"]["endpointType"] == "voicemail"


async def test_participants_join_and_leave(start_service):
    service = await start_service(scenario="roster_changes", speed=400)
    await service.create("meet_now")
    await service.receiver.wait_until(lambda: len(get_lobbies(service)) == 6)
    assert [len(roster) for roster in get_lobbies(service)] == [2, 3, 3, 4, 4, 3]


async def test_held_call_is_resumed(start_service):
    service = await start_service(scenario="held", speed=400)
    await service.create()
    await service.receiver.wait_until(lambda: service.receiver.states.count("established") == 2)
    assert service.receiver.states[2:] == ["established", "hold", "established"]
