"""Journals for tests of the call store: records in a list instead of a database."""

import asyncio
import json

from graphcall_nb.graph.notifications import read_notifications
from graphcall_nb.journal.records import NotificationRecord


class ListJournal:
    """The reading side of a journal, over records in memory."""

    rewind_count = 0
    write_error = None

    def __init__(self, records=()):
        self.records = list(records)
        self.reads = 0
        self.cancelled_waits = 0
        self._changed = asyncio.Event()

    def read(self, after=0, limit=None, *, selection=None):
        self.reads += 1
        chosen = dict(selection.where).get("call_id") if selection else None
        return [each for each in self.records if each.seq > after and chosen in (None, (each.call_id,))][:limit]

    async def wait(self, after):
        try:
            while not self.records or self.records[-1].seq <= after:
                self._changed.clear()
                await self._changed.wait()
        except asyncio.CancelledError:
            self.cancelled_waits += 1
            raise

    def append(self, *notifications):
        """Add notifications as they arrive in an envelope."""
        items = read_notifications(json.dumps({"value": list(notifications)}))
        start = len(self.records) + 1
        self.records += [NotificationRecord(seq, seq, *item) for seq, item in enumerate(items, start)]
        self._changed.set()


def notification(path, data, change="updated"):
    """Return a notification about a call, ``"57"``, or a part of it, ``"57/operations/1"``."""
    return {"changeType": change, "resourceUrl": f"/communications/calls/{path}", "resourceData": data}
