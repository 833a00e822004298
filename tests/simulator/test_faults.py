"""What goes wrong when it is told to, and that a bot which does as it should gets along with it."""

import asyncio

import httpx
import jwt
import pytest

from graphcall_nb.simulator import FAULTS, SCENARIOS, Simulator, SimulatorOptions
from graphcall_nb.simulator.tokens import SigningKey

from .running import PATIENCE
from .test_operations import established


async def received(starting, *faults, count, **settings):
    """The items that a bot was sent under some faults, once there are so many."""
    service = await starting(faults=faults, **settings)
    await service.create()
    await service.receiver.until(lambda: len(service.receiver.items) >= count)
    return service


async def test_duplicated_sends_everything_twice(starting):
    service = await received(starting, "duplicated", count=6)
    assert service.receiver.states == ["establishing"] * 2 + ["ringing"] * 2 + ["established"] * 2


async def test_reordered_lets_the_second_overtake_the_first(starting):
    service = await received(starting, "reordered", count=3)
    assert service.receiver.states[0] == "ringing"
    assert sorted(service.receiver.states) == ["established", "establishing", "ringing"]


async def test_delayed_takes_longer(starting):
    slept = []
    await received(starting, "delayed", count=3, sleep=noted(slept), speed=1)
    assert sum(1 <= seconds <= 4.4 for seconds in slept) >= 3


def noted(slept):
    """A sleep that takes no time, but for what would end a call."""

    async def sleep(seconds):
        slept.append(seconds)
        await asyncio.sleep(PATIENCE * 2 if seconds >= 1000 else 0)

    return sleep


async def test_lost_terminated_never_tells_the_end(starting):
    service = await starting(faults=["lost_terminated"])
    url = await established(service)
    await service.graph.delete(url)
    await established(service)  # which takes longer than the end of the first call
    assert (await service.graph.get(url)).json()["state"] == "terminated"
    assert "terminated" not in service.receiver.states


async def test_nothing_is_kept_of_a_call_whose_end_is_lost(starting):
    service = await starting(faults=["lost_terminated"])
    url = await established(service)
    await service.graph.delete(url)
    await established(service)  # which takes longer than the end of the first call
    assert url.rpartition("/")[2] not in service.simulator.notification_faults.tracked_calls


async def test_burst_packs_many_into_one_request(starting):
    service = await received(starting, "burst", count=3, speed=50)
    assert [len(body["value"]) for body in service.receiver.bodies] == [3]
    assert service.receiver.states == ["establishing", "ringing", "established"]


@pytest.mark.parametrize("fault", ["token_expired", "token_of_another_tenant"])
async def test_a_bad_token_comes_first_and_a_good_one_when_it_is_refused(starting, fault):
    service = await starting(faults=[fault])
    service.receiver.statuses = [401]
    await service.create()
    await service.receiver.until(lambda: len(service.receiver.requests) >= 2)
    bad, good = (headers["authorization"] for headers, _ in service.receiver.requests[:2])
    assert bad != good
    assert service.receiver.states[:2] == ["establishing"] * 2


async def test_key_rollover_publishes_the_old_key_and_the_new(starting):
    service = await received(starting, "key_rollover", count=3)
    openid = (await service.graph.get(service.info["openid_url"])).json()
    keys = (await service.graph.get(openid["jwks_uri"])).json()["keys"]
    assert len({key["kid"] for key in keys}) == 2


async def test_a_make_key_signs_a_moment_after_it_was_published(starting):
    now = [1_700_000_000.0]
    service = await starting(faults=["key_rollover"], clock=lambda: now[0], make_key=SigningKey)
    for elapsed in (0, 0, 2):
        now[0] += elapsed
        before = service.receiver.states.count("established")
        await service.create()
        await service.receiver.until(lambda before=before: service.receiver.states.count("established") > before)
    tokens = [headers["authorization"].split()[1] for headers, _ in service.receiver.requests]
    kids = [jwt.get_unverified_header(token)["kid"] for token in tokens]
    assert [kids[0] == kid for kid in kids] == [True] * 6 + [False] * 3


async def test_an_incoming_call_comes_again_in_graph_s_format_when_it_is_answered_204(starting):
    service = await starting(faults=["legacy_first"])
    service.receiver.statuses = [204]
    await service.simulator.ring(service.receiver.url)
    await service.receiver.until(lambda: len(service.receiver.requests) == 2)
    legacy, graph = service.receiver.bodies
    assert ("value" not in legacy, graph["value"][0]["resourceData"]["state"]) == (True, "incoming")


async def test_a_bot_that_takes_the_old_format_for_granted_is_not_told_again(starting):
    service = await starting(options=SimulatorOptions(min_answer_seconds=0.0))
    await service.simulator.ring(service.receiver.url, legacy=True)
    await service.receiver.until(lambda: len(service.receiver.requests) == 2)
    assert [body["value"][0]["changeType"] for body in service.receiver.bodies[1:]] == ["deleted"]


async def test_a_bot_can_send_an_incoming_call_to_another_deployment(starting):
    service = await starting(options=SimulatorOptions(min_answer_seconds=0.05))
    elsewhere = service.receiver.url + "?region=2"
    service.receiver.answers = [(302, {"Location": elsewhere})]
    await service.simulator.ring(service.receiver.url, version="v1.0")
    await service.receiver.reached("terminated")
    assert [len(service.receiver.requests), service.receiver.items[-1]["callbackUri"]] == [3, elsewhere]


@pytest.mark.parametrize(("fault", "status"), [("throttled", 429), ("unavailable", 503)])
async def test_every_other_request_is_refused(starting, fault, status):
    service = await starting(faults=[fault])
    answers = [await service.create() for _ in range(4)]
    assert [answer.status_code for answer in answers] == [status, 201, status, 201]
    assert answers[0].headers["retry-after"] == "1"


async def test_two_kinds_of_refusal_take_turns(starting):
    service = await starting(faults=["throttled", "unavailable"])
    assert [(await service.create()).status_code for _ in range(4)] == [429, 503, 201, 429]


async def test_slow_create_answers_late_and_still_before_the_first_notification(starting):
    slept = []
    service = await starting(faults=["slow_create"], sleep=noted(slept), speed=1)
    assert (await service.create()).status_code == 201
    assert slept[0] == 3.0


async def test_connection_reset_places_the_call_but_does_not_answer(starting):
    service = await starting(faults=["connection_reset"])
    with pytest.raises(httpx.TransportError):
        await service.create()
    assert "established" in await service.receiver.reached("established")
    assert (await service.create()).status_code == 201


async def test_faults_combine(starting):
    service = await starting(faults=["duplicated", "reordered", "throttled", "key_rollover"])
    assert [(await service.create()).status_code for _ in range(2)] == [429, 201]
    await service.receiver.until(lambda: len(service.receiver.items) >= 6)
    assert sorted(set(service.receiver.states)) == ["established", "establishing", "ringing"]


@pytest.mark.parametrize("table", [FAULTS, SCENARIOS])
def test_each_says_what_it_teaches(table):
    for name, entry in table.items():
        assert entry.description.endswith("."), name
        assert entry.teaches.endswith("."), name


def test_an_unknown_fault_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match="choose from: duplicated"):
        Simulator(faults=["nonsense"])
