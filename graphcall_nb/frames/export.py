"""Export of a frame to a file; the file name selects the format."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from .._arguments import require_path
from ..errors import ExtraMissing

_TIME_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"
"""Times of CSV, in UTC and the same form as in JSON Lines; without it, a full second would have another form."""


def _write_csv(frame: pd.DataFrame, path: Path) -> None:
    frame = _make_plain(frame)
    texts = [str(name) for name, dtype in frame.dtypes.items() if not _is_number_or_time(dtype)]
    frame.assign(**{name: frame[name].map(_escape_formula, na_action="ignore") for name in texts}).to_csv(
        path, index=False, date_format=_TIME_FORMAT
    )


def _make_plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame for a text file: a named index as a column, durations in seconds with the unit in the name."""
    frame = frame.reset_index() if frame.index.name else frame
    seconds = {str(name): frame[name].dt.total_seconds() for name, dtype in frame.dtypes.items() if dtype.kind == "m"}
    return frame.assign(**seconds).rename(columns={name: f"{name}_seconds" for name in seconds})


def _is_number_or_time(dtype: Any) -> bool:
    types = pd.api.types
    return bool(types.is_numeric_dtype(dtype) or types.is_datetime64_any_dtype(dtype))


# Some spreadsheets ignore blanks before a formula, and some know the wide forms of its first character.
_FORMULA = re.compile(r"\A(?:\s*+[=@+\-\uff1d\uff20\uff0b\uff0d]|[\t\r\n])")
_NUMBERS = re.compile(r"[+-]?\d+(?:\.\d+)?(?:, \+\d+)*")


def _escape_formula(text: Any) -> Any:
    """Return a text that a spreadsheet does not run as a formula; numbers such as ``+14255550100`` stay."""
    is_formula = isinstance(text, str) and _FORMULA.match(text) and not _NUMBERS.fullmatch(text)
    return f"'{text}" if is_formula else text


def _write_json_lines(frame: pd.DataFrame, path: Path) -> None:
    if frame.empty:  # pandas would write an empty line, which is not JSON
        frame[[]].to_csv(path, header=False, index=False)
        return
    _make_plain(frame).to_json(
        path, orient="records", lines=True, date_format="iso", date_unit="us", double_precision=15, force_ascii=False
    )


def _write_parquet(frame: pd.DataFrame, path: Path) -> None:
    try:
        frame.to_parquet(path, engine="pyarrow", schema=make_schema(frame))
    except ImportError:
        raise ExtraMissing(
            "Parquet needs pyarrow: pip install 'graphcall-nb[parquet]', or export to .csv or .jsonl."
        ) from None


def make_schema(frame: pd.DataFrame) -> Any:
    """Return the Arrow schema of a frame, which depends on the types of its columns alone and not on their values.

    Parameters
    ----------
    frame : any frame; a named index is a field, too

    Returns
    -------
    pyarrow.Schema
        Without it, pyarrow would give a column without a value a type of its own, and two files of the same frame
        could not be read together.
    """
    import pyarrow as pa  # type: ignore[import-untyped]

    names = {"i": pa.int64(), "f": pa.float64(), "b": pa.bool_(), "m": pa.duration("us")}

    def choose_type(dtype: Any) -> Any:
        if isinstance(dtype, pd.CategoricalDtype):
            return pa.dictionary(pa.int32(), pa.string(), dtype.ordered)
        if isinstance(dtype, pd.DatetimeTZDtype):
            return pa.timestamp("us", "UTC")
        return names.get(dtype.kind, pa.string())

    fields = [pa.field(str(name), choose_type(dtype)) for name, dtype in frame.dtypes.items()]
    index = frame.index
    return pa.schema([*fields, pa.field(index.name, choose_type(index.dtype))] if index.name else fields)


FORMATS: Mapping[str, Callable[[pd.DataFrame, Path], None]] = {
    ".csv": _write_csv,
    ".csv.gz": _write_csv,
    ".jsonl": _write_json_lines,
    ".jsonl.gz": _write_json_lines,
    ".parquet": _write_parquet,
}
"""Writers by the end of the file name."""


def write_frame(frame: pd.DataFrame, path: str | os.PathLike[str]) -> Path:
    """Write a frame to a file. In Parquet it keeps its types; in text, durations are seconds and the index a column.

    An existing file is replaced when the new one is complete.

    Parameters
    ----------
    frame : any frame
    path : file whose name ends in one of :data:`FORMATS`

    Returns
    -------
    Path
        The file that was written.

    Raises
    ------
    ValueError
        If the file name does not end in a known format.
    FileNotFoundError
        If the folder does not exist.
    OSError
        If the file cannot be written.
    ExtraMissing
        For Parquet without pyarrow.
    """
    target = Path(require_path("path", path))
    write = next((write for end, write in FORMATS.items() if target.name.lower().endswith(end)), None)
    if write is None:
        raise ValueError(
            f"Unknown format of {target.name or target}. End the file name in one of: {', '.join(FORMATS)}."
        )
    if not target.parent.is_dir():
        raise FileNotFoundError(f"The folder {target.parent} does not exist. Create it first, or choose another.")
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as folder:
            temporary = Path(folder, target.name)  # pandas selects the compression by the name, too
            write(frame, temporary)
            temporary.chmod(0o600)  # calls and numbers: for the owner alone
            os.replace(temporary, target)
    except OSError as error:
        raise OSError(f"Cannot write {target}: {error.strerror}. Choose another place.") from None
    return target
