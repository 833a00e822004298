"""ngrok: failures with the real SDK, and sessions with a fake SDK, since its servers are not available to tests."""

import asyncio
import socket
from types import SimpleNamespace

import pytest

from graphcall_nb.errors import TunnelError, TunnelRefused, TunnelUnavailable
from graphcall_nb.tunnels import Ngrok, Tunnel, select_tunnel

from .fakes import wait_for_state
from .servers import free_port

TOKEN = {"NGROK_AUTHTOKEN": "2abcDEF_t0ken"}


class FakeSdk:
    """The builders of the SDK without a network. ``error`` is raised on connecting."""

    def __init__(self, error=None, url="https://ann.ngrok.app"):
        self.error = error
        self.url = url
        self.arguments = {}

    def SessionBuilder(self):  # noqa: N802 - ngrok's name
        return self

    def __getattr__(self, name):
        def record(*values):
            self.arguments[name] = values[0] if values else None
            return self

        return record

    async def connect(self):
        if self.error:
            raise self.error
        return self

    async def listen_and_forward(self, url):
        self.arguments["to"] = url
        return SimpleNamespace(url=lambda: self.url)

    async def close(self):
        self.arguments["close"] = True


# ---- the real SDK


async def test_missing_token():
    with pytest.raises(TunnelUnavailable, match="NGROK_AUTHTOKEN is not set"):
        await select_tunnel(Ngrok(environ={}))


async def test_check_with_a_token():
    assert "NGROK_AUTHTOKEN is set" in (await select_tunnel(Ngrok(environ=TOKEN))).reason


async def test_server_that_does_not_run():
    with pytest.raises(TunnelError, match="cannot be reached"):
        await Tunnel(Ngrok(environ=TOKEN, server=f"127.0.0.1:{free_port()}")).open(9999)


async def test_server_that_does_not_answer():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        provider = Ngrok(environ=TOKEN, server=f"127.0.0.1:{silent.getsockname()[1]}", timeout_seconds=0.3)
        with pytest.raises(TunnelError, match="cannot be reached"):
            await Tunnel(provider).open(9999)


async def test_server_of_another_protocol():
    async def answer_http(reader, writer):
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer_http, "127.0.0.1", 0) as server:
        provider = Ngrok(environ=TOKEN, server=f"127.0.0.1:{server.sockets[0].getsockname()[1]}")
        with pytest.raises(TunnelError, match="cannot be reached"):
            await Tunnel(provider).open(9999)


# ---- refusals, with published error texts


@pytest.mark.parametrize(
    ("code", "message", "error_class"),
    [
        ("105", "copy it again from https://dashboard", TunnelRefused),
        ("4018", "a verified account", TunnelRefused),
        ("319", "reserve it", TunnelRefused),
        ("108", "stop that one", TunnelError),
        ("334", "in use by another agent", TunnelError),
        ("9999", "err_ngrok_9999", TunnelRefused),
    ],
)
async def test_ngrok_refusals(code, message, error_class):
    text = f"The authtoken is wrong.\nYour authtoken: {TOKEN['NGROK_AUTHTOKEN']}\r\n\r\nERR_NGROK_{code}\r\n"
    with pytest.raises(TunnelError, match=message) as raised:
        await Tunnel(Ngrok(environ=TOKEN, sdk=FakeSdk(ValueError("failed to connect session", text)))).open(9999)
    assert raised.type is error_class
    assert TOKEN["NGROK_AUTHTOKEN"] not in str(raised.value)


# ---- a session


async def test_url_and_forwarded_port():
    sdk = FakeSdk()
    tunnel = Tunnel(Ngrok("ann.ngrok.app", environ=TOKEN, sdk=sdk))
    assert await tunnel.open(9999) == "https://ann.ngrok.app"
    assert (sdk.arguments["domain"], sdk.arguments["to"]) == ("ann.ngrok.app", "http://127.0.0.1:9999")
    await tunnel.close()
    assert sdk.arguments["close"]


async def test_lost_session_recovers():
    sdk = FakeSdk()
    tunnel = Tunnel(Ngrok(environ=TOKEN, sdk=sdk))
    await tunnel.open(9999)
    await asyncio.to_thread(sdk.arguments["handle_disconnection"], "connect.ngrok-agent.com:443", "timed out")
    assert "retries" in (await wait_for_state(tunnel, "lost")).reason
    await asyncio.to_thread(sdk.arguments["handle_heartbeat"], 20)
    await wait_for_state(tunnel, "open")
    await tunnel.close()
