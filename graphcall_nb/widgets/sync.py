"""Synchronization of widgets with a journal and with their views in the browser.

A :class:`JournalWatcher` waits in a thread and hands new records to widgets. A :class:`CallAggregator` reads the calls
from them. A :class:`SyncedWidget` sends its content to a page that opens, and only changes after that.

Traits and messages may be sent from any thread, but nothing may be printed or displayed from one: ipykernel would show
it below the cell that happens to run next. Errors of subscribers go to the logger ``graphcall_nb.widgets.sync``.
"""

from __future__ import annotations

import contextlib
import inspect
import logging
import threading
import time
import weakref
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import anywidget
import traitlets

from .._text import EqualLabels
from ..errors import JournalError
from ..graph.history import CallHistory
from ..journal.records import NotificationRecord, RequestRecord

log = logging.getLogger(__name__)
log.addHandler(logging.NullHandler())  # else Python's last resort would print from the thread

UPDATE_INTERVAL_SECONDS = 0.1
"""Ten updates a second are more than a reader can follow, and cost a browser little."""

BURST_UPDATES = 3
"""Updates sent without waiting after a pause, so that the two or three changes of one event are not delayed."""

WAIT_SECONDS = 0.1
"""The shortest wait for records of other processes, and for a replay's; a commit of this process ends it at once."""

MAX_WAIT_SECONDS = 1.0
"""The longest wait, which a session without calls reaches after about four seconds: each wait costs two queries."""

WAIT_GROWTH = 1.25

MAX_FAILING_SECONDS = 60.0
"""A journal that cannot be read for this long is given up."""

MAX_CALLS = 5_000
"""Calls kept by a widget; the oldest ones that ended are dropped first."""

# ---- from the journal


class Source(Protocol):
    """The methods of a :class:`graphcall_nb.journal.journal.Journal` that a watcher needs."""

    def read(self, after: int = 0, limit: int | None = None) -> list[NotificationRecord]: ...
    def read_requests(self, after: int = 0) -> list[RequestRecord]: ...
    @property
    def announces_commits(self) -> bool: ...
    def watch_commits(self, on_commit: Callable[[], object]) -> AbstractContextManager[None]: ...


class Update(NamedTuple):
    """New records of a journal.

    Attributes
    ----------
    notifications, requests : the records, each in the order of their ``seq``
    closed : true once, in the last update
    """

    notifications: Sequence[NotificationRecord] = ()
    requests: Sequence[RequestRecord] = ()
    closed: bool = False


class _Cursor(NamedTuple):
    notification: int = 0
    request: int = 0

    def advance(self, update: Update) -> _Cursor:
        return _Cursor(
            update.notifications[-1].seq if update.notifications else self.notification,
            update.requests[-1].seq if update.requests else self.request,
        )

    def select_new(self, update: Update) -> Update:
        """Return the part of an update that lies after this cursor."""
        if not update.notifications and not update.requests:
            return update
        return Update(
            [one for one in update.notifications if one.seq > self.notification],
            [one for one in update.requests if one.seq > self.request],
            update.closed,
        )


Subscriber = Callable[[Update], None]
_EMPTY = Update()


class _Subscription:
    def __init__(self, subscriber: Subscriber, cursor: _Cursor) -> None:
        self.cursor = cursor
        # A method does not keep its widget alive. A plain function is kept: nothing else may refer to it.
        self._weak: Callable[[], Subscriber | None]
        bound = inspect.ismethod(subscriber)  # not a method of a builtin, such as list.append
        self._weak = weakref.WeakMethod(subscriber) if bound else lambda: subscriber
        self._has_failed = False

    @property
    def alive(self) -> bool:
        return self._weak() is not None

    def is_for(self, subscriber: Subscriber) -> bool:
        return self._weak() == subscriber

    def deliver(self, update: Update) -> None:
        subscriber, new = self._weak(), self.cursor.select_new(update)
        self.cursor = self.cursor.advance(new)
        if subscriber is None or not (new.notifications or new.requests or new.closed):
            return
        try:
            subscriber(new)
        except Exception:
            # The other subscribers must get their update. Log once: it may fail ten times a second.
            if not self._has_failed:
                log.exception("A subscriber of the live view failed; it gets the next update all the same.")
            self._has_failed = True


class Throttle:
    """A minimum average interval between updates, with a burst of ``BURST_UPDATES`` after a pause.

    Examples
    --------
    >>> throttle = Throttle(1.0)
    >>> [throttle.delay_after(now) for now in (100.0, 100.0, 100.0, 101.0, 110.0)]
    [0.0, 0.0, 1.0, 1.0, 0.0]
    """

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._due = 0.0

    def delay_after(self, now: float) -> float:
        """Return the seconds to wait after an update sent at ``now``."""
        earliest = now - (BURST_UPDATES - 1) * self._interval
        self._due = max(self._due, earliest) + self._interval
        return max(self._due - now, 0.0)


class JournalWatcher:
    """Delivers new records of a journal to subscribers, in order, from a thread of its own.

    The thread runs while the watcher has subscribers and is referenced.

    Parameters
    ----------
    source : the journal
    interval : seconds between two updates on average, at least; see :class:`Throttle`
    wait : seconds of the first wait for records that no commit announces; waits without records grow to a second

    Examples
    --------
    >>> from graphcall_nb.journal.journal import open_journal
    >>> watcher = JournalWatcher(open_journal())
    >>> watcher.subscribe(lambda update: None)
    >>> watcher.close()
    """

    def __init__(
        self, source: Source, *, interval: float = UPDATE_INTERVAL_SECONDS, wait: float = WAIT_SECONDS
    ) -> None:
        self.source = source
        self.wait = wait
        self.interval = interval
        self._subscriptions: list[_Subscription] = []
        self._lock = threading.Lock()  # of the list and the thread
        self._delivering = threading.RLock()  # a subscriber may subscribe another
        self._stopped = threading.Event()
        self._wake = threading.Event()  # set by commits, and to end the thread
        self._thread: threading.Thread | None = None

    def read_all(self) -> Update:
        """Return all records up to now; none when the journal was closed together with this watcher."""
        try:
            return _read(self.source, _Cursor())
        except JournalError:
            if self.closed:
                return Update()
            raise

    def subscribe(self, subscriber: Subscriber, after: Update = _EMPTY) -> None:
        """Call ``subscriber(update)`` for new records, from the watcher's thread.

        Parameters
        ----------
        subscriber
            A bound method is held weakly: it ends with its object. A function is held until :meth:`unsubscribe`.
        after
            The records that the subscriber has, usually :meth:`read_all`; without it the first update holds everything.
        """
        if self.closed:
            return
        with self._lock:
            self._subscriptions.append(_Subscription(subscriber, _Cursor().advance(after)))
            if self._thread is None or not self._thread.is_alive():
                wake = self._wake
                weak = weakref.ref(self, lambda _: wake.set())
                arguments = (weak, self.source, self._stopped, wake, self.interval, self.wait)
                self._thread = threading.Thread(target=_watch, args=arguments, name="graphcall_nb-live", daemon=True)
                self._thread.start()
        self._wake.set()

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """Stop updates of a subscriber; an unknown one is ignored."""
        with self._lock:
            self._subscriptions = [one for one in self._subscriptions if not one.is_for(subscriber)]
        self._wake.set()

    @property
    def closed(self) -> bool:
        return self._stopped.is_set()

    def close(self) -> None:
        """Deliver what is still new, then an update with ``closed`` set, and stop the thread."""
        if self.closed:
            return
        self._stopped.set()
        self._wake.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()
        with contextlib.suppress(JournalError):
            self.deliver()
        self.finish()

    # ---- in the thread

    def deliver(self) -> bool:
        """Deliver new records; return whether there were any."""
        with self._delivering:
            with self._lock:
                targets = self._subscriptions = [one for one in self._subscriptions if one.alive]
            if not targets:
                return False
            cursors = [one.cursor for one in targets]
            update = _read(self.source, _Cursor(*map(min, zip(*cursors, strict=True))))
            for one in targets:
                one.deliver(update)
            return bool(update.notifications or update.requests)

    def finish(self) -> None:
        with self._delivering:
            for one in self._subscriptions:
                one.deliver(Update(closed=True))
            self._subscriptions = []

    def has_subscribers(self) -> bool:
        """Return false without a subscriber, which ends the thread."""
        with self._lock:
            is_needed = any(one.alive for one in self._subscriptions)
            if not is_needed:
                self._thread = None
            return is_needed


def _read(source: Source, after: _Cursor) -> Update:
    return Update(
        source.read(after.notification),
        source.read_requests(after.request),
    )


def _watch(
    weak: weakref.ref[JournalWatcher],
    source: Source,
    stopped: threading.Event,
    wake: threading.Event,
    interval: float,
    shortest: float,
) -> None:
    """Run the thread. It holds the watcher only while it delivers, so that an unreferenced watcher ends its thread."""
    failing, pause = 0.0, shortest
    throttle = Throttle(interval)
    longest = max(shortest, MAX_WAIT_SECONDS) if source.announces_commits else shortest
    while True:
        wake.clear()
        if stopped.is_set() or (watcher := weak()) is None or not watcher.has_subscribers():
            return
        delivered = False
        try:
            with source.watch_commits(wake.set):
                delivered = watcher.deliver()
                watcher = None
                if not delivered:
                    wake.wait(pause)
            failing = 0.0
        except Exception as error:  # of any kind: an uncaught one would be printed
            watcher = None
            failing = _back_off(stopped, failing, error)
            if failing > MAX_FAILING_SECONDS and (watcher := weak()) is not None:
                watcher.finish()
                watcher = None
        pause = shortest if delivered else min(pause * WAIT_GROWTH, longest)
        if delivered:
            stopped.wait(throttle.delay_after(time.monotonic()))


def _back_off(stopped: threading.Event, failing: float, error: Exception) -> float:
    """Wait longer each time; return the seconds for which the journal has been failing."""
    if not failing:
        log.warning("The live view cannot read the journal and will try again: %s", error)
    pause = max(failing, WAIT_SECONDS)
    stopped.wait(pause)
    return failing + pause


# ---- calls


class AggregatedCall(Protocol):
    """State of a call that every aggregator keeps."""

    key: int
    call_id: str
    history: CallHistory


C = TypeVar("C", bound=AggregatedCall)


class CallAggregator(ABC, Generic[C]):
    """Calls of a journal, in the order of their first record.

    Parameters
    ----------
    max_calls : the number of calls kept

    Attributes
    ----------
    dropped : the number of calls that were dropped
    labels : numbers of equal labels
    """

    def __init__(self, max_calls: int) -> None:
        self.dropped = 0
        self._max_calls = max_calls
        self._calls: dict[str, C] = {}
        self._after = self._after_requests = 0
        self._keys = 0
        self._changed: dict[str, Any] = {}  # by call id, in the order of change
        self._gone: list[int] = []
        self.labels = EqualLabels()

    def feed(self, notifications: Iterable[NotificationRecord], requests: Iterable[RequestRecord] = ()) -> None:
        """Add records, each kind in the order of its ``seq``; records added before are skipped."""
        for request in requests:
            if request.seq > self._after_requests:
                self._after_requests = request.seq
                if request.operation == "create" and request.call_id:
                    self._add_request(request, request.call_id)
        for record in notifications:
            if record.seq > self._after:
                self._after = record.seq
                self._add_notification(record)
        self._drop_oldest()

    @abstractmethod
    def _add_request(self, request: RequestRecord, call_id: str) -> None:
        """Add the request that created a call."""

    @abstractmethod
    def _add_notification(self, record: NotificationRecord) -> None:
        """Add a notification."""

    def _next_key(self) -> int:
        self._keys += 1
        return self._keys - 1

    def _drop_oldest(self) -> None:
        excess = len(self._calls) - self._max_calls
        if excess <= 0:
            return
        # Calls that ended in the order of arrival; live ones only when no others are left.
        oldest = sorted(self._calls.values(), key=lambda call: (not call.history.has_ended, call.key))[:excess]
        for call in oldest:
            del self._calls[call.call_id]
            self._changed.pop(call.call_id, None)
            self.labels.forget(call.call_id)
            self._gone.append(call.key)
        self.dropped += excess

    def __len__(self) -> int:
        return len(self._calls)


# ---- to the browser


class Content(Protocol):
    """Model of a :class:`SyncedWidget` as JSON, without the widget."""

    base_ms: int
    """Milliseconds since 1970 from which its times are counted."""

    def dump(self) -> dict[str, Any]:
        """Return everything."""

    def pop_changes(self) -> dict[str, Any] | None:
        """Return what changed since the last time, or ``None``."""


def _dump_state(_: Any, widget: SyncedWidget) -> dict[str, Any]:
    return widget.dump()


class SyncedWidget(anywidget.AnyWidget):
    """A widget with growing content: all of it when a page opens, only changes after that.

    A second view, and a page that is loaded again, get the present content. A view that missed a message asks for
    everything.

    Parameters
    ----------
    content : what is shown
    setup : what never changes
    clock : seconds since 1970
    live : whether more content may come
    """

    # The number means nothing: the content is sent in its place, whenever a page asks.
    _setup = traitlets.Dict().tag(sync=True)
    _state = traitlets.Int(0).tag(sync=True, to_json=_dump_state, from_json=lambda value, widget: 0)

    def __init__(
        self, content: Content, setup: dict[str, Any], clock: Callable[[], float] = time.time, *, live: bool = True
    ) -> None:
        self._content = content
        self._clock = clock
        self._lock = threading.RLock()
        self._sent = 0
        self._live = live
        self._ended_ms: int | None = None
        super().__init__(_setup=setup)
        self.on_msg(self.handle_message)

    def update(self, change: Callable[[], None], *, closed: bool = False) -> None:
        """Change the content, from any thread, and send what is new.

        Parameters
        ----------
        change : changes the content
        closed : whether this is the last update; views then say that the session is closed
        """
        with self._lock:
            change()
            if closed:
                self._ended_ms, self._live = self._now_ms(), False
            changes = self._content.pop_changes()
            if changes is not None or closed:
                self._sent += 1
                self._send_changes(changes or {})

    def replace_content(self, content: Content) -> None:
        """Show other content; views keep their zoom and filters."""
        with self._lock:
            self._content = content
            self._sent += 1
            self.send_state("_state")

    def send_time(self) -> None:
        """Send the present time of the clock."""
        with self._lock:
            self._send_changes({})

    def dump(self) -> dict[str, Any]:
        """Return everything that a page needs."""
        with self._lock:
            return {**self._make_header(), **self._content.dump()}

    def _send_changes(self, changes: dict[str, Any]) -> None:
        self.send({"kind": "changes", **self._make_header(), **changes})

    def _make_header(self) -> dict[str, Any]:
        return {"n": self._sent, "now": self._now_ms(), "live": self._live}

    def _now_ms(self) -> int:
        if self._ended_ms is not None:
            return self._ended_ms
        return int(self._clock() * 1000) - self._content.base_ms

    def handle_message(self, _: Any, message: Any, buffers: Any = None) -> None:
        """Answer a message of a view; messages of other kinds are ignored."""
        if not isinstance(message, dict):
            return
        if message.get("kind") != "hello":
            self.handle_request(message)
            return
        with self._lock:
            if message.get("n") == self._sent:
                self.send_time()
            else:
                self.send_state("_state")

    def handle_request(self, message: dict[str, Any]) -> None:
        """Handle a request of a view other than one for updates."""

    def describe(self) -> str:
        """Return one sentence that says what is shown."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"<{self.describe()}>"
