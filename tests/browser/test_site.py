"""The documentation site builds without a warning, and works without network when it is opened from a folder."""

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

import graphcall_nb

ROOT = Path(__file__).parent.parent.parent
BUILD_TIMEOUT_SECONDS = 600
"""More than ten times what the build takes on a machine with nothing else to do."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Build the site with its notebooks executed, and return its folder."""
    made = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-j", "2", "docs", str(made)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=BUILD_TIMEOUT_SECONDS)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return made


@pytest.fixture(scope="module")
def site(folder):
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in folder.rglob("*.html")}


@pytest.fixture
def page(browser, folder):
    with browser.new_context(offline=True) as context:
        yield context.new_page()


def test_every_page_and_notebook_is_there(site):
    pages = {path.relative_to(ROOT / "docs").with_suffix(".html").as_posix() for path in ROOT.glob("docs/**/*.md")}
    pages |= {f"tutorial/{path.stem}.html" for path in ROOT.glob("notebooks/*.ipynb")}
    assert pages <= set(site)


def test_no_page_fetches_anything_from_elsewhere(site):
    fetched = (
        r"<(?:script|img|iframe|source)[^>]*\ssrc=\"((?:https?:)?//[^\"]*)|<link[^>]*\shref=\"((?:https?:)?//[^\"]*)"
    )
    assert not [(name, found) for name, text in site.items() for found in re.findall(fetched, text)]


def test_no_style_fetches_anything_from_elsewhere(folder):
    styles = {path.name: path.read_text("utf-8") for path in folder.rglob("*.css")}
    assert styles
    assert not [name for name, text in styles.items() if re.search(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//", text)]


def test_every_public_name_and_method_is_described(site):
    described = set(re.findall(r'id="(graphcall_nb[^"]*)"', site["reference/names.html"]))
    public = {name: getattr(graphcall_nb, name) for name in graphcall_nb.__all__}
    named = {name: value for name, value in public.items() if not inspect.ismodule(value)}
    methods = [
        f"{name}.{method}"
        for name, value in named.items()
        if inspect.isclass(value) and value.__module__.startswith(("graphcall_nb.session", "graphcall_nb.client"))
        for method in dir(value)
        if not method.startswith("_") and getattr(value, method) is not None  # a method or a property
    ]
    assert methods
    assert sorted({f"graphcall_nb.{name}" for name in (*named, *methods)} - described) == []


def test_no_role_is_left_as_text(site):
    assert not [name for name, text in site.items() if re.search(r":(?:func|class|meth|attr|data):", text)]


def test_parameters_have_type_and_description(site):
    names = site["reference/names.html"]
    assert re.search(
        r"<dt><strong>transport</strong>.*?AsyncBaseTransport.*?</dt>\s*<dd>.*?Replaces the network", names, re.S
    )


@pytest.mark.parametrize("name", ["01_first_call", "gallery"])
def test_a_tutorial_has_its_tables_and_pictures(site, name):
    text = site[f"tutorial/{name}.html"]
    assert re.search(r"<table[^>]*class=\"dataframe|<table", text)
    assert re.search(r"<img[^>]*_images/|<svg", text)


def test_a_picture_has_its_words(site):
    pictures = re.findall(r"<img[^>]*_images/[^>]*>", site["tutorial/gallery.html"])
    assert [picture for picture in pictures if 'alt="Eight rows, one for each call' in picture]
    assert not [picture for picture in pictures if 'alt="../' in picture]


def test_a_widget_is_shown_as_its_last_picture(site):
    assert "_images/cockpit-light.png" in site["tutorial/cockpit.html"]
    assert "<h4>New call</h4>" in site["tutorial/01_first_call.html"]
    assert not [name for name, text in site.items() if "application/vnd.jupyter.widget" in text]


def test_search_finds_a_public_name(page, folder):
    page.goto((folder / "search.html").as_uri() + "?q=plot_sequence")
    found = page.locator("#search-results a", has_text="plot_sequence").first
    expect(found).to_be_visible(timeout=60_000)
    found.click()
    page.wait_for_url("file://**/names.html**")


def test_a_page_requests_nothing_from_a_network(page, folder):
    addresses = []
    page.on("request", lambda request: addresses.append(request.url))
    for name in ("index", "tutorial/01_first_call", "tutorial/gallery", "reference/names"):
        page.goto((folder / f"{name}.html").as_uri())
    assert not [address for address in addresses if not address.startswith(("file:", "data:"))]
