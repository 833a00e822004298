"""A widget whose content grows: everything in a trait when a page asks for it, and what is new as messages between.

A second view and a page that is loaded again get the present, and a view that missed a message asks for all.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

import anywidget
import traitlets

from .. import STATIC


class Content(Protocol):
    """What such a widget shows, without any widget: pure, and in the form of the wire."""

    def whole(self) -> dict[str, Any]: ...
    def take_changes(self) -> dict[str, Any] | None: ...


def _whole_state(_: Any, feed: Feed) -> dict[str, Any]:
    return feed._whole()


class Feed(anywidget.AnyWidget):
    """Keeps all views of a content in step.

    Parameters
    ----------
    content : what is shown
    setup : what never changes
    clock : seconds since 1970
    """

    _css = STATIC / "cockpit-style.css"

    # The number means nothing: what is sent in its place is made anew whenever a page asks.
    _setup = traitlets.Dict().tag(sync=True)
    _state = traitlets.Int(0).tag(sync=True, to_json=_whole_state, from_json=lambda value, widget: 0)

    def __init__(self, content: Content, setup: dict[str, Any], clock: Callable[[], float] = time.time) -> None:
        self._content = content
        self._clock = clock
        self._lock = threading.RLock()
        self._sent = 0
        self._live = True
        super().__init__(_setup=setup)
        self.on_msg(self._heard)

    def push(self, change: Callable[[], None]) -> None:
        """Change the content, from any thread, and tell the pages what is new."""
        with self._lock:
            change()
            changes = self._content.take_changes()
            if changes is not None:
                self._tell(changes)

    def end(self) -> None:
        """The session is closed: pages say so, and nothing can be asked for any more."""
        with self._lock:
            self._live = False
            self._tell({})

    def _tell(self, changes: dict[str, Any]) -> None:
        self._sent += 1
        self.send({"kind": "changes", **self._frame(), **changes})

    def _frame(self) -> dict[str, Any]:
        return {"n": self._sent, "now": int(self._clock() * 1000), "live": self._live}

    def _whole(self) -> dict[str, Any]:
        with self._lock:
            return {**self._frame(), **self._content.whole()}

    def _heard(self, _: Any, message: Any, buffers: Any) -> None:
        if not isinstance(message, dict):
            return
        if message.get("kind") != "hello":
            self.asked(message)
            return
        with self._lock:
            if message.get("n") == self._sent:
                self.send({"kind": "changes", **self._frame()})
            else:
                self.send_state("_state")

    def asked(self, message: dict[str, Any]) -> None:
        """A page asks for something else than news."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.describe()}>"

    def describe(self) -> str:
        """What is shown, in a few words."""
        raise NotImplementedError
