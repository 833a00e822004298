import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcall_nb.errors import InvalidNotification
from graphcall_nb.graph.notifications import read_notifications
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
