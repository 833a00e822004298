"""The player of a replay: play and pause, a slider to scrub, the pace, and the timeline as it was then."""

from __future__ import annotations

import math
import threading
import weakref
from collections.abc import Callable
from typing import Any, Protocol

import anywidget
import ipywidgets as widgets
import traitlets

from . import STATIC
from .live import Source
from .timeline.widget import Timeline

TICK_SECONDS = 0.25
"""How often the slider follows the time."""

PACES = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 50.0)


class Recording(Source, Protocol):
    """What is needed of a :class:`graphcall_nb.journal.replay.Replay`."""

    duration: float
    speed: float
    backwards: int

    @property
    def position(self) -> float: ...
    @property
    def playing(self) -> bool: ...
    def play(self) -> None: ...
    def pause(self) -> None: ...
    def seek(self, seconds: float) -> None: ...
    def now(self) -> float: ...


class Scrubber(anywidget.AnyWidget):
    """A slider over a recording, which a hand can hold while time goes on.

    Parameters
    ----------
    duration : of the recording, in seconds
    seek : ``seek(seconds, held)`` when it was moved; ``held`` is whether a hand is still on it
    """

    _esm = STATIC / "time-slider.js"
    _css = STATIC / "time-slider-style.css"
    duration = traitlets.Float().tag(sync=True)
    value = traitlets.Float(0.0).tag(sync=True)

    def __init__(self, duration: float, seek: Callable[[float, bool], None]) -> None:
        super().__init__(duration=duration)
        self._seek = seek
        self.on_msg(self._heard)

    def _heard(self, _: Any, content: Any, buffers: Any) -> None:
        if not isinstance(content, dict) or content.get("kind") != "seek":
            return
        try:
            if isinstance(content.get("to"), int | float):
                self._seek(float(content["to"]), content.get("held") is True)
        finally:
            self.send({"kind": "there"})  # whatever happened, the view waits for it


class Player(widgets.VBox):  # type: ignore[misc]
    """Moves about in a recording; made by :meth:`graphcall_nb.session.replay.ReplaySession.player`.

    Attributes
    ----------
    timeline : the timeline as it is at the present time of the recording
    """

    def __init__(self, recording: Recording, *, simulated: bool = False) -> None:
        self._recording = recording
        self._lock = threading.RLock()
        self._following = False
        self._held = False  # a hand on the slider holds it up
        self._told = -1.0
        self._stopped = threading.Event()
        self._backwards = recording.backwards
        self._make_controls()
        self.timeline = Timeline(recording, title="Replay", simulated=simulated, clock=recording.now, driven=True)
        self._bar = widgets.HBox([self.button, self.slider, self.pace], layout={"flex_flow": "row wrap"})
        super().__init__([self._bar, self.timeline], layout={"width": "100%"})
        self.follow()
        arguments = (weakref.ref(self), self._stopped)
        self._thread = threading.Thread(target=_keep_following, args=arguments, name="graphcall_nb-player", daemon=True)
        self._thread.start()

    def _make_controls(self) -> None:
        self.button = widgets.Button(layout={"width": "90px"})
        self.slider = Scrubber(max(self._recording.duration, 0.001), self._scrubbed)
        self.pace = widgets.Dropdown(options=_paces(1.0), description="Pace", layout={"width": "160px"})
        self.button.on_click(self._pressed)
        self.pace.observe(self._paced, "value")

    # ---- from the user

    def _pressed(self, _: Any) -> None:
        self._held = False
        if self._recording.playing:
            self._recording.pause()
        else:
            self._recording.play()
        self.follow()

    def _scrubbed(self, seconds: float, held: bool) -> None:
        with self._lock:
            self._recording.seek(seconds)
            if held and self._recording.playing:
                self._recording.pause()
                self._held = True
            elif self._held and not held:
                self._held = False
                if seconds < self._recording.duration:  # at the end, to play is to begin again
                    self._recording.play()
        self.follow()

    def _paced(self, change: Any) -> None:
        if not self._following and change["new"] is not None:
            self._recording.speed = change["new"]

    # ---- from the recording

    def follow(self) -> None:
        """Show where the recording is now."""
        with self._lock:
            position, playing = self._recording.position, self._recording.playing or self._held
            self._following = True
            try:
                self.slider.value = position
                self._show_pace(self._recording.speed)
            finally:
                self._following = False
            self.button.description, self.button.icon = ("Pause", "pause") if playing else ("Play", "play")
            if self._backwards != self._recording.backwards:
                self._backwards = self._recording.backwards
                self.timeline.begin_again()
            if position != self._told:
                self._told = position
                self.timeline.tell_time()

    def _show_pace(self, speed: float) -> None:
        if self.pace.value != speed:
            self.pace.options = _paces(speed)
            self.pace.value = speed

    def stop(self) -> None:
        """Follow no more; what is shown stays."""
        self._stopped.set()
        self._thread.join()
        self.timeline.stop()

    def close(self) -> None:
        """Take the widget out of all pages, and end its thread."""
        self.stop()
        self.timeline.close()
        super().close()

    def __repr__(self) -> str:
        there, end = self.slider.value, self._recording.duration
        return f"<Player at {there:.1f} of {end:.1f} s: {self.timeline.describe()}>"


def _keep_following(weak: weakref.ref[Player], stopped: threading.Event) -> None:
    """The thread; it holds the player only while it moves the slider."""
    while not stopped.wait(TICK_SECONDS):
        player = weak()
        if player is None:
            return
        player.follow()
        del player


def _paces(speed: float) -> list[tuple[str, float]]:
    """The usual ones, and the present one."""
    paces = sorted({*PACES, speed})
    return [("at once" if math.isinf(pace) else f"{pace:g}x", pace) for pace in paces]
