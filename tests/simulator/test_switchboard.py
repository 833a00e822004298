"""The pure state machine."""

from hypothesis import given
from hypothesis import strategies as st

from graphcall_nb.graph.states import STATES, is_step
from graphcall_nb.simulator.switchboard import TARGETS, Event, Line, Result, advance

EVENTS = st.builds(
    Event,
    name=st.sampled_from([*TARGETS, "roster"]),
    modalities=st.sampled_from([(), ("audio",)]),
    result=st.sampled_from([None, Result(200, 7000, "over")]),
)
STORIES = st.lists(EVENTS, max_size=30)


def told(events):
    """The line after each event of a story, and the notices of it."""
    line = Line()
    for now, event in enumerate(events):
        before, (line, notices) = line, advance(line, event, float(now))
        yield before, line, notices


@given(STORIES)
def test_every_step_is_in_the_published_table(events):
    for before, after, _ in told(events):
        assert before.state == after.state or is_step(before.state, after.state)


@given(STORIES)
def test_every_change_of_state_is_told_exactly_once(events):
    for before, after, notices in told(events):
        changes = [notice for notice in notices if notice.entity == "call"]
        assert [notice.line.state for notice in changes] == [after.state] * (before.state != after.state)


@given(STORIES)
def test_nothing_is_told_of_a_call_that_has_ended(events):
    for before, after, notices in told(events):
        assert not before.ended or (after is before and notices == ())


@given(STORIES)
def test_each_notice_has_a_later_etag(events):
    etags = [notice.line.etag for _, _, notices in told(events) for notice in notices]
    assert etags == sorted(set(etags))


def test_the_end_of_a_call_is_told_as_deleted():
    line, _ = advance(Line("established"), Event("end"), 1.0)
    _, (notice,) = advance(Line("established"), Event("end"), 1.0)
    assert (line.state, notice.change_type) == ("terminated", "deleted")


def test_a_timer_that_fires_after_the_hang_up_changes_nothing():
    line = Line("terminating")
    assert advance(line, Event("connect"), 1.0) == (line, ())


def test_events_lead_to_states_that_exist():
    assert set(TARGETS.values()) <= set(STATES)
