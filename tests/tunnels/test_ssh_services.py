"""The services that assign a URL: a real SSH server that forwards a port and prints their transcripts."""

import asyncssh
import pytest

from graphcall_nb.errors import TunnelError, TunnelRefused
from graphcall_nb.tunnels import SshService, Tunnel, select_tunnel
from graphcall_nb.tunnels.ssh import SERVICES

from .fakes import wait_for_state
from .servers import free_port
from .test_url_scanner import LOCALHOST_RUN, TRANSCRIPTS


class AnonymousServer(asyncssh.SSHServer):
    """An SSH server that accepts every user and forwards a port for each."""

    def begin_auth(self, username):
        return False

    def server_requested(self, listen_host, listen_port):
        return True


class FakeService:
    """A service on a port of this machine that prints a text in each session."""

    def __init__(self, text, stays_open=True):
        self.text = text
        self.stays_open = stays_open
        self.key = asyncssh.generate_private_key("ssh-ed25519")
        self.sessions = []
        self.connections = []

    async def __aenter__(self):
        self.server = await asyncssh.create_server(
            AnonymousServer, "127.0.0.1", 0, server_host_keys=[self.key], process_factory=self._handle_session
        )
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self.drop_connections()
        self.server.close()

    async def _handle_session(self, process):
        self.sessions.append(process)
        self.connections.append(process.get_extra_info("connection"))
        process.stdout.write(self.text)
        if self.stays_open:
            await process.stdin.read()
        process.exit(1)

    def drop_connections(self):
        for connection in self.connections:
            connection.abort()

    def provider(self, name, **changes):
        settings = {"host": "127.0.0.1", "port": self.port, "listen_port": 0, "host_key": self.key.get_fingerprint()}
        return SshService(name, **settings | changes)  # listen_port 0: port 80 is not free everywhere


@pytest.mark.parametrize(("name", "text", "url"), TRANSCRIPTS)
async def test_printed_url_is_the_public_url(name, text, url):
    async with FakeService(text) as service:
        tunnel = Tunnel(service.provider(name))
        assert await tunnel.open(9999) == url
        await tunnel.close()


async def test_url_change_after_a_lost_connection():
    changes = []
    async with FakeService(LOCALHOST_RUN) as service:
        tunnel = Tunnel(service.provider("localhost.run"))
        tunnel.on_url_change(lambda old, new: changes.append((old, new)))
        await tunnel.open(9999)
        service.text = LOCALHOST_RUN.replace("4d5e6f7a8b9c0d", "0123")
        service.drop_connections()
        await wait_for_state(tunnel, "lost")
        await wait_for_state(tunnel, "open")
        await tunnel.close()
    assert changes == [("https://4d5e6f7a8b9c0d.lhr.life", "https://0123.lhr.life")]


async def test_url_change_in_the_same_connection_reopens_the_tunnel():
    async with FakeService(LOCALHOST_RUN) as service:
        tunnel = Tunnel(service.provider("localhost.run"))
        await tunnel.open(9999)
        service.text = LOCALHOST_RUN.replace("4d5e6f7a8b9c0d", "0123")
        service.sessions[0].stdout.write("0123.lhr.life tunneled with tls termination, https://0123.lhr.life\n")
        assert "another address" in (await wait_for_state(tunnel, "lost")).reason
        assert (await wait_for_state(tunnel, "open")).url == "https://0123.lhr.life"
        await tunnel.close()


async def test_service_that_prints_another_text():
    async with FakeService("Sorry, this network is blocked.\n", stays_open=False) as service:
        with pytest.raises(TunnelError, match="its last output: Sorry, this network is blocked"):
            await Tunnel(service.provider("serveo")).open(9999)


async def test_unknown_host_key_is_in_the_message(tmp_path):
    async with FakeService("") as service:
        provider = service.provider("serveo", host_key=None, known_hosts=str(tmp_path / "none"))
        with pytest.raises(TunnelRefused, match="is unknown") as raised:
            await Tunnel(provider).open(9999)
        assert f"host_key='{service.key.get_fingerprint()}'" in str(raised.value)


async def test_service_that_does_not_run():
    with pytest.raises(TunnelError, match="No SSH server answers"):
        await Tunnel(SshService("pinggy", host="127.0.0.1", port=free_port(), host_key="SHA256:x")).open(9999)


@pytest.mark.parametrize("name", SERVICES)
async def test_service_is_selected_by_name_with_a_warning(name):
    selected = await select_tunnel(f"{name}:SHA256:a/b")
    assert selected.tunnel.provider.name == name
    assert "can read every notification" in selected.reason
