"""What a session learns from its journal, and how it waits for news."""

import json

import pytest

import graphcall_nb as gc
from graphcall_nb.dialects import read_notifications
from graphcall_nb.errors import CallEnded, Timeout
from graphcall_nb.models import Operation

DONE = {"@odata.type": "#microsoft.graph.playPromptOperation", "status": "Completed", "resultInfo": {"code": 200}}
RUNNING = DONE | {"status": "running"}


class Told:
    """A session to which notifications are told by hand."""

    def __init__(self, session):
        self.session = session

    def __call__(self, resource, data, change="updated"):
        item = {"changeType": change, "resourceUrl": f"/communications/calls/{resource}", "resourceData": data}
        read = read_notifications(json.dumps({"value": [item]}))
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
        looks.append(session.standing("57").state)
        if len(looks) == 1:
            # What happens when a widget reads the journal between this look and the wait.
            notification = read_notifications('{"value": [{"resource": "/app/calls/57", "resourceData": {}}]}')
            session.journal._notifications._commit([(1, *notification[0])])
            session.standing("57")
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
        assert call.why_not("transfer") == "transfer needs a call that is established; this one is establishing."
        assert call.why_not("delete") is None


def test_what_cannot_be_waited_for_is_named(session):
    call = session.create_call(gc.templates.pstn())
    with pytest.raises(TypeError, match="state: give the name of a state"):
        call.wait_for(None)
    with pytest.raises(TypeError, match="timeout: give a number of seconds, or None, not str"):
        call.wait_for("established", timeout="5")
