"""Virtual time: nothing waits, what is due runs in order, and a seed repeats each run."""

import asyncio
import json
import time

import httpx
import pytest

from graphcall_nb.simulator import FAULTS, SCENARIOS, Simulator
from graphcall_nb.simulator.delivery import PostResponse
from graphcall_nb.simulator.virtual_time import VirtualTime

from .service import NO_TLS, PATIENCE, shared_key


async def test_nothing_is_sent_before_time_is_advanced(start_virtual):
    service = await start_virtual()
    await service.create()
    await service.simulator.advance(0.2)
    assert service.receiver.states == []


async def test_what_is_due_has_been_delivered_in_order(start_virtual):
    service = await start_virtual(scenario="callee_hangs_up")
    await service.create()
    await service.simulator.advance(60)
    assert service.receiver.states == ["establishing", "ringing", "established", "terminating", "terminated"]


async def test_call_of_a_minute_takes_milliseconds(start_virtual):
    service = await start_virtual(scenario="lobby_timeout")
    await service.simulator.advance(0)
    before = time.process_time()
    await service.create("meet_now")
    await service.simulator.advance(90)
    assert "terminated" in service.receiver.states
    assert time.process_time() - before < 0.05


async def test_failed_delivery_is_retried_in_virtual_time(start_virtual):
    service = await start_virtual()
    service.receiver.statuses = [503, 503]
    await service.simulator.ring(service.receiver.url)
    await service.simulator.advance(0)
    before = len(service.receiver.requests)
    await service.simulator.advance(2)
    assert (before, len(service.receiver.requests)) == (1, 3)


async def test_slow_create_moves_the_clock_instead_of_waiting(start_virtual):
    service = await start_virtual(faults=["slow_create"])
    before = service.simulator.clock()
    await asyncio.wait_for(service.create(), PATIENCE)
    assert service.simulator.clock() - before == 3


async def test_time_is_advanced_over_http(start_virtual):
    service = await start_virtual()
    await service.create()
    response = await service.graph.post("/simulator/advance", json={"seconds": 60})
    assert (response.status_code, service.receiver.states[-1]) == (204, "established")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"seconds": -1}, "give a number from 0"),
        ({"seconds": "60"}, "give a number from 0"),
        ({}, "give a number from 0"),
        ({"second": 60}, "did you mean 'seconds'"),
    ],
)
async def test_wrong_request_to_advance_names_the_remedy(start_virtual, body, message):
    service = await start_virtual()
    response = await service.graph.post("/simulator/advance", json=body)
    assert (response.status_code, message in response.text) == (400, True)


async def test_real_time_is_not_advanced(service):
    response = await service.graph.post("/simulator/advance", json={"seconds": 60})
    assert (response.status_code, "--virtual-time" in response.text) == (400, True)


def test_virtual_time_has_no_speed():
    with pytest.raises(ValueError, match="leave it out in virtual time"):
        Simulator(speed=10, virtual_time=True)


async def test_reaction_after_the_response_comes_before_the_next_event(start_virtual):
    """A bot that answers a moment after its response still answers before the call is missed."""
    service = await start_virtual(settle_seconds=0.2)

    async def answer():
        await service.receiver.wait_for_state("incoming")
        await asyncio.sleep(0.01)
        body = ANSWER | {"callbackUri": service.receiver.url}
        return await service.graph.post(f"/v1.0/communications/calls/{call_id}/answer", json=body)

    call_id = await service.simulator.ring(service.receiver.url, version="v1.0")
    answering = asyncio.ensure_future(answer())
    await service.simulator.advance(60)
    assert (await answering).status_code == 202
    assert (service.receiver.states[0], service.receiver.states[-1]) == ("incoming", "established")


async def test_timers_of_one_moment_run_in_the_order_in_which_they_were_set():
    virtual, order = VirtualTime(), []

    async def wait(name, seconds):
        await virtual.sleep(seconds)
        order.append(name)

    for name, seconds in (("a", 2.0), ("b", 1.0), ("c", 2.0)):
        virtual.create_task(wait(name, seconds))
    await virtual.advance(2)
    assert order == ["b", "a", "c"]


async def test_cancelled_wait_is_not_waited_for():
    virtual = VirtualTime()
    task = virtual.create_task(virtual.sleep(1))
    await virtual.advance(0)
    task.cancel()
    await asyncio.wait_for(virtual.advance(5), PATIENCE)
    await asyncio.wait({task}, timeout=PATIENCE)  # its end may need one more turn of the loop
    assert task.cancelled()


REQUESTS = (
    ("subscribeToTone", {"clientContext": "tones"}),
    ("playPrompt", {"prompts": [{"@odata.type": "#microsoft.graph.mediaPrompt", "mediaInfo": {"uri": "https://x/y"}}]}),
    ("mute", {}),
    ("transfer", {"transferTarget": {"identity": {"user": {"id": "550fae72-d251-43ec-868c-373732c2704f"}}}}),
)


async def run_bot(graph, simulators, scenario, fault):
    """Return everything that a new simulator sent in one run: each response and each notification."""
    log = []

    async def post(url, headers, content):
        log.append(content.decode())
        return PostResponse(401 if len(log) % 3 == 0 else 202)

    simulator = Simulator(
        scenario=scenario, faults=fault, seed=1, virtual_time=True, post=post, make_key=lambda: shared_key(0)
    )
    simulators.append(simulator)
    graph.headers["Authorization"] = f"Bearer {simulator.tenant.make_access_token(simulator.tenant.bot, time.time())}"

    async def send(path, body):
        try:
            response = await graph.post(f"/v1.0/communications/calls{path}", json=body)
            log.append(f"{response.status_code} {response.text}")
        except httpx.TransportError as error:
            log.append(type(error).__name__)

    await send("", CALL)
    await send("", CALL | MEETING)
    await simulator.ring(CALL["callbackUri"], version="v1.0")
    for path, body in REQUESTS:
        await simulator.advance(2.5)
        for call in simulator.calls:
            await send(f"/{call.id}/{path}", body)
    await simulator.advance(3600)
    await simulator.aclose()
    return json.dumps(log)


CALL = {
    "@odata.type": "#microsoft.graph.call",
    "callbackUri": "https://bot.contoso.com/api/calls",
    "targets": [{"identity": {"user": {"id": "550fae72-d251-43ec-868c-373732c2704f"}}}],
    "requestedModalities": ["audio"],
    "mediaConfig": {"@odata.type": "#microsoft.graph.serviceHostedMediaConfig"},
    "tenantId": "72f988bf-86f1-41af-91ab-2d7cd011db47",
}
ANSWER = {"callbackUri": "", "mediaConfig": CALL["mediaConfig"], "acceptedModalities": ["audio"]}
MEETING = {
    "targets": None,
    "chatInfo": {"@odata.type": "#microsoft.graph.chatInfo", "threadId": "19:m@thread.v2", "messageId": "0"},
    "meetingInfo": {"@odata.type": "#microsoft.graph.joinMeetingIdMeetingInfo", "joinMeetingId": "1234567"},
}


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
async def test_seed_repeats_every_scenario_with_every_fault(ports, fault):
    simulators = []

    async def serve_present(scope, receive, send):
        await simulators[-1].app(scope, receive, send)

    async with ports.serving(serve_present) as url, httpx.AsyncClient(base_url=url, verify=NO_TLS) as graph:
        for scenario in SCENARIOS:
            first, second = [await run_bot(graph, simulators, scenario, fault) for _ in range(2)]
            assert first == second, scenario
