"""Middleware that logs each request with its response."""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .message_log import MAX_BODY_BYTES, MessageLog, RequestEntry

CONTROL_PATH = "/simulator/"
"""Requests below it control the simulator, and are not logged."""

BODY_TIMEOUT_SECONDS = 0.5
"""Time for the body of a request that was refused before its body was read; it has mostly arrived already."""


class RequestLogMiddleware:
    """Adds each request to a log, except those that control the simulator.

    The routes of calls describe a request in its state: ``operation``, ``call_id`` and ``application_id``.
    """

    def __init__(self, app: ASGIApp, log: MessageLog) -> None:
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(CONTROL_PATH):
            await self._app(scope, receive, send)
            return
        entry = self._log.start_request(scope["method"], scope["path"])
        recorder = _Recorder(entry, Headers(scope=scope), receive, send)
        try:
            await self._app(scope, recorder.receive, recorder.send)
        finally:
            state = scope.get("state", {})
            entry.operation = state.get("operation", "token" if entry.path.endswith("/token") else "")
            entry.call_id = state.get("call_id", "")
            entry.application_id = state.get("application_id", "")
            entry.request_id, entry.client_request_id = state.get("request_id", ""), state.get("client_request_id", "")
            recorder.finish()
            if not entry.operation and entry.status is not None and entry.status < 300:
                entry.response = b""  # a document of keys, which are other ones in each run
            self._log.finish_request(entry)


class _Recorder:
    """The two directions of one request, copied into an entry of the log."""

    def __init__(self, entry: RequestEntry, headers: Headers, receive: Receive, send: Send) -> None:
        self._entry = entry
        self._receive = receive
        self._send = send
        self._body: list[bytes] = []
        self._response: list[bytes] = []
        length = headers.get("content-length", "")
        is_small = length.isdigit() and len(length) < 9 and 0 < int(length) <= MAX_BODY_BYTES
        # A client that expects a 100 sends its body only to a server that wants it.
        self._is_read = not is_small or "expect" in headers
        entry.content_type = headers.get("content-type", "")

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._body.append(message.get("body", b""))
            self._is_read = self._is_read or not message.get("more_body", False)
        else:
            self._is_read = True
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._read_rest()
            self._entry.status = message["status"]
            self._entry.response_type = Headers(raw=message.get("headers", [])).get("content-type", "")
        elif message["type"] == "http.response.body":
            self._response.append(message.get("body", b""))
        await self._send(message)

    async def _read_rest(self) -> None:
        """Read a body that the application did not need, for example because it refused the token."""
        try:
            async with asyncio.timeout(BODY_TIMEOUT_SECONDS):
                while not self._is_read:
                    await self.receive()
        except TimeoutError:
            self._is_read = True

    def finish(self) -> None:
        """Write the bodies into the entry."""
        self._entry.body = _join(self._body)
        self._entry.response = _join(self._response)


def _join(parts: list[bytes]) -> bytes:
    """Return a body; a long one is replaced by a text about its length, as JSON."""
    size = sum(map(len, parts))
    return b"".join(parts) if size <= MAX_BODY_BYTES else b'"(%d bytes, too long for the log)"' % size
