"""The live timeline as a widget: the model, a journal that feeds it, and messages to the browser."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import anywidget
import traitlets

from ...errors import JournalError
from .. import STATIC
from ..follower import MAX_CALLS
from ..live import Batch, Pusher, Source
from .model import Model
from .picture import Snapshot


def _whole_state(_: Any, timeline: Timeline) -> dict[str, Any]:
    return timeline._whole()


def _history(pusher: Pusher) -> Batch:
    """What is in the journal; nothing when it was closed with its session: that widget shows an empty picture."""
    try:
        return pusher.history()
    except JournalError:
        if pusher.closed:
            return Batch()
        raise


class Timeline(anywidget.AnyWidget):
    """The states of calls as they happen: a row for each call, a bar for each state.

    It works in JupyterLab, Notebook 7 and Voilà, and needs no network. A second view of it and a page that is loaded
    again show the same picture. What a saved notebook should keep, leave there with :meth:`snapshot`.

    Parameters
    ----------
    source
        A :class:`~graphcall_nb.widgets.live.Pusher`, which several widgets may share, or a journal.
    title
        Shown above the picture.
    simulated
        Whether to say that the calls are not real.
    labels
        ``labels(call_id)`` gives the name of a call, or ``None`` for the usual: its subject and targets.
    height
        Of the picture at most, in pixels; with more calls it scrolls.
    max_calls
        How many calls are kept; the oldest that ended make room.
    clock
        Seconds since 1970; open bars end there.
    driven
        Whether the clock does not go like others, as that of a replay: open bars then move with :meth:`tell_time` only.

    Examples
    --------
    >>> from graphcall_nb.journal import open_journal
    >>> timeline = Timeline(open_journal(), title="My calls")
    >>> timeline
    <Timeline without any call yet.>
    >>> timeline.close()
    """

    _esm = STATIC / "timeline.js"
    _css = STATIC / "timeline-style.css"

    # What never changes after the start, and the whole picture. The second is made anew whenever it is sent, so a page
    # that is loaded again gets the present; the number itself means nothing.
    _setup = traitlets.Dict().tag(sync=True)
    _state = traitlets.Int(0).tag(sync=True, to_json=_whole_state, from_json=lambda value, widget: 0)

    def __init__(
        self,
        source: Pusher | Source,
        *,
        title: str = "",
        simulated: bool = False,
        labels: Callable[[str], str | None] | None = None,
        height: int = 360,
        max_calls: int = MAX_CALLS,
        clock: Callable[[], float] = time.time,
        driven: bool = False,
    ) -> None:
        self._pusher = source if isinstance(source, Pusher) else Pusher(source)
        self._owns_pusher = not isinstance(source, Pusher)
        self._clock = clock
        self._lock = threading.RLock()
        self._sent = 0
        self._live = not self._pusher.closed
        self._ended_ms: int | None = None
        self._empty = partial(Model, int(clock() * 1000), labels=labels, max_calls=max_calls)
        known = _history(self._pusher)
        self._show(known)
        super().__init__(_setup={"title": title, "simulated": simulated, "height": height, "driven": driven})
        self.title, self.simulated = title, simulated
        self.on_msg(self._heard)
        self._pusher.subscribe(self._take, known)

    def _show(self, known: Batch) -> None:
        """Begin with what is known."""
        self._model = self._empty()
        self._model.feed(known.rows, known.requests)
        self._model.take_changes()

    def begin_again(self) -> None:
        """Forget everything and read the journal anew: that of a replay which was moved back.

        Views keep their zoom and what they filter. Only for a timeline that was given a journal; when that was closed,
        what it shows stays.
        """
        if self._pusher.closed:
            return
        fresh = Pusher(self._pusher.source)
        try:
            known = fresh.history()
        except JournalError:
            return
        self._pusher.unsubscribe(self._take)
        self._pusher.close()  # after this, nothing old is on its way
        with self._lock:
            self._pusher = fresh
            self._show(known)
            self._sent += 1
            self.send_state("_state")
        fresh.subscribe(self._take, known)

    # ---- to the browser

    def _take(self, batch: Batch) -> None:
        """New rows, on the pusher's thread."""
        with self._lock:
            self._model.feed(batch.rows, batch.requests)
            if batch.closed:
                self._live, self._ended_ms = False, self._now()
            changes = self._model.take_changes()
            if changes is None and not batch.closed:
                return
            self._sent += 1
            self.send({"kind": "changes", "n": self._sent, "now": self._now(), "live": self._live, **(changes or {})})

    def _whole(self) -> dict[str, Any]:
        with self._lock:
            return {"n": self._sent, "now": self._now(), "live": self._live, **self._model.whole()}

    def _now(self) -> int:
        if self._ended_ms is not None:
            return self._ended_ms
        return int(self._clock() * 1000) - self._model.base_ms

    def _heard(self, _: Any, content: Any, buffers: Any) -> None:
        """A view says hello with the number of the last message it has; one that lacks some gets everything."""
        if not isinstance(content, dict) or content.get("kind") != "hello":
            return
        with self._lock:
            if content.get("n") == self._sent:
                self.tell_time()
            else:
                self.send_state("_state")

    def tell_time(self) -> None:
        """Tell the views what time it is."""
        with self._lock:
            self.send({"kind": "changes", "n": self._sent, "now": self._now(), "live": self._live})

    # ---- for people

    def describe(self) -> str:
        """One sentence that says what the picture shows."""
        with self._lock:
            return self._model.describe()

    def snapshot(self, *, width: int = 900, max_calls: int = 60) -> Snapshot:
        """A still picture that a saved notebook keeps, where live widgets are blank.

        Parameters
        ----------
        width : pixels
        max_calls : the newest calls are drawn, so many at most

        Returns
        -------
        Snapshot
            Shows itself at the end of a cell; ``.svg`` is its text and ``.save(path)`` writes it.
        """
        with self._lock:
            return Snapshot.of(
                self._model,
                now=self._now(),
                title=self.title,
                simulated=self.simulated,
                width=width,
                max_calls=max_calls,
            )

    def stop(self) -> None:
        """Take no more news; what is shown stays."""
        if self._owns_pusher:
            self._pusher.close()
        self._pusher.unsubscribe(self._take)

    def close(self) -> None:
        """Take the widget out of all pages; its thread ends when nobody else needs it."""
        self._pusher.unsubscribe(self._take)
        self.stop()
        super().close()

    def __repr__(self) -> str:
        return f"<{self.describe()}>"
