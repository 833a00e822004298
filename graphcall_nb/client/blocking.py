"""The asynchronous client from synchronous code."""

from __future__ import annotations

import os
from collections.abc import Coroutine
from concurrent.futures import CancelledError, Future
from typing import Any, TypeVar

from .._arguments import require_type
from ..background import Background
from ..errors import SessionClosed
from .calls import AsyncCalls

T = TypeVar("T")

_FORKED = (
    "This process was forked off the one of the session. Here, its frames can be read, saved and exported, and nothing "
    "is sent or awaited; make a new session with graphcall_nb.simulate() or connect()."
)


class BlockingClient:
    """Requests that run on the background event loop while the caller waits.

    Parameters
    ----------
    calls : AsyncCalls
        Client that sends the requests; it belongs to the loop of ``background``.
    background : Background
        Event loop in a thread.

    Notes
    -----
    After :meth:`close`, and in a process that was forked off the one of the session, every method raises
    :class:`~graphcall_nb.errors.SessionClosed`. An interrupt of a wait cancels the request.
    """

    def __init__(self, calls: AsyncCalls, background: Background) -> None:
        self.calls = calls
        self._background = background
        self._closed = False
        self._owner = os.getpid()

    def close(self) -> None:
        """Refuse later requests; the client and the loop stay open."""
        self._closed = True

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the event loop and return its result."""
        self._require_open(coroutine)
        try:
            return self._background.run(coroutine)
        except CancelledError:
            if self._closed:  # meanwhile
                raise SessionClosed() from None
            raise

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        """Start a coroutine on the event loop and return its future at once."""
        self._require_open(coroutine)
        return self._background.submit(coroutine)

    def _require_open(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        _ = require_type("coroutine", coroutine, Coroutine, "a coroutine, such as session.async_calls.get(id)")
        if self._closed:
            coroutine.close()
            raise SessionClosed()
        if os.getpid() != self._owner:
            coroutine.close()
            raise SessionClosed(_FORKED)
