"""The effects of each fault."""

import asyncio

import httpx
import jwt
import pytest

from graphcall_nb.simulator import FAULTS, SCENARIOS, Simulator, SimulatorOptions
from graphcall_nb.simulator.tokens import SigningKey

from .service import PATIENCE
from .test_operations import create_established


async def receive_items(start_service, *faults, count, **settings):
    """Create a call under some faults and wait for a number of notification items."""
    service = await start_service(faults=faults, **settings)
    await service.create()
    await service.receiver.wait_until(lambda: len(service.receiver.items) >= count)
    return service


async def test_duplicated_sends_everything_twice(start_service):
    service = await receive_items(start_service, "duplicated", count=6)
    assert service.receiver.states == ["establishing"] * 2 + ["ringing"] * 2 + ["established"] * 2


async def live_ten_seconds(start_service, *faults):
    """Create a call under some faults and let ten seconds of virtual time pass."""
    service = await start_service(faults=faults, virtual_time=True, speed=1)
    await service.create()
    await service.simulator.advance(10)
    return service


async def test_reordered_sends_the_second_notification_first(start_service):
    service = await live_ten_seconds(start_service, "reordered")
    assert service.receiver.states[0] == "ringing"
    assert sorted(service.receiver.states) == ["established", "establishing", "ringing"]


async def test_delayed_takes_longer(start_service):
    slept = []
    await receive_items(start_service, "delayed", count=3, sleep=record_sleeps(slept), speed=1)
    assert sum(1 <= seconds <= 4.4 for seconds in slept) >= 3


def record_sleeps(slept):
    """Return a sleep that takes no time, except for the timer that would end a call."""

    async def sleep(seconds):
        slept.append(seconds)
        await asyncio.sleep(PATIENCE * 2 if seconds >= 1000 else 0)

    return sleep


async def test_lost_terminated_drops_the_last_notification(start_service):
    service = await start_service(faults=["lost_terminated"])
    url = await create_established(service)
    await service.graph.delete(url)
    await create_established(service)  # which takes longer than the end of the first call
    assert (await service.graph.get(url)).json()["state"] == "terminated"
    assert "terminated" not in service.receiver.states


async def test_call_with_a_lost_end_is_not_tracked(start_service):
    service = await start_service(faults=["lost_terminated"])
    url = await create_established(service)
    await service.graph.delete(url)
    await create_established(service)  # which takes longer than the end of the first call
    assert url.rpartition("/")[2] not in service.simulator.notification_faults.tracked_calls


async def test_burst_packs_many_into_one_request(start_service):
    service = await live_ten_seconds(start_service, "burst")
    assert [len(body["value"]) for body in service.receiver.bodies] == [3]
    assert service.receiver.states == ["establishing", "ringing", "established"]


@pytest.mark.parametrize("fault", ["token_expired", "token_of_another_tenant"])
async def test_bad_token_is_followed_by_a_valid_one(start_service, fault):
    service = await start_service(faults=[fault])
    service.receiver.statuses = [401]
    await service.create()
    await service.receiver.wait_until(lambda: len(service.receiver.requests) >= 2)
    bad, good = (headers["authorization"] for headers, _ in service.receiver.requests[:2])
    assert bad != good
    assert service.receiver.states[:2] == ["establishing"] * 2


async def test_key_rollover_publishes_both_keys(start_service):
    service = await receive_items(start_service, "key_rollover", count=3)
    openid = (await service.graph.get(service.info["openid_url"])).json()
    keys = (await service.graph.get(openid["jwks_uri"])).json()["keys"]
    assert len({key["kid"] for key in keys}) == 2


async def test_new_key_signs_after_its_publication(start_service):
    now = [1_700_000_000.0]
    service = await start_service(faults=["key_rollover"], clock=lambda: now[0], make_key=SigningKey)
    for elapsed in (0, 0, 2):
        now[0] += elapsed
        before = service.receiver.states.count("established")
        await service.create()
        await service.receiver.wait_until(lambda before=before: service.receiver.states.count("established") > before)
    tokens = [headers["authorization"].split()[1] for headers, _ in service.receiver.requests]
    kids = [jwt.get_unverified_header(token)["kid"] for token in tokens]
    assert [kids[0] == kid for kid in kids] == [True] * 6 + [False] * 3


async def test_legacy_notification_is_repeated_in_graph_format_after_204(start_service):
    service = await start_service(faults=["legacy_first"])
    service.receiver.statuses = [204]
    await service.simulator.ring(service.receiver.url)
    await service.receiver.wait_until(lambda: len(service.receiver.requests) == 2)
    legacy, graph = service.receiver.bodies
    assert ("value" not in legacy, graph["value"][0]["resourceData"]["state"]) == (True, "incoming")


async def test_legacy_notification_is_not_repeated_after_202(start_service):
    service = await start_service(options=SimulatorOptions(min_answer_seconds=0.0))
    await service.simulator.ring(service.receiver.url, legacy=True)
    await service.receiver.wait_until(lambda: len(service.receiver.requests) == 2)
    assert [body["value"][0]["changeType"] for body in service.receiver.bodies[1:]] == ["deleted"]


async def test_302_redirects_notifications_to_another_deployment(start_service):
    service = await start_service(options=SimulatorOptions(min_answer_seconds=0.05))
    elsewhere = service.receiver.url + "?region=2"
    service.receiver.answers = [(302, {"Location": elsewhere})]
    await service.simulator.ring(service.receiver.url, version="v1.0")
    await service.receiver.wait_for_state("terminated")
    assert [len(service.receiver.requests), service.receiver.items[-1]["resourceData"]["callbackUri"]] == [3, elsewhere]


@pytest.mark.parametrize(("fault", "status"), [("throttled", 429), ("unavailable", 503)])
async def test_every_other_request_is_refused(start_service, fault, status):
    service = await start_service(faults=[fault])
    answers = [await service.create() for _ in range(4)]
    assert [answer.status_code for answer in answers] == [status, 201, status, 201]
    assert answers[0].headers["retry-after"] == "1"


async def test_throttled_and_unavailable_alternate(start_service):
    service = await start_service(faults=["throttled", "unavailable"])
    assert [(await service.create()).status_code for _ in range(4)] == [429, 503, 201, 429]


async def test_slow_create_responds_late_but_before_the_first_notification(start_service):
    slept = []
    service = await start_service(faults=["slow_create"], sleep=record_sleeps(slept), speed=1)
    assert (await service.create()).status_code == 201
    assert slept[0] == 3.0


async def test_connection_reset_creates_the_call_without_a_response(start_service):
    service = await start_service(faults=["connection_reset"])
    with pytest.raises(httpx.TransportError):
        await service.create()
    assert "established" in await service.receiver.wait_for_state("established")
    assert (await service.create()).status_code == 201


async def test_faults_combine(start_service):
    service = await start_service(faults=["duplicated", "reordered", "throttled", "key_rollover"])
    assert [(await service.create()).status_code for _ in range(2)] == [429, 201]
    await service.receiver.wait_until(lambda: len(service.receiver.items) >= 6)
    assert sorted(set(service.receiver.states)) == ["established", "establishing", "ringing"]


@pytest.mark.parametrize("table", [FAULTS, SCENARIOS])
def test_each_entry_has_a_description_and_a_lesson(table):
    for name, entry in table.items():
        assert entry.description.endswith("."), name
        assert entry.teaches.endswith("."), name


def test_unknown_fault_is_refused_with_all_names():
    with pytest.raises(ValueError, match="choose from: duplicated"):
        Simulator(faults=["nonsense"])
