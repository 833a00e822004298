"""Secrets of addresses, kept out of the logs of the HTTP library that may ask for them."""

from __future__ import annotations

import logging

_LOGGER = logging.getLogger("httpx")


class Hidden(logging.Filter):
    """Replaces a secret in what httpx logs of each request: its whole address.

    Examples
    --------
    >>> with Hidden("s3cret"):
    ...     logging.getLogger("httpx").info("POST https://bot.contoso.com/%s", "s3cret")
    """

    def __init__(self, secret: str) -> None:
        super().__init__()
        self._secret = secret

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if self._secret in message:
            record.msg, record.args = message.replace(self._secret, "…"), None
        return True

    def __enter__(self) -> None:
        _LOGGER.addFilter(self)

    def __exit__(self, *_: object) -> None:
        _LOGGER.removeFilter(self)
