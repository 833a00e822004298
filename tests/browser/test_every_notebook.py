"""Notebooks with widgets in JupyterLab: no failing cell, no error of the browser, no request to other hosts.

The cells of all notebooks are executed in ``tests/test_notebooks.py``.
"""

import re
from pathlib import Path

import nbformat
import pytest

WIDGETS = re.compile(r"\.(?:form|timeline|cockpit|doctor|player|sequence)\(")
PATHS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
NOTEBOOKS = [
    path.name
    for path in PATHS
    if any(cell.cell_type == "code" and WIDGETS.search(cell.source) for cell in nbformat.read(path, as_version=4).cells)
]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook_runs_with_no_red_cell_and_no_complaint(lab_page, name):
    lab_page.open(name).run_all()
    assert lab_page.cell_errors() == lab_page.errors == lab_page.foreign == []
