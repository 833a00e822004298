"""Raw texts, read when somebody looks at them: a frame shows them without having them in memory."""

from __future__ import annotations

import os
import shutil
import weakref
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from ..errors import JournalError
from ..journal import schema
from .errors import plain_reason, shown_url

_AT_ONCE = 1_000


class TemporaryFolder:
    """A folder that goes with the last one who refers to it, or with the process; open connections are closed first."""

    def __init__(self, path: str, engine: sa.Engine) -> None:
        weakref.finalize(self, _remove, path, engine, os.getpid())


def _remove(path: str, engine: sa.Engine, owner: int) -> None:
    if os.getpid() != owner:
        return  # a process that was forked off ends, and the original reads on
    engine.dispose()
    shutil.rmtree(path, ignore_errors=True)


class PayloadReader:
    """The raw texts of a journal by their numbers. Frames keep it, so it reads after the journal was closed too.

    Parameters
    ----------
    folder : where a temporary journal is; it stays as long as a frame may want to read there
    """

    def __init__(self, engine: sa.Engine, folder: TemporaryFolder | None = None) -> None:
        self._engine = engine
        self._folder = folder
        self._shown = shown_url(engine.url)

    def __call__(self, seqs: Sequence[int]) -> list[str]:
        """The texts of these notifications, in the order asked for.

        Raises
        ------
        JournalError
            When the journal cannot be read any more.
        """
        distinct = list(dict.fromkeys(seqs))
        texts: dict[int, str] = {}
        for first in range(0, len(distinct), _AT_ONCE):
            texts.update(self._read(distinct[first : first + _AT_ONCE]))
        if len(texts) < len(distinct):
            raise JournalError(f"The journal {self._shown} is another one now: it lacks notifications that it had.")
        return [texts[seq] for seq in seqs]

    def _read(self, seqs: list[int]) -> dict[int, str]:
        columns = schema.notifications.c
        query = sa.select(columns.seq, columns.raw).where(columns.seq.in_(seqs))
        path = self._engine.url.database
        if self._engine.dialect.name == "sqlite" and path and os.path.isabs(path) and not os.path.exists(path):
            # SQLite would make an empty file in its place.
            raise JournalError(
                f"The journal {self._shown} is gone, and with it the texts of the column raw; "
                "the rest of the frame is here: frame.drop(columns='raw')."
            )
        try:
            with self._engine.connect() as connection:
                return {row.seq: row.raw for row in connection.execute(query)}
        except SQLAlchemyError as error:
            raise JournalError(f"Cannot read the journal {self._shown}: {plain_reason(error)}") from None

    def __repr__(self) -> str:
        return f"<RawTexts of {self._shown}>"
