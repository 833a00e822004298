"""Frames as matplotlib pictures, which stay visible in a saved notebook, on GitHub and in a PDF; and in words."""

from .concurrency import plot_concurrency
from .describe import Description, describe
from .durations import plot_state_durations
from .sequence import plot_sequence
from .states import plot_states
from .timeline import plot_timeline, save_timeline

__all__ = [
    "Description",
    "describe",
    "plot_concurrency",
    "plot_sequence",
    "plot_state_durations",
    "plot_states",
    "plot_timeline",
    "save_timeline",
]
