"""Frames of the log of a simulator: the requests that it received and the notifications that it sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from .columns import UTC_US

REQUEST_COLUMNS = {
    "id": "int64",
    "at": "time",
    "method": "object",
    "path": "object",
    "operation": "object",
    "call_id": "object",
    "body": "object",
    "status": "Int64",
    "response": "object",
    "duration": "duration",
}
"""Columns of the frame of requests with their kinds."""

DELIVERY_COLUMNS = {
    "id": "int64",
    "at": "time",
    "call_id": "object",
    "url": "object",
    "state": "object",
    "attempt": "int64",
    "status": "Int64",
    "error": "object",
    "duration": "duration",
    "body": "object",
}
"""Columns of the frame of deliveries with their kinds."""


def make_log_frame(entries: Iterable[Mapping[str, Any]], columns: Mapping[str, str]) -> pd.DataFrame:
    """Return a frame of entries of a log, one row each; without entries, it has the same columns and dtypes."""
    rows = list(entries)
    return pd.DataFrame({name: _make_series([row[name] for row in rows], kind) for name, kind in columns.items()})


def _make_series(values: Sequence[Any], kind: str) -> pd.Series[Any]:
    if kind == "time":
        return pd.Series(pd.to_datetime(values, utc=True, format="ISO8601")).astype(UTC_US)
    if kind == "duration":
        seconds = pd.Series(values, dtype="float64")
        return pd.to_timedelta((seconds * 1e6).round(), unit="us").astype("timedelta64[us]")
    return pd.Series(values, dtype=kind)
