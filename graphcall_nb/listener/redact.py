"""A log filter that removes the secret path of a callback."""

from __future__ import annotations

import logging

_HTTPX_LOGGER = logging.getLogger("httpx")


class RedactFilter(logging.Filter):
    """Replaces a secret in httpx's log messages, which contain the URL of each request. Use it in a ``with`` statement.

    Parameters
    ----------
    secret : text to replace

    Examples
    --------
    >>> with RedactFilter("s3cret"):
    ...     logging.getLogger("httpx").info("POST https://bot.contoso.com/%s", "s3cret")
    """

    def __init__(self, secret: str) -> None:
        super().__init__()
        self._secret = secret

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace the secret in a record and keep the record."""
        message = record.getMessage()
        if self._secret in message:
            record.msg, record.args = message.replace(self._secret, "…"), None
        return True

    def __enter__(self) -> None:
        _HTTPX_LOGGER.addFilter(self)

    def __exit__(self, *_: object) -> None:
        _HTTPX_LOGGER.removeFilter(self)
