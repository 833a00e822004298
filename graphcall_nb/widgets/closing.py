"""Closing of widgets with everything inside them, so that kernel and browser free their models."""

from __future__ import annotations

import ipywidgets as widgets


def close_tree(widget: widgets.Widget) -> None:
    """Close a widget with all widgets inside it, their layouts and their styles."""
    close_parts(widget)
    widget.close()


def close_parts(widget: widgets.Widget) -> None:
    """Close the widgets inside a widget, and its own layout and style."""
    for child in getattr(widget, "children", ()):
        close_tree(child)
    for part in (getattr(widget, "style", None), getattr(widget, "layout", None)):
        if isinstance(part, widgets.Widget):
            part.close()
