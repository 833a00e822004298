import pandas as pd
import pytest

from graphcall_nb.plots.description import describe

from .frames import fleet, intervals, messages


def test_a_timeline_counts_calls_by_state():
    described = describe(intervals(("57", "ringing", 0, 3), ("57", "terminated", 3, 3), ("58", "ringing", 1, None)))
    assert described.sentence.endswith("UTC. 1 ended; 1 ringing.")
    assert described.table["states"].tolist() == ["ringing → terminated", "ringing"]


@pytest.mark.parametrize(("end", "words"), [(5, "It ended."), (None, "It is ringing.")])
def test_one_call_is_described_in_the_singular(end, words):
    rows = [("57", "ringing", 0, end)] + ([("57", "terminated", end, end)] if end else [])
    assert describe(intervals(*rows)).sentence.endswith(words)


def test_durations_name_the_longest_and_the_shortest():
    described = describe(fleet(3), "durations")
    assert described.sentence == "Calls stay longest in established: 60 s in the median; shortest in ringing: 2 s."
    assert described.table.set_index("state").loc["ringing"].tolist() == [3, 0, "2 s", "2 s", "2 s"]


def test_open_visits_have_no_duration():
    described = describe(intervals(("57", "ringing", 0, None)), "durations")
    assert described.sentence == "No visit to a state is closed yet."
    assert described.table["open"].tolist() == [1]


def test_concurrency_is_the_peak_and_the_mean():
    described = describe(fleet(2), "concurrency")
    assert described.sentence.startswith("At most 2 calls at a time, at 10:00:01 UTC; 1.97 on average")
    assert described.table["most at a time"].tolist() == [2, 2]


def test_a_sequence_counts_messages():
    described = describe(
        messages((0, "request", "POST", None), (1, "answer", "201", None), (2, "notification", "r", "ringing"))
    )
    assert described.sentence == "1 request, 1 answer, 1 notification in 2 s. The last reported state is ringing."
    assert described.table["message"].tolist() == ["POST", "201", "r"]


def test_a_sequence_names_errors():
    frame = messages((0, "answer", "403", None), (1, "notification", "r", "ringing"))
    frame["status"] = pd.array([403, None], dtype="Int64")
    frame["remark"] = pd.Series([None, "duplicate of 1"], dtype=object)
    assert "1 request refused. 1 remark: see the table." in describe(frame).sentence


def test_the_diagram_is_its_table():
    assert {"incoming", "terminated"} <= set(describe().table["to"])
    assert describe().table.iloc[0].tolist() == ["(none)", "incoming", "a caller calls the bot", "shown"]


@pytest.mark.parametrize("picture", ["timeline", "durations", "concurrency"])
def test_no_calls_are_a_sentence(picture):
    assert str(describe(intervals().iloc[:0], picture)) == "No calls yet."
    assert str(describe(messages().iloc[:0])) == "No messages yet."


def test_a_simulated_session_is_named():
    frame = fleet(1)
    frame.attrs["simulated"] = True
    assert describe(frame).sentence.startswith("Simulated. 1 call")


def test_it_shows_itself_in_a_notebook_and_hides_no_markup():
    described = describe(messages((0, "request", "<b>", None)))
    assert "&lt;b&gt;" in described._repr_html_()
    assert "<b>" in repr(described)


def test_the_diagram_of_states_needs_no_frame():
    assert describe(fleet(1), "states").sentence == describe().sentence


def test_an_unknown_plot_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="Unknown picture 'portrait'; choose from: timeline"):
        describe(fleet(1), "portrait")
    with pytest.raises(ValueError, match=r"no column duration.*session.intervals"):
        describe(fleet(1).drop(columns="duration"), "durations")


def test_a_timeline_of_many_calls_is_ten_lines():
    text = str(describe(fleet(500)))
    assert text.count("\n") < 10
    assert "500 ringing → established → terminated" in text


def test_rare_paths_share_a_row():
    rows = [(str(n), state, n, n + 1) for n in range(30) for state in ("ringing", f"new{n % 12}")]
    table = describe(intervals(*rows)).table
    assert table["calls"].sum() == 30
    assert table["states"].tolist()[-1] == "(6 other paths)"
