"""What goes wrong in a database, in words that say what to do."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

log = logging.getLogger(__name__)
log.addHandler(logging.NullHandler())  # else Python's last resort would print from the thread that writes

QUIET_SECONDS = 60.0
"""Between two complaints, so that a disk with a little room now and then fills no log."""


class WriteHealth:
    """Tells whoever keeps logs why nothing can be written, and when it can be again; senders are told no reasons.

    Attributes
    ----------
    present : why the last write failed; ``None`` when it went through
    """

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._clock = clock
        self._quiet_until = -float("inf")
        self._open = False
        self.present: str | None = None

    def trouble(self, reason: str) -> None:
        self.present = reason
        if not self._open and self._clock() >= self._quiet_until:
            self._quiet_until = self._clock() + QUIET_SECONDS
            self._open = True
            log.warning("%s", reason)

    def well(self) -> None:
        self.present = None
        if self._open:
            self._open = False
            log.warning("The journal %s is written to again.", self._url)


def failures(engine: sa.Engine) -> tuple[type[Exception], ...]:
    """What an engine raises, and what its driver does where it is used without SQLAlchemy."""
    return SQLAlchemyError, engine.dialect.dbapi.Error  # type: ignore[union-attr]


def shown_url(url: sa.URL) -> str:
    """The URL without the password of the user, and without that of his key."""
    secret = [name for name in url.query if "password" in name]
    return url.update_query_dict(dict.fromkeys(secret, "***")).render_as_string(hide_password=True)


_REMEDIES = {
    "moved away": "put it back where it was, or make a new journal.",
    "replaced by another": "put the former one back, or open this one anew.",
    "log was deleted": "leave -wal and -shm beside the journal; the service will send again.",
    "full": "the disk is full; make room, the service will send again.",
    "no space left": "the disk is full; make room, the service will send again.",
    "disk i/o error": "the disk cannot be read or written; look at its room and its health.",
    "locked": "another program holds it; close that program or choose another journal.",
    "readonly": "it may not be written to; copy it to, or choose, a place where you may write.",
    "read-only": "it may not be written to; copy it to, or choose, a place where you may write.",
    "not a database": "the file is something else; choose another path.",
    "malformed": "the file is damaged; restore a copy, or choose another path.",
    "unable to open": "folder or file may not be opened, or the folder is missing; make it, or choose another path.",
    "authentication failed": "the server does not know that user or password; correct the URL.",
    "no password supplied": "the server wants a password; write it into the URL.",
    "invalid connection option": "the URL has an option that there is not; correct the URL.",
    "unrecognized configuration": "the URL has an option that the server does not know; correct the URL.",
    "bad value for": "an option of the URL has a wrong value; correct the URL.",
    "resolve host": "there is no such host; correct the URL.",
    "does not exist": "the server has no such thing; correct the URL, or create it.",
    "permission denied": "that user may not do this; ask for the right, or write another user into the URL.",
    "timeout": "the server took too long; see how it is, the service will send again.",
    "connection": "the server cannot be reached; see that it runs, and that host and port are right.",
}


def plain_reason(error: Exception) -> str:
    """The database's complaint in words; never the statement, which holds what people said to each other."""
    original = getattr(error, "orig", None if isinstance(error, SQLAlchemyError) else error)
    # PostgreSQL's further lines may show the row.
    primary = getattr(getattr(original, "diag", None), "message_primary", None)
    said = (primary or str(original or type(error).__name__)).partition("\n")[0]
    for mark, remedy in _REMEDIES.items():
        if mark in said.lower():
            return f"{remedy} ({said})"
    return said
