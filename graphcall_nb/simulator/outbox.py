"""Letters to bots: in order for each call, tried a few times, given up quietly."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

LOG = logging.getLogger(__name__)

PAUSES = (0.25, 1.0, 3.0)
"""Seconds before each further try; real seconds, since it is a real receiver that is waited for."""

AT_ONCE = 32
"""How many letters are under way to one host at a time: more only crowd each other in one process."""

MOST_WAITING = 100_000
"""Letters that wait; more are dropped, so that a bot that never answers does not fill the memory."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A notification for one address.

    Attributes
    ----------
    delay : how many real seconds it lies before it may go
    lane : letters of one lane go one after another; that of the call where it is empty
    stamps : what its token is like at each attempt that is refused with 401, ``""`` for a good one
    answered : told what became of it; may give a letter to be sent in its place
    """

    call_id: str
    url: str
    application_id: str
    body: Mapping[str, Any]
    delay: float = 0.0
    lane: str = ""
    stamps: tuple[str, ...] = ("",)
    answered: Callable[[Letter, Outcome], Letter | None] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one try: an HTTP status, or why there was none."""

    status: int | None
    location: str = ""
    error: str = ""

    @property
    def delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def worth_retrying(self) -> bool:
        return self.status is None or self.status == 429 or self.status >= 500


Deliver = Callable[[Letter, str], Awaitable[Outcome]]
Sleep = Callable[[float], Awaitable[None]]


class Outbox:
    """Sends letters, those of one call one after another. A bot that is slow to answer holds up its own only.

    Parameters
    ----------
    deliver : sends a letter once
    sleep : waits for so many real seconds
    most_waiting : how many letters may wait; more are given up at once

    Attributes
    ----------
    delivered : how many were taken
    given_up : the last hundred that were not, with what came of their last try
    """

    def __init__(self, deliver: Deliver, *, sleep: Sleep = asyncio.sleep, most_waiting: int = MOST_WAITING) -> None:
        self._deliver = deliver
        self._sleep = sleep
        self._most_waiting = most_waiting
        self._waiting = 0
        self._queues: dict[str, deque[Letter]] = {}
        self._pumps: set[asyncio.Task[None]] = set()
        self._slots: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self.delivered = 0
        self.given_up: deque[tuple[Letter, Outcome]] = deque(maxlen=100)

    def put(self, letter: Letter) -> None:
        """Take a letter and return at once; needs a running loop."""
        if self._waiting >= self._most_waiting:
            self._note(letter, Outcome(None, error=f"{self._waiting} letters are waiting"))
            return
        self._waiting += 1
        lane = letter.lane or letter.call_id
        queue = self._queues.get(lane)
        if queue is not None:
            queue.append(letter)
            return
        self._queues[lane] = deque([letter])
        task = asyncio.get_running_loop().create_task(self._pump(lane))
        self._pumps.add(task)
        task.add_done_callback(self._pumps.discard)

    async def _pump(self, lane: str) -> None:
        queue = self._queues[lane]
        pauses: tuple[float, ...] = PAUSES
        try:
            while queue:
                letter = queue.popleft()
                if letter.delay:
                    await self._sleep(letter.delay)
                self._waiting -= 1
                outcome = await self._send(letter, pauses)
                instead = letter.answered(letter, outcome) if letter.answered else None
                if instead is not None:
                    letter, outcome = instead, await self._send(instead, pauses)
                self._note(letter, outcome)
                # Whoever could not be reached in all those tries is asked only once more for each later letter.
                pauses = PAUSES if outcome.status is not None else ()
        finally:
            self._waiting -= len(queue)
            del self._queues[lane]

    async def _send(self, letter: Letter, pauses: tuple[float, ...]) -> Outcome:
        outcome = await self._try(letter)
        for pause in pauses:
            if not outcome.worth_retrying:
                break
            await self._sleep(pause)
            outcome = await self._try(letter)
        return outcome

    async def _try(self, letter: Letter) -> Outcome:
        """Send it once, or once for each stamp until one is not refused."""
        outcome = Outcome(None)
        for stamp in letter.stamps:
            async with self._slot(letter.url):
                outcome = await self._deliver(letter, stamp)
            if outcome.status != 401:
                break
        return outcome

    def _slot(self, url: str) -> asyncio.Semaphore:
        """Of the host; forgotten when nobody waits there any more."""
        host = urlsplit(url).netloc
        slot = self._slots.get(host)
        if slot is None:
            slot = self._slots[host] = asyncio.Semaphore(AT_ONCE)
        return slot

    def _note(self, letter: Letter, outcome: Outcome) -> None:
        if outcome.delivered:
            self.delivered += 1
            return
        self.given_up.append((letter, outcome))
        # Never the address: its path may be a secret.
        LOG.info("A notification of call %s was not taken: %s", letter.call_id, outcome.error or outcome.status)

    async def drained(self) -> None:
        """Wait until nothing is left to send."""
        while self._pumps:
            await asyncio.wait(self._pumps)

    async def aclose(self) -> None:
        """Drop what was not sent yet."""
        pumps = list(self._pumps)
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
