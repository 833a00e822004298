import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcall_nb.errors import InvalidNotification
from graphcall_nb.graph.notifications import read_legacy, read_notifications, read_result
from graphcall_nb.graph.states import STATES

SAMPLES = Path(__file__).parent / "samples" / "beta"


def read_one(**item):
    (notification,) = read_notifications(json.dumps({"value": [item]}))
    return notification


@pytest.mark.parametrize("state", ["establishing", "ringing", "established"])
def test_documented_notifications(state):
    body = (SAMPLES / f"notification_{state}.json").read_text()
    item = json.loads(body)["value"][0]
    (read,) = read_notifications(body)
    assert (read.state, read.entity, read.change_type) == (state, "call", "updated")
    assert read.call_id == item["resource"].rpartition("/")[2]
    assert json.loads(read.raw) == item


def test_documented_answer_names_who_answered_and_how():
    (read,) = read_notifications((SAMPLES / "notification_established.json").read_text())
    assert (read.answered_by, read.active_modalities) == ("Test User", "audio, video")


@pytest.mark.parametrize(
    ("resource", "call_id", "entity"),
    [
        ("/app/calls/57DAB8B1", "57DAB8B1", "call"),
        ("/communications/calls/57dab8b1", "57dab8b1", "call"),
        ("https://graph.microsoft.com/beta/app/calls/57", "57", "call"),
        ("/applications/8A34/calls/57?x=y", "57", "call"),
        ("/app/calls/57/participants", "57", "participants"),
        ("/app/calls/57/participants/1", "57", "participant"),
        ("/app/calls/57/operations/1", "57", "operation"),
        ("/app/calls/57/newInGraph/1", "57", "newInGraph"),
        ("/app/calls/a%2Fb", "a/b", "call"),
        ("/app/calls", "", "call"),
        ("/app/calls/57X/", "57X", "call"),
    ],
)
def test_address_of_what_changed(resource, call_id, entity):
    read = read_one(changeType="Updated", resource=resource, resourceData={})
    assert (read.call_id, read.entity, read.change_type) == (call_id, entity, "updated")


def test_newer_spelling_of_the_address():
    assert read_one(resourceUrl="/communications/calls/57", resourceData={"state": "established"}).call_id == "57"


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        ({"code": 200, "subcode": 7000}, (200, 7000, None)),
        ({"code": "200", "subCode": "0", "message": "Done"}, (200, 0, "Done")),
        ({"code": "200", "subCode": "completedSilenceDetected"}, (200, None, "completedSilenceDetected")),
        ({"code": True, "subcode": None}, (None, None, None)),
        ({"code": "odd", "message": "Done"}, (None, None, "odd: Done")),
        ({"code": 2**63 - 1}, (2**63 - 1, None, None)),
        ({"code": 2**70}, (None, None, str(2**70))),
        ("odd", (None, None, None)),
    ],
)
def test_results_however_they_are_written(info, expected):
    assert read_one(resource="/app/calls/1", resourceData={"resultInfo": info})[10:13] == expected


def test_the_reason_of_the_end_stands_where_there_is_no_result():
    read = read_one(resource="/app/calls/1", resourceData={"terminationReason": "AppTransferred", "resultInfo": None})
    assert read[10:13] == (None, None, "AppTransferred")


@pytest.mark.parametrize("state", [name.upper() for name in STATES])
def test_states_in_any_letter_case(state):
    assert read_one(resource="/app/calls/1", resourceData={"state": state}).state in STATES


def test_unknown_state_is_kept():
    assert read_one(resource="/app/calls/1", resourceData={"state": "newInGraph"}).state == "newInGraph"


def test_roster_array_is_one_row_without_a_state():
    read = read_one(resource="/app/calls/1/participants", resourceData=[{"id": "1", "state": "x"}])
    assert (read.entity, read.state) == ("participants", None)


def test_raw_is_the_very_text():
    body = b'{"value":[ {"changeType" : "updated","resource":"/app/calls/1", "x":1.50} ]}'
    assert read_notifications(body)[0].raw == '{"changeType" : "updated","resource":"/app/calls/1", "x":1.50}'


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b'{"value": 1}', b'{"value": [1]}', b"\xff", b'{"value": [{"a": }]}']
)
def test_what_is_no_envelope_is_said_so(body):
    with pytest.raises(InvalidNotification, match="envelope"):
        read_notifications(body)


@pytest.mark.parametrize(
    ("data", "field", "value"),
    [
        ({"direction": "incoming"}, "direction", "incoming"),
        ({"direction": 5}, "direction", None),
        ({"direction": ""}, "direction", None),
        ({"@odata.etag": 'W/"1"'}, "etag", 'W/"1"'),
        ({"callState": "ringing"}, "state", "ringing"),
        ({"activeModalities": []}, "active_modalities", None),
        ({"activeModalities": 5}, "active_modalities", None),
        ({"toneInfo": {"tone": "tone5"}}, "tone", "tone5"),
        ({"toneInfo": 5}, "tone", None),
        ({"answeredBy": {"identity": {"user": {"id": "u"}}}}, "answered_by", "u"),
        ({"answeredBy": {"user": {"displayName": "Ann", "id": "u"}}}, "answered_by", "Ann"),
        ({"completionReason": "stopped"}, "result_message", "stopped"),
    ],
)
def test_fields_of_a_call(data, field, value):
    assert getattr(read_one(resource="/app/calls/1", resourceData=data), field) == value


def test_an_operation_has_no_call_state():
    assert read_one(resource="/app/calls/1/operations/2", resourceData={"state": "ringing"}).state is None


def test_the_path_is_kept_as_sent():
    assert read_one(resource="/app/calls/1?x=y").resource == "/app/calls/1?x=y"


def test_an_item_without_fields_has_no_change_type_and_no_path():
    read = read_one()
    assert (read.call_id, read.entity, read.change_type, read.resource) == ("", "call", "", "")


@pytest.mark.parametrize(
    ("data", "call_id", "entity"),
    [
        ({"id": "57"}, "57", "call"),
        ({"id": "57", "@odata.type": "#microsoft.graph.call"}, "57", "call"),
        ({"id": "57", "@odata.type": "#microsoft.graph.participant"}, "", "participant"),
    ],
)
def test_an_item_without_a_path_is_read_from_its_data(data, call_id, entity):
    read = read_one(resourceData=data)
    assert (read.call_id, read.entity) == (call_id, entity)


@pytest.mark.parametrize(
    ("data", "entity"),
    [
        ([1, {"@odata.type": "#microsoft.graph.participant"}], "participants"),
        ([{"id": "1"}], "operation"),
        ({"@odata.type": "#microsoft.graph.participant"}, "operation"),
    ],
)
def test_a_roster_under_the_path_of_an_operation_is_about_participants(data, entity):
    assert read_one(resource="/app/calls/1/operations/2", resourceData=data).entity == entity


def test_repr_names_the_change_and_the_call():
    read = read_one(changeType="updated", resource="/app/calls/57", resourceData={"state": "ringing"})
    assert repr(read) == "<Notification updated call ringing of call 57>"


def test_repr_without_a_state():
    assert repr(read_one(changeType="updated", resource="/app/calls/57")) == "<Notification updated call  of call 57>"


def test_a_legacy_notification_is_kept_as_sent():
    read = read_legacy(b'{"callState": "incoming"}')
    assert (read.entity, read.change_type, read.call_id, read.raw) == (
        "legacy",
        "created",
        "",
        '{"callState": "incoming"}',
    )


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b'{"value": 1}', b'"text"', b'"\xff"'])
def test_other_bodies_are_not_legacy_notifications(body):
    assert read_legacy(body) is None


@pytest.mark.parametrize(
    ("entity", "expected"),
    [
        ({"resultInfo": {"code": 200, "subcode": 7}, "terminationReason": "ended"}, (200, 7, None)),
        ({"terminationReason": "ended", "completionReason": "stopped"}, (None, None, "ended")),
        ({"completionReason": "stopped"}, (None, None, "stopped")),
    ],
)
def test_result_of_an_entity(entity, expected):
    assert read_result(entity) == expected


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
items = st.fixed_dictionaries(
    {},
    optional={
        "changeType": anything,
        "resource": anything | st.just("/app/calls/1"),
        "resourceData": anything
        | st.fixed_dictionaries(
            {}, optional={"state": anything, "resultInfo": anything, "answeredBy": anything, "toneInfo": anything}
        ),
    },
)


@pytest.mark.slow
@given(st.lists(items, max_size=3))
def test_nothing_that_is_an_envelope_is_lost(values):
    read = read_notifications(json.dumps({"value": values}))
    assert [json.loads(item.raw) for item in read] == values


@pytest.mark.parametrize(
    ("sent", "direction", "tone"),
    [
        ("Incoming", "incoming", "Incoming"),
        ("STAR", "STAR", "star"),
        ("Tone7", "Tone7", "tone7"),
        ("Odd", "Odd", "Odd"),
    ],
)
def test_direction_and_tone_have_one_spelling(sent, direction, tone):
    item = {"resource": "/app/calls/57", "resourceData": {"direction": sent, "toneInfo": {"tone": sent}}}
    [read] = read_notifications(json.dumps({"value": [item]}))
    assert (read.direction, read.tone) == (direction, tone)
    assert json.loads(read.raw) == item
