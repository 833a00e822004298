"""Group commit: what arrives while a commit is under way shares the next one, and each waits for its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

Row = tuple[Any, ...]

Then = Callable[[BaseException | None], None]
"""Called on the loop when the rows are committed, or with what went wrong."""


class _Batch:
    __slots__ = ("rows", "waiting")

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.waiting: list[Then] = []


class GroupCommit:
    """Hands batches of rows to ``commit``, one at a time, on a thread of its own; used from one event loop.

    Whoever comes after :meth:`close`, or was still waiting for his commit then, is told what ``closed`` makes.
    """

    def __init__(self, commit: Callable[[Sequence[Row]], None], closed: Callable[[], BaseException]) -> None:
        self._commit = commit
        self._closed = closed
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="graphcall_nb-journal")
        self._open = _Batch()
        self._busy = False

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
        try:
            job = self._thread.submit(self._commit, batch.rows)
        except RuntimeError:  # the thread has ended
            _answer(loop, batch, self._closed())
            return
        self._busy = True
        job.add_done_callback(lambda done: _tell(loop, self._finish, loop, batch, done))

    def _finish(self, loop: asyncio.AbstractEventLoop, batch: _Batch, job: Future[None]) -> None:
        self._busy = False
        # At once, since answering takes a while.
        self._start(loop)
        _answer(loop, batch, job.exception())

    def close(self) -> None:
        """Wait for the commit under way, and end the thread."""
        self._thread.shutdown(wait=True)


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
