"""A frame into a file, for other programs: the name says which kind."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from ..errors import ExtraMissing
from ..slips import path_of


def _csv(frame: pd.DataFrame, path: Path) -> None:
    frame.to_csv(path, index=False)


def _json_lines(frame: pd.DataFrame, path: Path) -> None:
    frame.to_json(path, orient="records", lines=True, date_format="iso", date_unit="us", force_ascii=False)


def _parquet(frame: pd.DataFrame, path: Path) -> None:
    try:
        frame.to_parquet(path, engine="pyarrow", index=False)
    except ImportError:
        raise ExtraMissing(
            "Parquet needs pyarrow: pip install 'graphcall-nb[parquet]', or export to .csv or .jsonl."
        ) from None


KINDS: Mapping[str, Callable[[pd.DataFrame, Path], None]] = {
    ".csv": _csv,
    ".csv.gz": _csv,
    ".jsonl": _json_lines,
    ".jsonl.gz": _json_lines,
    ".parquet": _parquet,
}
"""What can be written, by the end of the file's name."""


def write_frame(frame: pd.DataFrame, path: str | os.PathLike[str]) -> Path:
    """Write a frame; an index with a name becomes a column. A file that is there is replaced once the new one is whole.

    Raises
    ------
    ValueError
        When the name of the file does not say which kind it is to be.
    FileNotFoundError
        When there is no such folder.
    OSError
        When the file cannot be written there.
    ExtraMissing
        For Parquet without pyarrow.
    """
    target = Path(path_of("path", path))
    write = next((write for end, write in KINDS.items() if target.name.lower().endswith(end)), None)
    if write is None:
        raise ValueError(f"What is {target.name or target} to be? End its name in one of: {', '.join(KINDS)}.")
    if not target.parent.is_dir():
        raise FileNotFoundError(f"There is no folder {target.parent}; make it first, or choose another.")
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as folder:
            made = Path(folder, target.name)  # pandas goes by the end of the name, too
            write(frame.reset_index() if frame.index.name else frame, made)
            os.replace(made, target)
    except OSError as error:
        raise OSError(f"Cannot write {target}: {error.strerror}; choose another place.") from None
    return target
