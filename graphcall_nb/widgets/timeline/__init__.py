"""The live timeline of call states: an anywidget drawn on a canvas, with a text twin for screen readers."""

from .picture import Snapshot
from .widget import Timeline

__all__ = ["Snapshot", "Timeline"]
