"""The sequence diagram without a widget: its messages, their order, and the steps through a recording."""

import json

import pytest

from graphcall_nb.journal.records import RequestRecord
from graphcall_nb.widgets.sequence.model import SequenceModel
from tests.widgets.test_timeline_model import START, row


def request(seq, call_id, ms=0, *, operation="create", status=201, body=None, took_ms=10, error=None):
    method = "DELETE" if operation == "delete" else "POST"
    at, took, text = (START + ms) * 1000, took_ms * 1000, json.dumps(body or {})
    url = "https://graph.example/v1.0/app/calls"
    return RequestRecord(seq, at, method, url, operation, call_id, status, took, None, None, text, "{}", error)


def make_model(*rows, requests=(), **options):
    model = SequenceModel(START, **options)
    model.feed(rows, requests)
    return model


def read(model):
    return [str(message) for message in model]


def answered_call():
    rows = [row(seq, "c1", state, 1000 * seq) for seq, state in enumerate(["ringing", "established", "terminated"], 1)]
    return {"rows": rows, "requests": [request(1, "c1")]}


def test_messages_stand_in_the_order_of_time_with_what_the_other_side_does():
    call = answered_call()
    assert read(make_model(*call["rows"], requests=call["requests"])) == [
        "Application → Graph: POST /app/calls",
        "Graph → Application: 201 Created",
        "Graph → Other side: rings",
        "Graph → Application: updated ringing",
        "Other side → Graph: answers",
        "Graph → Application: updated established",
        "Other side → Graph: hangs up",
        "Graph → Application: updated terminated",
    ]


def test_an_answer_that_comes_later_than_a_notification_stands_below_it():
    model = make_model(row(1, "c1", "establishing", 300), requests=[request(1, "c1", took_ms=900)])
    assert [message.kind for message in model] == ["request", "notification", "answer"]


@pytest.mark.parametrize(
    ("result", "expected"),
    [((603, 0, None), "Other side → Graph: declines"), ((486, 0, None), "Other side → Graph: is busy")],
)
def test_an_end_says_how_the_other_side_ended_it(result, expected):
    assert expected in read(make_model(row(1, "c1", "ringing"), row(2, "c1", "terminated", 9, result=result)))


def test_a_call_that_the_application_ends_is_not_hung_up_by_the_other_side():
    model = make_model(row(1, "c1", "terminated", 50), requests=[request(1, "c1", operation="delete", status=204)])
    assert "Graph → Other side: ends the call" in read(model)


def test_duplicates_and_refusals_are_remarked():
    refused = request(1, "c1", status=403)
    model = make_model(row(1, "c1", "ringing"), row(2, "c1", "ringing", 5), requests=[refused])
    assert [message.remark for message in model if message.remark] == ["duplicate", "refused"]


def test_json_holds_no_secret():
    body = {"callbackUri": "https://bot.example/secret", "meetingInfo": {"passcode": "abc"}}
    [sent, _] = make_model(requests=[request(1, "c1", body=body)])
    assert json.loads(sent.json) == {"callbackUri": "https://bot.example/***", "meetingInfo": {"passcode": "***"}}


def test_one_call_can_be_chosen():
    model = make_model(row(1, "c1", "establishing"), row(2, "c2", "establishing"), call_id="c2")
    assert [message.call_id for message in model] == ["c2"]


def test_oldest_messages_are_dropped():
    model = make_model(*(row(seq, "c1", f"state{seq}", seq) for seq in range(1, 6)), max_messages=2)
    assert [message.state for message in model] == ["state4", "state5"]
    assert model.dropped == 3


def test_a_recording_is_shown_step_by_step_and_taken_back():
    call = answered_call()
    model = make_model(*call["rows"], requests=call["requests"], is_recorded=True)
    assert read(model) == []
    shown = []
    while model.has_next:
        shown.append(str(model.show_next()))
    assert (len(shown), shown[2]) == (5, "Graph → Application: updated ringing")
    whole = read(model)
    model.hide_last()
    assert read(model) == whole[:-2]  # with the signal that led to it
    model.hide_all()
    model.show_until((START + 1500) * 1000)
    assert read(model) == whole[:4]


def test_changes_lead_to_the_same_state():
    model = make_model(*answered_call()["rows"], is_recorded=True)
    held = {}
    for change in (model.show_next, model.show_next, model.hide_last, model.show_next):
        change()
        changes = model.pop_changes()
        held |= {wire[0]: wire for wire in changes["messages"]}
        for key in changes.get("gone", ()):
            del held[key]
    assert sorted(held.values()) == sorted(model.dump()["messages"])


def test_text_has_a_line_for_each_message():
    lines = make_model(*answered_call()["rows"]).to_text().splitlines()
    assert lines[0].startswith("Sequence diagram of 3 messages of 1 call; the last one: Graph → Application")
    assert lines[1] == "+0.000 s  Graph → Other side: rings"
