"""The short way of a server, on a raw socket: it must not be told from uvicorn's own."""

import asyncio
import logging

import pytest

from graphcall_nb.background import serve

PATH = b"/x"


class Echo:
    """Answers with the body, when told to: by the short way, else by ASGI."""

    def __init__(self):
        self.waiting = []
        self.by_asgi = 0
        self.came = asyncio.Event()
        self.held = False

    def admits(self, method, target, headers):
        return (method, target) == (b"POST", PATH)

    def take(self, body, answer):
        if body == b"fail":
            raise ValueError(body)
        self.waiting.append(lambda: answer(200, body, ((b"content-length", b"%d" % len(body)),)))
        self.came.set()
        if not self.held:
            self.tell()

    def tell(self):
        while self.waiting:
            self.waiting.pop()()  # the last first: order is the server's affair

    async def __call__(self, scope, receive, send):
        self.by_asgi += 1
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message["body"], message["more_body"]
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
        await send({"type": "http.response.body", "body": body})


def request(body, *headers, method=b"POST", version=b"1.1"):
    head = [method + b" " + PATH + b" HTTP/" + version, b"host: x", *headers]
    if not any(header.startswith(b"transfer-encoding") for header in headers):
        head.append(b"content-length: %d" % len(body))
    return b"\r\n".join([*head, b"", body])


async def answer(reader):
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length: ")[2].split(b"\r\n")[0])
    return head, await reader.readexactly(length)


@pytest.fixture
async def echo():
    app = Echo()
    server = await serve(app)
    app.server = server
    app.reader, app.writer = await asyncio.open_connection("127.0.0.1", server.port)
    yield app
    app.writer.close()
    await server.close()


async def test_plain_requests_one_after_another_need_no_task(echo):
    for body in (b"a", b"", b"c"):
        echo.writer.write(request(body))
        head, got = await answer(echo.reader)
        assert (head.split(b"\r\n")[0], got) == (b"http/1.1 200 ok", body)
    assert echo.by_asgi == 0


async def test_a_request_in_pieces(echo):
    for byte in request(b"pieces"):
        echo.writer.write(bytes([byte]))
        await echo.writer.drain()
    assert (await answer(echo.reader))[1] == b"pieces"


async def test_pipelined_requests_are_answered_in_their_order(echo):
    echo.held = True
    echo.writer.write(request(b"1") + request(b"2") + request(b"3"))
    await echo.came.wait()
    echo.held = False
    echo.tell()
    assert [(await answer(echo.reader))[1] for _ in range(3)] == [b"1", b"2", b"3"]


@pytest.mark.parametrize(
    ("sent", "body"),
    [
        (request(b"old", version=b"1.0"), b"old"),
        (request(b"last", b"connection: close"), b"last"),
        (request(b"x" * 100_000), b"x" * 100_000),
        (request(b"3\r\nabc\r\n0\r\n\r\n", b"transfer-encoding: chunked"), b"abc"),
        (request(b"put", method=b"PUT"), b"put"),
        (request(b"", b"connection: upgrade", b"upgrade: h2c"), b""),
    ],
    ids=["HTTP/1.0", "close", "large", "chunked", "not admitted", "upgrade"],
)
async def test_whatever_is_not_plain_is_served_by_asgi(echo, sent, body):
    echo.writer.write(sent)
    assert (await answer(echo.reader))[1] == body
    assert echo.by_asgi == 1


async def test_who_waits_to_be_asked_for_the_body_is_asked(echo):
    echo.writer.write(request(b"later", b"expect: 100-continue")[: -len(b"later")])
    assert (await echo.reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100")
    echo.writer.write(b"later")
    assert (await answer(echo.reader))[1] == b"later"


async def test_an_error_of_the_application_is_500(echo, caplog):
    caplog.set_level(logging.CRITICAL)
    echo.writer.write(request(b"fail"))
    assert (await answer(echo.reader))[0].startswith(b"http/1.1 500")


async def test_who_left_is_not_answered(echo):
    echo.held = True
    echo.writer.write(request(b"gone"))
    await echo.came.wait()
    echo.writer.transport.abort()
    reader, writer = await asyncio.open_connection("127.0.0.1", echo.server.port)
    writer.write(request(b"next", method=b"PUT"))
    await answer(reader)
    echo.tell()
    writer.close()


async def test_a_closing_server_answers_what_is_under_way(echo):
    echo.held = True
    echo.writer.write(request(b"under way"))
    await echo.came.wait()
    closing = asyncio.create_task(echo.server.close())
    while not echo.server._server.should_exit:  # noqa: ASYNC110
        await asyncio.sleep(0)
    await asyncio.sleep(0.2)
    echo.tell()
    head, body = await answer(echo.reader)
    assert (b"connection: close" in head, body) == (True, b"under way")
    assert await echo.reader.read() == b""
    await closing
