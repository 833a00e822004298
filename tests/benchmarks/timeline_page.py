"""Runs in the notebook's kernel of ``bench_timeline_live``: a thousand calls, changed at a given pace, and when."""

import json
import threading
import time

from feed import Feed  # the browser tests' own, put beside the notebook

from graphcall_nb.statecolors import STATE_COLORS
from graphcall_nb.widgets.timeline import Timeline

PATH = ("establishing", "ringing", "established")


class Bench:
    """``start(view, count, pace)`` changes one call after another from a thread; ``report()`` says when."""

    def __init__(self, calls):
        self.calls = [f"57dab8b1-894c-409a-b240-{number:012x}" for number in range(calls)]
        self.feed = Feed()
        began = time.time() - 120
        for age, state in enumerate(PATH):
            self.feed.say_all([(call, state) for call in self.calls], began + 2 * age)
        self.timeline = Timeline(self.feed.journal, simulated=True)
        self.started = began
        self.times, self.thread = [], None
        self.changes = 0

    def ours(self, number):
        """The next call is held, or resumed when it is its second turn: each change is one more bar."""
        turn, row = divmod(self.changes, len(self.calls))
        self.changes += 1
        self.feed.say(self.calls[row], "established" if turn % 2 else "hold")

    def start(self, view, count, pace):
        self.times = []
        change = self.ours if view == "ours" else self.plotly
        self.thread = threading.Thread(target=self._run, args=(change, count, pace))
        self.thread.start()

    def _run(self, change, count, pace):
        due = time.time()
        for number in range(count):
            due += 1 / pace
            time.sleep(max(due - time.time(), 0))
            self.times.append(time.time() * 1000)
            change(number)

    def report(self):
        running = self.thread is not None and self.thread.is_alive()
        bars = len(PATH) * len(self.calls) + self.changes
        print(json.dumps({"running": running, "times": self.times, "seq": self.timeline._sent, "bars": bars}))

    # ---- the baseline: one bar trace for each state, the way plotly's own Gantt charts are made

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
        return self.shown

    def _bar(self, state, row, base, length):
        for values, value in zip(self.bars[state], (row, base, length), strict=True):
            values.append(value)

    def plotly(self, number):
        """The same picture as ours: the call's bar ends, a new one begins, and the bars that last reach to now."""
        now = time.time()
        _, base, length = self.bars["established"]
        for row in range(len(self.calls)):
            if row >= self.held:
                length[row] = now - base[row]
        self.held += 1
        self._bar("hold", number, now, 0)
        y, base, held = self.bars["hold"]
        held[:] = [now - begun for begun in base]
        with self.shown.batch_update():
            self.shown.data[len(PATH) - 1].x = list(length)
            trace = self.shown.data[len(PATH)]
            trace.y, trace.base, trace.x = list(y), list(base), list(held)
            self.shown.layout.title.text = str(number + 1)
