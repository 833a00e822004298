"""``since=`` and ``where=``: parts of a journal, selected by the database."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

import graphcall_nb as gc
from graphcall_nb.errors import SessionClosed
from graphcall_nb.graph import templates
from graphcall_nb.journal.selection import parse_since


@pytest.fixture(scope="module")
def session():
    """Two calls; the second was hung up."""
    with gc.simulate(speed=100, seed=1) as made:
        for template in (templates.peer_to_peer, templates.pstn):
            call = made.create_call(template())
            call.wait_for("established", timeout=30)
        call.hang_up()
        call.wait_for("terminated", timeout=30)
        yield made


@pytest.mark.slow
def test_where_selects_notifications(session):
    frame = session.notifications(where={"state": ["ringing", "terminated"]})
    assert frame["state"].tolist() == ["ringing", "ringing", "terminated"]
    assert frame.dtypes.equals(session.notifications().dtypes)


def test_where_selects_whole_calls(session):
    ended = session.intervals(where={"state": "terminated"})
    assert ended["state"].tolist() == ["establishing", "ringing", "established", "terminating", "terminated"]
    assert session.calls(where={"state": "terminated"})["state"].tolist() == ["terminated"]
    assert len(session.calls(where={"direction": "outgoing"})) == 2


def test_selected_calls_equal_those_of_the_whole_frame(session):
    chosen = session.calls(where={"state": "terminated"})
    pd.testing.assert_frame_equal(chosen, session.calls().query("call_id in @chosen.call_id").reset_index(drop=True))


def test_since_selects_by_time(session):
    times = session.notifications()["received_at"]
    assert len(session.notifications(since=times.iloc[2])) == len(times) - 2
    assert len(session.notifications(since=timedelta(hours=1))) == len(times)
    assert session.notifications(since=datetime.now(UTC)).empty


def test_since_may_be_before_every_notification(session):
    assert len(session.notifications(since=timedelta.max)) == len(session.notifications())
    assert session.notifications(since=timedelta.min).empty


WRONG = {
    "text": {"result_code": "busy"},
    "too large": {"result_code": 10**30},
    "number": {"state": 486},
    "dict": {"state": [{"is": "ringing"}]},
}


@pytest.mark.parametrize("where", WRONG.values(), ids=WRONG)
def test_value_of_a_wrong_type_is_named(session, where):
    with pytest.raises(ValueError, match=f"where= expected (a number|text) for '{next(iter(where))}', got "):
        session.calls(where=where)


def test_empty_selection_has_the_same_types(session):
    empty = session.calls(where={"call_id": "unknown"})
    assert empty.empty
    assert empty.dtypes.equals(session.calls().dtypes)


@pytest.mark.parametrize("since", ["2026-11-25T09:30:00Z", "2026-11-25 10:30+01:00", datetime(2026, 11, 25, 9, 30)])
def test_times_may_be_written_in_several_ways(since):
    assert parse_since(since) == datetime(2026, 11, 25, 9, 30, tzinfo=UTC).timestamp() * 1e6


def test_duration_before_now():
    assert parse_since(timedelta(seconds=2), clock=lambda: 10.0) == 8_000_000


def test_unreadable_time_and_unknown_column_are_named(session):
    with pytest.raises(ValueError, match="yesterday"):
        session.notifications(since="yesterday")
    with pytest.raises(ValueError, match="'stat'"):
        session.calls(where={"stat": "ringing"})


def test_closed_session_raises():
    session = gc.simulate()
    session.close()
    with pytest.raises(SessionClosed):
        session.calls(where={"state": "ringing"})
