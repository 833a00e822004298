"""Intervals: the visits of each call, in order, without gaps."""

import pytest

from .records import Log, frames, lengths, life, row, seconds, states


def times(rows):
    table = frames(rows).intervals()
    return list(
        zip(table["state"], seconds(table["start"]), seconds(table["end"]), lengths(table["duration"]), strict=True)
    )


def test_the_empty_frame_has_the_types_of_a_full_one():
    empty, full = frames().intervals(), frames(life("ringing", "terminated")).intervals()
    assert empty.dtypes.to_dict() == full.dtypes.to_dict()
    assert {name: str(dtype) for name, dtype in empty.dtypes.items()} == {
        "call_id": "object",
        "state": "category",
        "start": "datetime64[us, UTC]",
        "end": "datetime64[us, UTC]",
        "duration": "timedelta64[us]",
    }


def test_each_state_ends_where_the_next_begins():
    assert times([row(1, "establishing", at=1), row(2, "ringing", at=1.5), row(3, "established", at=4)]) == [
        ("establishing", 1.0, 1.5, 0.5),
        ("ringing", 1.5, 4.0, 2.5),
        ("established", 4.0, None, None),
    ]


def test_terminated_has_no_length():
    assert times(life("established", "terminated"))[-1] == ("terminated", 2.0, 2.0, 0.0)


def test_a_state_overtaken_by_the_next_has_no_length():
    assert times(life("establishing", "established", "ringing", "terminated")) == [
        ("establishing", 1.0, 2.0, 1.0),
        ("ringing", 2.0, 2.0, 0.0),
        ("established", 2.0, 4.0, 2.0),
        ("terminated", 4.0, 4.0, 0.0),
    ]


def test_an_early_start_is_known_from_the_first_later_state():
    assert times(life("terminated", "ringing", "established"))[0] == ("ringing", 1.0, 1.0, 0.0)


def test_a_call_deleted_without_a_state_is_terminated():
    assert states([row(1, "incoming", change="created"), row(2, change="deleted")]) == ["incoming", "terminated"]


def test_a_deleted_operation_does_not_end_the_call():
    assert states([row(1, "established"), row(2, entity="operation", change="deleted")]) == ["established"]


def test_a_missing_terminated_leaves_the_last_state_open():
    assert times(life("established", "terminating"))[-1] == ("terminating", 2.0, None, None)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_hold_that_overtakes_established_is_still_on(order):
    names = ("establishing", "established", "hold")
    assert states(life(*(names[at] for at in order))) == list(names)


def test_an_unknown_state_stays_where_it_arrived_but_before_the_end():
    assert states(life("established", "parked", "terminated")) == ["established", "parked", "terminated"]
    assert states(life("established", "terminated", "parked")) == ["established", "parked", "terminated"]


def test_an_unknown_state_does_not_make_others_late():
    assert states(life("established", "parked", "terminating", "terminated"))[1:3] == ["parked", "terminating"]


def test_a_call_can_return_from_an_unknown_state():
    rows = [*life("established", "parked"), row(3, "established", raw="resumed")]
    assert states(rows) == ["established", "parked", "established"]


def test_a_failed_transfer_goes_back_to_established():
    rows = life("established", "transferring", "established", "transferring", "terminated")
    assert states(rows) == ["established", "transferring", "established", "transferring", "terminated"]


def test_calls_come_in_order_of_their_first_notification():
    rows = [row(1, "establishing", call="B"), row(2, "establishing", call="A"), row(3, "ringing", call="B")]
    assert frames(rows).intervals()["call_id"].tolist() == ["B", "B", "A"]


def test_a_notification_without_a_call_starts_no_interval():
    found = frames([row(1, call="", entity="subscription"), row(2, "ringing", call="")])
    assert (len(found.notifications()), len(found.intervals()), len(found.calls())) == (2, 0, 0)


def test_a_late_notification_corrects_earlier_intervals():
    log = Log(life("establishing", "terminated"))
    assert log.frames.intervals()["state"].tolist() == ["establishing", "terminated"]
    log.grow(row(3, "established"))
    assert log.frames.intervals()["state"].tolist() == ["establishing", "established", "terminated"]


def test_writing_into_the_frame_changes_no_other():
    found = frames(life("established", "terminated"))
    mine = found.intervals()
    mine.loc[0, "call_id"] = "mine"
    assert found.intervals()["call_id"].tolist() == ["A", "A"]
