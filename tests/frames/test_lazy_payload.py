"""The column raw, which is read on access."""

import json
import pickle

import pandas as pd
import pytest

from .records import Log, life


@pytest.fixture
def log():
    return Log(life("establishing", "ringing", "established"))


def test_a_frame_alone_reads_none(log):
    assert len(log.frames.notifications()) == 3
    assert log.payloads_read == []


def test_one_cell_reads_one(log):
    assert json.loads(log.frames.notifications()["raw"].iloc[1])["state"] == "ringing"
    assert log.payloads_read == [2]


def test_a_filtered_frame_reads_its_own(log):
    frame = log.frames.notifications()
    assert len(frame[frame["state"] == "established"]["raw"].tolist()) == 1
    assert log.payloads_read == [3]


def test_it_can_be_searched(log):
    assert log.frames.notifications()["raw"].str.contains("ringing").tolist() == [False, True, False]


def test_it_can_be_mapped(log):
    states = log.frames.notifications()["raw"].map(json.loads).str["state"]
    assert states.tolist() == ["establishing", "ringing", "established"]


def test_writing_to_a_frame_does_not_change_the_next_one(log):
    frame = log.frames.notifications()
    frame.loc[0, "raw"] = "{}"
    assert (frame["raw"][0], json.loads(log.frames.notifications()["raw"][0])["state"]) == ("{}", "establishing")


def test_a_number_is_refused_with_a_remedy(log):
    frame = log.frames.notifications()
    with pytest.raises(TypeError, match=r"raw: expected texts, got 5.*astype"):
        frame.loc[0, "raw"] = 5


def test_concatenated_frames_read_on_access(log):
    frame = log.frames.notifications()
    both = pd.concat([frame, frame], ignore_index=True)
    assert log.payloads_read == []
    assert both["raw"][0] == both["raw"][3]


def test_pickled_it_needs_neither_the_journal_nor_this_package(log):
    frame = pickle.loads(pickle.dumps(log.frames.notifications()))  # noqa: S301 - our own
    assert frame["raw"].dtype == "string"
    assert b"graphcall" not in pickle.dumps(log.frames.notifications())


def test_parquet_holds_plain_texts(log, tmp_path):
    log.frames.notifications().to_parquet(tmp_path / "n.parquet")
    assert json.loads(pd.read_parquet(tmp_path / "n.parquet")["raw"][2])["state"] == "established"


def test_json_lines_hold_it(log):
    written = log.frames.notifications()[["raw"]].to_json(orient="records", lines=True).splitlines()
    assert json.loads(json.loads(written[0])["raw"])["state"] == "establishing"


def test_its_memory_is_that_of_numbers(log):
    assert log.frames.notifications()["raw"].memory_usage(index=False, deep=True) == 3 * 8
