"""``run``: an awaitable from a synchronous cell or callback."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from importlib import import_module
from inspect import isawaitable
from typing import TypeVar

T = TypeVar("T")


def run(awaitable: Awaitable[T]) -> T:
    """Run an awaitable and return its result, even while an event loop is running.

    A notebook's cell runs inside an event loop, where ``asyncio.run`` raises an error. Use this function for your own
    awaitables, such as those of :class:`~graphcall_nb.AsyncCalls`; session methods already block, so they do not need
    it.

    Parameters
    ----------
    awaitable : awaitable
        A coroutine, task or future.

    Returns
    -------
    object
        The result of the awaitable.

    Raises
    ------
    TypeError
        When ``awaitable`` cannot be awaited.
    RuntimeError
        When the running loop cannot be nested (uvloop); use ``await`` there.

    Notes
    -----
    nest-asyncio patches asyncio at the first call inside a running loop, never on import. If ipykernel has installed
    the maintained fork ``nest_asyncio2``, that is used: nest-asyncio 1.6.0 prints errors on ipykernel 7 when a
    widget's message arrives during the wait.

    Examples
    --------
    >>> import asyncio
    >>> run(asyncio.sleep(0, result="done"))
    'done'
    """
    if not isawaitable(awaitable):
        raise TypeError(
            f"run() needs an awaitable, not {type(awaitable).__name__}; methods of a session have waited already."
        )
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(_await(awaitable))
    try:
        _import_apply()(loop)
    except ValueError:
        if asyncio.iscoroutine(awaitable):  # else Python warns that it was never awaited
            awaitable.close()
        raise RuntimeError(f"{type(loop).__name__} cannot run a loop inside a loop; write `await …` instead.") from None
    return loop.run_until_complete(awaitable)


async def _await(awaitable: Awaitable[T]) -> T:
    return await awaitable


def _import_apply() -> Callable[[asyncio.AbstractEventLoop], None]:
    try:
        nested = import_module("nest_asyncio2")
    except ImportError:
        nested = import_module("nest_asyncio")
    apply: Callable[[asyncio.AbstractEventLoop], None] = nested.apply
    return apply
