"""The one protocol behind which every way to a public address stands, and what keeps it open.

A *provider* knows how to connect; a *link* is one connection, which may be lost; a :class:`Tunnel` keeps a link alive
and tells who watches it. A provider never tries again by itself, a tunnel does.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any, Protocol, TypeVar

from ..errors import TunnelError, TunnelRefused
from .backoff import Backoff
from .status import State, Status

log = logging.getLogger(__name__)

F = TypeVar("F", bound=Callable[..., Any])

OPEN_SECONDS = 60.0
"""How long one attempt to connect may take at most; each provider has a shorter limit of its own."""

CLOSE_SECONDS = 5.0
"""How long a link may take to close before it is left alone."""

SLICE_SECONDS = 1.0
"""Long waits are cut into these, so that a laptop that wakes up is noticed."""

ASLEEP_SECONDS = 10.0
"""How much longer than asked a wait has taken when the machine slept meanwhile."""


class Link(Protocol):
    """One connection to the outside, open when it is made."""

    @property
    def url(self) -> str:
        """The public address, without a slash at the end."""

    async def lost(self) -> str:
        """Wait until the link is lost; the reason in words."""

    async def healed(self) -> bool:
        """Whether a lost link has come back by itself, with its address; ``False`` at once where that cannot be."""

    async def close(self) -> None:
        """Give the link up, also when it is lost already."""


class Provider(Protocol):
    """A way to a public address.

    Attributes
    ----------
    name : what people call it, for example ``ssh``
    local_port : the port on which the listener must be, where that is fixed; ``None`` for any
    """

    name: str
    local_port: int | None

    async def check(self) -> str:
        """Why it can work here, in words, within two seconds; raises ``TunnelError`` when it cannot."""

    async def connect(self, port: int) -> Link:
        """Connect the public address to ``127.0.0.1:port``; raises ``TunnelError``."""


class Tunnel:
    """A public address that leads to a port of this machine, and comes back by itself when it is lost.

    All coroutines belong to one event loop; callbacks are called on it and must not block. Watching may begin and end
    on any thread.

    Parameters
    ----------
    provider : the way to a public address, for example :class:`~graphcall_nb.tunnels.ssh.Ssh`
    backoff : the waits between attempts to reopen
    clock : the time, in seconds since 1970
    sleep : waits some seconds

    Examples
    --------
    >>> import asyncio
    >>> from graphcall_nb.tunnels import Tunnel, Url
    >>> async def main():
    ...     tunnel = Tunnel(Url("https://bot.example.org"))
    ...     forget = tunnel.watch(lambda status: print(status.state))
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
        backoff: Iterable[float] | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.provider = provider
        self._backoff = backoff if backoff is not None else Backoff()
        self._clock = clock
        self._sleep = sleep
        self._status = Status("closed", "It was not opened yet.", clock())
        self._watchers: list[Callable[[Status], None]] = []
        self._followers: list[Callable[[str, str], None]] = []
        self._old_urls: list[str] = []
        self._link: Link | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._port = 0

    # ---- opening and closing

    async def open(self, port: int) -> str:
        """Open the tunnel to ``127.0.0.1:port``; on an open tunnel, move it to another port.

        Parameters
        ----------
        port : where the listener is

        Returns
        -------
        str
            The public address, without a slash at the end; the listener's path is to be put behind it.

        Raises
        ------
        TunnelError
            When it cannot be opened; the message says what to do.
        """
        await self._let_go()
        self._port = port
        self._become("opening", f"Opening a tunnel by {self.provider.name}.")
        try:
            link = await self._connect()
        except BaseException as error:
            self._become("closed", str(error) if isinstance(error, TunnelError) else "Opening it was interrupted.")
            raise
        self._opened(link)
        self._keeper = asyncio.create_task(self._keep(link))
        return link.url

    async def close(self) -> None:
        """Close the tunnel; closing twice is fine."""
        await self._let_go()
        if self._status.state != "closed":
            self._become("closed", "It was closed.")

    async def _let_go(self) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
            self._keeper = None
        if self._link is not None:
            await _close(self._link)
            self._link = None

    async def _connect(self) -> Link:
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                return await self.provider.connect(self._port)
        except TimeoutError:
            raise TunnelError(
                f"{self.provider.name} did not answer within {OPEN_SECONDS:g} s; look whether the network here lets it "
                "out, or choose another tunnel."
            ) from None

    # ---- keeping it open

    async def _keep(self, link: Link) -> None:
        while True:
            reason = await link.lost()
            self._become("lost", reason)
            if await link.healed():
                self._opened(link)
                continue
            await _close(link)
            self._link = None
            again = await self._reopen(reason)
            if again is None:
                return
            link = again
            self._opened(link)

    async def _reopen(self, reason: str) -> Link | None:
        """A new link, however long that takes; ``None`` when the other side says that it will never be."""
        waits = iter(self._backoff)
        while (wait := next(waits, None)) is not None:
            if await self._pause(wait):
                waits = iter(self._backoff)
            self._become("reopening", reason)
            try:
                return await self._connect()
            except TunnelRefused as error:
                self._become("closed", str(error))
                return None
            except TunnelError as error:
                reason = str(error)
                self._become("lost", reason)
        self._become("closed", f"It was given up. {reason}")
        return None

    async def _pause(self, seconds: float) -> bool:
        """Wait; whether a laptop slept meanwhile. Then the wait ends, since it was made for another network."""
        while seconds > 0:
            part = min(seconds, SLICE_SECONDS)
            before = self._clock()
            await self._sleep(part)
            seconds -= part
            if self._clock() - before > part + ASLEEP_SECONDS:
                return True
        return False

    def _opened(self, link: Link) -> None:
        old, self._link = self._status.url, link
        self._become("open", f"The tunnel by {self.provider.name} is open.", link.url)
        if link.url in self._old_urls:
            self._old_urls.remove(link.url)
        if old and old != link.url:
            self._old_urls.append(old)
            for follower in tuple(self._followers):
                _tell(follower, old, link.url)

    def _become(self, state: State, reason: str, url: str | None = None) -> None:
        same = state == self._status.state
        since = self._status.since if same else self._clock()
        self._status = Status(state, reason, since, url or self._status.url)
        for watcher in tuple(self._watchers):
            _tell(watcher, self._status)

    # ---- watching

    @property
    def status(self) -> Status:
        """The state at this moment."""
        return self._status

    def watch(self, callback: Callable[[Status], None]) -> Callable[[], None]:
        """Have a callback called with each new :class:`~graphcall_nb.tunnels.status.Status`; the result ends that."""
        return _add(self._watchers, callback)

    def on_url_change(self, callback: Callable[[str, str], None]) -> Callable[[], None]:
        """Have a callback called with the old and the new public address when it changes; the result ends that.

        Calls that were placed with the old address get no notifications any more: Graph cannot be told a new one.
        """
        return _add(self._followers, callback)

    def leads_nowhere(self, callback_uri: str) -> bool:
        """Whether a call with this callback address hangs on a former public address of this tunnel."""
        return any(callback_uri == url or callback_uri.startswith(f"{url}/") for url in self._old_urls)

    async def changes(self) -> AsyncIterator[Status]:
        """The present status and then each new one, until the tunnel is closed."""
        queue: asyncio.Queue[Status] = asyncio.Queue()
        forget = self.watch(queue.put_nowait)
        try:
            status = self._status
            yield status
            while True:
                status = await queue.get()
                yield status
                if status.state == "closed":
                    return
        finally:
            forget()

    def __repr__(self) -> str:
        return f"<Tunnel by {self.provider.name}, {self._status!r}>"


def _add(callbacks: list[F], callback: F) -> Callable[[], None]:
    callbacks.append(callback)

    def forget() -> None:
        if callback in callbacks:
            callbacks.remove(callback)

    return forget


def _tell(callback: Callable[..., None], *news: object) -> None:
    """Tell somebody who watches; what he does wrong must not close the tunnel."""
    try:
        callback(*news)
    except Exception:
        log.exception("A callback that watches a tunnel raised an exception.")


async def _close(link: Link) -> None:
    with contextlib.suppress(Exception):
        async with asyncio.timeout(CLOSE_SECONDS):
            await link.close()
