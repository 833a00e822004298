"""The listener: an ASGI application that receives notifications.

Checks are made in the order path, method, size, content type, token, shape. Then the notification is committed to the
journal, and only then acknowledged.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import time
from collections.abc import Callable
from typing import Any, Protocol

from .._urls import is_loopback
from ..errors import InvalidNotification, JournalError, KeysUnavailable, TokenRejected, TooManyTokens
from ..graph.notifications import Notification, read_in_parts, read_legacy, read_notifications

MAX_BODY_BYTES = 1 << 20
"""Largest body. The largest envelopes of Graph are rosters of some 100 kB."""

RETRY_AFTER_SECONDS = 5
"""Time after which a sender shall retry when a notification cannot be stored or checked."""

LARGE_BODY_BYTES = 64 << 10
"""From this size on, a body is read and stored in parts, between which other requests are served."""

MIN_SECRET_CHARS = 32
"""Least length of the last path segment to count as secret; a shorter one was chosen by the user and may be a word."""

MAX_ADDRESS_CHARS = 64
"""Longest address of a sender."""

PROBE_HEADER = "graphcall-probe"
"""Header by which the doctor recognizes this listener."""

_ACCEPTED, _NO_CONTENT = 202, 204

OnDone = Callable[[BaseException | None], None]
"""Called after the commit, with ``None`` or the error."""

Headers = tuple[tuple[bytes, bytes], ...]
Response = tuple[int, bytes, Headers]


class NotificationLog(Protocol):
    """The part of :class:`graphcall_nb.journal.journal.Journal` that a listener needs."""

    async def append(self, notifications: list[Notification], received_at_us: int) -> None:
        """Add notifications and return after their commit."""

    def append_with_callback(self, notifications: list[Notification], received_at_us: int, on_done: OnDone) -> None:
        """Add notifications and call ``on_done`` after their commit."""


class Checker(Protocol):
    """The part of :class:`graphcall_nb.listener.tokens.TokenChecker` that a listener needs."""

    async def check(self, authorization: bytes | None, peer: str) -> None:
        """Raise an error unless the header has a valid token."""

    def is_verified(self, authorization: bytes | None) -> bool:
        """Return True if the token was checked before and has not expired."""


class _RequestRejected(Exception):
    """Response to a request that is not accepted."""

    def __init__(self, status: int, reason: str, *headers: tuple[bytes, bytes], is_counted: bool = True) -> None:
        self.status = status
        self.reason = reason
        self.headers = headers
        self.is_counted = is_counted


class Listener:
    """ASGI application that receives notifications at one secret path.

    Attributes
    ----------
    accepted : number of acknowledged requests
    refused : number of other requests by status, without those by which the doctor checks the callback
    last_received_us : arrival of the last acknowledged request, microseconds since 1970 in UTC; ``None`` before the
        first

    Parameters
    ----------
    log : stores notifications
    checker : checks tokens
    path : path of the callback
    clock_ns : returns nanoseconds since 1970
    """

    def __init__(
        self, log: NotificationLog, checker: Checker, *, path: str, clock_ns: Callable[[], int] = time.time_ns
    ) -> None:
        self._log = log
        self._checker = checker
        self._path = path
        self._target = path.encode()
        name = path.rpartition("/")[2].encode()
        self._secret = name if len(name) >= MIN_SECRET_CHARS else b""
        self._clock_ns = clock_ns
        self._tasks: set[asyncio.Task[None]] = set()
        self.accepted = 0
        self.refused: dict[int, int] = {}
        self.last_received_us: int | None = None

    def __repr__(self) -> str:
        return f"<Listener: {self.accepted} accepted, {sum(self.refused.values())} refused>"

    # ---- ASGI

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve a request by ASGI."""
        if scope["type"] != "http":
            return
        try:
            status = await self._receive(scope, receive)
        except _RequestRejected as rejection:
            await _send(send, *self._reject(rejection))
        else:
            self.accepted += 1
            await _send(send, *_acknowledge(status))

    async def _receive(self, scope: Any, receive: Any) -> int:
        """Check and store a notification; return the status of the acknowledgement."""
        if scope["path"] != self._path:
            raise _RequestRejected(404, "Not found.")
        if scope["method"] != "POST":
            raise _RequestRejected(405, "Notifications are sent by POST.", (b"allow", b"POST"))
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > MAX_BODY_BYTES:
            raise _make_too_large()
        if not _is_json(headers):
            raise _RequestRejected(415, "The content type must be application/json.")
        await self._check_token(headers, _get_peer(scope, headers))
        return await self._store(await _read_body(receive))

    async def _store(self, body: bytes) -> int:
        """Store the notifications in a body; return the status of the acknowledgement."""
        received_at_us = self._clock_ns() // 1000
        try:
            if len(body) >= LARGE_BODY_BYTES and await self._is_valid_envelope(body):
                status = _ACCEPTED
                for part in read_in_parts(self._hide_secret(body)):
                    await self._log.append(part, received_at_us)
            else:
                notifications, status = self._parse(body)
                await self._log.append(notifications, received_at_us)
        except JournalError:
            raise _make_not_stored() from None
        self.last_received_us = received_at_us
        return status

    async def _is_valid_envelope(self, body: bytes) -> bool:
        """Return whether a body is an envelope. The parts are not kept: they take a hundred times its memory."""
        try:
            for _ in read_in_parts(body):
                await asyncio.sleep(0)
        except InvalidNotification:
            return False
        return True

    async def _store_and_respond(self, body: bytes, respond: Callable[[int, bytes, Headers], None]) -> None:
        try:
            status = await self._store(body)
        except _RequestRejected as rejection:
            respond(*self._reject(rejection))
        else:
            self.accepted += 1
            respond(*_acknowledge(status))

    # ---- the fast path: see graphcall_nb.background.fast_path

    def accepts(self, method: bytes, target: bytes, headers: dict[bytes, bytes]) -> bool:
        """Return True if only the body is left to check; ASGI serves and explains any other request."""
        return (
            target == self._target
            and method == b"POST"
            and _is_json(headers)
            and self._checker.is_verified(headers.get(b"authorization"))
        )

    def handle(self, body: bytes, respond: Callable[[int, bytes, Headers], None]) -> None:
        """Store the notifications of a request that was accepted, and respond after the commit."""
        if len(body) >= LARGE_BODY_BYTES:
            task = asyncio.get_running_loop().create_task(self._store_and_respond(body, respond))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            return
        try:
            notifications, status = self._parse(body)
        except _RequestRejected as rejection:
            respond(*self._reject(rejection))
            return
        received_at_us = self._clock_ns() // 1000

        def on_done(error: BaseException | None) -> None:
            if error is None:
                self.accepted += 1
                self.last_received_us = received_at_us
                respond(*_acknowledge(status))
            else:
                respond(*self._reject(_make_not_stored()))

        self._log.append_with_callback(notifications, received_at_us, on_done)

    # ---- checks

    def _reject(self, rejection: _RequestRejected) -> Response:
        if rejection.is_counted:
            self.refused[rejection.status] = self.refused.get(rejection.status, 0) + 1
        body = rejection.reason.encode()
        headers = ((b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(body)))
        return rejection.status, body, (*headers, *rejection.headers)

    def _parse(self, body: bytes) -> tuple[list[Notification], int]:
        """Return the notifications in a body, and the status of the acknowledgement."""
        body = self._hide_secret(body)
        try:
            return read_notifications(body), _ACCEPTED
        except InvalidNotification as error:
            legacy = read_legacy(body)
            if legacy is None:
                raise _RequestRejected(400, str(error)) from None
            return [legacy], _NO_CONTENT

    def _hide_secret(self, body: bytes) -> bytes:
        # The service repeats the callback URL in notifications. Its secret must not reach the journal, and from there
        # frames, exports and saved notebooks.
        if self._secret and self._secret in body:
            body = _hide_urls(body, self._secret).replace(self._secret, b"***")
        return body

    async def _check_token(self, headers: dict[bytes, bytes], peer: str) -> None:
        try:
            await self._checker.check(headers.get(b"authorization"), peer)
        except TokenRejected as error:
            reason = f"The bearer token is rejected: {error.reason}."
            challenge = (b"www-authenticate", b"Bearer")
            proof = self._make_probe_headers(headers)
            # The doctor's request is refused as intended: to count it would look like a fault.
            is_counted = not proof or b"authorization" in headers
            raise _RequestRejected(401, reason, challenge, *proof, is_counted=is_counted) from None
        except TooManyTokens as error:
            raise _RequestRejected(429, str(error), (b"retry-after", b"1")) from None
        except KeysUnavailable as error:
            raise _make_unavailable(str(error)) from None

    def _make_probe_headers(self, headers: dict[bytes, bytes]) -> list[tuple[bytes, bytes]]:
        """Return the header that proves to the doctor, which has no token, that this listener rejected its request."""
        nonce = headers.get(PROBE_HEADER.encode())
        if nonce is None:
            return []
        return [(PROBE_HEADER.encode(), sign_probe(self._path, nonce.decode("latin-1")).encode())]


def sign_probe(path: str, nonce: str) -> str:
    """Return the proof of a listener with a secret path that it received a nonce.

    Parameters
    ----------
    path : path of the callback
    nonce : random text of the sender

    Examples
    --------
    >>> sign_probe("/api/calls/secret", "1")[:8]
    '9f55b0b1'
    """
    return hmac.new(path.encode(), nonce.encode(), hashlib.sha256).hexdigest()


_URL_END = re.compile(rb'["\s]')
_URL_START = re.compile(rb'https?:\\?/\\?/[^/"\\\s]{1,300}')


def _hide_urls(body: bytes, secret: bytes) -> bytes:
    """Return the body with ``***`` after the host of each URL that contains the secret, in linear time.

    Everything after the host is hidden: the route of a Jupyter server has a secret of its own before the listener's.
    """
    parts: list[bytes] = []
    position = 0
    for end in _URL_END.finditer(body):
        parts.append(_hide_word(body[position : end.start()], secret))
        parts.append(end[0])
        position = end.end()
    return b"".join((*parts, _hide_word(body[position:], secret)))


def _hide_word(word: bytes, secret: bytes) -> bytes:
    """Return a text without spaces and quotes; up to its last secret, only its first host stays."""
    if secret not in word:
        return word
    url = _URL_START.search(word)
    last = word.rindex(secret) + len(secret)
    return url[0].join((word[: url.start()], b"/***")) + word[last:] if url and url.end() <= last else word


def _get_peer(scope: Any, headers: dict[bytes, bytes]) -> str:
    """Return the address of the sender; behind a tunnel or proxy of this machine, the one that it forwards for."""
    host = (scope.get("client") or ("",))[0]
    forwarded = headers.get(b"x-forwarded-for", b"").rpartition(b",")[2].strip()[:MAX_ADDRESS_CHARS]
    is_local = is_loopback(f"http://[{host}]" if ":" in host else f"http://{host}")
    return forwarded.decode("latin-1") if forwarded and is_local else host


def _is_json(headers: dict[bytes, bytes]) -> bool:
    media_type, _, _ = headers.get(b"content-type", b"").partition(b";")
    return media_type.strip().lower() == b"application/json"


def _make_too_large() -> _RequestRejected:
    return _RequestRejected(413, f"The body exceeds {MAX_BODY_BYTES} bytes.")


def _make_unavailable(reason: str) -> _RequestRejected:
    return _RequestRejected(503, reason, (b"retry-after", b"%d" % RETRY_AFTER_SECONDS))


def _make_not_stored() -> _RequestRejected:
    return _make_unavailable("The notification could not be stored; send it again.")


async def _read_body(receive: Any) -> bytes:
    """Return the body. A chunked body has no length in advance, so it is counted."""
    body = b""
    while True:
        message: dict[str, Any] = await receive()
        if message["type"] == "http.disconnect":
            raise _RequestRejected(400, "The connection was closed before the end of the body.")
        body += bytes(message.get("body", b""))
        if len(body) > MAX_BODY_BYTES:
            raise _make_too_large()
        if not message.get("more_body"):
            return body


def _acknowledge(status: int) -> Response:
    # HTTP forbids a length with 204.
    return status, b"", () if status == _NO_CONTENT else ((b"content-length", b"0"),)


async def _send(send: Any, status: int, body: bytes, headers: Headers) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
