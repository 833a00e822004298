"""The HTTP protocol with limits and the fast path, built on private classes of uvicorn.

Import it by :func:`.find_protocol`.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from .fast_path import FastPath, Headers
from .limits import NEVER, Connections, Limits

MAX_SLICE_BYTES = 16 << 10
"""Bytes that are parsed before the limits are checked again. The event loop reads up to 256 KiB at once."""

_ATTRIBUTES = (
    *("access_log", "app", "cycle", "expect_100_continue", "flow", "headers", "logger", "parser", "scope"),
    *("pipeline", "server_state", "transport", "pause_writing", "resume_writing", "send_400_response"),
    *("on_message_begin", "on_headers_complete", "on_body", "on_message_complete", "on_response_complete"),
)
"""Attributes of uvicorn's protocol that the fast path uses."""

_PARSER_METHODS = ("get_http_version", "get_method", "should_keep_alive", "should_upgrade")

_CYCLE_ATTRIBUTES = ("body", "disconnected", "keep_alive", "message_event", "response_complete", "response_started")
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
    """uvicorn's protocol with limits, with a fast path and without an access log.

    The access log would contain the secret path of the callback. uvicorn's setting changes the loggers of the whole
    process, and a handler that is added later undoes it.

    Attributes
    ----------
    peer, deadline, buffered_bytes : as in :class:`.limits.Connection`

    Parameters
    ----------
    all_connections : connections of the server; by default this one only, with the default limits
    """

    def __init__(self, *arguments: Any, all_connections: Connections | None = None, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.access_log = False
        self._fast_path = self.app if isinstance(self.app, FastPath) else None
        self._connections = Connections(Limits()) if all_connections is None else all_connections
        self._limits = self._connections.limits
        self._rejection: tuple[int, str] | None = None
        self._is_receiving = self._is_in_headers = False
        self._overhead_bytes = self._body_bytes = self._slice_bytes = 0
        self.peer = ""
        self.buffered_bytes = 0
        self._request_deadline = self._unread_deadline = NEVER

    # ---- limits

    @property
    def deadline(self) -> float:
        """Time of the event loop after which the connection is closed."""
        return min(self._request_deadline, self._unread_deadline)

    @property
    def is_busy(self) -> bool:
        """True while the application works on a complete request and the client reads its responses."""
        return self._request_deadline == self._unread_deadline == NEVER

    def abort(self) -> None:
        """Close the connection at once."""
        self.transport.abort()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start a connection, unless there are too many."""
        super().connection_made(transport)
        self.peer = self.client[0] if self.client else ""
        self._request_deadline = self.loop.time() + self._limits.header_seconds
        if not self._connections.add(self):
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """End a connection."""
        self._connections.remove(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse a part of a request, in pieces so that no more than a piece exceeds a limit."""
        for start in range(0, len(data), MAX_SLICE_BYTES):
            part = data[start : start + MAX_SLICE_BYTES] if len(data) > MAX_SLICE_BYTES else data
            self._overhead_bytes += len(part)
            self._slice_bytes = len(part)
            super().data_received(part)
            if self.transport.is_closing():
                return
            if self._is_in_headers and self._overhead_bytes > self._limits.header_bytes:
                self._reject(431, "The headers are too long.")
            elif self._is_receiving and self._overhead_bytes > self._limits.framing_bytes + self._body_bytes:
                self._reject(400, "The chunks of the body are too small, or its trailers are too long.")

    def _reject(self, status: int, reason: str) -> None:
        self._rejection = status, reason
        self.send_400_response(reason)

    def send_400_response(self, msg: str) -> None:
        """Reject the present request and close the connection."""
        status, reason = self._rejection or (400, msg)
        pending = self.cycle is not None and not self.cycle.response_complete
        if pending and (self._is_in_headers or self.pipeline or self.cycle.response_started):
            self.abort()  # a response now would belong to an earlier request
            return
        if pending:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self._request_deadline = self.loop.time() + self._limits.unread_seconds
        lines = [b"%b: %b\r\n" % header for header in self.server_state.default_headers]
        head = b"content-type: text/plain; charset=utf-8\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(
            reason
        )
        self.transport.write(b"".join((STATUS_LINE[status], *lines, head, reason.encode())))
        self.transport.close()

    def pause_writing(self) -> None:
        """Start the time in which the client must read."""
        self._unread_deadline = self.loop.time() + self._limits.unread_seconds
        super().pause_writing()

    def resume_writing(self) -> None:
        """End the time in which the client must read."""
        self._unread_deadline = NEVER
        super().resume_writing()

    def _stop(self, status: int, reason: str) -> None:
        """Stop the parser; uvicorn then calls :meth:`send_400_response`."""
        self._rejection = status, reason
        raise ValueError(reason)

    def _check_headers(self) -> None:
        length = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if len(self.url) > self._limits.url_bytes:
            self._stop(414, "The URL is too long.")
        if len(self.headers) > self._limits.headers or length > self._limits.header_bytes:
            self._stop(431, "The headers are too long or too many.")
        if len(self.pipeline) >= self._limits.waiting_requests:
            self._stop(429, "Too many requests at once on one connection.")

    # ---- events of the parser

    def on_message_begin(self) -> None:
        """Start to receive a request."""
        super().on_message_begin()
        self._is_receiving = self._is_in_headers = True
        self._overhead_bytes, self._slice_bytes = self._slice_bytes, 0  # of a later request in the slice: too few
        self._body_bytes = 0
        if self.cycle is None or self.cycle.response_complete:
            self._request_deadline = self.loop.time() + self._limits.header_seconds

    def on_headers_complete(self) -> None:
        """Start a request, by the fast path if possible."""
        self._check_headers()
        self._is_in_headers = False
        self._overhead_bytes = 0
        if self.cycle is None or self.cycle.response_complete:
            self._request_deadline = self.loop.time() + self._limits.body_seconds
        if self._fast_path and self._is_plain() and self._is_accepted(self._fast_path):
            self.cycle = cast("RequestResponseCycle", _FastRequest(self))
            return
        # Lets an application reset the connection, as networks do.
        self.scope["extensions"] = {"graphcall_nb.reset": {"abort": self._reset}}
        super().on_headers_complete()
        self.headers = []  # trailers are not headers

    def on_body(self, body: bytes) -> None:
        """Receive a part of a body."""
        self._overhead_bytes -= len(body)
        self._body_bytes += len(body)
        if self._body_bytes > self._limits.body_bytes:
            self._stop(413, f"The body exceeds {self._limits.body_bytes} bytes.")
        if not self.cycle.response_complete:
            self._connections.buffer(self, len(body))
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Hand a complete request to the application."""
        request = self.cycle
        self._is_receiving = False
        self._overhead_bytes = 0
        self._request_deadline = self._compute_idle_deadline() if request.response_complete else NEVER
        self._connections.mark_used(self)
        if not (self._fast_path and isinstance(request, _FastRequest)):
            super().on_message_complete()
            return
        try:
            self._fast_path.handle(bytes(request.body), request.respond)
        except Exception as error:
            # The parser would report it as an invalid request.
            self.logger.error("Exception in the application", exc_info=error)
            request.respond(500, b"", ((b"content-length", b"0"),))

    def on_response_complete(self) -> None:
        """Start the next request, or wait for one."""
        self._connections.release(self)
        if self._is_receiving:
            self._request_deadline = self.loop.time() + self._limits.body_seconds
        elif not self.pipeline:
            self._request_deadline = self._compute_idle_deadline()
        super().on_response_complete()

    def _compute_idle_deadline(self) -> float:
        return self.loop.time() + self._limits.idle_seconds

    # ---- the fast path

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
        self.response_started = self.response_complete = False
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
