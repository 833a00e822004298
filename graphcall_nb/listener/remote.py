"""A listener on another machine that keeps what came in until it is asked for: the one of a class."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import httpx

from ..errors import JournalError
from ..journal.journal import Journal
from ..journal.records import NotificationRecord

log = logging.getLogger(__name__)
log.addHandler(logging.NullHandler())  # else Python's last resort would print from the background thread

ANSWER_SECONDS = 60.0
"""Longer than the other side waits for news before it answers that there is none."""

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
"""Before it is asked again after it did not answer: longer each time."""


class RemoteListener:
    """Copies into a journal of this machine what a listener elsewhere took.

    Attributes
    ----------
    accepted, refused, last_received_us : as a :class:`~graphcall_nb.listener.app.Listener` says them

    Parameters
    ----------
    url : where rows are to be had (``?after=`` the last one that is known)
    journal : where they go
    client : asks for them
    """

    def __init__(self, url: str, journal: Journal, client: httpx.AsyncClient) -> None:
        self._url = url
        self._journal = journal
        self._client = client
        self._after = 0
        self._task: asyncio.Task[None] | None = None
        self.accepted = 0
        self.refused: dict[int, int] = {}
        self.last_received_us: int | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                await self._take(await self._ask())
                pause = FIRST_PAUSE
            except (httpx.HTTPError, ValueError, KeyError, JournalError) as error:
                log.warning("What came in could not be fetched (%s); it is tried again.", type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    async def _ask(self) -> dict[str, Any]:
        answer = await self._client.get(self._url, params={"after": self._after}, timeout=ANSWER_SECONDS)
        found: dict[str, Any] = answer.raise_for_status().json()
        return found

    async def _take(self, found: dict[str, Any]) -> None:
        self.refused = {int(status): count for status, count in found["refused"].items()}
        records = list(map(NotificationRecord._make, found["rows"]))
        # Together, so that they share a commit. The tasks start, and therefore write, in this order.
        await asyncio.gather(
            *(self._journal.append([record.to_notification()], record.received_at_us) for record in records)
        )
        if records:
            self._after, self.last_received_us = records[-1].seq, records[-1].received_at_us
            self.accepted += len(records)

    async def close(self) -> None:
        """Ask no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
