"""Frames as matplotlib figures, which stay visible in a saved notebook, on GitHub and in a PDF; and as text.

The names are loaded on first use, so that :mod:`graphcall_nb.plots.colors` costs no matplotlib.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .concurrency import plot_concurrency
    from .description import Description, describe
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

_MODULES = {
    "Description": "description",
    "describe": "description",
    "plot_concurrency": "concurrency",
    "plot_sequence": "sequence",
    "plot_state_durations": "durations",
    "plot_states": "states",
    "plot_timeline": "timeline",
    "save_timeline": "timeline",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_MODULES[name]}", __name__), name)
