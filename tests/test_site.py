"""The documentation as a site: it builds without a complaint and without network."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir", str(folder)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in folder.rglob("*.html")}


def test_every_page_and_notebook_is_there(site):
    pages = {path.relative_to(ROOT / "docs").with_suffix(".html").as_posix() for path in ROOT.glob("docs/**/*.md")}
    pages |= {f"tutorial/{path.stem}.html" for path in ROOT.glob("notebooks/*.ipynb")}
    assert pages <= set(site)


def test_no_page_fetches_anything_from_elsewhere(site):
    fetched = (
        r"<(?:script|img|iframe)[^>]*\ssrc=\"(https?:[^\"]*)|<link[^>]*rel=\"stylesheet\"[^>]*href=\"(https?:[^\"]*)"
    )
    assert not [(name, found) for name, text in site.items() for found in re.findall(fetched, text)]


def test_every_public_name_is_described(site):
    import graphcall_nb

    assert not [name for name in graphcall_nb.__all__ if name not in site["reference/names.html"]]
