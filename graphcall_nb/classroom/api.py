"""Requests of a student's notebook: credentials, and new notifications."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine, Mapping
from typing import Any
from urllib.parse import parse_qs

from ..journal.journal import Journal
from ..listener.app import Listener

MAX_WAIT_SECONDS = 20.0
"""Longest wait for a new notification; proxies take a longer one for a connection that hangs."""

MAX_ROWS = 5_000
"""Notifications in one response."""


MAX_RESULT_BYTES = 1_000
MAX_RESULTS = 50
"""Exercises of one student; more would be no exercises of this package."""


class StudentApi:
    """ASGI applications for one student. Their path holds the student's secret, so they need no sign-in.

    Parameters
    ----------
    credentials : dict
        JSON object that a notebook needs to sign in.
    journal : Journal
        Notifications of the student.
    listener : Listener
        The student's listener.
    closing : asyncio.Event
        Ends every wait once it is set.

    Attributes
    ----------
    results : dict of str to bool
        Exercises that the student checked, and if they are solved.
    """

    def __init__(
        self, credentials: Mapping[str, Any], journal: Journal, listener: Listener, closing: asyncio.Event
    ) -> None:
        self._credentials = credentials
        self._journal = journal
        self._listener = listener
        self._closing = closing
        self.results: dict[str, bool] = {}

    async def credentials(self, scope: Any, receive: Any, send: Any) -> None:
        """Send the credentials."""
        await send_json(send, self._credentials)

    async def notifications(self, scope: Any, receive: Any, send: Any) -> None:
        """Send the notifications after a number (``?after=12``), as soon as there are any; none after a while."""
        value = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("after", ["0"])[0]
        after = int(value) if value.isdigit() else 0
        await _wait_for_first(
            self._journal.wait(after), _wait_for_disconnect(receive), self._closing.wait(), timeout=MAX_WAIT_SECONDS
        )
        rows = self._journal.read(after, MAX_ROWS)
        await send_json(send, {"rows": rows, "refused": self._listener.refused})

    async def receive_result(self, scope: Any, receive: Any, send: Any) -> None:
        """Store the result of an exercise: ``{"exercise": "Retry", "solved": true}``; what was solved stays solved."""
        result = await _read_result(receive)
        if result is None or (len(self.results) >= MAX_RESULTS and result[0] not in self.results):
            await send_json(send, {"error": 'Send {"exercise": "Retry", "solved": true}.'}, 400)
            return
        exercise, solved = result
        self.results[exercise] = solved or self.results.get(exercise, False)
        await send_json(send, {"solved": sum(self.results.values())})


async def _read_result(receive: Any) -> tuple[str, bool] | None:
    """Return the exercise and if it is solved; ``None`` for another body."""
    body = b""
    while len(body) <= MAX_RESULT_BYTES:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    try:
        content = json.loads(body)
        exercise, solved = content["exercise"], content["solved"]
    except (ValueError, TypeError, LookupError, RecursionError):
        return None
    is_valid = len(body) <= MAX_RESULT_BYTES and isinstance(exercise, str) and isinstance(solved, bool)
    return (exercise, solved) if is_valid and exercise.isprintable() and exercise else None


async def _wait_for_first(*coroutines: Coroutine[Any, Any, object], timeout: float) -> None:  # noqa: ASYNC109 - no error
    """Wait until one of the coroutines is done or the time is over; cancel the others."""
    tasks = [asyncio.ensure_future(coroutine) for coroutine in coroutines]
    try:
        await asyncio.wait(tasks, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _wait_for_disconnect(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def send_json(send: Any, content: Any, status: int = 200) -> None:
    """Send a response with a JSON body, which no cache may keep."""
    body = json.dumps(content).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
