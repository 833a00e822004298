"""Delivery of notifications: after the response, in order, with retries."""

import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
import pytest_asyncio

from graphcall_nb.simulator.callbacks import CallbackPolicy
from graphcall_nb.simulator.delivery import (
    MAX_CONCURRENT_PER_HOST,
    Delivery,
    DeliveryQueue,
    DeliveryResult,
    HttpPoster,
    PostResponse,
)

from .service import PATIENCE, sample

UNREACHABLE = DeliveryResult(None, error="ConnectionError")


class FakeSender:
    """Returns the next result for each attempt, the last one again and again."""

    def __init__(self, *results):
        self.results = list(results)
        self.attempts = []

    async def __call__(self, delivery, token_fault):
        await asyncio.sleep(0)
        self.attempts.append(delivery.body["n"])
        return self.results.pop(0) if len(self.results) > 1 else self.results[0]


async def deliver(send, *deliveries):
    async def skip(seconds):
        await asyncio.sleep(0)

    queue = DeliveryQueue(send, sleep=skip)
    for delivery in deliveries:
        queue.enqueue(delivery)
    await queue.join()
    return queue


def make_deliveries(count, call_id="c"):
    return [Delivery(call_id, "https://bot", "app", {"n": n}) for n in range(count)]


async def test_notifications_of_a_call_are_sent_in_order():
    send = FakeSender(DeliveryResult(202))
    await deliver(send, *make_deliveries(5))
    assert send.attempts == [0, 1, 2, 3, 4]


async def test_failure_is_retried_before_the_next_notification():
    send = FakeSender(DeliveryResult(503), UNREACHABLE, DeliveryResult(202))
    assert (await deliver(send, *make_deliveries(2))).delivered_count == 2
    assert send.attempts == [0, 0, 0, 1]


async def test_refusal_is_not_retried():
    send = FakeSender(DeliveryResult(401))
    queue = await deliver(send, *make_deliveries(2))
    assert (send.attempts, len(queue.failed)) == ([0, 1], 2)


async def test_unreachable_receiver_gets_one_attempt_per_later_notification():
    send = FakeSender(UNREACHABLE)
    await deliver(send, *make_deliveries(3))
    assert send.attempts == [0, 0, 0, 0, 1, 2]


async def test_failed_deliveries_are_kept_within_bounds():
    queue = await deliver(FakeSender(DeliveryResult(404)), *make_deliveries(150))
    assert len(queue.failed) == 100


async def test_bot_that_never_responds_does_not_delay_others():
    delivered = asyncio.Event()

    async def send(delivery, token_fault):
        if "slow" in delivery.url:
            return await asyncio.get_running_loop().create_future()
        delivered.set()
        return DeliveryResult(202)

    queue = DeliveryQueue(send)
    for number in range(2 * MAX_CONCURRENT_PER_HOST):
        queue.enqueue(Delivery(f"slow {number}", "https://slow.example/", "app", {}))
    queue.enqueue(Delivery("quick", "https://quick.example/", "app", {}))
    await asyncio.wait_for(delivered.wait(), PATIENCE)
    await queue.aclose()


async def test_deliveries_to_a_bot_that_never_responds_are_bounded():
    async def send(delivery, token_fault):
        return await asyncio.get_running_loop().create_future()

    queue = DeliveryQueue(send, max_queued=10)
    for delivery in make_deliveries(12):
        queue.enqueue(delivery)
    assert [(delivery.body["n"], result.error) for delivery, result in queue.failed] == [
        (10, "10 notifications are queued"),
        (11, "10 notifications are queued"),
    ]
    await queue.aclose()


async def test_sent_deliveries_make_room():
    send = FakeSender(DeliveryResult(202))
    queue = DeliveryQueue(send, max_queued=2)
    for delivery in make_deliveries(6):
        queue.enqueue(delivery)
        await queue.join()
    assert queue.delivered_count == 6


@pytest_asyncio.fixture(loop_scope="session")
async def poster():
    made = HttpPoster(timeout_seconds=PATIENCE)
    yield made
    await made.aclose()


async def serve_responses(stack, *responses):
    """Serve each connection with the given bytes, one for each request, then close it; return the URL and counts."""
    connections = []

    async def respond(reader, writer):
        connections.append(0)
        for response in responses:
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
            await reader.readexactly(length)
            connections[-1] += 1
            writer.write(response)
        writer.close()

    server = await stack.enter_async_context(await asyncio.start_server(respond, "127.0.0.1"))
    return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", connections


ACCEPTED = b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n"


async def test_connection_is_reused(stack, poster):
    url, connections = await serve_responses(stack, ACCEPTED, ACCEPTED, ACCEPTED)
    assert [(await poster.post(url, {}, b"{}")).status for _ in range(3)] == [202] * 3
    assert connections == [3]


async def test_connection_that_was_closed_is_replaced(stack, poster):
    url, connections = await serve_responses(stack, ACCEPTED.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n"))
    assert [(await poster.post(url, {}, b"{}")).status for _ in range(3)] == [202] * 3
    assert connections == [1, 1, 1]


@pytest.mark.parametrize(
    "response",
    [b"HTTP/1.0 202 Accepted\r\n\r\n", b"HTTP/1.1 202 Accepted\r\n\r\nuntil the end", b"HTTP/1.0 202 OK\r\n\r\nx"],
)
async def test_response_that_ends_with_the_connection_is_a_response(stack, poster, response):
    url, _ = await serve_responses(stack, response)
    assert await poster.post(url, {}, b"{}") == PostResponse(202)


async def test_location_of_a_redirect_is_returned(stack, poster):
    url, connections = await serve_responses(
        stack, b"HTTP/1.1 302 Found\r\nlocation: https://bot.contoso.com/\r\ncontent-length: 0\r\n\r\n"
    )
    assert await poster.post(url, {}, b"{}") == PostResponse(302, "https://bot.contoso.com/")
    assert connections == [1]


@pytest.mark.parametrize("response", [b"", b"no HTTP\r\n\r\n"])
async def test_missing_response_is_an_error_without_the_url(stack, poster, response):
    url, _ = await serve_responses(stack, response)
    with pytest.raises(OSError, match=r"^\w+$"):
        await poster.post(url + "secret", {}, b"{}")


class PythonBot(BaseHTTPRequestHandler):
    """A bot on Python's http.server: HTTP/1.0, and a response without a length that ends with the connection."""

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        for item in body["value"]:
            self.server.on_state(item["resourceData"]["state"])
        self.send_response(202)
        self.end_headers()

    def log_message(self, format, *arguments):
        pass


@pytest_asyncio.fixture(loop_scope="session")
async def python_bot():
    """A server with its states in an asyncio queue."""
    loop, states = asyncio.get_running_loop(), asyncio.Queue()
    with ThreadingHTTPServer(("127.0.0.1", 0), PythonBot) as server:
        server.states = states
        server.on_state = lambda state: loop.call_soon_threadsafe(states.put_nowait, state)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        await asyncio.to_thread(server.shutdown)
        thread.join()


async def test_bot_on_http_server_gets_each_notification_once(service, python_bot):
    url = f"http://127.0.0.1:{python_bot.server_port}/api/calls"
    call_id = (await service.create(callbackUri=url)).json()["id"]
    async with asyncio.timeout(PATIENCE):
        assert [await python_bot.states.get() for _ in range(3)] == ["establishing", "ringing", "established"]
        await service.graph.delete(f"/beta/app/calls/{call_id}")
        assert [await python_bot.states.get() for _ in range(2)] == ["terminating", "terminated"]
        await service.simulator.deliveries.join()
    assert (python_bot.states.empty(), list(service.simulator.deliveries.failed)) == (True, [])


async def test_unreachable_callback_does_not_disturb_other_calls(service, caplog):
    created = await service.create(callbackUri="http://127.0.0.1:9/", targets=sample("pstn.request")["targets"])
    await service.create()
    assert await service.receiver.wait_for_state("established") == ["establishing", "ringing", "established"]
    assert (await service.graph.get(created.headers["location"])).status_code == 200
    assert [record for record in caplog.records if record.levelname in ("WARNING", "ERROR")] == []


async def test_receiver_that_fails_for_a_moment_loses_nothing(service):
    service.receiver.statuses = [500, 503]
    await service.create()
    await service.receiver.wait_for_state("established")
    assert service.receiver.states[:3] == ["establishing"] * 3


def slow_down(app, order):
    """Return an application whose responses take many turns of the loop."""

    async def slow_app(scope, receive, send):
        async def send_late(message):
            await asyncio.sleep(0.05)
            await send(message)
            order.append(message["type"])

        await app(scope, receive, send_late)

    return slow_app


async def test_no_notification_is_sent_before_the_response(start_service):
    order, enough = [], asyncio.Event()

    async def post(url, headers, content):
        order.append("notification")
        if order.count("notification") == 3:
            enough.set()
        return PostResponse(202)

    service = await start_service(speed=1e9, post=post)
    transport = httpx.ASGITransport(slow_down(service.simulator.app, order))
    async with httpx.AsyncClient(transport=transport, base_url="http://graph", headers=service.graph.headers) as graph:
        await graph.post("/beta/app/calls", json=sample("pstn.request"))
    await asyncio.wait_for(enough.wait(), PATIENCE)
    assert order == ["http.response.start", "http.response.body"] + ["notification"] * 3


async def test_loopback_callbacks_do_not_use_a_proxy(service, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    await service.create()
    assert "established" in await service.receiver.wait_for_state("established")


async def test_https_callbacks_use_the_proxy_of_the_environment(stack, monkeypatch):
    poster = HttpPoster(callbacks=CallbackPolicy(["bot.contoso.com"]))
    stack.push_async_callback(poster.aclose)
    url, connections = await serve_responses(stack, b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, url)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(OSError, match="ClientHttpProxyError"):
        await poster.post("https://bot.contoso.com/", {}, b"{}")
    assert connections


def get_running_tasks():
    names = [task.get_coro().__qualname__ for task in asyncio.all_tasks()]
    return [name for name in names if name.startswith(("DeliveryQueue", "CallService"))]


async def test_hanging_up_ends_the_scenario(start_service):
    service = await start_service(scenario="no_answer", speed=20)
    url = (await service.create()).headers["location"]
    await service.receiver.wait_for_state("ringing")
    await service.graph.delete(url)
    await service.receiver.wait_for_state("terminated")
    await service.simulator.deliveries.join()
    assert get_running_tasks() == []


async def test_closing_ends_all_tasks(start_service):
    service = await start_service(speed=1)
    await service.create()
    assert get_running_tasks() != []
    await service.simulator.aclose()
    assert get_running_tasks() == []
