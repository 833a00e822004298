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


def _write_csv(frame: pd.DataFrame, path: Path) -> None:
    texts = [str(name) for name, dtype in frame.dtypes.items() if not _is_number_or_time(dtype)]
    frame.assign(**{name: frame[name].map(_escape_formula, na_action="ignore") for name in texts}).to_csv(
        path, index=False
    )


def _is_number_or_time(dtype: Any) -> bool:
    types = pd.api.types
    return bool(types.is_numeric_dtype(dtype) or types.is_datetime64_any_dtype(dtype) or dtype.kind == "m")


# Some spreadsheets ignore blanks before a formula, and some know the wide forms of its first character.
_FORMULA = re.compile(r"\A(?:\s*+[=@+\-\uff1d\uff20\uff0b\uff0d]|[\t\r\n])")
_NUMBERS = re.compile(r"[+-]?\d+(?:\.\d+)?(?:, \+\d+)*")


def _escape_formula(text: Any) -> Any:
    """Return a text that a spreadsheet does not run as a formula; numbers such as ``+14255550100`` stay."""
    is_formula = isinstance(text, str) and _FORMULA.match(text) and not _NUMBERS.fullmatch(text)
    return f"'{text}" if is_formula else text


def _write_json_lines(frame: pd.DataFrame, path: Path) -> None:
    frame.to_json(path, orient="records", lines=True, date_format="iso", date_unit="us", force_ascii=False)


def _write_parquet(frame: pd.DataFrame, path: Path) -> None:
    try:
        frame.to_parquet(path, engine="pyarrow", index=False)
    except ImportError:
        raise ExtraMissing(
            "Parquet needs pyarrow: pip install 'graphcall-nb[parquet]', or export to .csv or .jsonl."
        ) from None


FORMATS: Mapping[str, Callable[[pd.DataFrame, Path], None]] = {
    ".csv": _write_csv,
    ".csv.gz": _write_csv,
    ".jsonl": _write_json_lines,
    ".jsonl.gz": _write_json_lines,
    ".parquet": _write_parquet,
}
"""Writers by the end of the file name."""


def write_frame(frame: pd.DataFrame, path: str | os.PathLike[str]) -> Path:
    """Write a frame to a file; a named index becomes a column.

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
            write(frame.reset_index() if frame.index.name else frame, temporary)
            temporary.chmod(0o600)  # calls and numbers: for the owner alone
            os.replace(temporary, target)
    except OSError as error:
        raise OSError(f"Cannot write {target}: {error.strerror}. Choose another place.") from None
    return target
