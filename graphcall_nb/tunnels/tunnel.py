"""The tunnel: opens a provider's connection, reports its status and reopens it when it is lost."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, Protocol, TypeVar

from .._backoff import Backoff
from .._urls import redact_path
from ..errors import TunnelError, TunnelRefused

log = logging.getLogger(__name__)

F = TypeVar("F", bound=Callable[..., Any])

OPEN_TIMEOUT_SECONDS = 60.0
"""Limit of one attempt to connect; each provider has a shorter limit of its own."""

CLOSE_TIMEOUT_SECONDS = 5.0
"""Limit of closing a connection before it is abandoned."""

WAIT_SLICE_SECONDS = 1.0
"""Long waits are split into these, so that a laptop that wakes up is noticed."""

SUSPENDED_SECONDS = 10.0
"""A wait that takes this much longer than requested means that the machine was suspended meanwhile."""

REOPEN_BACKOFF = Backoff(max_seconds=1.5, slow_after_seconds=300.0, slow_seconds=15.0)
"""Short delays for five minutes, since a restarting server is back soon and notifications are lost until then."""

TunnelState = Literal["opening", "open", "lost", "reopening", "closed"]


@dataclass(frozen=True)
class TunnelStatus:
    """State of a tunnel, with the reason and the time.

    Attributes
    ----------
    state : ``opening``, ``open``, ``lost``, ``reopening`` or ``closed``
    reason : cause of the state, with the remedy where the user can do something
    since : time at which the state began, in seconds since 1970
    url : public URL, kept while the tunnel is lost; its path may be a secret, so the ``repr`` shows the host only

    Examples
    --------
    >>> TunnelStatus("open", "The tunnel is open.", 0.0, "https://hub.example.org/user/ann/graphcall/cb/hWq0")
    <TunnelStatus open since 1970-01-01 00:00:00 UTC at https://hub.example.org/…: The tunnel is open.>
    """

    state: TunnelState
    reason: str
    since: float
    url: str | None = None

    def __repr__(self) -> str:
        since = datetime.fromtimestamp(self.since, UTC)
        location = f" at {redact_path(self.url)}" if self.url else ""
        return f"<TunnelStatus {self.state} since {since:%Y-%m-%d %H:%M:%S} UTC{location}: {self.reason}>"


class Connection(Protocol):
    """One open connection of a provider."""

    @property
    def url(self) -> str:
        """Public URL, without a trailing slash."""

    async def wait_lost(self) -> str:
        """Wait until the connection is lost and return the reason."""

    async def recover(self) -> bool:
        """Wait for a lost connection to reconnect by itself and return whether it did, with the same URL.

        Return ``False`` at once when the provider does not reconnect by itself.
        """

    async def close(self) -> None:
        """Close the connection, also when it is already lost."""


class Provider(Protocol):
    """A kind of tunnel. It connects once; only :class:`Tunnel` retries.

    Attributes
    ----------
    name : short name, for example ``ssh``
    local_port : port on which the listener must be; ``None`` for any
    """

    name: str
    local_port: int | None

    async def check(self) -> str:
        """Return why the provider can work on this machine, within two seconds.

        Raises
        ------
        TunnelError
            When it cannot; the message names the remedy.
        """

    async def connect(self, port: int) -> Connection:
        """Connect a public URL to ``127.0.0.1:port``.

        Raises
        ------
        TunnelError
            When it cannot be connected; :class:`~graphcall_nb.errors.TunnelRefused` when a retry cannot help.
        """


class Tunnel:
    """A public URL that leads to a port of this machine and is reopened when it is lost.

    All coroutines belong to one event loop. Callbacks are called on it and must not block; they may be added and
    removed on any thread.

    Parameters
    ----------
    provider : Provider
        Kind of tunnel, for example :class:`~graphcall_nb.tunnels.Ssh`.
    backoff : iterable of float
        Delays between attempts to reopen, in seconds; the tunnel is closed when they are used up.
    clock : callable
        Returns the time, in seconds since 1970.
    sleep : callable
        Waits some seconds.

    Examples
    --------
    >>> import asyncio
    >>> from graphcall_nb.tunnels import Tunnel, Url
    >>> async def main():
    ...     tunnel = Tunnel(Url("https://bot.example.org"))
    ...     unsubscribe = tunnel.watch(lambda status: print(status.state))
    ...     print(await tunnel.open(8080))
    ...     await tunnel.close()
    >>> asyncio.run(main())
    opening
    open
    https://bot.example.org
    closed
    """

    def __init__(
        self,
        provider: Provider,
        *,
        backoff: Iterable[float] = REOPEN_BACKOFF,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.provider = provider
        self._backoff = backoff
        self._clock = clock
        self._sleep = sleep
        self._status = TunnelStatus("closed", "The tunnel has not been opened.", clock())
        self._status_callbacks: list[Callable[[TunnelStatus], None]] = []
        self._url_callbacks: list[Callable[[str, str], None]] = []
        self._stale_urls: list[str] = []
        self._connection: Connection | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._port = 0

    # ---- opening and closing

    async def open(self, port: int) -> str:
        """Open the tunnel to ``127.0.0.1:port``; an open tunnel moves to that port.

        Parameters
        ----------
        port : int
            Port of the listener on this machine.

        Returns
        -------
        str
            Public URL, without a trailing slash; append the listener's path to it.

        Raises
        ------
        TunnelError
            When the tunnel cannot be opened; the message names the remedy.
        """
        await self._disconnect()
        self._port = port
        self._set_state("opening", f"Opening a tunnel with {self.provider.name}.")
        try:
            connection = await self._connect()
        except BaseException as error:
            self._set_state("closed", str(error) if isinstance(error, TunnelError) else "Opening was interrupted.")
            raise
        self._use(connection)
        self._keeper = asyncio.create_task(self._keep_open(connection))
        return connection.url

    async def close(self) -> None:
        """Close the tunnel. Closing it twice has no effect."""
        await self._disconnect()
        if self._status.state != "closed":
            self._set_state("closed", "The tunnel was closed.")

    async def _disconnect(self) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
            self._keeper = None
        if self._connection is not None:
            await _close(self._connection)
            self._connection = None

    async def _connect(self) -> Connection:
        try:
            async with asyncio.timeout(OPEN_TIMEOUT_SECONDS):
                return await self.provider.connect(self._port)
        except TimeoutError:
            raise TunnelError(
                f"{self.provider.name} did not answer within {OPEN_TIMEOUT_SECONDS:g} s; check whether this network "
                "allows outgoing connections to it, or choose another tunnel."
            ) from None

    # ---- reopening

    async def _keep_open(self, connection: Connection) -> None:
        while True:
            reason = await connection.wait_lost()
            self._set_state("lost", reason)
            if await connection.recover():
                self._use(connection)
                continue
            await _close(connection)
            self._connection = None
            replacement = await self._reopen(reason)
            if replacement is None:
                return
            connection = replacement
            self._use(connection)

    async def _reopen(self, reason: str) -> Connection | None:
        """Return a new connection; ``None`` when the other side refuses or the delays are used up."""
        delays = iter(self._backoff)
        while (delay := next(delays, None)) is not None:
            if await self._wait(delay):
                delays = iter(self._backoff)
            self._set_state("reopening", reason)
            try:
                return await self._connect()
            except TunnelRefused as error:
                self._set_state("closed", str(error))
                return None
            except TunnelError as error:
                reason = str(error)
                self._set_state("lost", reason)
        self._set_state("closed", f"No attempts to reopen the tunnel are left. {reason}")
        return None

    async def _wait(self, seconds: float) -> bool:
        """Wait and return whether the machine was suspended meanwhile; then the rest of the wait is skipped.

        After a suspension the network may be another one, so the next attempt is due at once.
        """
        while seconds > 0:
            part = min(seconds, WAIT_SLICE_SECONDS)
            before = self._clock()
            await self._sleep(part)
            seconds -= part
            if self._clock() - before > part + SUSPENDED_SECONDS:
                return True
        return False

    def _use(self, connection: Connection) -> None:
        old, self._connection = self._status.url, connection
        self._set_state("open", f"The tunnel with {self.provider.name} is open.", connection.url)
        if connection.url in self._stale_urls:
            self._stale_urls.remove(connection.url)
        if old and old != connection.url:
            self._stale_urls.append(old)
            for callback in tuple(self._url_callbacks):
                _notify(callback, old, connection.url)

    def _set_state(self, state: TunnelState, reason: str, url: str | None = None) -> None:
        since = self._status.since if state == self._status.state else self._clock()
        self._status = TunnelStatus(state, reason, since, url or self._status.url)
        for callback in tuple(self._status_callbacks):
            _notify(callback, self._status)

    # ---- watching

    @property
    def status(self) -> TunnelStatus:
        """Present status."""
        return self._status

    def watch(self, callback: Callable[[TunnelStatus], None]) -> Callable[[], None]:
        """Call ``callback`` with each new :class:`~graphcall_nb.tunnels.TunnelStatus`.

        Returns
        -------
        Callable
            Removes the callback again.
        """
        return _subscribe(self._status_callbacks, callback)

    def on_url_change(self, callback: Callable[[str, str], None]) -> Callable[[], None]:
        """Call ``callback`` with the old and the new public URL when the URL changes.

        Calls created with the old URL receive no more notifications: Graph accepts no new callback URL for them.

        Returns
        -------
        Callable
            Removes the callback again.
        """
        return _subscribe(self._url_callbacks, callback)

    def is_stale_url(self, callback_uri: str) -> bool:
        """Return whether a callback URL is under a former public URL of this tunnel."""
        return any(callback_uri == url or callback_uri.startswith(f"{url}/") for url in self._stale_urls)

    async def changes(self) -> AsyncIterator[TunnelStatus]:
        """Yield the present status and each new one until the tunnel is closed."""
        queue: asyncio.Queue[TunnelStatus] = asyncio.Queue()
        unsubscribe = self.watch(queue.put_nowait)
        try:
            yield self._status
            while True:
                status = await queue.get()
                yield status
                if status.state == "closed":
                    return
        finally:
            unsubscribe()

    def __repr__(self) -> str:
        return f"<Tunnel with {self.provider.name}, {self._status!r}>"


def _subscribe(callbacks: list[F], callback: F) -> Callable[[], None]:
    callbacks.append(callback)

    def unsubscribe() -> None:
        if callback in callbacks:
            callbacks.remove(callback)

    return unsubscribe


def _notify(callback: Callable[..., None], *arguments: object) -> None:
    """Call a callback; log its exceptions instead of raising, since they must not close the tunnel."""
    try:
        callback(*arguments)
    except Exception:
        log.exception("A callback of a tunnel raised an exception.")


async def _close(connection: Connection) -> None:
    with contextlib.suppress(Exception):
        async with asyncio.timeout(CLOSE_TIMEOUT_SECONDS):
            await connection.close()
