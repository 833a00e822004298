"""The session: everything put together, with a synchronous face for notebooks."""

from __future__ import annotations

import atexit
import os
import weakref
from collections.abc import Coroutine, Mapping
from concurrent.futures import Future
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from html import escape
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar
from urllib.parse import urlsplit

from ..background import Background
from ..client import AsyncCalls
from ..diagnosis import Patient, examine, known_template
from ..dialects import Dialect
from ..errors import IllegalAction, JournalError, SessionClosed
from ..journal import Journal
from ..models import Call
from ..parse import parse_call
from ..slips import checked, named
from ..templates import EXAMPLE_CALLBACK_URI
from ..tracker import Standing
from ..tunnels import Tunnel, without_path
from ..wording import counted
from .framed import CLOSED, Framed
from .handle import CallHandle
from .ownership import Own

if TYPE_CHECKING:
    from ..widgets.live import Pusher
    from .otherside import OtherSide

T = TypeVar("T")

_ID = "the id of a call, as session.calls() lists them"


class Counts(Protocol):
    """What a listener says of itself: :class:`graphcall_nb.listener.Listener`, in this process or another."""

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
    dialect: Dialect
    local_uri: str = field(repr=False)
    """Of the listener on this machine, with its secret path."""
    simulated: bool
    stack: AsyncExitStack
    """Takes apart, in reverse order and on the background loop, what was opened there."""
    listener: Counts
    patient: Patient
    """What the doctor examines."""
    own: Own | None = None
    """The tenant and application that the example's are replaced by; ``None`` leaves the example as it is."""
    tunnel: Tunnel | None = None
    """Leads to the listener from outside; ``None`` where the sender is on this machine."""
    pusher: Pusher | None = None
    """Hands news of the journal to widgets; made when somebody asks."""


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
    dialect : how the service is spoken to: ``beta`` or ``v1.0``
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
        self.dialect = parts.dialect
        self.simulated = parts.simulated
        self._other_side: OtherSide | None = None
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
    def stranded(self) -> tuple[str, ...]:
        """Ids of the calls that have not ended and whose notifications go to a former address of the tunnel.

        Graph cannot be told a new address. ``session.call(id).refresh()`` still says how they stand.
        """
        if self.tunnel is None:
            return ()
        lost = [id for id, uri in self._callbacks.items() if self.tunnel.leads_nowhere(uri)]
        return tuple(id for id in lost if not self.standing(id).ended)

    def standing(self, call_id: str) -> Standing:
        """Where a call stands, as far as the journal knows; cheap, and without pandas."""
        return super().standing(checked("call_id", call_id, str, _ID))

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
        call = _read(call)
        if call.callback_uri in (None, "", EXAMPLE_CALLBACK_URI):
            call = call.model_copy()
            call.callback_uri = self.callback_uri
        return call if self.own is None else self.own.put_right(call)

    async def _create(self, call: Call, application_id: str | None) -> CallHandle:
        placed = self._handle(await self.async_calls.create(call, application_id=application_id))
        self._notified_at(placed.id, call.callback_uri or "")
        self._expect(placed.id)
        return placed

    @property
    def simulator(self) -> OtherSide:
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
    def simulator(self, side: OtherSide) -> None:
        self._other_side = side

    def call(self, id: str) -> CallHandle:
        """The handle of a call by its id, placed by this session or not."""
        return self._handle(Call(id=named("id", id, _ID)))

    def _handle(self, call: Call) -> CallHandle:
        return CallHandle(self, call)

    def _notified_at(self, call_id: str, callback_uri: str) -> None:
        """Note where the notifications of a call go; without a tunnel the address cannot change."""
        if self.tunnel is not None:
            self._callbacks[call_id] = callback_uri

    # ---- widgets

    @property
    def _pusher(self) -> Pusher:
        """Hands what is new in the journal to widgets; one for all widgets of the session."""
        from ..widgets.live import Pusher

        if self.closed:
            raise SessionClosed(CLOSED)
        if self._parts.pusher is None:
            self._parts.pusher = Pusher(self.journal)
        return self._parts.pusher

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
            call=None if call is None else _read(call),
            dialect=self.dialect.name,
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

        checked("title", title, str, "a text")
        checked("height", height, int, "a number of pixels")
        if checked("max_calls", max_calls, int, "a whole number, 1 or more") < 1:
            raise ValueError(f"max_calls is {max_calls}; give a whole number, 1 or more.")
        return Timeline(self._pusher, title=title, simulated=self.simulated, height=height, max_calls=max_calls)

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

        return Cockpit(self, title=checked("title", title, str, "a text"))

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

        known_template(template)
        patient = self._parts.patient
        return Doctor(lambda on_change: self.submit(examine(patient, template=template, on_change=on_change)))

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
        _ = checked("coroutine", coroutine, Coroutine, "a coroutine, such as session.async_calls.get(id)")
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
            f"<Session {self.kind}, {self.dialect.name}: {self._how_much()}, "
            f"listening at {without_path(self.callback_uri)}{_warning(self.stranded)}>"
        )

    def _how_much(self) -> str:
        try:
            with self._followed() as tracker:
                calls = tracker.heard_of
            return f"{counted(calls, 'call')}, {counted(self.journal.last_seq, 'notification')}"
        except JournalError:  # a repr must not fail; whoever asks for a frame is told why
            return "its journal cannot be read now"

    def _repr_html_(self) -> str:
        return f"<code>{escape(repr(self))}</code>"


def _read(call: Call | Mapping[str, Any] | str) -> Call:
    if isinstance(call, str):
        return parse_call(call)
    return call if isinstance(call, Call) else Call.from_json_dict(call)


def _take_apart(parts: Parts, owner: int) -> None:
    # Not a method: a finalizer must not keep the session alive.
    if os.getpid() != owner:
        return  # a process that was forked off has a copy, and the original goes on
    try:
        if parts.pusher is not None:
            parts.pusher.close()
        parts.background.run(parts.stack.aclose())
    finally:
        parts.background.stop()
        parts.journal.close()


def _warning(stranded: tuple[str, ...]) -> str:
    return f"; {counted(len(stranded), 'call')} left on a former address" if stranded else ""
