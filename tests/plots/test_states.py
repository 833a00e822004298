import pandas as pd
from matplotlib.patches import FancyArrowPatch

from graphcall_nb.graph.states import STATES, TRANSITIONS
from graphcall_nb.plots.states import plot_states

from .frames import drawn, texts


def arrows(ax):
    return [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]


def test_every_state_and_every_step_is_there():
    ax = drawn(plot_states)
    assert set(STATES) <= set(texts(ax))
    assert len(arrows(ax)) == len(TRANSITIONS)


def test_inferred_steps_are_dashed_and_shown_ones_solid():
    solid = [arrow.get_linestyle() in ("-", "solid") for arrow in arrows(drawn(plot_states))]
    assert solid == [step.evidence == "shown" for step in TRANSITIONS]


def test_only_the_steps_that_a_call_took_stand_out():
    path = ["incoming", "establishing", "established", "terminated"]
    strong = [arrow.get_alpha() > 0.5 for arrow in arrows(drawn(plot_states, path))]
    steps = [(step.source, step.target) for step, shown in zip(TRANSITIONS, strong, strict=True) if shown]
    assert sorted(steps, key=str) == sorted(zip([None, *path], path, strict=False), key=str)


def test_a_frame_of_one_call_is_a_path():
    assert len(arrows(drawn(plot_states, pd.Series(["ringing", "newInGraph"], dtype="category")))) == len(TRANSITIONS)


def test_no_two_steps_are_drawn_over_one_another():
    ends = [tuple(map(tuple, arrow.get_path().vertices)) for arrow in arrows(drawn(plot_states))]
    assert len(set(ends)) == len(ends)
