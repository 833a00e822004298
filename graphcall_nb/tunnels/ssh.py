"""The providers that forward a port by SSH: ``ssh`` to a host of the user, and services that assign a URL.

asyncssh is optional, so functions import it when it is needed.
"""

from __future__ import annotations

import asyncio
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from ..errors import SettingsMissing, TunnelError, TunnelRefused, TunnelUnavailable
from .url import UrlScanner, normalize_public_url

if TYPE_CHECKING:
    import asyncssh

SSH_FORM = "ssh://me@bot.example.org?port=8443&url=https://bot.example.org"

CONNECT_TIMEOUT_SECONDS = 10.0
URL_TIMEOUT_SECONDS = 10.0
"""Time for a service to print the URL."""

NO_KNOWN_HOSTS: tuple[list[Any], list[Any], list[Any]] = ([], [], [])
"""An empty list of known hosts; for asyncssh, ``None`` would mean that every host is trusted."""


@dataclass(frozen=True)
class SshTarget:
    """An SSH server and the sign-in to it. ``None`` stands for ``~/.ssh/config`` or SSH's own default.

    Attributes
    ----------
    host, user, port, client_keys, known_hosts : as ``ssh`` takes them
    host_key : fingerprint of the server's key, ``SHA256:…``; ``None`` for the key in ``known_hosts``
    keepalive : seconds between two keepalive messages, and the number of unanswered ones that ends the connection
    anonymous : whether the server accepts every user, so that no key of this user is offered
    """

    host: str
    user: str | None = None
    port: int | None = None
    client_keys: tuple[str, ...] = ()
    known_hosts: str | None = None
    host_key: str | None = None
    keepalive: tuple[float, int] = (1.0, 2)
    anonymous: bool = False


class Ssh:
    """A host of the user: its web server leads an ``https`` URL to a port, and SSH forwards that port to this machine.

    No third party can read the notifications. The SSH key needs no more than
    ``restrict,port-forwarding,permitlisten="127.0.0.1:PORT"`` in ``authorized_keys``.

    Parameters
    ----------
    host : str
        The SSH server.
    url : str
        Public URL that the web server on the host leads to ``remote_port``.
    remote_port : int
        Forwarded port on the host.
    remote_host : str
        Address on the host to which the port is bound.
    user, port, client_keys, known_hosts : optional
        As ``ssh`` takes them; by default the values in ``~/.ssh``.
    host_key : str, optional
        Fingerprint of the server's key, ``SHA256:…``; ``None`` for the key in ``known_hosts``.
    keepalive : (float, int)
        Seconds between two keepalive messages, and the number of unanswered ones that ends the connection.
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
        self.url = url
        self.remote_host = remote_host
        self.remote_port = remote_port
        self.target = SshTarget(host, user, port, client_keys, known_hosts, host_key, keepalive)

    @classmethod
    def parse(cls, text: str) -> Ssh:
        """Parse ``ssh://me@bot.example.org?port=8443&url=https://bot.example.org``, with ``&host_key=SHA256:…`` or not.

        Raises
        ------
        SettingsMissing
            When host, port or url is missing.

        Examples
        --------
        >>> Ssh.parse("ssh://me@bot.example.org?port=8443&url=https://bot.example.org").remote_port
        8443
        """
        try:
            parts = urlsplit(text)
            # A fingerprint may contain a plus sign, which parse_qs decodes as a blank.
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
            raise SettingsMissing(f"Write an SSH tunnel as {SSH_FORM}; host, port and url are required.") from None

    async def check(self) -> str:
        _require_asyncssh()
        normalize_public_url(self.url)
        return f"You passed the SSH host {self.target.host}."

    async def connect(self, port: int) -> SshConnection:
        url = normalize_public_url(self.url)
        connection = await _connect(self.target)
        try:
            await connection.forward(self.remote_host, self.remote_port, port)
        except BaseException:
            connection.abort()
            raise
        connection.url = url
        return connection


@dataclass(frozen=True)
class SshServiceSpec:
    """Address of a service and form of the URL that it prints.

    Attributes
    ----------
    host, port, user : address of the SSH server, and the user name that it expects
    url_pattern : regular expression with the public URL in group 1
    listen_port : port that the client asks the service to forward
    """

    host: str
    url_pattern: str
    user: str | None = None
    port: int = 22
    listen_port: int = 80


# The patterns come from published transcripts; the services themselves were not used.
SERVICES = {
    "localhost.run": SshServiceSpec(
        "localhost.run", r"tunneled with tls termination, (https://[a-z0-9.-]+[a-z0-9])", user="nokey"
    ),
    "serveo": SshServiceSpec("serveo.net", r"Forwarding HTTP traffic from (https://[a-z0-9.-]+[a-z0-9])"),
    # Its banner also has the URLs of its dashboard and home page.
    "pinggy": SshServiceSpec(
        "free.pinggy.io",
        r"(https://(?!dashboard\.|docs\.|www\.)[a-z0-9-]+(?:\.[a-z0-9-]+)*\.pinggy(?:-free)?\.[a-z]+)",
        port=443,
        listen_port=0,
    ),
}
"""Services that assign a URL to anyone who connects by SSH, by name."""


class SshService:
    """A URL of a service that needs no account. The service can read every notification; for trying out only.

    Parameters
    ----------
    service : {"localhost.run", "serveo", "pinggy"}
        Name of the service.
    host_key : str, optional
        Fingerprint of the service's key, ``SHA256:…``; ``None`` for the key in ``known_hosts``. The error message for
        an unknown key shows its fingerprint.
    host, port, listen_port : optional
        Values that replace those of the service.
    known_hosts : str, optional
        File of known host keys; by default ``~/.ssh/known_hosts``.
    keepalive : (float, int)
        Seconds between two keepalive messages, and the number of unanswered ones that ends the connection.
    """

    local_port: int | None = None

    def __init__(
        self,
        service: str,
        *,
        host_key: str | None = None,
        host: str | None = None,
        port: int | None = None,
        listen_port: int | None = None,
        known_hosts: str | None = None,
        keepalive: tuple[float, int] = (5.0, 2),
    ) -> None:
        spec = SERVICES[service]
        self.name = service
        self._url_pattern = spec.url_pattern
        self._listen_port = spec.listen_port if listen_port is None else listen_port
        self._target = SshTarget(
            host=host or spec.host,
            user=spec.user,
            port=port or spec.port,
            known_hosts=known_hosts,
            host_key=host_key,
            keepalive=keepalive,
            anonymous=True,
        )

    async def check(self) -> str:
        _require_asyncssh()
        return f"{self.name} needs no account; it can read every notification, so use it for trying out only."

    async def connect(self, port: int) -> SshConnection:
        connection = await _connect(self._target)
        try:
            # These services expect "localhost", which OpenSSH clients send.
            await connection.forward("localhost", self._listen_port, port)
            await connection.read_url(self.name, self._url_pattern)
        except BaseException:
            connection.abort()
            raise
        return connection


@dataclass
class _ConnectionEvents:
    """Facts that asyncssh reports to its client object: the server's key, and the reason of a connection's end."""

    fingerprint: str = ""
    error: Exception | None = None


class SshConnection:
    """An SSH connection with one forwarded port."""

    def __init__(self, host: str, connection: asyncssh.SSHClientConnection, events: _ConnectionEvents) -> None:
        self.url = ""
        self._host = host
        self._connection = connection
        self._events = events
        self._scanner: UrlScanner | None = None
        self._output: Any = None

    async def forward(self, listen_host: str, listen_port: int, port: int) -> None:
        """Ask the server to forward ``listen_host:listen_port`` to a port of this machine."""
        import asyncssh

        try:
            await self._connection.forward_remote_port(listen_host, listen_port, "127.0.0.1", port)
        except asyncssh.ChannelListenError:
            # OpenSSH reports both causes alike.
            raise TunnelError(
                f"{self._host} does not forward its port {listen_port}. Either it is in use, for example by an earlier "
                "connection that the server has not dropped yet (ClientAliveInterval 15 in its sshd_config drops "
                f'those), or it is forbidden (permitlisten="{listen_host}:{listen_port}" for the key, '
                "AllowTcpForwarding yes)."
            ) from None
        except asyncssh.Error as error:
            raise TunnelError(_describe_end(self._host, error)) from None

    async def read_url(self, service: str, url_pattern: str) -> None:
        """Read the output of a session until the service prints the URL."""
        self._scanner = UrlScanner(url_pattern)
        process = await self._connection.create_process(term_type="dumb", stderr=asyncio.subprocess.STDOUT)
        self._output = process.stdout
        try:
            async with asyncio.timeout(URL_TIMEOUT_SECONDS):
                while text := await self._output.read(4096):
                    if url := self._scanner.feed(text):
                        self.url = url
                        return
        except TimeoutError:
            pass
        raise TunnelError(f"{service} gave no public address; its last output: {self._scanner.last_line}")

    async def wait_lost(self) -> str:
        """Wait until the connection ends or the service prints another URL."""
        waits = [asyncio.create_task(self._wait_closed())]
        if self._scanner is not None:
            waits.append(asyncio.create_task(self._wait_other_url(self._scanner)))
        try:
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        return next(wait.result() for wait in waits if wait in done)

    async def _wait_closed(self) -> str:
        await self._connection.wait_closed()
        return _describe_end(self._host, self._events.error)

    async def _wait_other_url(self, scanner: UrlScanner) -> str:
        while text := await self._output.read(4096):
            if scanner.feed(text) not in (None, self.url):
                return "The service gave another address; the tunnel is reopened."
        return await self._wait_closed()

    async def recover(self) -> bool:
        return False

    async def close(self) -> None:
        self._connection.close()
        await self._connection.wait_closed()

    def abort(self) -> None:
        """Close the connection without waiting for the server."""
        self._connection.abort()


def _require_asyncssh() -> None:
    try:
        import asyncssh  # noqa: F401
    except ImportError:
        raise TunnelUnavailable("asyncssh is not installed; run: pip install 'graphcall-nb[ssh]'") from None


async def _connect(target: SshTarget) -> SshConnection:
    """Connect and sign in.

    Raises
    ------
    TunnelRefused
        When the server's key or the user's key is not accepted.
    TunnelError
        When the server cannot be reached.
    """
    _require_asyncssh()
    import asyncssh

    events = _ConnectionEvents()
    client = _make_client(target.host_key, events)
    try:
        connection = await asyncssh.connect(target.host, client_factory=lambda: client, **_make_options(target))
    except asyncssh.HostKeyNotVerifiable:
        raise TunnelRefused(_describe_untrusted_key(target, events.fingerprint)) from None
    except asyncssh.PermissionDenied:
        raise TunnelRefused(
            f"{target.host} does not accept {target.user or 'this user'} with the available keys; add your public key "
            "to authorized_keys on the host, or pass the right key as client_keys."
        ) from None
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
        keys = ", ".join(target.client_keys) or "in ~/.ssh"
        raise TunnelUnavailable(
            f"The key {keys} cannot be read ({error}); pass another one, or add it to an SSH agent."
        ) from None
    except (OSError, TimeoutError, asyncssh.Error) as error:
        raise TunnelError(_describe_unreachable(target, error)) from None
    return SshConnection(target.host, connection, events)


def _make_client(host_key: str | None, events: _ConnectionEvents) -> asyncssh.SSHClient:
    """Return an asyncssh client that checks the server's key and records events."""
    import asyncssh

    class Client(asyncssh.SSHClient):
        def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
            events.fingerprint = key.get_fingerprint()
            return events.fingerprint == host_key

        def connection_lost(self, exc: Exception | None) -> None:
            events.error = exc

    return Client()


def _make_options(target: SshTarget) -> dict[str, Any]:
    """Return the keyword arguments of ``asyncssh.connect``."""
    interval, count = target.keepalive
    options: dict[str, Any] = {
        "connect_timeout": CONNECT_TIMEOUT_SECONDS,
        "login_timeout": CONNECT_TIMEOUT_SECONDS,
        "keepalive_interval": interval,
        "keepalive_count_max": count,
    }
    if target.user is not None:
        options["username"] = target.user
    if target.port is not None:
        options["port"] = target.port
    if target.anonymous:
        options |= {"client_keys": None, "agent_path": None, "password": ""}
    elif target.client_keys:
        options["client_keys"] = [os.path.expanduser(key) for key in target.client_keys]
    if target.host_key is not None:
        options["known_hosts"] = NO_KNOWN_HOSTS  # only the pinned key is trusted
    elif target.known_hosts is not None:
        path = Path(os.path.expanduser(target.known_hosts))
        options["known_hosts"] = str(path) if path.is_file() else NO_KNOWN_HOSTS
    return options


def _describe_untrusted_key(target: SshTarget, fingerprint: str) -> str:
    if target.host_key is not None:
        return (
            f"{target.host} shows the host key {fingerprint}, not the pinned {target.host_key}: the connection may be "
            "intercepted. Ask the server's administrator; pin the new key only if it was changed on purpose."
        )
    if _is_known_host(target):
        return (
            f"{target.host} shows the host key {fingerprint}, not the one in known_hosts: the connection may be "
            "intercepted. Ask the server's administrator; if the key was changed on purpose, run "
            f"ssh-keygen -R {target.host}."
        )
    return (
        f"The host key of {target.host} is unknown. The server shows {fingerprint}: compare it with the fingerprint "
        f"that its owner publishes, then pass host_key='{fingerprint}'."
    )


def _is_known_host(target: SshTarget) -> bool:
    import asyncssh

    path = os.path.expanduser(target.known_hosts or "~/.ssh/known_hosts")
    try:
        return any(asyncssh.match_known_hosts(path, target.host, "", target.port))
    except (OSError, ValueError):
        return False


def _describe_unreachable(target: SshTarget, error: Exception) -> str:
    import asyncssh

    address = f"{target.host} port {target.port or 22}"
    match error:
        case socket.gaierror():
            return f"The name {target.host} cannot be resolved; check its spelling and this network."
        case ConnectionRefusedError():
            return f"No SSH server answers at {address}; start it, or correct host and port."
        case TimeoutError():
            return f"{address} does not answer; check whether this network allows outgoing SSH."
        case asyncssh.Error():
            return _describe_end(target.host, error)
        case _:
            reason = error.strerror if isinstance(error, OSError) else error
            return f"{address} cannot be reached ({reason}); try again."


def _describe_end(host: str, error: Exception | None) -> str:
    if error is None:
        return f"{host} ended the SSH connection."
    reason = getattr(error, "reason", "") or str(error) or type(error).__name__
    return f"The SSH connection to {host} is lost: {reason.rstrip('.')}."
