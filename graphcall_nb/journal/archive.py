"""Archive of a session in one file: gzip with one JSON text per line, so that ``zcat`` and any language can read it.

The first line is a header that names the columns. Notifications (``["n", seq, …]``) and requests (``["r", seq, …]``)
follow. Columns are matched by name, so an archive stays readable when columns are added or removed.
"""

from __future__ import annotations

import gzip
import os
import tempfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, BinaryIO, cast

import msgspec
import sqlalchemy as sa

from .._arguments import require_path
from ..errors import JournalError
from ..graph.versions import get_version
from .anonymize import MaskedJournal
from .database import MICROSOFT, SIMULATED, get_bounds, notifications, requests
from .journal import Journal, open_journal
from .origin import Origin
from .records import NotificationRecord, RequestRecord, Row
from .sqlite import has_log

FORMAT_VERSION = 1

MAX_LINE_BYTES = 32 << 20
"""A notification has at most 1 MiB, a request and its response together some MiB."""

MAX_ROWS = 20_000_000

MAX_BYTES = 32 << 30

MAX_EXPANSION = 100
"""Largest ratio of unpacked to packed bytes beyond :data:`MAX_SMALL_BYTES`. Sessions reach about 20."""

MAX_SMALL_BYTES = 64 << 20
"""Any file may expand to this size."""

_ROWS_PER_CHUNK = 20_000
_COMPRESSION_LEVEL = 6
_GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True)
class ArchiveHeader:
    """Description of the saved session.

    Attributes
    ----------
    version : API version of the session
    simulated : True if the simulator was used; ``None`` if unknown
    masked : True if personal data was replaced
    """

    version: str
    simulated: bool | None
    masked: bool = False


def save(journal: Journal, path: str | os.PathLike[str], header: ArchiveHeader) -> Path:
    """Write a whole journal to one file; an existing file is replaced when the new one is complete.

    Parameters
    ----------
    journal : to read
    path : file to write
    header : description; with ``masked`` personal data and secrets are replaced

    Returns
    -------
    Path
        The file.

    Raises
    ------
    JournalError
        If the file cannot be written.
    """
    target = Path(require_path("path", path))
    source = MaskedJournal(journal) if header.masked else journal
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as folder:
            temporary = Path(folder, target.name)
            with gzip.open(temporary, "wb", compresslevel=_COMPRESSION_LEVEL) as packed:
                _write(packed.write, source, header, journal.origin)
            temporary.chmod(0o600)  # calls and numbers: for the owner alone
            os.replace(temporary, target)
    except OSError as error:
        raise JournalError(f"Cannot save to {target}: {error.strerror}; choose another path.") from None
    return target


def _write(
    write: Callable[[bytes], Any], journal: Journal | MaskedJournal, header: ArchiveHeader, origin: Origin
) -> None:
    first_line = {
        "graphcall_nb": FORMAT_VERSION,
        "version": header.version,
        "simulated": header.simulated,
        "masked": header.masked,
        "origin": (replace(origin, tenant_id=None) if header.masked else origin).to_rows(),
        "notifications": NotificationRecord._fields,
        "requests": RequestRecord._fields,
    }
    encode = msgspec.json.Encoder().encode
    write(encode(first_line) + b"\n")
    for kind, row in _read_all(journal):
        write(encode((kind, *row)) + b"\n")


def _read_all(journal: Journal | MaskedJournal) -> Iterator[tuple[str, Row]]:
    after = 0
    while records := journal.read(after, _ROWS_PER_CHUNK):
        after = records[-1].seq
        yield from (("n", record) for record in records)
    yield from (("r", record) for record in journal.read_requests())


def is_archive(path: str | os.PathLike[str]) -> bool:
    """Return True if a file is an archive rather than a journal."""
    if not os.path.isfile(path) or has_log(path):  # opening a named pipe would wait for a writer
        return False
    try:
        with open(path, "rb") as file:
            return file.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC
    except OSError:
        return False


def open_recorded(location: str | os.PathLike[str]) -> Journal:
    """Open an archive or a journal for reading.

    Parameters
    ----------
    location : path of an archive or a journal, or URL of a journal

    Raises
    ------
    JournalError
        If it does not exist, is neither of both, or is damaged.
    """
    if "://" not in os.fspath(location) and is_archive(location):
        return load(location)
    journal = open_journal(location, read_only=True)
    try:
        journal.check_content()
        return journal
    except BaseException:
        journal.close()
        raise


class _Head(msgspec.Struct):
    graphcall_nb: int
    version: str
    simulated: bool | None
    masked: bool
    notifications: list[str]
    requests: list[str]
    origin: dict[str, str] = {}

    def get_origin(self) -> Origin:
        """Return the origin of the saved journal; archives of earlier versions name the service alone."""
        rows = {"api_version": self.version}
        if self.simulated is not None:
            rows["service"] = SIMULATED if self.simulated else MICROSOFT
        return Origin.from_rows(rows | self.origin)


def load(path: str | os.PathLike[str]) -> Journal:
    """Return a temporary journal with the content of an archive; it is deleted on ``close``.

    Raises
    ------
    JournalError
        If the file is not an archive, is damaged or too large, or was written by a later version.
    """
    journal = open_journal()
    try:
        with gzip.open(path, "rb") as packed:
            lines = _read_lines(cast(BinaryIO, packed), os.path.getsize(path))
            head = _parse_head(next(lines, b""))
            journal.claim(head.get_origin())
            _fill(journal, head, lines)
    except BaseException as error:
        journal.close()
        if isinstance(error, _DAMAGES):
            raise JournalError(
                f"{path} cannot be read as a saved session: {_explain_damage(error)}; save it again, or give a journal."
            ) from None
        raise
    return journal


_DAMAGES = (OSError, EOFError, zlib.error, msgspec.MsgspecError, ValueError, RecursionError, MemoryError)


def _explain_damage(error: BaseException) -> str:
    match error:
        case EOFError() | zlib.error() | gzip.BadGzipFile():
            return "its compressed data is damaged or incomplete"
        case RecursionError() | MemoryError():
            return "a line is nested too deeply or needs too much memory"
        case OSError():
            return error.strerror or "the file cannot be opened"
        case msgspec.MsgspecError():
            return f"a line has unexpected content ({error})"
        case _:
            return str(error)


def _parse_head(line: bytes) -> _Head:
    head = msgspec.json.decode(line, type=dict[str, Any])
    version = head.get("graphcall_nb")
    if isinstance(version, int) and version > FORMAT_VERSION:
        raise ValueError("a newer graphcall_nb saved it. Update graphcall_nb to read it")
    parsed = msgspec.convert(head, _Head)
    get_version(parsed.version)
    return parsed


def _read_lines(file: BinaryIO, packed_bytes: int) -> Iterator[bytes]:
    """Yield the lines of an archive, and refuse a file that was made to fill memory or disk."""
    most = min(MAX_BYTES, MAX_SMALL_BYTES + MAX_EXPANSION * packed_bytes)
    rows = total = 0
    while line := file.readline(MAX_LINE_BYTES + 1):
        rows, total = rows + 1, total + len(line)
        if len(line) > MAX_LINE_BYTES:
            raise ValueError(f"line {rows:,} has more than {MAX_LINE_BYTES:,} bytes")
        if rows > MAX_ROWS:
            raise ValueError(f"it has more than {MAX_ROWS:,} lines")
        if total > most:
            raise ValueError(f"it expands to more than {most:,} bytes")
        yield line


def _fill(journal: Journal, head: _Head, lines: Iterator[bytes]) -> None:
    readers = {
        "n": _RowReader(notifications, head.notifications),
        "r": _RowReader(requests, head.requests),
    }
    decode = msgspec.json.Decoder(list[Any]).decode
    for number, line in enumerate(lines, 1):
        kind, *values = decode(line) or [None]
        reader = readers.get(kind) if isinstance(kind, str) else None
        if reader is None:
            raise ValueError(f"row {number:,} is neither a notification nor a request")
        reader.add(values)
        if len(reader.rows) >= _ROWS_PER_CHUNK:
            journal.restore(readers["n"].pop_rows(), readers["r"].pop_rows())
    journal.restore(readers["n"].pop_rows(), readers["r"].pop_rows())


class _RowReader:
    """Reader of the rows of one table, in the order of its columns and of their types.

    Parameters
    ----------
    table : columns and types of the rows
    names : columns in the file
    """

    def __init__(self, table: sa.Table, names: Sequence[str]) -> None:
        self._positions = [names.index(column.name) if column.name in names else None for column in table.columns]
        self._type = tuple[tuple(map(_make_type, table.columns))]  # type: ignore[misc]
        self._count = len(names)
        self._last_seq = 0
        self.rows: list[Row] = []

    def add(self, values: Sequence[Any]) -> None:
        """Check a row and keep it."""
        if len(values) != self._count:
            raise ValueError(f"a row has {len(values)} values instead of {self._count}")
        row = msgspec.convert([None if at is None else values[at] for at in self._positions], self._type)
        if row[0] <= self._last_seq:
            raise ValueError(f"the row with the number {row[0]} is not in order")
        self._last_seq = row[0]
        self.rows.append(row)

    def pop_rows(self) -> list[Row]:
        """Return the rows since the last time."""
        rows, self.rows = self.rows, []
        return rows


def _make_type(column: sa.Column[Any]) -> Any:
    """Return the type of a column for msgspec, with the range that frames and plots can show."""
    kind: Any = str
    if isinstance(column.type, sa.Integer):
        least, most = get_bounds(column)
        kind = Annotated[int, msgspec.Meta(ge=least, le=most)]
    return kind | None if column.nullable else kind
