import pandas as pd
import pytest
from matplotlib.colors import to_hex

from graphcall_nb.plots.colors import STATE_COLORS
from graphcall_nb.plots.sequence import plot_sequence

from .frames import drawn, messages, texts

LIFE = messages(
    (0.0, "request", "POST /calls", None),
    (0.1, "answer", "201 Created", "establishing"),
    (0.2, "notification", "updated ringing", "ringing"),
    (0.3, "notification", "deleted terminated", "terminated"),
)


def arrows(ax):
    """(from lane, to lane) of each message, from top to bottom."""
    return [tuple(x for x, _ in path.vertices) for path in ax.collections[0].get_paths()]


def test_each_message_is_an_arrow_between_its_lanes():
    assert arrows(drawn(plot_sequence, LIFE)) == [(0, 1), (1, 0), (1, 2), (1, 2)]


def test_notifications_have_the_colour_of_their_state():
    colors = [to_hex(color) for color in drawn(plot_sequence, LIFE).collections[0].get_colors()]
    assert colors[2:] == [STATE_COLORS["ringing"], STATE_COLORS["terminated"]]


def test_texts_and_times_are_written():
    words = texts(drawn(plot_sequence, LIFE))
    assert {"POST /calls", "updated ringing", "10:00:00.000", "+0.300 s"} <= set(words)


def test_the_state_beside_the_listener_starts_at_its_notification():
    assert texts(drawn(plot_sequence, LIFE))[-2:] == ["ringing", "terminated"]


def test_a_late_message_changes_no_state_and_is_marked():
    late = messages((0, "notification", "a", "ringing"), (1, "notification", "b", "establishing"))
    late["remark"] = pd.Series([None, "1 s late"], dtype=object)
    words = texts(drawn(plot_sequence, late))
    assert words[-1] == "ringing"
    assert "1 s late" in words


def test_a_long_pause_is_named():
    paused = messages(*[(at, "notification", "x", None) for at in (0, 0.1, 0.2, 0.3, 60)])
    assert [text for text in texts(drawn(plot_sequence, paused)) if text.endswith("later")] == ["59.7 s later"]


def test_a_refused_request_stands_out():
    refused = messages((0, "request", "POST", None), (1, "answer", "403 Forbidden", None))
    refused["status"] = pd.array([None, 403], dtype="Int64")
    assert to_hex(drawn(plot_sequence, refused).collections[0].get_colors()[1]) == "#d55e00"


def test_texts_of_many_messages_are_thinned():
    many = messages(*[(at, "notification", f"m{at}", "established") for at in range(200)])
    ax = drawn(plot_sequence, many)
    assert len(arrows(ax)) == 200
    assert sum(text.startswith("m") for text in texts(ax)) <= 80


@pytest.mark.parametrize("count", [1, 1000])
def test_the_names_of_the_lanes_stand_clear_of_the_first_message(count):
    ax = drawn(plot_sequence, messages(*[(at, "request", "x", None) for at in range(count)]))
    header = next(text for text in ax.texts if text.get_text() == "your listener")
    above = ax.transData.transform((0, header.get_position()[1]))[1] - ax.transData.transform((0, 0))[1]
    assert above > 20


def test_a_dollar_sign_starts_no_formula():
    assert r"a\$b\$" in texts(drawn(plot_sequence, messages((0, "request", "a$b$", None))))


def test_several_calls_are_refused():
    two = pd.concat([LIFE, LIFE.assign(call_id="58")])
    with pytest.raises(ValueError, match=r"2 calls.*session.messages\(call_id\)"):
        plot_sequence(two)


def test_no_rows_are_a_sentence():
    assert "No messages yet" in texts(drawn(plot_sequence, LIFE.iloc[:0]))[0]


@pytest.mark.parametrize(("simulated", "words"), [(True, "simulated Graph"), (False, "Microsoft Graph")])
def test_the_lane_of_the_service_names_the_simulator(simulated, words):
    assert words in texts(drawn(plot_sequence, LIFE, simulated=simulated))
