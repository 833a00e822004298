"""Replay of a journal: the same methods for reading, limited to the rows up to a position in time."""

from __future__ import annotations

import asyncio
import math
import threading
import time
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import accumulate
from numbers import Real

from .._arguments import require_type
from .._interrupts import run_to_end
from ..errors import JournalError
from .columns import NotificationColumns
from .journal import Journal
from .payloads import PayloadReader
from .records import NotificationRecord, RequestRecord, Row
from .selection import Selection

POLL_SECONDS = 0.05
"""Time between two checks of a waiting reader; a row becomes visible by the passing of time, without an event."""


class _Track:
    """Times at which the rows of one table become visible.

    No row becomes visible before one with a lower ``seq``, since readers continue from the last ``seq`` they read.
    """

    def __init__(self, rows: Iterable[Row]) -> None:
        pairs = list(rows)
        self.seqs = array("q", (seq for seq, _ in pairs))
        self.times = array("q", accumulate((time_us for _, time_us in pairs), max))

    def find_last_seq(self, time_us: float) -> int:
        """Return the ``seq`` of the last visible row; 0 without one."""
        count = bisect_right(self.times, time_us)
        return self.seqs[count - 1] if count else 0


class Replay:
    """Replay of a journal: readable and seekable, never written.

    Attributes
    ----------
    announces_commits : False, since rows become visible without an event
    journal : all of it
    url : address of the journal
    duration : from the first row to the last, in seconds
    started_at : time of the first row, seconds since 1970
    rewind_count : number of seeks backwards; a reader that keeps rows must read again after each

    Parameters
    ----------
    journal : to replay
    speed : factor of the original speed; ``math.inf`` is at the end at once
    owned : True if :meth:`close` closes the journal too
    waits : True to wait at the beginning for :meth:`play`, unless the speed is infinite
    clock : returns seconds that only increase
    """

    announces_commits = False

    def __init__(
        self,
        journal: Journal,
        *,
        speed: float = 1.0,
        owned: bool = True,
        waits: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.journal = journal
        self._owned = owned
        self._clock = clock
        self._lock = threading.Lock()
        self._notifications, self._requests = map(_Track, journal.read_times())
        tracks = [track for track in (self._notifications, self._requests) if track.times]
        self._first_us = min((track.times[0] for track in tracks), default=0)
        last_us = max((track.times[-1] for track in tracks), default=0)
        self.url = journal.url
        self.started_at = self._first_us / 1e6
        self.duration = (last_us - self._first_us) / 1e6
        self.rewind_count = 0
        self._speed = _check_speed(speed)
        self._is_playing = not waits or math.isinf(self._speed)
        self._set_origin(0.0)

    # ---- position

    @property
    def position(self) -> float:
        """Seconds since the first row."""
        return run_to_end(self._read_position)

    def _read_position(self) -> float:
        with self._lock:
            return self._compute_position()

    def _compute_position(self) -> float:
        elapsed = self._clock() - self._since if self._is_playing else 0.0
        if math.isinf(self._speed):
            # Infinity times zero seconds is not a number.
            return self.duration if self._is_playing else min(self._from, self.duration)
        return min(self._from + elapsed * self._speed, self.duration)

    def _set_origin(self, position: float) -> None:
        """Continue from a position at the present time."""
        self._from, self._since = position, self._clock()

    @property
    def speed(self) -> float:
        """Factor of the original speed."""
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        run_to_end(partial(self._change_speed, _check_speed(speed)))

    def _change_speed(self, speed: float) -> None:
        with self._lock:
            self._set_origin(self._compute_position())
            self._speed = speed

    @property
    def is_playing(self) -> bool:
        """True while time passes; False if paused or at the end."""
        return self._is_playing and self.position < self.duration

    def play(self) -> None:
        """Continue; at the end, start again from the beginning."""
        if self.position >= self.duration and not math.isinf(self._speed):
            self.seek(0)
        run_to_end(self._continue)

    def _continue(self) -> None:
        with self._lock:
            self._set_origin(self._compute_position())
            self._is_playing = True

    def pause(self) -> None:
        """Stop at the present position."""
        run_to_end(self._stop)

    def _stop(self) -> None:
        with self._lock:
            self._from, self._is_playing = self._compute_position(), False

    def seek(self, seconds: float) -> None:
        """Move to a position, in seconds after the first row."""
        require_type("seconds", seconds, Real, "a number of seconds after the beginning")
        if math.isnan(seconds):
            raise ValueError("seconds is nan; give a number of seconds after the beginning.")
        run_to_end(partial(self._move, seconds))

    def _move(self, seconds: float) -> None:
        with self._lock:
            before = self._compute_position()
            self._set_origin(min(max(seconds, 0.0), self.duration))
            self.rewind_count += self._from < before

    def now(self) -> float:
        """Return the time of the present position, seconds since 1970."""
        return self.started_at + self.position

    # ---- reading, as in Journal

    def _find_last_seq(self, track: _Track) -> int:
        # Rounded up: a row is visible at its own time.
        return track.find_last_seq(math.ceil(self._first_us + self.position * 1e6))

    def read(
        self,
        after: int = 0,
        limit: int | None = None,
        *,
        selection: Selection | None = None,
        whole_calls: bool = False,
    ) -> list[NotificationRecord]:
        """Return notifications; see :meth:`.Journal.read`."""
        until = self._find_last_seq(self._notifications)
        return self.journal.read(after, limit, selection=selection, whole_calls=whole_calls, until=until)

    def read_columns(
        self,
        after: int = 0,
        limit: int | None = None,
        *,
        selection: Selection | None = None,
        whole_calls: bool = False,
    ) -> NotificationColumns:
        """Return notifications as columns; see :meth:`.Journal.read_columns`."""
        until = self._find_last_seq(self._notifications)
        return self.journal.read_columns(after, limit, selection=selection, whole_calls=whole_calls, until=until)

    def read_seqs(self, selection: Selection) -> list[int]:
        """Return the ``seq`` of each selected notification; see :meth:`.Journal.read_seqs`."""
        return self.journal.read_seqs(selection, until=self._find_last_seq(self._notifications))

    def read_requests(self, after: int = 0, *, selection: Selection | None = None) -> list[RequestRecord]:
        """Return requests; see :meth:`.Journal.read_requests`."""
        until = self._find_last_seq(self._requests)
        return self.journal.read_requests(after, selection=selection, until=until)

    @property
    def payloads(self) -> PayloadReader:
        """Reader of JSON texts; see :attr:`.Journal.payloads`."""
        return self.journal.payloads

    @property
    def last_seq(self) -> int:
        """``seq`` of the newest visible notification; 0 without one."""
        return self._find_last_seq(self._notifications)

    @contextmanager
    def watch_commits(self, on_commit: Callable[[], object]) -> Iterator[None]:
        """Do nothing: rows become visible by the passing of time."""
        yield

    async def wait(self, after: int) -> None:
        """Wait for a notification; see :meth:`.Journal.wait`."""
        while self.last_seq <= after:  # noqa: ASYNC110 - time passes without an event
            await asyncio.sleep(POLL_SECONDS)

    def wait_sync(self, after: int, timeout: float) -> bool:
        """Wait in a thread for a notification; see :meth:`.Journal.wait_sync`."""
        end = time.monotonic() + timeout
        while self.last_seq <= after:
            remaining = end - time.monotonic()
            if remaining <= 0:
                return False
            time.sleep(min(POLL_SECONDS, remaining))
        return True

    @property
    def write_error(self) -> None:
        """Always ``None``: a replay writes nothing."""
        return

    async def append_request(self, request: RequestRecord) -> None:
        """Raise ``JournalError``: a replay is read-only."""
        raise JournalError("A replay is read-only; use graphcall_nb.simulate() to send requests.")

    def close(self) -> None:
        """Close the journal if the replay owns it."""
        if self._owned:
            self.journal.close()

    def __repr__(self) -> str:
        return f"<Replay of {self.url}, at {self.position:.1f} of {self.duration:.1f} s>"


def _check_speed(speed: float) -> float:
    require_type("speed", speed, Real, "a number above zero, 1 for the original speed")
    if not speed > 0:
        raise ValueError(f"speed is {speed}; give a number above zero, 1 for the original speed.")
    return speed
