"""Large batches, which array operations classify with the same result."""

import pytest

from graphcall_nb.frames.intervals import MIN_BATCH_ROWS

from .records import Log, life, row


def plain(first):
    """Rows enough for the shorter way, of calls without surprises."""
    return [row(seq, "ringing", call=f"P{seq}") for seq in range(first, first + MIN_BATCH_ROWS)]


def test_simple_calls_have_all_visits():
    rows = [
        row(seq, state, call=str(seq // 2)) for seq, state in enumerate(["ringing", "established"] * MIN_BATCH_ROWS)
    ]
    table = Log(rows[1:]).frames.intervals()
    assert table["state"].tolist()[-2:] == ["ringing", "established"]
    assert len(table) == 2 * MIN_BATCH_ROWS - 1


@pytest.mark.parametrize(
    ("arrived", "states"),
    [
        (["terminated", "parked"], ["parked", "terminated"]),
        (["established", "ringing"], ["ringing", "established"]),
        (["ringing", None], ["ringing"]),
        ([None, "ringing"], ["ringing"]),
        (["established", "hold", "established"], ["established", "hold", "established"]),
    ],
)
def test_a_complex_call_is_classified_state_by_state(arrived, states):
    table = Log([*life(*arrived), *plain(10)]).frames.intervals()
    assert table.loc[table["call_id"] == "A", "state"].tolist() == states


def test_a_live_call_continues_its_history():
    log = Log(life("establishing", "established"))
    log.grow(row(3, "terminated"), *plain(10))
    table = log.frames.intervals()
    assert table.loc[table["call_id"] == "A", "state"].tolist() == ["establishing", "established", "terminated"]


def test_a_step_forward_that_happened_before_is_late():
    log = Log([row(1, "ringing", at=5), row(2, "established", at=4), *plain(10)])
    assert log.frames.notifications()["late_by"].notna().tolist()[:2] == [True, False]
