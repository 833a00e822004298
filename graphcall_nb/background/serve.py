"""A server of ASGI applications on the running event loop."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from functools import partial
from typing import Any, cast

import uvicorn

from .fast_path import find_protocol
from .limits import Connections, Limits

# Without a handler, Python would print uvicorn's warnings about invalid requests from the background thread.
logging.getLogger("uvicorn").addHandler(logging.NullHandler())

ASGIApp = Callable[
    [
        MutableMapping[str, Any],
        Callable[[], Awaitable[MutableMapping[str, Any]]],
        Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ],
    Awaitable[None],
]

CLOSE_TIMEOUT_SECONDS = 2
"""Time for pending requests when a server closes."""

BACKLOG_CONNECTIONS = 2048
"""Connections that the system accepts before the application does."""


class _UvicornServer(uvicorn.Server):
    """uvicorn without signal handlers: a server inside a notebook must not handle Ctrl-C."""

    def __init__(self, config: uvicorn.Config, connections: Connections) -> None:
        super().__init__(config)
        self.has_started = asyncio.Event()
        self._all_connections = connections

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.has_started.set()

    async def on_tick(self, counter: int) -> bool:
        """Close connections whose time is over; uvicorn calls this ten times a second."""
        self._all_connections.close_expired(asyncio.get_running_loop().time())
        return await super().on_tick(counter)


class Server:
    """A running server, made by :func:`serve`.

    Attributes
    ----------
    port : port that it listens on
    url : address, without a slash at the end
    """

    def __init__(
        self, uvicorn_server: _UvicornServer, task: asyncio.Task[None], scheme: str, host: str, port: int
    ) -> None:
        self._server = uvicorn_server
        self._task = task
        self.port = port
        self.url = f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"

    @property
    def is_closing(self) -> bool:
        """True after :meth:`close` was called."""
        return self._server.should_exit

    async def close(self) -> None:
        """Stop listening, finish pending requests, and close."""
        self._server.should_exit = True
        await self._task


async def serve(
    app: ASGIApp,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    listening: socket.socket | None = None,
    protocol: type[asyncio.Protocol] | str | None = None,
    limits: Limits | None = None,
    ssl_context: ssl.SSLContext | None = None,
) -> Server:
    """Serve an ASGI application on the running event loop.

    Parameters
    ----------
    app : ASGI application; one with the methods of :class:`.fast_path.FastPath` gets most requests directly
    host : address to listen on
    port : port to listen on; 0 selects a free one
    listening : listening socket of that host, instead of a new one on ``port``
    protocol : HTTP implementation, as for ``uvicorn.Config(http=)``; by default the best one that is available
    limits : sizes, times and numbers of connections; uvicorn's own implementations keep only the size of headers, the
        number of connections and the idle time
    ssl_context : context with the certificate of the server, which then speaks https

    Returns
    -------
    Server
        The server, which accepts connections.

    Raises
    ------
    OSError
        If the address is not available, for example because the port is in use.
    """
    listening = listening or open_socket(host, port)
    limits = limits or Limits()
    connections = Connections(limits)
    implementation = protocol or find_protocol()
    is_stock = isinstance(implementation, str)
    if not isinstance(implementation, str):
        implementation = cast(type[asyncio.Protocol], partial(cast(Any, implementation), all_connections=connections))
    config = uvicorn.Config(
        app,
        http=implementation,
        ws="none",
        lifespan="off",
        log_config=None,
        # The access log would contain the secret path of the callback. Our protocol has its own switch for it, since
        # uvicorn's changes the loggers of the whole process.
        access_log=not is_stock,
        server_header=False,
        proxy_headers=False,  # the address of the client is not used
        timeout_keep_alive=int(limits.idle_seconds),
        timeout_graceful_shutdown=CLOSE_TIMEOUT_SECONDS,
        limit_concurrency=limits.connections if is_stock else None,
        h11_max_incomplete_event_size=limits.header_bytes,
        ssl_context_factory=(lambda *_: ssl_context) if ssl_context else None,
    )
    server = _UvicornServer(config, connections)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    await server.has_started.wait()
    return Server(server, task, "https" if ssl_context else "http", host, listening.getsockname()[1])


def open_socket(host: str, port: int) -> socket.socket:
    """Return a listening socket.

    Raises
    ------
    OSError
        If the address is not available. The message contains a remedy.
    """
    try:
        listening = socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=BACKLOG_CONNECTIONS
        )
    except OSError as error:
        # Python appends the address to the system's message; ours contains it already.
        reason = str(error.strerror).partition(" (while")[0]
        other = "port, or 0" if error.errno in (errno.EADDRINUSE, errno.EACCES) else "host: an address of this machine"
        raise OSError(f"Cannot listen on {host} port {port}: {reason}. Choose another {other}.") from None
    # Connections inherit it. asyncio sets it only on sockets that name their protocol, and without it each response in
    # two parts waits 40 ms for an acknowledgment.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening
