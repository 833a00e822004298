"""News of the journal for widgets: one thread waits, and hands what is new to whoever subscribed.

Widgets may be changed from any thread, but nothing may be printed or displayed from one: ipykernel would show it under
the cell that happens to run next. Errors of subscribers go to the logger ``graphcall_nb.widgets.live``.
"""

from __future__ import annotations

import contextlib
import inspect
import logging
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from ..errors import JournalError

log = logging.getLogger(__name__)
log.addHandler(logging.NullHandler())  # else Python's last resort would print from the thread

PUSH_SECONDS = 0.1
"""From batch to batch while news does not end: ten a second are more than an eye follows, and cost a browser little."""

AT_ONCE = 3
"""So many go at once after a rest: the two or three changes of one event are not held up, each by the one before it."""

WAIT_SECONDS = 0.1
"""How often the thread looks up from its wait: for rows of other processes, and for the end."""

FAILING_SECONDS = 60.0
"""A journal that cannot be read for so long is given up."""

Row = tuple[Any, ...]
_SEQ = 0


class Source(Protocol):
    """What is needed of a :class:`graphcall_nb.journal.journal.Journal`."""

    def read(self, after: int = 0, limit: int | None = None) -> list[Row]: ...
    def read_requests(self, after: int = 0) -> list[Row]: ...
    def wait_sync(self, after: int, timeout: float) -> bool: ...


class Batch(NamedTuple):
    """What is new: rows of notifications and of requests. ``closed`` is true once, with the last batch."""

    rows: Sequence[Row] = ()
    requests: Sequence[Row] = ()
    closed: bool = False


class _Cursor(NamedTuple):
    row: int = 0
    request: int = 0

    def past(self, batch: Batch) -> _Cursor:
        return _Cursor(
            batch.rows[-1][_SEQ] if batch.rows else self.row,
            batch.requests[-1][_SEQ] if batch.requests else self.request,
        )

    def news(self, batch: Batch) -> Batch:
        """The part of a batch that lies behind this cursor."""
        if not batch.rows and not batch.requests:
            return batch
        return Batch(
            [row for row in batch.rows if row[_SEQ] > self.row],
            [row for row in batch.requests if row[_SEQ] > self.request],
            batch.closed,
        )


Subscriber = Callable[[Batch], None]
_NOTHING = Batch()


class _Subscription:
    def __init__(self, subscriber: Subscriber, cursor: _Cursor) -> None:
        self.cursor = cursor
        # A method does not keep its widget alive; a plain function has nobody else who would keep it.
        self._weak: Callable[[], Subscriber | None]
        bound = inspect.ismethod(subscriber)  # not a method of a builtin, such as list.append
        self._weak = weakref.WeakMethod(subscriber) if bound else lambda: subscriber
        self._complained = False

    @property
    def alive(self) -> bool:
        return self._weak() is not None

    def is_for(self, subscriber: Subscriber) -> bool:
        return self._weak() == subscriber

    def hand(self, batch: Batch) -> None:
        subscriber, new = self._weak(), self.cursor.news(batch)
        self.cursor = self.cursor.past(new)
        if subscriber is None or not (new.rows or new.requests or new.closed):
            return
        try:
            subscriber(new)
        except Exception:
            # Whatever it is, the others must have their news. Once is enough: it may fail ten times a second.
            if not self._complained:
                log.exception("A subscriber of the live view failed; it will be tried again with the next news.")
            self._complained = True


class Pace:
    """So many seconds from batch to batch, where ``AT_ONCE`` may go together after a rest.

    Examples
    --------
    >>> pace = Pace(1.0)
    >>> [pace.pause(now) for now in (100.0, 100.0, 100.0, 101.0, 110.0)]
    [0.0, 0.0, 1.0, 1.0, 0.0]
    """

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._due = 0.0

    def pause(self, now: float) -> float:
        """How many seconds to wait after a batch that went at ``now``."""
        rested = now - (AT_ONCE - 1) * self._interval
        self._due = max(self._due, rested) + self._interval
        return max(self._due - now, 0.0)


class Pusher:
    """Hands new rows of a journal to subscribers, in order, on a thread of its own, some ten times a second at most.

    The thread runs while there are subscribers and while somebody holds the pusher.

    Parameters
    ----------
    source : the journal
    interval : seconds between two batches on the average, at least; a few go at once after a rest

    Examples
    --------
    >>> from graphcall_nb.journal import open_journal
    >>> pusher = Pusher(open_journal())
    >>> pusher.subscribe(lambda batch: None)
    >>> pusher.close()
    """

    def __init__(self, source: Source, *, interval: float = PUSH_SECONDS) -> None:
        self.source = source
        self.interval = interval
        self._subscriptions: list[_Subscription] = []
        self._lock = threading.Lock()  # of the list and the thread
        self._delivering = threading.RLock()  # a subscriber may subscribe another
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def history(self) -> Batch:
        """All there is up to now."""
        return Batch(self.source.read(), self.source.read_requests())

    def subscribe(self, subscriber: Subscriber, after: Batch = _NOTHING) -> None:
        """Call ``subscriber(batch)`` for what is new, from the pusher's thread.

        Parameters
        ----------
        subscriber
            A bound method is held weakly: it ends with its object. A function is held until :meth:`unsubscribe`.
        after
            What the subscriber knows already, usually :meth:`history`; without it the first batch holds everything.
        """
        if self.closed:
            return
        with self._lock:
            self._subscriptions.append(_Subscription(subscriber, _Cursor().past(after)))
            if self._thread is None or not self._thread.is_alive():
                arguments = (weakref.ref(self), self.source, self._stopped, self.interval)
                self._thread = threading.Thread(target=_follow, args=arguments, name="graphcall_nb-live", daemon=True)
                self._thread.start()

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """No more news for this one; unknown ones are passed over."""
        with self._lock:
            self._subscriptions = [one for one in self._subscriptions if not one.is_for(subscriber)]

    @property
    def closed(self) -> bool:
        return self._stopped.is_set()

    def close(self) -> None:
        """Hand over what is still new, with ``closed`` set, and stop the thread. Closing twice is fine."""
        if self.closed:
            return
        self._stopped.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()
        with contextlib.suppress(JournalError):
            self._deliver()
        self._end()

    # ---- on the thread

    def _deliver(self) -> bool:
        """Hand over what is new; whether there was any."""
        with self._delivering:
            with self._lock:
                targets = self._subscriptions = [one for one in self._subscriptions if one.alive]
            if not targets:
                return False
            rows = self.source.read(min(one.cursor.row for one in targets))
            requests = self.source.read_requests(min(one.cursor.request for one in targets))
            for one in targets:
                one.hand(Batch(rows, requests))
            return bool(rows or requests)

    def _end(self) -> None:
        with self._delivering:
            for one in self._subscriptions:
                one.hand(Batch(closed=True))
            self._subscriptions = []

    def _at(self) -> int | None:
        """How far all have read; ``None``, and the thread is over, when nobody is left."""
        with self._lock:
            alive = [one.cursor.row for one in self._subscriptions if one.alive]
            if not alive:
                self._thread = None
            return min(alive, default=None)


def _follow(weak: weakref.ref[Pusher], source: Source, stopped: threading.Event, interval: float) -> None:
    """The thread. It holds the pusher only while it delivers, so that a forgotten pusher ends its thread."""
    failing = 0.0
    pace = Pace(interval)
    after: int | None = 0
    while after is not None and not stopped.is_set():
        delivered = False
        try:
            source.wait_sync(after, WAIT_SECONDS)
            pusher = weak()
            if pusher is None:
                return
            delivered = pusher._deliver()
            failing = 0.0
        except Exception as error:  # of whatever kind: an uncaught one would be printed
            failing = _pause(stopped, failing, error)
            pusher = weak()
            if pusher is None:
                return
            if failing > FAILING_SECONDS:
                pusher._end()
        after = pusher._at()
        del pusher
        if delivered:
            stopped.wait(pace.pause(time.monotonic()))


def _pause(stopped: threading.Event, failing: float, error: Exception) -> float:
    """Wait longer and longer; how long the journal has been failing."""
    if not failing:
        log.warning("The live view cannot read the journal and will try again: %s", error)
    pause = max(failing, WAIT_SECONDS)
    stopped.wait(pause)
    return failing + pause
