"""Work that an interrupt must not stop halfway."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


def run_to_end(function: Callable[[], T]) -> T:
    """Run a function in another thread and return its result.

    Python raises ``KeyboardInterrupt`` in the main thread, at any place: also between the end of a ``with`` statement
    and the release of its lock. An interrupt ends the wait for the function alone; the function runs to its end, and
    what it changes is never left half changed. Other threads run it directly.

    Parameters
    ----------
    function : changes what must stay consistent

    Examples
    --------
    >>> run_to_end(lambda: 6 * 7)
    42
    """
    if threading.current_thread() is not threading.main_thread():
        return function()
    outcome: Future[T] = Future()

    def run() -> None:
        try:
            outcome.set_result(function())
        except BaseException as error:
            outcome.set_exception(error)

    try:
        threading.Thread(target=run, name="graphcall_nb work", daemon=True).start()
    except RuntimeError:  # the interpreter ends, and starts no thread any more
        return function()
    return outcome.result()
