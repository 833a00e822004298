"""Integrity of a journal in SQLite: damaged pages, an overwritten write-ahead log, an unsafe place, a full disk.

SQLite reads a page when it needs it, so it continues to write into a file of which another program destroyed a part.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import struct
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from ..errors import JournalError
from .errors import explain_error
from .places import find_unsafe_place
from .sqlite import connect_read_only

MIN_CHECK_INTERVAL_SECONDS = 1.0
CHECK_INTERVAL_FACTOR = 100
"""Least interval between two checks, as a multiple of the time that a check takes: they may use 1 % of a processor."""

MIN_FREE_BYTES = 100_000_000
"""Free space that holds about 100,000 notifications."""

_LOG_MAGIC = (0x377F0682, 0x377F0683)  # the checksums are those of little-endian and of big-endian numbers
_LOG_HEADER_BYTES = 32
_DAMAGED = "the file is damaged. Restore a copy, or choose another path"


def find_damage(path: str) -> str | None:
    """Return the damage of a journal file or its write-ahead log with the remedy, or ``None``.

    Parameters
    ----------
    path : of the SQLite file
    """
    if not _is_log_valid(f"{path}-wal"):
        return f"its -wal file was overwritten, so {_DAMAGED}."
    try:
        with connect_read_only(path) as connection:
            [(finding,)] = connection.execute("PRAGMA quick_check(1)").fetchall()
    except sqlite3.OperationalError as error:
        return None if "locked" in str(error) else explain_error(error)
    except sqlite3.DatabaseError as error:
        finding = str(error)
    return None if finding == "ok" else f"{_DAMAGED} ({' '.join(finding.split())})."


def _is_log_valid(path: str) -> bool:
    """Return False if the header of a write-ahead log has another content than SQLite writes."""
    try:
        with open(path, "rb") as file:  # SQLite has no locks on this file that closing it would release
            header = file.read(_LOG_HEADER_BYTES)
    except FileNotFoundError:
        return True
    if not header:
        return True
    if len(header) < _LOG_HEADER_BYTES or int.from_bytes(header[:4]) not in _LOG_MAGIC:
        return False
    words = struct.unpack(f"{'>' if header[3] & 1 else '<'}6I", header[:24])
    first = second = 0
    for even, odd in zip(words[::2], words[1::2], strict=True):
        first = (first + even + second) % 2**32
        second = (second + odd + first) % 2**32
    return struct.unpack(">2I", header[24:]) == (first, second)


def describe_file(path: str, *, free_bytes: int | None = None) -> str:
    """Return a description of a journal file that is in order, or that does not exist yet.

    Parameters
    ----------
    path : of the SQLite file
    free_bytes : free space of its disk; by default the present one

    Raises
    ------
    JournalError
        With the finding and the remedy.
    """
    folder, exists = os.path.dirname(path), os.path.exists(path)
    if not os.access(folder, os.W_OK):
        raise JournalError(f"The journal {path} cannot be written; create its folder, or choose a writable one.")
    if exists and (damage := find_damage(path)):
        raise JournalError(f"The journal {path} cannot be used: {damage}")
    if place := find_unsafe_place(path):
        raise JournalError(
            f"The journal {path} is in {place}, where acknowledged notifications may be lost; choose a folder on a "
            "disk of this machine, or a PostgreSQL server."
        )
    free = shutil.disk_usage(folder).free if free_bytes is None else free_bytes
    if free < MIN_FREE_BYTES:
        raise JournalError(f"The disk of the journal {path} has {free / 1e6:,.0f} MB left; free some space.")
    state = "is intact" if exists else "will be created"
    return f"{path} {state}, on a disk of this machine with {free / 1e9:,.1f} GB left."


class IntegrityWatch:
    """Checks of a file in a thread, started by commits.

    Attributes
    ----------
    damage : the first damage that was found, with the remedy; ``None`` before

    Parameters
    ----------
    path : of the SQLite file
    clock : returns seconds that only increase
    """

    def __init__(self, path: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.damage: str | None = None
        self._path = path
        self._clock = clock
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="graphcall_nb-integrity")
        self._check: Future[None] | None = None
        self._next_check = clock() + MIN_CHECK_INTERVAL_SECONDS

    def note_commit(self) -> None:
        """Start a check if the last one was long enough ago."""
        if self._clock() >= self._next_check and (self._check is None or self._check.done()):
            self._check = self._executor.submit(self._run)

    def _run(self) -> None:
        began = self._clock()
        self.damage = self.damage or find_damage(self._path)
        ended = self._clock()
        self._next_check = ended + max(MIN_CHECK_INTERVAL_SECONDS, CHECK_INTERVAL_FACTOR * (ended - began))

    def close(self) -> None:
        """Wait for the present check, and end the thread."""
        self._executor.shutdown(wait=True)
