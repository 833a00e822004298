"""Limits of the server, on raw sockets and with an application that needs neither a path nor a token."""

import asyncio
import contextlib
import itertools
from contextlib import asynccontextmanager

import pytest

from graphcall_nb.background import Limits, serve
from graphcall_nb.background.limits import NEVER, Connections, compute_max_connections

HEAD = b"POST /x HTTP/1.1\r\nHost: x\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
MAX_SENT_BYTES = 8 << 20
SECOND = 60
"""Time limit of steps that take milliseconds; the machine may be busy."""


class App:
    """Application that reads the body and responds with ``answer``, when ``release`` is set."""

    def __init__(self):
        self.answer = b"done"
        self.release = asyncio.Event()
        self.release.set()
        self.responded = asyncio.Event()
        self.requests = 0
        self.headers = []

    async def __call__(self, scope, receive, send):
        self.requests += 1
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            if not message["more_body"]:
                break
        await self.release.wait()
        self.headers = scope["headers"]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": self.answer, "more_body": True})
        await send({"type": "http.response.body", "body": b""})  # after the client has read
        self.responded.set()


@asynccontextmanager
async def running(**limits):
    """Serve an application; yield it and a function that opens a connection."""
    app, writers = App(), []
    server = await serve(app, limits=Limits(**limits))

    async def connect(data=b""):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writers.append(writer)
        writer.write(data)
        return reader, writer

    try:
        yield app, connect
    finally:
        app.release.set()
        for writer in writers:
            writer.transport.abort()
        await server.close()


async def read_to_end(reader):
    """Return the response; a reset is an end."""
    received = b""
    with contextlib.suppress(ConnectionError):
        async with asyncio.timeout(SECOND):
            while part := await reader.read(65536):
                received += part
    return received


async def send_endlessly(writer, piece):
    """Send a piece again and again, until the connection is closed; return the number of bytes."""
    sent = 0
    with contextlib.suppress(ConnectionError):
        while sent < MAX_SENT_BYTES and not writer.transport.is_closing():
            writer.write(piece)
            await writer.drain()
            sent += len(piece)
    return sent


ENDLESS = {
    "URL": (b"POST /", b"a" * 4096),
    "header": (HEAD + b"X: ", b"a" * 4096),
    "name of a header": (HEAD, b"a" * 4096),
    "headers": (HEAD, b"a: b\r\n" * 700),
    "extension of a chunk": (CHUNKED + b"1;", b"a" * 4096),
    "trailers": (CHUNKED + b"0\r\n", b"a: b\r\n" * 700),
    "trailer": (CHUNKED + b"0\r\nX: ", b"a" * 4096),
    "chunks of one byte": (CHUNKED, b"1\r\na\r\n" * 700),
    "chunked body": (CHUNKED, b"1000\r\n" + b"a" * 4096 + b"\r\n"),
    "long body": (HEAD + b"Content-Length: 2000000000\r\n\r\n", b"a" * 4096),
    "second request": (GET + b"POST /", b"a" * 4096),
    "requests": (GET, GET * 300),
}


@pytest.mark.parametrize("attack", ENDLESS)
async def test_endless_request_is_closed(attack):
    start, piece = ENDLESS[attack]
    async with running(body_bytes=1 << 20) as (app, connect):
        if attack == "requests":
            app.release.clear()
        _, writer = await connect(start)
        assert await send_endlessly(writer, piece) < MAX_SENT_BYTES
        app.release.set()
        reader, _ = await connect(GET)
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /" + b"a" * 8192 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (HEAD + b"X: " + b"a" * 9000 + b"\r\n\r\n", 431),
        (HEAD + b"X: " + b"a" * 9000, 431),
        (HEAD + b"X: a\r\n" * 100 + b"\r\n", 431),
        (HEAD + b"Content-Length: 2000\r\n\r\n" + b"a" * 2000, 413),
        (CHUNKED + b"7d0\r\n" + b"a" * 2000 + b"\r\n0\r\n\r\n", 413),
        (b"\x16\x03\x01 no HTTP\r\n\r\n", 400),
    ],
)
async def test_rejection_has_a_status(request_, status):
    async with running(body_bytes=1000, header_bytes=9000) as (_, connect):
        reader, _ = await connect(request_)
        response = await read_to_end(reader)
        assert response.startswith(b"HTTP/1.1 %d " % status)
        assert b"connection: close" in response


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /" + b"a" * 8000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        HEAD + b"X: " + b"a" * 30_000 + b"\r\n\r\n",
        HEAD + b"X: a\r\n" * 98 + b"Content-Length: 1\r\n\r\na",
        HEAD + b"Content-Length: 1000000\r\n\r\n" + b"a" * 1_000_000,
        CHUNKED + b"400\r\n%b\r\n" % (b"a" * 1024) * 900 + b"0\r\nX: y\r\n\r\n",
        GET * 30,
    ],
)
async def test_large_requests_within_the_limits_are_served(request_):
    async with running() as (_, connect):
        reader, _ = await connect(request_)
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")


async def test_trailers_do_not_become_headers():
    async with running() as (app, connect):
        reader, _ = await connect(CHUNKED + b"0\r\nAuthorization: Bearer x\r\n\r\n")
        await reader.readline()
        assert b"authorization" not in dict(app.headers)


SLOW = {
    "nothing": (b"", {"header_seconds": 0.1}),
    "empty lines": (b"\r\n", {"header_seconds": 0.1}),
    "half of the headers": (HEAD, {"header_seconds": 0.1}),
    "half of a body": (HEAD + b"Content-Length: 9\r\n\r\nabc", {"body_seconds": 0.1}),
    "half of a chunk": (CHUNKED + b"9\r\nabc", {"body_seconds": 0.1}),
    "nothing after a request": (GET, {"idle_seconds": 0.1}),
    "half of a second request": (GET + HEAD, {"header_seconds": 0.1, "idle_seconds": 0.1, "body_seconds": 0.1}),
}


@pytest.mark.parametrize("attack", SLOW)
async def test_slow_request_is_closed(attack):
    sent, limits = SLOW[attack]
    async with running(**limits) as (_, connect):
        reader, _ = await connect(sent)
        response = await read_to_end(reader)
        assert (b"200 OK" in response) == sent.startswith(GET)


async def test_responses_that_are_not_read_close_the_connection():
    async with running(unread_seconds=0.1) as (app, connect):
        app.answer = b"a" * (16 << 20)
        await connect(GET * 20)  # the reader holds 128 KiB and then stops
        async with asyncio.timeout(SECOND):
            await app.responded.wait()
        assert app.requests == 1


async def test_application_may_take_longer_than_every_limit():
    times = ("header_seconds", "body_seconds", "idle_seconds", "unread_seconds")
    async with running(**dict.fromkeys(times, 0.1)) as (app, connect):
        app.release.clear()
        reader, _ = await connect(HEAD + b"Content-Length: 3\r\n\r\nabc")
        await asyncio.sleep(0.5)
        app.release.set()
        assert b"200 OK" in await read_to_end(reader)


@pytest.mark.parametrize("held", [b"", HEAD, HEAD + b"Content-Length: 9\r\n\r\nabc", GET])
async def test_new_connection_takes_the_place_of_an_unused_one(held):
    async with running(connections=8) as (_, connect):
        readers = [(await connect(held))[0] for _ in range(30)]
        reader, _ = await connect(GET)
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        closed = await asyncio.gather(*map(read_to_end, readers[:20]))
        assert len(closed) == 20


async def test_connections_in_use_are_kept():
    async with running(connections=4) as (app, connect):
        app.release.clear()
        readers = [(await connect(GET))[0] for _ in range(4)]
        while app.requests < 4:  # noqa: ASYNC110
            await asyncio.sleep(0)
        late, _ = await connect(GET)
        assert await read_to_end(late) == b""
        app.release.set()
        for reader in readers:
            assert (await reader.readline()).startswith(b"HTTP/1.1 200")


async def test_bodies_of_all_connections_together_are_bounded():
    start = HEAD + b"Content-Length: 900000\r\n\r\n"
    async with running(buffered_bytes=1 << 20) as (_, connect):
        readers = [(await connect(start + b"a" * 800_000))[0] for _ in range(4)]
        done, waiting = await asyncio.wait([asyncio.create_task(read_to_end(reader)) for reader in readers], timeout=1)
        assert len(done) >= 2
        for task in waiting:
            task.cancel()


class FakeConnection:
    """A connection with a peer, as the table of connections sees it."""

    def __init__(self, peer, is_busy=False):
        self.peer, self.is_busy, self.is_open = peer, is_busy, True
        self.deadline, self.buffered_bytes = NEVER, 0

    def abort(self):
        self.is_open = False


def make_table(**limits):
    return Connections(Limits(**limits))


def test_peer_with_most_connections_loses_one():
    table, crowd = make_table(connections=10), [FakeConnection("192.0.2.1") for _ in range(8)]
    others = [FakeConnection(f"192.0.2.{number}") for number in range(2, 5)]
    assert all(map(table.add, [others[0], *crowd, *others[1:]]))
    assert [connection.is_open for connection in crowd] == [False] * 1 + [True] * 7
    assert all(other.is_open for other in others)


@pytest.mark.parametrize(
    ("peer", "count"), [("192.0.2.1", 3), ("2001:db8::1", 3), ("127.0.0.1", 6), ("::1", 6), ("", 6)]
)
def test_limit_of_a_peer_holds_for_other_machines(peer, count):
    table, connections = make_table(connections_per_peer=3), [FakeConnection(peer) for _ in range(6)]
    assert all(map(table.add, connections))
    assert sum(connection.is_open for connection in connections) == count == len(table)


def test_last_used_connection_is_kept():
    table, connections = make_table(connections=3), [FakeConnection("127.0.0.1") for _ in range(3)]
    all(map(table.add, connections))
    table.mark_used(connections[0])
    table.add(FakeConnection("127.0.0.1"))
    assert [connection.is_open for connection in connections] == [True, False, True]


def test_expired_connections_are_closed():
    table, connections = make_table(), [FakeConnection("127.0.0.1") for _ in range(3)]
    for connection, deadline in zip(connections, itertools.count(1), strict=False):
        connection.deadline = deadline
        table.add(connection)
    table.close_expired(2.5)
    assert [connection.is_open for connection in connections] == [False, False, True]
    assert len(table) == 1


def test_descriptors_bound_the_connections():
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, before[1]))
    try:
        assert compute_max_connections() == 128
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
