"""Handles that wait for notifications, whichever way these arrive."""

import json
import re
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

import graphcall_nb as gc
from graphcall_nb.errors import CallEnded, SessionClosed, Timeout
from graphcall_nb.graph.notifications import read_notifications
from graphcall_nb.graph.operations import Operation

from .journals import notification

DONE = {"@odata.type": "#microsoft.graph.playPromptOperation", "status": "Completed", "resultInfo": {"code": 200}}
RUNNING = DONE | {"status": "running"}


@pytest.fixture
def notify(session):
    """Return a function that writes a notification into the journal of the session."""

    def append(path, data, change="updated"):
        items = read_notifications(json.dumps({"value": [notification(path, data, change)]}))
        session.run(session.journal.append(items, 1))

    return append


def test_operation_id_may_be_written_in_several_ways(session, notify):
    notify("57/operations/0FE0623FD628", RUNNING)
    notify("57/operations/0FE0623FD628", DONE, "deleted")
    notify("57/operations/0FE0623FD628", RUNNING)
    ended = session.call("57").wait_for_operation("0fe0-623f-d628", timeout=5)
    assert (ended.done, ended.failed, ended.result_info.code) == (True, False, 200)


def test_ended_operation_is_returned_at_once(session, notify):
    notify("57", {"state": "established"})
    ended = Operation(id="1", status="failed")
    assert session.call("57").wait_for_operation(ended, timeout=0) is ended


@pytest.mark.slow
def test_wait_for_an_operation_times_out(session, notify):
    notify("57/operations/1", RUNNING)
    with pytest.raises(Timeout, match=r"The operation 1 did not end within 0\.05 s"):
        session.call("57").wait_for_operation("1", timeout=0.05)


def test_wait_for_an_operation_ends_with_the_call(session, notify):
    notify("57", {"state": "terminated", "resultInfo": {"code": 200, "subcode": 7000}}, "deleted")
    with pytest.raises(CallEnded, match="ended before the operation 1"):
        session.call("57").wait_for_operation("1", timeout=5)


def test_incoming_call_has_its_caller(session, notify):
    source = {"identity": {"user": {"displayName": "Test User", "id": "8A34"}}}
    notify("57", {"state": "incoming", "direction": "incoming", "source": source}, "created")
    call = session.wait_for_incoming(timeout=5)
    assert (call.id, call.state, call.call.source.label) == ("57", "incoming", "Test User")


def test_each_incoming_call_is_returned_once(session, notify):
    notify("57", {"state": "incoming"}, "created")
    notify("58", {"state": "incoming"}, "created")
    assert [session.wait_for_incoming(timeout=5).id for _ in range(2)] == ["57", "58"]
    with pytest.raises(Timeout, match=r"No call came in within 0\.05 s"):
        session.wait_for_incoming(timeout=0.05)
    assert [call.id for call in session.incoming()] == ["57", "58"]


def test_missed_call_is_not_incoming_any_more(session, notify):
    notify("57", {"state": "incoming"}, "created")
    notify("57", {}, "deleted")
    assert session.incoming() == []


def test_duplicate_tone_is_returned_once_and_in_order(session, notify):
    for number, tone in ((2, "pound"), (1, "tone1"), (1, "tone1"), (None, "star")):
        notify("57", {"state": "established", "toneInfo": {"sequenceId": number, "tone": tone}})
    call = session.call("57")
    assert [call.wait_for_tone(timeout=5) for _ in range(3)] == ["tone1", "pound", "star"]
    with pytest.raises(Timeout, match="The callee pressed no key"):
        call.wait_for_tone(timeout=0.05)


def test_wait_for_a_tone_ends_with_the_call(session, notify):
    notify("57", {"state": "terminated"}, "deleted")
    with pytest.raises(CallEnded, match="before another key"):
        session.call("57").wait_for_tone(timeout=5)


def test_wait_for_a_former_state(session, notify):
    for state in ("established", "transferring"):
        notify("57", {"state": state})
    call = session.call("57")
    call.wait_for("established", timeout=0)
    with pytest.raises(Timeout, match="it is transferring"):
        call.wait_for("established", timeout=0.05, now=True)
    notify("57", {"state": "established"})
    call.wait_for("established", timeout=5, now=True)


def test_ended_call_allows_no_operation(session, notify):
    notify("57", {"state": "terminated"}, "deleted")
    with pytest.raises(gc.errors.IllegalAction, match=r"playPrompt needs a live call; .* Nothing was sent"):
        session.call("57").play_prompt("https://cdn.contoso.com/beep.wav")
    assert session.journal.read_requests() == []


def test_state_of_the_response_counts_before_the_first_notification():
    with gc.simulate(speed=0.001) as slow:
        call = slow.create_call(gc.templates.peer_to_peer())
        assert call.state is None
        assert (
            call.reason_not_allowed("transfer")
            == "transfer needs a call that is established; this one is establishing."
        )
        assert call.reason_not_allowed("delete") is None


def test_reason_not_allowed_takes_names_of_methods_and_of_graph(session, notify):
    notify("57", {"state": "ringing"})
    call = session.call("57")
    needed = "playPrompt needs a call that is established; this one is ringing."
    assert call.reason_not_allowed("playPrompt") == call.reason_not_allowed("play_prompt") == needed
    assert call.reason_not_allowed("hang_up") is None


@pytest.mark.parametrize(
    ("action", "advice"),
    [("hangup", "did you mean 'hang_up'?"), ("PlayPromt", "did you mean 'play"), ("dance", "there are answer, ")],
)
def test_unknown_action_is_named(session, notify, action, advice):
    notify("57", {"state": "established"})
    with pytest.raises(ValueError, match=re.escape(f"Unknown action {action!r}; {advice}")):
        session.call("57").reason_not_allowed(action)


def test_wrong_arguments_of_waits_are_named(session):
    call = session.create_call(gc.templates.pstn())
    with pytest.raises(TypeError, match="state: give the name of a state"):
        call.wait_for(None)
    with pytest.raises(TypeError, match="state: 5 is not the name of a state; there are incoming"):
        call.wait_for(["established", 5])
    with pytest.raises(ValueError, match="state: give at least one, such as 'established'"):
        call.wait_for([])
    with pytest.raises(TypeError, match="timeout: give a number of seconds, or None, not str"):
        call.wait_for("established", timeout="5")
    with pytest.raises(TypeError, match="operation: give the result of a method, or its id, not NoneType"):
        call.wait_for_operation(None)


@pytest.mark.slow
@pytest.mark.parametrize("isolated", [False, True])
def test_timeout_reports_that_nothing_can_be_stored(tmp_path, isolated):
    path = tmp_path / "x.sqlite"
    url = f"sqlite:///{path}?timeout=0.1"
    with gc.simulate(journal=url, isolated=isolated) as session, closing(sqlite3.connect(path)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        call = session.create_call(gc.templates.pstn())
        with pytest.raises(Timeout, match=r"within 0\.1 s.*another program has locked the file. Close that program"):
            call.wait_for("established", timeout=0.1)


def test_wait_during_close_says_that_the_session_was_closed():
    session = gc.simulate(speed=50)
    call = session.create_call(gc.templates.peer_to_peer())
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(call.wait_for, "terminated", 60)
        call.wait_for("established", timeout=60)
        session.close()
        with pytest.raises(SessionClosed):
            waiting.result(30)
