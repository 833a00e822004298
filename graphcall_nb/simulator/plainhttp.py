"""Posting over plain HTTP to this machine itself, on connections that are kept.

Notifications are the most frequent requests there are here. Plain addresses are on this machine only, so they need no
proxy, no certificate, no redirect and no pool that is searched for each request: this costs a tenth of what a whole
HTTP client does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import lru_cache, partial
from typing import NamedTuple, cast
from urllib.parse import quote, urlsplit

import httptools

_KEPT_AT_MOST = 64


class Answer(NamedTuple):
    status: int
    location: str


class _Target(NamedTuple):
    host: str
    port: int
    head: bytes
    """Request line and headers up to the variable ones."""


@lru_cache(maxsize=1024)
def _target(url: str) -> _Target:
    parts = urlsplit(url)
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._") + ("?" + parts.query if parts.query else "")
    host, port = parts.hostname or "", parts.port or 80
    shown = f"[{host}]" if ":" in host else host
    head = f"POST {path} HTTP/1.1\r\nHost: {shown}:{port}\r\nUser-Agent: graphcall-nb-simulator\r\n"
    return _Target(host, port, head.encode("ascii", "replace"))


class _Connection(asyncio.Protocol):
    """One connection, with one request on it at a time; ``lost`` is told when it is closed."""

    def __init__(self, lost: Callable[[_Connection], None]) -> None:
        self.open = False
        self._lost = lost
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[Answer] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are none by name
        self.open = True

    def send(self, request: bytes) -> asyncio.Future[Answer]:
        assert self._transport is not None  # noqa: S101
        self._parser = httptools.HttpResponseParser(self)
        self._location = ""
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._waiting

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(ConnectionError(f"no HTTP: {error}"))
            self.close()

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"location":
            self._location = value.decode("latin-1")

    def on_message_complete(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(Answer(self._parser.get_status_code(), self._location))
        if not self._parser.should_keep_alive():
            self.close()

    def connection_lost(self, error: Exception | None) -> None:
        self.open = False
        self._fail(error or ConnectionError("closed before there was an answer"))
        self._lost(self)

    def _fail(self, error: Exception) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(error)

    def close(self) -> None:
        self.open = False
        if self._transport is not None:
            self._transport.close()


class PlainPoster:
    """Posts to plain addresses. Raises ``OSError`` (``TimeoutError`` is one) when there is no answer."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._idle: dict[tuple[str, int], list[_Connection]] = {}

    async def post(self, url: str, headers: bytes, content: bytes) -> Answer:
        """``headers`` are whole lines."""
        target = _target(url)
        request = b"%b%bContent-Length: %d\r\n\r\n%b" % (target.head, headers, len(content), content)
        async with asyncio.timeout(self._timeout):
            connection, kept = await self._connection(target)
            try:
                answer = await connection.send(request)
            except ConnectionError:
                # The other side may close a kept connection at any moment: that says nothing about this letter.
                if not kept:
                    raise
                connection = await self._connect(target)
                answer = await connection.send(request)
            except asyncio.CancelledError:
                connection.close()
                raise
        self._keep(target, connection)
        return answer

    async def _connection(self, target: _Target) -> tuple[_Connection, bool]:
        idle = self._idle.get((target.host, target.port), [])
        while idle:
            connection = idle.pop()
            if connection.open:
                return connection, True
        return await self._connect(target), False

    async def _connect(self, target: _Target) -> _Connection:
        place = target.host, target.port
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(lambda: _Connection(partial(self._drop, place)), *place)
        return connection

    def _drop(self, place: tuple[str, int], connection: _Connection) -> None:
        """Keep nothing of a connection that is closed, nor of a host to which there is none any more."""
        idle = self._idle.get(place, [])
        if connection in idle:
            idle.remove(connection)
        if not idle:
            self._idle.pop(place, None)

    def _keep(self, target: _Target, connection: _Connection) -> None:
        place = target.host, target.port
        if connection.open and len(self._idle.get(place, ())) < _KEPT_AT_MOST:
            self._idle.setdefault(place, []).append(connection)
        else:
            connection.close()

    def close(self) -> None:
        for idle in self._idle.values():
            for connection in idle:
                connection.close()
        self._idle.clear()
