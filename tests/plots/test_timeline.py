import io

import pandas as pd
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.dates import ConciseDateFormatter, num2date
from matplotlib.figure import Figure

import graphcall_nb as gc
from graphcall_nb.plots.colors import STATE_COLORS, UNKNOWN_COLOR
from graphcall_nb.plots.concurrency import plot_concurrency
from graphcall_nb.plots.description import describe
from graphcall_nb.plots.durations import plot_state_durations
from graphcall_nb.plots.sequence import plot_sequence
from graphcall_nb.plots.timeline import plot_timeline

START = pd.Timestamp("2026-01-01 10:00:00", tz="UTC")
LIFE = ("establishing", "ringing", "established", "terminating", "terminated")


def frame(*rows):
    """Intervals from (call_id, state, first second, last second or None)."""
    made = pd.DataFrame(rows, columns=["call_id", "state", "start", "end"])
    for column in ("start", "end"):
        made[column] = START + pd.to_timedelta(made[column].astype(float), unit="s")
    return made


def life(call_id="57", begin=0):
    return [(call_id, state, begin + at, begin + at + (state != "terminated")) for at, state in enumerate(LIFE)]


def drawn(intervals, **settings):
    figure = Figure(figsize=(10, 4))
    ax = plot_timeline(intervals, ax=figure.add_subplot(), **settings)
    figure.savefig(io.BytesIO())
    return ax


def polygons(ax):
    return [path for made in ax.collections if isinstance(made, PolyCollection) for path in made.get_paths()]


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_one_bar_for_each_interval_and_a_mark_for_the_end():
    ax = drawn(frame(*life()))
    assert len(polygons(ax)) == 4
    assert legend(ax) == list(LIFE)


def test_bars_are_where_the_intervals_are():
    xs = [sorted({x for x, _ in path.vertices}) for path in polygons(drawn(frame(*life())))]
    assert xs == [[0, 1], [1, 2], [2, 3], [3, 4]]


def test_many_calls_are_one_collection():
    rows = [row for n in range(50) for row in life(str(n), n)]
    assert sum(isinstance(made, PolyCollection) for made in drawn(frame(*rows)).collections) == 1


def test_calls_are_in_the_order_of_their_first_start():
    ax = drawn(frame(*life("later", 5), *life("first", 0)))
    assert [text.get_text() for text in ax.get_yticklabels()] == ["first", "later"]


def test_open_interval_reaches_now_with_a_soft_edge():
    ax = drawn(frame(("57", "established", 0, None)), now=START + pd.Timedelta(seconds=60))
    edges = [path.vertices[:, 0].max() for path in polygons(ax)]
    alphas = [color[3] for made in ax.collections for color in made.get_facecolors()]
    assert max(edges) == pytest.approx(60)
    assert min(alphas) < 0.2 < max(alphas)


def test_call_that_ended_is_not_drawn_to_now():
    ax = drawn(frame(*life()), now=START + pd.Timedelta(hours=5))
    assert ax.get_xlim()[1] < 5


def test_unknown_state_has_a_colour_a_pattern_and_its_name():
    ax = drawn(frame(("57", "newInGraph", 0, 5)))
    assert legend(ax) == ["newInGraph"]
    assert [made.get_hatch() for made in ax.collections if made.get_hatch()] == ["////"]
    assert UNKNOWN_COLOR not in STATE_COLORS.values()


def test_no_rows_are_a_sentence():
    ax = drawn(frame().iloc[:0], simulated=True)
    assert "No calls yet" in ax.texts[0].get_text()
    assert ax.get_title(loc="left") == "Call states (simulated)"


def test_calls_give_names_and_marks_of_requests():
    calls = pd.DataFrame(
        {"subject": ["Test"], "targets": ["Heidi $5$"], "created_at": [START - pd.Timedelta(seconds=1)]}, index=["57"]
    )
    ax = drawn(frame(*life()), calls=calls)
    assert [text.get_text() for text in ax.get_yticklabels()] == [r"Test → Heidi \$5\$"]
    assert legend(ax)[-1] == "requested"


def test_the_frame_of_a_simulated_session_says_so_in_the_title():
    made = frame(*life())
    made.attrs["simulated"] = True
    assert drawn(made).get_title(loc="left") == "Call states (simulated)"
    assert drawn(made, simulated=False).get_title(loc="left") == "Call states"


def test_names_of_many_calls_are_thinned():
    ax = drawn(frame(*[(str(n), "ringing", n, n + 1) for n in range(500)]))
    assert len(ax.get_yticks()) <= 40
    assert "500 calls" in ax.get_ylabel()


def test_a_short_plot_counts_seconds():
    assert drawn(frame(("57", "established", 0, 60))).get_xlabel() == "seconds since 2026-01-01 10:00:00 UTC"


@pytest.mark.parametrize(("tz", "hours"), [(None, 10), ("Asia/Tokyo", 19)])
@pytest.mark.parametrize("seconds", [180, 7 * 3600, 40 * 86400])
def test_a_long_plot_shows_the_clock_of_the_zone(seconds, tz, hours):
    ax = drawn(frame(("57", "established", 0, seconds)), tz=tz)
    assert ax.get_xlabel() == f"time ({tz or 'UTC'})"
    assert isinstance(ax.xaxis.get_major_formatter(), ConciseDateFormatter)
    assert num2date(ax.collections[0].get_paths()[0].vertices[0][0], tz=tz or "UTC").hour == hours


def test_an_unknown_zone_is_named():
    with pytest.raises(ValueError, match="tz: unknown time zone 'Berlin'"):
        drawn(frame(("57", "established", 0, 60)), tz="Berlin")


def test_equal_calls_are_numbered_in_the_order_of_the_rows():
    calls = pd.DataFrame({"subject": ["Standup", "Standup"]}, index=["57", "58"])
    ax = drawn(frame(("57", "ringing", 0, 1), ("58", "ringing", 1, 2)), calls=calls)
    assert [text.get_text() for text in ax.get_yticklabels()] == ["Standup", "Standup (2)"]


def test_own_figure_without_axes():
    from matplotlib import pyplot

    ax = plot_timeline(frame(*life()))
    assert ax.figure.get_size_inches()[0] == 10
    pyplot.close(ax.figure)


def test_rows_come_in_the_order_of_calls_and_unknown_calls_last():
    intervals = frame(*life(call_id="stranger"), *life(call_id="one"), *life(call_id="two"))
    calls = pd.DataFrame({"subject": ["Second", "First"]}, index=pd.Index(["two", "one"], name="call_id"))
    assert [label.get_text() for label in drawn(intervals, calls=calls).get_yticklabels()] == [
        "Second",
        "First",
        "stranger",
    ]


@pytest.mark.parametrize("draw", [plot_timeline, plot_state_durations, plot_concurrency, plot_sequence, describe])
def test_another_frame_is_refused_with_the_name_of_the_right_one(draw):
    with pytest.raises(ValueError, match=r"has no column .*\. Pass session\."):
        draw(pd.DataFrame({"direction": []}))
    with pytest.raises(TypeError, match=r"Cannot plot str: .*\. Pass session\."):
        draw("call")


def test_live_call_in_virtual_time_reaches_to_the_virtual_time():
    with gc.simulate(virtual_time=True, seed=1) as session:
        session.create_call(gc.templates.meet_now())
        session.simulator.advance(60)
        axes = gc.plot_timeline(session.intervals())
    first, last = axes.get_xlim()  # seconds
    assert 60 <= last - first < 120
