"""The listener: an ASGI application that receives notifications."""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
import time
from collections.abc import Callable
from typing import Any, Protocol

from ..errors import InvalidNotification, JournalError, KeysUnavailable, TokenRejected, TooManyTokens
from ..graph.notifications import Notification, read_legacy, read_notifications

_LOGGER = logging.getLogger("httpx")


class RedactFilter(logging.Filter):
    """Replaces a secret in what httpx logs of each request: its whole address.

    Examples
    --------
    >>> with Hidden("s3cret"):
    ...     logging.getLogger("httpx").info("POST https://bot.contoso.com/%s", "s3cret")
    """

    def __init__(self, secret: str) -> None:
        super().__init__()
        self._secret = secret

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if self._secret in message:
            record.msg, record.args = message.replace(self._secret, "…"), None
        return True

    def __enter__(self) -> None:
        _LOGGER.addFilter(self)

    def __exit__(self, *_: object) -> None:
        _LOGGER.removeFilter(self)


HEADER = "graphcall-probe"


def echo(path: str, nonce: str) -> str:
    """What the listener at a path answers to a number.

    Examples
    --------
    >>> echo("/api/calls/secret", "1")[:8]
    '9f55b0b1'
    """
    return hmac.new(path.encode(), nonce.encode(), hashlib.sha256).hexdigest()


LARGEST_BODY = 1 << 20
"""Bytes of a request body; the largest envelopes of Graph are rosters of some 100 kB."""

RETRY_AFTER_SECONDS = 5

_NO_CONTENT = 204  # says by itself that nothing follows; a length is forbidden with it

SECRET_BYTES = 32
"""The last part of a path is a secret when it is that long; a shorter one was chosen by somebody, and is a word."""


Then = Callable[[BaseException | None], None]
"""Called once the rows are committed, or with what went wrong."""

Headers = tuple[tuple[bytes, bytes], ...]


class Log(Protocol):
    """Where notifications are written: :class:`graphcall_nb.journal.journal.Journal`."""

    async def append(self, notifications: list[Notification], received_at_us: int) -> None: ...

    def append_with_callback(self, notifications: list[Notification], received_at_us: int, then: Then) -> None: ...


class Checker(Protocol):
    """Who decides whether a sender is to be trusted: :class:`graphcall_nb.listener.tokens.TokenChecker`."""

    async def check(self, authorization: bytes | None) -> None: ...

    def knows(self, authorization: bytes | None) -> bool: ...


class Refused(Exception):
    """Control flow within this file: how a request is answered that is not taken."""

    def __init__(self, status: int, reason: str, *headers: tuple[bytes, bytes]) -> None:
        self.status = status
        self.reason = reason
        self.headers = headers


class Listener:
    """Receives notifications at one unguessable path.

    Attributes
    ----------
    accepted : how many requests were acknowledged
    refused : how many were not, by status
    last_received_us : when the last one was acknowledged, microseconds since 1970 in UTC; ``None`` before the first
    """

    def __init__(self, log: Log, checker: Checker, *, path: str, clock_ns: Callable[[], int] = time.time_ns) -> None:
        self._log = log
        self._checker = checker
        self._path = path
        self._target = path.encode()
        name = path.rpartition("/")[2].encode()
        self._secret = name if len(name) >= SECRET_BYTES else b""
        # From the host on: the callback route of a Jupyter server has its own secret before the listener's.
        self._address = re.compile(rb'(https?:\\?/\\?/[^/"\\\s]+)[^"\s]*' + re.escape(self._secret))
        self._clock_ns = clock_ns
        self.accepted = 0
        self.refused: dict[int, int] = {}
        self.last_received_us: int | None = None

    def __repr__(self) -> str:
        return f"<Listener: {self.accepted} accepted, {sum(self.refused.values())} refused>"

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        try:
            status = await self._take(scope, receive)
        except Refused as refusal:
            await _send(send, *self._answer_of(refusal))
        else:
            self.accepted += 1
            await _send(send, *_acknowledged(status))

    async def _take(self, scope: Any, receive: Any) -> int:
        """Check and store; returns the status to acknowledge with."""
        if scope["path"] != self._path:
            raise Refused(404, "There is nothing here.")
        if scope["method"] != "POST":
            raise Refused(405, "Notifications come by POST.", (b"allow", b"POST"))
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > LARGEST_BODY:
            raise Refused(413, f"The body may have {LARGEST_BODY} bytes.")
        if not _is_json(headers):
            raise Refused(415, "The body must be application/json.")
        await self._authorize(headers)
        notifications, status = self._read(await _body(receive))
        received_at_us = self._clock_ns() // 1000
        try:
            await self._log.append(notifications, received_at_us)
        except JournalError:
            raise _not_stored() from None
        self.last_received_us = received_at_us
        return status

    def accepts(self, method: bytes, target: bytes, headers: dict[bytes, bytes]) -> bool:
        """Whether nothing but the body is left to judge; any other request is for ASGI, which says what is wrong."""
        return (
            target == self._target
            and method == b"POST"
            and _is_json(headers)
            and self._checker.knows(headers.get(b"authorization"))
        )

    def handle(self, body: bytes, answer: Callable[[int, bytes, Headers], None]) -> None:
        """The same for a request that :meth:`admits`, without a task (:class:`graphcall_nb.background.Direct`)."""
        try:
            notifications, status = self._read(body)
        except Refused as refusal:
            answer(*self._answer_of(refusal))
            return
        received_at_us = self._clock_ns() // 1000

        def then(error: BaseException | None) -> None:
            if error is None:
                self.accepted += 1
                self.last_received_us = received_at_us
                answer(*_acknowledged(status))
            else:
                answer(*self._answer_of(_not_stored()))

        self._log.append_with_callback(notifications, received_at_us, then)

    def _answer_of(self, refusal: Refused) -> tuple[int, bytes, Headers]:
        self.refused[refusal.status] = self.refused.get(refusal.status, 0) + 1
        body = refusal.reason.encode()
        length = b"%d" % len(body)
        plain = ((b"content-type", b"text/plain; charset=utf-8"), (b"content-length", length))
        return refusal.status, body, (*plain, *refusal.headers)

    def _read(self, body: bytes) -> tuple[list[Notification], int]:
        """What is in a body, and the status that acknowledges it."""
        # The service repeats the callback's address in what it sends; its secret must not get into the journal, and
        # from there into frames, exports and saved notebooks.
        if self._secret and self._secret in body:
            body = self._address.sub(rb"\1/***", body).replace(self._secret, b"***")
        try:
            return read_notifications(body), 202
        except InvalidNotification as error:
            legacy = read_legacy(body)
            if legacy is None:
                raise Refused(400, str(error)) from None
            return [legacy], _NO_CONTENT

    async def _authorize(self, headers: dict[bytes, bytes]) -> None:
        try:
            await self._checker.check(headers.get(b"authorization"))
        except TokenRejected as error:
            refusal = f"The bearer token is refused: {error.reason}."
            raise Refused(401, refusal, (b"www-authenticate", b"Bearer"), *self._echo(headers)) from None
        except TooManyTokens as error:
            raise Refused(429, str(error), (b"retry-after", b"1")) from None
        except KeysUnavailable as error:
            raise _unavailable(str(error)) from None

    def _echo(self, headers: dict[bytes, bytes]) -> list[tuple[bytes, bytes]]:
        """Shows our own doctor, who is refused like anybody, that it was this listener who refused him."""
        nonce = headers.get(HEADER.encode())
        return [(HEADER.encode(), echo(self._path, nonce.decode("latin-1")).encode())] if nonce else []


def _is_json(headers: dict[bytes, bytes]) -> bool:
    return headers.get(b"content-type", b"").lower().startswith(b"application/json")


def _unavailable(reason: str) -> Refused:
    return Refused(503, reason, (b"retry-after", b"%d" % RETRY_AFTER_SECONDS))


def _not_stored() -> Refused:
    return _unavailable("The notification could not be stored; send it again.")


async def _body(receive: Any) -> bytes:
    """The request's body; its length may be unsaid, so it is counted."""
    body = b""
    while True:
        message: dict[str, Any] = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(400, "The connection closed before the body was whole.")
        body += bytes(message.get("body", b""))
        if len(body) > LARGEST_BODY:
            raise Refused(413, f"The body may have {LARGEST_BODY} bytes.")
        if not message.get("more_body"):
            return body


def _acknowledged(status: int) -> tuple[int, bytes, Headers]:
    return status, b"", () if status == _NO_CONTENT else ((b"content-length", b"0"),)


async def _send(send: Any, status: int, body: bytes, headers: Headers) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
