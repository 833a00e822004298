"""Journal records as rows of the cockpit, without a widget."""

import json

import pytest

from graphcall_nb.graph.notifications import Notification
from graphcall_nb.journal.records import NotificationRecord, RequestRecord
from graphcall_nb.widgets.cockpit.tables import CallRows, NotificationRows, format_json


def row(seq, call_id="a", state=None, at=0, **more):
    fixed = {"entity": "call", "resource": "/app/calls/a", "change_type": "updated", "raw": "{}"}
    said = dict.fromkeys(Notification._fields) | fixed | {"call_id": call_id, "state": state} | more
    return NotificationRecord(seq, at * 1_000_000, *Notification(**said))


def request(seq, call_id="a", subject="Test", at=0, operation="create"):
    body = json.dumps({"subject": subject})
    said = {"sent_at_us": at * 1_000_000, "operation": operation, "call_id": call_id, "request_body": body}
    return RequestRecord(**(dict.fromkeys(RequestRecord._fields) | said | {"seq": seq}))


def line(calls, call_id="a"):
    """Return the row of a call by the names of its fields."""
    names = (
        *("key", "id", "label", "incoming", "state", "started", "since"),
        *("notifications", "result", "outcome", "request"),
    )
    return next(dict(zip(names, wire, strict=True)) for wire in calls.dump()["rows"] if wire[1] == call_id)


def make_calls(*rows, requests=(), **how):
    calls = CallRows(**how)
    calls.feed(rows, requests)
    return calls


def test_a_call_is_there_with_its_request_before_any_notification():
    made = line(make_calls(requests=[request(1, at=3)]))
    assert (made["label"], made["state"], made["started"], made["notifications"]) == ("Test", None, 3000, 0)


def test_a_call_began_with_its_request_even_when_a_notification_was_quicker():
    calls = make_calls(row(1, state="establishing", at=5))
    calls.feed([], [request(1, at=3)])
    assert (line(calls)["started"], line(calls)["since"]) == (3000, 5000)


def test_late_notifications_and_duplicates_change_no_state():
    rows = [row(1, state="establishing"), row(2, state="established", at=2), row(3, state="ringing", at=4)]
    made = line(make_calls(*rows, row(4, state="established", at=5)))
    assert (made["state"], made["since"], made["notifications"]) == ("established", 2000, 4)


def test_result_is_in_words():
    calls = make_calls(row(1, state="terminated", result_code=603, result_subcode=0, result_message="x"))
    assert line(calls)["result"] == "The callee declined the call (603/0)"


def test_a_call_that_is_deleted_without_a_state_has_ended():
    assert line(make_calls(row(1, state="incoming"), row(2, change_type="deleted")))["state"] == "terminated"


def test_direction_is_shown():
    assert line(make_calls(row(1, state="incoming", direction="incoming")))["incoming"] == 1
    assert line(make_calls(row(1, state="ringing", direction="outgoing")))["incoming"] == 0


def test_only_changes_are_sent():
    calls = make_calls(row(1, "a", "ringing"), row(2, "b", "ringing"))
    calls.pop_changes()
    assert calls.pop_changes() is None
    calls.feed([row(3, "b", "established")])
    assert [wire[1] for wire in calls.pop_changes()["rows"]] == ["b"]


def test_outcome_of_an_action_is_in_its_row():
    calls = make_calls(row(1, state="ringing"))
    calls.set_outcome("a", {"kind": "busy", "text": "…"})
    calls.set_outcome("unknown", {"kind": "busy", "text": "…"})
    assert line(calls)["outcome"]["kind"] == "busy"
    assert len(calls) == 1


@pytest.mark.parametrize(("kind", "shown"), [("busy", True), ("done", False), ("failed", False)])
def test_outcome_is_about_the_state_in_which_the_action_was_requested(kind, shown):
    calls = make_calls(row(1, state="ringing"))
    calls.set_outcome("a", {"kind": "busy"})
    calls.set_outcome("a", {"kind": kind})
    assert line(calls)["outcome"] == {"kind": kind}
    calls.feed([row(2, state="established")])
    assert (line(calls)["outcome"] is not None) == shown


def test_success_after_the_change_that_it_announced_says_nothing():
    calls = make_calls(row(1, state="incoming"))
    calls.set_outcome("a", {"kind": "busy"})
    calls.feed([row(2, state="established")])
    calls.set_outcome("a", {"kind": "done"})
    assert line(calls)["outcome"] is None


def test_the_oldest_that_ended_make_room():
    calls = make_calls(row(1, "a", "ringing"), row(2, "b", "terminated"), row(3, "c", "terminated"), max_calls=2)
    assert [wire[1] for wire in calls.dump()["rows"]] == ["a", "c"]
    assert calls.pop_changes()["gone"] == [1]
    assert calls.dump()["dropped"] == 1


def test_the_log_keeps_the_newest_and_names_calls():
    log = NotificationRows({"a": "Heidi"}.get, max_rows=2)
    log.feed([row(number, state="ringing", at=number) for number in (1, 2, 3)])
    changes = log.pop_changes()
    assert [(wire[0], wire[1], wire[3]) for wire in changes["rows"]] == [(2, 2000, "Heidi"), (3, 3000, "Heidi")]
    assert changes["dropped"] == log.dump()["dropped"] == 1
    assert log.pop_changes() is None


def test_details_of_a_notification():
    log = NotificationRows(lambda call_id: "")
    log.feed([row(1, tone="tone5", answered_by="Heidi", active_modalities="audio")])
    assert log.dump()["rows"][0][-1] == "tone tone5 · answered by Heidi · with audio"


def test_raw_text_is_laid_out_and_never_changed_in_meaning():
    assert format_json('{"a": "ü", "b": [1]}') == '{\n  "a": "ü",\n  "b": [\n    1\n  ]\n}'
    assert format_json("{broken") == "{broken"
