"""Exported files as other programs read them: Parquet with pandas, pyarrow, Polars and DuckDB, and text with any."""

import csv
import json

import duckdb
import pandas as pd
import polars
import pyarrow.parquet
import pytest

import graphcall_nb as gc
from graphcall_nb.session.session import FRAMES

SCENARIOS = ("answered", "declined")


@pytest.fixture(scope="module")
def sessions():
    """Two sessions with a call each, in which different columns have no value, and one without a call."""
    made = [gc.simulate(virtual_time=True, seed=1, scenario=name) for name in (*SCENARIOS, "answered")]
    for session in made[:-1]:
        call = session.create_call(gc.templates.pstn("+14255550100"))
        session.simulator.advance(20)
        if call.state == "established":
            call.play_prompt("https://bot.contoso.com/hello.wav")
            session.simulator.advance(20)
            call.hang_up()
            session.simulator.advance(20)
    yield made
    for session in made:
        session.close()


@pytest.fixture
def paths(sessions, tmp_path):
    def export(frame, end="parquet"):
        return [str(one.export(tmp_path / f"{frame}-{n}.{end}", frame)) for n, one in enumerate(sessions)]

    return export


def as_pandas_reads(frame):
    """Return a frame with the type that this version of pandas gives to text in Parquet: ``str`` from pandas 3 on."""
    text = "str" if isinstance(pd.Series(["x"]).dtype, pd.StringDtype) else object
    columns = [name for name, dtype in frame.dtypes.items() if str(dtype) == "object"]
    return pd.DataFrame(frame).astype(dict.fromkeys(columns, text))


@pytest.mark.parametrize("frame", FRAMES)
def test_pandas_reads_the_same_frame(sessions, paths, frame):
    for path, session in zip(paths(frame), sessions, strict=True):
        expected = as_pandas_reads(getattr(session, frame)())
        # A file without rows has no place for categories.
        pd.testing.assert_frame_equal(pd.read_parquet(path), expected, check_categorical=len(expected) > 0)


@pytest.mark.parametrize("frame", FRAMES)
def test_schema_is_the_same_without_values(paths, frame):
    first, *others = (pyarrow.parquet.read_schema(path).remove_metadata() for path in paths(frame))
    assert [other.equals(first) for other in others] == [True] * len(others)
    assert "null" not in {str(field.type) for field in first}


@pytest.mark.parametrize("frame", FRAMES)
def test_files_are_read_together(sessions, paths, frame):
    files = paths(frame)
    rows = sum(len(getattr(session, frame)()) for session in sessions)
    assert len(pd.concat(map(pd.read_parquet, files))) == rows
    assert pyarrow.parquet.ParquetDataset(files).read().num_rows == rows
    assert polars.read_parquet(files).height == rows
    assert duckdb.read_parquet(files).count("*").fetchall() == [(rows,)]


def test_polars_and_duckdb_answer_questions(paths):
    files = paths("calls")
    talk = polars.read_parquet(files).select(polars.col("talk_time").drop_nulls().dt.total_seconds())
    assert talk.to_series().to_list()[0] > 0
    assert duckdb.read_parquet(files).filter("result_code = 487").count("*").fetchall() == [(1,)]


@pytest.mark.parametrize("end", ["csv", "jsonl"])
def test_durations_are_seconds_with_the_unit_in_the_name(sessions, paths, end):
    expected = sessions[0].intervals()["duration"].dt.total_seconds().tolist()
    with open(paths("intervals", end)[0], newline="") as file:
        rows = list(csv.DictReader(file)) if end == "csv" else list(map(json.loads, file))
    assert "duration" not in rows[0]
    assert [float(row["duration_seconds"]) for row in rows] == expected


@pytest.mark.parametrize("frame", FRAMES)
def test_texts_agree(paths, frame):
    """CSV and JSON Lines have the same columns and the same texts, with nothing for a missing value."""
    for table, lines in zip(paths(frame, "csv"), paths(frame, "jsonl"), strict=True):
        with open(table, newline="") as file, open(lines) as more:
            rows, objects = list(csv.DictReader(file)), list(map(json.loads, more))
        assert [list(row) for row in rows] == [list(one) for one in objects]
        times = [name for name in (rows[0] if rows else []) if name.endswith("at") or name in ("start", "end")]
        assert [[row[name] for name in times] for row in rows] == [
            [one[name] or "" for name in times] for one in objects
        ]


def test_columns_have_the_same_names_without_rows(paths):
    with open(paths("calls", "csv")[-1]) as file:
        assert file.read().strip().split(",")[0] == "call_id"


def test_spreadsheets_and_programs_read_times_alike(paths):
    read = pd.read_csv(paths("notifications", "csv")[0], parse_dates=["received_at"])
    assert isinstance(read["received_at"].dtype, pd.DatetimeTZDtype)
