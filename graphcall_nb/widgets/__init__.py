"""Widgets for JupyterLab, Notebook 7 and Voilà; this package needs ipywidgets and anywidget.

``src/`` holds their JavaScript and CSS, ``static/`` what ``.ci/javascript`` bundles from it.
"""

from pathlib import Path

STATIC = Path(__file__).with_name("static")
