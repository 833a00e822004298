"""The background thread and the server on it."""

import asyncio
import signal
import socket
import threading
from functools import partial

import httpx
import pytest

from graphcall_nb.background import open_socket, serve
from graphcall_nb.errors import InvalidCall, Throttled


async def hello(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


def test_run_returns_results_and_raises_errors(background):
    async def fail():
        raise LookupError("x")

    assert background.run(asyncio.sleep(0, 5)) == 5
    with pytest.raises(LookupError):
        background.run(fail())


def test_errors_of_the_package_have_no_frames_of_the_loop(background):
    refused, cause = Throttled(429, "tooManyRequests", "Slow down."), InvalidCall("cause")

    async def fail():
        raise refused from cause

    with pytest.raises(Throttled) as caught:
        background.run(fail())
    assert caught.value is refused
    assert caught.value.__cause__ is cause
    assert [entry.name for entry in caught.traceback][1:] == ["run"]


@pytest.fixture
def _interrupts():
    """Let SIGINT raise KeyboardInterrupt, also where the tests were started in the background of a shell."""
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, former)


@pytest.mark.usefixtures("_interrupts")
def test_interrupt_cancels_the_coroutine(background):
    cancelled = threading.Event()

    async def wait():
        # A moment later, so that the main thread waits for the result by then.
        interrupt = partial(signal.pthread_kill, threading.main_thread().ident, signal.SIGINT)
        asyncio.get_running_loop().call_later(0.1, interrupt)
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    with pytest.raises(KeyboardInterrupt):
        background.run(wait())
    assert cancelled.wait(5)


def test_run_on_its_own_thread_is_refused(background):
    async def inner():
        background.run(asyncio.sleep(0))

    with pytest.raises(RuntimeError, match="await"):
        background.run(inner())


def test_stop_cancels_tasks_and_is_idempotent(background):
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


async def test_error_of_a_port_in_use_names_the_remedy():
    server = await serve(hello)
    with pytest.raises(OSError, match=f"port {server.port}.*another port"):
        await serve(hello, port=server.port)
    await server.close()


async def test_ipv6():
    server = await serve(hello, host="::1")
    async with httpx.AsyncClient() as client:
        assert (await client.get(server.url)).text == "hello"
    await server.close()


def test_responses_do_not_wait_for_acknowledgments():
    with open_socket("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
