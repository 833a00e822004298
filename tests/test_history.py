"""The history of one call: present state, visits, late and duplicate notifications."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphcall_nb.graph.history import CallEvent, CallHistory, Classification, read_call_state
from graphcall_nb.graph.states import STATES
from graphcall_nb.journal.records import NotificationRecord

UNHURRIED = settings(deadline=None)


def event(seq, state, *, at=None, content=None, resource="/app/calls/A", is_operation=False):
    """Return an event; equal states have equal content unless ``content`` differs."""
    content_hash = hash(content or (resource, state))
    return CallEvent(seq, seq if at is None else at, resource, state, content_hash, is_operation)


def events(*states):
    return [event(seq, state) for seq, state in enumerate(states, 1)]


def test_an_empty_history_has_no_state():
    history = CallHistory()
    assert (history.state, history.states, history.has_ended) == (None, [], False)


def test_an_unknown_state_does_not_hold_back_the_known_ones():
    history = CallHistory(events("establishing", "queued", "ringing", "established"))
    assert history.state == "established"
    assert history.states == ["establishing", "queued", "ringing", "established"]


def test_an_unknown_state_is_the_present_one_until_the_next():
    assert CallHistory(events("established", "queued")).state == "queued"


def test_a_repeated_unknown_state_is_a_duplicate():
    history = CallHistory(events("queued", "established"))
    assert history.add(event(3, "queued")) == Classification(duplicate_of=1)


def test_a_call_returns_to_an_unknown_state_with_new_content():
    history = CallHistory(events("queued", "established"))
    assert history.add(event(3, "queued", content="other")) == Classification(position=2)


def test_a_call_returns_from_an_unknown_state_with_new_content():
    history = CallHistory(events("established", "queued"))
    assert history.add(event(3, "established", content="other")) == Classification(position=2)


def test_a_late_state_stays_behind_an_earlier_unknown_one():
    assert CallHistory(events("queued", "established", "incoming")).states == ["queued", "incoming", "established"]


def test_an_unknown_state_stays_before_the_end():
    history = CallHistory(events("established", "terminated", "queued"))
    assert (history.states, history.has_ended) == (["established", "queued", "terminated"], True)


def test_a_late_state_changes_no_present_state():
    history = CallHistory(events("establishing", "established"))
    assert history.add(event(3, "ringing")) == Classification(late_by_us=1, position=1)
    assert (history.state, history.states) == ("established", ["establishing", "ringing", "established"])


def test_a_late_visit_starts_when_the_later_state_arrived():
    history = CallHistory(events("establishing", "established", "ringing"))
    assert [(visit.state, visit.start_us, visit.received_at_us) for visit in history.visits] == [
        ("establishing", 1, 1),
        ("ringing", 2, 3),
        ("established", 2, 2),
    ]


def test_a_return_to_a_state_is_a_visit_of_its_own():
    history = CallHistory(events("established", "hold", "established"))
    assert history.states == ["established", "hold", "established"]
    assert history.visited == {"established", "hold"}


def test_a_repetition_of_the_present_state_is_a_duplicate():
    history = CallHistory(events("ringing"))
    assert history.add(event(2, "ringing")) == Classification(duplicate_of=1)


def test_a_repetition_of_an_earlier_state_is_a_duplicate():
    history = CallHistory(events("ringing", "established"))
    assert history.add(event(3, "ringing")) == Classification(duplicate_of=1)


def test_other_content_about_the_present_state_is_neither_late_nor_a_duplicate():
    history = CallHistory(events("established"))
    assert history.add(event(2, "established", content="tone")) == Classification()


def test_an_old_state_with_other_content_is_late():
    history = CallHistory(events("establishing", "ringing", "established"))
    assert history.add(event(4, "ringing", content="other")) == Classification(late_by_us=1)


def test_the_end_is_final():
    history = CallHistory(events("established", "terminated"))
    assert history.add(event(3, "established", content="other")).position is None
    assert history.state == "terminated"


def test_an_event_without_a_state_starts_no_visit():
    history = CallHistory(events("established"))
    assert history.add(event(2, None)) == Classification()
    assert history.states == ["established"]


def test_an_immediate_repetition_without_a_state_is_a_duplicate():
    roster = [event(seq, None, content=content) for seq, content in enumerate(["one", "two", "one", "one"], 1)]
    history = CallHistory()
    assert [history.add(one).duplicate_of for one in roster] == [None, None, None, 1]


def test_a_repetition_of_an_operation_is_always_a_duplicate():
    operation = [
        event(seq, None, content=content, is_operation=True) for seq, content in enumerate(["on", "off", "on"], 1)
    ]
    history = CallHistory()
    assert [history.add(one).duplicate_of for one in operation] == [None, None, 1]


def test_an_event_from_before_gets_its_place_in_time():
    history = CallHistory([event(1, "established", at=10), event(2, "established", at=30)])
    assert history.states == ["established"]
    assert history.add(event(3, "hold", at=20)).position == 1
    assert history.states == ["established", "hold", "established"]


def test_an_event_from_before_that_changes_nothing_has_no_position():
    history = CallHistory([event(1, "ringing", at=10), event(2, "established", at=20)])
    assert history.add(event(3, "ringing", at=15)) == Classification(duplicate_of=1)


def test_the_last_key_is_that_of_the_latest_event():
    history = CallHistory([event(1, "ringing", at=10), event(2, None, at=20), event(3, "established", at=15)])
    assert history.last_key == (20, 2)


@pytest.mark.parametrize(
    ("entity", "change_type", "state", "expected"),
    [
        ("call", "updated", "ringing", "ringing"),
        ("call", "deleted", None, "terminated"),
        ("call", "deleted", "terminated", "terminated"),
        ("call", "updated", None, None),
        ("operation", "deleted", None, None),
        ("participants", "updated", None, None),
    ],
)
def test_a_deletion_without_a_state_terminates_a_call(entity, change_type, state, expected):
    assert read_call_state(entity, change_type, state) == expected


def test_an_event_is_read_from_a_record():
    record = NotificationRecord(7, 5, "A", "call", "/app/calls/A", "deleted", *[None] * 9, "{}")
    assert CallEvent.from_record(record) == (7, 5, "/app/calls/A", "terminated", hash("{}"), False)


def test_an_event_has_the_state_of_its_record():
    record = NotificationRecord(7, 5, "A", "call", "/app/calls/A", "updated", "ringing", *[None] * 8, "{}")
    assert CallEvent.from_record(record).state == "ringing"


def test_an_event_about_an_operation_is_marked():
    record = NotificationRecord(7, 5, "A", "operation", "/app/calls/A/operations/1", "updated", *[None] * 9, "{}")
    assert CallEvent.from_record(record).is_operation


# Any states in any order at any time; each with one of two contents, so that duplicates are frequent.
event_lists = st.lists(
    st.tuples(st.sampled_from((*STATES, "queued", "parked", None)), st.integers(0, 20), st.sampled_from("ab")),
    max_size=25,
).map(
    lambda rows: [
        event(seq, state, at=at, content=(state, content)) for seq, (state, at, content) in enumerate(rows, 1)
    ]
)


@UNHURRIED
@given(event_lists)
def test_the_order_of_adding_does_not_change_the_visits(listed):
    in_order = sorted(listed, key=lambda one: (one.received_at_us, one.seq))
    assert CallHistory(listed).visits == CallHistory(in_order).visits


@UNHURRIED
@given(event_lists)
def test_a_position_is_the_first_changed_visit(listed):
    history, before = CallHistory(), []
    for one in listed:
        position = history.add(one).position
        after = [(visit.seq, visit.state, visit.start_us) for visit in history.visits]
        if position is None:
            assert after == before
        else:
            assert after[:position] == before[:position]
            assert after[position:] != before[position:]
        before = after


@UNHURRIED
@given(event_lists)
def test_visits_are_in_order_of_time_and_cover_every_state(listed):
    history = CallHistory(listed)
    starts = [visit.start_us for visit in history.visits]
    assert starts == sorted(starts)
    assert history.visited == set(history.states) == {one.state for one in listed if one.state}
    assert history.has_ended == (history.state == "terminated")
    assert all(one != other for one, other in zip(history.states, history.states[1:], strict=False))
