"""The fast path and uvicorn's own path, on a raw socket: both must give the same responses."""

import asyncio
import logging

import pytest
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from graphcall_nb.background import serve
from graphcall_nb.background.fast_path import STOCK_PROTOCOL, find_protocol
from graphcall_nb.background.uvicorn_protocol import FastPathProtocol, has_expected_internals

PATH = b"/x"


class Echo:
    """Application that responds with the body: at once, or when ``release`` is called."""

    def __init__(self):
        self.pending = []
        self.asgi_requests = 0
        self.has_request = asyncio.Event()
        self.is_held = False

    def accepts(self, method, target, headers):
        return (method, target) == (b"POST", PATH)

    def handle(self, body, respond):
        self.pending.append(lambda: respond(200, body, ((b"content-length", b"%d" % len(body)),)))
        if body == b"fail":
            raise ValueError(body)
        self.has_request.set()
        if not self.is_held:
            self.release()

    def release(self):
        while self.pending:
            self.pending.pop()()  # the last first: the server restores the order

    async def __call__(self, scope, receive, send):
        self.asgi_requests += 1
        body, has_more = b"", True
        while has_more:
            message = await receive()
            body, has_more = body + message["body"], message["more_body"]
        if body == b"fail":
            raise ValueError(body)
        released = asyncio.Event()
        self.pending.append(released.set)
        self.has_request.set()
        if not self.is_held:
            self.release()
        await released.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
        await send({"type": "http.response.body", "body": body})


def make_request(body, *headers, method=b"POST", version=b"1.1"):
    lines = [method + b" " + PATH + b" HTTP/" + version, b"host: x", *headers]
    if not any(header.startswith(b"transfer-encoding") for header in headers):
        lines.append(b"content-length: %d" % len(body))
    return b"\r\n".join([*lines, b"", body])


async def read_response(reader):
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length: ")[2].split(b"\r\n")[0])
    return head, await reader.readexactly(length)


@pytest.fixture(params=[FastPathProtocol, STOCK_PROTOCOL], ids=["fast path", "stock uvicorn"])
async def echo(request):
    app = Echo()
    server = await serve(app, protocol=request.param)
    app.server, app.is_stock = server, request.param == STOCK_PROTOCOL
    app.reader, app.writer = await asyncio.open_connection("127.0.0.1", server.port)
    yield app
    app.writer.close()
    await server.close()


async def test_plain_requests_need_no_task(echo):
    for body in (b"a", b"", b"c"):
        echo.writer.write(make_request(body))
        head, received = await read_response(echo.reader)
        assert (head.split(b"\r\n")[0], received) == (b"http/1.1 200 ok", body)
    assert echo.asgi_requests == (3 if echo.is_stock else 0)


async def test_request_in_pieces(echo):
    for byte in make_request(b"pieces"):
        echo.writer.write(bytes([byte]))
        await echo.writer.drain()
    assert (await read_response(echo.reader))[1] == b"pieces"


async def test_pipelined_requests_are_answered_in_order(echo):
    echo.is_held = True
    echo.writer.write(make_request(b"1") + make_request(b"2") + make_request(b"3"))
    await echo.has_request.wait()
    echo.is_held = False
    echo.release()
    assert [(await read_response(echo.reader))[1] for _ in range(3)] == [b"1", b"2", b"3"]


@pytest.mark.parametrize(
    ("request_", "body"),
    [
        (make_request(b"old", version=b"1.0"), b"old"),
        (make_request(b"last", b"connection: close"), b"last"),
        (make_request(b"x" * 100_000), b"x" * 100_000),
        (make_request(b"3\r\nabc\r\n0\r\n\r\n", b"transfer-encoding: chunked"), b"abc"),
        (make_request(b"put", method=b"PUT"), b"put"),
        (make_request(b"", b"connection: upgrade", b"upgrade: h2c"), b""),
    ],
    ids=["HTTP/1.0", "close", "large", "chunked", "not accepted", "upgrade"],
)
async def test_other_requests_are_served_by_asgi(echo, request_, body):
    echo.writer.write(request_)
    assert (await read_response(echo.reader))[1] == body
    assert echo.asgi_requests == 1


async def test_expect_100_continue(echo):
    echo.writer.write(make_request(b"later", b"expect: 100-continue")[: -len(b"later")])
    assert (await echo.reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100")
    echo.writer.write(b"later")
    assert (await read_response(echo.reader))[1] == b"later"


async def test_error_of_the_application_gives_500(echo, caplog):
    caplog.set_level(logging.CRITICAL)
    echo.writer.write(make_request(b"fail"))
    assert (await echo.reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 500")


async def test_response_to_a_closed_connection_is_dropped(echo):
    echo.is_held = True
    echo.writer.write(make_request(b"gone"))
    await echo.has_request.wait()
    echo.writer.transport.abort()
    gone = echo.pending.pop()
    echo.is_held = False
    reader, writer = await asyncio.open_connection("127.0.0.1", echo.server.port)
    writer.write(make_request(b"next", method=b"PUT"))
    await read_response(reader)
    gone()
    writer.close()


async def test_closing_server_answers_pending_requests(echo):
    echo.is_held = True
    echo.writer.write(make_request(b"pending"))
    await echo.has_request.wait()
    closing = asyncio.create_task(echo.server.close())
    while not echo.server.is_closing:  # noqa: ASYNC110
        await asyncio.sleep(0)
    await asyncio.sleep(0.2)
    echo.release()
    head, body = await read_response(echo.reader)
    assert (b"connection: close" in head or echo.is_stock, body) == (True, b"pending")
    assert await echo.reader.read() == b""
    await closing


class ProtocolWithoutFlow(HttpToolsProtocol):
    """A protocol of a later uvicorn that names an attribute differently."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        del self.flow


class CycleWithoutBody:
    """A cycle of a later uvicorn that keeps the body elsewhere."""

    def __init__(self):
        self.message_event = self.response_complete = self.disconnected = self.keep_alive = None


def test_fast_path_is_used_with_the_installed_uvicorn():
    assert find_protocol() is FastPathProtocol


@pytest.mark.parametrize(
    ("protocol", "cycle"), [(ProtocolWithoutFlow, RequestResponseCycle), (HttpToolsProtocol, CycleWithoutBody)]
)
def test_different_internals_of_uvicorn_are_detected(protocol, cycle):
    assert not has_expected_internals(protocol, cycle)


@pytest.mark.parametrize("module", ["graphcall_nb.missing", "json"])
def test_stock_protocol_is_used_when_the_internals_cannot_be_imported(module):
    assert find_protocol(module) == STOCK_PROTOCOL
