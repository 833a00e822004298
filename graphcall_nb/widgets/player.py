"""The player of a replay: play and pause, a slider to scrub, the pace, and the timeline as it was then."""

from __future__ import annotations

import math
import threading
import weakref
from typing import Any, Protocol

import ipywidgets as widgets

from .live import Source
from .timeline import Timeline

TICK_SECONDS = 0.25
"""How often the slider follows the time."""

PACES = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 50.0)


class Recording(Source, Protocol):
    """What is needed of a :class:`graphcall_nb.journal.Replay`."""

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


class Player(widgets.VBox):  # type: ignore[misc]
    """Moves about in a recording; made by :meth:`graphcall_nb.session.ReplaySession.player`.

    Attributes
    ----------
    timeline : the timeline as it is at the present time of the recording
    """

    def __init__(self, recording: Recording, *, simulated: bool = False) -> None:
        self._recording = recording
        self._simulated = simulated
        self._lock = threading.RLock()
        self._following = False
        self._told = -1.0
        self._stopped = threading.Event()
        self._backwards = recording.backwards
        self._make_controls()
        self.timeline = self._new_timeline()
        self._bar = widgets.HBox([self.button, self.slider, self.time, self.pace])
        super().__init__([self._bar, self.timeline], layout={"width": "100%"})
        self.follow()
        arguments = (weakref.ref(self), self._stopped)
        threading.Thread(target=_keep_following, args=arguments, name="graphcall_nb-player", daemon=True).start()

    def _make_controls(self) -> None:
        duration = max(self._recording.duration, 0.001)
        self.button = widgets.Button(layout={"width": "90px"})
        self.slider = widgets.FloatSlider(
            min=0,
            max=duration,
            step=duration / 1000,
            description="Time",
            readout=False,
            continuous_update=False,
            layout={"flex": "1 1 auto"},
        )
        self.time = widgets.Label(layout={"min_width": "110px"})
        self.pace = widgets.Dropdown(options=_paces(1.0), description="Pace", layout={"width": "160px"})
        self.button.on_click(self._pressed)
        self.slider.observe(self._scrubbed, "value")
        self.pace.observe(self._paced, "value")

    # ---- from the user

    def _pressed(self, _: Any) -> None:
        if self._recording.playing:
            self._recording.pause()
        else:
            self._recording.play()
        self.follow()

    def _scrubbed(self, change: Any) -> None:
        if not self._following:
            self._recording.seek(change["new"])
            self.follow()

    def _paced(self, change: Any) -> None:
        if not self._following and change["new"] is not None:
            self._recording.speed = change["new"]

    # ---- from the recording

    def follow(self) -> None:
        """Show where the recording is now."""
        with self._lock:
            position, playing = self._recording.position, self._recording.playing
            self._following = True
            try:
                self.slider.value = position
                self._show_pace(self._recording.speed)
            finally:
                self._following = False
            self.time.value = f"{_clock(position)} of {_clock(self._recording.duration)}"
            self.button.description, self.button.icon = ("Pause", "pause") if playing else ("Play", "play")
            if self._backwards != self._recording.backwards:
                self._backwards = self._recording.backwards
                self._begin_again()
            if position != self._told:
                self._told = position
                self.timeline.tell_time()

    def _show_pace(self, speed: float) -> None:
        if self.pace.value != speed:
            self.pace.options = _paces(speed)
            self.pace.value = speed

    def _begin_again(self) -> None:
        """A timeline cannot forget, so after a move back there is a new one."""
        old, self.timeline = self.timeline, self._new_timeline()
        self.children = (self._bar, self.timeline)
        old.close()

    def _new_timeline(self) -> Timeline:
        return Timeline(
            self._recording, title="Replay", simulated=self._simulated, clock=self._recording.now, driven=True
        )

    def close(self) -> None:
        """Take the widget out of all pages, and end its thread."""
        self._stopped.set()
        self.timeline.close()
        super().close()

    def __repr__(self) -> str:
        return f"<Player at {self.time.value}: {self.timeline.describe()}>"


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


def _clock(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours}:{minutes:02}:{rest:04.1f}" if hours else f"{minutes}:{rest:04.1f}"
