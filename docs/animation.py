"""Script that records the cockpit at work for the README: ``PYTHONPATH=. python docs/animation.py``.

It needs Chromium.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import Locator, sync_playwright

from tests.browser.pages import CHROMIUM_FLAGS, NotebookPage, find_chromium
from tests.browser.servers import VOILA, running

FILE = Path(__file__).parent / "pictures" / "cockpit.webp"
VIEWPORT = {"width": 1366, "height": 900}
WIDTH = 960
FRAME_MS = 400
FRAMES = 28
TEMPLATES = {2: "Phone", 8: "Simultaneous ring", 14: "Peer to peer"}
"""Templates to choose and create, by the number of the frame before."""

CELL = """
import graphcall_nb as gc
session = gc.simulate(speed={speed}, seed=3)
session.cockpit()
"""


def record(cockpit: Locator) -> Iterator[bytes]:
    for number in range(FRAMES):
        if template := TEMPLATES.get(number):
            cockpit.locator(".gcf-template select").first.select_option(label=template)
        if number - 2 in TEMPLATES:
            cockpit.locator(".gcf-create").first.click()
        cockpit.evaluate("element => element.scrollIntoView()")
        yield cockpit.page.screenshot()
        cockpit.page.wait_for_timeout(FRAME_MS)


def main() -> int:
    with tempfile.TemporaryDirectory() as folder, running(VOILA, Path(folder)) as server, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        page = NotebookPage(browser, server, viewport=VIEWPORT)
        page.show(CELL.format(speed=2))
        cockpit = page.locate(".gcc-cockpit").first
        cockpit.wait_for(timeout=60_000)
        frames = [Image.open(io.BytesIO(picture)).convert("RGB") for picture in record(cockpit)]
        browser.close()
    height = round(frames[-1].height * WIDTH / frames[-1].width)
    frames = [frame.resize((WIDTH, height)) for frame in frames]
    frames[0].save(
        FILE, save_all=True, append_images=frames[1:], duration=[FRAME_MS] * (FRAMES - 1) + [3000], loop=0, quality=70
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
