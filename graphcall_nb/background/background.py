"""The background thread and its event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from ..errors import GraphcallError

T = TypeVar("T")


def new_event_loop() -> asyncio.AbstractEventLoop:
    """Return a uvloop if it is installed (1.4 times less CPU for each request), else asyncio's loop."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


class Background:
    """One daemon thread with one event loop.

    Parameters
    ----------
    name : of the thread

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
        self._thread = threading.Thread(target=self._run_loop, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def _run_loop(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            self._loop.run_until_complete(self._cancel_tasks())
            self._loop.close()

    async def _cancel_tasks(self) -> None:
        """Cancel all tasks, so that threads that wait for them continue."""
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._loop.shutdown_asyncgens()

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        """Start a coroutine and return at once; cancelling the future cancels the coroutine.

        Raises
        ------
        RuntimeError
            If the thread is not running.
        """
        if not self._thread.is_alive():
            coroutine.close()
            raise RuntimeError("The background loop is not running; call start() first.")
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine and return its result; an interrupt of the wait cancels the coroutine.

        Raises
        ------
        RuntimeError
            If the thread is not running, or if this is called from the thread itself.
        """
        if threading.current_thread() is self._thread:
            coroutine.close()
            raise RuntimeError("run() was called on the background loop and would block it; use await instead.")
        future = self.submit(coroutine)
        try:
            return future.result()
        except GraphcallError as error:
            # The message is complete. Frames of the loop and of its futures would hide the line of the user's cell.
            raise error.with_traceback(None)  # noqa: B904 - the same error with its own cause
        except BaseException:
            future.cancel()
            raise

    def stop(self) -> None:
        """Cancel all tasks and end the thread; stopping twice is allowed."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
