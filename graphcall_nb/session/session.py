"""The session: every part put together, with a synchronous interface."""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import threading
import weakref
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import Future
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from html import escape
from math import isnan
from numbers import Real
from pathlib import Path
from types import NoneType, TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar
from urllib.parse import urlsplit

from .._arguments import require_choice, require_text, require_type
from .._text import pluralize
from .._urls import redact_path
from ..background import Background
from ..client.calls import AsyncCalls
from ..diagnosis.checks import DiagnosisTarget, get_template, run_checks
from ..errors import CallEnded, IllegalAction, InvalidCall, JournalError, SessionClosed, Timeout
from ..graph.models import Call
from ..graph.operations import Operation
from ..graph.parse import parse_call
from ..graph.results import explain
from ..graph.templates import EXAMPLE_CALLBACK_URI
from ..graph.versions import ApiVersion
from ..journal.archive import ArchiveHeader, save
from ..journal.journal import Journal
from ..journal.selection import make_selection
from ..tunnels.tunnel import Tunnel
from .app_identity import AppIdentity
from .call import CallHandle
from .call_store import CallStatus, CallStore, normalize_id
from .selected import Since, frame_of, selection_of

if TYPE_CHECKING:
    import pandas as pd

    from ..frames import Frames
    from ..widgets.sync import JournalWatcher
    from .call_store import CallStore
    from .simulated_peer import SimulatedPeer

T = TypeVar("T")

INCOMING = "incoming"


class Waiting:
    """The part of a session that follows the journal."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self._tracker = CallStore()
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
    def _followed(self) -> Iterator[CallStore]:
        """The tracker with all that is in the journal."""
        with self._tracker_lock:
            self._tracker.feed(self.journal.read(self._tracker.after))
            yield self._tracker

    def call_status(self, call_id: str) -> CallStatus:
        """Where a call stands, as far as the journal knows; cheap, and without pandas."""
        with self._followed():
            pass
        return self._known(call_id)

    def _known(self, call_id: str) -> CallStatus:
        """Where a call stands, as far as the journal was read."""
        with self._tracker_lock:
            if self._tracker.forgot(call_id):
                chosen = make_selection(where={"call_id": call_id})
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

    def _announced(self, call_id: str, standing: CallStatus) -> CallHandle:
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
            present = self.call_status(call_id).state or "without any notification yet"
            return f"The call was not {wanted} {span}; it is {present}"

        await self._until(look, seconds, told)

    async def _operation_ended(self, call_id: str, operation_id: str, seconds: float | None) -> Operation:
        """Wait until an operation has ended; see :meth:`CallHandle.wait_for_operation`."""

        def look() -> Operation | None:
            standing = self._known(call_id)
            operation = Operation.from_json_dict(_entity(standing.operations.get(normalize_id(operation_id))))
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
        require_type("timeout", seconds, (Real, NoneType), "a number of seconds, or None")
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
            trouble = self.journal.write_error
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


def _why(standing: CallStatus) -> str:
    code, subcode, message = standing.result
    if code is None and subcode is None:
        return message or "the service gave no reason."
    return str(explain(code, subcode))


FRAMES = ("notifications", "intervals", "calls", "participants", "operations", "requests", "messages")
"""Names of the frames that can be exported."""

CLOSED = "This session is closed; make a new one with graphcall_nb.simulate() or connect()."


class Framed(Waiting):
    """What a session knows, as frames and files."""

    version: ApiVersion
    simulated: bool

    def __init__(self, journal: Journal) -> None:
        super().__init__(journal)
        self._frames: Frames | None = None
        self._frames_lock = threading.Lock()

    @property
    def closed(self) -> bool:
        """Whether the session was closed."""
        raise NotImplementedError

    @contextmanager
    def _followed(self) -> Iterator[CallStore]:
        if self.closed:
            raise SessionClosed(CLOSED)
        with super()._followed() as tracker:
            yield tracker

    # ---- what came in

    def notifications(self, *, since: Since = None, where: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """One row per notification; see :meth:`graphcall_nb.frames.Frames.notifications` for the columns.

        Parameters
        ----------
        since
            Only those received then or later: a ``datetime`` (UTC where it names no zone), its text, or a
            ``timedelta``, which is how long ago.
        where
            Only those with this value in a column, or one of several:
            ``{"state": ["established", "terminated"], "result_code": 486}``.

        Notes
        -----
        The database chooses, and what is left out is never read: so a few calls of a fleet fit into little memory.
        The other frames take the same; they tell of each call that has such a notification, and of its whole life.
        """
        return self._frame("notifications", since=since, where=where)

    def intervals(self, *, since: Since = None, where: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """One row per call and state, with ``start``, ``end`` (``NaT`` while it lasts) and ``duration``.

        ``since`` and ``where`` choose calls; see :meth:`notifications`.
        """
        return self._frame("intervals", since=since, where=where)

    def calls(self, *, since: Since = None, where: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """One row per call; see :meth:`graphcall_nb.frames.Frames.calls` for the columns.

        ``since`` and ``where`` choose calls; see :meth:`notifications`.
        """
        return self._frame("calls", since=since, where=where)

    def participants(self, *, since: Since = None, where: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """One row per call and participant; see :meth:`graphcall_nb.frames.Frames.participants` for the columns.

        ``since`` and ``where`` choose calls; see :meth:`notifications`.
        """
        return self._frame("participants", since=since, where=where)

    def operations(self, *, since: Since = None, where: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """One row per operation; see :meth:`graphcall_nb.frames.Frames.operations` for the columns.

        ``since`` and ``where`` choose calls; see :meth:`notifications`.
        """
        return self._frame("operations", since=since, where=where)

    def requests(self) -> pd.DataFrame:
        """One row per request sent; see :meth:`graphcall_nb.frames.Frames.requests` for the columns."""
        return self._frame("requests")

    def messages(self, call_id: str | None = None) -> pd.DataFrame:
        """Requests, answers and notifications in the order of time; see :meth:`graphcall_nb.frames.Frames.messages`."""
        return self._frame("messages", require_type("call_id", call_id, (str, NoneType), "the id of a call, or None"))

    def _frame(
        self, name: str, *settings: Any, since: Since = None, where: Mapping[str, Any] | None = None
    ) -> pd.DataFrame:
        if selection := selection_of(since, where):
            if self.closed:
                raise SessionClosed(CLOSED)
            frame = frame_of(self.journal, selection, name)
        else:
            with self._refreshed() as frames:
                frame = getattr(frames, name)(*settings)
        frame.attrs["simulated"] = self.simulated  # the plots put it into their titles
        return frame

    @contextmanager
    def _refreshed(self) -> Iterator[Frames]:
        """The frames with all that is in the journal; pandas is loaded when somebody asks, not before."""
        if self.closed:
            raise SessionClosed(CLOSED)
        with self._frames_lock:
            if self._frames is None:
                from ..frames import Frames

                self._frames = Frames(self.journal.read, self.journal.read_requests, self.journal.payloads)
            self._frames.refresh()
            yield self._frames

    # ---- handed on

    def save(self, path: str | os.PathLike[str], *, mask: bool = False) -> Path:
        """Write the whole session into one file, which :func:`graphcall_nb.replay` plays again.

        Parameters
        ----------
        path : of the file, such as ``monday.gcnb``; a file that is there is replaced once the new one is whole
        mask
            Whether telephone numbers, names, mail addresses and subjects are replaced, the same one by the same mask.
            Ids stay. Secrets are in no journal, so they are in no file either.

        Returns
        -------
        Path

        Raises
        ------
        JournalError
            When it cannot be written.
        """
        return save(self._whole_journal(), path, ArchiveHeader(self.version.name, self.simulated, mask))

    def export(
        self,
        path: str | os.PathLike[str],
        frame: str = "notifications",
        *,
        since: Since = None,
        where: Mapping[str, Any] | None = None,
    ) -> Path:
        """Write a frame into a file for other programs: ``.csv``, ``.jsonl`` (either also ``.gz``) or ``.parquet``.

        Parameters
        ----------
        path : of the file; its end says which kind it is
        frame : the name of a frame: ``notifications``, ``intervals``, ``calls``, ``participants``, ``operations``, …
        since, where : a part of it; see :meth:`notifications`

        Raises
        ------
        ValueError
            For a name that does not say the kind, and for a frame that there is not.
        FileNotFoundError
            When there is no such folder.
        ExtraMissing
            For Parquet without pyarrow.
        """
        from ..frames.export import write_frame

        return write_frame(self._frame(require_choice("frame", frame, FRAMES), since=since, where=where), path)

    def _whole_journal(self) -> Journal:
        if self.closed:
            raise SessionClosed(CLOSED)
        return self.journal


_ID = "the id of a call, as session.calls() lists them"


class ListenerStats(Protocol):
    """What a listener says of itself: :class:`graphcall_nb.listener.app.Listener`, in this process or another."""

    @property
    def accepted(self) -> int: ...
    @property
    def refused(self) -> Mapping[int, int]: ...
    @property
    def last_received_us(self) -> int | None: ...


@dataclass
class Parts:
    """What a session is put together from; who opens it (``simulate``) decides what each part is."""

    background: Background
    journal: Journal
    calls: AsyncCalls
    version: ApiVersion
    local_uri: str = field(repr=False)
    """Of the listener on this machine, with its secret path."""
    simulated: bool
    stack: AsyncExitStack
    """Takes apart, in reverse order and on the background loop, what was opened there."""
    listener: ListenerStats
    patient: DiagnosisTarget
    """What the doctor examines."""
    own: AppIdentity | None = None
    """The tenant and application that the example's are replaced by; ``None`` leaves the example as it is."""
    tunnel: Tunnel | None = None
    """Leads to the listener from outside; ``None`` where the sender is on this machine."""
    watcher: JournalWatcher | None = None
    """Watches the journal for all widgets; made for the first one."""


class Session(Framed):
    """Places calls, keeps their notifications, shows them.

    Made by :func:`graphcall_nb.simulate` and :func:`graphcall_nb.connect`. All that is shown is read from the journal,
    where each notification is before it is acknowledged.

    Attributes
    ----------
    callback_uri : where the service sends its notifications; it holds a secret path, so do not publish it
    stranded : calls that still hang on a former address of the tunnel
    journal : the durable log of notifications and requests
    async_calls : the asynchronous client under this session; it belongs to the session's own event loop
    version : how the service is spoken to: ``beta`` or ``v1.0``
    simulated : whether the embedded simulator stands in for Microsoft
    simulator : the other side of simulated calls: ``ring()``, ``press()``, ``hang_up()``
    listener : how many requests were ``accepted`` and ``refused`` (by status), and ``last_received_us``
    own : the tenant and application of a session made by ``connect``
    tunnel : leads to the listener from outside, with its ``status``; ``None`` where the sender is on this machine
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.listener = parts.listener
        self.tunnel = parts.tunnel
        self.own = parts.own
        self.async_calls = parts.calls
        self.version = parts.version
        self.simulated = parts.simulated
        self._other_side: SimulatedPeer | None = None
        super().__init__(parts.journal)
        self._callbacks: dict[str, str] = {}
        self._finalizer = weakref.finalize(self, _take_apart, parts, os.getpid())
        atexit.register(self._finalizer)

    @property
    def callback_uri(self) -> str:
        """The address for the next call; a tunnel that came back elsewhere changes it."""
        url = self.tunnel.status.url if self.tunnel is not None else None
        local = self._parts.local_uri
        return local if url is None else url + urlsplit(local).path

    @property
    def calls_with_stale_callback(self) -> tuple[str, ...]:
        """Ids of the calls that have not ended and whose notifications go to a former address of the tunnel.

        Graph cannot be told a new address. ``session.call(id).refresh()`` still says how they stand.
        """
        if self.tunnel is None:
            return ()
        lost = [id for id, uri in self._callbacks.items() if self.tunnel.is_stale_url(uri)]
        return tuple(id for id in lost if not self.call_status(id).ended)

    def call_status(self, call_id: str) -> CallStatus:
        """Where a call stands, as far as the journal knows; cheap, and without pandas."""
        return super().call_status(require_type("call_id", call_id, str, _ID))

    # ---- calls

    def create_call(self, call: Call | Mapping[str, Any] | str, *, application_id: str | None = None) -> CallHandle:
        """Place a call (``POST`` to the calls of the application).

        Parameters
        ----------
        call
            A :class:`~graphcall_nb.Call`, a dict in Graph's names, or text that
            :func:`~graphcall_nb.parse_call` reads.
        application_id
            When given, the call goes to ``/applications/{id}/calls`` (beta) in place of ``/app/calls``.

        Returns
        -------
        CallHandle

        Raises
        ------
        InvalidCall
            When ``call`` cannot be understood; nothing is sent.
        GraphError
            When the service refuses it; the message holds Graph's code, request id and the remedy.

        Notes
        -----
        A call without ``callbackUri``, or with the one of Microsoft's example, gets the session's own: otherwise its
        notifications would go to somebody else. Any other address is left alone. With a tenant of one's own, the
        example's application and tenant are replaced as well.
        """
        return self.run(self._create(self._ready(call), application_id))

    def submit_call(self, call: Call | Mapping[str, Any] | str) -> Future[CallHandle]:
        """The same as :meth:`create_call`, at once and without waiting: for forms and callbacks.

        Any number may be asked for; 32 requests are under way at a time, and the others wait for their turn.
        """
        return self._background.submit(self._create(self._ready(call), None))

    def _ready(self, call: Call | Mapping[str, Any] | str) -> Call:
        call = _read_call(call)
        if call.callback_uri in (None, "", EXAMPLE_CALLBACK_URI):
            call = call.model_copy()
            call.callback_uri = self.callback_uri
        return call if self.own is None else self.own.fill_placeholders(call)

    async def _create(self, call: Call, application_id: str | None) -> CallHandle:
        placed = self._handle(await self.async_calls.create(call, application_id=application_id))
        self._notified_at(placed.id, call.callback_uri or "")
        self._expect(placed.id)
        return placed

    @property
    def simulator(self) -> SimulatedPeer:
        """The other side of simulated calls: ``session.simulator.ring()`` calls the application.

        Raises
        ------
        IllegalAction
            In a session that no simulator in this process belongs to.
        """
        if self._other_side is None:
            raise IllegalAction(
                "No simulator belongs to this session: call the application from Teams or by phone, or make a session "
                "with graphcall_nb.simulate()."
            )
        return self._other_side

    @simulator.setter
    def simulator(self, side: SimulatedPeer) -> None:
        self._other_side = side

    def call(self, id: str) -> CallHandle:
        """The handle of a call by its id, placed by this session or not."""
        return self._handle(Call(id=require_text("id", id, _ID)))

    def _handle(self, call: Call) -> CallHandle:
        return CallHandle(self, call)

    def _notified_at(self, call_id: str, callback_uri: str) -> None:
        """Note where the notifications of a call go; without a tunnel the address cannot change."""
        if self.tunnel is not None:
            self._callbacks[call_id] = callback_uri

    # ---- widgets

    @property
    def _watcher(self) -> JournalWatcher:
        """The watcher of the journal, shared by all widgets of the session."""
        from ..widgets.sync import JournalWatcher

        if self.closed:
            raise SessionClosed(CLOSED)
        if self._parts.watcher is None:
            self._parts.watcher = JournalWatcher(self.journal)
        return self._parts.watcher

    def form(self, call: Call | Mapping[str, Any] | str | None = None) -> Any:
        """A form to build and send a call: an ipywidget for JupyterLab, Notebook 7 and Voilà.

        Parameters
        ----------
        call : what it begins with, as :meth:`create_call` takes it

        Raises
        ------
        InvalidCall
            When ``call`` cannot be understood.
        """
        from ..widgets.form import Form

        if self.closed:
            raise SessionClosed(CLOSED)
        return Form(
            self.submit_call,
            call=None if call is None else _read_call(call),
            version=self.version.name,
            simulated=self.simulated,
            default_callback_uri=lambda: self.callback_uri,  # a tunnel that comes back elsewhere changes it
        )

    def timeline(self, *, title: str = "Timeline", height: int = 360, max_calls: int = 5_000) -> Any:
        """The states of calls as they happen: a row for each call, a bar for each state.

        Parameters
        ----------
        title : shown above the picture
        height : of the picture at most, in pixels; with more calls it scrolls
        max_calls : how many calls are kept; the oldest that ended make room

        Returns
        -------
        Timeline
            A widget for JupyterLab, Notebook 7 and Voilà; its ``snapshot()`` is a picture that a saved notebook keeps.
        """
        from ..widgets.timeline import Timeline

        require_type("title", title, str, "a text")
        require_type("height", height, int, "a number of pixels")
        if require_type("max_calls", max_calls, int, "a whole number, 1 or more") < 1:
            raise ValueError(f"max_calls is {max_calls}; give a whole number, 1 or more.")
        return Timeline(self._watcher, title=title, simulated=self.simulated, height=height, max_calls=max_calls)

    def cockpit(self, *, title: str = "Calling cockpit") -> Any:
        """Everything on one page: form, calls with their actions, live timeline, notifications, health.

        Parameters
        ----------
        title : stands at the top

        Returns
        -------
        Cockpit
            An ipywidget for JupyterLab, Notebook 7 and Voilà; it follows the journal until the session is closed.
        """
        from ..widgets.cockpit import Cockpit

        return Cockpit(self, self._watcher, title=require_type("title", title, str, "a text"))

    def doctor(self, template: str = "peer_to_peer") -> Any:
        """A checklist that looks, step by step, whether a call can work from here; it knocks at its own callback.

        Parameters
        ----------
        template : the name of the template whose permissions are looked for

        Returns
        -------
        Doctor
            A widget. Its ``wait()`` returns the report, which is text and HTML.
        """
        from ..widgets.doctor import Doctor

        get_template(template)
        patient = self._parts.patient
        return Doctor(lambda on_change: self.submit(run_checks(patient, template=template, on_change=on_change)))

    # ---- life

    @property
    def _background(self) -> Background:
        if self.closed:
            raise SessionClosed(CLOSED)
        return self._parts.background

    @property
    def closed(self) -> bool:
        """Whether the session was closed."""
        return not self._finalizer.alive

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        """Start a coroutine on the session's own event loop and return at once: for widgets and callbacks."""
        return self._background_for(coroutine).submit(coroutine)

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the session's own event loop and wait for it; an interrupt cancels it."""
        return self._background_for(coroutine).run(coroutine)

    def _background_for(self, coroutine: Coroutine[Any, Any, Any]) -> Background:
        _ = require_type("coroutine", coroutine, Coroutine, "a coroutine, such as session.async_calls.get(id)")
        try:
            return self._background
        except SessionClosed:
            coroutine.close()
            raise

    def close(self) -> None:
        """Stop the listener and all that was started; closing twice is fine.

        A temporary journal is deleted, once no frame is left whose column ``raw`` is read from it.
        """
        self._finalizer()
        atexit.unregister(self._finalizer)
        with self._frames_lock:
            self._frames = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    @property
    def kind(self) -> str:
        """Who is spoken to, in words: ``SIMULATED`` or ``Microsoft Graph``; of a replay, who was."""
        return "SIMULATED" if self.simulated else "Microsoft Graph"

    def __repr__(self) -> str:
        if self.closed:
            return f"<Session {self.kind}, closed>"
        return (
            f"<Session {self.kind}, {self.version.name}: {self._how_much()}, "
            f"listening at {redact_path(self.callback_uri)}{_warning(self.calls_with_stale_callback)}>"
        )

    def _how_much(self) -> str:
        try:
            with self._followed() as tracker:
                calls = tracker.heard_of
            return f"{pluralize(calls, 'call')}, {pluralize(self.journal.last_seq, 'notification')}"
        except JournalError:  # a repr must not fail; whoever asks for a frame is told why
            return "its journal cannot be read now"

    def _repr_html_(self) -> str:
        return f"<code>{escape(repr(self))}</code>"


def _read_call(call: Call | Mapping[str, Any] | str) -> Call:
    if isinstance(call, str):
        return parse_call(call)
    return call if isinstance(call, Call) else Call.from_json_dict(call)


def _take_apart(parts: Parts, owner: int) -> None:
    # Not a method: a finalizer must not keep the session alive.
    if os.getpid() != owner:
        return  # a process that was forked off has a copy, and the original goes on
    try:
        if parts.watcher is not None:
            parts.watcher.close()
        parts.background.run(parts.stack.aclose())
    finally:
        parts.background.stop()
        parts.journal.close()


def _warning(stranded: tuple[str, ...]) -> str:
    return f"; {pluralize(len(stranded), 'call')} left on a former address" if stranded else ""
