"""The tunnel to a host of one's own, against a real OpenSSH server and a real web server with TLS."""

import asyncio
import os
import signal
import time

import httpx
import pytest

from graphcall_nb.errors import SettingsMissing, TunnelError, TunnelRefused, TunnelUnavailable
from graphcall_nb.tunnels.base import Tunnel
from graphcall_nb.tunnels.ssh import Ssh

from .pretend import until
from .servers import Heard, free_port, listening
from .way import SshServer, caddy, needs_caddy, needs_sshd

pytestmark = needs_sshd


@pytest.fixture
def sshd(tmp_path):
    with SshServer.prepare(tmp_path).running() as server:
        yield server


@pytest.fixture
async def tunnel(sshd):
    tunnel = Tunnel(sshd.provider())
    yield tunnel
    await tunnel.close()


@needs_caddy
async def test_the_whole_public_way(sshd, tmp_path):
    heard = Heard()
    with caddy(tmp_path, sshd.remote_port) as (url, trusted):
        tunnel = Tunnel(sshd.provider(url=url))
        async with listening(heard) as port, httpx.AsyncClient(verify=trusted) as graph:
            public = await tunnel.open(port)
            answer = await graph.post(f"{public}/callbacks/x", content="{}", headers={"Authorization": "Bearer a.b.c"})
            assert (answer.status_code, answer.text) == (202, "heard 1")
            await tunnel.close()
            assert (await graph.post(f"{public}/callbacks/x")).status_code == 502
    (request,) = heard.requests
    assert (request[1], request[3]["authorization"]) == ("/callbacks/x", "Bearer a.b.c")


@needs_caddy
async def test_a_server_killed_in_traffic_loses_nothing_that_is_sent_later(sshd, tmp_path):
    heard = Heard()
    with caddy(tmp_path, sshd.remote_port) as (url, trusted):
        tunnel = Tunnel(sshd.provider(url=url))
        async with listening(heard) as port, httpx.AsyncClient(verify=trusted, timeout=30) as graph:
            await tunnel.open(port)
            taken = []
            traffic = asyncio.create_task(send_for_ever(graph, url, taken))
            await heard.wait_for(20)
            sshd.kill()
            await until(tunnel, "reopening")
            with sshd.running():
                await until(tunnel, "open")
                sent_later = [f"later {number}" for number in range(50)]
                answers = [await graph.post(url, content=body) for body in sent_later]
                traffic.cancel()
                await tunnel.close()
            assert {answer.status_code for answer in answers} == {202}
            assert set(sent_later) <= set(heard.bodies)
            assert set(taken) <= set(heard.bodies)


async def send_for_ever(graph, url, taken):
    number = 0
    while True:
        number += 1
        answer = await graph.post(url, content=f"traffic {number}")
        if answer.status_code == 202:
            taken.append(f"traffic {number}")
        await asyncio.sleep(0.005)


async def test_back_within_two_seconds_of_the_server(sshd, tunnel):
    await tunnel.open(9999)
    sshd.kill()
    await until(tunnel, "reopening")
    await asyncio.sleep(3)  # a while without a server, so that the waits are at their longest
    with sshd.running():
        up = time.monotonic()
        await until(tunnel, "open")
        back = time.monotonic() - up
        await tunnel.open(9999)  # how long connecting takes on this machine
        assert back - (time.monotonic() - up - back) < 2
        await tunnel.close()


async def lateness(seconds):
    """How much later than asked this machine wakes somebody up who sleeps."""
    start = time.monotonic()
    await asyncio.sleep(seconds)
    return time.monotonic() - start - seconds


async def test_a_frozen_peer_is_noticed_and_left(sshd, tunnel):
    await tunnel.open(9999)
    sessions = sshd.sessions()
    for pid in sessions:
        os.kill(pid, signal.SIGSTOP)
    frozen, late = time.monotonic(), asyncio.create_task(lateness(3))
    lost = await until(tunnel, "lost")
    assert time.monotonic() - frozen - await late < 5
    assert "not responding" in lost.reason
    for pid in sessions:
        os.kill(pid, signal.SIGCONT)
    await until(tunnel, "open")


async def test_a_port_held_by_a_frozen_session_is_told(sshd, tunnel):
    await tunnel.open(9999)
    for pid in sshd.sessions():
        os.kill(pid, signal.SIGSTOP)
    async with asyncio.timeout(20):
        async for status in tunnel.changes():
            if "ClientAliveInterval" in status.reason:
                break


async def test_the_listener_may_move_to_another_port(sshd, tunnel):
    heard = Heard()
    await tunnel.open(free_port())
    async with listening(heard) as port, httpx.AsyncClient() as web_server:
        await tunnel.open(port)
        assert (await web_server.post(f"http://127.0.0.1:{sshd.remote_port}/")).status_code == 202


async def test_a_pinned_host_key(sshd, tmp_path):
    tunnel = Tunnel(sshd.provider(known_hosts=str(tmp_path / "none"), host_key=sshd.fingerprint))
    assert await tunnel.open(9999) == "https://bot.example.org"
    await tunnel.close()


# ---- what goes wrong, each in a sentence


async def refusal(provider, kind=TunnelError):
    with pytest.raises(kind) as raised:
        await Tunnel(provider).open(9999)
    assert raised.type is kind
    return str(raised.value)


async def test_an_unknown_host_key_is_shown(sshd, tmp_path):
    (tmp_path / "empty").touch()
    words = await refusal(sshd.provider(known_hosts=str(tmp_path / "empty")), TunnelRefused)
    assert f"host_key='{sshd.fingerprint}'" in words


async def test_a_changed_host_key(sshd, tmp_path):
    other = (tmp_path / "user.pub").read_text()
    (tmp_path / "known_hosts").write_text(f"[127.0.0.1]:{sshd.port} {other}")
    assert "not the one in known_hosts" in await refusal(sshd.provider(), TunnelRefused)


async def test_a_host_key_that_is_not_the_pinned_one(sshd):
    words = await refusal(sshd.provider(host_key="SHA256:other"), TunnelRefused)
    assert "not the pinned SHA256:other" in words


async def test_a_key_that_is_not_let_in(sshd, tmp_path):
    (tmp_path / "authorized_keys").write_text("")
    assert "authorized_keys" in await refusal(sshd.provider(), TunnelRefused)


async def test_a_key_that_changed_on_the_way_ends_the_attempts(sshd, tmp_path, tunnel):
    await tunnel.open(9999)
    (tmp_path / "authorized_keys").write_text("")
    for pid in sshd.sessions():
        os.kill(pid, signal.SIGKILL)
    assert "authorized_keys" in (await until(tunnel, "closed")).reason


async def test_a_port_that_is_not_permitted(sshd):
    sshd.permit(free_port())
    assert f'permitlisten="127.0.0.1:{sshd.remote_port}"' in await refusal(sshd.provider())


async def test_a_port_that_is_taken(sshd, tunnel):
    await tunnel.open(9999)
    assert "it is taken" in await refusal(sshd.provider())


async def test_no_server(sshd):
    assert "No SSH server answers" in await refusal(sshd.provider(port=free_port()))


async def test_a_name_that_does_not_exist():
    provider = Ssh("bot.invalid", url="https://bot.example.org", remote_port=8443)
    assert "cannot be resolved" in await refusal(provider)


async def test_a_key_file_that_is_none(sshd, tmp_path):
    (tmp_path / "rubbish").write_text("rubbish")
    words = await refusal(sshd.provider(client_keys=(str(tmp_path / "rubbish"),)), TunnelUnavailable)
    assert f"{tmp_path}/rubbish cannot be read" in words


async def test_a_server_that_speaks_something_else():
    async with listening(Heard()) as port:
        provider = Ssh("127.0.0.1", url="https://bot.example.org", remote_port=8443, port=port, host_key="SHA256:x")
        assert "is lost" in await refusal(provider)


# ---- written as a text


def test_an_ssh_tunnel_in_one_line():
    provider = Ssh.of("ssh://me@bot.example.org:2222?port=8443&url=https://bot.example.org/g&host_key=SHA256:a+b/c")
    assert provider._target["host_key"] == "SHA256:a+b/c"
    assert (provider._target["user"], provider._target["port"], provider._remote[1]) == ("me", 2222, 8443)


@pytest.mark.parametrize("text", ["ssh://h?url=https://x", "ssh://h?port=1x&url=https://x", "ssh:", "ssh://h:99999999"])
def test_an_ssh_tunnel_with_something_missing(text):
    with pytest.raises(SettingsMissing, match=r"ssh://me@bot\.example\.org"):
        Ssh.of(text)
