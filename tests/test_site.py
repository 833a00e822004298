"""The documentation site builds without warnings and without network."""

import inspect
import re
from pathlib import Path

import pytest

import graphcall_nb

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def site(site_folder):
    return {path.relative_to(site_folder).as_posix(): path.read_text("utf-8") for path in site_folder.rglob("*.html")}


def test_every_page_and_notebook_is_there(site):
    pages = {path.relative_to(ROOT / "docs").with_suffix(".html").as_posix() for path in ROOT.glob("docs/**/*.md")}
    pages |= {f"tutorial/{path.stem}.html" for path in ROOT.glob("notebooks/*.ipynb")}
    assert pages <= set(site)


def test_no_page_fetches_anything_from_elsewhere(site):
    fetched = (
        r"<(?:script|img|iframe)[^>]*\ssrc=\"(https?:[^\"]*)|<link[^>]*rel=\"stylesheet\"[^>]*href=\"(https?:[^\"]*)"
    )
    assert not [(name, found) for name, text in site.items() for found in re.findall(fetched, text)]


def test_every_public_name_and_method_is_described(site):
    described = set(re.findall(r'id="(graphcall_nb[^"]*)"', site["reference/names.html"]))
    values = [getattr(graphcall_nb, name) for name in graphcall_nb.__all__]
    named = [(f"{value.__module__}.{value.__qualname__}", value) for value in values if not inspect.ismodule(value)]
    ours = ("graphcall_nb.session", "graphcall_nb.client")
    methods = [
        f"{home}.{name}"
        for home, value in named
        if inspect.isclass(value) and home.startswith(ours)
        for name in dir(value)
        if not name.startswith("_")
    ]
    assert methods
    assert sorted({*(home for home, _ in named), *methods} - described) == []


def test_every_page_is_in_the_navigation(site):
    home = site["index.html"]
    assert not [name for name in set(site) - {"404.html", "index.html"} if f'"{name}" class="md-nav__link"' not in home]


def test_docstrings_are_read_as_they_are_meant(site):
    names = site["reference/names.html"]
    assert not re.findall(r":(?:func|class|meth|attr|data):", names)
    assert re.search(
        r"transport.*?</td>\s*<td>\s*<code>.*?AsyncBaseTransport.*?</td>\s*<td>.*?Replaces the network", names, re.S
    )
