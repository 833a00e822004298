"""Microsoft Graph calling in Jupyter: place calls, receive their notifications, see them; with no account needed.

Start with ``session = graphcall_nb.simulate()``. Names are loaded on first use, so that the import is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "AsyncCalls": "client",
    "Call": "models",
    "CallHandle": "session",
    "Session": "session",
    "connect": "session",
    "describe": "plots",
    "doctor": "session",
    "errors": "errors",
    "exercises": "exercises",
    "explain": "results",
    "export_call": "export",
    "join_class": "session",
    "lint": "linting",
    "parse_call": "parse",
    "plot_concurrency": "plots",
    "plot_sequence": "plots",
    "plot_state_durations": "plots",
    "plot_states": "plots",
    "plot_timeline": "plots",
    "replay": "session",
    "run": "session",
    "simulate": "session",
    "templates": "templates",
}

_MODULES = ("errors", "exercises", "templates")

__all__ = [
    "AsyncCalls",
    "Call",
    "CallHandle",
    "Session",
    "connect",
    "describe",
    "doctor",
    "errors",
    "exercises",
    "explain",
    "export_call",
    "join_class",
    "lint",
    "parse_call",
    "plot_concurrency",
    "plot_sequence",
    "plot_state_durations",
    "plot_states",
    "plot_timeline",
    "replay",
    "run",
    "simulate",
    "templates",
]

if TYPE_CHECKING:
    from . import errors, exercises, templates
    from .client import AsyncCalls
    from .export import export_call
    from .linting import lint
    from .models import Call
    from .parse import parse_call
    from .plots import (
        describe,
        plot_concurrency,
        plot_sequence,
        plot_state_durations,
        plot_states,
        plot_timeline,
    )
    from .results import explain
    from .session import CallHandle, Session, connect, doctor, join_class, replay, run, simulate


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        from .slips import did_you_mean

        advice = did_you_mean(name, __all__) or f"it offers {', '.join(__all__)}."
        raise AttributeError(f"graphcall_nb has no {name!r}; {advice}")
    module = import_module(f".{_HOME[name]}", __name__)
    value = module if name in _MODULES else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
