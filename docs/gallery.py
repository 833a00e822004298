"""Draws the gallery anew: ``python docs/gallery.py``. Runs the notebook, and keeps what does not need a kernel.

A cockpit needs one, so its place is taken by the picture of it that the documentation has.
"""

from __future__ import annotations

import base64
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat.v4 import new_output

ROOT = Path(__file__).parent.parent
NOTEBOOK = ROOT / "notebooks" / "gallery.ipynb"
COCKPIT = ROOT / "docs" / "pictures" / "cockpit-light.png"


def main() -> int:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, timeout=120).execute()
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.source.endswith("session.cockpit()"):
            picture = base64.b64encode(COCKPIT.read_bytes()).decode()
            cell.outputs = [new_output("display_data", {"image/png": picture, "text/plain": cell.metadata.alt})]
    nbformat.write(notebook, NOTEBOOK)
    return 0


if __name__ == "__main__":
    sys.exit(main())
