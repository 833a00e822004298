"""ngrok: what goes wrong with the real SDK, and what it would do with a session, on a stand-in for its servers."""

import asyncio
import socket
from types import SimpleNamespace

import pytest

from graphcall_nb.errors import TunnelError, TunnelRefused, TunnelUnavailable
from graphcall_nb.tunnels.base import Tunnel
from graphcall_nb.tunnels.choose import choose
from graphcall_nb.tunnels.ngrok import Ngrok

from .pretend import until
from .servers import free_port

TOKEN = {"NGROK_AUTHTOKEN": "2abcDEF_t0ken"}


class Sdk:
    """What the SDK's builders do, with the network left out. ``error`` is what connecting raises."""

    def __init__(self, error=None, url="https://ann.ngrok.app"):
        self.error = error
        self.url = url
        self.asked = {}

    def SessionBuilder(self):  # noqa: N802 - ngrok's name
        return self

    def __getattr__(self, name):
        def ask(*values):
            self.asked[name] = values[0] if values else None
            return self

        return ask

    async def connect(self):
        if self.error:
            raise self.error
        return self

    async def listen_and_forward(self, url):
        self.asked["to"] = url
        return SimpleNamespace(url=lambda: self.url)

    async def close(self):
        self.asked["close"] = True


# ---- the real SDK


async def test_without_a_token():
    with pytest.raises(TunnelUnavailable, match="NGROK_AUTHTOKEN is not set"):
        await choose(Ngrok(environ={}))


async def test_with_a_token_it_can_be_tried():
    assert "NGROK_AUTHTOKEN is set" in (await choose(Ngrok(environ=TOKEN))).why


async def test_no_server_to_be_reached():
    with pytest.raises(TunnelError, match="cannot be reached"):
        await Tunnel(Ngrok(environ=TOKEN, server=f"127.0.0.1:{free_port()}")).open(9999)


async def test_a_server_that_says_nothing():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        provider = Ngrok(environ=TOKEN, server=f"127.0.0.1:{silent.getsockname()[1]}", seconds=0.3)
        with pytest.raises(TunnelError, match="cannot be reached"):
            await Tunnel(provider).open(9999)


async def test_a_server_that_is_not_ngroks():
    async def talk(reader, writer):
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        provider = Ngrok(environ=TOKEN, server=f"127.0.0.1:{server.sockets[0].getsockname()[1]}")
        with pytest.raises(TunnelError, match="cannot be reached"):
            await Tunnel(provider).open(9999)


# ---- what its servers refuse, in the words of others' records


@pytest.mark.parametrize(
    ("code", "said", "kind"),
    [
        ("105", "copy it anew from https://dashboard", TunnelRefused),
        ("4018", "an account that is verified", TunnelRefused),
        ("319", "reserve it", TunnelRefused),
        ("108", "stop that one", TunnelError),
        ("334", "in use by another agent", TunnelError),
        ("9999", "err_ngrok_9999", TunnelRefused),
    ],
)
async def test_what_ngrok_refuses(code, said, kind):
    text = f"The authtoken is wrong.\nYour authtoken: {TOKEN['NGROK_AUTHTOKEN']}\r\n\r\nERR_NGROK_{code}\r\n"
    with pytest.raises(TunnelError, match=said) as raised:
        await Tunnel(Ngrok(environ=TOKEN, sdk=Sdk(ValueError("failed to connect session", text)))).open(9999)
    assert raised.type is kind
    assert TOKEN["NGROK_AUTHTOKEN"] not in str(raised.value)


# ---- a session


async def test_the_address_and_where_it_leads():
    sdk = Sdk()
    tunnel = Tunnel(Ngrok("ann.ngrok.app", environ=TOKEN, sdk=sdk))
    assert await tunnel.open(9999) == "https://ann.ngrok.app"
    assert (sdk.asked["domain"], sdk.asked["to"]) == ("ann.ngrok.app", "http://127.0.0.1:9999")
    await tunnel.close()
    assert sdk.asked["close"]


async def test_a_lost_session_heals_by_itself():
    sdk = Sdk()
    tunnel = Tunnel(Ngrok(environ=TOKEN, sdk=sdk))
    await tunnel.open(9999)
    await asyncio.to_thread(sdk.asked["handle_disconnection"], "connect.ngrok-agent.com:443", "timed out")
    assert "tries again" in (await until(tunnel, "lost")).reason
    await asyncio.to_thread(sdk.asked["handle_heartbeat"], 20)
    await until(tunnel, "open")
    await tunnel.close()
