"""Services that give whoever comes by SSH a public address, and print it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..errors import TunnelError
from .announced import Announcement
from .ssh import dialing

if TYPE_CHECKING:
    from .ssh_dial import Connection

ANNOUNCE_SECONDS = 10.0


@dataclass(frozen=True)
class Service:
    """How one service is reached, and how it announces an address."""

    name: str
    host: str
    pattern: str
    user: str | None = None
    port: int = 22
    listen_port: int = 80


SERVICES = {
    service.name: service
    for service in (
        Service(
            "localhost.run", "localhost.run", r"tunneled with tls termination, (https://[a-z0-9.-]+[a-z0-9])", "nokey"
        ),
        Service("serveo", "serveo.net", r"Forwarding HTTP traffic from (https://[a-z0-9.-]+[a-z0-9])"),
        # A dashboard and the home page are in its banner too.
        Service(
            "pinggy",
            "free.pinggy.io",
            r"(https://(?!dashboard\.|docs\.|www\.)[a-z0-9-]+(?:\.[a-z0-9-]+)*\.pinggy(?:-free)?\.[a-z]+)",
            port=443,
            listen_port=0,
        ),
    )
}
"""The services by name. Their output is known from records of others; none was asked from here."""


class SshService:
    """An address of a service that needs no account. The service reads every notification; for trying out only.

    Parameters
    ----------
    service : ``localhost.run``, ``serveo``, ``pinggy``, or a :class:`Service`
    host_key
        The fingerprint that the service must show, ``SHA256:…``; ``None`` for what ``known_hosts`` says. What a
        service shows that is not known is in the error's message.
    host, port : where the service is, if not where it usually is
    known_hosts : a file of known host keys; ``None`` for ``~/.ssh/known_hosts``
    keepalive : seconds between two questions whether it is there, and how many may stay without an answer
    """

    local_port: int | None = None

    def __init__(
        self,
        service: str | Service,
        *,
        host_key: str | None = None,
        host: str | None = None,
        port: int | None = None,
        known_hosts: str | None = None,
        keepalive: tuple[float, int] = (5.0, 2),
    ) -> None:
        known = SERVICES[service] if isinstance(service, str) else service
        self._service = replace(known, host=host or known.host, port=port or known.port)
        self.name = self._service.name
        self._target: dict[str, Any] = {
            "host": self._service.host,
            "user": self._service.user,
            "port": self._service.port,
            "known_hosts": known_hosts,
            "host_key": host_key,
            "keepalive": keepalive,
            "anonymous": True,
        }

    async def check(self) -> str:
        dialing()
        return f"{self.name} needs no account; it reads every notification, so use it for trying out only."

    async def connect(self, port: int) -> _Announced:
        module = dialing()
        connection = await module.dial(module.Target(**self._target))
        try:
            # "localhost" is what these services expect; their own OpenSSH clients send it.
            await connection.forward("localhost", self._service.listen_port, port)
            return await _Announced.listen(self._service, connection)
        except BaseException:
            connection.ssh.abort()
            raise


class _Announced:
    """A forwarded port whose address was printed, and may be printed anew."""

    def __init__(self, url: str, reading: Announcement, output: Any, connection: Connection) -> None:
        self.url = url
        self._reading = reading
        self._output = output
        self._connection = connection

    @classmethod
    async def listen(cls, service: Service, connection: Connection) -> _Announced:
        """Read what the service prints on a session until there is an address."""
        reading = Announcement(service.pattern)
        process = await connection.ssh.create_process(term_type="dumb", stderr=asyncio.subprocess.STDOUT)
        try:
            async with asyncio.timeout(ANNOUNCE_SECONDS):
                while piece := await process.stdout.read(4096):
                    if url := reading.feed(piece):
                        return cls(url, reading, process.stdout, connection)
        except TimeoutError:
            pass
        raise TunnelError(f"{service.name} gave no public address; its last words: {reading.last_words}")

    async def lost(self) -> str:
        """Lost with the connection, or when the service gives another address."""
        ended = asyncio.create_task(self._connection.lost())
        moved = asyncio.create_task(self._moved())
        done, others = await asyncio.wait((ended, moved), return_when=asyncio.FIRST_COMPLETED)
        for other in others:
            other.cancel()
        return ended.result() if ended in done else moved.result()

    async def _moved(self) -> str:
        while piece := await self._output.read(4096):
            if self._reading.feed(piece) not in (None, self.url):
                return "The service gave another address; the tunnel is opened anew."
        return await self._connection.lost()

    async def healed(self) -> bool:
        return False

    async def close(self) -> None:
        await self._connection.close()
