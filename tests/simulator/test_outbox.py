"""The pump: after the answer, in order, with patience, quietly."""

import asyncio

import httpx

from graphcall_nb.simulator.outbox import AT_ONCE, Letter, Outbox, Outcome
from graphcall_nb.simulator.plainhttp import PlainPoster

from .running import PATIENCE, sample


class Deliverer:
    """Answers each try with the next outcome, the last one for ever."""

    def __init__(self, *outcomes):
        self.outcomes = list(outcomes)
        self.tried = []

    async def __call__(self, letter, stamp):
        await asyncio.sleep(0)
        self.tried.append(letter.body["n"])
        return self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]


async def sent(deliver, *letters):
    async def no_time(seconds):
        await asyncio.sleep(0)

    outbox = Outbox(deliver, sleep=no_time)
    for letter in letters:
        outbox.put(letter)
    await outbox.drained()
    return outbox


def letters(count, call_id="c"):
    return [Letter(call_id, "https://bot", "app", {"n": n}) for n in range(count)]


async def test_letters_of_a_call_go_in_order():
    deliver = Deliverer(Outcome(202))
    await sent(deliver, *letters(5))
    assert deliver.tried == [0, 1, 2, 3, 4]


async def test_a_failure_is_tried_again_before_the_next_letter():
    deliver = Deliverer(Outcome(503), Outcome(None, "ConnectError"), Outcome(202))
    assert (await sent(deliver, *letters(2))).delivered == 2
    assert deliver.tried == [0, 0, 0, 1]


async def test_a_refusal_is_not_tried_again():
    deliver = Deliverer(Outcome(401))
    outbox = await sent(deliver, *letters(2))
    assert (deliver.tried, len(outbox.given_up)) == ([0, 1], 2)


async def test_whoever_cannot_be_reached_is_asked_once_for_each_later_letter():
    deliver = Deliverer(Outcome(None, "ConnectError"))
    await sent(deliver, *letters(3))
    assert deliver.tried == [0, 0, 0, 0, 1, 2]


async def test_what_was_not_taken_is_remembered_within_bounds():
    outbox = await sent(Deliverer(Outcome(404)), *letters(150))
    assert len(outbox.given_up) == 100


async def test_a_bot_that_never_answers_holds_up_no_other():
    async def deliver(letter, stamp):
        return await asyncio.get_running_loop().create_future() if "slow" in letter.url else Outcome(202)

    outbox = Outbox(deliver)
    for number in range(2 * AT_ONCE):
        outbox.put(Letter(f"slow {number}", "https://slow.example/", "app", {}))
    outbox.put(Letter("quick", "https://quick.example/", "app", {}))
    async with asyncio.timeout(PATIENCE):
        while not outbox.delivered:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0)
    await outbox.aclose()


async def test_letters_for_a_bot_that_never_answers_are_bounded():
    async def deliver(letter, stamp):
        return await asyncio.get_running_loop().create_future()

    outbox = Outbox(deliver, most_waiting=10)
    for letter in letters(12):
        outbox.put(letter)
    assert [(letter.body["n"], outcome.error) for letter, outcome in outbox.given_up] == [
        (10, "10 letters are waiting"),
        (11, "10 letters are waiting"),
    ]
    await outbox.aclose()


async def test_letters_that_were_sent_make_room():
    deliver = Deliverer(Outcome(202))
    outbox = Outbox(deliver, most_waiting=2)
    for letter in letters(6):
        outbox.put(letter)
        await outbox.drained()
    assert outbox.delivered == 6


async def test_nothing_is_kept_of_a_connection_that_is_closed():
    served = asyncio.Event()

    async def answer_once(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n")
        await served.wait()
        writer.close()

    server, poster = await asyncio.start_server(answer_once, "127.0.0.1"), PlainPoster(PATIENCE)
    port = server.sockets[0].getsockname()[1]
    assert (await poster.post(f"http://127.0.0.1:{port}/", b"", b"")).status == 202
    assert list(poster._idle) == [("127.0.0.1", port)]
    served.set()
    async with asyncio.timeout(PATIENCE):
        while poster._idle:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
    server.close()


async def test_an_unreachable_callback_disturbs_nothing(service, caplog):
    answer = await service.create(callbackUri="http://127.0.0.1:9/", targets=sample("pstn.request")["targets"])
    await service.create()
    assert await service.receiver.reached("established") == ["establishing", "ringing", "established"]
    assert (await service.graph.get(answer.headers["location"])).status_code == 200
    assert [record for record in caplog.records if record.levelname in ("WARNING", "ERROR")] == []


async def test_a_receiver_that_fails_for_a_moment_loses_nothing(service):
    service.receiver.statuses = [500, 503]
    await service.create()
    await service.receiver.reached("established")
    assert service.receiver.states[:3] == ["establishing"] * 3


def slowly(app, order):
    """An application whose answers take many turns of the loop to go out."""

    async def wrapped(scope, receive, send):
        async def late(message):
            await asyncio.sleep(0.05)
            await send(message)
            order.append(message["type"])

        await app(scope, receive, late)

    return wrapped


async def test_nothing_is_sent_before_the_answer(starting):
    order, enough = [], asyncio.Event()

    async def take(request):
        order.append("notification")
        if order.count("notification") == 3:
            enough.set()
        return httpx.Response(202)

    service = await starting(speed=1e9, transport=httpx.MockTransport(take))
    transport = httpx.ASGITransport(slowly(service.simulator.app, order))
    async with httpx.AsyncClient(transport=transport, base_url="http://graph", headers=service.graph.headers) as graph:
        await graph.post("/beta/app/calls", json=sample("pstn.request"))
    await asyncio.wait_for(enough.wait(), PATIENCE)
    assert order == ["http.response.start", "http.response.body"] + ["notification"] * 3


async def test_a_proxy_is_not_asked_for_loopback_callbacks(service, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    await service.create()
    assert "established" in await service.receiver.reached("established")


def running():
    names = [task.get_coro().__qualname__ for task in asyncio.all_tasks()]
    return [name for name in names if name.startswith(("Outbox", "Exchange"))]


async def test_hanging_up_ends_what_the_scenario_had_in_mind(starting):
    service = await starting(scenario="no_answer", speed=20)
    url = (await service.create()).headers["location"]
    await service.receiver.reached("ringing")
    await service.graph.delete(url)
    await service.receiver.reached("terminated")
    await service.simulator.outbox.drained()
    assert running() == []


async def test_closing_ends_what_still_runs(starting):
    service = await starting(speed=1)
    await service.create()
    assert running() != []
    await service.simulator.aclose()
    assert running() == []
