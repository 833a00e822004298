"""Frames: a whole journal into a frame, new rows on top of a million, intervals out of order, memory.

Baselines in the same run: ``pd.json_normalize`` of the raw items, ``pd.read_sql`` and ADBC with Arrow of the columns
that ours reads, ``pd.concat`` of the new rows, ``groupby`` with ``shift``. Real journals (SQLite files, and PostgreSQL
where it is installed) are read. ADBC is left out where ``adbc-driver-sqlite`` is not installed.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from graphcall_nb.frames import Frames
from graphcall_nb.frames.intervals import classify, compute_intervals, make_intervals_frame
from graphcall_nb.frames.notifications import Notifications
from graphcall_nb.graph.states import STATES
from graphcall_nb.journal.database import make_writer, notifications, open_engine
from graphcall_nb.journal.journal import Journal, open_journal
from tests.postgres import binaries, running_postgres

from .fleet import rows
from .measure import Row, rounds, show

try:
    from adbc_driver_sqlite import dbapi
except ImportError:
    dbapi = None

NEW = 100

COLUMNS_QUERY = sa.text(
    f"SELECT {', '.join(column.name for column in notifications.columns if column.name != 'raw')}"  # noqa: S608
    " FROM notifications ORDER BY seq"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="only to see that it works")
    parser.add_argument("--rows", type=int, default=1_000_000, help="notifications in the large journals")
    options = parser.parse_args()
    count, few, repeats = (5_000, 1_000, 1) if options.small else (options.rows, 10_000, 3)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        large, small = filled(path / "large.sqlite", count), filled(path / "small.sqlite", few)
        mixed = filled(path / "mixed.sqlite", count, shuffled=True)
        table = [
            *whole(large, repeats),
            *whole_of_postgres(count, repeats),
            *refreshed(large, small, path, repeats * 7),
            *intervals(mixed, repeats),
        ]
        for journal in (large, small, mixed):
            journal.close()
    show(f"Frames of {count:,} notifications", table)


def filled(path: Path, count: int, *, shuffled: bool = False) -> Journal:
    """Return a journal file with ``count`` notifications, as a listener writes it."""
    write(path, count, shuffled=shuffled)
    return open_journal(path)


def write(where: Path | str, count: int, *, shuffled: bool = False, first: int = 0) -> None:
    """Write notifications in transactions of ten thousand."""
    engine = open_engine(where)
    writer = make_writer(engine, notifications)
    made = rows(count, shuffled=shuffled, first=first)
    while batch := [(at, *notification) for at, notification in islice(made, 10_000)]:
        writer.write(batch)
    writer.close()
    engine.dispose()


def frames_of(journal: Journal) -> Frames:
    return Frames(journal.read_columns, journal.read_requests, journal.payloads)


def timed(work: Callable[[], Any], clock: Callable[[], float] = time.process_time) -> float:
    gc.collect()  # CPU time, so that what else the machine does hardly matters
    started = clock()
    made = work()  # kept until it is timed: to throw it away is not part of the work
    seconds = clock() - started
    del made
    return seconds


def normalized(journal: Journal) -> pd.DataFrame:
    return pd.json_normalize([json.loads(record.raw) for record in journal.read()])


def whole(journal: Journal, repeats: int) -> list[Row]:
    frames: list[Any] = []
    engine = open_engine(journal.url_with_password)

    def ours() -> None:
        frames[:] = [frames_of(journal)]
        frames[0].refresh()
        frames[0].notifications()

    def theirs() -> None:
        frames[:] = [normalized(journal)]

    def scan() -> None:
        looked_at = [sa.func.count(column) for column in notifications.columns if column.name != "raw"]
        with engine.connect() as connection:
            connection.execute(sa.select(*looked_at)).all()

    def read_sql() -> None:
        with engine.connect() as connection:
            frames[:] = [pd.read_sql(COLUMNS_QUERY, connection)]

    variants = {"json_normalize": theirs, "read_sql": read_sql, "ours": ours, "scan": scan}
    if dbapi:
        variants["adbc"] = lambda: read_with_adbc(str(engine.url.database))
    seconds = rounds(repeats, {name: partial(timed, work) for name, work in variants.items()})
    count = journal.last_seq
    ours()
    ours_bytes = memory(frames[0].notifications())
    theirs()
    their_bytes = memory(frames[0])
    adbc = ratio("ADBC with Arrow, to pandas", seconds["adbc"], seconds["json_normalize"], "") if dbapi else None
    return [
        ("journal to frame: raw JSON, json_normalize", f"{seconds['json_normalize']:.2f} s", "1.00", ""),
        ratio("pd.read_sql of our columns", seconds["read_sql"], seconds["json_normalize"], ""),
        *([adbc] if adbc else []),
        ratio("journal to frame: ours", seconds["ours"], seconds["json_normalize"], "≥ 10 times, ≥ ADBC"),
        ratio("SQLite's scan of the rows, nothing handed out", seconds["scan"], seconds["json_normalize"], ""),
        ("memory: json_normalize", f"{their_bytes / count:.0f} B a row", "1.00", ""),
        ("memory: ours", f"{ours_bytes / count:.0f} B a row", f"{ours_bytes / their_bytes:.2f}", "≤ 0.33"),
    ]


def read_with_adbc(path: str) -> pd.DataFrame:
    with dbapi.connect(f"file:{path}") as connection, connection.cursor() as cursor:
        cursor.execute(COLUMNS_QUERY.text)
        return cursor.fetch_arrow_table().to_pandas()


def whole_of_postgres(count: int, repeats: int) -> list[Row]:
    """Measure elapsed time: the server works in another process."""
    if not binaries():
        return []
    with running_postgres() as server:
        write(server.url, count)
        journal = open_journal(server.url)

        def ours() -> pd.DataFrame:
            frames = frames_of(journal)
            frames.refresh()
            return frames.notifications()

        variants = {
            "json_normalize": lambda: timed(lambda: normalized(journal), time.perf_counter),
            "ours": lambda: timed(ours, time.perf_counter),
        }
        seconds = rounds(repeats, variants)
        journal.close()
    return [
        ("PostgreSQL to frame: json_normalize", f"{seconds['json_normalize']:.2f} s", "1.00", ""),
        ratio("PostgreSQL to frame: ours", seconds["ours"], seconds["json_normalize"], "≥ 5 times"),
    ]


def memory(frame: pd.DataFrame) -> int:
    """Return the bytes of a frame with all objects its cells refer to; an object in many rows counts once."""
    total = int(frame.memory_usage(index=True, deep=False).sum())
    for name in frame.columns[frame.dtypes.isin([np.dtype(object), pd.StringDtype(na_value=np.nan)])]:
        cells = frame[name].astype(object).to_numpy()
        total += sum(sys.getsizeof(cell) for cell in {id(cell): cell for cell in cells}.values())
    return total


def refreshed(large: Journal, small: Journal, folder: Path, repeats: int) -> list[Row]:
    """Measure the cost of 100 new notifications, reading the journal included."""
    readers = {"large": frames_of(large), "small": frames_of(small)}
    for frames in readers.values():
        frames.refresh()
        frames.notifications()
    # An ordinary frame has the texts in memory.
    known = readers["large"].notifications().astype({"raw": object})
    new = readers["small"].notifications().head(NEW).astype({"raw": object})

    def ours(name: str, journal: Journal) -> float:
        write(folder / f"{name}.sqlite", NEW, first=journal.last_seq)

        def work() -> None:
            readers[name].refresh()
            readers[name].notifications()

        return timed(work)

    variants = {
        "concat": lambda: timed(lambda: pd.concat([known, new], ignore_index=True)),
        "large": lambda: ours("large", large),
        "small": lambda: ours("small", small),
    }
    seconds = rounds(repeats, variants)
    return [
        (f"{NEW} new: pd.concat", f"{seconds['concat'] * 1e3:.2f} ms", "1.00", ""),
        ratio(f"{NEW} new on the large one", seconds["large"], seconds["concat"], "≥ 8 times"),
        (
            f"{NEW} new: large against small journal",
            f"{seconds['large'] * 1e3:.2f} ms",
            f"{seconds['large'] / seconds['small']:.2f}",
            "≤ 1.5",
        ),
    ]


def intervals(journal: Journal, repeats: int) -> list[Row]:
    """Measure from rows in memory to the frame of intervals.

    A session classifies rows once, when it reads them (late, a duplicate, which visit of which state); ``classified``
    repeats that for all of them.
    """
    known = journal.read_columns()
    found = frames_of(journal)
    found.refresh()
    plain = found.notifications()[["call_id", "state", "received_at"]].astype({"call_id": str, "state": str})

    def ours(*, anew: bool) -> float:
        taken = Notifications(journal.payloads)
        taken.extend(known)
        if not anew:
            classify(taken, 0)

        def work() -> pd.DataFrame:
            if anew:
                classify(taken, 0)
            return make_intervals_frame(taken, compute_intervals(taken))

        return timed(work)

    variants = {
        "groupby": lambda: timed(lambda: grouped(plain)),
        "ours": partial(ours, anew=False),
        "classified": partial(ours, anew=True),
    }
    seconds = rounds(repeats, variants)
    return [
        ("intervals out of order: sort, groupby, shift", f"{seconds['groupby']:.2f} s", "1.00", ""),
        ratio("intervals out of order: ours", seconds["ours"], seconds["groupby"], "≥ 20 times"),
        ratio(
            "intervals out of order: ours, classified again", seconds["classified"], seconds["groupby"], "≥ 15 times"
        ),
    ]


def grouped(frame: pd.DataFrame) -> pd.DataFrame:
    rank = frame["state"].map({state: number for number, state in enumerate(STATES)})
    ordered = frame.assign(rank=rank).sort_values(["call_id", "rank"])
    end = ordered.groupby("call_id")["received_at"].shift(-1)
    return ordered.assign(start=ordered["received_at"], end=end, duration=end - ordered["received_at"])


def ratio(name: str, seconds: float, baseline: float, goal: str) -> Row:
    shown = f"{seconds:.2f} s" if seconds >= 0.1 else f"{seconds * 1e3:.2f} ms"
    return name, shown, f"{baseline / seconds:.1f}×", goal


if __name__ == "__main__":
    main()
