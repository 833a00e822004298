"""``run``: an awaitable of one's own from a synchronous cell or callback."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from importlib import import_module
from inspect import isawaitable
from typing import Any, TypeVar

T = TypeVar("T")


def run(awaitable: Awaitable[T]) -> T:
    """Run an awaitable and return its result, also where an event loop is running already.

    A notebook's cell runs inside an event loop, and there ``asyncio.run`` refuses to work. This is for awaitables of
    one's own, such as :class:`~graphcall_nb.AsyncCalls`; the methods of a session need it not.

    Parameters
    ----------
    awaitable
        A coroutine, task or future.

    Raises
    ------
    TypeError
        When it cannot be awaited.
    RuntimeError
        When the running loop cannot be nested (uvloop); use ``await`` there.

    Notes
    -----
    asyncio is patched by nest-asyncio at the first call inside a running loop, never on import. Where ipykernel has
    brought the maintained fork ``nest_asyncio2``, that is used: nest-asyncio 1.6.0 prints errors on ipykernel 7
    when a widget's message comes in during the wait.

    Examples
    --------
    >>> import asyncio
    >>> run(asyncio.sleep(0, result="done"))
    'done'
    """
    if not isawaitable(awaitable):
        raise TypeError(
            f"run() takes what could be awaited, not {type(awaitable).__name__}; the methods of a session have waited."
        )
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(_coroutine(awaitable))
    try:
        _nesting()(loop)
    except ValueError:
        _close(awaitable)
        raise RuntimeError(f"{type(loop).__name__} cannot run a loop inside a loop; write `await …` instead.") from None
    return loop.run_until_complete(awaitable)


async def _coroutine(awaitable: Awaitable[T]) -> T:
    return await awaitable


def _nesting() -> Callable[[asyncio.AbstractEventLoop], None]:
    try:
        nested = import_module("nest_asyncio2")
    except ImportError:
        nested = import_module("nest_asyncio")
    apply: Callable[[asyncio.AbstractEventLoop], None] = nested.apply
    return apply


def _close(awaitable: Awaitable[Any]) -> None:
    """A coroutine that will not run is closed, so that Python does not warn about it."""
    if asyncio.iscoroutine(awaitable):
        awaitable.close()
