"""The secret path of the callback, kept out of the logs of the HTTP library that may post to it."""

from __future__ import annotations

import logging

_LOGGER = logging.getLogger("httpx")


class Hidden(logging.Filter):
    """Replaces a secret in what httpx logs of each request: its whole address."""

    def __init__(self, secret: str) -> None:
        super().__init__()
        self._secret = secret

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if self._secret in message:
            record.msg, record.args = message.replace(self._secret, "…"), None
        return True

    def start(self) -> None:
        _LOGGER.addFilter(self)

    def stop(self) -> None:
        _LOGGER.removeFilter(self)
