"""Keys that are meant for a widget stay with it."""

from __future__ import annotations

from pathlib import Path

import anywidget


class KeyGuard(anywidget.AnyWidget):
    """An unseen child of a box: keys pressed on the controls in there are no shortcuts of JupyterLab's."""

    _esm = Path(__file__).with_name("keys.js")
