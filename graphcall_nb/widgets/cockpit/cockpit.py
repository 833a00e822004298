"""The cockpit: everything of a session on one page."""

from __future__ import annotations

import asyncio
import contextlib
import weakref
from collections.abc import Coroutine, Mapping
from concurrent.futures import Future
from functools import partial
from typing import Any, Protocol

import ipywidgets as widgets

from ...errors import JournalError, SessionClosed
from ..live import Batch, Pusher
from ..timeline.widget import Timeline
from .callrows import CallRows
from .logrows import LogRows
from .status import Status, facts_of
from .tables import CallsTable, Log

LOOK_SECONDS = 0.5
"""How often listener and tunnel are looked at."""


class Session(Protocol):
    """What is needed of a :class:`~graphcall_nb.Session`."""

    simulated: bool
    version: Any
    listener: Any
    tunnel: Any

    @property
    def kind(self) -> str: ...
    @property
    def _pusher(self) -> Pusher: ...
    @property
    def closed(self) -> bool: ...
    def form(self) -> Any: ...
    def call(self, id: str) -> Any: ...
    def submit(self, coroutine: Coroutine[Any, Any, Any]) -> Future[Any]: ...


class Cockpit(widgets.VBox):  # type: ignore[misc]
    """Form, calls with their actions, live timeline, notifications and health, for JupyterLab, Notebook 7 and Voilà.

    All that happened is read from the journal. Nothing here waits: what is asked of the service is begun on the
    session's own loop, and its end is told beside the call.

    Parameters
    ----------
    session : the session that is shown
    title : stands at the top

    Attributes
    ----------
    form, calls, timeline, notifications, status : its parts, each a widget that can also be shown alone
    actions : what can be asked of a call, by the name of the handle's method

    Examples
    --------
    >>> import graphcall_nb as gc
    >>> with gc.simulate() as session:
    ...     cockpit = session.cockpit()
    ...     cockpit
    <Cockpit SIMULATED: 0 calls, 0 live; 0 notifications>
    """

    def __init__(self, session: Session, *, title: str = "Calling cockpit") -> None:
        self._session = session
        self._title = title
        self._closing: tuple[widgets.Widget, ...] = ()
        pusher = session._pusher
        known = pusher.history()
        rows = CallRows()
        lines = LogRows(rows.label)
        rows.feed(known.rows, known.requests)
        lines.feed(known.rows)
        for content in (rows, lines):
            content.take_changes()
        self.actions = actions.offered(session.call("any"), buttons.ALL)
        self.form = session.form()
        self.calls = CallsTable(rows, self.actions, self.act)
        self.timeline = Timeline(pusher, simulated=session.simulated, height=300)
        self.notifications = Log(lines, pusher.source)
        self.status = Status(facts_of(session, title), self.ring)
        self._form_card = _box("gcc-card", self.form)
        self._doctor_card = _box("gcc-card")
        self._doctor_card.add_class("gcc-doctor")
        super().__init__([self.status, self._doctor_card, self._body()])
        self.add_class("gc")
        self.add_class("gcc-cockpit")
        self._closing = (self.form, self.calls, self.timeline, self.notifications, self.status)
        self.status.observe(lambda _: self._unfold(), "opened")
        self._unfold()
        pusher.subscribe(self._take, known)
        session.submit(_look(weakref.ref(self)))

    def _body(self) -> widgets.Box:
        live = _box("gcc-live", self.calls, self.timeline, self.notifications)
        return _box("gcc-body", self._form_card, live)

    def _unfold(self) -> None:
        opened = self.status.opened
        self._form_card.layout.display = None if "form" in opened else "none"
        self._doctor_card.layout.display = None if "doctor" in opened else "none"
        if "doctor" in opened and not self._doctor_card.children:
            self._doctor_card.children = (self._session.doctor(),)  # type: ignore[attr-defined]

    # ---- news

    def _take(self, batch: Batch) -> None:
        """New rows, on the pusher's thread."""
        # Calls first: the log names them.
        self.calls.push(lambda: self.calls.calls.feed(batch.rows, batch.requests))
        self.notifications.push(lambda: self.notifications.lines.feed(batch.rows))
        if batch.closed:
            self.calls.end()
            self.notifications.end()
            self.status.facts = {**self.status.facts, "live": False}

    def look(self) -> None:
        """Look at listener and tunnel; nothing is sent when they are as before."""
        new = facts_of(self._session, self._title)
        if new != self.status.facts:
            self.status.facts = new

    # ---- what people ask for

    def act(self, call_id: str, name: str, values: Mapping[str, Any]) -> Future[Any] | None:
        """Begin an action, as its button does; how it goes is told beside the call.

        Parameters
        ----------
        call_id : of the call
        name : of the handle's method, such as ``"hang_up"``
        values : what the action needs to know, as text

        Returns
        -------
        Future
            Of the answer; ``None`` when nothing was begun.
        """
        action = self.actions.get(name)
        if action is None:
            return None
        try:
            method = partial(getattr(self._session.call(call_id), action.method), **action.arguments(values))
            future = self._session.submit(asyncio.to_thread(method))
        except (ValueError, SessionClosed) as error:
            self._note(call_id, actions.failed(action, error))
            return None
        self._note(call_id, actions.busy(action))
        future.add_done_callback(partial(self._done, call_id, action))
        return future

    def _done(self, call_id: str, action: actions.Action, future: Future[Any]) -> None:
        """On whichever thread: only traits and messages here."""
        error = None if future.cancelled() else future.exception()
        if future.cancelled():
            error = SessionClosed("The session was closed before there was an answer.")
        self._note(call_id, actions.failed(action, error) if error else actions.done(action, future.result()))

    def _note(self, call_id: str, outcome: dict[str, Any]) -> None:
        self.calls.push(lambda: self.calls.calls.note(call_id, outcome))

    def ring(self) -> None:
        """Have the simulator call the bot, as the button does."""
        try:
            future = self._session.submit(asyncio.to_thread(self._session.simulator.ring))  # type: ignore[attr-defined]
        except SessionClosed as error:
            self.status.notice = {"kind": "failed", "text": str(error)}
            return
        self.status.notice = {"kind": "busy", "text": "Ringing the bot …"}
        future.add_done_callback(self._rung)

    def _rung(self, future: Future[Any]) -> None:
        error = None if future.cancelled() else future.exception()
        if error is not None:
            self.status.notice = {"kind": "failed", "text": str(error)}
        else:
            self.status.notice = {"kind": "done", "text": "Somebody calls the bot: answer within 15 seconds."}

    # ---- life

    def close(self) -> None:
        """Take the cockpit out of all pages; the session stays."""
        if not self._session.closed:
            self._session._pusher.unsubscribe(self._take)
        for part in self._closing:
            part.close()
        super().close()

    def __repr__(self) -> str:
        return f"<Cockpit {self._session.kind}: {self.calls.describe()}; {self.notifications.describe()}>"


def _box(css: str, *children: Any) -> widgets.Box:
    box = widgets.VBox(list(children))
    box.add_class(css)
    return box


async def _look(weak: weakref.ref[Cockpit]) -> None:
    """Look again and again, on the session's loop, for as long as session and cockpit are there."""
    while (cockpit := weak()) is not None and cockpit.comm is not None and not cockpit._session.closed:
        # What cannot be looked at for a moment, such as a listener elsewhere, is looked at again.
        with contextlib.suppress(JournalError, OSError):
            cockpit.look()
        del cockpit
        await asyncio.sleep(LOOK_SECONDS)
