"""The knock through the public address: real listener, real proxies in front of it, each wrong in its own way."""

import asyncio
import logging
import ssl
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import pytest

from graphcall_nb.background import serve
from graphcall_nb.diagnosis.public import Door, knock
from graphcall_nb.errors import SetupError, TokenRejected
from graphcall_nb.listener.app import HEADER, Listener, echo
from tests.auth.certificates import Made

PATH = "/api/calls/unguessable"


class Nobody:
    """Who believes nobody, and writes nothing."""

    def knows(self, authorization):
        return False

    async def check(self, authorization):
        raise TokenRejected("nobody is believed")

    async def append(self, notifications, received_at_us):
        raise AssertionError("nothing may be written")


class Answers:
    """A proxy that answers by itself."""

    def __init__(self, status):
        self.status = status

    async def __call__(self, scope, receive, send):
        await send({"type": "http.response.start", "status": self.status, "headers": [(b"location", b"/login")]})
        await send({"type": "http.response.body", "body": b"<html>"})


class PassesOn:
    """A proxy that passes on, perhaps to another path."""

    def __init__(self, url, path=None):
        self.url, self.path = url, path

    async def __call__(self, scope, receive, send):
        headers = {name: value for name, value in scope["headers"] if name not in (b"host", b"content-length")}
        async with httpx.AsyncClient() as client:
            answer = await client.post(self.url + (self.path or scope["path"]), json={}, headers=headers)
        echoed = [(name.encode(), value.encode()) for name, value in answer.headers.items() if name == HEADER]
        await send({"type": "http.response.start", "status": answer.status_code, "headers": echoed})
        await send({"type": "http.response.body", "body": answer.content})


@pytest.fixture
async def stack():
    async with AsyncExitStack() as opened:
        yield opened


async def served(stack, app):
    server = await serve(app)
    stack.push_async_callback(server.close)
    return server.url


@pytest.fixture
async def listener(stack):
    made = Listener(Nobody(), Nobody(), path=PATH)
    made.url = await served(stack, made)
    return made


def door_of(listener, public=None, **settings):
    return Door(
        local=listener.url + PATH,
        public=(public or listener.url) + PATH,
        unknown_paths=lambda: listener.refused.get(404, 0),
        **settings,
    )


async def test_a_listener_without_a_tunnel_is_knocked_at_directly(listener):
    assert "nothing stands between it and the sender" in await knock(door_of(listener))


async def test_a_proxy_that_passes_on(stack, listener):
    found = await knock(door_of(listener, await served(stack, PassesOn(listener.url))))
    assert "leads to the listener in" in found
    assert "(401)" in found


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (302, "wants a sign-in (302); let anonymous requests through"),
        (401, "wants a sign-in (401)"),
        (403, "wants a sign-in (403)"),
        (404, "knows no such path (404)"),
        (405, "does not let a POST of JSON through (405)"),
        (502, "finds nobody behind it (502)"),
        (200, "answers itself (200), perhaps with a page of warning"),
    ],
)
async def test_a_proxy_that_answers_by_itself(stack, listener, status, words):
    with pytest.raises(SetupError) as caught:
        await knock(door_of(listener, await served(stack, Answers(status))))
    assert words in str(caught.value)
    assert str(caught.value).startswith("Hop 3")


async def test_a_proxy_that_changes_the_path(stack, listener):
    with pytest.raises(SetupError, match=r"Hop 3.*path is changed on the way"):
        await knock(door_of(listener, await served(stack, PassesOn(listener.url, "/elsewhere"))))


@pytest.mark.parametrize(
    ("public", "words"),
    [
        ("https://bot.nowhere.invalid", "the name cannot be resolved"),
        ("http://127.0.0.1:9", "cannot be reached"),
    ],
)
async def test_an_address_that_leads_nowhere(listener, public, words):
    with pytest.raises(SetupError, match=f"Hop 2.*{words}"):
        await knock(door_of(listener, public))


async def test_a_listener_that_is_gone(listener):
    listener.url = "http://127.0.0.1:9"
    with pytest.raises(SetupError, match=r"Hop 1.*make a new session"):
        await knock(door_of(listener))


async def test_somebody_else_at_the_listeners_port(stack, listener):
    listener.url = await served(stack, Answers(200))
    with pytest.raises(SetupError, match=r"Hop 1.*something else answers"):
        await knock(door_of(listener))


@asynccontextmanager
async def tls_in_front(url, tmp_path):
    """A TLS end with a certificate of its own that passes bytes on; its address, and who believes it."""
    made = Made()
    (tmp_path / "bot.pem").write_bytes(made.private() + made.public)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "bot.pem")
    port = int(url.rpartition(":")[2])

    async def copy(reader, writer):
        while data := await reader.read(65536):
            writer.write(data)
        writer.close()

    async def pass_on(reader, writer):
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(copy(reader, inner_writer), copy(inner_reader, writer), return_exceptions=True)

    async with await asyncio.start_server(pass_on, "127.0.0.1", 0, ssl=context) as server:
        believes = ssl.create_default_context(cadata=made.public.decode())
        believes.check_hostname = False
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}", believes
        server.close()


async def test_the_certificate_is_looked_at(listener, tmp_path):
    async with tls_in_front(listener.url, tmp_path) as (url, believes):
        assert "its certificate ends in 30 days" in await knock(door_of(listener, url, verify=believes))


async def test_a_certificate_that_nobody_believes(listener, tmp_path):
    async with tls_in_front(listener.url, tmp_path) as (url, _):
        with pytest.raises(SetupError, match=r"Hop 2.*certificate is not believed.*Microsoft will not"):
            await knock(door_of(listener, url))


async def test_a_knock_lets_nothing_in_and_shows_nothing_elsewhere(listener):
    async with httpx.AsyncClient(base_url=listener.url) as client:
        here = await client.post(PATH, json={}, headers={HEADER: "1"})
        elsewhere = await client.post("/api/calls/guess", json={}, headers={HEADER: "1"})
    assert (here.status_code, here.headers[HEADER]) == (401, echo(PATH, "1"))
    assert elsewhere.status_code == 404
    assert HEADER not in elsewhere.headers


async def test_a_knock_leaves_the_secret_in_no_log(listener, caplog):
    caplog.set_level(logging.DEBUG)
    await knock(door_of(listener))
    assert "unguessable" not in caplog.text
    assert "POST http://127.0.0.1" in caplog.text
