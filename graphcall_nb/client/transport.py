"""Requests over httpx: retries, limits and the request log."""

from __future__ import annotations

import asyncio
import json
import ssl
import time
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any, Self

import anyio
import httpx

from .._arguments import require_type
from .._backoff import Backoff
from .._urls import is_loopback
from ..errors import ServiceUnreachable
from ..graph.base import redact
from ..graph.clouds import find_cloud
from ..graph.requests import MAX_ATTEMPTS, Request, ServiceResponse, pause_before_retry, read_error
from ..graph.versions import DEFAULT, ApiVersion, VersionName, get_version
from .tls import make_connection_options

if TYPE_CHECKING:
    from ..journal.records import RequestRecord

GRAPH_URL = "https://graph.microsoft.com"
TIMEOUT_SECONDS = 30.0
"""Longest wait for a connection, and for each read and write."""

MAX_REQUESTS_IN_FLIGHT = 32
"""Further requests wait here, because httpx searches its whole pool for each request, and a request that waits there
times out."""

# The request certainly did not reach the service, so a retry cannot have an effect twice.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Sender:
    """HTTP client with retries. Its parameters are described at :class:`AsyncCalls`."""

    submit: Callable[[Coroutine[Any, Any, ServiceResponse]], Future[ServiceResponse]] | None = None
    """Function that runs a coroutine on the event loop of the connections, for callers on other loops.

    A session sets it: connections of one loop cannot be used or closed on another.
    """

    def __init__(
        self,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        auth: httpx.Auth | None = None,
        version: VersionName | ApiVersion = DEFAULT,
        base_url: str = GRAPH_URL,
        verify: ssl.SSLContext | bool = True,
        on_exchange: Callable[[RequestRecord], Awaitable[None]] | None = None,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
        clock: Callable[[], float] = time.time,
        max_attempts: int = MAX_ATTEMPTS,
        backoff: Backoff | None = None,
    ) -> None:
        require_type("base_url", base_url, str, "the URL of Graph")
        self.max_attempts = require_type("max_attempts", max_attempts, int, "a whole number, 1 or more")
        self.version = get_version(version)
        self.cloud = find_cloud(base_url)
        self._is_plain = is_loopback(base_url) and base_url.startswith("http:")
        # A plain URL of this machine needs no certificates.
        self._make_client = partial(_make_client, auth, transport)
        self._http = self._make_client(base_url, True if self._is_plain else verify)
        self._verify = verify
        self._https: httpx.AsyncClient | None = None
        self._on_exchange = on_exchange
        self._slots = anyio.Semaphore(MAX_REQUESTS_IN_FLIGHT)
        self._sleep = sleep
        self._clock = clock
        self._loop = _get_running_loop()
        # Durations in virtual time are virtual; the system's clock may be set meanwhile.
        self._timer = time.perf_counter if clock is time.time else clock
        self._backoff = backoff or Backoff()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()
        if self._https is not None:
            await self._https.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.version.name} at {self._http.base_url}>"

    def _get_client(self, url: str) -> httpx.AsyncClient:
        """Return the client for a path or URL.

        A service on this machine at an http URL may announce recordings at https URLs elsewhere. Their client is made
        on first use, because to load the usual authorities takes longer than a request to this machine.
        """
        if not (self._is_plain and url.startswith("https:")):
            return self._http
        if self._https is None:
            self._https = self._make_client(url, self._verify)
        return self._https

    async def _send(self, request: Request) -> ServiceResponse:
        """Send a request on the loop of the connections, with retries, and return the successful response."""
        if self.submit is None or _get_running_loop() is self._loop:
            return await self._send_with_retries(request)
        return await asyncio.wrap_future(self.submit(self._send_with_retries(request)))

    async def _send_with_retries(self, request: Request) -> ServiceResponse:
        client_request_id = str(uuid.uuid4())
        attempts, delays = 0, iter(self._backoff)
        while True:
            attempts += 1
            try:
                response = await self._send_once(request, client_request_id)
            except httpx.TransportError as error:
                if attempts < self.max_attempts and (request.is_idempotent or isinstance(error, _NOT_SENT)):
                    await self._sleep(next(delays))
                    continue
                raise self._make_unreachable(request, error) from None
            if response.is_success:
                return _read_response(response, client_request_id)
            status, headers = response.status_code, response.headers
            pause = pause_before_retry(status, headers, attempts, self._clock(), self.max_attempts)
            if pause is None:
                raise read_error(request, status, headers, response.content, client_request_id)
            await self._sleep(pause)

    async def _send_once(self, request: Request, client_request_id: str) -> httpx.Response:
        """Send a request once and report it to ``on_exchange``."""
        response, failure = None, None
        headers = {**request.headers, "client-request-id": client_request_id, "return-client-request-id": "true"}
        async with self._slots:
            sent_at, started = self._clock(), self._timer()
            try:
                response = await self._get_client(request.path).request(
                    request.method, request.path, json=request.body, headers=headers, **_make_auth(request)
                )
            except httpx.TransportError as error:
                failure = error
            seconds = self._timer() - started
        if self._on_exchange is not None:
            await self._on_exchange(self._make_record(request, response, failure, sent_at, seconds, client_request_id))
        if response is None:
            raise failure or httpx.TransportError("no response")
        return response

    def _make_record(
        self,
        request: Request,
        response: httpx.Response | None,
        failure: Exception | None,
        sent_at: float,
        seconds: float,
        client_request_id: str,
    ) -> RequestRecord:
        # Loaded late, so a client without a request log starts faster.
        from ..journal.records import RequestRecord

        body = _read_json(response)
        created = body.get("id") if request.operation == "create" and isinstance(body, dict) else None
        return RequestRecord(
            seq=0,
            sent_at_us=int(sent_at * 1e6),
            method=request.method,
            url=str(self._http.base_url.join(request.path)),
            operation=request.operation,
            call_id=request.call_id or created,
            status=response.status_code if response is not None else None,
            duration_us=int(seconds * 1e6),
            request_id=response.headers.get("request-id") if response is not None else None,
            client_request_id=client_request_id,
            request_body=_to_json_text(request.body),
            response_body=_to_json_text(body),
            error=type(failure).__name__ if failure else None,
        )

    def _make_unreachable(self, request: Request, error: httpx.TransportError) -> ServiceUnreachable:
        maybe_sent = not isinstance(error, _NOT_SENT)
        remedy = (
            "The service may have acted on it: check session.calls() before you repeat it."
            if maybe_sent and not request.is_idempotent
            else "Check the network and the proxy, and retry."
        )
        reason = f"{type(error).__name__}: {error}".rstrip(": ")
        return ServiceUnreachable(f"No response from {self._http.base_url} ({reason}). {remedy}", maybe_sent=maybe_sent)


def _get_running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:  # none, or one of trio
        return None


def _make_client(
    auth: httpx.Auth | None, transport: httpx.AsyncBaseTransport | None, url: str, verify: ssl.SSLContext | bool
) -> httpx.AsyncClient:
    if transport is not None:
        return httpx.AsyncClient(auth=auth, base_url=url, timeout=TIMEOUT_SECONDS, transport=transport)
    options = make_connection_options(url, verify)
    return httpx.AsyncClient(auth=auth, base_url=url, timeout=TIMEOUT_SECONDS, **options)


def _read_response(response: httpx.Response, client_request_id: str) -> ServiceResponse:
    headers = response.headers
    return ServiceResponse(
        response.status_code,
        response.content,
        headers.get("location", ""),
        headers.get("request-id", ""),
        client_request_id,
    )


def _make_auth(request: Request) -> dict[str, Any]:
    """Return arguments that replace the token of the application for a request with a token of its own."""
    return {"auth": _use_bearer(request.bearer)} if request.has_own_token else {}


def _use_bearer(token: str) -> Callable[[httpx.Request], httpx.Request]:
    def sign(request: httpx.Request) -> httpx.Request:
        if token:
            request.headers["authorization"] = f"Bearer {token}"
        return request

    return sign


def _read_json(response: httpx.Response | None) -> Any:
    try:
        return response.json() if response is not None and response.content else None
    except ValueError:
        return None


def _to_json_text(value: Any) -> str | None:
    return None if value is None else json.dumps(redact(value), ensure_ascii=False)
