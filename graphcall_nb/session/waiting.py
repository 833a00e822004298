"""What a session knows of its calls from the journal, without pandas, and how it waits for news."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from math import isnan
from numbers import Real
from types import NoneType
from typing import Any, TypeVar

from ..errors import CallEnded, InvalidCall, Timeout
from ..journal import Journal, Selection
from ..models import Call, Operation
from ..results import explain
from ..slips import checked
from ..tracker import Standing, Tracker, same_id
from .handle import CallHandle

T = TypeVar("T")

INCOMING = "incoming"


class Waiting:
    """The part of a session that follows the journal."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self._tracker = Tracker()
        self._tracker_lock = threading.Lock()
        self._handed_out: set[str] = set()
        self._reading: asyncio.Task[None] | None = None
        self._waiters = 0

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the session's event loop and wait for it."""
        raise NotImplementedError

    def _handle(self, call: Call) -> CallHandle:
        raise NotImplementedError

    @contextmanager
    def _followed(self) -> Iterator[Tracker]:
        """The tracker with all that is in the journal."""
        with self._tracker_lock:
            self._tracker.feed(self.journal.read(self._tracker.after))
            yield self._tracker

    def standing(self, call_id: str) -> Standing:
        """Where a call stands, as far as the journal knows; cheap, and without pandas."""
        with self._followed():
            pass
        return self._known(call_id)

    def _known(self, call_id: str) -> Standing:
        """Where a call stands, as far as the journal was read."""
        with self._tracker_lock:
            if self._tracker.forgot(call_id):
                chosen = Selection.of(where={"call_id": call_id})
                self._tracker.recall(call_id, self.journal.read(selection=chosen))
            return self._tracker[call_id]

    def _expect(self, call_id: str) -> None:
        """A call that was just placed; the journal need not be searched for it."""
        with self._tracker_lock:
            self._tracker.expect(call_id)

    # ---- incoming calls

    def incoming(self) -> list[CallHandle]:
        """The calls that ring at the application now and were neither answered, rejected nor redirected."""
        with self._followed():
            pass
        return self._ringing()

    def _ringing(self) -> list[CallHandle]:
        with self._tracker_lock:
            found = [(call_id, self._tracker[call_id]) for call_id in self._tracker.in_state(INCOMING)]
        return [self._announced(call_id, standing) for call_id, standing in found]

    def wait_for_incoming(self, timeout: float | None = 30.0) -> CallHandle:
        """Wait for a call that comes in; each is given out once, the oldest first.

        Parameters
        ----------
        timeout : in seconds; ``None`` waits without end. Interrupting the cell ends the wait.

        Returns
        -------
        CallHandle
            ``call.source`` says who calls. Graph waits 15 seconds for its ``answer()``, ``reject()`` or ``redirect()``.

        Raises
        ------
        Timeout
            When nobody calls in time.
        """
        return self.run(self._next_incoming(timeout))

    async def _next_incoming(self, seconds: float | None) -> CallHandle:
        def look() -> CallHandle | None:
            ringing = self._ringing()
            self._handed_out.intersection_update(call.id for call in ringing)
            for call in ringing:
                if call.id not in self._handed_out:
                    self._handed_out.add(call.id)
                    return call
            return None

        return await self._until(look, seconds, lambda span: f"Nobody called {span}")

    def _announced(self, call_id: str, standing: Standing) -> CallHandle:
        try:
            call = Call.from_json_dict({**_entity(standing.announced), "id": call_id})
        except InvalidCall:
            # However oddly it was announced, it can be answered.
            call = Call(id=call_id, state=INCOMING)
        return self._handle(call)

    # ---- waiting

    async def _reached(self, call_id: str, states: frozenset[str], seconds: float | None, *, now: bool = False) -> None:
        """Wait until a call has been in one of ``states``; see :meth:`CallHandle.wait_for`."""
        wanted = " or ".join(sorted(states))

        def look() -> bool | None:
            standing = self._known(call_id)
            if states & ({standing.state} if now else standing.visited):
                return True
            if standing.ended:
                raise CallEnded(f"The call ended before it was {wanted}: {_why(standing)}")
            return None

        def told(span: str) -> str:
            present = self.standing(call_id).state or "without any notification yet"
            return f"The call was not {wanted} {span}; it is {present}"

        await self._until(look, seconds, told)

    async def _operation_ended(self, call_id: str, operation_id: str, seconds: float | None) -> Operation:
        """Wait until an operation has ended; see :meth:`CallHandle.wait_for_operation`."""

        def look() -> Operation | None:
            standing = self._known(call_id)
            operation = Operation.from_json_dict(_entity(standing.operations.get(same_id(operation_id))))
            if operation.done:
                return operation
            if standing.ended:
                raise CallEnded(f"The call ended before the operation {operation_id}: {_why(standing)}")
            return None

        return await self._until(look, seconds, lambda span: f"The operation {operation_id} did not end {span}")

    async def _next_tone(self, call_id: str, heard: set[int], seconds: float | None) -> str:
        """Wait for a tone that is not among those heard, and put it there; see :meth:`CallHandle.wait_for_tone`."""

        def look() -> str | None:
            standing = self._known(call_id)
            for number, tone in sorted(standing.tones.items()):
                if number not in heard:
                    heard.add(number)
                    return tone
            if standing.ended:
                raise CallEnded(f"The call ended before another key was pressed: {_why(standing)}")
            return None

        return await self._until(look, seconds, lambda span: f"No key was pressed {span}")

    async def _until(self, look: Callable[[], T | None], seconds: float | None, told: Callable[[str], str]) -> T:
        """What ``look`` finds; it looks again whenever there is news in the journal."""
        checked("timeout", seconds, (Real, NoneType), "a number of seconds, or None")
        if seconds is not None and isnan(seconds):
            raise ValueError("timeout: give a number of seconds, or None, not nan.")
        try:
            async with asyncio.timeout(seconds):
                with self._followed() as tracker:
                    known = tracker.after
                while (found := look()) is None:
                    known = await self._news(known)
                return found
        except TimeoutError:
            trouble = self.journal.trouble
            advice = trouble or "Wait longer with timeout=…, or look at session.notifications()."
            raise Timeout(f"{told(f'within {seconds:g} s')}. {advice}") from None

    async def _news(self, known: int) -> int:
        """Wait until more of the journal has been read than up to ``known``; returns up to where.

        All who wait share one reading: a journal is asked once for each piece of news, however many wait for it.
        """
        if self._tracker.after != known:  # another thread has read since
            return self._tracker.after
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read_on(known))
        reading = self._reading
        self._waiters += 1
        try:
            await asyncio.shield(reading)
        finally:
            self._waiters -= 1
            if not self._waiters:
                reading.cancel()
        return self._tracker.after

    async def _read_on(self, known: int) -> None:
        await self.journal.wait(known)
        with self._followed():
            pass


def _entity(raw: str | None) -> dict[str, Any]:
    """What a notification tells of, or nothing."""
    data = json.loads(raw).get("resourceData") if raw else None
    return data if isinstance(data, dict) else {}


def _why(standing: Standing) -> str:
    code, subcode, message = standing.result
    if code is None and subcode is None:
        return message or "the service gave no reason."
    return str(explain(code, subcode))
