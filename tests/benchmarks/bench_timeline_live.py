"""The live timeline against plotly's FigureWidget: same page, same run, 1,000 calls in a real JupyterLab.

Measured from before the change is made in Python (for ours that includes the journal's commit to disk) until the frame
with it has been painted. Run it as ``python tests/benchmarks/bench_timeline_live.py``; without plotly only ours is
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

BURST, BURST_PACE, PACE = 1000, 250, 3

# When the frame with each message was painted. Ours says so on the canvas while the frame is made; plotly has an event,
# after which its SVG has still to be laid out and painted in the next frame. A task runs when a frame is done.
WATCH = """() => {
    const now = () => performance.timeOrigin + performance.now();
    const painted = (act) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = act;
        port2.postMessage(null);
    };
    window.drawn = { ours: {}, plotly: {} };
    const canvas = document.querySelector(".gct-canvas");
    const seen = () => {
        const seq = canvas.dataset.seq;
        painted(() => (window.drawn.ours[seq] ??= now()));
    };
    new MutationObserver(seen).observe(canvas, { attributes: true, attributeFilter: ["data-seq"] });
    const plot = document.querySelector(".js-plotly-plot");
    plot?.on("plotly_afterplot", () => {
        const seq = plot._fullLayout.title.text;
        requestAnimationFrame(() => painted(() => (window.drawn.plotly[seq] ??= now())));
    });
}"""
COUNT_FRAMES = """() => {
    window.frames60 = [];
    const step = (time) => { if (window.frames60) { window.frames60.push(time); requestAnimationFrame(step); } };
    requestAnimationFrame(step);
}"""
FRAMES = "() => { const all = window.frames60; window.frames60 = null; return all; }"


@dataclass
class Result:
    """Milliseconds to the drawn frame, bytes an update, frames a second, the longest time between two frames."""

    delays: list[float]
    size: float
    fps: float
    worst: float

    @property
    def middle(self) -> float:
        return statistics.median(self.delays)


class Wire:
    """Counts bytes of widget messages from the kernel."""

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
        """Change after change, each with time enough to be drawn."""
        selector = ".gct-canvas" if view == "ours" else ".js-plotly-plot"
        self.page.locate(selector).first.scroll_into_view_if_needed()
        self.page.page.wait_for_timeout(2500)
        first = self.page_report()["seq"] if view == "ours" else 0
        self.wire.bytes = 0
        self.page.page.evaluate(COUNT_FRAMES)
        times = self.run(view, count, PACE)
        self.page.page.wait_for_timeout(1000)
        frames = self.page.page.evaluate(FRAMES)
        drawn = self.drawn(view)
        delays = [drawn[str(first + n)] - time for n, time in enumerate(times, 1) if str(first + n) in drawn]
        gaps = [later - earlier for earlier, later in itertools.pairwise(frames)]
        fps = len(gaps) / (frames[-1] - frames[0]) * 1000
        return Result(delays, self.wire.bytes / count, fps, max(gaps))

    def burst(self) -> tuple[float, int]:
        """(seconds from the last change until all is drawn, changes that are missing in the page)."""
        self.page.locate(".gct-canvas").scroll_into_view_if_needed()
        times = self.run("ours", BURST, BURST_PACE)
        self.page.page.wait_for_timeout(1500)
        report = self.page_report()
        caught_up = self.drawn("ours")[str(report["seq"])] - times[-1]
        # The text twin names every state of every call.
        bars = self.page.page.evaluate(
            "() => [...document.querySelectorAll('.gct-twin tbody td:nth-child(4)')]"
            ".reduce((sum, cell) => sum + cell.textContent.split('→').length, 0)"
        )
        return caught_up / 1000, report["bars"] - bars

    def run(self, view: str, count: int, pace: float) -> list[float]:
        self.page.execute(f"bench.start({view!r}, {count}, {pace})")
        while (report := self.page_report())["running"]:
            self.page.page.wait_for_timeout(1000)
        return report["times"]

    def page_report(self) -> dict:
        return json.loads(self.page.execute("bench.report()"))

    def drawn(self, view: str) -> dict[str, float]:
        return self.page.page.evaluate(f"window.drawn.{view}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="only to see that it works")
    parser.add_argument("--calls", type=int, default=1000)
    options = parser.parse_args()
    count = 6 if options.small else 60
    with_plotly = importlib.util.find_spec("plotly") is not None
    with tempfile.TemporaryDirectory() as folder, running(LAB, Path(folder)) as server, sync_playwright() as playwright:
        for file in (Path(feed.__file__), Path(__file__).with_name("timeline_page.py")):
            shutil.copy(file, server.root)
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(CHROMIUM_FLAGS))
        page, wire = NotebookPage(browser, server), Wire()
        page.page.on("websocket", wire.watch)
        setup = f"from timeline_page import Bench\nbench = Bench({options.calls})"
        page.show(setup, "bench.timeline", "bench.figure()" if with_plotly else "")
        page.locate(".gct-canvas[data-seq]").wait_for()
        if with_plotly:
            page.locate(".js-plotly-plot .main-svg").first.wait_for(timeout=60_000)
        page.page.evaluate(WATCH)
        measurement = Measurement(page, wire)
        ours = measurement.paced("ours", count)
        plotly = measurement.paced("plotly", max(count // 3, 5)) if with_plotly else None
        caught_up, lost = measurement.burst()
        print_table(options.calls, ours, plotly, caught_up, lost)
        page.close()


def print_table(calls: int, ours: Result, plotly: Result | None, caught_up: float, lost: int) -> None:
    times = f"{plotly.middle / ours.middle:.0f}×" if plotly else ""
    rows = [
        ("ours: change to painted frame, p50", f"{ours.middle:.1f} ms", times, "≤ 20 ms, ≥ 10× less than plotly"),
        ("ours: the slowest", f"{max(ours.delays):.1f} ms", "", ""),
        ("ours: bytes for each update", f"{ours.size:.0f}", "", "≤ 1,000"),
        ("ours: frames a second", f"{ours.fps:.1f}", "", "60"),
        ("ours: longest time between two frames", f"{ours.worst:.0f} ms", "", ""),
        (f"ours: burst of {BURST} at {BURST_PACE}/s, caught up after", f"{caught_up:.3f} s", "", "≤ 0.2 s"),
        ("ours: changes lost in the burst", f"{lost}", "", "0"),
    ]
    if plotly:
        rows += [
            ("plotly: change to painted frame, p50", f"{plotly.middle:.1f} ms", "", ""),
            ("plotly: bytes for each update", f"{plotly.size:.0f}", "", ""),
            ("plotly: frames a second", f"{plotly.fps:.1f}", "", ""),
        ]
    show(f"Live timeline, {calls} calls", rows)


if __name__ == "__main__":
    main()
