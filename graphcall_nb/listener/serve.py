"""A listener on the running loop."""

from __future__ import annotations

import socket
from contextlib import AsyncExitStack

import httpx

from ..background import Server, serve
from ..client.tls import create_ssl_context
from ..journal.journal import Journal
from .app import Listener
from .config import CallbackConfig
from .tokens import TokenChecker


async def receive(
    stack: AsyncExitStack, journal: Journal, callback: CallbackConfig, *, listening: socket.socket | None = None
) -> tuple[Listener, Server]:
    """Serve a listener that writes into a journal; what has to be closed goes onto the stack.

    Parameters
    ----------
    listening : a socket that listens already, in place of one on the callback's host and port
    """
    listener = await make_listener(stack, journal, callback)
    server = await serve(listener, host=callback.host, port=callback.port, listening=listening)
    stack.push_async_callback(server.close)
    return listener, server


async def make_listener(stack: AsyncExitStack, journal: Journal, callback: CallbackConfig) -> Listener:
    """A listener that somebody else serves."""
    # What is on this machine must not be asked for through a proxy.
    verify = create_ssl_context(callback.ca_bundle)
    keys = await stack.enter_async_context(
        httpx.AsyncClient(timeout=10, verify=verify, trust_env=not callback.openid_is_here)
    )

    async def fetch(url: str) -> bytes:
        return (await keys.get(url)).raise_for_status().content

    checker = TokenChecker(
        audience=callback.audience,
        tenant_id=callback.tenant_id,
        openid_url=callback.openid_url,
        issuers=callback.issuers,
        fetch=fetch,
    )
    return Listener(journal, checker, path=callback.path)
