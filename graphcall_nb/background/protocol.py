"""uvicorn's protocol, with a short way for an application that can do without a task for each request.

A task, its scope and the messages of ASGI cost as much as all else that a listener does. What is taken the short way
is the plain request that fills nearly all of a listener's day; the rest, and all of HTTP, is uvicorn's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, Protocol, cast, runtime_checkable

from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

Headers = Iterable[tuple[bytes, bytes]]

Answer = Callable[[int, bytes, Headers], None]
"""Sends status, body and headers; called once, on the loop, at any time."""


@runtime_checkable
class FastPath(Protocol):
    """An ASGI application that takes some requests whole and answers them by a callback."""

    def admits(self, method: bytes, target: bytes, headers: dict[bytes, bytes]) -> bool:
        """Whether the request may come to :meth:`take`; it is served by ASGI otherwise."""

    def take(self, body: bytes, answer: Answer) -> None: ...


class HttpProtocol(HttpToolsProtocol):
    """uvicorn's protocol without an access log, which would hold the secret path of the callback.

    uvicorn's own setting for that changes the loggers of the whole process, and is undone by whoever adds a handler.
    """

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.access_log = False
        self._direct = self.app if isinstance(self.app, FastPath) else None

    def on_headers_complete(self) -> None:
        if self._direct and self._is_plain() and self._admitted(self._direct):
            self.cycle = cast("RequestResponseCycle", _Exchange(self))
            return
        # Lets an application break the connection, as networks do.
        self.scope["extensions"] = {"graphcall_nb.reset": {"abort": self._reset}}
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        exchange = self.cycle
        if not (self._direct and isinstance(exchange, _Exchange)):
            super().on_message_complete()
            return
        try:
            self._direct.take(bytes(exchange.body), exchange.answer)
        except Exception as error:
            # The parser would take it for a fault of the request.
            self.logger.error("Exception in the application", exc_info=error)
            exchange.answer(500, b"", ((b"content-length", b"0"),))

    def _is_plain(self) -> bool:
        """Whether nothing of the request needs more than its body read and one answer written."""
        return (
            (self.cycle is None or self.cycle.response_complete)  # else it has to queue
            and self.parser.get_http_version() == "1.1"
            and self.parser.should_keep_alive()
            and not self.parser.should_upgrade()
            and not self.expect_100_continue
            and not self.flow.write_paused
        )

    def _admitted(self, direct: FastPath) -> bool:
        headers = dict(self.headers)
        length = headers.get(b"content-length", b"")
        # What is longer makes uvicorn stop reading until the application asks for more.
        small = length.isdigit() and int(length) <= HIGH_WATER_LIMIT
        return small and direct.admits(self.parser.get_method(), self.url, headers)

    def _reset(self) -> None:
        if self.cycle is not None:
            self.cycle.disconnected = True  # so that uvicorn does not answer in the application's place
        self.transport.abort()


class _Exchange:
    """A request on the short way, in the place of uvicorn's cycle: the protocol looks at these attributes of it."""

    message_event = asyncio.Event()  # nobody waits for it

    def __init__(self, protocol: HttpProtocol) -> None:
        self._protocol = protocol
        self.body = bytearray()
        self.response_complete = False
        self.disconnected = False
        self.keep_alive = True

    def answer(self, status: int, body: bytes, headers: Headers) -> None:
        protocol = self._protocol
        if self.response_complete or protocol.transport.is_closing():
            return
        self.response_complete = True
        lines = [b"%b: %b\r\n" % header for header in (*protocol.server_state.default_headers, *headers)]
        if not self.keep_alive:
            lines.append(b"connection: close\r\n")
        protocol.transport.write(b"".join((STATUS_LINE[status], *lines, b"\r\n", body)))
        if not self.keep_alive:
            protocol.transport.close()
        protocol.on_response_complete()
