"""A journal as it was at some time: the same reading side, with only what had come by then."""

from __future__ import annotations

import asyncio
import math
import threading
import time
from array import array
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate
from numbers import Real

from .._arguments import require_type
from ..errors import JournalError
from .commit import Row
from .journal import Journal
from .payloads import PayloadReader
from .selection import Selection

LOOK_SECONDS = 0.05
"""How often a waiter looks whether the time of something has come."""


class _Track:
    """When which number was there; never earlier than those before it, since cursors go by number."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.seqs = array("q", (row[0] for row in rows))
        self.times = array("q", accumulate((row[1] for row in rows), max))

    def last_at(self, at_us: float) -> int:
        there = bisect_right(self.times, at_us)
        return self.seqs[there - 1] if there else 0


class Replay:
    """Plays a journal again: it can be read, waited for and moved about in, never written.

    Attributes
    ----------
    url : address of the journal
    duration : how long it lasts, in seconds
    started_at : seconds since 1970 of its first row
    backwards : how often it was moved back; whoever keeps what he read must then read again

    Parameters
    ----------
    journal : what is played
    speed : how many times faster than it was; ``math.inf`` is at the end at once
    owned : whether :meth:`close` closes the journal too
    clock : seconds that only grow
    """

    def __init__(
        self, journal: Journal, *, speed: float = 1.0, owned: bool = True, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._journal = journal
        self._owned = owned
        self._clock = clock
        self._lock = threading.Lock()
        self._notified, self._asked = map(_Track, journal.times())
        begins = [track.times[0] for track in (self._notified, self._asked) if track.times]
        ends = [track.times[-1] for track in (self._notified, self._asked) if track.times]
        self._first_us = min(begins, default=0)
        self.url = journal.url
        self.started_at = self._first_us / 1e6
        self.duration = (max(ends, default=0) - self._first_us) / 1e6
        self.backwards = 0
        self._speed = _checked(speed)
        self._playing = True
        self._from, self._since = 0.0, clock()

    # ---- moving about

    @property
    def position(self) -> float:
        """Seconds since the first row."""
        with self._lock:
            return self._position()

    def _position(self) -> float:
        # Nothing at all has passed when it was paused; infinite speed times no time is no number.
        passed = self._clock() - self._since if self._playing else 0.0
        moved = math.inf if math.isinf(self._speed) and self._playing else passed * (self._speed if passed else 1)
        return min(self._from + moved, self.duration)

    @property
    def speed(self) -> float:
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        with self._lock:
            self._from, self._since = self._position(), self._clock()
            self._speed = _checked(speed)

    @property
    def playing(self) -> bool:
        """Whether time goes on; at the end it does not."""
        with self._lock:
            return self._playing and self._position() < self.duration

    def play(self) -> None:
        """Go on; from the end, begin again."""
        if self.position >= self.duration and not math.isinf(self._speed):
            self.seek(0)
        with self._lock:
            self._from, self._since, self._playing = self._position(), self._clock(), True

    def pause(self) -> None:
        with self._lock:
            self._from, self._playing = self._position(), False

    def seek(self, seconds: float) -> None:
        """Move to so many seconds after the first row."""
        require_type("seconds", seconds, Real, "a number of seconds after the beginning")
        if math.isnan(seconds):
            raise ValueError("seconds is nan; give a number of seconds after the beginning.")
        with self._lock:
            before = self._position()
            self._from, self._since = min(max(seconds, 0.0), self.duration), self._clock()
            self.backwards += self._from < before

    def now(self) -> float:
        """The time that it is in what is played, seconds since 1970."""
        return self.started_at + self.position

    # ---- reading, as a journal

    def _until(self, track: _Track) -> int:
        # Rounded up: at its own time a row is there.
        return track.last_at(math.ceil(self._first_us + self.position * 1e6))

    def read(
        self,
        after: int = 0,
        limit: int | None = None,
        *,
        selection: Selection | None = None,
        whole_calls: bool = False,
    ) -> list[Row]:
        """See :meth:`Journal.read`."""
        until = self._until(self._notified)
        return self._journal.read(after, limit, selection=selection, whole_calls=whole_calls, until=until)

    def seqs(self, selection: Selection) -> list[int]:
        """See :meth:`Journal.seqs`."""
        return self._journal.seqs(selection, until=self._until(self._notified))

    def read_requests(self, after: int = 0, *, selection: Selection | None = None) -> list[Row]:
        """See :meth:`Journal.read_requests`."""
        return self._journal.read_requests(after, selection=selection, until=self._until(self._asked))

    @property
    def raw_texts(self) -> PayloadReader:
        """See :attr:`Journal.raw_texts`."""
        return self._journal.raw_texts

    @property
    def last_seq(self) -> int:
        """The number of the newest notification that has come."""
        return self._until(self._notified)

    async def wait(self, after: int) -> None:
        """See :meth:`Journal.wait`."""
        while self.last_seq <= after:  # noqa: ASYNC110 - time passes, nobody tells
            await asyncio.sleep(LOOK_SECONDS)

    def wait_sync(self, after: int, timeout: float) -> bool:
        """See :meth:`Journal.wait_sync`."""
        end = time.monotonic() + timeout
        while self.last_seq <= after:
            left = end - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(LOOK_SECONDS, left))
        return True

    @property
    def trouble(self) -> None:
        """See :attr:`Journal.trouble`; nothing is written here."""

    async def append_request(self, exchange: tuple[object, ...]) -> None:
        """Refuse: what is played again is not added to."""
        raise JournalError("What is played again cannot be written to; work with graphcall_nb.simulate() instead.")

    @property
    def whole(self) -> Journal:
        """The journal that is played, all of it."""
        return self._journal

    def close(self) -> None:
        if self._owned:
            self._journal.close()

    def __repr__(self) -> str:
        return f"<Replay of {self.url}, at {self.position:.1f} of {self.duration:.1f} s>"


def _checked(speed: float) -> float:
    require_type("speed", speed, Real, "a number above zero, 1 for the pace at which it was")
    if not speed > 0:
        raise ValueError(f"speed is {speed}; give a number above zero, 1 for the pace at which it was.")
    return speed
