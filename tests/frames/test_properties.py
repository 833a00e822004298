"""Properties of the frames for any order and number of arrivals."""

import itertools

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphcall_nb.graph.states import STATES

from .records import Log, frames, lengths, number, row, seconds, states

pytestmark = pytest.mark.slow

UNHURRIED = settings(deadline=None)  # how long a frame takes is measured elsewhere

# Lives that pass each state once, and those of them in which nothing can be gone back to.
SIMPLE = st.sets(st.sampled_from(STATES), min_size=1).map(lambda chosen: [state for state in STATES if state in chosen])
STRAIGHT = SIMPLE.map(
    lambda life: [state for state in life if state not in ("hold", "transferring", "transferAccepted")]
)
SHUFFLED = SIMPLE.flatmap(lambda life: st.tuples(st.just(life), st.permutations(life)))


@st.composite
def repeated(draw):
    """A straight life, and its items shuffled, each delivered at least once."""
    life = draw(STRAIGHT.filter(bool))
    return life, draw(st.permutations(life + draw(st.lists(st.sampled_from(life), max_size=8))))


@st.composite
def streams(draw):
    """Rows of some calls, in any order, with any repetition, loops, unknown states and clocks that disagree."""
    state = st.sampled_from([*STATES, "parked", None])
    one = st.tuples(state, st.sampled_from("ABC"), st.integers(0, 30), st.sampled_from(["call", "call", "operation"]))
    return [
        row(seq, state if entity == "call" else None, at=at, call=call, entity=entity)
        for seq, (state, call, at, entity) in enumerate(draw(st.lists(one, max_size=40)), 1)
    ]


@UNHURRIED
@given(SHUFFLED)
def test_the_order_of_arrival_does_not_change_the_states(drawn):
    life, arrived = drawn
    assert states([row(seq, state) for seq, state in enumerate(arrived, 1)]) == life


@UNHURRIED
@given(SHUFFLED)
def test_a_state_starts_with_its_first_notification_or_one_of_a_later_state(drawn):
    life, arrived = drawn
    table = frames([row(seq, state) for seq, state in enumerate(arrived, 1)]).intervals()
    heard = [arrived.index(state) + 1 for state in life]
    assert seconds(table["start"]) == [min(heard[at:]) for at in range(len(life))]


@UNHURRIED
@given(SHUFFLED)
def test_overtaken_notifications_are_late(drawn):
    life, arrived = drawn
    found = frames([row(seq, state) for seq, state in enumerate(arrived, 1)]).notifications()
    earlier = {
        state: [at for at, other in enumerate(arrived) if life.index(other) > life.index(state)] for state in life
    }
    expected = [max(at - min([at, *earlier[state]]), 0) or None for at, state in enumerate(arrived)]
    assert lengths(found["late_by"]) == expected


@UNHURRIED
@given(repeated())
def test_repetition_does_not_change_the_states(drawn):
    life, arrived = drawn
    assert states([row(seq, state) for seq, state in enumerate(arrived, 1)]) == life


@UNHURRIED
@given(repeated())
def test_all_but_the_first_of_each_item_are_duplicates(drawn):
    _, arrived = drawn
    marks = frames([row(seq, state) for seq, state in enumerate(arrived, 1)]).notifications()["duplicate_of"]
    expected = [arrived.index(state) + 1 if state in arrived[:at] else None for at, state in enumerate(arrived)]
    assert [None if pd.isna(mark) else mark for mark in marks] == expected


@UNHURRIED
@given(SIMPLE, st.lists(st.integers(1, 3), min_size=len(STATES), max_size=len(STATES)))
def test_immediate_repetition_does_not_change_the_states(life, times):
    arrived = [state for state, count in zip(life, times, strict=False) for _ in range(count)]
    assert states([row(seq, state) for seq, state in enumerate(arrived, 1)]) == life


@UNHURRIED
@given(streams(), st.data())
def test_the_number_of_portions_does_not_change_the_frames(rows, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=4)))
    log = Log()
    for start, end in itertools.pairwise([0, *cuts, len(rows)]):
        log.grow(*rows[start:end])
        log.frames.intervals()
    same(log.frames, frames(rows))


@settings(UNHURRIED, max_examples=15)
@given(st.lists(streams(), min_size=20, max_size=30))
def test_a_large_batch_equals_single_rows(many):
    plain = [row(0, state, at=at, call=f"P{at}") for at in range(60) for state in STATES[1:6]]
    listed = plain + [row for rows in many for row in rows]
    rows = [one._replace(call_id=f"{one.call_id}{one.seq // 7 % 90}") for one in number(listed)]
    log = Log()
    for one in rows:
        log.grow(one)
    same(log.frames, frames(rows))


@UNHURRIED
@given(streams())
def test_visits_follow_each_other_without_gaps(rows):
    table = frames(rows).intervals()
    for _, one in table.groupby("call_id", sort=False):
        assert one["end"].iloc[:-1].tolist() == one["start"].iloc[1:].tolist()
        assert one["duration"].dropna().ge(pd.Timedelta(0)).all()
        assert (one["state"] == "terminated").iloc[:-1].sum() == 0


@UNHURRIED
@given(streams())
def test_every_row_is_there_and_none_is_both_late_and_a_duplicate(rows):
    found = frames(rows).notifications()
    assert found["raw"].tolist() == [row.raw for row in rows]
    assert not (found["duplicate_of"].notna() & found["late_by"].notna()).any()


@UNHURRIED
@given(streams())
def test_talk_time_is_the_time_in_established(rows):
    table, calls = frames(rows).intervals(), frames(rows).calls().set_index("call_id")
    for call_id, one in table[table["state"] == "established"].groupby("call_id"):
        total = one["duration"].sum() if one["duration"].notna().all() else pd.NaT
        assert calls.at[call_id, "talk_time"] is total or calls.at[call_id, "talk_time"] == total


def same(one, other):
    """The same rows; categories are in the order in which new ones came, which is the same too."""
    for name in ("notifications", "intervals", "calls"):
        left, right = getattr(one, name)(), getattr(other, name)()
        pd.testing.assert_frame_equal(left, right)


@settings(UNHURRIED, max_examples=15)
@given(st.lists(SHUFFLED, min_size=60, max_size=60), st.randoms(use_true_random=False))
def test_a_large_batch_of_shuffled_calls_equals_single_rows(lives, random):
    arrivals = [(f"C{number}", state) for number, (_, arrived) in enumerate(lives) for state in arrived]
    arrivals += [(f"D{number}", state) for number in range(60) for state in STATES[2:6]]
    random.shuffle(arrivals)
    rows = [row(seq, state, call=call, at=seq // 3) for seq, (call, state) in enumerate(arrivals, 1)]
    log = Log()
    for one in rows:
        log.grow(one)
    same(log.frames, frames(rows))
