"""Keys that are meant for a widget stay with it."""

from __future__ import annotations

from pathlib import Path

import anywidget
import ipywidgets as widgets


class KeyGuard(anywidget.AnyWidget):
    """An unseen child of a box: keys pressed on the controls in there are no shortcuts of JupyterLab's."""

    _esm = Path(__file__).with_name("keys.js")

    def __init__(self) -> None:
        super().__init__(layout=widgets.Layout(display="none"))
