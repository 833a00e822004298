"""The live timeline compared with plotly's FigureWidget: same page, same run, 1,000 calls in a real JupyterLab.

Both show the same news: a notification is given to a journal, committed to its disk, and handed to the widget by a
pusher. Measured from before it is given until the frame with it has been painted. Run it as
``python -m tests.benchmarks.bench_timeline_live``; ``--parts`` says where the time goes; without plotly only ours is
measured. It needs a Chromium, as the browser tests do.
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import json
import shutil
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from playwright.sync_api import WebSocket, sync_playwright

from tests.benchmarks.measure import show
from tests.browser import feed
from tests.browser.pages import CHROMIUM_FLAGS, NotebookPage, find_chromium
from tests.browser.servers import LAB, running

BURST, BURST_PACE = 1000, 250
PACE = {"ours": 3, "plotly": 1}
"""Changes per second; each can be painted before the next."""

BUSY_PACE = 10
"""Changes per second, independent of painting: each call changes once in a hundred seconds."""

PARTS = {
    "committed": "the journal has it on disk",
    "taken": "the widget has read it from there",
    "sent": "the message is with the kernel's messenger",
    "received": "the page has the message",
    "drawn": "the canvas is drawn",
    "painted": "the frame is painted",
}
"""Parts of the path of a change."""

# Injected first. Records when each message arrived on the web socket, and which frame is in
# progress: ``frameTime`` until its callbacks and their changes are done.
LISTEN = """() => {
    const number = /"n": ?(\\d+)/;
    const received = (window.received = { ours: {} });
    window.WebSocket = class extends WebSocket {
        constructor(...given) {
            super(...given);
            this.addEventListener("message", ({ data }) => {
                const time = performance.timeOrigin + performance.now();
                if (data.byteLength > 4000) return;
                const text = typeof data === "string" ? data : new TextDecoder().decode(data);
                if (text.includes('"changes"')) received.ours[number.exec(text)?.[1]] ??= time;
            });
        }
    };
    const ask = window.requestAnimationFrame.bind(window);
    window.requestAnimationFrame = (act) => ask((time) => {
        window.frameTime = time;
        try {
            act(time);
        } finally {
            queueMicrotask(() => (window.frameTime = null));
        }
    });
}"""

# Records when the frame with each message was painted, in the same way for both. A drawing (reported on the canvas,
# or by an event of plotly) is in the frame whose callbacks drew it, otherwise in the next frame. It is painted when the
# frame was handed to the compositor, which a later task detects.
WATCH = """() => {
    const now = () => performance.timeOrigin + performance.now();
    let waiting = [];
    const drawn = (view, seq) => {
        if (window.drawn[view][seq]) return;
        window.drawn[view][seq] = now();
        waiting.push({ view, seq, frame: window.frameTime, at: now() });
    };
    window.drawn = { ours: {}, plotly: {} };
    window.painted = { ours: {}, plotly: {} };
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data: { frame, begun } }) => {
        const shown = (one) => (one.frame ? one.frame <= frame : one.at < begun);
        for (const one of waiting.filter(shown)) window.painted[one.view][one.seq] = now();
        waiting = waiting.filter((one) => !shown(one));
    };
    const step = (time) => {
        port2.postMessage({ frame: time, begun: now() });
        requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
    const canvas = document.querySelector(".gct-canvas");
    const seen = () => drawn("ours", canvas.dataset.seq);
    new MutationObserver(seen).observe(canvas, { attributes: true, attributeFilter: ["data-seq"] });
    const plot = document.querySelector(".js-plotly-plot");
    plot?.on("plotly_afterplot", () => drawn("plotly", plot._fullLayout.title.text));
}"""
COUNT_FRAMES = """() => {
    window.frames60 = [];
    const step = (time) => { if (window.frames60) { window.frames60.push(time); requestAnimationFrame(step); } };
    requestAnimationFrame(step);
}"""
FRAMES = "() => { const all = window.frames60; window.frames60 = null; return all; }"


@dataclass
class Result:
    """Measure milliseconds to the painted frame, bytes per update, frames per second, and the longest frame.

    ``moments`` are when each part of the way was over, each a list of milliseconds after the change.
    """

    delays: list[float]
    size: float
    fps: float
    worst: float
    moments: dict[str, list[float]]

    @property
    def middle(self) -> float:
        return statistics.median(self.delays)


class Wire:
    """Counter of the bytes of widget messages from the kernel."""

    def __init__(self) -> None:
        self.bytes = 0

    def watch(self, socket: WebSocket) -> None:
        socket.on("framereceived", self.count)

    def count(self, payload: bytes | str) -> None:
        data = payload if isinstance(payload, bytes) else payload.encode()
        if b'"comm_msg"' in data:
            self.bytes += len(data)


class Measurement:
    def __init__(self, page: NotebookPage, wire: Wire) -> None:
        self.page, self.wire = page, wire

    def paced(self, view: str, count: int) -> Result:
        """Make one change after another, each after the previous one was painted."""
        selector = ".gct-canvas" if view == "ours" else ".js-plotly-plot"
        self.page.locate(selector).first.scroll_into_view_if_needed()
        self.page.page.wait_for_timeout(2500)
        first = self.page_report()["seq"] if view == "ours" else 0
        self.wire.bytes = 0
        self.page.page.evaluate(COUNT_FRAMES)
        self.run(view, count, PACE[view])
        self.page.page.wait_for_timeout(1000)
        frames = self.page.page.evaluate(FRAMES)
        moments = self.moments(view, first)
        gaps = [later - earlier for earlier, later in itertools.pairwise(frames)]
        fps = len(gaps) / (frames[-1] - frames[0]) * 1000
        return Result(moments["painted"], self.wire.bytes / count, fps, max(gaps), moments)

    def moments(self, view: str, first: int) -> dict[str, list[float]]:
        """Return the end of each part in milliseconds after its change; ``first`` numbers the previous message."""
        report = self.page_report()
        times = report.pop("times")
        stamps = {name: report[name] for name in PARTS if name in report}
        for name in ("received", "drawn", "painted"):
            found = self.page.page.evaluate(f"window.{name}.{view} ?? {{}}")
            stamps[name] = [found.get(str(first + n)) for n in range(1, len(times) + 1)]
        return {
            name: [after - before for before, after in zip(times, stamps[name], strict=False) if after]
            for name in PARTS
            if stamps.get(name)
        }

    def burst(self) -> tuple[float, int]:
        """Return the seconds from the last change until everything is drawn, and the number of missing changes."""
        self.page.locate(".gct-canvas").scroll_into_view_if_needed()
        self.run("ours", BURST, BURST_PACE)
        self.page.page.wait_for_timeout(1500)
        report = self.page_report()
        caught_up = self.page.page.evaluate("window.painted.ours")[str(report["seq"])] - report["times"][-1]
        # The text table has every state of every call.
        bars = self.page.page.evaluate(
            "() => [...document.querySelectorAll('.gct-twin tbody td:nth-child(4)')]"
            ".reduce((sum, cell) => sum + cell.textContent.split('→').length, 0)"
        )
        return caught_up / 1000, report["bars"] - bars

    def busy(self, view: str, count: int) -> float:
        """Return the median milliseconds to the painted frame at a fixed rate; a frame may show several changes."""
        selector = ".gct-canvas" if view == "ours" else ".js-plotly-plot"
        self.page.locate(selector).first.scroll_into_view_if_needed()
        self.page.page.wait_for_timeout(2500)
        self.run(view, count, BUSY_PACE)
        report = self.page_report()
        last = str(report["shown"][-1][1])
        self.page.page.wait_for_function(f"window.painted.{view}[{last!r}]", timeout=300_000)
        painted = self.page.page.evaluate(f"window.painted.{view}")
        # Each frame shows all changes so far, so a skipped one is shown by the next.
        pictures = [(changes, painted[str(name)]) for changes, name in report["shown"] if str(name) in painted]
        shown = [min(at for changes, at in pictures if changes >= number) for number in range(1, count + 1)]
        return statistics.median(after - before for before, after in zip(report["times"], shown, strict=True))

    def run(self, view: str, count: int, pace: float) -> None:
        self.page.execute(f"bench.start({view!r}, {count}, {pace})")
        while self.page_report()["running"]:
            self.page.page.wait_for_timeout(1000)

    def page_report(self) -> dict:
        return json.loads(self.page.execute("bench.report()"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="only to see that it works")
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--parts", action="store_true", help="say where the time goes")
    options = parser.parse_args()
    count = 6 if options.small else 90
    with_plotly = importlib.util.find_spec("plotly") is not None
    with tempfile.TemporaryDirectory() as folder, running(LAB, Path(folder)) as server, sync_playwright() as playwright:
        for file in (Path(feed.__file__), Path(__file__).with_name("timeline_page.py")):
            shutil.copy(file, server.root)
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(CHROMIUM_FLAGS))
        page, wire = NotebookPage(browser, server), Wire()
        page.page.on("websocket", wire.watch)
        page.page.add_init_script(f"({LISTEN})()")
        setup = f"from timeline_page import Bench\nbench = Bench({options.calls})"
        page.show(setup, "bench.timeline", "bench.figure()" if with_plotly else "")
        page.locate(".gct-canvas[data-seq]").wait_for()
        if with_plotly:
            page.locate(".js-plotly-plot .main-svg").first.wait_for(timeout=60_000)
        page.page.evaluate(WATCH)
        measurement = Measurement(page, wire)
        ours = measurement.paced("ours", count)
        plotly = measurement.paced("plotly", max(count // 2, 5)) if with_plotly else None
        busy = {view: measurement.busy(view, count) for view in (PACE if with_plotly else ("ours",))}
        caught_up, lost = measurement.burst()
        print_table(options.calls, ours, plotly, busy, caught_up, lost)
        if options.parts:
            print_parts(ours)
        page.close()


def print_table(
    calls: int, ours: Result, plotly: Result | None, busy: dict[str, float], caught_up: float, lost: int
) -> None:
    goal = "≤ 20 ms, ≥ 10× less than plotly"
    times = f"{plotly.middle / ours.middle:.0f}×" if plotly else ""
    busy_times = f"{busy['plotly'] / busy['ours']:.0f}×" if plotly else ""
    rows = [
        ("ours: change to painted frame, p50", f"{ours.middle:.1f} ms", times, goal),
        ("ours: the slowest", f"{max(ours.delays):.1f} ms", "", ""),
        (f"ours: p50 at {BUSY_PACE} changes a second", f"{busy['ours']:.1f} ms", busy_times, goal),
        ("ours: bytes for each update", f"{ours.size:.0f}", "", "≤ 1,000"),
        ("ours: frames a second", f"{ours.fps:.1f}", "", "60"),
        ("ours: longest time between two frames", f"{ours.worst:.0f} ms", "", ""),
        (f"ours: burst of {BURST} at {BURST_PACE}/s, caught up after", f"{caught_up:.3f} s", "", "≤ 0.2 s"),
        ("ours: changes lost in the burst", f"{lost}", "", "0"),
    ]
    if plotly:
        rows += [
            ("plotly: change to painted frame, p50", f"{plotly.middle:.1f} ms", "", ""),
            (f"plotly: p50 at {BUSY_PACE} changes a second", f"{busy['plotly']:.1f} ms", "", ""),
            ("plotly: bytes for each update", f"{plotly.size:.0f}", "", ""),
            ("plotly: frames a second", f"{plotly.fps:.1f}", "", ""),
        ]
    show(f"Live timeline, {calls} calls", rows)


def print_parts(ours: Result) -> None:
    middles = {name: statistics.median(times) for name, times in ours.moments.items()}
    rows = [(f"until {PARTS[name]}", f"{middle:.1f} ms", "", "") for name, middle in middles.items()]
    show("Where the time of ours goes, p50 from the change on", rows)


if __name__ == "__main__":
    main()
