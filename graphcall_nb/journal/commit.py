"""Group commit: writers wait together for one transaction."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, Protocol

Row = tuple[Any, ...]

Then = Callable[[BaseException | None], None]
"""Called on the loop when the rows are committed, or with what went wrong."""


QUICK_SECONDS = 0.02
"""How long a commit may hold up the event loop; after one that took longer, the next has a thread."""


class Commit(Protocol):
    def __call__(self, rows: Sequence[Row], *, wait: bool) -> bool:
        """Commit all of the rows or, with an error, none.

        Where that means to wait for somebody else and it is not to ``wait``, it returns False and has done nothing.
        """


class _Batch:
    __slots__ = ("rows", "waiting")

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.waiting: list[Then] = []


class GroupCommit:
    """Hands batches of rows to ``commit``, one at a time; used from one event loop.

    As long as commits are quick they are made on the loop itself: what comes in meanwhile waits in its sockets and
    makes the next batch larger, and no thread takes turns with the loop. A slow disk, a lock of another program or a
    server gets a thread, and the loop goes on.

    Whoever comes after :meth:`close`, or was still waiting for his commit then, is told what ``closed`` makes.
    """

    def __init__(
        self, commit: Commit, closed: Callable[[], BaseException], clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._commit = commit
        self._closed = closed
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="graphcall_nb-journal")
        self._open = _Batch()
        self._busy = False
        self._quick = False  # until one was
        self._ended = False
        self._here = threading.Lock()
        """Held during a commit on the loop, for a :meth:`close` from elsewhere."""

    def put(self, rows: Sequence[Row], then: Then) -> None:
        """Commit the rows, and call ``then``."""
        batch = self._open
        batch.rows += rows
        batch.waiting.append(then)
        if len(batch.waiting) == 1 and not self._busy:
            loop = asyncio.get_running_loop()
            # One turn of the loop later, all requests that came in this turn are in the batch.
            loop.call_soon(self._start, loop)

    async def add(self, rows: Sequence[Row]) -> None:
        """Returns when the rows are committed; raises what the commit raised."""
        committed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.put(rows, partial(_settle, committed))
        await committed

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._busy or not self._open.rows:
            return
        batch, self._open = self._open, _Batch()
        if not (self._quick and self._commit_here(loop, batch)):
            self._hand_over(loop, batch)

    def _commit_here(self, loop: asyncio.AbstractEventLoop, batch: _Batch) -> bool:
        error = None
        with self._here:
            if self._ended:
                return False
            try:
                if not self._timed(batch.rows, wait=False):
                    return False
            except Exception as raised:
                error = raised
        _answer(loop, batch, error)
        return True

    def _hand_over(self, loop: asyncio.AbstractEventLoop, batch: _Batch) -> None:
        try:
            job = self._thread.submit(self._timed, batch.rows, wait=True)
        except RuntimeError:  # the thread has ended
            _answer(loop, batch, self._closed())
            return
        self._busy = True
        job.add_done_callback(lambda done: _tell(loop, self._finish, loop, batch, done))

    def _timed(self, rows: Sequence[Row], *, wait: bool) -> bool:
        began = self._clock()
        try:
            return self._commit(rows, wait=wait)
        finally:
            self._quick = self._clock() - began < QUICK_SECONDS

    def _finish(self, loop: asyncio.AbstractEventLoop, batch: _Batch, job: Future[bool]) -> None:
        self._busy = False
        # At once, since answering takes a while.
        self._start(loop)
        _answer(loop, batch, job.exception())

    def close(self) -> None:
        """Wait for the commit under way, and end the thread."""
        self._thread.shutdown(wait=True)
        with self._here:
            self._ended = True


def _answer(loop: asyncio.AbstractEventLoop, batch: _Batch, error: BaseException | None) -> None:
    for then in batch.waiting:
        try:
            then(error)
        except Exception as raised:
            # Whatever happened to one, the others are to be told.
            loop.call_exception_handler({"message": "What became of a row could not be told.", "exception": raised})


def _settle(committed: asyncio.Future[None], error: BaseException | None) -> None:
    # Whoever waited may have been cancelled; his rows are written all the same.
    if committed.done():
        return
    if error is None:
        committed.set_result(None)
    else:
        committed.set_exception(error)


def _tell(loop: asyncio.AbstractEventLoop, callback: Callable[..., None], *arguments: Any) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(callback, *arguments)
