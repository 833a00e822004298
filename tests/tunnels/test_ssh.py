"""The tunnel to a host of the user, with a real OpenSSH server and a real web server with TLS."""

import asyncio
import os
import signal
import time

import httpx
import pytest

from graphcall_nb.errors import SettingsMissing, TunnelError, TunnelRefused, TunnelUnavailable
from graphcall_nb.tunnels import Ssh, Tunnel

from .fakes import wait_for_state
from .servers import RecordingListener, free_port, serve
from .ssh_server import SshServer, needs_caddy, needs_sshd, run_caddy

pytestmark = [needs_sshd, pytest.mark.slow]


@pytest.fixture
def sshd(tmp_path):
    with SshServer.prepare(tmp_path).run() as server:
        yield server


@pytest.fixture
async def tunnel(sshd):
    tunnel = Tunnel(sshd.provider())
    yield tunnel
    await tunnel.close()


@needs_caddy
async def test_request_through_the_public_path(sshd, tmp_path):
    listener = RecordingListener()
    with run_caddy(tmp_path, sshd.remote_port) as (url, ssl_context):
        tunnel = Tunnel(sshd.provider(url=url))
        async with serve(listener) as port, httpx.AsyncClient(verify=ssl_context) as graph:
            public = await tunnel.open(port)
            response = await graph.post(
                f"{public}/callbacks/x", content="{}", headers={"Authorization": "Bearer a.b.c"}
            )
            assert (response.status_code, response.text) == (202, "request 1")
            await tunnel.close()
            assert (await graph.post(f"{public}/callbacks/x")).status_code == 502
    (request,) = listener.requests
    assert (request[1], request[3]["authorization"]) == ("/callbacks/x", "Bearer a.b.c")


@needs_caddy
async def test_requests_after_a_server_was_killed_in_traffic_all_arrive(sshd, tmp_path):
    listener = RecordingListener()
    with run_caddy(tmp_path, sshd.remote_port) as (url, ssl_context):
        tunnel = Tunnel(sshd.provider(url=url))
        async with serve(listener) as port, httpx.AsyncClient(verify=ssl_context, timeout=30) as graph:
            await tunnel.open(port)
            accepted = []
            traffic = asyncio.create_task(send_repeatedly(graph, url, accepted))
            await listener.wait_for(20)
            sshd.kill()
            await wait_for_state(tunnel, "reopening")
            with sshd.run():
                await wait_for_state(tunnel, "open")
                sent_later = [f"later {number}" for number in range(50)]
                responses = [await graph.post(url, content=body) for body in sent_later]
                traffic.cancel()
                await tunnel.close()
            assert {response.status_code for response in responses} == {202}
            assert set(sent_later) <= set(listener.bodies)
            assert set(accepted) <= set(listener.bodies)


async def send_repeatedly(graph, url, accepted):
    number = 0
    while True:
        number += 1
        response = await graph.post(url, content=f"traffic {number}")
        if response.status_code == 202:
            accepted.append(f"traffic {number}")
        await asyncio.sleep(0.005)


async def test_reopened_within_two_seconds_of_the_server(sshd, tunnel):
    await tunnel.open(9999)
    sshd.kill()
    await wait_for_state(tunnel, "reopening")
    await asyncio.sleep(3)  # without a server, until the delays are at their longest
    with sshd.run():
        server_started = time.monotonic()
        await wait_for_state(tunnel, "open")
        reopened_after = time.monotonic() - server_started
        await tunnel.open(9999)  # measures the time to connect on this machine
        assert reopened_after - (time.monotonic() - server_started - reopened_after) < 2
        await tunnel.close()


async def measure_oversleep(seconds):
    """Return how many seconds longer than requested this machine sleeps."""
    start = time.monotonic()
    await asyncio.sleep(seconds)
    return time.monotonic() - start - seconds


async def test_frozen_server_is_detected_and_left(sshd, tunnel):
    await tunnel.open(9999)
    sessions = sshd.sessions()
    for pid in sessions:
        os.kill(pid, signal.SIGSTOP)
    frozen_at, oversleep = time.monotonic(), asyncio.create_task(measure_oversleep(3))
    lost = await wait_for_state(tunnel, "lost")
    assert time.monotonic() - frozen_at - await oversleep < 5
    assert "not responding" in lost.reason
    for pid in sessions:
        os.kill(pid, signal.SIGCONT)
    await wait_for_state(tunnel, "open")


async def test_port_held_by_a_frozen_session_is_reported(sshd, tunnel):
    await tunnel.open(9999)
    for pid in sshd.sessions():
        os.kill(pid, signal.SIGSTOP)
    async with asyncio.timeout(20):
        async for status in tunnel.changes():
            if "ClientAliveInterval" in status.reason:
                break


async def test_listener_moves_to_another_port(sshd, tunnel):
    listener = RecordingListener()
    await tunnel.open(free_port())
    async with serve(listener) as port, httpx.AsyncClient() as web_server:
        await tunnel.open(port)
        assert (await web_server.post(f"http://127.0.0.1:{sshd.remote_port}/")).status_code == 202


async def test_pinned_host_key(sshd, tmp_path):
    tunnel = Tunnel(sshd.provider(known_hosts=str(tmp_path / "none"), host_key=sshd.fingerprint))
    assert await tunnel.open(9999) == "https://bot.example.org"
    await tunnel.close()


# ---- failures and their messages


async def read_error(provider, error_class=TunnelError):
    with pytest.raises(error_class) as raised:
        await Tunnel(provider).open(9999)
    assert raised.type is error_class
    return str(raised.value)


async def test_unknown_host_key_is_in_the_message(sshd, tmp_path):
    (tmp_path / "empty").touch()
    message = await read_error(sshd.provider(known_hosts=str(tmp_path / "empty")), TunnelRefused)
    assert f"host_key='{sshd.fingerprint}'" in message


async def test_changed_host_key(sshd, tmp_path):
    other = (tmp_path / "user.pub").read_text()
    (tmp_path / "known_hosts").write_text(f"[127.0.0.1]:{sshd.port} {other}")
    assert "not the one in known_hosts" in await read_error(sshd.provider(), TunnelRefused)


async def test_host_key_other_than_the_pinned_one(sshd):
    message = await read_error(sshd.provider(host_key="SHA256:other"), TunnelRefused)
    assert "not the pinned SHA256:other" in message


async def test_key_that_is_not_authorized(sshd, tmp_path):
    (tmp_path / "authorized_keys").write_text("")
    assert "authorized_keys" in await read_error(sshd.provider(), TunnelRefused)


async def test_revoked_key_ends_the_attempts(sshd, tmp_path, tunnel):
    await tunnel.open(9999)
    (tmp_path / "authorized_keys").write_text("")
    for pid in sshd.sessions():
        os.kill(pid, signal.SIGKILL)
    assert "authorized_keys" in (await wait_for_state(tunnel, "closed")).reason


async def test_port_that_is_not_permitted(sshd):
    sshd.permit(free_port())
    assert f'permitlisten="127.0.0.1:{sshd.remote_port}"' in await read_error(sshd.provider())


async def test_port_in_use(sshd, tunnel):
    await tunnel.open(9999)
    assert "it is in use" in await read_error(sshd.provider())


async def test_server_that_does_not_run(sshd):
    assert "No SSH server answers" in await read_error(sshd.provider(port=free_port()))


async def test_host_name_that_does_not_exist():
    provider = Ssh("bot.invalid", url="https://bot.example.org", remote_port=8443)
    assert "cannot be resolved" in await read_error(provider)


async def test_invalid_key_file(sshd, tmp_path):
    (tmp_path / "invalid").write_text("invalid")
    message = await read_error(sshd.provider(client_keys=(str(tmp_path / "invalid"),)), TunnelUnavailable)
    assert f"{tmp_path}/invalid cannot be read" in message


async def test_server_of_another_protocol():
    async with serve(RecordingListener()) as port:
        provider = Ssh("127.0.0.1", url="https://bot.example.org", remote_port=8443, port=port, host_key="SHA256:x")
        assert "is lost" in await read_error(provider)


# ---- text form


def test_text_form_of_an_ssh_tunnel():
    provider = Ssh.parse("ssh://me@bot.example.org:2222?port=8443&url=https://bot.example.org/g&host_key=SHA256:a+b/c")
    assert provider.target.host_key == "SHA256:a+b/c"
    assert (provider.target.user, provider.target.port, provider.remote_port) == ("me", 2222, 8443)


@pytest.mark.parametrize("text", ["ssh://h?url=https://x", "ssh://h?port=1x&url=https://x", "ssh:", "ssh://h:99999999"])
def test_text_form_with_a_missing_part(text):
    with pytest.raises(SettingsMissing, match=r"ssh://me@bot\.example\.org"):
        Ssh.parse(text)
