"""Database errors as messages for users, and a log of write failures."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

log = logging.getLogger(__name__)
log.addHandler(logging.NullHandler())  # without a handler, Python prints warnings from the thread that writes

MIN_WARNING_INTERVAL_SECONDS = 60.0
"""Least time between two warnings: on a disk with little space, writes fail and succeed in turn."""


class WriteHealth:
    """Result of the last write. Logs the first failure and the recovery; senders do not receive the reason.

    Attributes
    ----------
    last_error : reason of the last failure; ``None`` if the last write succeeded

    Parameters
    ----------
    url : address of the journal for the log, without a password
    clock : returns seconds that only increase
    """

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._clock = clock
        self._quiet_until = -float("inf")
        self._has_warned = False
        self.last_error: str | None = None

    def failed(self, reason: str) -> None:
        """Note a failed write, and log it unless a warning was logged recently."""
        self.last_error = reason
        if not self._has_warned and self._clock() >= self._quiet_until:
            self._quiet_until = self._clock() + MIN_WARNING_INTERVAL_SECONDS
            self._has_warned = True
            log.warning("%s", reason)

    def recovered(self) -> None:
        """Note a successful write, and log it if the failure was logged."""
        self.last_error = None
        if self._has_warned:
            self._has_warned = False
            log.warning("The journal %s can be written again.", self._url)


def get_error_types(engine: sa.Engine) -> tuple[type[Exception], ...]:
    """Return the exceptions of SQLAlchemy and of the driver, which hot paths use directly."""
    return SQLAlchemyError, engine.dialect.dbapi.Error  # type: ignore[union-attr]


def redact_url(url: sa.URL) -> str:
    """Return the URL with all passwords replaced by ``***``."""
    secret = [name for name in url.query if "password" in name]
    return url.update_query_dict(dict.fromkeys(secret, "***")).render_as_string(hide_password=True)


_EXPLANATIONS = {
    "moved away": "the file was moved or deleted. Put it back, or create a new journal.",
    "replaced by another": "another file is in its place. Put the original back, or open the journal again.",
    "log was deleted": "its -wal file was deleted. Keep -wal and -shm next to the journal; the service sends again.",
    "full": "the disk is full. Free some space; the service sends again.",
    "no space left": "the disk is full. Free some space; the service sends again.",
    "disk i/o error": "the disk cannot be read or written. Check its free space and its health.",
    "locked": "another program has locked the file. Close that program, or choose another journal.",
    "read-only transaction": "it is open for reading alone. Open it with simulate() or connect() to write into it.",
    "readonly": "the file is read-only. Copy it to a writable folder, or choose another path.",
    "read-only": "the file is read-only. Copy it to a writable folder, or choose another path.",
    "not a database": "the file is not an SQLite database. Choose another path.",
    "malformed": "the file is damaged. Restore a copy, or choose another path.",
    "unable to open": "the file or its folder cannot be opened. Create the folder, or choose a writable path.",
    "authentication failed": "the server rejects the user or the password. Correct the URL.",
    "no password supplied": "the server requires a password. Add it to the URL.",
    "invalid connection option": "the URL has an unknown option. Correct the URL.",
    "unrecognized configuration": "the URL has an unknown server setting. Correct the URL.",
    "bad value for": "an option in the URL has an invalid value. Correct the URL.",
    "resolve host": "the host is unknown. Correct the URL.",
    "does not exist": "the database or the user does not exist. Correct the URL, or create it.",
    "permission denied": "the user lacks a permission. Grant it, or use another user in the URL.",
    "timeout": "the server did not respond in time. Check the server; the service sends again.",
    "connection": "the server cannot be reached. Check that it runs, and check host and port in the URL.",
}


def explain_error(error: Exception) -> str:
    """Return the reason and the remedy of a database error.

    The SQL statement is omitted because it contains the content of messages.
    """
    original = getattr(error, "orig", None if isinstance(error, SQLAlchemyError) else error)
    # Further lines of PostgreSQL may show the row.
    primary = getattr(getattr(original, "diag", None), "message_primary", None)
    message = (primary or str(original or type(error).__name__)).partition("\n")[0]
    lowered = message.lower()
    explanation = next((text for phrase, text in _EXPLANATIONS.items() if phrase in lowered), None)
    return f"{explanation} ({message})" if explanation else message
