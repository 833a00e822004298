import asyncio
import threading

import httpx
import pytest

from graphcall_nb.background import serve
from graphcall_nb.errors import InvalidCall, Throttled


async def hello(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


def test_result_and_error_come_back(background):
    async def fail():
        raise LookupError("x")

    assert background.run(asyncio.sleep(0, 5)) == 5
    with pytest.raises(LookupError):
        background.run(fail())


def test_an_error_of_ours_comes_without_the_frames_of_the_loop(background):
    refused, why = Throttled(429, "tooManyRequests", "Slow down."), InvalidCall("why")

    async def fail():
        raise refused from why

    with pytest.raises(Throttled) as caught:
        background.run(fail())
    assert caught.value is refused
    assert caught.value.__cause__ is why
    assert [entry.name for entry in caught.traceback][1:] == ["run"]


def test_interrupt_cancels_what_was_waited_for(background, monkeypatch):
    cancelled = threading.Event()

    async def wait():
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    class Interrupted:
        def __init__(self, future):
            self.cancel = future.cancel

        def result(self):
            raise KeyboardInterrupt

    submit = background.submit
    background.submit = lambda coroutine: Interrupted(submit(coroutine))
    with pytest.raises(KeyboardInterrupt):
        background.run(wait())
    assert cancelled.wait(5)


def test_waiting_on_its_own_thread_is_refused(background):
    async def inner():
        background.run(asyncio.sleep(0))

    with pytest.raises(RuntimeError, match="await"):
        background.run(inner())


def test_stop_cancels_what_runs_and_is_idempotent(background):
    future = background.submit(asyncio.sleep(1000))
    background.stop()
    background.stop()
    assert future.cancelled()
    with pytest.raises(RuntimeError, match="start"):
        background.run(asyncio.sleep(0))


def test_server_on_the_background_loop_answers(background):
    server = background.run(serve(hello))
    assert httpx.get(server.url).text == "hello"
    background.run(server.close())
    with pytest.raises(httpx.ConnectError):
        httpx.get(server.url)


async def test_taken_port_is_said_so():
    server = await serve(hello)
    with pytest.raises(OSError, match=f"port {server.port}.*another port"):
        await serve(hello, port=server.port)
    await server.close()


async def test_ipv6():
    server = await serve(hello, host="::1")
    async with httpx.AsyncClient() as client:
        assert (await client.get(server.url)).text == "hello"
    await server.close()
