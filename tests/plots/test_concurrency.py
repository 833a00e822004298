import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphcall_nb.plots.concurrency import Concurrency, compute_concurrency, limit_moments, plot_concurrency

from .frames import START, drawn, fleet, intervals, texts

SECOND = pd.Timedelta(seconds=1)


def compute(*rows, now=100):
    return compute_concurrency(intervals(*rows), START, START + now * SECOND, SECOND)


def test_calls_are_counted_from_their_start_to_their_end():
    found = compute(("57", "ringing", 0, 5), ("58", "ringing", 3, 8))
    assert (found.at.tolist(), found.total.tolist()) == ([0, 3, 5, 8], [1, 2, 1, 0])


def test_each_state_has_its_layer():
    found = compute(("57", "ringing", 0, 5), ("57", "established", 5, 9), ("57", "terminated", 9, 9))
    assert found.states == ["ringing", "established"]
    assert found.counts.tolist() == [[1, 0, 0], [0, 1, 0]]


def test_open_intervals_count_until_now():
    found = compute(("57", "established", 0, None), now=7)
    assert (found.at.tolist(), found.total.tolist()) == ([0, 7], [1, 1])


def test_consecutive_calls_are_not_concurrent():
    assert compute(("57", "ringing", 0, 5), ("58", "ringing", 5, 8)).peak == (0, 1)


ROWS = st.lists(
    st.tuples(st.just("x"), st.sampled_from(["ringing", "hold", "new"]), st.integers(0, 9), st.integers(0, 9))
)


@pytest.mark.slow
@settings(deadline=None)
@given(ROWS)
def test_each_moment_counts_the_visits_around_it(rows):
    visits = [(call, state, min(one, other), max(one, other)) for call, state, one, other in rows]
    found = compute(*visits) if visits else Concurrency([], np.array([]), np.zeros((0, 0)))
    for at, total in zip(found.at, found.total, strict=True):
        assert total == sum(first <= at < last for *_, first, last in visits)


def test_thinning_keeps_the_peak_and_the_end():
    found = compute(*[(str(n), "ringing", n, n + 5 + n % 7) for n in range(3000)])
    few = limit_moments(found, 50)
    assert len(few.at) <= 51
    assert few.peak[1] == found.peak[1]
    assert (few.at[-1], few.total[-1]) == (found.at[-1], found.total[-1])


def test_the_title_has_the_peak():
    ax = drawn(plot_concurrency, fleet(3))
    assert ax.get_title(loc="left") == "Calls at a time: 3 at most"


def test_the_limit_of_graph_is_drawn_if_calls_come_near():
    near, far = drawn(plot_concurrency, fleet(90)), drawn(plot_concurrency, fleet(10))
    assert [text for text in texts(near) if "Graph's limit" in text]
    assert texts(far) == []


def test_an_unknown_state_has_a_pattern():
    ax = drawn(plot_concurrency, intervals(("57", "newInGraph", 0, 5)))
    assert "////" in [made.get_hatch() for made in ax.collections]


def test_no_rows_and_no_live_rows_are_a_sentence():
    for frame in (intervals().iloc[:0], intervals(("57", "terminated", 0, 0))):
        assert "No calls yet" in texts(drawn(plot_concurrency, frame))[0]


def test_ten_thousand_calls_are_few_shapes():
    ax = drawn(plot_concurrency, fleet(10_000))
    assert max(len(path.vertices) for made in ax.collections for path in made.get_paths()) < 20_000
