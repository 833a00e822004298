"""``ssh``: a port of a host of one's own, which leads here by remote forwarding."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from ..errors import SettingsMissing, TunnelUnavailable
from .url import public_url

if TYPE_CHECKING:
    from .ssh_dial import Connection

SSH_FORM = "ssh://me@bot.example.org?port=8443&url=https://bot.example.org"


def dialing() -> ModuleType:
    """The module that needs asyncssh.

    Raises
    ------
    TunnelUnavailable
        When asyncssh is not installed.
    """
    try:
        from ..tunnels import ssh_dial
    except ImportError:
        raise TunnelUnavailable("asyncssh is not installed; run: pip install 'graphcall-nb[ssh]'") from None
    return ssh_dial


class Ssh:
    """A host of your own: its web server leads an ``https`` address to a port, and the port leads here.

    Nobody else reads the notifications on this way. The key needs no more than
    ``restrict,port-forwarding,permitlisten="127.0.0.1:PORT"`` in ``authorized_keys``.

    Parameters
    ----------
    host : the SSH server
    url : the public address that the web server there leads to ``remote_port``
    remote_port : the port there
    remote_host : the address there that the port is opened on
    user, port, client_keys, known_hosts
        As ``ssh`` takes them; ``None`` for what ``~/.ssh`` says.
    host_key
        The fingerprint that the server must show, ``SHA256:…``; ``None`` for what ``known_hosts`` says.
    keepalive
        Seconds between two questions whether the other side is there, and how many may stay without an answer.
    """

    name = "ssh"
    local_port: int | None = None

    def __init__(
        self,
        host: str,
        *,
        url: str,
        remote_port: int,
        remote_host: str = "127.0.0.1",
        user: str | None = None,
        port: int | None = None,
        client_keys: tuple[str, ...] = (),
        known_hosts: str | None = None,
        host_key: str | None = None,
        keepalive: tuple[float, int] = (1.0, 2),
    ) -> None:
        self._url = url
        self._remote = (remote_host, remote_port)
        self._target: dict[str, Any] = {
            "host": host,
            "user": user,
            "port": port,
            "client_keys": client_keys,
            "known_hosts": known_hosts,
            "host_key": host_key,
            "keepalive": keepalive,
        }

    @classmethod
    def of(cls, text: str) -> Ssh:
        """Read ``ssh://me@bot.example.org?port=8443&url=https://bot.example.org``; ``&host_key=SHA256:…`` may follow.

        Raises
        ------
        SettingsMissing
            When something is missing.

        Examples
        --------
        >>> Ssh.of("ssh://me@bot.example.org?port=8443&url=https://bot.example.org").name
        'ssh'
        """
        try:
            parts = urlsplit(text)
            # A fingerprint may have a plus sign, which a query would read as a blank.
            query = {key: values[0].replace(" ", "+") for key, values in parse_qs(parts.query).items()}
            return cls(
                parts.hostname or query["host"],
                user=parts.username,
                port=parts.port,
                url=query["url"],
                remote_port=int(query["port"]),
                host_key=query.get("host_key"),
            )
        except (KeyError, ValueError):
            raise SettingsMissing(f"An SSH tunnel is written {SSH_FORM}; host, port and url are needed.") from None

    async def check(self) -> str:
        dialing()
        public_url(self._url)
        return f"You gave the SSH host {self._target['host']}."

    async def connect(self, port: int) -> _Forward:
        url = public_url(self._url)
        module = dialing()
        connection = await module.dial(module.Target(**self._target))
        try:
            await connection.forward(*self._remote, port)
        except BaseException:
            connection.ssh.abort()
            raise
        return _Forward(url, connection)


class _Forward:
    """A forwarded port, open as long as its connection."""

    def __init__(self, url: str, connection: Connection) -> None:
        self.url = url
        self._connection = connection

    async def lost(self) -> str:
        return await self._connection.lost()

    async def healed(self) -> bool:
        return False

    async def close(self) -> None:
        await self._connection.close()
