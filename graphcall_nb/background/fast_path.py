"""Requests without a task: an application may take most requests directly from the HTTP protocol.

A task, its scope and ASGI's messages cost as much CPU as everything else that a listener does for a request. The fast
path needs private classes of uvicorn. If they differ from the expected ones, uvicorn's public interface serves all
requests by ASGI, which is slower and gives the same responses.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable, Iterable
from functools import cache
from typing import Protocol, cast, runtime_checkable

Headers = Iterable[tuple[bytes, bytes]]

Respond = Callable[[int, bytes, Headers], None]
"""Sends status, body and headers of a response; to be called once, on the event loop, at any time."""

STOCK_PROTOCOL = "h11"
"""uvicorn's own HTTP implementation that bounds the length of headers."""


@runtime_checkable
class FastPath(Protocol):
    """An ASGI application that also handles complete requests and responds by a callback."""

    def accepts(self, method: bytes, target: bytes, headers: dict[bytes, bytes]) -> bool:
        """Return True if :meth:`handle` shall get the request; ASGI serves it otherwise."""

    def handle(self, body: bytes, respond: Respond) -> None:
        """Handle a request that was accepted."""


@cache
def find_protocol(module: str = "graphcall_nb.background.uvicorn_protocol") -> type[asyncio.Protocol] | str:
    """Return the HTTP protocol with the fast path, or uvicorn's own one if uvicorn's internals differ.

    Parameters
    ----------
    module : module with ``FastPathProtocol`` and ``has_expected_internals()``
    """
    try:
        implementation = importlib.import_module(module)
        is_usable = implementation.has_expected_internals()
    except (ImportError, AttributeError, TypeError):
        return STOCK_PROTOCOL
    return cast(type[asyncio.Protocol], implementation.FastPathProtocol) if is_usable else STOCK_PROTOCOL
