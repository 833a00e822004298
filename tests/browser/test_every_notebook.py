"""Every notebook in JupyterLab: no failing cell, no error of the browser, no request to other hosts."""

from pathlib import Path

import pytest

NOTEBOOKS = sorted(path.name for path in (Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook_runs_with_no_red_cell_and_no_complaint(lab_page, name):
    lab_page.open(name).run_all()
    assert lab_page.cell_errors() == lab_page.errors == lab_page.foreign == []
