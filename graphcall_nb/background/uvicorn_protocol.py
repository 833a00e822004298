"""The HTTP protocol with the fast path, built on private classes of uvicorn. Import it by :func:`.find_protocol`."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from .fast_path import FastPath, Headers

_ATTRIBUTES = (
    *("access_log", "app", "cycle", "expect_100_continue", "flow", "headers", "logger", "parser", "scope"),
    *("server_state", "transport", "on_headers_complete", "on_message_complete", "on_response_complete"),
)
"""Attributes of uvicorn's protocol that the fast path uses."""

_PARSER_METHODS = ("get_http_version", "get_method", "should_keep_alive", "should_upgrade")

_CYCLE_ATTRIBUTES = ("body", "disconnected", "keep_alive", "message_event", "response_complete")
"""Attributes of a request that uvicorn's protocol uses, all of which :class:`_FastRequest` has."""


def has_expected_internals(protocol: type = HttpToolsProtocol, cycle: type = RequestResponseCycle) -> bool:
    """Return True if uvicorn's classes have the attributes that the fast path uses.

    Parameters
    ----------
    protocol : uvicorn's protocol
    cycle : uvicorn's class of a request with its response
    """
    loop = asyncio.new_event_loop()
    try:
        instance = protocol(uvicorn.Config(_respond_to_nothing, ws="none", log_config=None), ServerState(), {}, loop)
    finally:
        loop.close()
    names = vars(cycle)["__init__"].__code__.co_names  # attributes are set there
    return (
        all(hasattr(instance, name) for name in _ATTRIBUTES)
        and all(hasattr(instance.parser, name) for name in _PARSER_METHODS)
        and hasattr(instance.server_state, "default_headers")
        and set(_CYCLE_ATTRIBUTES) <= set(names)
    )


async def _respond_to_nothing(scope: Any, receive: Any, send: Any) -> None:
    """Ignore requests: the application of a protocol that serves none."""


class FastPathProtocol(HttpToolsProtocol):
    """uvicorn's protocol with a fast path and without an access log.

    The access log would contain the secret path of the callback. uvicorn's setting changes the loggers of the whole
    process, and a handler that is added later undoes it.
    """

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.access_log = False
        self._fast_path = self.app if isinstance(self.app, FastPath) else None

    def on_headers_complete(self) -> None:
        """Start a request, by the fast path if possible."""
        if self._fast_path and self._is_plain() and self._is_accepted(self._fast_path):
            self.cycle = cast("RequestResponseCycle", _FastRequest(self))
            return
        # Lets an application reset the connection, as networks do.
        self.scope["extensions"] = {"graphcall_nb.reset": {"abort": self._reset}}
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Hand a complete request to the application."""
        request = self.cycle
        if not (self._fast_path and isinstance(request, _FastRequest)):
            super().on_message_complete()
            return
        try:
            self._fast_path.handle(bytes(request.body), request.respond)
        except Exception as error:
            # The parser would report it as an invalid request.
            self.logger.error("Exception in the application", exc_info=error)
            request.respond(500, b"", ((b"content-length", b"0"),))

    def _is_plain(self) -> bool:
        """Return True if the request needs only its body read and one response written."""
        return (
            (self.cycle is None or self.cycle.response_complete)  # otherwise it has to queue
            and self.parser.get_http_version() == "1.1"
            and self.parser.should_keep_alive()
            and not self.parser.should_upgrade()
            and not self.expect_100_continue
            and not self.flow.write_paused
        )

    def _is_accepted(self, app: FastPath) -> bool:
        headers = dict(self.headers)
        length = headers.get(b"content-length", b"")
        # uvicorn stops reading a longer body until the application asks for more.
        is_small = length.isdigit() and int(length) <= HIGH_WATER_LIMIT
        return is_small and app.accepts(self.parser.get_method(), self.url, headers)

    def _reset(self) -> None:
        if self.cycle is not None:
            self.cycle.disconnected = True  # so that uvicorn sends no response of its own
        self.transport.abort()


class _FastRequest:
    """A request on the fast path, with the attributes of uvicorn's cycle that uvicorn's protocol uses."""

    message_event = asyncio.Event()  # set by uvicorn; the fast path does not wait

    def __init__(self, protocol: FastPathProtocol) -> None:
        self._protocol = protocol
        self.body = bytearray()
        self.response_complete = False
        self.disconnected = False
        self.keep_alive = True

    def respond(self, status: int, body: bytes, headers: Headers) -> None:
        """Send the response, unless one was sent or the connection is closed."""
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
