"""The pusher: a real journal, a real thread."""

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
from graphcall_nb.widgets.live import AT_ONCE, Batch, Pace, Pusher

SECONDS = 5


@pytest.fixture
def journal():
    opened = open_journal()
    yield opened
    opened.close()


@pytest.fixture
def pusher(journal):
    made = Pusher(journal)
    yield made
    made.close()


def say(journal, *call_ids):
    fixed = {"entity": "call", "resource": "/app/calls/x", "change_type": "updated", "raw": "{}", "state": "ringing"}
    empty = dict.fromkeys(Notification._fields)
    items = [Notification(**(empty | fixed | {"call_id": call_id})) for call_id in call_ids]
    asyncio.run(journal.append(items, 1))


class Ear:
    """Keeps what it hears; ``until(n)`` waits for so many rows."""

    def __init__(self):
        self.batches, self.times, self.threads = [], [], set()
        self.news = threading.Condition()

    def hear(self, batch):
        with self.news:
            self.batches.append(batch)
            self.times.append(time.monotonic())
            self.threads.add(threading.current_thread().name)
            self.news.notify_all()

    @property
    def heard(self):
        return [row[2] for batch in self.batches for row in batch.rows]

    def until(self, count):
        with self.news:
            assert self.news.wait_for(lambda: len(self.heard) >= count, SECONDS)


def gone(thread_name="graphcall_nb-live"):
    end = time.monotonic() + SECONDS
    while any(thread.name == thread_name for thread in threading.enumerate()) and time.monotonic() < end:
        time.sleep(0.01)
    return not any(thread.name == thread_name for thread in threading.enumerate())


def test_new_rows_come_in_order_on_a_thread_of_its_own(journal, pusher):
    ear = Ear()
    pusher.subscribe(ear.hear)
    say(journal, "a", "b")
    say(journal, "c")
    ear.until(3)
    assert ear.heard == ["a", "b", "c"]
    assert ear.threads == {"graphcall_nb-live"}


def test_what_is_known_already_does_not_come_again(journal, pusher):
    say(journal, "a")
    ear = Ear()
    pusher.subscribe(ear.hear, pusher.history())
    say(journal, "b")
    ear.until(1)
    assert ear.heard == ["b"]


def test_a_late_subscriber_gets_all_and_the_first_nothing_twice(journal, pusher):
    first, second = Ear(), Ear()
    pusher.subscribe(first.hear)
    say(journal, "a")
    first.until(1)
    pusher.subscribe(second.hear)
    second.until(1)
    say(journal, "b")
    second.until(2)
    first.until(2)
    assert first.heard == second.heard == ["a", "b"]


def test_there_are_ten_batches_a_second_after_the_first_three(journal, pusher):
    ear = Ear()
    pusher.subscribe(ear.hear)
    while not ear.times or ear.times[-1] < ear.times[0] + 0.5:
        say(journal, "a")
    for first, time_ in enumerate(ear.times):
        assert all(later - time_ > 0.1 * (ahead - 2) - 0.01 for ahead, later in enumerate(ear.times[first:]))


def test_a_change_soon_after_another_is_not_held_up():
    pace = Pace(0.1)
    assert [pace.pause(now) for now in (50.0, 50.03)] == [0, 0]


@given(st.lists(st.floats(0, 0.5), max_size=100))
def test_the_pace_is_kept_however_news_comes(gaps):
    pace, now, went = Pace(0.1), 50.0, []
    for gap in gaps:
        went.append(now)
        now += max(pace.pause(now), gap)
    assert all(later - first >= 0.1 * (ahead - AT_ONCE) - 1e-6 for first, later, ahead in pairs(went))


def pairs(times):
    return [(times[i], times[j], j - i + 1) for i in range(len(times)) for j in range(i, len(times))]


def test_a_subscriber_that_raises_is_logged_once_and_harms_nobody(journal, pusher, caplog):
    def fails(batch):
        raise ValueError("no")

    ear = Ear()
    pusher.subscribe(fails)
    pusher.subscribe(ear.hear)
    with caplog.at_level(logging.ERROR):
        for count in (1, 2):
            say(journal, "a")
            ear.until(count)
    assert len(caplog.records) == 1


def test_nothing_is_printed_when_a_subscriber_raises(journal, pusher, capfd):
    ear = Ear()
    pusher.subscribe(lambda batch: 1 / 0)
    pusher.subscribe(ear.hear)
    say(journal, "a")
    ear.until(1)
    assert capfd.readouterr() == ("", "")


def test_closing_hands_over_the_rest_and_says_so(journal, pusher):
    ear = Ear()
    pusher.subscribe(ear.hear)
    say(journal, "a")
    pusher.close()
    assert ear.heard == ["a"]
    assert ear.batches[-1] == Batch(closed=True)
    assert gone()


def test_a_forgotten_subscriber_is_freed_and_its_thread_ends(pusher):
    ear = Ear()
    pusher.subscribe(ear.hear)
    weak = weakref.ref(ear)
    del ear
    gc.collect()
    assert weak() is None
    assert gone()


def test_a_forgotten_pusher_ends_its_thread(journal):
    pusher = Pusher(journal)
    pusher.subscribe(lambda batch: None)
    weak = weakref.ref(pusher)
    del pusher
    assert gone()
    gc.collect()
    assert weak() is None


def test_the_thread_comes_back_for_a_new_subscriber(journal, pusher):
    pusher.subscribe(Ear().hear)
    assert gone()
    ear = Ear()
    pusher.subscribe(ear.hear)
    say(journal, "a")
    ear.until(1)


def test_unsubscribing_ends_the_news(journal, pusher):
    ear, other = Ear(), Ear()
    pusher.subscribe(ear.hear)
    pusher.subscribe(other.hear)
    pusher.unsubscribe(ear.hear)
    say(journal, "a")
    other.until(1)
    assert ear.heard == []


def test_a_journal_that_fails_for_a_while_is_tried_again(journal):
    class Shaky:
        fails = 2
        read_requests, wait_sync = journal.read_requests, journal.wait_sync

        def read(self, after=0, limit=None):
            if self.fails:
                self.fails -= 1
                raise JournalError("the disk is full")
            return journal.read(after, limit)

    ear, pusher = Ear(), Pusher(Shaky())
    pusher.subscribe(ear.hear)
    say(journal, "a")
    ear.until(1)
    pusher.close()


def test_a_journal_that_is_closed_first_is_no_error(journal, pusher, capfd):
    ear = Ear()
    pusher.subscribe(ear.hear)
    journal.close()
    pusher.close()
    assert ear.batches == [Batch(closed=True)]
    assert capfd.readouterr() == ("", "")
