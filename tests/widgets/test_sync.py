"""The watcher of a journal, with a real journal and a real thread."""

import asyncio
import gc
import logging
import threading
import time
import weakref

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcall_nb.errors import JournalError
from graphcall_nb.graph.notifications import Notification
from graphcall_nb.journal.journal import open_journal
from graphcall_nb.widgets.sync import BURST_UPDATES, JournalWatcher, Throttle, Update

SECONDS = 5


@pytest.fixture
def journal():
    opened = open_journal()
    yield opened
    opened.close()


@pytest.fixture
def watcher(journal):
    made = JournalWatcher(journal)
    yield made
    made.close()


def append_rows(journal, *call_ids):
    fixed = {"entity": "call", "resource": "/app/calls/x", "change_type": "updated", "raw": "{}", "state": "ringing"}
    empty = dict.fromkeys(Notification._fields)
    items = [Notification(**(empty | fixed | {"call_id": call_id})) for call_id in call_ids]
    asyncio.run(journal.append(items, 1))


class Listener:
    """Keeps updates; ``wait_for(n)`` waits for a number of rows."""

    def __init__(self):
        self.updates, self.times, self.threads = [], [], set()
        self.changed = threading.Condition()

    def receive(self, update):
        with self.changed:
            self.updates.append(update)
            self.times.append(time.monotonic())
            self.threads.add(threading.current_thread().name)
            self.changed.notify_all()

    @property
    def received(self):
        return [record.call_id for update in self.updates for record in update.notifications]

    def wait_for(self, count):
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.received) >= count, SECONDS)


def has_ended(thread_name="graphcall_nb-live"):
    end = time.monotonic() + SECONDS
    while any(thread.name == thread_name for thread in threading.enumerate()) and time.monotonic() < end:
        time.sleep(0.01)
    return not any(thread.name == thread_name for thread in threading.enumerate())


def test_new_rows_arrive_in_order_from_one_thread(journal, watcher):
    listener = Listener()
    watcher.subscribe(listener.receive)
    append_rows(journal, "a", "b")
    append_rows(journal, "c")
    listener.wait_for(3)
    assert listener.received == ["a", "b", "c"]
    assert listener.threads == {"graphcall_nb-live"}


def test_rows_read_before_are_not_delivered_again(journal, watcher):
    append_rows(journal, "a")
    listener = Listener()
    watcher.subscribe(listener.receive, watcher.read_all())
    append_rows(journal, "b")
    listener.wait_for(1)
    assert listener.received == ["b"]


def test_late_subscriber_gets_all_rows_and_the_first_none_twice(journal, watcher):
    first, second = Listener(), Listener()
    watcher.subscribe(first.receive)
    append_rows(journal, "a")
    first.wait_for(1)
    watcher.subscribe(second.receive)
    second.wait_for(1)
    append_rows(journal, "b")
    second.wait_for(2)
    first.wait_for(2)
    assert first.received == second.received == ["a", "b"]


def test_ten_updates_a_second_follow_the_first_three(journal, watcher):
    listener = Listener()
    watcher.subscribe(listener.receive)
    while not listener.times or listener.times[-1] < listener.times[0] + 0.5:
        append_rows(journal, "a")
    for first, time_ in enumerate(listener.times):
        assert all(later - time_ > 0.1 * (ahead - 2) - 0.01 for ahead, later in enumerate(listener.times[first:]))


def test_second_change_is_not_delayed():
    throttle = Throttle(0.1)
    assert [throttle.delay_after(now) for now in (50.0, 50.03)] == [0, 0]


@given(st.lists(st.floats(0, 0.5), max_size=100))
def test_throttle_keeps_the_interval(gaps):
    throttle, now, went = Throttle(0.1), 50.0, []
    for gap in gaps:
        went.append(now)
        now += max(throttle.delay_after(now), gap)
    assert all(later - first >= 0.1 * (ahead - BURST_UPDATES) - 1e-6 for first, later, ahead in make_pairs(went))


def make_pairs(times):
    return [(times[i], times[j], j - i + 1) for i in range(len(times)) for j in range(i, len(times))]


def test_failing_subscriber_is_logged_once(journal, watcher, caplog):
    def fails(update):
        raise ValueError("no")

    listener = Listener()
    watcher.subscribe(fails)
    watcher.subscribe(listener.receive)
    with caplog.at_level(logging.ERROR):
        for count in (1, 2):
            append_rows(journal, "a")
            listener.wait_for(count)
    assert len(caplog.records) == 1


def test_nothing_is_printed_when_a_subscriber_raises(journal, watcher, capfd):
    listener = Listener()
    watcher.subscribe(lambda update: 1 / 0)
    watcher.subscribe(listener.receive)
    append_rows(journal, "a")
    listener.wait_for(1)
    assert capfd.readouterr() == ("", "")


def test_close_delivers_the_remaining_rows(journal, watcher):
    listener = Listener()
    watcher.subscribe(listener.receive)
    append_rows(journal, "a")
    watcher.close()
    assert listener.received == ["a"]
    assert listener.updates[-1] == Update(closed=True)
    assert has_ended()


def test_commit_ends_the_wait_of_an_idle_watcher(journal):
    listener, watcher = Listener(), JournalWatcher(journal, wait=60.0)
    watcher.subscribe(listener.receive)
    for count in (1, 2):
        append_rows(journal, "a")
        listener.wait_for(count)
    watcher.close()
    assert has_ended()


def test_thread_ends_without_subscribers(watcher):
    listener = Listener()
    watcher.subscribe(listener.receive)
    weak = weakref.ref(listener)
    del listener
    gc.collect()
    assert weak() is None
    assert has_ended()


def test_a_forgotten_pusher_ends_its_thread(journal):
    watcher = JournalWatcher(journal)
    watcher.subscribe(lambda update: None)
    weak = weakref.ref(watcher)
    del watcher
    assert has_ended()
    gc.collect()
    assert weak() is None


def test_new_subscriber_starts_the_thread_again(journal, watcher):
    watcher.subscribe(Listener().receive)
    assert has_ended()
    listener = Listener()
    watcher.subscribe(listener.receive)
    append_rows(journal, "a")
    listener.wait_for(1)


def test_unsubscribe_stops_updates(journal, watcher):
    listener, other = Listener(), Listener()
    watcher.subscribe(listener.receive)
    watcher.subscribe(other.receive)
    watcher.unsubscribe(listener.receive)
    append_rows(journal, "a")
    other.wait_for(1)
    assert listener.received == []


def test_failing_journal_is_read_again(journal):
    class Shaky:
        fails = 2
        announces_commits = True
        read_requests, watch_commits = journal.read_requests, journal.watch_commits

        def read(self, after=0, limit=None):
            if self.fails:
                self.fails -= 1
                raise JournalError("the disk is full")
            return journal.read(after, limit)

    listener, watcher = Listener(), JournalWatcher(Shaky())
    watcher.subscribe(listener.receive)
    append_rows(journal, "a")
    listener.wait_for(1)
    watcher.close()


def test_journal_may_be_closed_first(journal, watcher, capfd):
    listener = Listener()
    watcher.subscribe(listener.receive)
    journal.close()
    watcher.close()
    assert listener.updates == [Update(closed=True)]
    assert capfd.readouterr() == ("", "")
