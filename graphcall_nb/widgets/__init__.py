"""Widgets for JupyterLab, Notebook 7 and Voilà; this package needs ipywidgets and anywidget.

``src/`` holds their JavaScript and CSS, ``static/`` what ``.ci/javascript`` bundles from it.
"""

from pathlib import Path

STATIC = Path(__file__).with_name("static")


def read_bundle(name: str) -> str:
    """Return the text of a file of the bundle: of a path, anywidget would keep each widget for ever, to reload it."""
    return (STATIC / name).read_text("utf-8")
