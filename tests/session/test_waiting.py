"""What a session learns from its journal, and how it waits for news."""

import asyncio
import json
import re
import sqlite3
from contextlib import closing, contextmanager

import pytest

import graphcall_nb as gc
from graphcall_nb.errors import CallEnded, Timeout
from graphcall_nb.graph.notifications import read_notifications
from graphcall_nb.graph.operations import Operation
from graphcall_nb.journal.journal import open_journal
from graphcall_nb.session.call_store import CallStore
from graphcall_nb.session.session import Waiting

DONE = {"@odata.type": "#microsoft.graph.playPromptOperation", "status": "Completed", "resultInfo": {"code": 200}}
RUNNING = DONE | {"status": "running"}


def notification(resource, data, change="updated"):
    return {"changeType": change, "resourceUrl": f"/communications/calls/{resource}", "resourceData": data}


class Told:
    """A session to which notifications are told by hand."""

    def __init__(self, session):
        self.session = session

    def __call__(self, resource, data, change="updated"):
        read = read_notifications(json.dumps({"value": [notification(resource, data, change)]}))
        self.session.run(self.session.journal.append(read, 1))


@pytest.fixture
def told(session):
    return Told(session)


def test_operation_is_waited_for_by_its_id_however_it_is_spelled(session, told):
    told("57/operations/0FE0623FD628", RUNNING)
    told("57/operations/0FE0623FD628", DONE, "deleted")
    told("57/operations/0FE0623FD628", RUNNING)
    ended = session.call("57").wait_for_operation("0fe0-623f-d628", timeout=5)
    assert (ended.done, ended.failed, ended.result_info.code) == (True, False, 200)


def test_operation_that_has_ended_already_is_not_waited_for(session):
    ended = Operation(id="1", status="failed")
    assert session.call("57").wait_for_operation(ended, timeout=0) is ended


@pytest.mark.slow
def test_wait_for_an_operation_ends_in_time(session, told):
    told("57/operations/1", RUNNING)
    with pytest.raises(Timeout, match=r"The operation 1 did not end within 0\.05 s"):
        session.call("57").wait_for_operation("1", timeout=0.05)


def test_operation_of_a_call_that_ended_is_not_waited_for(session, told):
    told("57", {"state": "terminated", "resultInfo": {"code": 200, "subcode": 7000}}, "deleted")
    with pytest.raises(CallEnded, match="ended before the operation 1"):
        session.call("57").wait_for_operation("1", timeout=5)


def test_incoming_call_says_who_calls(session, told):
    source = {"identity": {"user": {"displayName": "Test User", "id": "8A34"}}}
    told("57", {"state": "incoming", "direction": "incoming", "source": source}, "created")
    call = session.wait_for_incoming(timeout=5)
    assert (call.id, call.state, call.call.source.label) == ("57", "incoming", "Test User")


def test_each_incoming_call_is_given_out_once(session, told):
    told("57", {"state": "incoming"}, "created")
    told("58", {"state": "incoming"}, "created")
    assert [session.wait_for_incoming(timeout=5).id for _ in range(2)] == ["57", "58"]
    with pytest.raises(Timeout, match=r"Nobody called within 0\.05 s"):
        session.wait_for_incoming(timeout=0.05)
    assert [call.id for call in session.incoming()] == ["57", "58"]


def test_call_that_was_missed_is_not_incoming_any_more(session, told):
    told("57", {"state": "incoming"}, "created")
    told("57", {}, "deleted")
    assert session.incoming() == []


def test_tone_that_was_told_twice_is_heard_once_and_in_its_place(session, told):
    for number, tone in ((2, "pound"), (1, "tone1"), (1, "tone1"), (None, "star")):
        told("57", {"state": "established", "toneInfo": {"sequenceId": number, "tone": tone}})
    call = session.call("57")
    assert [call.wait_for_tone(timeout=5) for _ in range(3)] == ["tone1", "pound", "star"]
    with pytest.raises(Timeout, match="No key was pressed"):
        call.wait_for_tone(timeout=0.05)


def test_wait_for_a_tone_ends_with_the_call(session, told):
    told("57", {"state": "terminated"}, "deleted")
    with pytest.raises(CallEnded, match="before another key"):
        session.call("57").wait_for_tone(timeout=5)


def test_wait_for_a_state_that_was_there_before(session, told):
    for state in ("established", "transferring"):
        told("57", {"state": state})
    call = session.call("57")
    call.wait_for("established", timeout=0)
    with pytest.raises(Timeout, match="it is transferring"):
        call.wait_for("established", timeout=0.05, now=True)
    told("57", {"state": "established"})
    call.wait_for("established", timeout=5, now=True)


def test_news_that_another_thread_read_is_not_missed(session, told):
    looks = []

    def look():
        looks.append(session.call_status("57").state)
        if len(looks) == 1:
            # What happens when a widget reads the journal between this look and the wait.
            notification = read_notifications('{"value": [{"resource": "/app/calls/57", "resourceData": {}}]}')
            session.journal._notifications._commit([(1, *notification[0])], wait=True)
            session.call_status("57")
        return looks if len(looks) == 2 else None

    assert session.run(session._until(look, 5, str)) is looks


def test_ended_call_takes_no_action(session, told):
    told("57", {"state": "terminated"}, "deleted")
    with pytest.raises(gc.errors.IllegalAction, match=r"playPrompt needs a live call; .* Nothing was sent"):
        session.call("57").play_prompt("https://cdn.contoso.com/beep.wav")
    assert session.journal.read_requests() == []


def test_state_in_the_answer_counts_before_the_first_notification():
    with gc.simulate(speed=0.001) as slow:
        call = slow.create_call(gc.templates.peer_to_peer())
        assert call.state is None
        assert (
            call.reason_not_allowed("transfer")
            == "transfer needs a call that is established; this one is establishing."
        )
        assert call.reason_not_allowed("delete") is None


def test_why_not_knows_the_names_of_methods_and_of_graph(session, told):
    told("57", {"state": "ringing"})
    call = session.call("57")
    needed = "playPrompt needs a call that is established; this one is ringing."
    assert call.reason_not_allowed("playPrompt") == call.reason_not_allowed("play_prompt") == needed
    assert call.reason_not_allowed("hang_up") is None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("action", "advice"),
    [("hangup", "did you mean 'hang_up'?"), ("PlayPromt", "did you mean 'play"), ("dance", "there are answer, ")],
)
def test_an_action_that_there_is_not_is_named(session, action, advice):
    with pytest.raises(ValueError, match=re.escape(f"There is no action {action!r}; {advice}")):
        session.call("57").reason_not_allowed(action)


def test_what_cannot_be_waited_for_is_named(session):
    call = session.create_call(gc.templates.pstn())
    with pytest.raises(TypeError, match="state: give the name of a state"):
        call.wait_for(None)
    with pytest.raises(TypeError, match="state: 5 is not the name of a state; there are incoming"):
        call.wait_for(["established", 5])
    with pytest.raises(ValueError, match="state: give at least one, such as 'established'"):
        call.wait_for([])
    with pytest.raises(TypeError, match="timeout: give a number of seconds, or None, not str"):
        call.wait_for("established", timeout="5")
    with pytest.raises(TypeError, match="operation: give what a method returned, or its id, not NoneType"):
        call.wait_for_operation(None)


def test_what_was_given_out_is_forgotten_when_it_rings_no_more(session, told):
    for call_id in ("57", "58"):
        told(call_id, {"state": "incoming", "direction": "incoming"}, "created")
        assert session.wait_for_incoming(timeout=5).id == call_id
        told(call_id, {"state": "terminated"}, "deleted")
    with pytest.raises(Timeout):
        session.wait_for_incoming(timeout=0.01)
    assert session._handed_out == set()


class Counting(Waiting):
    """Waits, and counts how often the journal was read."""

    readings = 0

    @contextmanager
    def _followed(self):
        self.readings += 1
        with super()._followed() as tracker:
            yield tracker


async def test_all_who_wait_share_one_reading_of_the_journal(tmp_path):
    with closing(open_journal(tmp_path / "journal.sqlite")) as journal:
        waiting = Counting(journal)
        reached = [waiting._reached(str(number), frozenset({"established"}), 60) for number in range(20)]
        together = asyncio.gather(*reached)
        while waiting.readings < 20:  # noqa: ASYNC110 - until each has looked for itself once
            await asyncio.sleep(0)
        items = [notification(str(number), {"state": "established"}) for number in range(20)]
        await journal.append(read_notifications(json.dumps({"value": items})), 1)
        await together
    assert waiting.readings == 21


def test_the_last_who_waits_ends_the_reading(session):
    with pytest.raises(Timeout):
        session.call("57").wait_for("established", timeout=0.05)
    session.run(asyncio.sleep(0))
    assert session._reading.cancelled()


def test_call_that_was_forgotten_is_read_from_the_journal_again(session, told):
    session._tracker = CallStore(remembered=1)
    for call_id in ("57", "58"):
        told(call_id, {"state": "established"})
        told(call_id, {"state": "terminated"}, "deleted")
    session.call_status("58")
    assert "57" not in session._tracker
    assert session.call_status("57").visited == {"established", "terminated"}
    assert "2 calls" in repr(session)


@pytest.mark.slow
@pytest.mark.parametrize("isolated", [False, True])
def test_wait_in_vain_says_that_nothing_can_be_stored(tmp_path, isolated):
    path = tmp_path / "x.sqlite"
    url = f"sqlite:///{path}?timeout=0.1"
    with gc.simulate(journal=url, isolated=isolated) as session, closing(sqlite3.connect(path)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        call = session.create_call(gc.templates.pstn())
        with pytest.raises(Timeout, match=r"within 0\.1 s.*another program holds it; close that program"):
            call.wait_for("established", timeout=0.1)
