"""The player of a replay: play and pause, a time slider, the speed, and the timeline at that time."""

from __future__ import annotations

import math
import threading
import weakref
from collections.abc import Callable
from typing import Any, Protocol

import anywidget
import ipywidgets as widgets
import traitlets

from . import read_bundle
from .closing import close_parts
from .sync import Source
from .timeline import Timeline

TICK_SECONDS = 0.25
"""Interval at which the slider follows the recording."""

SPEEDS = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 50.0)


class Recording(Source, Protocol):
    """The part of :class:`graphcall_nb.journal.replay.Replay` that a player needs."""

    duration: float
    speed: float
    rewind_count: int

    @property
    def position(self) -> float: ...
    @property
    def is_playing(self) -> bool: ...
    def play(self) -> None: ...
    def pause(self) -> None: ...
    def seek(self, seconds: float) -> None: ...
    def now(self) -> float: ...


class TimeSlider(anywidget.AnyWidget):
    """A slider over a recording, which the user can hold while time advances.

    Parameters
    ----------
    duration : of the recording, in seconds
    seek : ``seek(seconds, is_held)`` is called when it was moved; ``is_held`` is whether the user still holds it
    """

    _esm = read_bundle("time-slider.js")
    _css = read_bundle("time-slider-style.css")
    duration = traitlets.Float().tag(sync=True)
    value = traitlets.Float(0.0).tag(sync=True)

    def __init__(self, duration: float, seek: Callable[[float, bool], None]) -> None:
        super().__init__(duration=duration)
        self._seek = seek
        self.on_msg(self.handle_message)

    def handle_message(self, _: Any, content: Any, buffers: Any) -> None:
        """Seek as a message of a page says."""
        if not isinstance(content, dict) or content.get("kind") != "seek":
            return
        try:
            seconds = content.get("to")
            if isinstance(seconds, int | float) and 0 <= seconds <= self.duration:
                self._seek(float(seconds), content.get("held") is True)
        finally:
            self.send({"kind": "there"})  # also after an error: the view waits for it


class Player(widgets.VBox):  # type: ignore[misc]
    """Controls a recording; made by :meth:`graphcall_nb.session.replay.ReplaySession.player`.

    Attributes
    ----------
    timeline : the timeline at the present time of the recording
    """

    def __init__(self, recording: Recording, *, simulated: bool = False) -> None:
        self._recording = recording
        self._lock = threading.RLock()
        self._is_following = False
        self._is_held = False  # the user holds the slider
        self._sent_position = -1.0
        self._shown_speed = 1.0
        self._stopped = threading.Event()
        self._rewind_count = recording.rewind_count
        self._make_controls()
        self.timeline = Timeline(recording, title="Replay", simulated=simulated, clock=recording.now, driven=True)
        self._bar = widgets.HBox([self.button, self.slider, self.speed], layout={"flex_flow": "row wrap"})
        super().__init__([self._bar, self.timeline], layout={"width": "100%"})
        self.follow()
        arguments = (weakref.ref(self), self._stopped)
        self._thread = threading.Thread(target=_keep_following, args=arguments, name="graphcall_nb-player", daemon=True)
        self._thread.start()

    def _make_controls(self) -> None:
        self.button = widgets.Button(layout={"width": "90px"})
        self.slider = TimeSlider(max(self._recording.duration, 0.001), self._on_seek)
        self.speed = widgets.Dropdown(options=_make_speed_options(1.0), description="Speed", layout={"width": "160px"})
        self.button.on_click(self._on_press)
        self.speed.observe(self._on_speed, "value")

    # ---- from the user

    def _on_press(self, _: Any) -> None:
        self._is_held = False
        if self._recording.is_playing:
            self._recording.pause()
        else:
            self._recording.play()
        self.follow()

    def _on_seek(self, seconds: float, is_held: bool) -> None:
        with self._lock:
            self._recording.seek(seconds)
            if is_held and self._recording.is_playing:
                self._recording.pause()
                self._is_held = True
            elif self._is_held and not is_held:
                self._is_held = False
                if seconds < self._recording.duration:  # at the end, play would start again
                    self._recording.play()
        self.follow()

    def _on_speed(self, change: Any) -> None:
        with self._lock:  # the thread that follows may be at work
            if not self._is_following and change["new"] is not None:
                self._recording.speed = self._shown_speed = change["new"]

    # ---- from the recording

    def follow(self) -> None:
        """Show the present position of the recording."""
        with self._lock:
            position, playing = self._recording.position, self._recording.is_playing or self._is_held
            self._is_following = True
            try:
                self.slider.value = position
                self._show_speed(self._recording.speed)
            finally:
                self._is_following = False
            self.button.description, self.button.icon = ("Pause", "pause") if playing else ("Play", "play")
            if self._rewind_count != self._recording.rewind_count:
                self._rewind_count = self._recording.rewind_count
                self.timeline.reload()
            if position != self._sent_position:
                self._sent_position = position
                self.timeline.send_time()

    def _show_speed(self, speed: float) -> None:
        if self._shown_speed != speed:  # the control may have the next choice of the user already
            self._shown_speed = speed
            self.speed.options = _make_speed_options(speed)
            self.speed.value = speed

    def stop(self) -> None:
        """Stop following; the picture stays."""
        self._stopped.set()
        self._thread.join()
        self.timeline.stop()

    def close(self) -> None:
        """Remove the widget from all pages, and end its thread."""
        self.stop()
        close_parts(self)
        super().close()

    def __repr__(self) -> str:
        position, end = self.slider.value, self._recording.duration
        return f"<Player at {position:.1f} of {end:.1f} s: {self.timeline.describe()}>"


def _keep_following(weak: weakref.ref[Player], stopped: threading.Event) -> None:
    """Run the thread; it holds the player only while it moves the slider."""
    while not stopped.wait(TICK_SECONDS):
        player = weak()
        if player is None:
            return
        player.follow()
        del player


def _make_speed_options(speed: float) -> list[tuple[str, float]]:
    """Return the usual speeds and the present one."""
    speeds = sorted({*SPEEDS, speed})
    return [("at once" if math.isinf(one) else f"{one:g}x", one) for one in speeds]
