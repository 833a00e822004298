"""Status of calls from a journal, waits that share one reading, and bounded memory."""

import asyncio

import pytest

from graphcall_nb.errors import SessionClosed, Timeout
from graphcall_nb.session.call_store import CallbackAddress, CallStore

from .journals import ListJournal, notification


def complete_calls(*call_ids):
    """Return a journal with calls that begin and end, one after the other."""
    journal = ListJournal()
    for call_id in call_ids:
        journal.append(*(notification(call_id, {"state": state}) for state in ("established", "terminated")))
    return journal


def count_reads(journal, store, call_id):
    """Return how often the journal is read for the status of a call; once for the new notifications."""
    reads = journal.reads
    store.status(call_id)
    return journal.reads - reads


def test_oldest_ended_calls_are_dropped_from_memory():
    journal = complete_calls("a", "b", "c")
    store = CallStore(journal, max_ended_calls=2)
    store.update()
    assert [count_reads(journal, store, call_id) for call_id in "cba"] == [1, 1, 2]
    assert store.count() == 3


def test_live_calls_are_never_dropped():
    journal = ListJournal()
    journal.append(notification("a", {"state": "established"}), notification("b", {"state": "terminated"}))
    store = CallStore(journal, max_ended_calls=0)
    store.update()
    assert [count_reads(journal, store, call_id) for call_id in "ab"] == [1, 2]


def test_dropped_call_is_read_again():
    store = CallStore(complete_calls("a", "b"), max_ended_calls=1)
    assert store.status("a").visited == {"established", "terminated"}
    assert store.status("a").has_ended
    assert store.count() == 2


def test_new_call_is_not_looked_up():
    journal = complete_calls("a", "c")
    store = CallStore(journal, max_ended_calls=1)
    store.update()
    store.expect("b")
    assert [count_reads(journal, store, call_id) for call_id in "ba"] == [1, 2]
    assert store.count() == 2
    journal.append(notification("b", {"state": "establishing"}))
    assert store.count() == 3


def test_calls_without_a_notification_are_dropped():
    journal = ListJournal()
    store = CallStore(journal, max_ended_calls=1)
    for call_id in ("a", "b"):
        store.expect(call_id)
    assert [count_reads(journal, store, call_id) for call_id in "ba"] == [1, 2]


def test_timeout_names_the_address_and_the_refusals_of_the_listener():
    refused = {404: 1}
    store = CallStore(ListJournal(), CallbackAddress("http://127.0.0.1/x"), count_refused=lambda: refused)
    store.expect("a", "https://bot.adatum.net/calls")
    refused[401] = 2
    with pytest.raises(Timeout) as error:
        asyncio.run(store.wait_for_state("a", ["established"], 0))
    assert "Its notifications go to https://bot.adatum.net/…, which does not lead to this session" in str(error.value)
    assert "the listener refused 2 requests (2 with status 401)" in str(error.value)


def test_unknown_call_has_no_state():
    store = CallStore(ListJournal())
    assert (store.status("a").state, store.count()) == (None, 0)


def test_journal_that_moved_back_is_read_from_the_beginning():
    journal = complete_calls("a")
    store = CallStore(journal)
    assert store.status("a").state == "terminated"
    del journal.records[1:]
    journal.rewind_count += 1
    assert store.status("a").state == "established"


def test_closed_store_raises():
    store = CallStore(ListJournal())
    store.close()
    for question in (store.update, store.count, store.incoming_ids, store.stale_ids, lambda: store.status("a")):
        with pytest.raises(SessionClosed):
            question()


class MovingTunnel:
    """A tunnel whose URL changes."""

    class status:  # noqa: N801 - read as an attribute
        url = "https://first.example"

    def is_stale_url(self, uri):
        return not uri.startswith(self.status.url)


def test_callback_of_a_call_is_stale_after_the_tunnel_moved():
    tunnel, journal = MovingTunnel(), ListJournal()
    store = CallStore(journal, CallbackAddress("http://127.0.0.1/x", tunnel))
    store.expect("a", store.callback.uri)
    store.expect("b", store.callback.uri)
    assert store.stale_ids() == []
    tunnel.status.url = "https://second.example"
    journal.append(notification("b", {"state": "terminated"}))
    assert store.stale_ids() == ["a"]
    assert store.callback_uri("a") == "https://first.example/x"
    assert store.callback_uri("c") == "https://second.example/x"


async def test_waits_share_one_reading_of_the_journal():
    journal = ListJournal()
    store = CallStore(journal)
    waits = [asyncio.create_task(store.wait_for_state(str(number), {"established"}, 60)) for number in range(20)]
    while journal.reads < 20:  # noqa: ASYNC110 - each wait reads once at the beginning
        await asyncio.sleep(0)
    journal.append(*(notification(str(number), {"state": "established"}) for number in range(20)))
    await asyncio.gather(*waits)
    assert journal.reads == 21


async def test_last_wait_cancels_the_reading():
    journal = ListJournal()
    with pytest.raises(Timeout):
        await CallStore(journal).wait_for_state("57", {"established"}, 0.01)
    await asyncio.sleep(0)
    assert journal.cancelled_waits == 1


async def test_notifications_that_another_thread_read_are_not_missed():
    journal = ListJournal()
    store, checks = CallStore(journal), []

    def check():
        checks.append(store.status("57").state)
        if len(checks) == 1:
            # A widget reads the journal between this check and the wait.
            journal.append(notification("57", {"state": "ringing"}))
            store.status("57")
        return checks if len(checks) == 2 else None

    assert await store.wait_until(check, 5, str) == [None, "ringing"]


async def test_incoming_call_is_returned_once():
    journal = ListJournal()
    store = CallStore(journal)
    journal.append(*(notification(call_id, {"state": "incoming"}, "created") for call_id in "ab"))
    assert [await store.wait_for_incoming(5) for _ in range(2)] == ["a", "b"]
    with pytest.raises(Timeout, match=r"No call came in within 0\.01 s"):
        await store.wait_for_incoming(0.01)
    assert store.incoming_ids() == ["a", "b"]
