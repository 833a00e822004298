"""Messages: requests, responses and notifications in one frame."""

import json

import pytest

from graphcall_nb.frames import Frames
from graphcall_nb.journal.columns import NotificationColumns

from .records import create, frames, life, row


def texts(rows=(), requests=(), call_id="A"):
    return frames(rows, requests).messages(call_id)["text"].tolist()


def test_types_are_there_before_any_message():
    nothing, something = frames().messages(), frames(life("ringing"), [create()]).messages()
    assert nothing.dtypes.astype(str).tolist() == something.dtypes.astype(str).tolist()


def test_requests_answers_and_notifications_are_in_the_order_of_time():
    found = frames(life("establishing", "ringing"), [create(at=0)]).messages("A")
    assert found["kind"].tolist() == ["request", "answer", "notification", "notification"]
    assert found["sender"].tolist() == ["application", *["service"] * 3]
    assert found["receiver"].tolist() == ["service", "application", *["listener"] * 2]
    assert found["text"].tolist() == [
        "POST /app/calls",
        "201 Created · establishing",
        "updated establishing",
        "updated ringing",
    ]


def test_one_call_or_all():
    rows = [*life("ringing"), *life("ringing", call="B", first=2)]
    assert len(frames(rows).messages("A")) == 1
    assert len(frames(rows).messages()) == 2
    assert frames(rows).messages("C").empty


def test_ids_of_the_call_are_shortened_in_paths():
    url = "https://g/v1.0/communications/calls/A/playPrompt"
    request = create(answer={})._replace(url=url, status=200)
    assert texts(requests=[request]) == ["POST /communications/calls/{id}/playPrompt", "200 OK"]


@pytest.mark.parametrize(
    ("entity", "data", "text"),
    [
        ("participants", [{}, {}], "updated participants (2)"),
        ("participants", {"participants": [{}]}, "updated participants (1)"),
        (
            "operation",
            {"@odata.type": "#microsoft.graph.playPromptOperation", "status": "completed"},
            "updated playPrompt completed",
        ),
        ("operation", {}, "updated operation"),
        ("contentSharingSessions", [], "updated contentSharingSessions"),
    ],
)
def test_a_notification_names_its_entity(entity, data, text):
    assert texts([row(1, entity=entity, raw=json.dumps({"resourceData": data}))]) == [text]


def test_tones_are_named():
    assert texts([row(1, "established", tone="tone5"), row(2, tone="pound")]) == [
        "updated established tone 5",
        "updated call tone pound",
    ]


def test_duplicate_and_late_messages_are_marked():
    remarks = frames([*life("ringing", "ringing"), row(3, "establishing")]).messages("A")["remark"]
    assert remarks.tolist() == [None, "duplicate of 1", "2 s late"]


def test_a_request_without_a_response_has_the_reason():
    lost = create(None)._replace(status=None, response_body=None, error="ConnectError")
    found = frames(requests=[lost]).messages()
    assert found["remark"].tolist() == ["no answer: ConnectError"]


def test_a_refusal_gives_its_code():
    refused = create(answer={"error": {"code": "BadRequest"}})
    assert texts(requests=[refused._replace(status=400)])[1] == "400 Bad Request · BadRequest"


def test_a_call_deleted_without_a_state_is_terminated():
    assert frames([row(1, change="deleted")]).messages()["state"].tolist() == ["terminated"]


def test_requests_have_a_frame():
    found = Frames(lambda *_: NotificationColumns(), lambda after: [create()][after:], lambda seqs: [])
    found.refresh()
    assert found.requests()[["operation", "status"]].values.tolist() == [["create", 201]]
    assert str(found.requests()["duration"].dtype) == "timedelta64[us]"
