"""The timeline widget: a model, fed by a journal watcher, and its views in the browser."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from ...errors import JournalError
from .. import read_bundle
from ..bundle import add_picture
from ..closing import close_parts
from ..sync import MAX_CALLS, JournalWatcher, Source, SyncedWidget, Update
from .model import TimelineModel
from .snapshot import Snapshot


class Timeline(SyncedWidget):
    """The states of calls as they happen: a row for each call, a bar for each state.

    It works in JupyterLab, Notebook 7 and Voilà, and needs no network. A second view and a page that is loaded again
    show the same picture. For a saved notebook, make a :meth:`snapshot`.

    Parameters
    ----------
    source : JournalWatcher or Journal
        A watcher may be shared by several widgets.
    title : str
        Shown above the picture.
    simulated : bool
        Whether to show that the calls are simulated.
    labels : callable, optional
        ``labels(call_id)`` returns the label of a call, or ``None`` for the usual one: its subject and targets.
    height : int
        Maximum height of the picture in pixels; with more calls it scrolls.
    is_height_fixed : bool
        Whether the picture has this height with few calls too, so that nothing below it moves.
    max_calls : int
        The number of calls kept; the oldest that ended are dropped first.
    clock : callable
        Returns seconds since 1970; the bars of live calls end there.
    driven : bool
        Whether the clock does not run by itself, as in a replay: bars then grow with :meth:`send_time` only.
    owner : object
        Kept alive until the timeline is closed, such as the session that feeds it.

    Attributes
    ----------
    watcher : JournalWatcher

    Examples
    --------
    >>> from graphcall_nb.journal.journal import open_journal
    >>> timeline = Timeline(open_journal(), title="My calls")
    >>> timeline
    <Timeline without calls.>
    >>> timeline.close()
    """

    _esm = read_bundle("timeline.js")
    _css = read_bundle("timeline-style.css")

    def __init__(
        self,
        source: JournalWatcher | Source,
        *,
        title: str = "",
        simulated: bool = False,
        labels: Callable[[str], str | None] | None = None,
        height: int = 360,
        is_height_fixed: bool = False,
        max_calls: int = MAX_CALLS,
        clock: Callable[[], float] = time.time,
        driven: bool = False,
        owner: object = None,
    ) -> None:
        self._owner = owner
        self.title, self.simulated = title, simulated
        self.watcher = source if isinstance(source, JournalWatcher) else JournalWatcher(source)
        self._owns_watcher = not isinstance(source, JournalWatcher)
        self._make_empty = partial(TimelineModel, int(clock() * 1000), labels=labels, max_calls=max_calls)
        history = self.watcher.read_all()
        self._model = self._make_model(history)
        setup = {
            "title": title,
            "simulated": simulated,
            "height": height,
            "is_height_fixed": is_height_fixed,
            "driven": driven,
        }
        super().__init__(self._model, setup, clock, live=not self.watcher.closed)
        self.watcher.subscribe(self.handle_update, history)

    def _make_model(self, history: Update) -> TimelineModel:
        model = self._make_empty()
        model.feed(history.notifications, history.requests)
        model.pop_changes()
        return model

    def handle_update(self, update: Update) -> None:
        """Show new records; called from the watcher's thread."""
        self.update(lambda: self._model.feed(update.notifications, update.requests), closed=update.closed)

    def reload(self) -> None:
        """Forget everything and read the journal again: that of a replay that was moved back.

        Views keep their zoom and filters. Only for a timeline that was given a journal; after that was closed, the
        picture stays as it is.
        """
        if self.watcher.closed:
            return
        fresh = JournalWatcher(self.watcher.source)
        try:
            history = fresh.read_all()
        except JournalError:
            return
        self.watcher.unsubscribe(self.handle_update)
        self.watcher.close()  # after this, no old update arrives
        self.watcher = fresh
        self._model = self._make_model(history)
        self.replace_content(self._model)
        fresh.subscribe(self.handle_update, history)

    def describe(self) -> str:
        """Return one sentence that says what the picture shows."""
        with self._lock:
            return self._model.describe()

    def snapshot(self, *, width: int = 900, max_calls: int = 60) -> Snapshot:
        """Draw a still picture that a saved notebook keeps, where live widgets are blank.

        Parameters
        ----------
        width : int
            Pixels.
        max_calls : int
            The newest calls are drawn, at most this many.

        Returns
        -------
        Snapshot
            Shown at the end of a cell; ``.svg`` is its text and ``.save(path)`` writes it.
        """
        with self._lock:
            return Snapshot.draw(
                self._model,
                now=self._now_ms(),
                title=self.title,
                simulated=self.simulated,
                width=width,
                max_calls=max_calls,
            )

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Return the widget, and the picture so far for a saved notebook."""
        return add_picture(super()._repr_mimebundle_(**kwargs), self.snapshot().svg, repr(self))

    def stop(self) -> None:
        """Stop following the journal; the picture stays."""
        if self._owns_watcher:
            self.watcher.close()
        self.watcher.unsubscribe(self.handle_update)

    def close(self) -> None:
        """Remove the widget from all pages; its thread ends when no other widget needs it."""
        self.watcher.unsubscribe(self.handle_update)
        self.stop()
        close_parts(self)
        super().close()
        self._owner = None
