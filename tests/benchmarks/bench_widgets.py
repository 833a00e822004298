"""Models and bytes of a form and a cockpit, growth of sessions with closed widgets, CPU time of an idle cockpit."""

from __future__ import annotations

import argparse
import gc
import json
import time
from pathlib import Path

import ipywidgets

import graphcall_nb

from .measure import Row, show

PAGE_BYTES = 4096
MODELS = {"form": 410, "cockpit": 430}
"""Numbers of models to compare with: those of the first version."""


def measure_models(session: graphcall_nb.Session, name: str) -> Row:
    """Return the number of models that a widget opens, and the bytes of their states."""
    before = ipywidgets.Widget.get_manager_state()["state"].keys()
    widget = getattr(session, name)()
    opened = {key: value for key, value in ipywidgets.Widget.get_manager_state()["state"].items() if key not in before}
    texts = [json.dumps(value, default=str) for value in opened.values()]
    widget.close()
    return (
        f"{name}: models, and kilobytes of states",
        f"{len(opened)}, {sum(map(len, texts)) / 1e3:.0f} kB",
        f"{len(opened) / MODELS[name]:.2f}",
        "≤ 0.33",
    )


def use_session() -> None:
    """Open a session with a cockpit and a timeline, and close all of them."""
    with graphcall_nb.simulate(speed=100) as session:
        opened = [session.cockpit(), session.timeline()]
        session.create_call(graphcall_nb.templates.peer_to_peer())
        for widget in opened:
            widget.close()


def measure_memory() -> float:
    """Return the resident memory of this process in MB, after a garbage collection."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_BYTES / 1e6


def measure_growth(count: int) -> Row:
    for _ in range(min(count, 10)):  # caches fill
        use_session()
    before = measure_memory()
    for _ in range(count):
        use_session()
    return (
        f"growth of {count} sessions with widgets, closed",
        f"{measure_memory() - before:.1f} MB",
        "",
        "≤ 20 MB of 100",
    )


def measure_idle(session: graphcall_nb.Session, seconds: float) -> Row:
    cockpit = session.cockpit()
    time.sleep(seconds / 4)  # waits for records become longer
    cpu, began = time.process_time(), time.monotonic()
    time.sleep(seconds)
    share = (time.process_time() - cpu) / (time.monotonic() - began)
    cockpit.close()
    return "idle session with a cockpit", f"{share:.2%} of a core", "", "≤ 0.50 %"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="only to see that it works")
    is_small = parser.parse_args().small
    with graphcall_nb.simulate() as session:
        rows = [measure_models(session, name) for name in MODELS]
        rows.append(measure_idle(session, 1 if is_small else 40))
    rows.append(measure_growth(2 if is_small else 100))
    show("Widgets", rows)


if __name__ == "__main__":
    main()
