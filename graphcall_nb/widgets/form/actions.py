"""The button that places the call, and what became of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import ipywidgets as widgets

from ...errors import InvalidCall
from ...graph.models import Call
from ..form import markup, outcome
from .controls import CallLink
from .editor import Editor, View

Submit = Callable[[Call], "Future[Any]"]


class Actions(widgets.VBox):  # type: ignore[misc]
    """Sends the call and never waits for the answer.

    The answer comes in another thread; there only traits are set, since text printed from a thread would land in some
    other cell.
    """

    def __init__(
        self, editor: Editor, submit: Submit, complete: Callable[[Call], Call], point_out: Callable[[], None]
    ) -> None:
        self.editor = editor
        self._point_out = point_out
        self.last: Any = None
        self._submit = submit
        self._complete = complete
        self._refused = False
        self._pending: Future[Any] | None = None
        self._pending_lock = threading.Lock()
        self.button = widgets.Button(description="Create call", icon="phone", button_style="primary")
        self.button.tooltip = "Send the request; nothing is sent while there are errors"
        self.button.add_class("gcf-create")
        self.button.on_click(lambda _: self.create())
        self.status = markup.block("gcf-outcome")
        self.link = CallLink(layout=widgets.Layout(display="none"))
        self.link.add_class("gcf-call-link")
        super().__init__([self.button, self.status, self.link])
        self.add_class("gcf-actions")

    def create(self) -> Future[Any]:
        """Send the call; while one is on its way, that one is returned and nothing is sent."""
        with self._pending_lock:
            if self._pending is not None and not self._pending.done():
                return self._pending
            self._pending = future = self._start()
        future.add_done_callback(self._finished)
        return future

    def _start(self) -> Future[Any]:
        with self.editor.lock:
            problems = self.editor.state.errors()
            self.editor.change(_reveal)
            call = self.editor.state.call
        if problems:
            self._refused = True
            self.link.layout.display = "none"  # it is of a call before
            self._point_out()
            lines = "; ".join(f"{field}: {message}" for field, message in problems.items())
            return _failed(InvalidCall(f"Nothing was sent. {lines}", problems=list(problems.items())))
        self._refused = False
        self._busy(True)
        self.status.value = outcome.BUSY
        try:
            return self._submit(self._complete(call))
        except Exception as error:  # whatever it is, it belongs beside the button and not in a log
            return _failed(error)

    def _finished(self, future: Future[Any]) -> None:
        if future.cancelled():
            self.status.value = outcome.failed(InvalidCall("Sending was cancelled; press Create again."))
        elif (error := future.exception()) is not None:
            problems = error.problems if isinstance(error, InvalidCall) else ()
            self.status.value = outcome.refused(len(problems)) if problems else outcome.failed(error)
        else:
            self.last = future.result()
            self.status.value = outcome.placed(self.last)
            self.link.call_id = str(getattr(self.last, "id", None) or "")
            self.link.layout.display = None if self.link.call_id else "none"
        self._busy(False)

    def _busy(self, busy: bool) -> None:
        """Show it. The button is not disabled, which would take the focus away from it; :meth:`create` knows better."""
        self.button.icon = "" if busy else "phone"
        self.button.description = "Creating …" if busy else "Create call"
        if busy:
            self.link.layout.display = "none"
        markup.toggle_class(self.button, "gcf-busy", busy)

    def show(self, view: View) -> None:
        """Keep the count of errors true, and forget it when there are none left or another call was loaded."""
        if self._refused:
            count = len(view.errors) if view.state.revealed else 0
            self._refused = count > 0
            self.status.value = outcome.refused(count) if count else ""


def _reveal(state: Any) -> None:
    state.revealed = True


def _failed(error: Exception) -> Future[Any]:
    future: Future[Any] = Future()
    future.set_exception(error)
    return future
