"""Calls that array operations classify, beside others, with the result of their history."""

import pytest

from .records import Log, life, row

PLAIN = [row(seq, "ringing", call=f"P{seq}") for seq in range(10, 20)]
"""Calls without surprises."""


def test_simple_calls_have_all_visits():
    rows = [row(seq, state, call=str(seq // 2)) for seq, state in enumerate(["ringing", "established"] * 10)]
    table = Log(rows[1:]).frames.intervals()
    assert table["state"].tolist()[-2:] == ["ringing", "established"]
    assert len(table) == 19


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
    table = Log([*life(*arrived), *PLAIN]).frames.intervals()
    assert table.loc[table["call_id"] == "A", "state"].tolist() == states


def test_a_live_call_continues_its_history():
    log = Log(life("establishing", "established"))
    log.grow(row(3, "terminated"), *PLAIN)
    table = log.frames.intervals()
    assert table.loc[table["call_id"] == "A", "state"].tolist() == ["establishing", "established", "terminated"]


def test_a_step_forward_that_happened_before_is_late():
    log = Log([row(1, "ringing", at=5), row(2, "established", at=4), *PLAIN])
    assert log.frames.notifications()["late_by"].notna().tolist()[:2] == [True, False]
