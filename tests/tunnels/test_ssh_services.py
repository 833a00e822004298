"""The services that announce an address: a real SSH server that forwards a port and prints what they print."""

from dataclasses import replace

import asyncssh
import pytest

from graphcall_nb.errors import TunnelError, TunnelRefused
from graphcall_nb.tunnels.base import Tunnel
from graphcall_nb.tunnels.choose import choose
from graphcall_nb.tunnels.ssh_services import SERVICES, SshService

from .pretend import until
from .servers import free_port
from .test_announced import ANNOUNCED, LOCALHOST_RUN


class Everybody(asyncssh.SSHServer):
    """Lets everybody in, and forwards a port for everybody."""

    def begin_auth(self, username):
        return False

    def server_requested(self, listen_host, listen_port):
        return True


class Running:
    """A service on a port of this machine that prints a text to everybody who connects."""

    def __init__(self, text, stays=True):
        self.text = text
        self.stays = stays
        self.key = asyncssh.generate_private_key("ssh-ed25519")
        self.sessions = []
        self.connections = []

    async def __aenter__(self):
        self.server = await asyncssh.create_server(
            Everybody, "127.0.0.1", 0, server_host_keys=[self.key], process_factory=self._talk
        )
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self.hang_up()
        self.server.close()

    async def _talk(self, process):
        self.sessions.append(process)
        self.connections.append(process.get_extra_info("connection"))
        process.stdout.write(self.text)
        if self.stays:
            await process.stdin.read()
        process.exit(1)

    def hang_up(self):
        for connection in self.connections:
            connection.abort()

    def provider(self, name, **changes):
        # A port of the test's own choosing: 80 is not free everywhere.
        service = replace(SERVICES[name], listen_port=0)
        settings = {"host": "127.0.0.1", "port": self.port, "host_key": self.key.get_fingerprint(), **changes}
        return SshService(service, **settings)


@pytest.mark.parametrize(("name", "text", "url"), ANNOUNCED)
async def test_the_announced_address_is_the_public_one(name, text, url):
    async with Running(text) as service:
        tunnel = Tunnel(service.provider(name))
        assert await tunnel.open(9999) == url
        await tunnel.close()


async def test_another_address_after_a_lost_connection_is_announced():
    changes = []
    async with Running(LOCALHOST_RUN) as service:
        tunnel = Tunnel(service.provider("localhost.run"))
        tunnel.on_url_change(lambda old, new: changes.append((old, new)))
        await tunnel.open(9999)
        service.text = LOCALHOST_RUN.replace("4d5e6f7a8b9c0d", "0123")
        service.hang_up()
        await until(tunnel, "lost")
        await until(tunnel, "open")
        await tunnel.close()
    assert changes == [("https://4d5e6f7a8b9c0d.lhr.life", "https://0123.lhr.life")]


async def test_another_address_in_the_same_connection_opens_the_tunnel_anew():
    async with Running(LOCALHOST_RUN) as service:
        tunnel = Tunnel(service.provider("localhost.run"))
        await tunnel.open(9999)
        service.text = LOCALHOST_RUN.replace("4d5e6f7a8b9c0d", "0123")
        service.sessions[0].stdout.write("0123.lhr.life tunneled with tls termination, https://0123.lhr.life\n")
        assert "another address" in (await until(tunnel, "lost")).reason
        assert (await until(tunnel, "open")).url == "https://0123.lhr.life"
        await tunnel.close()


async def test_a_service_that_says_something_else():
    async with Running("Sorry, this network is blocked.\n", stays=False) as service:
        with pytest.raises(TunnelError, match="its last words: Sorry, this network is blocked"):
            await Tunnel(service.provider("serveo")).open(9999)


async def test_the_host_key_of_a_service_is_shown(tmp_path):
    async with Running("") as service:
        provider = service.provider("serveo", host_key=None, known_hosts=str(tmp_path / "none"))
        with pytest.raises(TunnelRefused, match="is not known here") as raised:
            await Tunnel(provider).open(9999)
        assert f"host_key='{service.key.get_fingerprint()}'" in str(raised.value)


async def test_a_service_that_is_not_there():
    with pytest.raises(TunnelError, match="No SSH server answers"):
        await Tunnel(SshService("pinggy", host="127.0.0.1", port=free_port(), host_key="SHA256:x")).open(9999)


@pytest.mark.parametrize("name", SERVICES)
async def test_a_service_is_chosen_by_its_name_with_a_warning(name):
    choice = await choose(f"{name}:SHA256:a/b")
    assert choice.tunnel.provider.name == name
    assert "reads every notification" in choice.why
