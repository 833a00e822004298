"""Delivery of notifications to bots: signed, in order for each call, with retries."""

from __future__ import annotations

import asyncio
import errno
import json
import logging
import os
import re
import ssl
from collections import deque
from collections.abc import Awaitable, Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from .._environment import accept_private_authorities, create_default_ssl_context, find_proxy, require_key_log_file
from ..errors import InvalidSetting
from .callbacks import CallbackPolicy
from .virtual_time import CreateTask, create_task

if TYPE_CHECKING:
    import aiohttp

LOG = logging.getLogger(__name__)

RETRY_DELAYS_SECONDS = (0.25, 1.0, 3.0)
"""Delays before each retry; real seconds at any speed, since they wait for a real receiver."""

MAX_CONCURRENT_PER_HOST = 32
"""Requests in flight to one host; more only compete with each other in a bot of one process."""

MAX_QUEUED = 100_000
"""Deliveries that wait; more are dropped, so that a bot that never responds does not fill the memory."""

MAX_FAILED_KEPT = 100

MAX_RESPONSE_BYTES = 4096
"""Bytes of the body of a response that are buffered; twice as many arrive before the connection is paused."""

TIMEOUT_SECONDS = 10.0

KEEP_ALIVE_SECONDS = 4.0
"""Idle time of a connection that is reused; shorter than the 5 s after which Node and uvicorn close theirs."""

_ERRNO = re.compile(r"Errno (\d+)")

Sleep = Callable[[float], Awaitable[None]]


class PostResponse(NamedTuple):
    """The response to a notification, as far as it matters."""

    status: int
    location: str = ""


Post = Callable[[str, Mapping[str, str], bytes], Awaitable[PostResponse]]
"""Posts a body with these headers to a URL. Raises ``OSError`` (``TimeoutError`` is one) without a response."""


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """The result of one attempt: an HTTP status, or the error that prevented a response."""

    status: int | None
    location: str = ""
    error: str = ""

    @property
    def is_delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_retryable(self) -> bool:
        return self.status is None or self.status == 429 or self.status >= 500


@dataclass(frozen=True, slots=True)
class Delivery:
    """A notification body for one URL.

    Attributes
    ----------
    delay : float
        Real seconds before the first attempt.
    headers : mapping
        Headers besides ``Authorization`` and ``Content-Type``.
    queue_key : str
        Deliveries with the same key are sent one after another; by default those of one call.
    token_faults : tuple of str
        Fault of the token in each attempt that gets a 401; ``""`` for a valid one.
    on_response : callable, optional
        Called with the delivery and its last result; may return another delivery to send instead.
    attempt : int
        Number of the attempt, from 1.
    """

    call_id: str
    url: str
    application_id: str
    body: Mapping[str, Any]
    delay: float = 0.0
    headers: Mapping[str, str] = field(default_factory=dict)
    queue_key: str = ""
    token_faults: tuple[str, ...] = ("",)
    on_response: Callable[[Delivery, DeliveryResult], Delivery | None] | None = None
    attempt: int = 1


Send = Callable[[Delivery, str], Awaitable[DeliveryResult]]


class DeliveryQueue:
    """Sends deliveries, those of one call one after another. A slow bot delays only its own.

    Parameters
    ----------
    send : callable
        Attempts a delivery once, with a token fault.
    sleep : callable
        Waits for a number of real seconds.
    create_task : callable
        Runs a coroutine as a task.
    max_queued : int
        Deliveries that may wait; further ones fail at once.

    Attributes
    ----------
    delivered_count : int
        Deliveries that were accepted.
    failed : deque
        The last hundred that were not, each with the result of its last attempt.
    """

    def __init__(
        self,
        send: Send,
        *,
        sleep: Sleep = asyncio.sleep,
        create_task: CreateTask = create_task,
        max_queued: int = MAX_QUEUED,
    ) -> None:
        self._send_once = send
        self._sleep = sleep
        self._create_task = create_task
        self._max_queued = max_queued
        self._queued_count = 0
        self._queues: dict[str, deque[Delivery]] = {}
        self._workers: set[asyncio.Task[None]] = set()
        self._slots: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self.delivered_count = 0
        self.failed: deque[tuple[Delivery, DeliveryResult]] = deque(maxlen=MAX_FAILED_KEPT)

    def enqueue(self, delivery: Delivery) -> None:
        """Queue a delivery and return at once; needs a running loop."""
        if self._queued_count >= self._max_queued:
            self._finish(delivery, DeliveryResult(None, error=f"{self._queued_count} notifications are queued"))
            return
        self._queued_count += 1
        key = delivery.queue_key or delivery.call_id
        queue = self._queues.get(key)
        if queue is not None:
            queue.append(delivery)
            return
        self._queues[key] = deque([delivery])
        worker = self._create_task(self._work(key))
        self._workers.add(worker)
        worker.add_done_callback(self._workers.discard)

    async def _work(self, key: str) -> None:
        queue = self._queues[key]
        delays: tuple[float, ...] = RETRY_DELAYS_SECONDS
        try:
            while queue:
                delivery = queue.popleft()
                if delivery.delay:
                    await self._sleep(delivery.delay)
                self._queued_count -= 1
                result = await self._send(delivery, delays)
                other = delivery.on_response(delivery, result) if delivery.on_response else None
                if other is not None:
                    delivery, result = other, await self._send(other, delays)
                self._finish(delivery, result)
                # A receiver that was not reachable in all attempts gets only one for each later notification.
                delays = RETRY_DELAYS_SECONDS if result.status is not None else ()
        finally:
            self._queued_count -= len(queue)
            del self._queues[key]

    async def _send(self, delivery: Delivery, delays: tuple[float, ...]) -> DeliveryResult:
        numbers = count(1)
        result = await self._attempt(delivery, numbers)
        for delay in delays:
            if not result.is_retryable:
                break
            await self._sleep(delay)
            result = await self._attempt(delivery, numbers)
        return result

    async def _attempt(self, delivery: Delivery, numbers: Iterator[int]) -> DeliveryResult:
        """Send it once, or once for each token fault until the response is not a 401."""
        result = DeliveryResult(None)
        for fault in delivery.token_faults:
            async with self._get_slot(delivery.url):
                result = await self._send_once(replace(delivery, attempt=next(numbers)), fault)
            if result.status != 401:
                break
        return result

    def _get_slot(self, url: str) -> asyncio.Semaphore:
        """Return the semaphore of a host; it is removed when no delivery uses it."""
        host = urlsplit(url).netloc
        slot = self._slots.get(host)
        if slot is None:
            slot = self._slots[host] = asyncio.Semaphore(MAX_CONCURRENT_PER_HOST)
        return slot

    def _finish(self, delivery: Delivery, result: DeliveryResult) -> None:
        if result.is_delivered:
            self.delivered_count += 1
            return
        self.failed.append((delivery, result))
        # Never the URL: its path may be a secret.
        LOG.info("A notification of call %s was not delivered: %s", delivery.call_id, result.error or result.status)

    def drop(self, call_ids: Container[str]) -> None:
        """Drop the deliveries of these calls that wait; one that is being sent is finished."""
        for queue in self._queues.values():
            kept = [delivery for delivery in queue if delivery.call_id not in call_ids]
            self._queued_count -= len(queue) - len(kept)
            queue.clear()
            queue.extend(kept)

    async def join(self) -> None:
        """Wait until nothing is left to send."""
        while self._workers:
            await asyncio.wait(self._workers)

    async def aclose(self) -> None:
        """Drop all deliveries that were not sent yet."""
        workers = list(self._workers)
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)


class NotificationSender:
    """Signs and posts notifications.

    Parameters
    ----------
    get_token : callable
        Returns the bearer token for an application id and a token fault.
    http : HttpPoster, optional
    post : callable, optional
        Posts a request instead of the network (:data:`Post`).
    """

    def __init__(
        self, get_token: Callable[[str, str], str], http: HttpPoster | None = None, *, post: Post | None = None
    ) -> None:
        self._get_token = get_token
        self._http = http or HttpPoster()
        self._callbacks = self._http.callbacks
        self._post = post or self._http.post

    async def send(self, delivery: Delivery, token_fault: str = "") -> DeliveryResult:
        """Post a notification once; a failure is a result, not an error."""
        if problem := self._callbacks.find_problem(delivery.url, delivery.application_id):
            return DeliveryResult(None, error=f"the address {problem.rstrip('.')}")
        headers = {
            **delivery.headers,
            "Authorization": f"Bearer {self._get_token(delivery.application_id, token_fault)}",
            "Content-Type": "application/json",
        }
        content = json.dumps(delivery.body, ensure_ascii=False, separators=(",", ":")).encode()
        try:
            response = await self._post(delivery.url, headers, content)
        except OSError as error:
            return DeliveryResult(None, error=str(error) or type(error).__name__)
        return DeliveryResult(response.status, response.location)

    async def aclose(self) -> None:
        await self._http.aclose()


class HttpPoster:
    """Posts over HTTP and HTTPS with aiohttp, which costs a fifth of httpx for each request.

    Only the head of a response is awaited, so a server that ends its response by closing the connection is fine. A
    body is not read: aiohttp buffers a few kilobytes of it, and closes the connection of a longer one.

    Parameters
    ----------
    timeout_seconds : float
        Time for one request.
    callbacks : CallbackPolicy, optional
        Hosts that may be connected to; this machine alone by default.
    ca_file : path-like, optional
        PEM file of additional certificate authorities.

    Raises
    ------
    ValueError
        For a file that cannot be read or has no certificates, or an unusable ``SSLKEYLOGFILE``.
    """

    def __init__(
        self,
        *,
        timeout_seconds: float = TIMEOUT_SECONDS,
        callbacks: CallbackPolicy | None = None,
        ca_file: str | os.PathLike[str] | None = None,
    ) -> None:
        require_key_log_file()
        self._timeout_seconds = timeout_seconds
        self.callbacks = callbacks or CallbackPolicy()
        self._session: aiohttp.ClientSession | None = None
        # Loading certificates takes 20 ms, so it waits for the first https callback unless a file has to be checked.
        self._ssl_context = _create_ssl_context(ca_file) if ca_file is not None else None

    async def post(self, url: str, headers: Mapping[str, str], content: bytes) -> PostResponse:
        """Post a body and return the response. Raise ``OSError`` without one."""
        if problem := self.callbacks.find_delivery_problem(url):
            raise PermissionError(problem)
        import aiohttp

        is_https = url.startswith("https:")
        try:
            async with self._open_session().post(
                url,
                data=content,
                headers=headers,
                allow_redirects=False,
                proxy=self._get_proxy(url) if is_https else None,
                ssl=self._get_ssl_context() if is_https else True,
            ) as response:
                return PostResponse(response.status, response.headers.get("Location", ""))
        except (aiohttp.ClientError, ValueError) as error:
            raise ConnectionError(_describe_error(error)) from error

    def _open_session(self) -> aiohttp.ClientSession:
        # Opened on first use: it belongs to the loop that uses it, and importing aiohttp takes a tenth of a second.
        if self._session is None:
            import aiohttp

            from .resolver import make_resolver

            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=0,  # the queue has limits
                    keepalive_timeout=KEEP_ALIVE_SECONDS,
                    resolver=make_resolver(self.callbacks),
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": "graphcall-nb-simulator"},
                timeout=aiohttp.ClientTimeout(total=self._timeout_seconds),
                read_bufsize=MAX_RESPONSE_BYTES,
                auto_decompress=False,  # a small body may decompress to a large one
            )
        return self._session

    def _get_proxy(self, url: str) -> str | None:
        """Return the proxy of the environment for an https URL. A listed name is resolved by the proxy."""
        host = urlsplit(url).hostname or ""
        is_direct = self.callbacks.allows_address(host, 0, host) or host == "localhost"
        proxy = None if is_direct else find_proxy(url)
        if proxy is not None and not proxy.url.startswith("http"):
            message = "callbacks go through http:// proxies only; add the host of the callback to NO_PROXY."
            raise InvalidSetting(proxy.variable, message)
        return proxy.url if proxy else None

    def _get_ssl_context(self) -> ssl.SSLContext:
        if self._ssl_context is None:
            self._ssl_context = _create_ssl_context()
        return self._ssl_context

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None


def _create_ssl_context(ca_file: str | os.PathLike[str] | None = None) -> ssl.SSLContext:
    context = create_default_ssl_context()
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=os.fspath(ca_file))
        except (OSError, ssl.SSLError):
            raise ValueError(
                f"callback_ca: {os.fspath(ca_file)} is not a readable PEM file of certificates; check the path."
            ) from None
        accept_private_authorities(context)
    return context


def _describe_error(error: Exception) -> str:
    """Return the reason of a failed request, never with the URL, whose path may be a secret."""
    if isinstance(error, InvalidSetting):
        return str(error)
    system_error = getattr(error, "os_error", None)
    reason = _describe_system_error(system_error) if system_error else ""
    certificate_error = getattr(error, "certificate_error", None)
    if certificate_error is not None:
        reason = getattr(certificate_error, "verify_message", "") or str(certificate_error)
        return f"the certificate is not trusted: {reason.rstrip('.')}; name its authority with --callback-ca"
    return reason or type(error).__name__


def _describe_system_error(error: OSError) -> str:
    """Return the system's words; asyncio replaces them by the addresses that it tried."""
    numbers = [str(error.errno)] if error.errno else _ERRNO.findall(str(error))
    if any(int(number) == errno.ECONNREFUSED for number in numbers):
        return f"{os.strerror(errno.ECONNREFUSED)}: nothing listens there; check the port and start the bot"
    return error.strerror or str(error)
