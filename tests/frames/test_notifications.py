"""The frame of notifications: columns, types, growth and ownership."""

import pandas as pd
import pytest

from graphcall_nb.graph.states import STATES

from .records import Log, frames, life, row

COLUMNS = [
    "seq",
    "received_at",
    "call_id",
    "entity",
    "state",
    "change_type",
    "direction",
    "answered_by",
    "active_modalities",
    "tone",
    "result_code",
    "result_subcode",
    "result_message",
    "duplicate_of",
    "late_by",
    "resource",
    "etag",
    "raw",
]

TYPES = {
    "seq": "int64",
    "received_at": "datetime64[us, UTC]",
    "call_id": "object",
    "state": "category",
    "answered_by": "object",
    "result_code": "Int64",
    "result_subcode": "Int64",
    "duplicate_of": "Int64",
    "late_by": "timedelta64[us]",
    "raw": "object",
}


def test_columns_have_the_documented_order():
    assert list(frames().notifications()) == COLUMNS


@pytest.mark.parametrize("rows", [[], life("establishing", "ringing"), life(*STATES) * 1])
def test_types_are_the_same_from_the_empty_frame_on(rows):
    frame = frames(rows).notifications()
    pd.testing.assert_series_equal(frame.dtypes, frames().notifications().dtypes)
    assert {name: str(frame[name].dtype) for name in TYPES} == TYPES


def test_states_are_in_life_cycle_order():
    state = frames(life("ringing", "terminated", "establishing")).notifications()["state"]
    assert tuple(state.cat.categories) == STATES
    assert state.sort_values().tolist() == ["establishing", "ringing", "terminated"]


def test_an_unknown_state_is_kept():
    state = frames(life("establishing", "parked")).notifications()["state"]
    assert state.tolist() == ["establishing", "parked"]
    assert state.cat.categories[-1] == "parked"


def test_earlier_frames_keep_their_categories():
    log = Log(life("establishing"))
    before = log.frames.notifications()
    log.grow(row(2, "parked"))
    assert tuple(before["state"].cat.categories) == STATES


def test_values_come_through_unchanged():
    sent = row(
        7,
        "established",
        direction="outgoing",
        etag='W/"5445"',
        answered_by="Heidi",
        tone="pound",
        result=(200, 0, "ok"),
    )
    [kept] = frames([sent]).notifications().to_dict("records")
    assert (kept["seq"], kept["etag"], kept["answered_by"], kept["tone"]) == (7, 'W/"5445"', "Heidi", "pound")
    assert (kept["result_code"], kept["result_subcode"], kept["result_message"], kept["raw"]) == (
        200,
        0,
        "ok",
        sent.raw,
    )


def test_missing_values_are_missing():
    [kept] = frames([row(1, entity="participants")]).notifications().to_dict("records")
    assert {name for name, value in kept.items() if pd.isna(value)} == {
        *["state", "direction", "etag", "answered_by", "active_modalities", "tone"],
        *["result_code", "result_subcode", "result_message", "duplicate_of", "late_by"],
    }


def test_time_is_in_utc_to_the_microsecond():
    [at] = frames([row(1, at=0.000001)]).notifications()["received_at"]
    assert at == pd.Timestamp("2023-11-14 22:13:20.000001", tz="UTC")


def test_new_rows_are_added():
    log = Log(life("establishing"))
    log.grow(row(2, "ringing"), row(3, "established"))
    assert log.frames.notifications()["state"].tolist() == ["establishing", "ringing", "established"]


def test_only_new_rows_are_read():
    log = Log(life("establishing"))
    log.read_after.clear()
    log.frames.refresh()
    assert log.read_after == [1]


def test_a_frame_does_not_change_when_rows_arrive():
    log = Log(life("establishing", "established"))
    before = log.frames.notifications()
    copy = before.copy(deep=True)
    log.grow(row(3, "ringing", at=1.5), *[row(seq, "parked") for seq in range(4, 3000)])
    pd.testing.assert_frame_equal(before, copy)


def test_writing_into_a_frame_changes_no_other():
    log = Log(life("establishing", "established"))
    mine = log.frames.notifications()
    for name in mine:
        mine.loc[0, name] = mine[name].iloc[1] if mine[name].notna().any() else None
    mine.loc[:, "seq"] = -1
    del mine
    assert log.frames.notifications()["seq"].tolist() == [1, 2]
    assert log.frames.notifications()["state"].tolist() == ["establishing", "established"]


def test_more_states_than_a_byte_can_count_are_kept():
    names = [f"state{number}" for number in range(300)]
    assert frames(life(*names)).notifications()["state"].tolist() == names


def test_a_frame_can_be_written_as_csv(tmp_path):
    frames(life("establishing", "established")).notifications().to_csv(tmp_path / "n.csv", index=False)
    assert pd.read_csv(tmp_path / "n.csv")["state"].tolist() == ["establishing", "established"]
