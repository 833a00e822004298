"""Journal records as bars, and the messages to the browser."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcall_nb.graph.states import STATES
from graphcall_nb.journal.records import NotificationRecord, RequestRecord
from graphcall_nb.session.call_store import CallStore
from graphcall_nb.widgets.labels import format_result, make_notification_label, make_request_label
from graphcall_nb.widgets.timeline.model import TimelineModel
from tests.session.journals import ListJournal

START = 1_000_000  # ms


def row(seq, call_id, state, ms=0, *, entity="call", change="updated", result=(None, None, None), raw="{}"):
    at = (START + ms) * 1000
    return NotificationRecord(
        seq, at, call_id, entity, "/app/calls/x", change, state, None, None, None, None, None, *result, raw
    )


def request(seq, call_id, subject, target="Heidi"):
    body = {"subject": subject, "targets": [{"identity": {"user": {"id": "1", "displayName": target}}}]}
    return RequestRecord(
        seq, 0, "POST", "/app/calls", "create", call_id, 201, 1, None, None, json.dumps(body), None, None
    )


def make_model(*rows, requests=(), **more):
    model = TimelineModel(START, **more)
    model.feed(rows, requests)
    return model


def bars(model, call_id="a"):
    call = next(call for call in model if call.call_id == call_id)
    return [(model.states[state], start) for state, start in zip(call.states, call.starts, strict=True)]


def test_state_lasts_until_the_next_one():
    model = make_model(row(1, "a", "establishing"), row(2, "a", "ringing", 20), row(3, "a", "established", 70))
    assert bars(model) == [("establishing", 0), ("ringing", 20), ("established", 70)]


def test_a_duplicate_makes_no_second_bar():
    model = make_model(row(1, "a", "ringing"), row(2, "a", "ringing", 5))
    assert bars(model) == [("ringing", 0)]


def test_a_late_state_has_a_bar_without_length():
    model = make_model(row(1, "a", "established"), row(2, "a", "ringing", 5), row(3, "a", "terminated", 9))
    assert bars(model) == [("ringing", 0), ("established", 0), ("terminated", 9)]


def test_a_row_is_taken_once_however_often_it_comes():
    rows = [row(1, "a", "ringing"), row(2, "a", "established", 4)]
    model = make_model(*rows)
    model.feed(rows)
    assert bars(model) == [("ringing", 0), ("established", 4)]


def test_notification_of_participants_makes_no_row():
    assert len(make_model(row(1, "a", None, entity="participants"))) == 0


def test_deleted_call_without_state_has_ended():
    model = make_model(row(1, "a", "incoming"), row(2, "a", None, 3, change="deleted"))
    assert bars(model)[-1] == ("terminated", 3)


def test_a_clock_that_was_set_back_does_not_turn_a_bar_around():
    made = bars(make_model(row(1, "a", "ringing", 50), row(2, "a", "established", 10)))
    assert made == [("ringing", 10), ("established", 10)]


def test_a_state_that_graph_adds_later_is_shown():
    model = make_model(row(1, "a", "ringing"), row(2, "a", "parked", 5))
    assert bars(model)[-1] == ("parked", 5)
    assert model.make_palette()[-1][0] == "parked"


@pytest.mark.parametrize("order", ["request first", "notification first"])
def test_the_label_comes_from_the_request_whenever_it_comes(order):
    model = TimelineModel(START)
    steps = [lambda: model.feed([], [request(1, "a", "Test")]), lambda: model.feed([row(1, "a", "ringing")])]
    for step in steps if order == "request first" else reversed(steps):
        step()
    assert [call.name for call in model] == ["Test · Heidi"]


def test_custom_label_replaces_all_others():
    model = make_model(row(1, "a", "ringing"), requests=[request(1, "a", "Test")], labels={"a": "Mine"}.get)
    model.feed([], [request(2, "a", "Other")])
    assert [call.name for call in model] == ["Mine"]


def test_a_call_without_a_label_is_called_by_the_end_of_its_id():
    assert [call.name for call in make_model(row(1, "57dab8b1-894c", "ringing"))] == ["…8b1-894c"]


def test_an_incoming_call_is_called_by_its_caller():
    raw = json.dumps({"resourceData": {"source": {"identity": {"phone": {"id": "+14255550100"}}}}})
    assert make_notification_label(raw) == "+14255550100"


@pytest.mark.parametrize("text", [None, "", "{", "[]", '{"targets": 5}', '{"resourceData": []}'])
def test_invalid_json_has_no_label(text):
    assert make_request_label(text) is None
    assert make_notification_label(text) is None


def test_results_are_short():
    assert format_result(603, 10085, "declined") == "603.10085 declined"
    assert format_result(0, 0, None) == format_result(None, None, None) == ""


def test_the_oldest_calls_that_ended_make_room():
    rows = [row(1, "live", "ringing"), row(2, "old", "terminated"), row(3, "new", "terminated"), row(4, "n", "ringing")]
    model = make_model(*rows, max_calls=3)
    assert [call.call_id for call in model] == ["live", "new", "n"]
    assert model.pop_changes()["gone"] == [1]
    assert "1 older" in model.describe()


def test_the_description_counts_states_in_life_cycle_order():
    model = make_model(row(1, "a", "established"), row(2, "b", "ringing"), row(3, "c", "ringing"))
    assert model.describe() == "Timeline of 3 calls: 2 ringing, 1 established."
    assert TimelineModel(START).describe() == "Timeline without calls."


def test_one_change_is_small_on_the_wire():
    label = "x" * 500
    model = make_model(row(1, "5" * 36, "ringing"), requests=[request(1, "5" * 36, label)])
    assert len(json.dumps(model.pop_changes())) < 250
    assert model.pop_changes() is None


class Page:
    """The store of the browser."""

    def __init__(self):
        self.calls = {}

    def apply(self, changes):
        for key, call_id, label, result, since, pairs in changes["calls"]:
            old = self.calls.get(key, [None, None, None, []])[3]
            self.calls[key] = [call_id, label, result, old[: 2 * since] + pairs]
        for key in changes.get("gone", ()):
            self.calls.pop(key, None)


steps = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from((*STATES, "new")), st.integers(0, 50), st.booleans()),
    max_size=40,
)


@pytest.mark.slow
@given(steps, st.integers(1, 4))
def test_changes_add_up_to_the_whole(steps, max_calls):
    model, page = TimelineModel(START, max_calls=max_calls), Page()
    for seq, (call_id, state, ms, look) in enumerate(steps, 1):
        model.feed([row(seq, call_id, state, ms)])
        if look and (changes := model.pop_changes()):
            page.apply(changes)
    page.apply(model.pop_changes() or {"calls": []})
    whole = Page()
    whole.apply(model.dump())
    assert page.calls == whole.calls


@given(steps)
def test_the_present_state_is_that_of_the_call_store(steps):
    rows = [row(seq, call_id, state, ms) for seq, (call_id, state, ms, _) in enumerate(steps, 1)]
    model, store = make_model(*rows), CallStore(ListJournal(rows))
    assert {call.call_id: model.states[call.states[-1]] for call in model} == {
        call.call_id: store.status(call.call_id).state for call in model
    }
