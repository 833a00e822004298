"""What a bot is told in each scenario."""

import pytest

from graphcall_nb.simulator.scenarios import SCENARIOS, generate_events

from .running import DOCUMENTED, sample

RINGING = DOCUMENTED[:4]
JOINED = DOCUMENTED[4:]


@pytest.mark.parametrize("name", RINGING)
async def test_an_answered_call_rings_first(service, name):
    await service.create(name)
    assert await service.receiver.reached("established") == ["establishing", "ringing", "established"]


@pytest.mark.parametrize("name", JOINED)
async def test_group_calls_and_meetings_do_not_ring(service, name):
    await service.create(name)
    assert await service.receiver.reached("established") == ["establishing", "established"]


@pytest.mark.parametrize(
    ("scenario", "states", "code"),
    [
        ("declined", ["establishing", "ringing", "terminated"], ("487", "10024")),
        ("no_answer", ["establishing", "ringing", "terminated"], ("487", "10004")),
        ("busy", ["establishing", "terminated"], ("486", "8539")),
    ],
)
async def test_a_call_that_is_not_answered_ends_with_its_code(starting, scenario, states, code):
    service = await starting(scenario=scenario, speed=400)
    await service.create("pstn")
    assert await service.receiver.reached("terminated") == states
    result = service.receiver.items[-1]["resourceData"]["resultInfo"]
    assert (result["code"], result["subCode"]) == code


async def test_a_group_call_that_nobody_joins_ends(starting):
    service = await starting(scenario="declined")
    await service.create("group_call")
    assert await service.receiver.reached("terminated") == ["establishing", "established", "terminated"]


@pytest.mark.parametrize("state", ["establishing", "ringing", "established"])
async def test_notifications_have_the_documented_shape(service, state):
    await service.create(requestedModalities=["audio", "video"])
    await service.receiver.reached(state)
    sent = next(body for body in service.receiver.bodies if body["value"][0]["resourceData"]["state"] == state)
    assert shape(sent) == shape(sample(f"notification_{state}"))


def shape(value):
    """Members in order and types; of texts, those that are not of this call alone."""
    if isinstance(value, dict):
        return [(name, shape(inner)) for name, inner in value.items()]
    if isinstance(value, list):
        return [shape(inner) for inner in value]
    fixed = {"updated", "establishing", "ringing", "established", "outgoing", "audio", "video", "#microsoft.graph.call"}
    return value if value in fixed else type(value).__name__


async def test_notifications_name_the_call_in_beta_s_way(service):
    id_ = (await service.create()).json()["id"]
    await service.receiver.reached("ringing")
    ringing = service.receiver.items[1]
    assert ringing["resource"] == ringing["resourceData"]["@odata.id"] == f"/app/calls/{id_}"
    assert ringing["resourceData"]["@odata.etag"].startswith('W/"')


async def test_a_joined_meeting_tells_who_is_in_it(service):
    await service.create("meet_now")
    await service.receiver.until(lambda: len(service.receiver.items) == 3)
    roster = service.receiver.items[-1]
    assert roster["resource"].endswith("/participants")
    kinds = [next(iter(participant["info"]["identity"])) for participant in roster["resourceData"]]
    assert kinds == ["application", "user"]


async def test_an_established_meeting_says_which_meeting_it_is(service):
    await service.create("meet_now")
    await service.receiver.reached("established")
    established = service.receiver.items[1]["resourceData"]
    assert established["meetingInfo"] == sample("meet_now.request")["meetingInfo"]


async def test_any_target_of_a_simultaneous_ring_may_answer(starting):
    answered = set()
    for seed in range(4):
        service = await starting(seed=seed)
        await service.create("simultaneous_ring")
        await service.receiver.reached("established")
        answered |= service.receiver.items[-1]["resourceData"]["answeredBy"]["identity"].keys()
    assert answered == {"user", "phone"}


@pytest.mark.parametrize(("asked", "seconds"), [({}, 55), ({"ringingTimeoutInSeconds": 20}, 20)])
def test_an_unanswered_call_rings_as_long_as_it_may(asked, seconds):
    rng = type("Even", (), {"uniform": lambda self, low, high: (low + high) / 2})()
    *_, (after, _) = generate_events(SCENARIOS["no_answer"].peer, "peer", sample("pstn.request") | asked, {}, rng)
    assert after == pytest.approx(seconds)


async def test_a_seed_repeats_ids_etags_and_tenant(starting):
    runs = []
    for _ in range(2):
        service = await starting(seed=7)
        await service.create()
        await service.receiver.reached("established")
        runs.append((service.receiver.items, service.info["tenant_id"], service.info["client_secret"]))
    assert runs[0] == runs[1]


async def test_a_seed_repeats_delays(starting):
    runs = []
    for _ in range(2):
        slept = []

        async def sleep(seconds, slept=slept):
            slept.append(seconds)

        service = await starting(seed=7, sleep=sleep)
        await service.create()
        await service.receiver.reached("established")
        runs.append(slept)
    assert runs[0] == runs[1]


async def test_the_first_notification_lets_the_answer_arrive(starting):
    slept = []

    async def sleep(seconds):
        slept.append(seconds)

    service = await starting(speed=10, sleep=sleep)
    await service.create()
    await service.receiver.reached("established")
    assert 0.03 in slept


async def test_without_a_seed_nothing_repeats(starting):
    first, second = await starting(), await starting()
    assert first.info["tenant_id"] != second.info["tenant_id"]
    assert (await first.create()).json()["id"] != (await second.create()).json()["id"]


def lobbies(service):
    """Who is in the lobby, by each roster that was told."""
    rosters = [item["resourceData"] for item in service.receiver.items if isinstance(item["resourceData"], list)]
    return [[who["isInLobby"] for who in roster] for roster in rosters]


async def test_in_the_lobby_the_bot_sees_nobody_else(starting):
    service = await starting(scenario="admitted_from_lobby")
    await service.create("meet_now")
    await service.receiver.until(lambda: len(lobbies(service)) == 3)
    assert lobbies(service) == [[True], [False], [False, False]]


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
async def test_a_call_that_ends_by_itself_says_why(starting, scenario, name, subcode):
    service = await starting(scenario=scenario, speed=2000)
    await service.create(name)
    await service.receiver.reached("terminated")
    assert service.receiver.items[-1]["resourceData"]["resultInfo"]["subCode"] == subcode


async def test_voicemail_says_that_it_is_no_person(starting):
    service = await starting(scenario="voicemail", speed=400)
    await service.create()
    await service.receiver.reached("established")
    assert service.receiver.items[-1]["resourceData"]["answeredBy"]["endpointType"] == "voicemail"


async def test_people_come_and_go(starting):
    service = await starting(scenario="roster_changes", speed=400)
    await service.create("meet_now")
    await service.receiver.until(lambda: len(lobbies(service)) == 6)
    assert [len(roster) for roster in lobbies(service)] == [2, 3, 3, 4, 4, 3]


async def test_a_held_call_comes_back(starting):
    service = await starting(scenario="held", speed=400)
    await service.create()
    await service.receiver.until(lambda: service.receiver.states.count("established") == 2)
    assert service.receiver.states[2:] == ["established", "hold", "established"]
