"""Many rows at once take a shorter way, with the same result."""

import pytest

from graphcall_nb.frames.intervals import MIN_BATCH_ROWS

from .records import Log, life, row


def plain(first):
    """Rows enough for the shorter way, of calls without surprises."""
    return [row(seq, "ringing", call=f"P{seq}") for seq in range(first, first + MIN_BATCH_ROWS)]


def test_calls_without_surprises_come_out_whole():
    rows = [
        row(seq, state, call=str(seq // 2)) for seq, state in enumerate(["ringing", "established"] * MIN_BATCH_ROWS)
    ]
    table = Log(rows[1:]).frames.intervals()
    assert table["state"].tolist()[-2:] == ["ringing", "established"]
    assert len(table) == 2 * MIN_BATCH_ROWS - 1


@pytest.mark.parametrize(
    ("told", "states"),
    [
        (["terminated", "parked"], ["parked", "terminated"]),
        (["established", "ringing"], ["ringing", "established"]),
        (["ringing", None], ["ringing"]),
        ([None, "ringing"], ["ringing"]),
        (["established", "hold", "established"], ["established", "hold", "established"]),
    ],
)
def test_a_call_with_a_surprise_is_told_state_by_state(told, states):
    table = Log([*life(*told), *plain(10)]).frames.intervals()
    assert table.loc[table["call_id"] == "A", "state"].tolist() == states


def test_a_call_that_goes_on_is_joined_to_what_is_known_of_it():
    log = Log(life("establishing", "established"))
    log.grow(row(3, "terminated"), *plain(10))
    table = log.frames.intervals()
    assert table.loc[table["call_id"] == "A", "state"].tolist() == ["establishing", "established", "terminated"]


def test_a_step_forward_that_happened_before_is_late():
    log = Log([row(1, "ringing", at=5), row(2, "established", at=4), *plain(10)])
    assert log.frames.notifications()["late_by"].notna().tolist()[:2] == [True, False]
