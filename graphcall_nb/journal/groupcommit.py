"""Group commit: what arrives while a commit is under way shares the next one, and each waits for its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

Row = tuple[Any, ...]


class _Batch:
    __slots__ = ("rows", "waiting")

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.waiting: list[asyncio.Future[None]] = []


class GroupCommit:
    """Hands batches of rows to ``commit``, one at a time, on a thread of its own; used from one event loop."""

    def __init__(self, commit: Callable[[Sequence[Row]], None]) -> None:
        self._commit = commit
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="graphcall_nb-journal")
        self._open = _Batch()
        self._busy = False

    async def add(self, rows: Sequence[Row]) -> None:
        """Returns when the rows are committed; raises what the commit raised."""
        loop = asyncio.get_running_loop()
        committed: asyncio.Future[None] = loop.create_future()
        batch = self._open
        batch.rows += rows
        batch.waiting.append(committed)
        if len(batch.waiting) == 1 and not self._busy:
            # One turn of the loop later, all requests that came in this turn are in the batch.
            loop.call_soon(self._start, loop)
        await committed

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._busy or not self._open.rows:
            return
        batch, self._open = self._open, _Batch()
        self._busy = True
        job = self._thread.submit(self._commit, batch.rows)
        job.add_done_callback(lambda done: _tell(loop, self._finish, loop, batch, done))

    def _finish(self, loop: asyncio.AbstractEventLoop, batch: _Batch, job: Future[None]) -> None:
        self._busy = False
        error = job.exception()
        for committed in batch.waiting:
            # Whoever waited may have been cancelled; his rows are written all the same.
            if committed.done():
                continue
            if error is None:
                committed.set_result(None)
            else:
                committed.set_exception(error)
        self._start(loop)

    def close(self) -> None:
        """Wait for the commit under way, and end the thread."""
        self._thread.shutdown(wait=True)


def _tell(loop: asyncio.AbstractEventLoop, callback: Callable[..., None], *arguments: Any) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(callback, *arguments)
