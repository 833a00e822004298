"""Group commit: rows that arrive together share one transaction."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, Protocol

from .records import Row

OnDone = Callable[[BaseException | None], None]
"""Called on the event loop after the commit, with ``None`` or the error."""

MAX_LOOP_COMMIT_SECONDS = 0.02
"""Longest commit that may block the event loop; after a longer one, the next commit runs in a thread."""


class Commit(Protocol):
    """Function that commits rows."""

    def __call__(self, rows: Sequence[Row], *, wait: bool) -> bool:
        """Commit all rows or, with an error, none; return False if ``wait`` is False and the commit would block."""


class _Batch:
    __slots__ = ("callbacks", "rows")

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.callbacks: list[OnDone] = []


class GroupCommit:
    """Batches of rows for ``commit``, one batch at a time; for use from one event loop.

    Quick commits run on the loop itself: rows that arrive meanwhile wait in their sockets and enlarge the next batch,
    and no thread competes with the loop. With a slow disk, a lock of another program, or a database server, commits run
    in a thread and the loop continues.

    After :meth:`close`, pending and new writes fail with the error from ``make_closed_error``.

    Parameters
    ----------
    commit : commits the rows of a batch
    make_closed_error : returns the error for writes after :meth:`close`
    clock : returns seconds that only increase
    """

    def __init__(
        self,
        commit: Commit,
        make_closed_error: Callable[[], BaseException],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._commit = commit
        self._make_closed_error = make_closed_error
        self._clock = clock
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="graphcall_nb-journal")
        self._next = _Batch()
        self._is_busy = False
        self._is_quick = False  # until a commit was
        self._is_closed = False
        self._loop_commit = threading.Lock()
        """Held during a commit on the loop, so that :meth:`close` from another thread waits for it."""

    def submit(self, rows: Sequence[Row], on_done: OnDone) -> None:
        """Add rows to the next batch; ``on_done`` is called after its commit."""
        batch = self._next
        batch.rows += rows
        batch.callbacks.append(on_done)
        if len(batch.callbacks) == 1 and not self._is_busy:
            loop = asyncio.get_running_loop()
            # In the next iteration of the loop, the batch has the rows of all requests that arrived in this one.
            loop.call_soon(self._start, loop)

    async def add(self, rows: Sequence[Row]) -> None:
        """Add rows to the next batch and wait for its commit.

        Raises
        ------
        BaseException
            The error of the commit.
        """
        committed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.submit(rows, partial(_set_outcome, committed))
        await committed

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._is_busy or not self._next.rows:
            return
        batch, self._next = self._next, _Batch()
        if not (self._is_quick and self._commit_on_loop(loop, batch)):
            self._commit_in_thread(loop, batch)

    def _commit_on_loop(self, loop: asyncio.AbstractEventLoop, batch: _Batch) -> bool:
        error = None
        with self._loop_commit:
            if self._is_closed:
                return False
            try:
                if not self._commit_timed(batch.rows, wait=False):
                    return False
            except Exception as raised:
                error = raised
        _report(loop, batch, error)
        return True

    def _commit_in_thread(self, loop: asyncio.AbstractEventLoop, batch: _Batch) -> None:
        try:
            job = self._executor.submit(self._commit_timed, batch.rows, wait=True)
        except RuntimeError:  # the executor was shut down
            _report(loop, batch, self._make_closed_error())
            return
        self._is_busy = True
        job.add_done_callback(lambda done: _call_on_loop(loop, self._finish, loop, batch, done))

    def _commit_timed(self, rows: Sequence[Row], *, wait: bool) -> bool:
        began = self._clock()
        try:
            return self._commit(rows, wait=wait)
        finally:
            self._is_quick = self._clock() - began < MAX_LOOP_COMMIT_SECONDS

    def _finish(self, loop: asyncio.AbstractEventLoop, batch: _Batch, job: Future[bool]) -> None:
        self._is_busy = False
        # The next commit starts first, since the callbacks take time.
        self._start(loop)
        _report(loop, batch, job.exception())

    def close(self) -> None:
        """Wait for the present commit, and end the thread."""
        self._executor.shutdown(wait=True)
        with self._loop_commit:
            self._is_closed = True


def _report(loop: asyncio.AbstractEventLoop, batch: _Batch, error: BaseException | None) -> None:
    for on_done in batch.callbacks:
        try:
            on_done(error)
        except Exception as raised:
            # A failing callback must not stop the others.
            loop.call_exception_handler({"message": "A callback after a commit failed.", "exception": raised})


def _set_outcome(committed: asyncio.Future[None], error: BaseException | None) -> None:
    if committed.done():  # the waiting task was cancelled; its rows are written all the same
        return
    if error is None:
        committed.set_result(None)
    else:
        committed.set_exception(error)


def _call_on_loop(loop: asyncio.AbstractEventLoop, callback: Callable[..., None], *arguments: Any) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(callback, *arguments)
