"""Takes the pictures of the widgets anew, in real front ends: ``python -m tests.browser.pictures``.

With ``--all FOLDER`` every widget is pictured in every front end, theme and width, to be looked at.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from . import feed
from .form_page import FormPage
from .pages import CHROMIUM_FLAGS, NotebookPage, find_chromium
from .servers import LAB, NOTEBOOK, VOILA, Kind, Server, running

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
SECONDS = 1000

FORM = """import graphcall_nb as gc
session = gc.simulate()
session.form()"""

# Calls in different states, begun one after another.
CALLS = """import time
import graphcall_nb as gc
session = gc.simulate(seed=7)
calls = []
for template, subject, fate in [
    ("peer_to_peer", "Weekly sync", "hang up"), ("pstn", "Call back Contoso", ""), ("group", "Release review", ""),
    ("peer_to_peer", "Standup", "hang up"), ("simultaneous_ring", "On-call rota", ""), ("pstn", "Dentist", ""),
]:
    call = getattr(gc.templates, template)()
    call.subject = subject
    calls.append(session.create_call(call))
    time.sleep(1)
    if fate:
        calls[-1].wait_for("established", timeout=30)
        calls[-1].hang_up()
        time.sleep(1)
calls[2].wait_for("established", timeout=30)
session.simulator.ring()"""

TIMELINE = """from graphcall_nb.widgets.timeline import Timeline
Timeline(session.journal, simulated=True)"""

RECORDED = """import graphcall_nb as gc
from feed import Feed
feed = Feed()
for number, subject in enumerate(["Weekly sync", "Call back Contoso", "Release review", "Dentist"]):
    feed.place(f"call-{number}", subject)
    for age, state in enumerate(["establishing", "ringing", "established", "terminated"]):
        feed.say(f"call-{number}", state, at=1_800_000_000 + 7 * number + age * (4 + number * 2))
replay = gc.replay(feed.journal)
replay.pause()
replay.seek(21)
replay.player()"""

DOCTOR = "import graphcall_nb as gc\ngc.doctor('contoso.example', 'client', 'wrong', authority='http://127.0.0.1:9')"


@dataclass(frozen=True)
class Widget:
    """What is pictured: cells that show it, where it is, and how a person makes it ready."""

    cells: tuple[str, ...]
    selector: str
    prepare: Callable[[NotebookPage], object] = lambda page: None


def _fill(page: NotebookPage) -> None:
    form = FormPage(page)
    form.choose("gc-template", "Group call")
    expect(form.json).to_have_value(re.compile("targets"))


def _check(page: NotebookPage) -> None:
    expect(page.locate(".gc-doctor tr")).to_have_count(6, timeout=60 * SECONDS)


WIDGETS = {
    "form": Widget((FORM,), ".gc-form", _fill),
    "timeline": Widget((CALLS, TIMELINE), ".gct"),
    "cockpit": Widget((CALLS, "session.cockpit()"), ".gc-cockpit", _fill),
    "player": Widget((RECORDED,), ".widget-vbox:has(.noUi-handle):has(canvas)"),
    "doctor": Widget((DOCTOR,), ".gc-doctor", _check),
}

# name of the file: widget, front end, theme
KEPT = {
    "cockpit-light": ("cockpit", VOILA, "light"),
    "cockpit-dark": ("cockpit", LAB, "dark"),
    "form-light": ("form", LAB, "light"),
    "timeline-dark": ("timeline", LAB, "dark"),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", metavar="FOLDER", type=Path, help="every widget everywhere, into this folder")
    parser.add_argument("names", nargs="*", help="such as form; all of them by default")
    options = parser.parse_args()
    if options.all:
        wanted = [
            (f"{name}-{kind.name}-{theme}-{width}", (name, kind, theme), width)
            for kind in (LAB, NOTEBOOK, VOILA)
            for name in WIDGETS
            for theme in ("light", "dark")
            for width in (1100, 700)
        ]
    else:
        wanted = [(name, what, 1100) for name, what in KEPT.items()]
    folder = options.all or FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        browser = stack.enter_context(_browser())
        servers: dict[Kind, Server] = {}
        for name, (widget, kind, theme), width in wanted:
            if options.names and widget not in options.names:
                continue
            if kind not in servers:
                servers[kind] = stack.enter_context(_server(kind))
            take(browser, servers[kind], WIDGETS[widget], theme, width, folder / f"{name}.png")
    return 0


@contextlib.contextmanager
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=find_chromium(), args=list(CHROMIUM_FLAGS))


@contextlib.contextmanager
def _server(kind: Kind) -> Iterator[Server]:
    with tempfile.TemporaryDirectory() as folder, running(kind, Path(folder)) as server:
        shutil.copy(feed.__file__, server.root)
        yield server


def take(browser: Browser, server: Server, widget: Widget, theme: str, width: int, path: Path) -> None:
    """A picture of a widget in a page of its own."""
    page = NotebookPage(browser, server, viewport={"width": width, "height": 1400})
    try:
        page.show(*widget.cells, theme=theme)
        shown = page.locate(widget.selector).first
        shown.wait_for(timeout=60 * SECONDS)
        widget.prepare(page)
        page.page.mouse.move(0, 0)
        page.page.wait_for_timeout(1500)
        shown.screenshot(path=path)
        print(path.name, *page.errors)
        if server.kind is not VOILA:
            page.theme("JupyterLab Light")  # the server remembers it
    finally:
        page.close()


if __name__ == "__main__":
    sys.exit(main())
