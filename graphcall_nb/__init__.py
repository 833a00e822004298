"""Microsoft Graph calling in Jupyter: place calls, receive their notifications, see them; with no account needed.

Start with ``session = graphcall_nb.simulate()``. Names are loaded on first use, so that the import is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "AsyncCalls": "client.calls",
    "Call": "graph.models",
    "CallHandle": "session.call",
    "Scenario": "simulator.scenario",
    "Session": "session.session",
    "Step": "simulator.scenario",
    "attach": "session.attach",
    "connect": "session.connect",
    "describe": "plots",
    "doctor": "session.doctor",
    "errors": "errors",
    "exercises": "exercises",
    "explain": "graph.results",
    "export_call": "graph.export",
    "join_class": "classroom.client",
    "lint": "graph.lint",
    "open_journal": "session.open_journal",
    "parse_call": "graph.parse",
    "plot_concurrency": "plots",
    "plot_sequence": "plots",
    "plot_state_durations": "plots",
    "plot_states": "plots",
    "plot_timeline": "plots",
    "replay": "session.replay",
    "run": "session.run",
    "simulate": "session.simulate",
    "summary": "frames.summary",
    "templates": "graph.templates",
}

_MODULES = ("errors", "exercises", "templates")

__all__ = [
    "AsyncCalls",
    "Call",
    "CallHandle",
    "Scenario",
    "Session",
    "Step",
    "attach",
    "connect",
    "describe",
    "doctor",
    "errors",
    "exercises",
    "explain",
    "export_call",
    "join_class",
    "lint",
    "open_journal",
    "parse_call",
    "plot_concurrency",
    "plot_sequence",
    "plot_state_durations",
    "plot_states",
    "plot_timeline",
    "replay",
    "run",
    "simulate",
    "summary",
    "templates",
]

if TYPE_CHECKING:
    from . import errors, exercises
    from .classroom.client import join_class
    from .client.calls import AsyncCalls
    from .frames.summary import summary
    from .graph import templates
    from .graph.export import export_call
    from .graph.lint import lint
    from .graph.models import Call
    from .graph.parse import parse_call
    from .graph.results import explain
    from .plots.concurrency import plot_concurrency
    from .plots.description import describe
    from .plots.durations import plot_state_durations
    from .plots.sequence import plot_sequence
    from .plots.states import plot_states
    from .plots.timeline import plot_timeline
    from .session.attach import attach
    from .session.call import CallHandle
    from .session.connect import connect
    from .session.doctor import doctor
    from .session.open_journal import open_journal
    from .session.replay import replay
    from .session.run import run
    from .session.session import Session
    from .session.simulate import simulate
    from .simulator.scenario import Scenario, Step


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        from ._arguments import did_you_mean

        advice = did_you_mean(name, __all__) or f"it offers {', '.join(__all__)}."
        raise AttributeError(f"graphcall_nb has no {name!r}; {advice}")
    module = import_module(f".{_HOME[name]}", __name__)
    value = module if name in _MODULES else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
