"""The cockpit: everything about a session on one page."""

from __future__ import annotations

import asyncio
import contextlib
import weakref
from collections.abc import Coroutine, Mapping
from concurrent.futures import Future
from functools import partial
from html import escape
from typing import Any, Protocol

import ipywidgets as widgets

from ...errors import JournalError, SessionClosed
from ..bundle import add_picture
from ..closing import close_parts
from ..sync import JournalWatcher, Update
from ..timeline import Timeline
from .call_actions import CallAction, make_failure, make_progress, make_success, select_available
from .status import StatusBar, collect_facts, get_answer_seconds
from .tables import CallRows, CallsTable, NotificationRows, NotificationsTable

POLL_INTERVAL_SECONDS = 0.5
"""Listener and tunnel are checked this often; their numbers are not in the journal."""


class Session(Protocol):
    """The part of :class:`~graphcall_nb.Session` that a cockpit needs."""

    simulated: bool
    is_read_only: bool
    version: Any
    async_calls: Any
    listener: Any
    tunnel: Any

    @property
    def kind(self) -> str: ...
    @property
    def closed(self) -> bool: ...
    def form(self) -> Any: ...
    def call(self, id: str) -> Any: ...
    def submit(self, coroutine: Coroutine[Any, Any, Any]) -> Future[Any]: ...


class Cockpit(widgets.VBox):  # type: ignore[misc]
    """Form, calls with their actions, live timeline, notifications and health, for JupyterLab, Notebook 7 and Voilà.

    The cockpit of a session that only reads a journal has no form and no actions.

    Everything shown is read from the journal. No method waits for the service: a request starts on the session's own
    event loop, and its outcome is shown beside the call.

    Parameters
    ----------
    session : Session
        The session that is shown.
    watcher : JournalWatcher
        The watcher of its journal.
    title : str
        Shown at the top.

    Attributes
    ----------
    form, calls, timeline, notifications, status : its parts, each a widget that can also be shown alone; ``form`` is
        ``None`` in a session that only reads
    actions : the actions of a call, by the name of the handle's method

    Examples
    --------
    >>> import graphcall_nb as gc
    >>> with gc.simulate() as session:
    ...     cockpit = session.cockpit()
    ...     cockpit
    <Cockpit SIMULATED: 0 calls, 0 live; 0 notifications>
    """

    def __init__(self, session: Session, watcher: JournalWatcher, *, title: str = "Calling cockpit") -> None:
        self._session = session
        self._watcher = watcher
        self._title = title
        history = watcher.read_all()
        calls = CallRows()
        notifications = NotificationRows(calls.get_label)
        calls.feed(history.notifications, history.requests)
        notifications.feed(history.notifications)
        for content in (calls, notifications):
            content.pop_changes()
        self.actions = {} if session.is_read_only else select_available(session.version.name)
        self.form = None if session.is_read_only else session.form()
        cloud = None if session.is_read_only else session.async_calls.cloud
        self.calls = CallsTable(calls, self.actions, self.act, answer_seconds=get_answer_seconds(session), cloud=cloud)
        self.timeline = Timeline(watcher, simulated=session.simulated, height=224, is_height_fixed=True)
        self.notifications = NotificationsTable(notifications, watcher.source)
        self.status = StatusBar(collect_facts(session, title), self.ring)
        self._form_card = _box("gcc-card", *([] if self.form is None else [self.form]))
        self._doctor_card = _box("gcc-card")
        self._doctor_card.add_class("gcc-doctor")
        super().__init__([self.status, self._doctor_card, self._body()])
        self.add_class("gc")
        self.add_class("gcc-cockpit")
        if self.form is None:
            self.status.opened = []
        self.status.observe(lambda _: self._show_open_parts(), "opened")
        self._show_open_parts()
        watcher.subscribe(self._on_update, history)
        session.submit(_poll_repeatedly(weakref.ref(self)))

    def _body(self) -> widgets.Box:
        live = _box("gcc-live", self.calls, self.timeline, self.notifications)
        return _box("gcc-body", self._form_card, live)

    def _show_open_parts(self) -> None:
        opened = self.status.opened
        self._form_card.layout.display = None if "form" in opened else "none"
        self._doctor_card.layout.display = None if "doctor" in opened else "none"
        if "doctor" in opened and not self._doctor_card.children:
            self._doctor_card.children = (self._session.doctor(),)  # type: ignore[attr-defined]

    # ---- updates

    def _on_update(self, update: Update) -> None:
        """Show new records; called from the watcher's thread."""
        # Calls first: the notifications show their labels.
        self.calls.update(lambda: self.calls.rows.feed(update.notifications, update.requests), closed=update.closed)
        self.notifications.update(lambda: self.notifications.rows.feed(update.notifications), closed=update.closed)
        if update.closed:
            self.status.facts = {**self.status.facts, "live": False}

    def poll(self) -> None:
        """Check listener and tunnel; nothing is sent when they did not change."""
        new = collect_facts(self._session, self._title)
        if new != self.status.facts:
            self.status.facts = new

    # ---- actions

    def act(self, call_id: str, name: str, values: Mapping[str, Any]) -> Future[Any] | None:
        """Start an action, as its button does; its outcome is shown beside the call.

        Parameters
        ----------
        call_id : str
            Id of the call.
        name : str
            Name of the handle's method, such as ``"hang_up"``.
        values : mapping of str to str
            The text of each input field.

        Returns
        -------
        Future
            The result of the method; ``None`` when nothing was started.
        """
        action = self.actions.get(name)
        if action is None or self._is_pressed(call_id, action):
            return None
        try:
            method = partial(getattr(self._session.call(call_id), action.method), **action.make_arguments(values))
            future = self._session.submit(asyncio.to_thread(method))
        except (ValueError, SessionClosed) as error:
            self._set_outcome(call_id, make_failure(action, error))
            return None
        self._set_outcome(call_id, make_progress(action))
        future.add_done_callback(partial(self._on_done, call_id, action))
        return future

    def _is_pressed(self, call_id: str, action: CallAction) -> bool:
        """Return True for a button that was pressed before and is disabled on a page that knows of it."""
        outcome = self.calls.rows.get_outcome(call_id)
        is_done = action.once and outcome.get("kind") == "done" and outcome.get("action") == action.method
        return is_done or outcome.get("kind") == "busy"

    def _on_done(self, call_id: str, action: CallAction, future: Future[Any]) -> None:
        """Show the outcome, from any thread."""
        error = None if future.cancelled() else future.exception()
        if future.cancelled():
            error = SessionClosed("The session was closed before the service answered.")
        self._set_outcome(call_id, make_failure(action, error) if error else make_success(action, future.result()))

    def _set_outcome(self, call_id: str, outcome: dict[str, Any]) -> None:
        self.calls.update(lambda: self.calls.rows.set_outcome(call_id, outcome))

    def ring(self) -> None:
        """Make the simulator call the bot, as the button does."""
        try:
            future = self._session.submit(asyncio.to_thread(self._session.simulator.ring))  # type: ignore[attr-defined]
        except SessionClosed as error:
            self.status.notice = {"kind": "failed", "text": str(error)}
            return
        self.status.notice = {"kind": "busy", "text": "Ringing the bot …"}
        future.add_done_callback(self._on_rung)

    def _on_rung(self, future: Future[Any]) -> None:
        error = None if future.cancelled() else future.exception()
        if error is not None:
            self.status.notice = {"kind": "failed", "text": str(error)}
        else:
            self.status.notice = {}  # the row of the call says the rest

    # ---- closing

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Return the widget, and its form and timeline for a saved notebook."""
        form = "" if self.form is None else self.form.make_picture()
        picture = f"<h3>{escape(self._title)}</h3>{self.timeline.snapshot().svg}{form}"
        return add_picture(super()._repr_mimebundle_(**kwargs), picture, repr(self))

    def close(self) -> None:
        """Remove the cockpit from all pages, and free the models of everything in it; the session stays open."""
        self._watcher.unsubscribe(self._on_update)
        close_parts(self)
        super().close()

    def is_live(self) -> bool:
        """Return True until the cockpit or its session is closed."""
        return self.comm is not None and not self._session.closed

    def __repr__(self) -> str:
        return f"<Cockpit {self._session.kind}: {self.calls.describe()}; {self.notifications.describe()}>"


def _box(css: str, *children: Any) -> widgets.Box:
    box = widgets.VBox(list(children))
    box.add_class(css)
    return box


async def _poll_repeatedly(weak: weakref.ref[Cockpit]) -> None:
    """Poll, on the session's event loop, until the session or the cockpit is closed."""
    while (cockpit := weak()) is not None and cockpit.is_live():
        # A failure may be temporary, for example of a listener in another process.
        with contextlib.suppress(JournalError, OSError):
            cockpit.poll()
        del cockpit
        await asyncio.sleep(POLL_INTERVAL_SECONDS)
