"""Controls that ipywidgets does not have, or has without a word for screen readers; each from one small ES module."""

from __future__ import annotations

from pathlib import Path

import anywidget
import traitlets

from ..esm import module

_HERE = Path(__file__).parent


class CopyBlock(anywidget.AnyWidget):
    """Text in a fixed pitch with a button that copies it."""

    _esm = module("copytext.js", "form/copyblock.js")
    text = traitlets.Unicode().tag(sync=True)
    label = traitlets.Unicode().tag(sync=True)


class FoldHeading(anywidget.AnyWidget):
    """The heading of a fold; ``value`` is whether it is open."""

    _esm = _HERE / "fold.js"
    description = traitlets.Unicode().tag(sync=True)
    value = traitlets.Bool(False).tag(sync=True)


class Choice(anywidget.AnyWidget):
    """Buttons of which one is pressed: ``value``, one of ``options``."""

    _esm = _HERE / "choice.js"
    options = traitlets.List(traitlets.Unicode()).tag(sync=True)
    tooltips = traitlets.List(traitlets.Unicode()).tag(sync=True)
    label = traitlets.Unicode().tag(sync=True)
    value = traitlets.Unicode().tag(sync=True)


class RowFocus(anywidget.AnyWidget):
    """An unseen child of a box of rows: keeps the focus where a row is added or removed, in the view it happens in."""

    _esm = module("unseen.js", "form/rowfocus.js")


class CallLink(anywidget.AnyWidget):
    """A link to a call: the live views of the page show it."""

    _esm = _HERE / "calllink.js"
    call_id = traitlets.Unicode().tag(sync=True)
