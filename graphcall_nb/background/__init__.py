"""The one thread with the one event loop, and the server of ASGI applications on it.

A client shared by two loops breaks, and a notebook's own loop stands still while a cell runs. So everything that
listens or sends lives on one loop in one daemon thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import socket
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator, MutableMapping
from concurrent.futures import Future
from typing import Any, TypeVar

import uvicorn

from ..errors import GraphcallError
from .protocol import HttpProtocol

T = TypeVar("T")

# uvicorn warns of requests that are no HTTP; without a handler Python's last resort would print that from the thread.
logging.getLogger("uvicorn").addHandler(logging.NullHandler())

ASGIApp = Callable[
    [
        MutableMapping[str, Any],
        Callable[[], Awaitable[MutableMapping[str, Any]]],
        Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ],
    Awaitable[None],
]

KEEP_ALIVE_SECONDS = 75
"""How long an idle connection is kept; longer than clients keep theirs, so that they never write to a closed one."""

CLOSE_SECONDS = 2
"""How long requests under way may take when a server closes."""


def new_event_loop() -> asyncio.AbstractEventLoop:
    """A uvloop where there is one (1.4 times cheaper for each request), else asyncio's own."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


class Background:
    """One daemon thread with one event loop.

    Examples
    --------
    >>> import asyncio
    >>> background = Background()
    >>> background.start()
    >>> background.run(asyncio.sleep(0, "done"))
    'done'
    >>> background.stop()
    """

    def __init__(self, name: str = "graphcall_nb") -> None:
        self._loop = new_event_loop()
        self._thread = threading.Thread(target=self._live, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def _live(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            self._loop.run_until_complete(self._end())
            self._loop.close()

    async def _end(self) -> None:
        """Cancel what still runs, so that nobody waits for it for ever."""
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._loop.shutdown_asyncgens()

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        """Start a coroutine on the loop and return at once; cancelling the future cancels the coroutine."""
        if not self._thread.is_alive():
            coroutine.close()
            raise RuntimeError("The background loop is not running; call start() first.")
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the loop and wait for its result; an interrupt of the wait cancels the coroutine."""
        if threading.current_thread() is self._thread:
            coroutine.close()
            raise RuntimeError("Already on the background loop, where waiting would stand still; use await.")
        future = self.submit(coroutine)
        try:
            return future.result()
        except GraphcallError as error:
            # Its message says it all; the frames of the loop and of its futures would bury the line that was typed.
            raise error.with_traceback(None)  # noqa: B904 - the same error, with the cause that it has
        except BaseException:
            future.cancel()
            raise

    def stop(self) -> None:
        """Cancel what runs and end the thread. Stopping twice is fine."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()


class _Uvicorn(uvicorn.Server):
    """uvicorn without its signal handlers: a server inside somebody's process has no say over Ctrl-C."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.ready.set()


class Server:
    """A server that is up. ``url`` is its address, without a slash at the end."""

    def __init__(self, uvicorn_server: _Uvicorn, task: asyncio.Task[None], host: str, port: int) -> None:
        self._server = uvicorn_server
        self._task = task
        self.port = port
        self.url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def close(self) -> None:
        """Stop listening, let requests under way end, and close."""
        self._server.should_exit = True
        await self._task


async def serve(
    app: ASGIApp, *, host: str = "127.0.0.1", port: int = 0, listening: socket.socket | None = None
) -> Server:
    """Serve an ASGI application on the running loop; returns when it accepts connections.

    Parameters
    ----------
    app : the ASGI application
    host : the address to listen on
    port : 0 takes a free one
    listening : a socket of that host that listens already, in place of a new one on ``port``

    Raises
    ------
    OSError
        When the address cannot be had, for example since the port is taken.
    """
    listening = listening or listening_socket(host, port)
    config = uvicorn.Config(
        app,
        http=HttpProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        server_header=False,
        proxy_headers=False,  # nobody here asks who the client was
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=CLOSE_SECONDS,
    )
    server = _Uvicorn(config)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    await server.ready.wait()
    return Server(server, task, host, listening.getsockname()[1])


def listening_socket(host: str, port: int) -> socket.socket:
    """A socket that listens; ``OSError`` says what to do when it cannot."""
    try:
        return socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=2048
        )
    except OSError as error:
        # Python adds to the system's words what it tried, which is said already.
        reason = str(error.strerror).partition(" (while")[0]
        other = "port, or 0" if error.errno in (errno.EADDRINUSE, errno.EACCES) else "host: an address of this machine"
        raise OSError(f"Cannot listen on {host} port {port}: {reason}. Choose another {other}.") from None
