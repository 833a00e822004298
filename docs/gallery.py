"""Script that renders the gallery: ``python docs/gallery.py``. It runs the notebook and keeps static outputs.

Widgets need one, so their places are taken by the pictures of them that the documentation has.
"""

from __future__ import annotations

import base64
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_output

ROOT = Path(__file__).parent.parent
NOTEBOOK = ROOT / "notebooks" / "gallery.ipynb"
PICTURES = ROOT / "docs" / "pictures"
WIDGETS = {
    "session.form()": ["form-light.png"],
    "session.timeline()": ["timeline-dark.png"],
    "session.cockpit()": ["cockpit-light.png", "cockpit-dark.png"],
}
"""Last lines of cells, and the pictures to show there."""


def main() -> int:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, timeout=120).execute()
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for end, pictures in WIDGETS.items():
            if cell.source.endswith(end):
                cell.outputs = [_output(picture, cell.metadata.alt) for picture in pictures]
    nbformat.write(notebook, NOTEBOOK)
    return 0


def _output(picture: str, words: str) -> NotebookNode:
    shown = base64.b64encode((PICTURES / picture).read_bytes()).decode()
    return new_output("display_data", {"image/png": shown, "text/plain": words})


if __name__ == "__main__":
    sys.exit(main())
