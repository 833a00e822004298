"""The messages of a simulator and a bot, written into a journal."""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

from ..errors import InvalidNotification, JournalError
from ..graph.notifications import read_notifications
from ..journal.database import SIMULATED
from ..journal.journal import Journal
from ..journal.origin import Origin
from ..journal.records import RequestRecord
from ..simulator.message_log import DeliveryEntry, Entry, MessageLog, RequestEntry

log = logging.getLogger("graphcall_nb")


class SimulatorJournal:
    """Writes the requests of bots, and the notifications that they accepted, as a session would.

    Parameters
    ----------
    messages : MessageLog
    journal : Journal
        Closed by :meth:`aclose`.

    Raises
    ------
    JournalError
        When the journal holds calls of Microsoft Graph.
    """

    def __init__(self, messages: MessageLog, journal: Journal, *, tenant_id: str) -> None:
        self._messages = messages
        self._journal = journal
        self._base_url = ""
        self._tasks: set[asyncio.Task[None]] = set()
        self._has_failed = False
        journal.claim(
            Origin(
                SIMULATED,
                tenant_id=tenant_id,
                package_version=metadata.version("graphcall-nb"),
                began_at=datetime.now(UTC),
            )
        )

    def start(self, base_url: str) -> None:
        """Write each message from now on; ``base_url`` is the address of the simulator."""
        self._base_url = base_url
        self._messages.watch(self._add)

    def _add(self, entry: Entry) -> None:
        writing = self._write_request(entry) if isinstance(entry, RequestEntry) else self._write_notifications(entry)
        task = asyncio.get_running_loop().create_task(writing)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _write_request(self, entry: RequestEntry) -> None:
        if not entry.operation:
            return  # a document of keys
        shown = self._messages.show_request(entry)
        record = RequestRecord(
            seq=0,
            sent_at_us=int(entry.at * 1e6),
            method=entry.method,
            url=self._base_url + shown.path,
            operation=entry.operation,
            call_id=entry.call_id or None,
            status=entry.status,
            duration_us=int((entry.duration or 0) * 1e6),
            request_id=entry.request_id or None,
            client_request_id=entry.client_request_id or None,
            request_body=_to_json(shown.body),
            response_body=_to_json(shown.response),
            error=None if entry.status else "no response",
        )
        try:
            await self._journal.append_request(record)
        except JournalError as error:
            self._report(error)

    async def _write_notifications(self, entry: DeliveryEntry) -> None:
        if entry.result is None or not entry.result.is_delivered:
            return
        received_at_us = int((entry.at + (entry.duration or 0)) * 1e6)
        try:
            notifications = read_notifications(json.dumps(entry.delivery.body, ensure_ascii=False))
            await self._journal.append(notifications, received_at_us)
        except InvalidNotification:
            return  # the format from before Graph, which the bot gets again in Graph's
        except JournalError as error:
            self._report(error)

    def _report(self, error: JournalError) -> None:
        """Log the first error alone; each further message would repeat it."""
        if not self._has_failed:
            self._has_failed = True
            log.error("The journal does not get the messages of the simulator: %s", error)

    async def aclose(self) -> None:
        """Wait until everything is written, and close the journal."""
        while self._tasks:
            await asyncio.wait(self._tasks)
        self._journal.close()


def _to_json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)
