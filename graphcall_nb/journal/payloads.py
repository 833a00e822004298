"""JSON texts of notifications, read on demand: a frame displays them without holding them in memory."""

from __future__ import annotations

import os
import shutil
import weakref
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from ..errors import JournalError
from .database import notifications
from .errors import explain_error, redact_url

_MAX_SEQS_PER_QUERY = 1_000


class PayloadReader:
    """Reader of the column ``raw`` by ``seq``. Frames hold it, so it also reads after the journal was closed.

    Parameters
    ----------
    engine : of the journal
    folder : folder of a temporary journal; it is deleted when the reader is garbage-collected or the process ends
    """

    def __init__(self, engine: sa.Engine, folder: str | None = None) -> None:
        self._engine = engine
        self._url = redact_url(engine.url)
        if folder is not None:
            # tempfile.TemporaryDirectory would also delete the folder when a forked process ends.
            weakref.finalize(self, _remove_folder, folder, engine, os.getpid())

    def __call__(self, seqs: Sequence[int]) -> list[str]:
        """Return the texts of these notifications, in the same order.

        Raises
        ------
        JournalError
            If the journal can no longer be read.
        """
        distinct = list(dict.fromkeys(seqs))
        texts: dict[int, str] = {}
        for first in range(0, len(distinct), _MAX_SEQS_PER_QUERY):
            texts.update(self._read(distinct[first : first + _MAX_SEQS_PER_QUERY]))
        if len(texts) < len(distinct):
            raise JournalError(
                f"The journal {self._url} lacks notifications that it had before; it was replaced by another one."
            )
        return [texts[seq] for seq in seqs]

    def _read(self, seqs: list[int]) -> dict[int, str]:
        columns = notifications.c
        query = sa.select(columns.seq, columns.raw).where(columns.seq.in_(seqs))
        path = self._engine.url.database
        if self._engine.dialect.name == "sqlite" and path and os.path.isabs(path) and not os.path.exists(path):
            # SQLite would create an empty file in its place.
            raise JournalError(
                f"The journal {self._url} was deleted, and with it the texts of the column raw; "
                "the other columns are still available: frame.drop(columns='raw')."
            )
        try:
            with self._engine.connect() as connection:
                return {row.seq: row.raw for row in connection.execute(query)}
        except SQLAlchemyError as error:
            raise JournalError(f"Cannot read the journal {self._url}: {explain_error(error)}") from None

    def __repr__(self) -> str:
        return f"<PayloadReader of {self._url}>"


def _remove_folder(path: str, engine: sa.Engine, owner: int) -> None:
    if os.getpid() != owner:
        return  # the end of a forked process must not delete the journal of its parent
    engine.dispose()
    shutil.rmtree(path, ignore_errors=True)
