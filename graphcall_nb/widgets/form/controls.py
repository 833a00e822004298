"""Controls that ipywidgets lacks, or that it does not label for screen readers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anywidget
import traitlets
from ipywidgets import Widget, widget_serialization

from .. import read_bundle


class FormBehavior(anywidget.AnyWidget):
    """The JavaScript of a whole form; it has no visible content.

    It keeps keyboard shortcuts of JupyterLab away from the controls, moves the focus when rows are added or removed,
    and gives each input of the user a revision number. A value that the kernel sends in answer to an older revision is
    dropped in the browser: the user's input wins. A request to create the call, or to fill the form from pasted text,
    brings the inputs that the kernel may not have handled yet, since it handles messages of different widgets in
    different threads.

    Parameters
    ----------
    create : callable
        Sends the call.
    fill : callable
        Fills the form from pasted text.

    Attributes
    ----------
    controls : the controls whose values the kernel and the user may both change
    """

    _esm = read_bundle("form.js")
    _css = read_bundle("form-style.css")
    controls = traitlets.List(traitlets.Instance(Widget)).tag(sync=True, **widget_serialization)

    def __init__(self, create: Callable[[], object], fill: Callable[[], object]) -> None:
        super().__init__()
        self._requests = {"create": create, "fill": fill}
        self.on_msg(self._on_message)

    def _on_message(self, _: Any, content: Any, buffers: Any) -> None:
        kind = content.get("kind") if isinstance(content, dict) else None
        if kind == "input":
            # The number arrives before its input. After this reply, the browser accepts values again.
            self.send({"kind": "input", "revision": content.get("revision")})
        elif kind in ("create", "fill"):
            inputs = content.get("inputs")
            for sent in inputs if isinstance(inputs, list) else ():
                self._set_input(sent)
            self._requests[kind]()

    def _set_input(self, sent: Any) -> None:
        match sent:
            case {"control": str(control), "name": ("value" | "index") as name, "value": value}:
                for each in self.controls:
                    if each.model_id == control:
                        setattr(each, name, value)


class CopyBlock(anywidget.AnyWidget):
    """Text in a monospace font with a button that copies it."""

    _esm = read_bundle("copy-block.js")
    text = traitlets.Unicode().tag(sync=True)
    label = traitlets.Unicode().tag(sync=True)


class DisclosureButton(anywidget.AnyWidget):
    """The heading of a collapsible section; ``value`` is whether the section is open."""

    _esm = read_bundle("disclosure-button.js")
    description = traitlets.Unicode().tag(sync=True)
    value = traitlets.Bool(False).tag(sync=True)


class ChoiceButtons(anywidget.AnyWidget):
    """Buttons of which one is pressed: ``value``, one of ``options``."""

    _esm = read_bundle("choice-buttons.js")
    options = traitlets.List(traitlets.Unicode()).tag(sync=True)
    tooltips = traitlets.List(traitlets.Unicode()).tag(sync=True)
    label = traitlets.Unicode().tag(sync=True)
    value = traitlets.Unicode().tag(sync=True)


class CallLink(anywidget.AnyWidget):
    """A link to a call, which a cockpit or timeline on the same page shows."""

    _esm = read_bundle("call-link.js")
    call_id = traitlets.Unicode().tag(sync=True)
