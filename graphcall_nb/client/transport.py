"""Requests over httpx: retries, limits and the request log."""

from __future__ import annotations

import json
import ssl
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, Self

import anyio
import httpx

from .._arguments import require_type
from .._urls import is_loopback
from ..errors import ServiceUnreachable
from ..graph.base import redact
from ..graph.requests import MAX_ATTEMPTS, Request, ServiceResponse, pause_before_retry, read_error
from ..graph.versions import DEFAULT, ApiVersion, get_version
from ..journal.records import RequestRecord

GRAPH_URL = "https://graph.microsoft.com"
TIMEOUT_SECONDS = 30.0

IN_FLIGHT = 32
"""Requests that are under way at once at most; more wait their turn. httpx searches its whole pool for each request,
and gives up on one that waits there for long."""

# The request did not reach the service for certain, so that sending it again cannot do a thing twice.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Sender:
    """Sends requests over httpx, again where that is right. Its parameters are those of :class:`AsyncCalls`."""

    def __init__(
        self,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        auth: httpx.Auth | None = None,
        version: str | ApiVersion = DEFAULT,
        base_url: str = GRAPH_URL,
        verify: ssl.SSLContext | bool = True,
        on_exchange: Callable[[RequestRecord], Awaitable[None]] | None = None,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
        clock: Callable[[], float] = time.time,
        tries: int = MAX_ATTEMPTS,
    ) -> None:
        require_type("base_url", base_url, str, "the address of Graph")
        self.tries = require_type("tries", tries, int, "a whole number, 1 or more")
        self.version = get_version(version)
        self._http = httpx.AsyncClient(
            transport=transport,
            auth=auth,
            base_url=base_url,
            verify=verify,
            trust_env=not is_loopback(base_url),
            timeout=TIMEOUT_SECONDS,
        )
        self._on_exchange = on_exchange
        self._slots = anyio.Semaphore(IN_FLIGHT)
        self._sleep = sleep
        self._clock = clock

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.version.name} at {self._http.base_url}>"

    async def _send(self, request: Request) -> ServiceResponse:
        """Send a request, again where that is right; returns the answer when it is a success."""
        client_request_id = str(uuid.uuid4())
        tries = 0
        while True:
            tries += 1
            try:
                response = await self._once(request, client_request_id)
            except httpx.TransportError as error:
                if tries < self.tries and (request.repeatable or isinstance(error, _NOT_SENT)):
                    await self._sleep(2.0 ** (tries - 1) / 4)
                    continue
                raise self._unreachable(request, error) from None
            if response.is_success:
                return _answer(response, client_request_id)
            status, headers = response.status_code, response.headers
            pause = pause_before_retry(status, headers, tries, self._clock(), self.tries)
            if pause is None:
                raise read_error(request, status, headers, response.content, client_request_id)
            await self._sleep(pause)

    async def _once(self, request: Request, client_request_id: str) -> httpx.Response:
        """Send once, and tell ``on_exchange`` what came of it."""
        response, failure = None, None
        headers = {"client-request-id": client_request_id, "return-client-request-id": "true"}
        async with self._slots:
            sent_at, started = self._clock(), time.perf_counter()
            try:
                response = await self._http.request(
                    request.method, request.path, json=request.body, headers=headers, **_sign_in(request)
                )
            except httpx.TransportError as error:
                failure = error
            seconds = time.perf_counter() - started
        if self._on_exchange is not None:
            await self._on_exchange(self._exchange(request, response, failure, sent_at, seconds, client_request_id))
        if response is None:
            raise failure or httpx.TransportError("no answer")
        return response

    def _exchange(
        self,
        request: Request,
        response: httpx.Response | None,
        failure: Exception | None,
        sent_at: float,
        seconds: float,
        client_request_id: str,
    ) -> RequestRecord:
        answer = _json(response)
        created = answer.get("id") if request.operation == "create" and isinstance(answer, dict) else None
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
            request_body=_text(request.body),
            response_body=_text(answer),
            error=type(failure).__name__ if failure else None,
        )

    def _unreachable(self, request: Request, error: httpx.TransportError) -> ServiceUnreachable:
        maybe_sent = not isinstance(error, _NOT_SENT)
        remedy = (
            "It may have been carried out all the same: look at session.calls() before you repeat it."
            if maybe_sent and not request.repeatable
            else "Check the network and the proxy, and try again."
        )
        reason = f"{type(error).__name__}: {error}".rstrip(": ")
        return ServiceUnreachable(f"No answer from {self._http.base_url} ({reason}). {remedy}", maybe_sent=maybe_sent)


def _answer(response: httpx.Response, client_request_id: str) -> ServiceResponse:
    headers = response.headers
    return ServiceResponse(
        response.status_code,
        response.content,
        headers.get("location", ""),
        headers.get("request-id", ""),
        client_request_id,
    )


def _sign_in(request: Request) -> dict[str, Any]:
    """How a request is signed in: as the client is, or with a token of its own that no other address may see."""
    return {"auth": _bearer(request.bearer)} if request.own_sign_in else {}


def _bearer(token: str) -> Callable[[httpx.Request], httpx.Request]:
    def sign(request: httpx.Request) -> httpx.Request:
        if token:
            request.headers["authorization"] = f"Bearer {token}"
        return request

    return sign


def _json(response: httpx.Response | None) -> Any:
    try:
        return response.json() if response is not None and response.content else None
    except ValueError:
        return None


def _text(value: Any) -> str | None:
    return None if value is None else json.dumps(redact(value), ensure_ascii=False)
