"""The callback check with a real listener and real proxies, each with another fault."""

import asyncio
import logging
import ssl
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import pytest

from graphcall_nb.background import serve
from graphcall_nb.diagnosis.callback import CallbackEndpoint, check_callback
from graphcall_nb.errors import SetupError, TokenRejected
from graphcall_nb.listener.app import PROBE_HEADER, Listener, sign_probe
from tests.client.certificates import SelfSignedCertificate

PATH = "/api/calls/unguessable"


class RejectAll:
    """A token check that rejects every token, and a journal that must not be written."""

    def is_verified(self, authorization):
        return False

    async def check(self, authorization, peer):
        raise TokenRejected("every token is rejected")

    async def append(self, notifications, received_at_us):
        raise AssertionError("the journal must not be written")


class AnsweringProxy:
    """A proxy that answers itself."""

    def __init__(self, status):
        self.status = status

    async def __call__(self, scope, receive, send):
        await send({"type": "http.response.start", "status": self.status, "headers": [(b"location", b"/login")]})
        await send({"type": "http.response.body", "body": b"<html>"})


class ForwardingProxy:
    """A proxy that forwards requests, optionally to another path."""

    def __init__(self, url, path=None):
        self.url, self.path = url, path

    async def __call__(self, scope, receive, send):
        headers = {name: value for name, value in scope["headers"] if name not in (b"host", b"content-length")}
        async with httpx.AsyncClient() as client:
            response = await client.post(self.url + (self.path or scope["path"]), json={}, headers=headers)
        headers_back = [
            (name.encode(), value.encode()) for name, value in response.headers.items() if name == PROBE_HEADER
        ]
        await send({"type": "http.response.start", "status": response.status_code, "headers": headers_back})
        await send({"type": "http.response.body", "body": response.content})


@pytest.fixture
async def stack():
    async with AsyncExitStack() as exit_stack:
        yield exit_stack


async def start_server(stack, app):
    server = await serve(app)
    stack.push_async_callback(server.close)
    return server.url


@pytest.fixture
async def listener(stack):
    app = Listener(RejectAll(), RejectAll(), path=PATH)
    app.url = await start_server(stack, app)
    return app


def make_endpoint(listener, public_url=None, **settings):
    return CallbackEndpoint(
        local_url=listener.url + PATH,
        public_url=(public_url or listener.url) + PATH,
        count_unknown_paths=lambda: listener.refused.get(404, 0),
        **settings,
    )


async def test_listener_without_a_tunnel(listener):
    assert "the sender reaches it directly" in await check_callback(make_endpoint(listener))


async def test_forwarding_proxy(stack, listener):
    finding = await check_callback(make_endpoint(listener, await start_server(stack, ForwardingProxy(listener.url))))
    assert "leads to the listener in" in finding
    assert "(401)" in finding


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (302, "requires a sign-in (302); allow anonymous requests"),
        (401, "requires a sign-in (401)"),
        (403, "requires a sign-in (403)"),
        (404, "does not know the path (404)"),
        (405, "does not accept a POST of JSON (405)"),
        (502, "reaches no listener (502)"),
        (200, "answers itself (200), perhaps with a warning page"),
    ],
)
async def test_proxy_that_answers_itself(stack, listener, status, message):
    with pytest.raises(SetupError) as raised:
        await check_callback(make_endpoint(listener, await start_server(stack, AnsweringProxy(status))))
    assert message in str(raised.value)
    assert str(raised.value).startswith("Hop 3")


async def test_proxy_that_changes_the_path(stack, listener):
    url = await start_server(stack, ForwardingProxy(listener.url, "/elsewhere"))
    with pytest.raises(SetupError, match=r"Hop 3.*path is changed on the way"):
        await check_callback(make_endpoint(listener, url))


@pytest.mark.parametrize(
    ("public_url", "message"),
    [
        ("https://bot.nowhere.invalid", "the name cannot be resolved"),
        ("http://127.0.0.1:9", "cannot be reached"),
    ],
)
async def test_unreachable_public_url(listener, public_url, message):
    with pytest.raises(SetupError, match=f"Hop 2.*{message}"):
        await check_callback(make_endpoint(listener, public_url))


async def test_stopped_listener(listener):
    listener.url = "http://127.0.0.1:9"
    with pytest.raises(SetupError, match=r"Hop 1.*create a new session"):
        await check_callback(make_endpoint(listener))


async def test_another_program_at_the_listeners_port(stack, listener):
    listener.url = await start_server(stack, AnsweringProxy(200))
    with pytest.raises(SetupError, match=r"Hop 1.*another program answers"):
        await check_callback(make_endpoint(listener))


@asynccontextmanager
async def serve_tls(url, tmp_path):
    """Serve TLS in front of an http server; yield its URL and a context that trusts its certificate."""
    certificate = SelfSignedCertificate()
    (tmp_path / "bot.pem").write_bytes(certificate.key_pem() + certificate.pem)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "bot.pem")
    port = int(url.rpartition(":")[2])

    async def copy(reader, writer):
        while data := await reader.read(65536):
            writer.write(data)
        writer.close()

    async def forward(reader, writer):
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(copy(reader, inner_writer), copy(inner_reader, writer), return_exceptions=True)

    async with await asyncio.start_server(forward, "127.0.0.1", 0, ssl=context) as server:
        ssl_context = ssl.create_default_context(cadata=certificate.pem.decode())
        ssl_context.check_hostname = False
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}", ssl_context
        server.close()


async def test_expiry_of_the_certificate_is_reported(listener, tmp_path):
    async with serve_tls(listener.url, tmp_path) as (url, ssl_context):
        finding = await check_callback(make_endpoint(listener, url, verify=ssl_context))
        assert "its certificate expires in 30 days" in finding


async def test_untrusted_certificate(listener, tmp_path):
    async with serve_tls(listener.url, tmp_path) as (url, _):
        with pytest.raises(SetupError, match=r"Hop 2.*certificate is not trusted.*Microsoft will not"):
            await check_callback(make_endpoint(listener, url))


async def test_check_is_refused_and_reveals_nothing_on_another_path(listener):
    async with httpx.AsyncClient(base_url=listener.url) as client:
        here = await client.post(PATH, json={}, headers={PROBE_HEADER: "1"})
        elsewhere = await client.post("/api/calls/guess", json={}, headers={PROBE_HEADER: "1"})
    assert (here.status_code, here.headers[PROBE_HEADER]) == (401, sign_probe(PATH, "1"))
    assert elsewhere.status_code == 404
    assert PROBE_HEADER not in elsewhere.headers


async def test_check_does_not_log_the_secret_path(listener, caplog):
    caplog.set_level(logging.DEBUG)
    await check_callback(make_endpoint(listener))
    assert "unguessable" not in caplog.text
    assert "POST http://127.0.0.1" in caplog.text
