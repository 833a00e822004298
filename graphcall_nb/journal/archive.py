"""A session as one file: gzip, a line of JSON for each row, so that ``zcat`` and any language can read it too.

The first line says what it is and names the columns; then come notifications (``["n", seq, …]``) and requests
(``["r", seq, …]``). Columns are found by name, so files outlive changes of the schema.
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
from ..journal import schema
from .anonymize import Anonymizer
from .commit import Row
from .journal import Journal, open_journal

FORMAT = 1
_CHUNK = 20_000
_LEVEL = 6


@dataclass(frozen=True)
class ArchiveHeader:
    """What a file says of the session that was saved; ``simulated`` is ``None`` where nobody knows."""

    version: str
    simulated: bool | None
    masked: bool = False


def save(journal: Journal, path: str | os.PathLike[str], about: ArchiveHeader) -> Path:
    """Write all of a journal into one file; a file that is there is replaced once the new one is whole.

    Raises
    ------
    JournalError
        When it cannot be written.
    """
    target = Path(require_path("path", path))
    masker = Anonymizer() if about.masked else None
    if masker:
        for _, row in _all(journal):
            masker.learn(row)
    try:
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}-", delete=False) as file:
            try:
                with gzip.open(file, "wb", compresslevel=_LEVEL) as packed:
                    _write(packed.write, journal, about, masker)
                file.close()
                os.replace(file.name, target)
            except BaseException:
                os.unlink(file.name)
                raise
    except OSError as error:
        raise JournalError(f"Cannot save to {target}: {error.strerror}; choose another place.") from None
    return target


def _write(write: Callable[[bytes], Any], journal: Journal, about: ArchiveHeader, masker: Anonymizer | None) -> None:
    head = {
        "graphcall_nb": FORMAT,
        "version": about.version,
        "simulated": about.simulated,
        "masked": about.masked,
        "notifications": schema.NOTIFICATION_COLUMNS,
        "requests": schema.REQUEST_COLUMNS,
    }
    encode = msgspec.json.Encoder().encode
    write(encode(head) + b"\n")
    for kind, row in _all(journal):
        write(encode((kind, *(masker.mask(row) if masker else row))) + b"\n")


def _all(journal: Journal) -> Iterator[tuple[str, Row]]:
    after = 0
    while rows := journal.read(after, _CHUNK):
        after = rows[-1][0]
        yield from (("n", row) for row in rows)
    yield from (("r", row) for row in journal.read_requests())


def is_saved(path: str | os.PathLike[str]) -> bool:
    """Whether a file is a saved session, rather than a journal."""
    try:
        with open(path, "rb") as file:
            return file.read(2) == b"\x1f\x8b"
    except OSError:
        return False


def load(path: str | os.PathLike[str]) -> tuple[Journal, ArchiveHeader]:
    """A temporary journal with all that was saved; it is deleted when it is closed.

    Raises
    ------
    JournalError
        When the file is no saved session, is damaged, or is of a later version.
    """
    journal = open_journal()
    try:
        with gzip.open(path, "rb") as packed:
            lines = iter(packed)
            head = msgspec.json.decode(next(lines))
            if head["graphcall_nb"] > FORMAT:
                raise JournalError(f"{path} was saved by a newer graphcall_nb; update this one to read it.")
            _fill(journal, head, lines)
            about = ArchiveHeader(head["version"], head["simulated"], head["masked"])
    except (OSError, EOFError, StopIteration, msgspec.MsgspecError, LookupError, TypeError, ValueError) as error:
        journal.close()
        raise JournalError(
            f"{path} cannot be read as a saved session ({type(error).__name__}); save it again, or give a journal."
        ) from None
    except BaseException:
        journal.close()
        raise
    return journal, about


def _fill(journal: Journal, head: dict[str, Any], lines: Iterator[bytes]) -> None:
    places = {
        "n": [_place(head["notifications"], name) for name in schema.NOTIFICATION_COLUMNS],
        "r": [_place(head["requests"], name) for name in schema.REQUEST_COLUMNS],
    }
    decode = msgspec.json.Decoder(list[Any]).decode
    waiting: dict[str, list[Row]] = {"n": [], "r": []}
    for line in lines:
        kind, *saved = decode(line)
        waiting[kind].append(tuple(None if place is None else saved[place] for place in places[kind]))
        if len(waiting[kind]) >= _CHUNK:
            journal.restore(waiting["n"], waiting["r"])
            waiting = {"n": [], "r": []}
    journal.restore(waiting["n"], waiting["r"])


def _place(names: Sequence[str], name: str) -> int | None:
    return names.index(name) if name in names else None
