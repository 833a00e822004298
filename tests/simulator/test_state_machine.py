"""The pure state machine."""

from hypothesis import given
from hypothesis import strategies as st

from graphcall_nb.simulator.state_machine import CallState, Event, Result, advance
from graphcall_nb.simulator.states import TRANSITIONS

EVENTS = st.builds(
    Event,
    name=st.sampled_from([*TRANSITIONS, "roster"]),
    modalities=st.sampled_from([(), ("audio",)]),
    result=st.sampled_from([None, Result(200, 7000, "over")]),
)
SEQUENCES = st.lists(EVENTS, max_size=30)


def run_events(events):
    """Yield the state before and after each event, the event, and its changes."""
    state = CallState()
    for now, event in enumerate(events):
        before, (state, changes) = state, advance(state, event, float(now))
        yield before, state, event, changes


@given(SEQUENCES)
def test_every_change_of_state_is_in_the_table(events):
    for before, after, event, _ in run_events(events):
        if before.name != after.name:
            assert before.name in TRANSITIONS[event.name].sources
            assert after.name == TRANSITIONS[event.name].target


@given(SEQUENCES)
def test_every_change_of_state_is_notified_exactly_once(events):
    for before, after, _, changes in run_events(events):
        call_changes = [change for change in changes if change.entity == "call"]
        assert [change.state.name for change in call_changes] == [after.name] * (before.name != after.name)


@given(SEQUENCES)
def test_ended_call_causes_no_notification(events):
    for before, after, _, changes in run_events(events):
        assert not before.has_ended or (after is before and changes == ())


@given(SEQUENCES)
def test_each_change_has_a_later_etag(events):
    etags = [change.state.etag for *_, changes in run_events(events) for change in changes]
    assert etags == sorted(set(etags))


def test_end_of_a_call_is_a_deletion():
    state, (change,) = advance(CallState("established"), Event("end"), 1.0)
    assert (state.name, change.change_type) == ("terminated", "deleted")


def test_timer_that_fires_after_the_hang_up_changes_nothing():
    state = CallState("terminating")
    assert advance(state, Event("connect"), 1.0) == (state, ())
