"""A listener on the running event loop."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from contextlib import AsyncExitStack

import httpx

from ..background import Server, serve
from ..client.tls import create_ssl_context, make_connection_options
from ..journal.journal import Journal
from .app import Listener
from .config import CallbackConfig
from .tokens import TokenChecker

KEYS_TIMEOUT_SECONDS = 10
"""Time for a document with keys, from the connection to its last byte."""

MAX_KEYS_BYTES = 1 << 20
"""Largest document with keys; those of Microsoft have up to some 200 kB."""


async def serve_listener(
    stack: AsyncExitStack,
    journal: Journal,
    callback: CallbackConfig,
    *,
    listening: socket.socket | None = None,
    clock: Callable[[], float] | None = None,
) -> tuple[Listener, Server]:
    """Serve a listener that writes to a journal.

    Parameters
    ----------
    stack : closes the server
    journal : to write to
    callback : configuration
    listening : listening socket, instead of a new one on the configured address
    clock : time of a simulated service in seconds since 1970, in which notifications are received; by default that of
        this machine

    Returns
    -------
    tuple of Listener and Server
        Both run until the stack is closed.

    Raises
    ------
    OSError
        If the address is not available.
    """
    listener = await make_listener(stack, journal, callback, clock=clock)
    server = await serve(listener, host=callback.host, port=callback.port, listening=listening)
    stack.push_async_callback(server.close)
    return listener, server


async def make_listener(
    stack: AsyncExitStack, journal: Journal, callback: CallbackConfig, *, clock: Callable[[], float] | None = None
) -> Listener:
    """Return a listener for a server of the caller; ``stack`` closes its HTTP client."""
    client = await stack.enter_async_context(
        httpx.AsyncClient(
            timeout=KEYS_TIMEOUT_SECONDS,
            **make_connection_options(
                callback.openid_url, create_ssl_context(callback.ca_bundle, url=callback.openid_url)
            ),
        )
    )

    async def fetch(url: str) -> bytes:
        # Without compression: a few bytes could become a document of any size. A redirect is an error.
        async with (
            asyncio.timeout(KEYS_TIMEOUT_SECONDS),
            client.stream("GET", url, headers={"accept-encoding": "identity"}, follow_redirects=False) as response,
        ):
            response.raise_for_status()
            content = bytearray()
            async for part in response.aiter_raw():
                content += part
                if len(content) > MAX_KEYS_BYTES:
                    raise ValueError(f"The document exceeds {MAX_KEYS_BYTES} bytes.")
            return bytes(content)

    checker = TokenChecker(
        audience=callback.audience,
        tenant_id=callback.tenant_id,
        openid_url=callback.openid_url,
        issuers=callback.issuers,
        fetch=fetch,
        # Only the end of a token stays in the time of this machine.
        monotonic=clock or time.monotonic,
    )
    clock_ns = time.time_ns if clock is None else lambda: int(clock() * 1_000_000) * 1000
    return Listener(journal, checker, path=callback.path, clock_ns=clock_ns)
