"""The widget of a sequence diagram, with controls where time can stand still."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import traitlets

from ...errors import GraphcallError
from .. import read_bundle
from ..bundle import add_picture
from ..closing import close_parts
from ..sync import JournalWatcher, SyncedWidget, Update
from ..timeline.snapshot import Snapshot
from .model import LANES, MAX_MESSAGES, SequenceModel
from .snapshot import draw_snapshot

SECONDS_PER_MESSAGE = 1.5
"""Pace of Play: long enough to read a message aloud."""


@dataclass(frozen=True)
class RecordedMessages:
    """The messages of a recording, which a diagram steps through.

    Attributes
    ----------
    records : notifications and requests
    shown_until : time up to which messages are shown at first, seconds since 1970
    on_move : called with the time of each message that is shown or taken back, seconds since 1970
    """

    records: Update
    shown_until: float = float("inf")
    on_move: Callable[[float], object] = lambda _: None


class SequenceDiagram(SyncedWidget):
    """The messages of calls between application, Graph and the other side, as they happen: one arrow each.

    Made by :meth:`graphcall_nb.Session.sequence`. A click on a message shows its JSON. Arrows between Graph and the
    other side are no messages of the API: they follow from the notification below them.

    Parameters
    ----------
    source : JournalWatcher or RecordedMessages
        Messages that arrive, or a recording.
    title : str
        Shown above the picture.
    simulated : bool
        Whether to show that the calls are simulated.
    call_id : str, optional
        Shows this call alone.
    max_messages : int
        The number of messages kept: the newest ones, of a recording the first ones.
    let_next_go : callable, optional
        Moves virtual time to the next message; returns whether one was due.
    clock : callable
        Returns seconds since 1970.
    seconds_per_message : float
        Pace of :meth:`play`.
    owner : object
        Kept alive until the diagram is closed, such as the session that feeds it.

    Examples
    --------
    >>> from graphcall_nb.widgets.sync import Update
    >>> SequenceDiagram(RecordedMessages(Update()))
    <Sequence diagram without messages.>
    """

    _esm = read_bundle("sequence.js")
    _css = read_bundle("sequence-style.css")
    _controls = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        source: JournalWatcher | RecordedMessages,
        *,
        title: str = "Messages",
        simulated: bool = False,
        call_id: str | None = None,
        max_messages: int = MAX_MESSAGES,
        let_next_go: Callable[[], bool] | None = None,
        clock: Callable[[], float] = time.time,
        seconds_per_message: float = SECONDS_PER_MESSAGE,
        owner: object = None,
    ) -> None:
        self._owner = owner
        self.title, self.simulated = title, simulated
        self._recording = source if isinstance(source, RecordedMessages) else None
        self._watcher = source if isinstance(source, JournalWatcher) else None
        self._let_next_go = let_next_go
        self._seconds_per_message = seconds_per_message
        self._stepping = threading.RLock()  # a click may come while Play lets a message go
        self._playing: threading.Event | None = None  # set to pause
        self._note = ""
        is_recorded = self._recording is not None
        base_ms = int(clock() * 1000)
        self._model = SequenceModel(base_ms, call_id=call_id, is_recorded=is_recorded, max_messages=max_messages)
        records = self._recording.records if self._recording else source.read_all()  # type: ignore[union-attr]
        self._model.feed(records.notifications, records.requests)
        if self._recording:
            self._model.show_until(self._recording.shown_until * 1e6)
        self._model.pop_changes()
        setup = {
            "title": title,
            "simulated": simulated,
            "lanes": LANES,
            "driven": True,
            "canStep": is_recorded or let_next_go is not None,
            "canGoBack": is_recorded,
        }
        is_live = self._watcher is not None and not self._watcher.closed
        super().__init__(self._model, setup, clock, live=is_recorded or is_live)
        self._show_controls()
        if self._watcher:
            self._watcher.subscribe(self.handle_update, records)

    def handle_update(self, update: Update) -> None:
        """Show new records; called from the watcher's thread."""
        if update.closed:
            self.pause()
        self.update(lambda: self._model.feed(update.notifications, update.requests), closed=update.closed)

    # ---- steps

    @property
    def is_playing(self) -> bool:
        """True while :meth:`play` lets messages go."""
        return self._playing is not None

    def step(self) -> bool:
        """Let one message go, and return whether one was due.

        Raises
        ------
        ValueError
            If time passes by itself, so that no message can be held back.
        """
        with self._stepping:
            if self._recording:
                is_moved = self._step_recording()
            elif self._let_next_go:
                is_moved = self._let_next_go()
            else:
                raise ValueError("Time passes by itself here; use simulate(virtual_time=True) or a recording.")
            self._note = "" if is_moved else self._explain_end()
            self._show_controls()
            return is_moved

    def _step_recording(self) -> bool:
        shown = []
        self.update(lambda: shown.append(self._model.show_next()))
        if shown[0] is None:
            return False
        self._move_recording()
        return True

    def _explain_end(self) -> str:
        if self._recording:
            return "This was the last message."
        return "Nothing is due: no call is live. Create a call, or let the other side call."

    def back(self) -> None:
        """Take the last message of a recording back."""
        self._take_back(self._model.hide_last)

    def start_over(self) -> None:
        """Take all messages of a recording back."""
        self._take_back(self._model.hide_all)

    def _take_back(self, change: Callable[[], None]) -> None:
        if self._recording is None:
            raise ValueError("Messages that were sent cannot be taken back; save the session and replay it.")
        self.pause()
        with self._stepping:
            self.update(change)
            self._note = ""
            self._move_recording()
            self._show_controls()

    def _move_recording(self) -> None:
        times = [message.at_us / 1e6 for message in self._model]
        if self._recording:
            self._recording.on_move(times[-1] if times else 0.0)

    def play(self) -> None:
        """Let one message go after the other, until :meth:`pause` or until none is due; a recording begins again."""
        with self._stepping:
            if self._playing is not None:
                return
            if self._recording and not self._model.has_next:
                self.start_over()
            self._playing = paused = threading.Event()
            self._show_controls()
        threading.Thread(target=self._play, args=(paused,), name="graphcall_nb-sequence", daemon=True).start()

    def _play(self, paused: threading.Event) -> None:
        while not paused.is_set():
            try:
                with self._stepping:
                    if paused.is_set() or not self.step():
                        break
            except GraphcallError:  # the session was closed
                break
            paused.wait(self._seconds_per_message)
        self._end_play(paused)

    def pause(self) -> None:
        """Hold the next message back."""
        playing = self._playing
        if playing is not None:
            playing.set()
            self._end_play(playing)

    def _end_play(self, paused: threading.Event) -> None:
        if self._playing is paused:
            self._playing = None
            self._show_controls()

    def _show_controls(self) -> None:
        can_step = self._model.has_next if self._recording else True
        self._controls = {
            "playing": self._playing is not None,
            "canStep": can_step,
            "canGoBack": len(self._model) > 0,
            "note": self._note,
        }

    def handle_request(self, message: dict[str, Any]) -> None:
        """Do what a button says."""
        name = message.get("kind")
        if name == "step":
            self.pause()
            self.step()
        elif name in ("play", "pause", "back", "start_over"):
            getattr(self, name)()

    # ---- as picture and text

    def describe(self) -> str:
        """Return one sentence that says what the picture shows."""
        with self._lock:
            return self._model.describe()

    def to_text(self) -> str:
        """Return the diagram as text, one line for each message."""
        with self._lock:
            return self._model.to_text()

    def snapshot(self, *, width: int = 900) -> Snapshot:
        """Draw a still picture that a saved notebook keeps; ``width`` is in pixels."""
        with self._lock:
            return draw_snapshot(self._model, title=self.title, simulated=self.simulated, width=width)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Return the widget, and the picture so far for a saved notebook."""
        return add_picture(super()._repr_mimebundle_(**kwargs), self.snapshot().svg, self.to_text())

    def stop(self) -> None:
        """Stop following the journal; the picture stays."""
        self.pause()
        if self._watcher:
            self._watcher.unsubscribe(self.handle_update)

    def close(self) -> None:
        """Remove the widget from all pages."""
        self.stop()
        close_parts(self)
        super().close()
        self._owner = None
