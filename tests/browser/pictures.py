"""Screenshots of the widgets in real front ends: ``python -m tests.browser.pictures``.

With ``--all FOLDER`` every widget is pictured in every front end, theme and width, to be looked at.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from . import feed
from .form_page import FormPage
from .pages import CHROMIUM_FLAGS, NotebookPage, find_chromium
from .servers import LAB, NOTEBOOK, VOILA, Kind, running

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
SECONDS = 1000
THEMES = ("light", "dark")
HEIGHT = 6000  # front ends take cells out of the page that are out of sight

# Calls in different states, created after one another.
CALLS = """import time
import graphcall_nb as gc
from feed import Feed
session = gc.simulate(seed=7)
for template, subject, fate in [
    ("peer_to_peer", "Weekly sync", "hang up"), ("pstn", "Call back Contoso", ""), ("group_call", "Release review", ""),
    ("peer_to_peer", "Standup", "hang up"), ("simultaneous_ring", "On-call rota", ""), ("pstn", "Dentist", ""),
]:
    call = getattr(gc.templates, template)()
    call.subject = subject
    handle = session.create_call(call)
    time.sleep(1)
    if fate:
        handle.wait_for("established", timeout=30)
        handle.hang_up()
        time.sleep(1)
handle.wait_for("established", timeout=30)"""

RECORDED = """feed = Feed()
for number, subject in enumerate(["Weekly sync", "Call back Contoso", "Release review", "Dentist"]):
    feed.place(f"call-{number}", subject, at=1_800_000_000 + 7 * number)
    for age, state in enumerate(["establishing", "ringing", "established", "terminated"]):
        feed.say(f"call-{number}", state, at=1_800_000_000 + 7 * number + age * (4 + number * 2))
recorded = gc.replay(feed.journal)
recorded.pause()
recorded.seek(21)
recorded.player()"""

CELLS = (
    CALLS,
    "session.form()",
    "session.timeline()",
    RECORDED,
    "gc.doctor('contoso.example', 'client', 'wrong', authority='http://127.0.0.1:9')",
    "session.cockpit()",
)

WIDGETS = {
    "cockpit": ".gcc-cockpit",
    "form": ":not(.gcc-cockpit *).gcf-form",
    "timeline": ":not(.gcc-cockpit *).gct",
    "player": ".widget-vbox:has(.gcp-slider):has(canvas)",
    "doctor": ":not(.gcc-cockpit *).gcd-doctor",
}

# Those that the documentation shows: of which widget, where, and in which theme.
KEPT = {
    "cockpit-light": ("cockpit", VOILA, "light"),
    "form-light": ("form", VOILA, "light"),
    "cockpit-dark": ("cockpit", VOILA, "dark"),
    "timeline-dark": ("timeline", VOILA, "dark"),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", metavar="FOLDER", type=Path, help="every widget everywhere, into this folder")
    options = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(CHROMIUM_FLAGS))
        for kind in (VOILA, LAB, NOTEBOOK) if options.all else (VOILA,):
            with tempfile.TemporaryDirectory() as folder, running(kind, Path(folder)) as server:
                shutil.copy(feed.__file__, server.root)
                for page, theme in dressed(browser, kind, server):
                    if options.all:
                        take_all(page, theme, options.all)
                    else:
                        take_kept(page, theme)
    return 0


def dressed(browser: Browser, kind: Kind, server: object):
    """Yield pages with every widget, light and dark; Voilà needs two pages for that."""
    with contextlib.ExitStack() as stack:
        page = None
        for theme in THEMES:
            if page is None or kind is VOILA:
                stack.close()  # a second running session would slow this one down
                page = NotebookPage(browser, server, viewport={"width": 1100, "height": HEIGHT})
                stack.callback(page.close)
                page.show(*CELLS, theme=theme)
                make_ready(page)
            else:
                page.theme("JupyterLab Dark")
            yield page, theme


def make_ready(page: NotebookPage) -> None:
    form = FormPage(page)
    form.choose("gcf-template", "Group call")
    expect(form.json).to_have_value(re.compile("targets"))
    expect(page.locate(WIDGETS["doctor"]).locator("tr")).to_have_count(6, timeout=60 * SECONDS)
    expect(page.locate(WIDGETS["cockpit"]).locator(".gcc-row").first).to_be_visible(timeout=30 * SECONDS)


def take_all(page: NotebookPage, theme: str, folder: Path) -> None:
    for width in (1100, 700):
        page.page.set_viewport_size({"width": width, "height": HEIGHT})
        for widget, selector in WIDGETS.items():
            ring(page, widget)
            take(page, selector, folder / f"{widget}-{page.server.kind.name}-{theme}-{width}.png")


def take_kept(page: NotebookPage, theme: str) -> None:
    for name, (widget, kind, wanted) in KEPT.items():
        if (kind, wanted) == (page.server.kind, theme):
            ring(page, widget)
            take(page, WIDGETS[widget], FOLDER / f"{name}.png")


def ring(page: NotebookPage, widget: str) -> None:
    """Call the bot before a picture of the cockpit is taken: an incoming call rings for 15 seconds."""
    if widget == "cockpit":
        cockpit = page.locate(WIDGETS[widget])
        cockpit.get_by_role("button", name="Ring the bot").click()
        expect(cockpit.locator(".gcc-do-answer").first).to_be_visible(timeout=10 * SECONDS)


def take(page: NotebookPage, selector: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    page.page.mouse.move(0, 0)
    page.page.wait_for_timeout(SECONDS)  # for what moves to come to rest
    page.locate(selector).first.screenshot(path=path)
    print(path.name, *page.errors)


if __name__ == "__main__":
    sys.exit(main())
