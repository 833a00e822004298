"""Marks of duplicates and late arrivals; true repetitions have none."""

import pytest

from .records import Log, frames, lengths, life, number, row, states


def duplicates(rows):
    marks = frames(rows).notifications()["duplicate_of"]
    return [None if missing else int(mark) for mark, missing in zip(marks, marks.isna(), strict=True)]


def delays(rows):
    return lengths(frames(rows).notifications()["late_by"])


def test_the_same_item_at_once_is_a_duplicate():
    assert duplicates(life("establishing", "ringing", "ringing")) == [None, None, 2]


def test_all_duplicates_name_the_first():
    assert duplicates(life("ringing", "ringing", "ringing")) == [None, 1, 1]


def test_the_same_item_after_a_later_state_is_a_duplicate():
    assert duplicates(life("establishing", "ringing", "established", "ringing")) == [None, None, None, 2]


def test_a_true_return_from_hold_is_kept():
    rows = life("established", "hold", "established", "hold", "established")
    assert duplicates(rows) == [None] * 5
    assert states(rows) == ["established", "hold", "established", "hold", "established"]


def test_a_duplicate_during_hold_is_marked():
    assert duplicates(life("established", "hold", "hold", "established")) == [None, None, 2, None]


def test_a_pressed_key_is_not_a_duplicate_of_the_state():
    assert duplicates([row(1, "established"), row(2, "established", raw='{"tone": 1}')]) == [None, None]


def test_a_repeated_key_is_a_duplicate():
    rows = [row(1, "established"), *(row(seq, "established", raw='{"tone": 1}') for seq in (2, 3))]
    assert duplicates(rows) == [None, None, 2]


def test_equal_content_about_another_call_is_not_a_duplicate():
    assert duplicates([row(1, "ringing", raw="{}"), row(2, "ringing", raw="{}", call="B")]) == [None, None]


def test_a_roster_that_changes_back_is_not_a_duplicate():
    rosters = [row(seq, entity="participants", raw=raw) for seq, raw in enumerate(["one", "two", "one"], 1)]
    assert duplicates(rosters) == [None, None, None]


def test_a_roster_sent_twice_is_a_duplicate():
    assert duplicates([row(seq, entity="participants", raw="one") for seq in (1, 2)]) == [None, 1]


def test_an_operation_is_done_once():
    rows = [
        row(seq, entity="operation", resource="/app/calls/A/operations/1", raw=raw)
        for seq, raw in enumerate(["running", "done", "running", "done"], 1)
    ]
    assert duplicates(rows) == [None, None, 1, 2]


def test_the_end_sent_twice_is_a_duplicate():
    ended = [row(seq, "terminated", change="deleted") for seq in (2, 3)]
    assert duplicates([row(1, "established"), *ended]) == [None, None, 2]


def test_an_update_to_terminated_and_the_deletion_are_not_duplicates():
    assert duplicates([row(1, "terminated"), row(2, "terminated", change="deleted")]) == [None, None]


def test_delay_counts_from_the_first_later_state():
    rows = [row(1, "establishing"), row(2, "established"), row(3, "hold"), row(4.5, "ringing")]
    assert delays(number(rows)) == [None, None, None, 2.5]


def test_a_repeated_late_notification_is_a_duplicate_and_not_late():
    rows = life("establishing", "established", "ringing", "ringing")
    assert (duplicates(rows), delays(rows)) == ([None, None, None, 3], [None, None, 1.0, None])


def test_an_old_state_with_new_content_is_late_and_not_a_duplicate():
    rows = [*life("ringing", "established"), row(3, "ringing", raw="other words")]
    assert (duplicates(rows), delays(rows)) == ([None] * 3, [None, None, 1.0])
    assert states(rows) == ["ringing", "established"]


def test_a_row_with_an_earlier_time_is_classified_in_order_of_time():
    log = Log([row(1, "establishing", at=1), row(2, "ringing", at=9)])
    log.grow(row(3, "ringing", at=5))
    assert log.frames.notifications()["duplicate_of"].isna().tolist() == [True, False, True]


@pytest.mark.parametrize("after", ["terminated", "terminating"])
def test_nothing_returns_from_the_end(after):
    assert duplicates(life("established", after, "established")) == [None, None, 1]
