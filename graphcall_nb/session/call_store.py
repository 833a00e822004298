"""State of each call, read from the journal, and waiting for its next one."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from math import isnan
from numbers import Real
from types import NoneType
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from .._arguments import require_type
from .._interrupts import run_to_end
from .._text import pluralize
from .._urls import redact_path
from ..errors import CallEnded, SessionClosed, Timeout
from ..graph.history import CallEvent, CallHistory
from ..graph.json_fields import get_object, parse_object
from ..graph.operations import Operation
from ..graph.results import explain
from ..journal.journal import Journal
from ..journal.records import NotificationRecord
from ..journal.selection import make_selection

if TYPE_CHECKING:
    from ..tunnels.tunnel import Tunnel  # its package is loaded when a tunnel is selected

T = TypeVar("T")

MAX_ENDED_CALLS = 5_000
"""Calls that have ended, and calls without a notification, that are kept in memory; older ones are read again."""

MIN_SHORT_ID_CHARS = 4
"""Characters of a shortened id; fewer would match by chance."""

PART_ROWS = 1_000
"""Notifications that are read at a time on the event loop."""

INCOMING = "incoming"

_NO_SEQUENCE_ID = 2**63
"""Sorts tones without a sequence id after those with one."""


@dataclass(frozen=True)
class CallbackAddress:
    """Address for notifications: the listener's own, or that of the tunnel that leads to it.

    Attributes
    ----------
    local_uri : address of the listener on this machine, with its secret path
    tunnel : leads to the listener from outside; ``None`` if the service is on this machine

    Examples
    --------
    >>> CallbackAddress("http://127.0.0.1:8080/api/calls/x").uri
    'http://127.0.0.1:8080/api/calls/x'
    """

    local_uri: str = field(default="", repr=False)
    tunnel: Tunnel | None = None

    @property
    def uri(self) -> str:
        """Address for new calls. A tunnel that reopens at another URL changes it."""
        url = self.tunnel.status.url if self.tunnel is not None else None
        return self.local_uri if url is None else url + urlsplit(self.local_uri).path

    def is_stale(self, uri: str) -> bool:
        """Return True if an address belongs to a former URL of the tunnel."""
        return self.tunnel is not None and self.tunnel.is_stale_url(uri)


@dataclass(slots=True)
class CallStatus:
    """Present status of one call, from its notifications.

    Attributes
    ----------
    history : visits of the call to its states
    result : last ``(code, subcode, message)`` that came with the call itself
    operations : last notification of each operation, JSON text, by :func:`normalize_id` of its id
    announcement : notification that announced an incoming call, JSON text
    tones : keys that the callee pressed, by sequence id
    callback_uri : address that its notifications go to, if this session sent one
    refused_before : requests by status that the listener had refused when this session made the call
    is_delivered : true if ``wait_for_incoming`` has returned the call
    """

    history: CallHistory = field(default_factory=CallHistory)
    result: tuple[int | None, int | None, str | None] = (None, None, None)
    operations: dict[str, str] = field(default_factory=dict)
    announcement: str | None = None
    tones: dict[int, str] = field(default_factory=dict)
    callback_uri: str | None = None
    refused_before: Counter[int] | None = None
    is_delivered: bool = False

    @property
    def state(self) -> str | None:
        """Present state; ``None`` before the first notification."""
        return self.history.state

    @property
    def states(self) -> list[str]:
        """States of all visits, the present one last."""
        return self.history.states

    @property
    def visited(self) -> set[str]:
        """All states that the call has visited."""
        return self.history.visited

    @property
    def has_ended(self) -> bool:
        """True if the call is terminated."""
        return self.history.has_ended

    def add(self, record: NotificationRecord) -> None:
        """Add a notification about the call or about one of its operations."""
        if record.entity == "operation":
            self._add_operation(record)
            return
        event = CallEvent.from_record(record)
        self.history.add(event)
        if event.state == INCOMING and self.announcement is None:
            self.announcement = record.raw
        if record.tone:
            self.tones[_read_sequence_id(record)] = record.tone
        result = (record.result_code, record.result_subcode, record.result_message)
        if any(part is not None for part in result):
            self.result = result

    def _add_operation(self, record: NotificationRecord) -> None:
        id = normalize_id(record.resource.rpartition("/")[2])
        # An operation that has ended is deleted; later notifications about it are late.
        if record.change_type == "deleted" or id not in self.operations:
            self.operations[id] = record.raw

    def get_operation(self, operation_id: str) -> Operation:
        """Return an operation as last notified; without a notification, one without a status."""
        raw = self.operations.get(normalize_id(operation_id))
        return Operation.from_json_dict(read_resource_data(raw))

    def describe_result(self) -> str:
        """Return in words why the call ended."""
        code, subcode, message = self.result
        if code is None and subcode is None:
            return message or "the service gave no reason."
        return str(explain(code, subcode))


def normalize_id(id: str) -> str:
    """Return an id without dashes and in lower case: Graph's pages write the same id in several ways.

    Examples
    --------
    >>> normalize_id("0FE0-623F")
    '0fe0623f'
    """
    return id.replace("-", "").lower()


def read_resource_data(raw: str | None) -> dict[str, Any]:
    """Return the resource that a notification is about; an empty dict if it has none."""
    return get_object(parse_object(raw), "resourceData")


def _read_sequence_id(record: NotificationRecord) -> int:
    """Return the sequence id of a tone, used to drop duplicates; tones without one sort last."""
    number = get_object(read_resource_data(record.raw), "toneInfo").get("sequenceId")
    return number if isinstance(number, int) else _NO_SEQUENCE_ID + record.seq


class CallStore:
    """Status of every call in a journal. It follows the journal, and its coroutines wait for new notifications.

    Live calls are all kept in memory. Of the calls that have ended, and of those without any notification, the oldest
    are dropped, so that a session of days does not grow; :meth:`status` reads a dropped call from the journal again.

    Parameters
    ----------
    journal : Journal
        Source of the notifications.
    callback : CallbackAddress
        Address of the listener for new calls.
    max_ended_calls : int
        Calls of each kind that are kept.
    count_refused : callable
        Returns the number of requests that the listener has refused, by status.

    Notes
    -----
    Every method may be called from any thread; the coroutines belong to one event loop. Coroutines that wait share one
    reading of the journal, so each notification is read once for any number of them. After :meth:`close`, every method
    raises :class:`~graphcall_nb.errors.SessionClosed`.

    Examples
    --------
    >>> from graphcall_nb.journal.journal import open_journal
    >>> calls = CallStore(open_journal())
    >>> calls.status("57").state is None
    True
    """

    def __init__(
        self,
        journal: Journal,
        callback: CallbackAddress = CallbackAddress(),
        *,
        max_ended_calls: int = MAX_ENDED_CALLS,
        count_refused: Callable[[], Mapping[int, int]] = dict,
    ) -> None:
        self.callback = callback
        self._journal = journal
        self._max_ended_calls = max_ended_calls
        self._count_refused = count_refused
        self._lock = threading.RLock()
        self._closed = False
        self._reading: asyncio.Task[int] | None = None
        self._waiters = 0
        self._reset()

    def _reset(self) -> None:
        self._rewind_count = self._journal.rewind_count
        self._last_seq = 0
        self._count = 0
        self._has_dropped = False
        self._calls: dict[str, CallStatus] = {}
        self._unnotified: OrderedDict[str, None] = OrderedDict()
        self._ended: OrderedDict[str, None] = OrderedDict()

    def close(self) -> None:
        """Refuse every later question."""
        self._closed = True

    # ---- status

    def update(self) -> int:
        """Read the new notifications of the journal and return the number of the last one."""
        if self._closed:
            raise SessionClosed()
        return run_to_end(self._update)

    async def _update_in_parts(self) -> int:
        """Read the new notifications as :meth:`update` does; between the parts, the event loop goes on."""
        while True:
            before = self._last_seq
            if self._closed:
                raise SessionClosed()
            if self._update(PART_ROWS) < before + PART_ROWS:
                return self._last_seq
            await asyncio.sleep(0)

    def _update(self, limit: int | None = None) -> int:
        with self._lock:
            if self._rewind_count != self._journal.rewind_count:
                self._reset()
            for record in self._journal.read(self._last_seq, limit):
                self._last_seq = record.seq
                self._add(record)
            self._drop_oldest()
            return self._last_seq

    def status(self, call_id: str) -> CallStatus:
        """Return the status of a call, with every notification in the journal; empty for an unknown call."""
        self.update()
        return run_to_end(lambda: self._get(call_id))

    def count(self) -> int:
        """Return the number of calls in the journal that have a notification."""
        self.update()
        return self._count

    def find_ids(self, text: str) -> list[str]:
        """Return the ids of the calls that an id means, also one that is shortened as in frames and widgets.

        Parameters
        ----------
        text : str
            A whole id, or its beginning or end, with or without an ellipsis.
        """
        self.update()
        with self._lock:
            ids = {call_id: normalize_id(call_id) for call_id in self._calls}
        wanted = normalize_id(text.strip())
        same = [call_id for call_id, normalized in ids.items() if normalized == wanted]
        start, ellipsis, end = wanted.replace("...", "…").partition("…")
        if same or len(start + end) < MIN_SHORT_ID_CHARS:
            return same
        if ellipsis:
            return [call_id for call_id, each in ids.items() if each.startswith(start) and each.endswith(end)]
        return [call_id for call_id, each in ids.items() if each.startswith(start) or each.endswith(start)]

    def find_id(self, text: str) -> str | None:
        """Return the id of the call in the journal that a whole or shortened id means.

        Raises
        ------
        ValueError
            When several calls are meant.
        """
        ids = self.find_ids(text)
        if len(ids) > 1:
            raise ValueError(f"{text!r} is short for {len(ids)} calls: {', '.join(ids[:5])}; give more of the id.")
        return ids[0] if ids else None

    def complete_id(self, call_id: str) -> str:
        """Return the whole id for a shortened one; an unknown id as it is."""
        return (self.find_id(call_id) if isinstance(call_id, str) else None) or call_id

    def incoming_ids(self) -> list[str]:
        """Return the ids of the calls that ring at the application now, the oldest first."""
        self.update()
        return run_to_end(self._find_incoming)

    def expect(self, call_id: str, callback_uri: str | None = None) -> None:
        """Add a new call, so that it is not looked up in the journal before its first notification.

        Parameters
        ----------
        call_id : str
            Id that the service gave to the call.
        callback_uri : str, optional
            Address that the notifications of the call go to.
        """
        with self._lock:
            if call_id not in self._calls:
                self._calls[call_id] = CallStatus(refused_before=Counter(self._count_refused()))
                self._unnotified[call_id] = None
                self._drop_oldest()
            if callback_uri is not None and call_id in self._calls:
                self._calls[call_id].callback_uri = callback_uri

    def callback_uri(self, call_id: str) -> str:
        """Return the address for notifications of a call: the one it was sent with, else the present one."""
        return run_to_end(lambda: self._get(call_id)).callback_uri or self.callback.uri

    def stale_ids(self) -> list[str]:
        """Return the ids of live calls whose notifications go to a former address of the tunnel."""
        self.update()
        return run_to_end(self._find_stale)

    def _find_stale(self) -> list[str]:
        with self._lock:
            return [
                call_id
                for call_id, status in self._calls.items()
                if status.callback_uri and not status.has_ended and self.callback.is_stale(status.callback_uri)
            ]

    def _get(self, call_id: str) -> CallStatus:
        with self._lock:
            if self._has_dropped and call_id not in self._calls:
                self._restore(call_id)
            return self._calls.get(call_id) or CallStatus()

    def _restore(self, call_id: str) -> None:
        """Read all notifications of a call that may have been dropped."""
        count = self._count
        for record in self._journal.read(selection=make_selection(where={"call_id": call_id})):
            if record.seq <= self._last_seq:  # update() reads the newer ones
                self._add(record)
        self._count = count
        self.expect(call_id)
        self._drop_oldest()

    def _add(self, record: NotificationRecord) -> None:
        if record.entity not in ("call", "operation"):
            return
        call_id = record.call_id
        if call_id not in self._calls or call_id in self._unnotified:
            self._unnotified.pop(call_id, None)
            self._calls.setdefault(call_id, CallStatus())
            self._count += 1
        status = self._calls[call_id]
        status.add(record)
        if status.has_ended:
            self._ended[call_id] = None

    def _drop_oldest(self) -> None:
        for call_ids in (self._ended, self._unnotified):
            while len(call_ids) > self._max_ended_calls:
                del self._calls[call_ids.popitem(last=False)[0]]
                self._has_dropped = True

    def _find_incoming(self) -> list[str]:
        with self._lock:
            return [call_id for call_id, status in self._calls.items() if status.state == INCOMING]

    # ---- waiting

    async def wait_for_state(
        self,
        call_id: str,
        states: Iterable[str],
        timeout: float | None,  # noqa: ASYNC109 - reported in the error
        *,
        now: bool = False,
    ) -> None:
        """Wait until a call has been in one of ``states``; see :meth:`graphcall_nb.CallHandle.wait_for`."""
        expected = frozenset(states)
        names = " or ".join(sorted(expected))

        def check() -> bool | None:
            status = self._get(call_id)
            if expected & ({status.state} if now else status.visited):
                return True
            if status.has_ended:
                raise CallEnded(f"The call ended before it was {names}: {status.describe_result()}")
            return None

        def describe(span: str) -> str:
            present = self.status(call_id).state or "without any notification yet"
            return f"The call was not {names} {span}; it is {present}"

        await self.wait_until(check, timeout, describe, call_id)

    async def wait_for_operation(
        self,
        call_id: str,
        operation_id: str,
        timeout: float | None,  # noqa: ASYNC109 - reported in the error
    ) -> Operation:
        """Wait until an operation has ended; see :meth:`graphcall_nb.CallHandle.wait_for_operation`."""

        def check() -> Operation | None:
            status = self._get(call_id)
            operation = status.get_operation(operation_id)
            if operation.done:
                return operation
            if status.has_ended:
                raise CallEnded(f"The call ended before the operation {operation_id}: {status.describe_result()}")
            return None

        return await self.wait_until(check, timeout, lambda span: f"The operation {operation_id} did not end {span}")

    async def wait_for_tone(
        self,
        call_id: str,
        delivered: set[int],
        timeout: float | None,  # noqa: ASYNC109 - reported in the error
    ) -> str:
        """Wait for a tone whose sequence id is not in ``delivered``, and add it there.

        See :meth:`graphcall_nb.CallHandle.wait_for_tone`.
        """

        def check() -> str | None:
            status = self._get(call_id)
            for sequence_id, tone in sorted(status.tones.items()):
                if sequence_id not in delivered:
                    delivered.add(sequence_id)
                    return tone
            if status.has_ended:
                raise CallEnded(f"The call ended before another key was pressed: {status.describe_result()}")
            return None

        return await self.wait_until(check, timeout, lambda span: f"The callee pressed no key {span}")

    async def wait_for_incoming(
        self,
        timeout: float | None,  # noqa: ASYNC109 - reported in the error
    ) -> str:
        """Wait for an incoming call that was not returned before, and return its id."""

        def check() -> str | None:
            for call_id in self._find_incoming():
                status = self._get(call_id)
                if not status.is_delivered:
                    status.is_delivered = True
                    return call_id
            return None

        return await self.wait_until(check, timeout, lambda span: f"No call came in {span}")

    async def wait_until(
        self,
        check: Callable[[], T | None],
        timeout: float | None,  # noqa: ASYNC109 - reported in the error
        describe: Callable[[str], str],
        call_id: str | None = None,
    ) -> T:
        """Call ``check`` after each new notification until it returns something else than ``None``.

        Parameters
        ----------
        check : callable
            Called once at the beginning and then after new notifications were read.
        timeout : float or None
            In seconds; ``None`` waits without end.
        describe : callable
            Makes the beginning of the error message from the elapsed time in words.
        call_id : str, optional
            Call whose notifications are awaited; the error message explains why they may not come.

        Raises
        ------
        Timeout
            If ``check`` returned ``None`` until the time was over.
        """
        require_type("timeout", timeout, (Real, NoneType), "a number of seconds, or None")
        if timeout is not None and isnan(timeout):
            raise ValueError("timeout: give a number of seconds, or None, not nan.")
        refused_before = Counter(self._count_refused())
        try:
            seq = await self._update_in_parts()
            async with asyncio.timeout(timeout):
                while (result := check()) is None:
                    seq = await self._wait_for_news(seq)
                return result
        except TimeoutError:
            advice = self._journal.write_error or self._explain_silence(call_id, refused_before)
            raise Timeout(f"{describe(f'within {timeout:g} s')}. {advice}") from None

    def _explain_silence(self, call_id: str | None, refused_before: Counter[int]) -> str:
        """Return why notifications may not have come, and what to do."""
        status = CallStatus() if call_id is None else self._get(call_id)
        sentences = []
        if status.callback_uri and status.callback_uri != self.callback.uri:
            is_former = self.callback.is_stale(status.callback_uri)
            sentences.append(
                f"Its notifications go to {redact_path(status.callback_uri)}, "
                + ("a former address of the tunnel" if is_former else "which does not lead to this session")
                + "; create the call without callbackUri to receive them here."
            )
        # The call may have been refused before the wait began.
        refused = Counter(self._count_refused()) - (status.refused_before or refused_before)
        if refused:
            counts = ", ".join(f"{count} with status {code}" for code, count in sorted(refused.items()))
            sentences.append(
                f"Meanwhile the listener refused {pluralize(refused.total(), 'request')} ({counts}); session.doctor() "
                "checks why."
            )
        return " ".join(sentences) or "Wait longer with timeout=…, or look at session.notifications()."

    async def _wait_for_news(self, seq: int) -> int:
        """Wait until notifications after ``seq`` were read, and return the number of the last one."""
        if self._last_seq != seq:  # another thread has read since
            return self._last_seq
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read_next(seq))
        reading = self._reading
        self._waiters += 1
        try:
            await asyncio.shield(reading)
        finally:
            self._waiters -= 1
            if not self._waiters:
                reading.cancel()
        return self._last_seq

    async def _read_next(self, seq: int) -> int:
        await self._journal.wait(seq)
        return await self._update_in_parts()
