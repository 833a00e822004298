"""Keys that are meant for a widget stay with it."""

from __future__ import annotations

import anywidget

from .esm import module


class KeyGuard(anywidget.AnyWidget):
    """An unseen child of a box: keys pressed on the controls in there are no shortcuts of JupyterLab's."""

    _esm = module("unseen.js", "keys.js")
