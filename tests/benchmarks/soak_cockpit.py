"""Soak test of the cockpit: fifty calls per second in a real browser.

    python -m tests.benchmarks.soak_cockpit --minutes 30

Memory of the kernel and of the page, after a garbage collection of both, is printed each half minute. What counts is
the growth after the first minutes: until then the tables fill to their limits.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from ..browser.pages import CHROMIUM_FLAGS, NotebookPage, find_chromium, write_notebook
from ..browser.servers import LAB, running
from .measure import show

LOOK_SECONDS = 30
SETTLED_MINUTES = 4

# Declined calls end by themselves, so any growth is a leak.
START = """
import gc, threading, time
import graphcall_nb
session = graphcall_nb.simulate(scenario="declined", speed=20)
cockpit = session.cockpit()
call = graphcall_nb.graph.templates.pstn()
stop = threading.Event()
room = threading.Semaphore(16)  # requests under way: a machine that is too slow must not pile them up
placed = 0

def place(rate):
    global placed
    due = time.monotonic()
    while not stop.wait(max(due - time.monotonic(), 0)):
        room.acquire()
        session.submit_call(call).add_done_callback(lambda _: room.release())
        placed += 1
        due = max(due + 1 / rate, time.monotonic() - 1)

def report():
    gc.collect()
    pages = int(open("/proc/self/statm").read().split()[1])
    return placed, pages * 4096 / 2**20
"""


def look(page: NotebookPage) -> dict[str, float]:
    """Return the memory of kernel and page in MB, and the number of elements of the page."""
    placed, kernel = (float(part) for part in page.execute("print(*report())").split())
    devtools = page.context.new_cdp_session(page.page)
    devtools.send("HeapProfiler.enable")
    devtools.send("HeapProfiler.collectGarbage")
    devtools.send("Performance.enable")
    metrics = {one["name"]: one["value"] for one in devtools.send("Performance.getMetrics")["metrics"]}
    devtools.detach()
    seen = page.page.evaluate("Number(document.querySelector('.gcc-log .gcc-row')?.dataset.key ?? 0)")
    heap, nodes = metrics["JSHeapUsedSize"] / 2**20, metrics["Nodes"]
    return {"placed": placed, "kernel": kernel, "page": heap, "elements": nodes, "newest": seen}


def growth(seen: list[tuple[float, dict[str, float]]], name: str) -> float:
    """Return the growth per minute after warm-up: the slope between the means of both halves."""
    settled = [(at, one[name]) for at, one in seen if at >= SETTLED_MINUTES] or [(at, one[name]) for at, one in seen]
    half = max(len(settled) // 2, 1)
    (first_at, first), (last_at, last) = (
        (sum(at for at, _ in part) / len(part), sum(value for _, value in part) / len(part))
        for part in (settled[:half], settled[-half:])
    )
    return (last - first) / max(last_at - first_at, 1e-9) if last_at > first_at else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--rate", type=float, default=50, help="calls a second")
    options = parser.parse_args()
    seen: list[tuple[float, dict[str, float]]] = []
    with tempfile.TemporaryDirectory() as folder, running(LAB, Path(folder)) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(CHROMIUM_FLAGS))
        page = NotebookPage(browser, server)
        page.open(write_notebook(server.root, "soak.ipynb", START, "cockpit")).run_all()
        page.locate(".gcc-calls").wait_for()
        page.execute(f"threading.Thread(target=place, args=({options.rate},), daemon=True).start()")
        began = time.monotonic()
        while (minutes := (time.monotonic() - began) / 60) < options.minutes:
            page.page.wait_for_timeout(min(LOOK_SECONDS, (options.minutes - minutes) * 60 + 1) * 1000)
            seen.append(((time.monotonic() - began) / 60, look(page)))
            print(f"{seen[-1][0]:5.1f} min", {name: round(value, 1) for name, value in seen[-1][1].items()}, flush=True)
        page.execute("stop.set()")
        assert page.errors == []
        page.close()
    report(seen, options.rate)


def report(seen: list[tuple[float, dict[str, float]]], rate: float) -> None:
    minutes, last = seen[-1]
    rows = [
        (
            "calls placed",
            f"{last['placed']:,.0f}",
            f"{last['placed'] / minutes / 60:.1f} a second",
            f"{rate:g} a second",
        ),
        ("kernel", f"{last['kernel']:.0f} MB", f"{growth(seen, 'kernel'):+.2f} MB a minute", "flat"),
        ("page", f"{last['page']:.0f} MB", f"{growth(seen, 'page'):+.2f} MB a minute", "flat"),
        ("elements of the page", f"{last['elements']:.0f}", f"{growth(seen, 'elements'):+.0f} a minute", "flat"),
    ]
    show(f"Soak of the cockpit, {minutes:.0f} minutes", rows)


if __name__ == "__main__":
    main()
