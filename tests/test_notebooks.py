"""Every notebook, from top to bottom in a real kernel."""

import os
import re
import textwrap
from itertools import zip_longest
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter

pytestmark = pytest.mark.slow

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))
COURSE = [path for path in NOTEBOOKS if path.stem[0].isdigit()]


@pytest.fixture(autouse=True)
def _no_tenant_of_this_machine(monkeypatch):
    # With real settings in the environment, notebook 07 would ring a phone.
    for name in [name for name in os.environ if name.startswith("GRAPHCALL_")]:
        monkeypatch.delenv(name)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs_from_top_to_bottom(path, tmp_path):
    run(path, tmp_path)


def run(path, folder):
    """Execute a notebook, and after each cell of text the Python blocks in it, as a learner would copy them."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [part for cell in notebook.cells for part in (cell, *read_blocks(cell))]
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(folder)}}).execute()


def read_blocks(cell):
    if cell.cell_type != "markdown":
        return []
    blocks = re.findall(r"^ *```python\n(.*?)^ *```$", cell.source, re.DOTALL | re.MULTILINE)
    return [nbformat.v4.new_code_cell(textwrap.dedent(block)) for block in blocks]


@pytest.mark.parametrize(("path", "after"), list(zip_longest(COURSE, COURSE[1:])), ids=lambda path: path and path.stem)
def test_notebook_of_the_course_says_what_for_and_what_next(path, after):
    words = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown"]
    assert re.search(r"\byou will\b", words[0], re.IGNORECASE)
    end = "\n".join(words[-2:])
    assert re.search(r"## Try this\n.*\*\*Think about it:\*\*", end, re.DOTALL)
    assert after is None or re.search(rf"Next: \[.*\]\({after.name}\)", end)


@pytest.mark.parametrize("path", [one for one in NOTEBOOKS if one.stem != "gallery"], ids=lambda path: path.stem)
def test_notebook_is_committed_without_outputs(path):
    cells = nbformat.read(path, as_version=4).cells
    assert [cell for cell in cells if cell.get("outputs") or cell.get("execution_count")] == []


def test_pictures_of_the_gallery_show_without_a_kernel_and_without_network():
    gallery = NOTEBOOKS[0].parent / "gallery.ipynb"
    described = [cell for cell in nbformat.read(gallery, as_version=4).cells if "alt" in cell.metadata]
    page, _ = HTMLExporter(embed_images=True).from_filename(str(gallery))
    pictures = re.findall(r'<img[^>]* src="([^"]{1,40})', page)
    assert len(pictures) == sum(len(cell.outputs) for cell in described)
    assert all(cell.outputs for cell in described)
    assert not [picture for picture in pictures if not picture.startswith("data:image/")]


def test_fleet_in_postgresql(postgres_url, tmp_path, monkeypatch):
    monkeypatch.setenv("GRAPHCALL_JOURNAL", postgres_url)
    monkeypatch.setenv("GRAPHCALL_FLEET", "2000")
    run(next(path for path in NOTEBOOKS if path.name.startswith("08")), tmp_path)
