"""Key figures of calls, in a few lines for any number of them."""

import pandas as pd
import pytest

import graphcall_nb as gc
from graphcall_nb.frames.summary import MAX_FAILURES_SHOWN
from graphcall_nb.graph.results import in_words

START = pd.Timestamp("2026-11-28 10:00:00", tz="UTC")


def make_calls(*rows):
    """Return calls from (begin, ring, answer, talk, end, code, result): seconds, of which each may be missing."""
    made = pd.DataFrame(rows, columns=["begin", "ring", "answer", "talk", "end", "result_code", "result"])
    seconds = {name: pd.to_timedelta(made[name].astype(float), unit="s") for name in made.columns[:5]}
    return pd.DataFrame(
        {
            "created_at": START + seconds["begin"],
            "time_to_ring": seconds["ring"],
            "time_to_answer": seconds["answer"],
            "talk_time": seconds["talk"],
            "ended_at": START + seconds["end"],
            "result_code": made["result_code"].astype("Int64"),
            "result": made["result"].astype(object),
            "notifications": 5,
            "duplicates": 1,
            "late": 2,
        }
    )


MIXED = make_calls(
    (0, 1, 4, 60, 64, 0, None),
    (10, 1, 3, 20, 33, 500, "The service failed"),
    (20, 2, None, None, 50, 487, "No answer in time"),
    (33, None, None, None, 34, 486, "The callee was busy"),
    (63, 1, None, None, None, None, None),
)


def test_figures():
    made = gc.summary(MIXED)
    names = ["calls", "ended", "answered", "failed", "peak concurrency", "notifications", "duplicates", "late"]
    assert [made[name] for name in names] == [5, 4, 2, 3, 3, 25, 5, 10]
    assert made["answer rate"] == 0.5
    assert made["peak at"] == START + pd.Timedelta(seconds=20)
    assert made["ring time median"] == pd.Timedelta(seconds=3)
    assert made["talk time p90"] == pd.Timedelta(seconds=56)


def test_failures_are_in_words():
    failures = gc.summary(pd.concat([MIXED, MIXED.iloc[[2]]])).failures
    assert failures["result"].tolist()[0] == "No answer in time"
    assert failures["calls"].tolist() == [2, 1, 1]
    assert failures["share"].sum() == pytest.approx(4 / 6)


def test_text_is_ten_lines_for_any_number_of_calls():
    many = [(n, 1, None, None, n + 9, 480 + n % 40, f"Reason {n % 40}") for n in range(5_000)]
    text = str(gc.summary(make_calls(*many)))
    assert text.count("\n") + 1 <= 8 + MAX_FAILURES_SHOWN
    assert "5,000 calls, 2026-11-28 10:00:00 to 11:23:28 UTC; all ended." in text
    assert "4,375  35 other results" in text


def test_html_has_the_figures_of_the_text():
    made = gc.summary(MIXED)
    html = made._repr_html_()
    for part in [line.strip().split("  ")[-1].strip() for line in str(made).splitlines()]:
        assert part.partition(" ")[2] in html


def test_html_escapes_results():
    made = gc.summary(make_calls((0, None, None, None, 1, 400, "<b>\u202e")))
    assert "<b>" not in made._repr_html_()
    assert "\u202e" not in str(made) + made._repr_html_()


def test_no_calls_are_a_sentence():
    made = gc.summary(MIXED.iloc[:0])
    assert (str(made), made["calls"], len(made.failures)) == ("No calls yet.", 0, 0)
    assert pd.isna(made["answer rate"])


def test_unknown_figure_and_other_frames_are_named():
    with pytest.raises(KeyError, match="choose from: calls, ended"):
        gc.summary(MIXED)["rings"]
    with pytest.raises(ValueError, match="no column created_at"):
        gc.summary(pd.DataFrame())
    with pytest.raises(TypeError, match=r"give the frame of session.calls\(\), not list"):
        gc.summary([])


def test_summary_of_a_session():
    with gc.simulate(scenario="busy", virtual_time=True, seed=1, faults="duplicated") as session:
        for _ in range(3):
            session.create_call(gc.templates.pstn("+14255550100"))
            session.simulator.advance(60)
        made = session.summary()
        assert (made["calls"], made["failed"], made["answer rate"]) == (3, 3, 0.0)
        assert made["duplicates"] == session.notifications()["duplicate_of"].notna().sum() > 0
        assert made.failures["result"].tolist() == [in_words(486, session.calls()["result_subcode"][0], None)]
        assert session.summary(where={"call_id": session.calls()["call_id"][0]})["calls"] == 1
        assert str(made).startswith("Simulated. 3 calls")
