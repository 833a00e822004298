"""Questions to frames: ``until=``, and ``where=`` on columns that only the frame has."""

import pandas as pd
import pytest

import graphcall_nb as gc
from graphcall_nb.frames.selection import select_rows


@pytest.fixture(scope="module")
def session():
    """Three calls of different kinds, a minute apart, of which the first was muted."""
    with gc.simulate(virtual_time=True, seed=1) as made:
        for template in (gc.templates.peer_to_peer, gc.templates.group_call, gc.templates.peer_to_peer):
            call = made.create_call(template())
            made.simulator.advance(60)
            if template is gc.templates.group_call:
                call.mute()
                made.simulator.advance(1)
        yield made


def test_until_is_the_latest_time(session):
    times = session.notifications()["received_at"]
    assert len(session.notifications(until=times.iloc[3])) == (times <= times.iloc[3]).sum()
    assert len(session.notifications(since=times.iloc[2], until=str(times.iloc[3]))) == times.between(*times[2:4]).sum()
    assert session.calls(until="2020-01-01").empty


def test_until_that_is_no_time_is_named(session):
    with pytest.raises(ValueError, match="until='soon' is not a valid time"):
        session.calls(until="soon")
    with pytest.raises(TypeError, match="until"):
        session.calls(until=5)


def test_where_selects_by_columns_of_the_frame(session):
    calls = session.calls()
    assert (
        session.calls(where={"kind": "peerToPeer"})["call_id"].tolist()
        == calls.query("kind == 'peerToPeer'")["call_id"].tolist()
    )
    assert len(session.calls(where={"kind": ["peerToPeer", "group"], "state": "established"})) == len(calls)
    assert session.operations(where={"kind": "mute"})["call_id"].nunique() == 1
    assert session.summary(where={"kind": "peerToPeer"})["calls"] == 2


def test_where_is_exported(session, tmp_path):
    path = session.export(tmp_path / "x.jsonl", "calls", where={"kind": "group"})
    assert path.read_text().count("\n") == 1


FRAME = pd.DataFrame(
    {
        "text": ["a", None, "b"],
        "number": pd.array([1, None, 2], dtype="Int64"),
        "flag": pd.array([True, None, False], dtype="boolean"),
        "at": pd.to_datetime(["2026-01-01", None, "2026-01-02"], utc=True),
        "lasted": pd.to_timedelta([1, None, 2], unit="s"),
    }
)


@pytest.mark.parametrize(
    ("name", "value"),
    [("text", "b"), ("number", "2"), ("number", 2), ("flag", "false"), ("at", "2026-01-02"), ("lasted", "2s")],
)
def test_values_are_those_of_the_column(name, value):
    assert select_rows(FRAME, {name: value})["text"].tolist() == ["b"]
    assert len(select_rows(FRAME, {name: [value, None]})) == 2
    assert len(select_rows(FRAME, {name: None})) == 1


@pytest.mark.parametrize(("name", "value"), [("number", "x"), ("flag", 7), ("at", "soon"), ("lasted", [[]])])
def test_values_of_another_type_are_named(name, value):
    with pytest.raises(ValueError, match=f"where= cannot compare '{name}' with"):
        select_rows(FRAME, {name: value})


def test_unknown_column_gets_a_suggestion(session):
    with pytest.raises(ValueError, match="did you mean 'kind'"):
        session.calls(where={"kinds": "group"})
