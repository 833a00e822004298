"""The little HTML there is; whatever comes from a person or a service passes through :func:`text`."""

from __future__ import annotations

from html import escape

import ipywidgets as widgets

from ..._text import show_invisible


def text(value: object) -> str:
    """Escaped for HTML, in attributes too, with what nobody would see written out."""
    return escape(show_invisible(str(value)), quote=True)


def block(css: str, **layout: str) -> widgets.HTML:
    """An empty piece of HTML, filled later."""
    html = widgets.HTML(layout=widgets.Layout(**layout))
    html.add_class(css)
    return html


def error(message: str) -> str:
    return f'<span role="alert">{text(message)}</span>' if message else ""


def toggle_class(widget: widgets.DOMWidget, css: str, present: bool) -> None:
    """Set a class or take it away, without a message to the browser when nothing changes."""
    if present and css not in widget._dom_classes:
        widget.add_class(css)
    elif not present and css in widget._dom_classes:
        widget.remove_class(css)
