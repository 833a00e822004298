"""Calls of ASGI applications in this process, without a port."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from starlette.types import ASGIApp, Message

from .responses import RESET_EXTENSION

LOG = logging.getLogger(__name__)

Headers = Iterable[tuple[bytes, bytes]]


class AppResponse(NamedTuple):
    """The response of an application."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class InProcessApp:
    """An ASGI application that is called on the running loop, with its lifespan.

    A response is returned when it is complete; the application may go on, as with background tasks of a server.

    Parameters
    ----------
    app : ASGI application
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._tasks: set[asyncio.Task[None]] = set()
        self._lifespan: asyncio.Task[None] | None = None
        self._lifespan_messages: asyncio.Queue[Message] = asyncio.Queue()
        self._lifespan_answers: asyncio.Queue[Message] = asyncio.Queue()
        self._state: dict[str, Any] = {}

    async def open(self) -> None:
        """Run the startup of the application, if it has a lifespan. Raise ``RuntimeError`` if it fails."""
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self._state}
        self._lifespan = asyncio.create_task(
            self._run_lifespan(scope)  # the application's own exceptions end it
        )
        self._lifespan_messages.put_nowait({"type": "lifespan.startup"})
        answer = await self._lifespan_answers.get()
        if answer["type"] == "lifespan.startup.failed":
            raise RuntimeError(f"The startup of the application failed: {answer.get('message', '')}")

    async def _run_lifespan(self, scope: dict[str, Any]) -> None:
        try:
            await self._app(scope, self._lifespan_messages.get, self._lifespan_answers.put)
        except Exception:
            LOG.debug("The application does not support a lifespan.", exc_info=True)
        finally:
            self._lifespan_answers.put_nowait({"type": "lifespan.shutdown.complete"})

    async def call(self, method: str, url: str, headers: Headers, content: bytes) -> AppResponse:
        """Send a request and return the response. Raise ``ConnectionResetError`` if the connection breaks before."""
        exchange = _Exchange(content)
        scope = _make_scope(method, url, headers)
        scope["state"] = dict(self._state)
        scope["extensions"] = {RESET_EXTENSION: {"abort": exchange.abort}}
        task = asyncio.create_task(self._run(scope, exchange))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await exchange.response

    async def _run(self, scope: dict[str, Any], exchange: _Exchange) -> None:
        try:
            await self._app(scope, exchange.receive, exchange.send)
        except Exception:
            LOG.exception("The application failed to handle %s %s.", scope["method"], scope["path"])
            exchange.fail()
        finally:
            exchange.abort()

    async def aclose(self) -> None:
        """Cancel what the application still does, and run its shutdown."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._lifespan is not None:
            self._lifespan_messages.put_nowait({"type": "lifespan.shutdown"})
            await self._lifespan


class _Exchange:
    """One request with its response."""

    def __init__(self, content: bytes) -> None:
        self.response: asyncio.Future[AppResponse] = asyncio.get_running_loop().create_future()
        self._content: bytes | None = content
        self._status = 0
        self._headers: list[tuple[bytes, bytes]] = []
        self._body: list[bytes] = []

    async def receive(self) -> Message:
        if self._content is not None:
            content, self._content = self._content, None
            return {"type": "http.request", "body": content, "more_body": False}
        await asyncio.wait([self.response])
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status, self._headers = message["status"], list(message.get("headers", ()))
        elif message["type"] == "http.response.body":
            self._body.append(message.get("body", b""))
            if not message.get("more_body", False) and not self.response.done():
                self.response.set_result(AppResponse(self._status, self._headers, b"".join(self._body)))

    def fail(self) -> None:
        """Respond 500 if no response was begun, as a server does."""
        if not self._status and not self.response.done():
            self.response.set_result(AppResponse(500, [], b"Internal Server Error"))

    def abort(self) -> None:
        """Break the connection if the response is not complete."""
        if not self.response.done():
            self.response.set_exception(ConnectionResetError("the connection was closed before the response ended"))


def _make_scope(method: str, url: str, headers: Headers) -> dict[str, Any]:
    parts = urlsplit(url)
    names = [(name.lower(), value) for name, value in headers]
    if not any(name == b"host" for name, _ in names):
        names.insert(0, (b"host", parts.netloc.rpartition("@")[2].encode()))
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": parts.scheme,
        "path": unquote(parts.path or "/"),
        "raw_path": (parts.path or "/").encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": names,
        "server": (parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)),
        "client": ("127.0.0.1", 50_000),
    }
