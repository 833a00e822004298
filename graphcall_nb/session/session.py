"""The session: client, listener and journal together, with a synchronous interface."""

from __future__ import annotations

import atexit
import os
import threading
import weakref
from collections.abc import Coroutine, Mapping
from concurrent.futures import Future
from contextlib import ExitStack
from functools import partial
from html import escape
from pathlib import Path
from types import NoneType, TracebackType
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self, TypeVar, get_args

from .._arguments import check_attribute, require_choice, require_text, require_type
from .._interrupts import run_to_end
from .._text import pluralize
from .._urls import redact_path
from ..client.blocking import BlockingClient
from ..diagnosis.checks import DiagnosisTarget, get_template, run_checks
from ..errors import GraphcallError, IllegalAction, JournalError, NotFound, SessionClosed
from ..graph.models import Call
from ..graph.parse import parse_call
from ..graph.templates import AppIdentity, is_example_callback_uri
from ..journal.anonymize import MaskedJournal
from ..journal.archive import ArchiveHeader, save
from ..journal.journal import Journal
from ..journal.selection import Since, make_selection, parse_since, split_conditions
from .call import CallHandle, read_announced_call
from .call_store import CallStatus, CallStore
from .closer import Closer
from .methods import name_forgotten_parentheses
from .simulated_peer import AnyScenario, SimulatedPeer

if TYPE_CHECKING:
    import pandas as pd

    from ..frames import Frames
    from ..frames.summary import Summary
    from ..widgets.cockpit import Cockpit
    from ..widgets.doctor import Doctor
    from ..widgets.form import Form
    from ..widgets.sequence import SequenceDiagram
    from ..widgets.sequence.diagram import RecordedMessages
    from ..widgets.sync import JournalWatcher
    from ..widgets.timeline import Timeline

T = TypeVar("T")

FrameName = Literal["notifications", "intervals", "calls", "participants", "operations", "requests", "messages"]
FRAMES: tuple[FrameName, ...] = get_args(FrameName)
"""Names of the frames that can be exported."""

_CALL_ID = "the id of a call, as session.calls() lists them"


class ListenerStats(Protocol):
    """Counts of a listener in this process, in another one or on another machine."""

    @property
    def accepted(self) -> int: ...
    @property
    def refused(self) -> Mapping[int, int]: ...
    @property
    def last_received_us(self) -> int | None: ...


@name_forgotten_parentheses("session")
class Session:
    """Calls, their notifications and every view of them.

    Made by :func:`graphcall_nb.simulate`, :func:`graphcall_nb.connect` and others. Everything shown is read from the
    journal, which has each notification before it is acknowledged.

    Parameters
    ----------
    journal : Journal
        Durable log of notifications and requests.
    client : BlockingClient
        Sends requests to the service.
    calls : CallStore
        State of every call in the journal, and the address for notifications.
    listener : ListenerStats
        Counts of the listener.
    doctor_target : DiagnosisTarget
        Checked by :meth:`doctor`.
    resources : ExitStack
        Released when the session is closed or garbage-collected.
    simulated : bool
        True if a simulator stands in for Microsoft.
    identity : AppIdentity, optional
        Tenant and application that replace those of Microsoft's example.
    simulator : SimulatedPeer, optional
        Actions of the callers and callees of simulated calls.

    Attributes
    ----------
    callback_uri : str
        Address for notifications; it holds a secret path, so do not publish it.
    calls_with_stale_callback : tuple of str
        Ids of live calls whose notifications go to a former address of the tunnel.
    journal : Journal
        Durable log of notifications and requests.
    async_calls : AsyncCalls
        The asynchronous client under this session. Await its methods on any event loop of asyncio; the requests are
        sent on the session's own.
    version : ApiVersion
        Version of the API: ``beta`` or ``v1.0``.
    simulated : bool
        True if a simulator stands in for Microsoft.
    simulator : SimulatedPeer
        Actions of the callers and callees of simulated calls: ``ring()``, ``press()``, ``hang_up()``.
    listener : ListenerStats
        Numbers of requests ``accepted`` and ``refused`` (by status), and ``last_received_us``.
    identity : AppIdentity or None
        Tenant and application of a session made by ``connect``.
    is_read_only : bool
        True if the session only reads a journal and sends nothing.
    tunnel : Tunnel or None
        Leads to the listener from outside, with its ``status``; ``None`` if the service is on this machine.
    """

    is_read_only = False
    """True if the session only reads a journal and sends nothing."""

    def __init__(
        self,
        *,
        journal: Journal,
        client: BlockingClient,
        calls: CallStore,
        listener: ListenerStats,
        doctor_target: DiagnosisTarget,
        resources: ExitStack,
        simulated: bool,
        identity: AppIdentity | None = None,
        simulator: SimulatedPeer | None = None,
    ) -> None:
        self.journal = journal
        self.async_calls = client.calls
        self.version = client.calls.version
        self.listener = listener
        self.tunnel = calls.callback.tunnel
        self.simulated = simulated
        self.identity = identity
        self._client = client
        self._calls = calls
        self._doctor_target = doctor_target
        self._simulator = simulator
        self._resources = resources
        self._closer = Closer(resources)
        self._watcher: JournalWatcher | None = None
        self._frames: Frames | None = None
        self._frames_lock = threading.Lock()
        self._frames_rewind_count = 0
        weakref.finalize(self, self._closer.release).atexit = False
        atexit.register(self._closer.close_at_exit)

    def __setattr__(self, name: str, value: Any) -> None:
        advice = f"Use session.simulator.set_{name}()." if hasattr(SimulatedPeer, f"set_{name}") else ""
        if "_frames_rewind_count" in self.__dict__:  # the last one that __init__ sets
            check_attribute(self, name, advice)
        super().__setattr__(name, value)

    @property
    def callback_uri(self) -> str:
        """The address for notifications of the next call; a tunnel that reopens at another URL changes it."""
        return self._calls.callback.uri

    @property
    def calls_with_stale_callback(self) -> tuple[str, ...]:
        """Ids of the calls that have not ended and whose notifications go to a former address of the tunnel.

        Graph cannot change the address of a call. ``session.call(id).refresh()`` still returns its state.
        """
        return tuple(self._calls.stale_ids()) if self.tunnel is not None else ()

    # ---- calls

    def create_call(
        self,
        call: Call | Mapping[str, Any] | str,
        *,
        application_id: str | None = None,
        scenario: AnyScenario | None = None,
    ) -> CallHandle:
        """Place a call (``POST`` to the calls of the application).

        Parameters
        ----------
        call : Call, dict or str
            A :class:`~graphcall_nb.Call`, a dict in Graph's names, or text that :func:`~graphcall_nb.parse_call`
            reads.
        application_id : str, optional
            Sends the call to ``/applications/{id}/calls`` (beta) instead of ``/app/calls``.
        scenario : str, Scenario or dict, optional
            Behavior of the other side of this call, in a simulated session: a name of a scenario, or a
            :class:`~graphcall_nb.Scenario`.

        Returns
        -------
        CallHandle
            The call, as the service accepted it.

        Raises
        ------
        InvalidCall
            When ``call`` cannot be read; nothing is sent.
        GraphError
            When the service refuses it; the message holds Graph's code, request id and the remedy.
        IllegalAction
            For a scenario in a session without a simulator.

        Notes
        -----
        A call without ``callbackUri``, or with an example's, such as ``https://bot.contoso.com/callback``, gets the
        session's own; any other address is left alone. In a session made by :func:`graphcall_nb.connect`, the
        example's application and tenant are replaced as well.

        Examples
        --------
        >>> import graphcall_nb as gc
        >>> with gc.simulate(speed=100) as session:
        ...     session.create_call(gc.templates.pstn("+14255550100")).call.state
        'establishing'
        """
        headers = None if scenario is None else self.simulator.make_headers(scenario)
        return self._client.run(self._create(self._prepare(call), application_id, headers))

    def submit_call(self, call: Call | Mapping[str, Any] | str) -> Future[CallHandle]:
        """Place a call as :meth:`create_call` does, without waiting for the response: for forms and callbacks.

        At most 32 requests are in flight; more wait for their turn.
        """
        return self._client.submit(self._create(self._prepare(call), None))

    def _prepare(self, call: Call | Mapping[str, Any] | str) -> Call:
        """Return the call to send: with this session's address, tenant and application."""
        call = _read_call(call)
        if is_example_callback_uri(call.callback_uri):
            call = call.model_copy()
            call.callback_uri = self.callback_uri
        return call if self.identity is None else self.identity.fill_placeholders(call)

    async def _create(
        self, call: Call, application_id: str | None, headers: Mapping[str, str] | None = None
    ) -> CallHandle:
        created = await self.async_calls.create(call, application_id=application_id, headers=headers)
        self._calls.expect(created.id, call.callback_uri)
        return self._make_handle(created)

    def call(self, id: str) -> CallHandle:
        """Return the handle of a call by its id; any call of the application, placed by this session or not.

        Parameters
        ----------
        id : str
            The id of a call, or the beginning or end of it, as frames and widgets show it: ``"…0f12ab34"``.

        Raises
        ------
        ValueError
            When several calls have this beginning or end; in a simulated session also when the call does not exist.
        """
        self._require_open()
        found = self._calls.find_id(require_text("id", id, _CALL_ID))
        if found is None and ("…" in id or (self.simulated and not self._exists(id))):
            raise ValueError(
                f"A call with the id {id!r} does not exist in this session; session.calls() lists the calls, and "
                "session.create_call() returns the handle of a new one."
            )
        return self._make_handle(Call(id=found or id))

    def _exists(self, call_id: str) -> bool:
        """Return false if the service does not know a call that is not in the journal."""
        try:
            self._client.run(self.async_calls.get(call_id))
        except NotFound:
            return False
        except GraphcallError:  # the service did not tell
            return True
        return True

    def call_status(self, call_id: str) -> CallStatus:
        """Return the present status of a call, according to the journal; cheaper than a frame."""
        return self._calls.status(self._calls.complete_id(require_type("call_id", call_id, str, _CALL_ID)))

    def incoming(self) -> list[CallHandle]:
        """Return the calls that ring at the application now: not answered, rejected or redirected yet."""
        return [self._make_incoming(call_id) for call_id in self._calls.incoming_ids()]

    def wait_for_incoming(self, timeout: float | None = 30.0) -> CallHandle:
        """Wait for an incoming call; each is returned once, the oldest first.

        Parameters
        ----------
        timeout : float or None
            In seconds; ``None`` waits without end. Interrupting the cell ends the wait.

        Returns
        -------
        CallHandle
            ``call.source`` is the caller. Graph waits 15 seconds for ``answer()``, ``reject()`` or ``redirect()``.

        Raises
        ------
        Timeout
            When no call comes in in time.
        """
        return self._make_incoming(self._client.run(self._calls.wait_for_incoming(timeout)))

    @property
    def simulator(self) -> SimulatedPeer:
        """Actions of the callers and callees of simulated calls: ``session.simulator.ring()`` calls the application.

        Raises
        ------
        IllegalAction
            In a session without a simulator.
        """
        if self._simulator is None:
            raise IllegalAction(
                "This session has no simulator: call the application from Teams or by phone, or make a session with "
                "graphcall_nb.simulate()."
            )
        return self._simulator

    def _make_handle(self, call: Call) -> CallHandle:
        return CallHandle(call, self._client, self._calls)

    def _make_incoming(self, call_id: str) -> CallHandle:
        return self._make_handle(read_announced_call(self._calls, call_id))

    # ---- frames

    def notifications(
        self, *, since: Since = None, until: Since = None, where: Mapping[str, Any] | None = None
    ) -> pd.DataFrame:
        """Return one row per notification; see :meth:`graphcall_nb.frames.Frames.notifications` for the columns.

        Parameters
        ----------
        since : datetime, str or timedelta, optional
            Only notifications received at this time or later: a ``datetime`` (UTC without a zone), its text, or a
            ``timedelta`` before now.
        until : datetime, str or timedelta, optional
            Only notifications received at this time or earlier.
        where : dict, optional
            Only notifications with this value in a column, or one of several:
            ``{"state": ["established", "terminated"], "result_code": 486}``; ``None`` is a missing value.

        Notes
        -----
        The database selects, and the other rows are never read: a few calls of a large journal need little memory.
        The other frames take the same parameters and contain every call that has a selected notification, with all
        of its notifications. Their ``where`` may also name a column that only they have, such as ``kind`` of
        ``calls()``: it selects rows of that frame.
        """
        return self._make_frame("notifications", since=since, until=until, where=where)

    def intervals(
        self, *, since: Since = None, until: Since = None, where: Mapping[str, Any] | None = None
    ) -> pd.DataFrame:
        """Return one row per call and state, with ``start``, ``end`` (``NaT`` while it lasts) and ``duration``.

        Parameters
        ----------
        since, until, where : optional
            Select the calls, as in :meth:`notifications`.
        """
        return self._make_frame("intervals", since=since, until=until, where=where)

    def calls(
        self, *, since: Since = None, until: Since = None, where: Mapping[str, Any] | None = None
    ) -> pd.DataFrame:
        """Return one row per call; see :meth:`graphcall_nb.frames.Frames.calls` for the columns.

        Parameters
        ----------
        since, until, where : optional
            Select the calls, as in :meth:`notifications`.
        """
        return self._make_frame("calls", since=since, until=until, where=where)

    def summary(self, *, since: Since = None, until: Since = None, where: Mapping[str, Any] | None = None) -> Summary:
        """Return the key figures of all calls, or of those that ``since``, ``until`` and ``where`` select.

        Parameters
        ----------
        since, until, where : optional
            As in :meth:`notifications`.

        Returns
        -------
        Summary
            About ten lines for any number of calls: answer rate, ring and talk times, calls at a time, failures in
            words, duplicates and late notifications. See :func:`graphcall_nb.summary`.
        """
        from ..frames.summary import summary

        return summary(self.calls(since=since, until=until, where=where))

    def participants(
        self, *, since: Since = None, until: Since = None, where: Mapping[str, Any] | None = None
    ) -> pd.DataFrame:
        """Return one row per call and participant; see :meth:`graphcall_nb.frames.Frames.participants`.

        Parameters
        ----------
        since, until, where : optional
            Select the calls, as in :meth:`notifications`.
        """
        return self._make_frame("participants", since=since, until=until, where=where)

    def operations(
        self, *, since: Since = None, until: Since = None, where: Mapping[str, Any] | None = None
    ) -> pd.DataFrame:
        """Return one row per operation; see :meth:`graphcall_nb.frames.Frames.operations` for the columns.

        Parameters
        ----------
        since, until, where : optional
            Select the calls, as in :meth:`notifications`.
        """
        return self._make_frame("operations", since=since, until=until, where=where)

    def requests(self) -> pd.DataFrame:
        """Return one row per request sent; see :meth:`graphcall_nb.frames.Frames.requests` for the columns."""
        return self._make_frame("requests")

    def messages(self, call_id: str | None = None) -> pd.DataFrame:
        """Return requests, responses and notifications in order of time.

        See :meth:`graphcall_nb.frames.Frames.messages` for the columns.

        Parameters
        ----------
        call_id : str, optional
            Only the messages of one call.
        """
        require_type("call_id", call_id, (str, NoneType), "the id of a call, or None")
        if call_id is not None and not self.closed:
            call_id = self._calls.complete_id(call_id)
        return self._make_frame("messages", call_id)

    def export(
        self,
        path: str | os.PathLike[str],
        frame: FrameName = "notifications",
        *,
        since: Since = None,
        until: Since = None,
        where: Mapping[str, Any] | None = None,
        mask: bool = False,
    ) -> Path:
        """Write a frame into a file for other programs: ``.csv``, ``.jsonl`` (either also ``.gz``) or ``.parquet``.

        Parameters
        ----------
        path : path-like
            The file; its suffix decides the format.
        frame : str
            The name of a frame: ``notifications``, ``intervals``, ``calls``, ``participants``, ``operations``,
            ``requests`` or ``messages``.
        since, until, where : optional
            A part of it; see :meth:`notifications`.
        mask : bool
            Replace personal data and secrets as :meth:`save` does; equal values get equal masks in every frame.

        Returns
        -------
        pathlib.Path
            The file; only its owner can read it.

        Raises
        ------
        ValueError
            For an unknown suffix or frame.
        FileNotFoundError
            When the folder does not exist.
        ExtraMissing
            For Parquet without pyarrow.
        """
        from ..frames.export import write_frame

        name = require_choice("frame", frame, FRAMES)
        source = MaskedJournal(self.journal) if mask else self.journal
        return write_frame(self._make_frame(name, since=since, until=until, where=where, source=source), path)

    def save(self, path: str | os.PathLike[str], *, mask: bool = False) -> Path:
        """Write the whole session into one file, which :func:`graphcall_nb.replay` plays again.

        Parameters
        ----------
        path : path-like
            The file, such as ``monday.gcnb``; an existing file is replaced once the new one is complete.
        mask : bool
            Replace telephone numbers, names, mail addresses, subjects, credentials, pressed keys, addresses of media
            and all other text that is not an id, a time or a word of the API. Equal names and numbers get equal masks.

        Returns
        -------
        pathlib.Path
            The file.

        Raises
        ------
        JournalError
            When the file cannot be written.
        """
        self._require_open()
        return save(self._get_saved_journal(), path, ArchiveHeader(self.version.name, self.simulated, mask))

    def _get_saved_journal(self) -> Journal:
        return self.journal

    def _make_frame(
        self,
        name: str,
        *arguments: Any,
        since: Since = None,
        until: Since = None,
        where: Mapping[str, Any] | None = None,
        source: Journal | MaskedJournal | None = None,
    ) -> pd.DataFrame:
        if self.closed:
            raise SessionClosed(
                f"This session is closed, so {name}() cannot be read. Read it before close(), or save the session with "
                "session.save(path) and read it with graphcall_nb.open_journal(path)."
            )
        source = source or self.journal
        noted, own = split_conditions(where)
        selection = make_selection(parse_since(since), noted, until_us=parse_since(until, name="until"))
        if selection or source is not self.journal:
            from ..frames import Frames

            selected = Frames(
                partial(source.read_columns, selection=selection, whole_calls=True),
                partial(source.read_requests, selection=selection),
                source.payloads,
            )
            selected.refresh()
            frame: pd.DataFrame = getattr(selected, name)()
            if selection and name == "notifications":  # the others were read only to classify the selected ones
                frame = frame[frame["seq"].isin(self.journal.read_seqs(selection))].reset_index(drop=True)
        else:
            frame = run_to_end(partial(self._make_whole_frame, name, arguments))
        if own:
            from ..frames.selection import select_rows

            frame = select_rows(frame, own)
        frame.attrs["simulated"] = self.simulated  # plots show it in their titles
        if self._simulator and (now := self._simulator.virtual_now):
            frame.attrs["now"] = now.isoformat()  # live calls reach until then in plots
        return frame

    def _make_whole_frame(self, name: str, arguments: tuple[Any, ...]) -> pd.DataFrame:
        from ..frames import Frames  # pandas is loaded when it is needed, not before

        with self._frames_lock:
            if self._frames is None or self._frames_rewind_count != self.journal.rewind_count:
                self._frames_rewind_count = self.journal.rewind_count
                self._frames = Frames(self.journal.read_columns, self.journal.read_requests, self.journal.payloads)
            self._frames.refresh()
            frame: pd.DataFrame = getattr(self._frames, name)(*arguments)
            return frame

    # ---- widgets

    def form(self, call: Call | Mapping[str, Any] | str | None = None) -> Form:
        """Return a form to build and send a call: an ipywidget for JupyterLab, Notebook 7 and Voilà.

        Parameters
        ----------
        call : Call, dict or str, optional
            Initial content, as :meth:`create_call` takes it.

        Raises
        ------
        InvalidCall
            When ``call`` cannot be read.
        """
        from ..widgets.form import Form

        self._require_open()
        return Form(
            self.submit_call,
            call=None if call is None else _read_call(call),
            version=self.version.name,
            simulated=self.simulated,
            default_callback_uri=lambda: self.callback_uri,  # a tunnel that reopens at another URL changes it
        )

    def timeline(self, *, title: str = "Timeline", height: int = 360, max_calls: int = 5_000) -> Timeline:
        """Return a live timeline: a row for each call, a bar for each state.

        Parameters
        ----------
        title : str
            Title above the picture.
        height : int
            Maximum height of the picture in pixels; with more calls it scrolls.
        max_calls : int
            Maximum number of calls; the oldest ones that ended are dropped first.

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
        watcher = self._get_watcher()
        return Timeline(watcher, title=title, simulated=self.simulated, height=height, max_calls=max_calls, owner=self)

    def sequence(
        self, call: CallHandle | str | None = None, *, title: str = "Messages", max_messages: int = 200
    ) -> SequenceDiagram:
        """Return the messages between application, Graph and the other side as a ladder that grows as they happen.

        In virtual time it has buttons that let one message go (Step), or one after the other (Play, Pause). In a replay
        and an opened journal they move through the recorded messages, forward and back.

        Parameters
        ----------
        call : CallHandle or str, optional
            The call, or its id, whose messages are shown; by default those of all calls.
        title : str
            Title above the picture.
        max_messages : int
            Maximum number of messages: the newest ones, of a recording the first ones.

        Returns
        -------
        SequenceDiagram
            A widget for JupyterLab, Notebook 7 and Voilà; a saved notebook keeps its last picture. ``to_text()`` is
            the same as text.

        Examples
        --------
        >>> import graphcall_nb as gc
        >>> with gc.simulate(virtual_time=True, seed=1) as session:
        ...     ladder = session.sequence()
        ...     call = session.create_call(gc.templates.peer_to_peer())
        ...     while call.state != "ringing":
        ...         ladder.step()
        True
        True
        """
        from ..widgets.sequence import SequenceDiagram

        require_type("title", title, str, "a text")
        if require_type("max_messages", max_messages, int, "a whole number, 1 or more") < 1:
            raise ValueError(f"max_messages is {max_messages}; give a whole number, 1 or more.")
        self._require_open()
        if isinstance(call, str):
            call = self.call(call)
        call_id = None if call is None else require_type("call", call, CallHandle, "a call, or its id").id
        return SequenceDiagram(
            self._get_messages(call_id, max_messages),
            title=title,
            simulated=self.simulated,
            call_id=call_id,
            max_messages=max_messages,
            let_next_go=self._simulator.step if self._simulator and self._simulator.is_stepped else None,
            owner=self,
        )

    def _get_messages(self, call_id: str | None, limit: int) -> JournalWatcher | RecordedMessages:
        """Return the source of a sequence diagram."""
        return self._get_watcher()

    def cockpit(self, *, title: str = "Calling cockpit") -> Cockpit:
        """Return everything on one page: form, calls with their actions, live timeline, notifications, health.

        Parameters
        ----------
        title : str
            Title at the top; empty where the page has a title of its own.

        Returns
        -------
        Cockpit
            An ipywidget for JupyterLab, Notebook 7 and Voilà; it follows the journal until the session is closed.
        """
        from ..widgets.cockpit import Cockpit

        return Cockpit(self, self._get_watcher(), title=require_type("title", title, str, "a text"))

    def doctor(self, template: str = "peer_to_peer") -> Doctor:
        """Return a checklist that tests step by step if calls work from here; it sends a request to its own listener.

        Parameters
        ----------
        template : str
            The name of the template whose permissions are checked.

        Returns
        -------
        Doctor
            A widget. Its ``wait()`` returns the report, which is text and HTML.
        """
        from ..widgets.doctor import Doctor

        get_template(template)
        target = self._doctor_target
        return Doctor(lambda on_change: self.submit(run_checks(target, template=template, on_change=on_change)))

    def _get_watcher(self) -> JournalWatcher:
        """Return the watcher of the journal, shared by all widgets of the session."""
        from ..widgets.sync import JournalWatcher

        self._require_open()
        if self._watcher is None:
            watcher = JournalWatcher(self.journal)
            self._resources.callback(watcher.close)
            self._watcher = watcher
        return self._watcher

    # ---- life cycle

    @property
    def closed(self) -> bool:
        """True if the session was closed."""
        return self._closer.has_begun

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        """Start a coroutine on the session's own event loop and return its future: for widgets and callbacks."""
        return self._client.submit(coroutine)

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the session's own event loop and return its result; an interrupt cancels it."""
        return self._client.run(coroutine)

    def close(self) -> None:
        """Stop the listener and everything else that was started. Closing twice is allowed.

        An interrupt ends the wait alone: everything is closed all the same.
        A temporary journal is deleted, once no frame is left whose column ``raw`` is read from it.
        """
        self._closer.close()
        self._frames = None

    def _require_open(self) -> None:
        if self.closed:
            raise SessionClosed()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    @property
    def kind(self) -> str:
        """The service in words: ``SIMULATED`` or ``Microsoft Graph``."""
        return "SIMULATED" if self.simulated else "Microsoft Graph"

    def __repr__(self) -> str:
        if self.closed:
            return f"<Session {self.kind}, closed>"
        try:
            calls, notifications = self._calls.count(), self.journal.last_seq
            content = f"{pluralize(calls, 'call')}, {pluralize(notifications, 'notification')}"
        except JournalError:  # a repr must not fail; a frame raises the error
            content = "its journal cannot be read now"
        stale = len(self.calls_with_stale_callback)
        warning = f"; {pluralize(stale, 'call')} left on a former address" if stale else ""
        address = redact_path(self.callback_uri)
        return f"<Session {self.kind}, {self.version.name}: {content}, listening at {address}{warning}>"

    def _repr_html_(self) -> str:
        return f"<code>{escape(repr(self))}</code>"


def _read_call(call: Call | Mapping[str, Any] | str) -> Call:
    if callable(call):
        name = getattr(call, "__name__", "function")
        raise TypeError(f"call: {name} is a function; call it with parentheses: {name}().")
    if isinstance(call, str):
        return parse_call(call)
    return call if isinstance(call, Call) else Call.from_json_dict(call)
