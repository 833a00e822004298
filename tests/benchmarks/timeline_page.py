"""Kernel side of ``bench_timeline_live``: a thousand calls that change at a fixed rate."""

import json
import random
import threading
import time

from feed import Feed  # the browser tests' own, put beside the notebook

from graphcall_nb.plots.colors import STATE_COLORS
from graphcall_nb.widgets.sync import JournalWatcher
from graphcall_nb.widgets.timeline import Timeline

PATH = ("establishing", "ringing", "established")

STAMPS = {"taken": [], "sent": []}

SHOWN = []
"""``(number of changes shown, name of the view)`` per view since the start."""


class Stamped(Timeline):
    """Timeline that records when it received and sent an update."""

    def handle_update(self, update):
        STAMPS["taken"].append(time.time() * 1000)
        super().handle_update(update)
        STAMPS["sent"].append(time.time() * 1000)
        note_shown(len(update.notifications), self._sent)


def note_shown(changes, name):
    SHOWN.append((changes + (SHOWN[-1][0] if SHOWN else 0), name))


class Bench:
    """Changes of one call after another from a thread; ``report()`` returns their times."""

    def __init__(self, calls):
        self.calls = [f"57dab8b1-894c-409a-b240-{number:012x}" for number in range(calls)]
        self.feed = Feed()
        began = time.time() - 120
        for age, state in enumerate(PATH):
            self.feed.say_all([(call, state) for call in self.calls], began + 2 * age)
        self.timeline = Stamped(self.feed.journal, simulated=True)
        self.started = began
        self.times, self.committed, self.thread = [], [], None
        self.changes = 0

    def ours(self, number):
        """Hold the next call, or resume it at its second turn: each change adds a bar."""
        turn, row = divmod(self.changes, len(self.calls))
        self.changes += 1
        self.feed.say(self.calls[row], "established" if turn % 2 else "hold")

    def start(self, view, count, pace):
        self.times, self.committed = [], []
        SHOWN.clear()
        for times in STAMPS.values():
            times.clear()
        change = self.ours if view == "ours" else self.plotly
        self.thread = threading.Thread(target=self._run, args=(change, count, pace))
        self.thread.start()

    def _run(self, change, count, pace):
        # Uneven gaps, since regular ones would always fall into the same part of a frame.
        due, gaps = time.time(), random.Random(1)
        for number in range(count):
            due += gaps.uniform(0.5, 1.5) / pace
            time.sleep(max(due - time.time(), 0))
            self.times.append(time.time() * 1000)
            change(number)
            self.committed.append(time.time() * 1000)

    def report(self):
        running = self.thread is not None and self.thread.is_alive()
        bars = len(PATH) * len(self.calls) + self.changes
        said = {"running": running, "times": self.times, "seq": self.timeline._sent, "bars": bars, "shown": SHOWN}
        print(json.dumps(said | {"committed": self.committed} | STAMPS))

    # ---- the baseline: one bar trace per state, as in plotly's Gantt charts

    def figure(self):
        import plotly.graph_objects as go

        self.held = 0  # so many calls, from the first on, are no longer established
        self.bars = {state: ([], [], []) for state in (*PATH, "hold")}
        for row in range(len(self.calls)):
            for age, state in enumerate(PATH):
                self._bar(state, row, self.started + 2 * age, 2 if state != "established" else 116)
        traces = [
            go.Bar(orientation="h", name=state, marker_color=STATE_COLORS[state], y=y, base=base, x=length)
            for state, (y, base, length) in self.bars.items()
        ]
        self.shown = go.FigureWidget(traces, {"barmode": "overlay", "title": {"text": "0"}, "height": 360})
        self.plotly_feed = Feed()
        self.watcher = JournalWatcher(self.plotly_feed.journal)
        self.watcher.subscribe(self._redraw)
        return self.shown

    def _bar(self, state, row, base, length):
        for values, value in zip(self.bars[state], (row, base, length), strict=True):
            values.append(value)

    def plotly(self, number):
        """Hold the next call."""
        self.plotly_feed.say(self.calls[number], "hold")

    def _redraw(self, batch):
        """Update the figure: the call's bar ends, a new one starts, and open bars extend to now."""
        now = time.time()
        _, base, length = self.bars["established"]
        for row in range(len(self.calls)):
            if row >= self.held:
                length[row] = now - base[row]
        for _ in batch.notifications:
            self._bar("hold", self.held, now, 0)
            self.held += 1
        y, base, held = self.bars["hold"]
        held[:] = [now - begun for begun in base]
        with self.shown.batch_update():
            self.shown.data[len(PATH) - 1].x = list(length)
            trace = self.shown.data[len(PATH)]
            trace.y, trace.base, trace.x = list(y), list(base), list(held)
            self.shown.layout.title.text = str(self.held)
        note_shown(len(batch.notifications), self.held)
