"""HTML of the form: every text of a user or a service passes through :func:`escape_text`."""

from __future__ import annotations

from html import escape

import ipywidgets as widgets

from ..._text import pluralize, show_invisible
from ...errors import GraphcallError, GraphError

SENDING = '<span class="gcf-note" role="status">Creating the call …</span>'


def escape_text(value: object) -> str:
    """Return text escaped for HTML, attributes included, with invisible characters shown."""
    return escape(show_invisible(str(value)), quote=True)


def make_block(css: str, **layout: str) -> widgets.HTML:
    """Make an empty piece of HTML, to be filled later."""
    html = widgets.HTML(layout=widgets.Layout(**layout))
    html.add_class(css)
    return html


def set_visible(widget: widgets.DOMWidget, visible: bool) -> None:
    """Show or hide a widget."""
    widget.layout.display = None if visible else "none"


def set_class(widget: widgets.DOMWidget, css: str, present: bool) -> None:
    """Add or remove a class; nothing is sent to the browser when it does not change."""
    if present:
        widget.add_class(css)
    else:
        widget.remove_class(css)


def format_error(message: str) -> str:
    """Return the error of a field; empty without one."""
    return f'<span role="alert">{escape_text(message)}</span>' if message else ""


def describe_created(handle: object) -> str:
    """Return the id of a new call; its state would be out of date a moment later."""
    call_id = f'<code class="gcf-call-id">{escape_text(getattr(handle, "id", "") or "")}</code>'
    return f'<span class="gcf-good" role="status"><b>Created.</b> Call {call_id}.</span>'


def describe_failure(error: BaseException) -> str:
    """Return an error with Graph's code and request ids."""
    if isinstance(error, GraphError):
        message = escape_text(error.graph_message)
        remedy = f"<br>{escape_text(error.remedy)}" if error.remedy else ""
        ids = [("request-id", error.request_id), ("client-request-id", error.client_request_id)]
        trace = " · ".join(f"{name} <code>{escape_text(value)}</code>" for name, value in ids if value)
        note = f'<br><span class="gcf-note">{trace}</span>' if trace else ""
        return _format_failure(f"{error.status} {escape_text(error.code)}", f"{message}{remedy}{note}")
    if isinstance(error, GraphcallError):
        return _format_failure("Not created.", escape_text(error))
    return _format_failure("Not created.", f"{escape_text(type(error).__name__)}: {escape_text(error)}")


def describe_refusal(count: int) -> str:
    """Return the message for a call that was not sent because ``count`` fields have errors."""
    place = "it" if count == 1 else "them"
    return _format_failure(
        "Nothing was sent.", f"Fix {pluralize(count, 'field')} first; see the message next to {place}."
    )


def _format_failure(head: str, rest: str) -> str:
    return f'<span class="gcf-bad" role="alert"><b>{head}</b> {rest}</span>'
