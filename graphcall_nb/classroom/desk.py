"""What a student's notebook asks the room for: the card of its seat, and what came in for it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine, Mapping
from typing import Any
from urllib.parse import parse_qs

from ..journal.journal import Journal
from ..listener.app import Listener

WAIT_SECONDS = 20.0
"""How long an answer waits for news; less than what proxies take for a connection that hangs."""

MOST_ROWS = 5_000
"""In one answer."""


class SeatDesk:
    """Two ASGI applications for one seat. Whoever knows their path may ask; the path holds the seat's secret."""

    def __init__(self, card: Mapping[str, Any], journal: Journal, listener: Listener, dismissed: asyncio.Event) -> None:
        self._card = card
        self._journal = journal
        self._listener = listener
        self._dismissed = dismissed

    async def card(self, scope: Any, receive: Any, send: Any) -> None:
        """What a notebook needs to sign in."""
        await _answer(send, self._card)

    async def notifications(self, scope: Any, receive: Any, send: Any) -> None:
        """Rows of the journal after a number (``?after=12``), at once or when there are some, else none."""
        given = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("after", ["0"])[0]
        after = int(given) if given.isdigit() else 0
        await _first_of(self._journal.wait(after), _gone(receive), self._dismissed.wait(), seconds=WAIT_SECONDS)
        rows = self._journal.read(after, MOST_ROWS)
        await _answer(send, {"rows": rows, "refused": self._listener.refused})


async def _first_of(*awaited: Coroutine[Any, Any, object], seconds: float) -> None:
    """Wait until one of them is done, at most so long; the others are cancelled."""
    tasks = [asyncio.ensure_future(one) for one in awaited]
    try:
        await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _gone(receive: Any) -> None:
    """Wait until who asked is no longer there."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _answer(send: Any, content: Any) -> None:
    body = json.dumps(content).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
