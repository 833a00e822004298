"""Time that passes only when it is advanced: the clock, the delays and the tasks of a simulator without waiting."""

from __future__ import annotations

import asyncio
import heapq
import time
from collections.abc import Callable, Coroutine
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

CreateTask = Callable[[Coroutine[Any, Any, None]], "asyncio.Task[None]"]
"""Runs a coroutine as a task of the running loop."""

SEEDED_START = 1_767_225_600.0
"""Start of the clock with a seed, 2026-01-01 in UTC: a fixed time, so that two runs have the same times."""

MAX_ADVANCE_SECONDS = 366 * 86_400.0

QUIET_CYCLES = 30
"""Cycles of the event loop without a request, after which a bot in this process has finished its reaction."""

MAX_SETTLE_SECONDS = 2.0
"""Longest wait for a bot that sends one request after another; real seconds."""


def create_task(coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """Run a coroutine as a task of the running loop."""
    return asyncio.get_running_loop().create_task(coroutine)


class VirtualTime:
    """The clock and the timers of a simulator, moved by :meth:`advance` alone.

    Parameters
    ----------
    start : float
        Epoch seconds at which the clock starts.
    settle_seconds : float
        Real seconds without a request after which a bot on a port has finished its reaction to a notification; 0 for
        a bot in this process, whose reaction needs cycles of the event loop only.

    Examples
    --------
    >>> import asyncio
    >>> async def run():
    ...     time = VirtualTime(start=0.0)
    ...     async def wait():
    ...         await time.sleep(45 * 60)
    ...         print("45 minutes later")
    ...     time.create_task(wait())
    ...     await time.advance(3600)
    ...     print(time.clock())
    >>> asyncio.run(run())
    45 minutes later
    3600.0
    """

    def __init__(self, start: float = SEEDED_START, *, settle_seconds: float = 0.0) -> None:
        self._now = start
        self._settle_seconds = settle_seconds
        self._timers: list[tuple[float, int, asyncio.Future[None], asyncio.Task[Any] | None]] = []
        self._timer_count = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._busy: set[asyncio.Task[Any]] = set()
        self._became_idle = asyncio.Event()
        self._activity_count = 0
        self._settled_count = 0
        self._lock = asyncio.Lock()

    def clock(self) -> float:
        """Return the present virtual time in epoch seconds."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock was advanced by a number of seconds."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        timer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._timer_count += 1
        task = asyncio.current_task()
        heapq.heappush(self._timers, (self._now + seconds, self._timer_count, timer, task))
        self._set_idle(task)
        try:
            await timer
        finally:
            self._set_busy(task)

    async def skip(self, seconds: float) -> None:
        """Move the clock for a request that takes a while; timers that are due meanwhile run in the next advance."""
        self._now += seconds

    def create_task(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run a coroutine as a task that :meth:`advance` waits for, unless it sleeps."""
        task = create_task(coroutine)
        self._tasks.add(task)
        self._busy.add(task)
        task.add_done_callback(self._on_task_done)
        return task

    def _on_task_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._set_idle(task)

    def _set_busy(self, task: asyncio.Task[Any] | None) -> None:
        if task in self._tasks:
            self._busy.add(task)

    def _set_idle(self, task: asyncio.Task[Any] | None) -> None:
        if task is not None:
            self._busy.discard(task)
        if not self._busy:
            self._became_idle.set()

    def note_activity(self) -> None:
        """Note a request or a response, in either direction, so that :meth:`advance` waits for what may follow."""
        self._activity_count += 1

    def watch(self, app: ASGIApp) -> ASGIApp:
        """Return an application that notes each request to ``app``, except those that control the simulator."""

        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            if scope.get("path", "").startswith("/simulator/"):
                await app(scope, receive, send)
                return
            self.note_activity()
            try:
                await app(scope, receive, send)
            finally:
                self.note_activity()

        return watched

    async def advance(self, seconds: float) -> None:
        """Move the clock; run what is due meanwhile, in order, and return when all its notifications were delivered.

        Parameters
        ----------
        seconds : float
            Virtual seconds, 0 or more; 0 delivers what is due now.

        Raises
        ------
        ValueError
            For a number that is negative, not finite or above a year.
        """
        check_seconds(seconds)
        async with self._lock:
            await self._settle()
            end = self._now + seconds
            while self._timers and self._timers[0][0] <= end:
                await self._run_next_timer()
            self._now = max(self._now, end)

    async def advance_until(self, is_reached: Callable[[], bool]) -> bool:
        """Move the clock from one timer to the next until a condition holds; return whether it was reached.

        Parameters
        ----------
        is_reached : callable
            The condition, which is checked whenever everything has settled.

        Returns
        -------
        bool
            False if no timer is left, or none within a year.
        """
        async with self._lock:
            await self._settle()
            end = self._now + MAX_ADVANCE_SECONDS
            while not is_reached():
                if not self._timers or self._timers[0][0] > end:
                    return False
                await self._run_next_timer()
            return True

    async def _run_next_timer(self) -> None:
        """Move the clock to the next timer and wait for what it starts."""
        due, _, timer, task = heapq.heappop(self._timers)
        if timer.done():
            return
        self._now = max(self._now, due)
        timer.set_result(None)
        self._set_busy(task)
        await self._settle()

    async def _settle(self) -> None:
        """Wait until all tasks sleep or are done and the bot has been quiet for a while."""
        latest = time.monotonic() + MAX_SETTLE_SECONDS
        await self._wait_until_idle()
        # A bot may react after its response to a notification; its requests come a moment later.
        while self._settled_count != self._activity_count and time.monotonic() < latest:
            self._settled_count = self._activity_count
            if self._settle_seconds:
                await asyncio.sleep(self._settle_seconds)
            for _ in range(QUIET_CYCLES):
                await asyncio.sleep(0)
            await self._wait_until_idle()

    async def _wait_until_idle(self) -> None:
        while self._busy:
            self._became_idle.clear()
            await self._became_idle.wait()


def check_seconds(seconds: Any) -> None:
    """Raise ``ValueError`` for a number of seconds that time cannot be advanced by."""
    is_number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    if not is_number or not 0 <= seconds <= MAX_ADVANCE_SECONDS:  # not a number is not in any range
        raise ValueError(f"seconds is {seconds!r}; give a number from 0 to {MAX_ADVANCE_SECONDS:.0f}, which is a year.")
