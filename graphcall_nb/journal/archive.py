"""Archive of a session in one file: gzip with one JSON text per line, so that ``zcat`` and any language can read it.

The first line is a header that names the columns. Notifications (``["n", seq, …]``) and requests (``["r", seq, …]``)
follow. Columns are matched by name, so an archive stays readable when columns are added or removed.
"""

from __future__ import annotations

import gzip
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from .._arguments import require_path
from ..errors import JournalError
from .anonymize import Anonymizer
from .journal import Journal, open_journal
from .records import NotificationRecord, RequestRecord, Row

FORMAT_VERSION = 1
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
    header : description; with ``masked`` names, numbers and mail addresses are replaced

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
    anonymizer = Anonymizer() if header.masked else None
    if anonymizer:
        for _, row in _read_all(journal):
            anonymizer.learn(row)
    try:
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}-", delete=False) as file:
            try:
                with gzip.open(file, "wb", compresslevel=_COMPRESSION_LEVEL) as packed:
                    _write(packed.write, journal, header, anonymizer)
                file.close()
                os.replace(file.name, target)
            except BaseException:
                os.unlink(file.name)
                raise
    except OSError as error:
        raise JournalError(f"Cannot save to {target}: {error.strerror}; choose another path.") from None
    return target


def _write(
    write: Callable[[bytes], Any], journal: Journal, header: ArchiveHeader, anonymizer: Anonymizer | None
) -> None:
    first_line = {
        "graphcall_nb": FORMAT_VERSION,
        "version": header.version,
        "simulated": header.simulated,
        "masked": header.masked,
        "notifications": NotificationRecord._fields,
        "requests": RequestRecord._fields,
    }
    encode = msgspec.json.Encoder().encode
    write(encode(first_line) + b"\n")
    for kind, row in _read_all(journal):
        write(encode((kind, *(anonymizer.mask(row) if anonymizer else row))) + b"\n")


def _read_all(journal: Journal) -> Iterator[tuple[str, Row]]:
    after = 0
    while records := journal.read(after, _ROWS_PER_CHUNK):
        after = records[-1].seq
        yield from (("n", record) for record in records)
    yield from (("r", record) for record in journal.read_requests())


def is_archive(path: str | os.PathLike[str]) -> bool:
    """Return True if a file is an archive rather than a journal."""
    try:
        with open(path, "rb") as file:
            return file.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC
    except OSError:
        return False


def load(path: str | os.PathLike[str]) -> tuple[Journal, ArchiveHeader]:
    """Return a temporary journal with the content of an archive; it is deleted on ``close``.

    Raises
    ------
    JournalError
        If the file is not an archive, is damaged, or was written by a later version.
    """
    journal = open_journal()
    try:
        with gzip.open(path, "rb") as packed:
            lines = iter(packed)
            head = msgspec.json.decode(next(lines))
            if head["graphcall_nb"] > FORMAT_VERSION:
                raise JournalError(f"{path} was saved by a newer graphcall_nb; update graphcall_nb to read it.")
            _fill(journal, head, lines)
            header = ArchiveHeader(head["version"], head["simulated"], head["masked"])
    except (OSError, EOFError, StopIteration, msgspec.MsgspecError, LookupError, TypeError, ValueError) as error:
        journal.close()
        raise JournalError(
            f"{path} cannot be read as a saved session ({type(error).__name__}); save it again, or give a journal."
        ) from None
    except BaseException:
        journal.close()
        raise
    return journal, header


def _fill(journal: Journal, head: dict[str, Any], lines: Iterator[bytes]) -> None:
    positions = {
        "n": [_find_position(head["notifications"], name) for name in NotificationRecord._fields],
        "r": [_find_position(head["requests"], name) for name in RequestRecord._fields],
    }
    decode = msgspec.json.Decoder(list[Any]).decode
    pending: dict[str, list[Row]] = {"n": [], "r": []}
    for line in lines:
        kind, *values = decode(line)
        pending[kind].append(tuple(None if at is None else values[at] for at in positions[kind]))
        if len(pending[kind]) >= _ROWS_PER_CHUNK:
            journal.restore(pending["n"], pending["r"])
            pending = {"n": [], "r": []}
    journal.restore(pending["n"], pending["r"])


def _find_position(names: Sequence[str], name: str) -> int | None:
    return names.index(name) if name in names else None
