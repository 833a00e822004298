"""The live timeline of call states: a widget drawn on a canvas, with a table for screen readers."""

from .snapshot import Snapshot
from .timeline import Timeline

__all__ = ["Snapshot", "Timeline"]
