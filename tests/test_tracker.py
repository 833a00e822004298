"""Where calls stand, without growing for ever."""

from graphcall_nb.session.call_store import CallStore


def row(seq, call_id, state):
    return (seq, 0, call_id, "call", f"/app/calls/{call_id}", "updated", state, *[None] * 8, "{}")


def lives(*call_ids):
    """Rows of calls that begin and end, one after the other."""
    states = [(call_id, state) for call_id in call_ids for state in ("established", "terminated")]
    return [row(seq, *state) for seq, state in enumerate(states, 1)]


def test_the_oldest_of_the_ended_calls_are_forgotten():
    tracker = CallStore(remembered=2)
    tracker.feed(lives("a", "b", "c"))
    assert (["a" in tracker, "b" in tracker, "c" in tracker], tracker.heard_of) == ([False, True, True], 3)


def test_live_calls_are_never_forgotten():
    tracker = CallStore(remembered=0)
    tracker.feed([row(1, "a", "established"), row(2, "b", "terminated")])
    assert ("a" in tracker, "b" in tracker) == (True, False)


def test_a_forgotten_call_can_be_recalled():
    tracker, rows = CallStore(remembered=1), lives("a", "b")
    tracker.feed(rows)
    assert tracker.forgot("a")
    tracker.recall("a", rows[:2])
    assert (tracker["a"].visited, tracker.forgot("a"), tracker.heard_of) == ({"established", "terminated"}, False, 2)


def test_a_call_that_was_just_placed_was_not_forgotten():
    tracker = CallStore(remembered=1)
    tracker.feed(lives("a", "c"))
    tracker.expect("b")
    assert (tracker.forgot("a"), tracker.forgot("b"), tracker.heard_of) == (True, False, 2)
    tracker.feed([row(5, "b", "establishing")])
    assert tracker.heard_of == 3


def test_calls_that_nobody_hears_of_are_forgotten():
    tracker = CallStore(remembered=1)
    for call_id in ("a", "b"):
        tracker.expect(call_id)
    assert (len(tracker), tracker.forgot("a"), tracker.forgot("b")) == (1, True, False)


def test_to_ask_for_a_call_leaves_nothing_behind():
    tracker = CallStore()
    assert (tracker["a"].state, len(tracker)) == (None, 0)
