"""Connecting by SSH: whom to trust, and what went wrong in words. The one file that needs asyncssh."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncssh

from ..errors import TunnelError, TunnelRefused, TunnelUnavailable

CONNECT_SECONDS = 10.0

NO_KEYS: tuple[list[Any], list[Any], list[Any]] = ([], [], [])
"""Known hosts of which there are none; ``None`` would mean that every host is trusted."""


@dataclass(frozen=True)
class Target:
    """An SSH server and how to get in; what is ``None`` comes from ``~/.ssh/config`` or SSH's own defaults."""

    host: str
    user: str | None = None
    port: int | None = None
    client_keys: tuple[str, ...] = ()
    known_hosts: str | None = None
    host_key: str | None = None
    keepalive: tuple[float, int] = (1.0, 2)
    anonymous: bool = False
    """Whether everybody is let in, so that no key of the user's is shown."""


class _Watch(asyncssh.SSHClient):
    """Looks at the server's key, and remembers why a connection ended."""

    def __init__(self, host_key: str | None) -> None:
        self._pinned = host_key
        self.seen = ""
        self.ended: Exception | None = None

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        self.seen = key.get_fingerprint()
        return self.seen == self._pinned

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended = exc


class Connection:
    """An SSH connection and what it is for: one forwarded port."""

    def __init__(self, host: str, connection: asyncssh.SSHClientConnection, watch: _Watch) -> None:
        self._host = host
        self._watch = watch
        self.ssh = connection

    async def forward(self, listen_host: str, listen_port: int, port: int) -> None:
        """Have the server lead ``listen_host:listen_port`` to a port of this machine."""
        try:
            await self.ssh.forward_remote_port(listen_host, listen_port, "127.0.0.1", port)
        except asyncssh.ChannelListenError:
            # OpenSSH says the same for both.
            raise TunnelError(
                f"{self._host} does not forward its port {listen_port}: it is taken, for example by an earlier tunnel "
                f"that the server still believes in (ClientAliveInterval 15 in its sshd_config ends those), or "
                f'forbidden (permitlisten="{listen_host}:{listen_port}" for the key, AllowTcpForwarding yes).'
            ) from None
        except asyncssh.Error as error:
            raise TunnelError(_ended(self._host, error)) from None

    async def lost(self) -> str:
        """Wait until the connection ends; why, in words."""
        await self.ssh.wait_closed()
        return _ended(self._host, self._watch.ended)

    async def close(self) -> None:
        self.ssh.close()
        await self.ssh.wait_closed()


async def dial(target: Target) -> Connection:
    """Connect and sign in.

    Raises
    ------
    TunnelRefused
        When the server's key or ours is not accepted.
    TunnelError
        When the server cannot be reached.
    """
    watch = _Watch(target.host_key)
    try:
        connection = await asyncssh.connect(target.host, client_factory=lambda: watch, **_settings(target))
    except asyncssh.HostKeyNotVerifiable:
        raise TunnelRefused(_untrusted(target, watch.seen)) from None
    except asyncssh.PermissionDenied:
        raise TunnelRefused(
            f"{target.host} does not let {target.user or 'this user'} in with the keys there are; add your public key "
            "to authorized_keys there, or name the right key with client_keys."
        ) from None
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
        keys = ", ".join(target.client_keys) or "in ~/.ssh"
        raise TunnelUnavailable(
            f"The key {keys} cannot be read ({error}); name another one, or put it into an SSH agent."
        ) from None
    except (OSError, TimeoutError, asyncssh.Error) as error:
        raise TunnelError(_unreachable(target, error)) from None
    return Connection(target.host, connection, watch)


def _settings(target: Target) -> dict[str, Any]:
    interval, count = target.keepalive
    settings: dict[str, Any] = {
        "connect_timeout": CONNECT_SECONDS,
        "login_timeout": CONNECT_SECONDS,
        "keepalive_interval": interval,
        "keepalive_count_max": count,
    }
    if target.user is not None:
        settings["username"] = target.user
    if target.port is not None:
        settings["port"] = target.port
    if target.anonymous:
        settings |= {"client_keys": None, "agent_path": None, "password": ""}
    elif target.client_keys:
        settings["client_keys"] = [str(Path(key).expanduser()) for key in target.client_keys]
    if target.host_key is not None:
        settings["known_hosts"] = NO_KEYS  # the pinned key alone counts
    elif target.known_hosts is not None:
        path = Path(target.known_hosts).expanduser()
        settings["known_hosts"] = str(path) if path.is_file() else NO_KEYS
    return settings


def _untrusted(target: Target, seen: str) -> str:
    if target.host_key is not None:
        return (
            f"{target.host} shows the host key {seen}, not the pinned {target.host_key}: somebody may stand in "
            "between. Ask who runs the server; pin the new key only if it was changed on purpose."
        )
    if _is_known(target):
        return (
            f"{target.host} shows the host key {seen}, not the one in known_hosts: somebody may stand in between. "
            f"Ask who runs the server; if it was changed on purpose, run ssh-keygen -R {target.host}."
        )
    return (
        f"The host key of {target.host} is not known here. It shows {seen}: compare that with what its owner "
        f"publishes, then pass host_key='{seen}'."
    )


def _is_known(target: Target) -> bool:
    path = Path(target.known_hosts or "~/.ssh/known_hosts").expanduser()
    try:
        return any(asyncssh.match_known_hosts(str(path), target.host, "", target.port))
    except (OSError, ValueError):
        return False


def _unreachable(target: Target, error: Exception) -> str:
    where = f"{target.host} port {target.port or 22}"
    match error:
        case socket.gaierror():
            return f"The name {target.host} cannot be resolved; look at its spelling and at the network here."
        case ConnectionRefusedError():
            return f"No SSH server answers at {where}; start it, or correct host and port."
        case TimeoutError():
            return f"{where} does not answer; look whether the network here lets SSH out."
        case asyncssh.Error():
            return _ended(target.host, error)
        case _:
            return f"{where} cannot be reached ({error.strerror if isinstance(error, OSError) else error}); try again."


def _ended(host: str, error: Exception | None) -> str:
    if error is None:
        return f"{host} ended the SSH connection."
    reason = getattr(error, "reason", "") or str(error) or type(error).__name__
    return f"The SSH connection to {host} is lost: {reason.rstrip('.')}."
