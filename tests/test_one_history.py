"""Every reader of the journal gives a call the same visits to its states: those of ``CallHistory``."""

import itertools

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from graphcall_nb.graph.history import CallEvent, CallHistory
from graphcall_nb.graph.states import STATES
from graphcall_nb.session.call_store import CallStore
from graphcall_nb.widgets.cockpit.tables import CallRows
from graphcall_nb.widgets.timeline.model import TimelineModel

from .frames.records import START_US, Log, life, row
from .session.journals import ListJournal

pytestmark = pytest.mark.slow

CALLS = ("A", "B")


@st.composite
def journals(draw):
    """Draw records of two calls: any states at any time, with repeated contents and deletions without a state."""
    one = st.tuples(
        st.sampled_from(CALLS),
        st.sampled_from((*STATES, "queued", "parked", None)),
        st.integers(0, 15),
        st.sampled_from(["call", "call", "call", "operation", "participants"]),
        st.sampled_from(["updated", "updated", "updated", "deleted"]),
        st.sampled_from([None, None, None, "tone"]),
    )
    return [
        row(seq, state if entity == "call" else None, at=at, call=call, entity=entity, change=change, raw=content)
        for seq, (call, state, at, entity, change, content) in enumerate(draw(st.lists(one, max_size=30)), 1)
    ]


@st.composite
def disordered_lives(draw):
    """Draw records of two calls that pass states nearly in life-cycle order, some of them twice."""
    rows = []
    for call in CALLS:
        states = draw(st.lists(st.sampled_from((*STATES, "queued", "parked")), min_size=1, max_size=8))
        states = sorted(states, key=lambda state: STATES.index(state) if state in STATES else 3)
        for place, state in enumerate(states):
            delays = draw(st.lists(st.integers(0, 3), min_size=1, max_size=2))
            rows += [row(0, state, at=place + delay, call=call) for delay in delays]
    rows.sort(key=lambda one: one.received_at_us)
    return [one._replace(seq=seq) for seq, one in enumerate(rows, 1)]


def read_histories(rows):
    """Return the history of each call, from its records in order of time."""
    in_order = sorted(rows, key=lambda one: (one.received_at_us, one.seq))
    histories = {
        call: CallHistory(CallEvent.from_record(one) for one in in_order if one.call_id == call) for call in CALLS
    }
    return {call: history for call, history in histories.items() if history.visits}


def get_visits(rows):
    """Return ``(state, start)`` of each visit by call: the expected result of every reader."""
    return {
        call: [(visit.state, visit.start_us) for visit in history.visits]
        for call, history in read_histories(rows).items()
    }


def get_frame_visits(frames):
    table = frames.intervals()
    table = table[table["call_id"].isin(CALLS)]
    return {
        call: list(zip(visits["state"], visits["start"].astype("int64"), strict=True))
        for call, visits in table.groupby("call_id", sort=False)
    }


every_journal = given(rows=st.one_of(journals(), disordered_lives()))
STATELESS_TWIN = [
    row(1, "incoming", at=0, call="A"),
    row(2, "incoming", at=1, call="A", raw="tone"),
    row(3, "queued", at=0, call="A"),
    row(4, None, at=0, call="A", raw="tone"),
]
with_an_unknown_state = example(rows=life("establishing", "queued", "ringing", "established"))


@settings(deadline=None)
@every_journal
@with_an_unknown_state
def test_the_status_of_a_call_is_that_of_its_history(rows):
    store = CallStore(ListJournal(rows))
    for call, history in read_histories(rows).items():
        status = store.status(call)
        assert status.history.visits == history.visits
        assert (status.state, status.states) == (history.state, history.states)
        assert (status.visited, status.has_ended) == (history.visited, history.has_ended)


@settings(deadline=None)
@every_journal
@with_an_unknown_state
@example(rows=STATELESS_TWIN)
def test_the_timeline_shows_the_visits(rows):
    model = TimelineModel(START_US // 1000)
    for one in rows:
        model.feed([one])
    assert {
        call.call_id: [(model.states[state], start) for state, start in zip(call.states, call.starts, strict=True)]
        for call in model
    } == {
        call: [(state, (start - START_US) // 1000) for state, start in visits]
        for call, visits in get_visits(rows).items()
    }


@settings(deadline=None)
@every_journal
@with_an_unknown_state
def test_the_cockpit_shows_the_present_state_and_its_start(rows):
    calls = CallRows()
    calls.feed(rows)
    shown = {call_id: (state, since) for _, call_id, _, _, state, _, since, *_ in calls.dump()["rows"] if state}
    assert shown == {call: (visits[-1][0], visits[-1][1] // 1000) for call, visits in get_visits(rows).items()}


@settings(deadline=None)
@given(rows=st.one_of(journals(), disordered_lives()), data=st.data())
def test_frames_have_the_visits_in_any_number_of_portions(rows, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=4)))
    log = Log()
    for start, end in itertools.pairwise([0, *cuts, len(rows)]):
        log.grow(*rows[start:end])
    assert get_frame_visits(log.frames) == get_visits(rows)


@settings(deadline=None)
@every_journal
def test_frames_mark_late_and_duplicate_notifications_like_the_history(rows):
    expected = {}
    histories = {call: CallHistory() for call in CALLS}
    for one in sorted(rows, key=lambda one: (one.received_at_us, one.seq)):
        classification = histories[one.call_id].add(CallEvent.from_record(one))
        expected[one.seq] = (classification.duplicate_of, classification.late_by_us)
    marks = Log(rows).frames.notifications()
    late = marks["late_by"].astype("int64").where(marks["late_by"].notna())
    assert {
        seq: (None if pd.isna(duplicate) else duplicate, None if pd.isna(delay) else delay)
        for seq, duplicate, delay in zip(marks["seq"], marks["duplicate_of"], late, strict=True)
    } == expected


@settings(deadline=None)
@every_journal
@with_an_unknown_state
def test_the_frame_of_calls_has_the_present_state(rows):
    calls = Log(rows).frames.calls().set_index("call_id")
    present = {call: history.state for call, history in read_histories(rows).items()}
    assert calls["state"].dropna().to_dict() == present
