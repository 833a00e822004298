"""A listener on another machine, whose notifications are copied to a local journal: the listener of a class."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import httpx

from .._backoff import Backoff
from ..errors import JournalError
from ..journal.journal import Journal
from ..journal.records import NotificationRecord

log = logging.getLogger(__name__)
log.addHandler(logging.NullHandler())  # without a handler, Python prints warnings from the background thread

POLL_TIMEOUT_SECONDS = 60.0
"""Longer than the server holds a request until notifications arrive."""

RETRIES = Backoff(initial_seconds=0.2, max_seconds=5.0)


class RemoteListener:
    """Copies the notifications of a listener on another machine to a journal on this one.

    Attributes
    ----------
    accepted, refused, last_received_us : as in :class:`~graphcall_nb.listener.app.Listener`

    Parameters
    ----------
    url : URL that returns records (``?after=`` the last number that was read)
    journal : to write to
    client : HTTP client
    retries : delays after failed requests
    """

    def __init__(self, url: str, journal: Journal, client: httpx.AsyncClient, *, retries: Backoff = RETRIES) -> None:
        self._url = url
        self._journal = journal
        self._client = client
        self._retries = retries
        self._after = 0
        self._task: asyncio.Task[None] | None = None
        self.accepted = 0
        self.refused: dict[int, int] = {}
        self.last_received_us: int | None = None

    def start(self) -> None:
        """Start copying, on the running event loop."""
        self._task = asyncio.create_task(self._copy())

    async def _copy(self) -> None:
        delays = iter(self._retries)
        while True:
            try:
                await self._store(await self._fetch())
                delays = iter(self._retries)
            except (httpx.HTTPError, ValueError, KeyError, TypeError, JournalError) as error:
                log.warning("Cannot fetch notifications (%s); retrying.", type(error).__name__)
                await asyncio.sleep(next(delays))

    async def _fetch(self) -> dict[str, Any]:
        response = await self._client.get(self._url, params={"after": self._after}, timeout=POLL_TIMEOUT_SECONDS)
        content: dict[str, Any] = response.raise_for_status().json()
        return content

    async def _store(self, content: dict[str, Any]) -> None:
        self.refused = {int(status): count for status, count in content["refused"].items()}
        records = list(map(NotificationRecord._make, content["rows"]))
        # Together, so that they share a commit. The tasks start, and therefore write, in this order.
        await asyncio.gather(
            *(self._journal.append([record.to_notification()], record.received_at_us) for record in records)
        )
        if records:
            self._after, self.last_received_us = records[-1].seq, records[-1].received_at_us
            self.accepted += len(records)

    async def close(self) -> None:
        """Stop copying."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
