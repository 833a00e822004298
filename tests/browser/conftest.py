"""Fixtures for tests in a real browser against real front ends.

``lab``, ``notebook7`` and ``voila`` are running servers; ``lab_page``, ``notebook7_page`` and ``voila_page`` open pages
there; ``front_page`` runs a test once for each front end.

These tests are plain functions: Playwright's synchronous interface refuses to work inside an event loop. Its fixtures
end with this folder, so that asynchronous tests elsewhere find no loop running.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("playwright.sync_api", reason="needs Playwright: pip install 'graphcall-nb[test]'")

from playwright.sync_api import Browser, expect, sync_playwright

from .pages import CHROMIUM_FLAGS, NotebookPage, find_chromium
from .servers import LAB, NOTEBOOK, VOILA, Kind, Server, running

HERE = Path(__file__).parent
PICTURES = Path(os.environ.get("GRAPHCALL_SCREENSHOTS", "/tmp/graphcall-screenshots"))
"""Folder for the screenshots of failed tests."""

Opener = Callable[..., NotebookPage]

EXPECT_TIMEOUT_MS = 20_000
"""Playwright's default of five seconds is too short on a machine with other work."""

expect.set_options(timeout=EXPECT_TIMEOUT_MS)

_open_pages: list[NotebookPage] = []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.slow)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report = yield
    if report.when == "call" and report.failed and HERE in item.path.parents:
        PICTURES.mkdir(parents=True, exist_ok=True)
        for number, page in enumerate(one for one in _open_pages if not one.page.is_closed()):
            page.page.screenshot(path=PICTURES / f"{item.name.replace('/', '-')}-{number}.png")
    return report


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    path = find_chromium()
    if path is None:
        missing = "no Chromium found: install one, or name it with GRAPHCALL_CHROMIUM"
        if os.environ.get("GRAPHCALL_REQUIRE_BROWSER") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, headless=True, args=list(CHROMIUM_FLAGS))
        yield launched
        launched.close()


def _server(kind: Kind) -> Callable[..., Iterator[Server]]:
    @pytest.fixture(scope="package", name=kind.name if kind is not NOTEBOOK else "notebook7")
    def server(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
        with running(kind, tmp_path_factory.mktemp(kind.name)) as started:
            yield started

    return server


lab, notebook7, voila = _server(LAB), _server(NOTEBOOK), _server(VOILA)


def _pages(browser: Browser) -> Iterator[Opener]:
    made: list[NotebookPage] = []

    def make(server: Server, **context: object) -> NotebookPage:
        made.append(NotebookPage(browser, server, **context))
        _open_pages.append(made[-1])
        return made[-1]

    yield make
    for page in made:
        _open_pages.remove(page)
        page.close()


@pytest.fixture
def pages(browser: Browser) -> Iterator[Opener]:
    """Return ``pages(server, **context)``; pages are closed after the test, with a screenshot if it failed."""
    yield from _pages(browser)


@pytest.fixture(scope="module")
def module_pages(browser: Browser) -> Iterator[Opener]:
    """Return the same for pages that all tests of a file share."""
    yield from _pages(browser)


@pytest.fixture
def lab_page(pages: Opener, lab: Server) -> NotebookPage:
    return pages(lab)


@pytest.fixture
def notebook7_page(pages: Opener, notebook7: Server) -> NotebookPage:
    return pages(notebook7)


@pytest.fixture
def voila_page(pages: Opener, voila: Server) -> NotebookPage:
    return pages(voila)


@pytest.fixture(params=["lab", "notebook7", "voila"])
def front_page(request: pytest.FixtureRequest, pages: Opener) -> NotebookPage:
    """Return a page in each front end."""
    return pages(request.getfixturevalue(request.param))
