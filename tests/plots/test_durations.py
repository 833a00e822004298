import numpy as np
import pytest
from matplotlib.collections import PolyCollection

from graphcall_nb.plots._axes import format_duration
from graphcall_nb.plots.durations import plot_state_durations

from .frames import drawn, fleet, intervals, texts


def labels(ax):
    return [label.get_text() for label in ax.get_yticklabels()]


def test_states_are_in_life_cycle_order_without_the_end():
    ax = drawn(
        plot_state_durations,
        intervals(("57", "established", 1, 2), ("57", "ringing", 0, 1), ("57", "terminated", 2, 2)),
    )
    assert labels(ax) == ["ringing", "established"]


def test_each_visit_is_a_dot_at_its_duration():
    ax = drawn(plot_state_durations, intervals(("57", "ringing", 0, 4), ("58", "ringing", 0, 6)))
    assert [x for x, _ in ax.collections[0].get_offsets()] == [4, 6]
    assert texts(ax) == ["median 5 s\n2 visits"]


def test_from_five_visits_on_there_is_a_box():
    boxes = [
        sum(isinstance(made, PolyCollection) for made in drawn(plot_state_durations, fleet(count)).collections)
        for count in (4, 5)
    ]
    assert boxes == [0, 2]


def test_open_visits_are_counted_and_not_drawn():
    ax = drawn(plot_state_durations, intervals(("57", "ringing", 0, 4), ("58", "ringing", 0, None)))
    assert texts(ax) == ["median 4 s\n1 visit, 1 open"]


def test_open_visits_alone():
    assert texts(drawn(plot_state_durations, intervals(("58", "ringing", 0, None)))) == ["0 visits, 1 open"]


def test_a_wide_range_is_logarithmic_with_empty_visits_at_its_edge():
    ax = drawn(
        plot_state_durations, intervals(("57", "ringing", 0, 0), ("58", "ringing", 0, 1), ("59", "ringing", 0, 3600))
    )
    assert ax.get_xscale() == "log"
    assert np.isfinite(ax.collections[0].get_offsets()).all()


def test_dots_of_many_visits_are_thinned_but_not_the_numbers():
    ax = drawn(plot_state_durations, fleet(10_000))
    assert max(len(made.get_offsets()) for made in ax.collections) <= 400
    assert "10,000 visits" in texts(ax)[0]


def test_an_unknown_state_has_a_row_and_a_pattern():
    ax = drawn(plot_state_durations, intervals(*[("57", "newInGraph", 0, 5)] * 5))
    assert labels(ax) == ["newInGraph"]
    assert "////" in [made.get_hatch() for made in ax.collections]


def test_no_rows_are_a_sentence():
    ax = drawn(plot_state_durations, intervals().iloc[:0])
    assert "No calls yet" in texts(ax)[0]


@pytest.mark.parametrize(("seconds", "words"), [(1e-5, "0.01 ms"), (1, "1 s"), (119, "1.98 min"), (36e6, "10,000 h")])
def test_durations_have_a_unit(seconds, words):
    assert format_duration(seconds) == words
