"""How a change travels: control, then state, then every part of the form; never from one control to another."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from ...graph.lint_rules import LintResult
from .state import FormState


class View:
    """What the parts of a form are shown: the state, and what is wrong with it, worked out once per change."""

    def __init__(self, state: FormState) -> None:
        self.state = state
        self.advice: list[LintResult] = state.advice() if state.body else []
        self.errors = state.errors(self.advice if state.body else None)

    def error(self, *fields: str) -> str:
        """The first error of any of these fields, or of what is inside a list of that name."""
        for name in fields:
            for found, message in self.errors.items():
                if found == name or (found.startswith(name) and found[len(name) :].rstrip("0123456789]") == "["):
                    return message
        return ""


class Part(Protocol):
    """A part of the form: it brings its controls up to date."""

    def show(self, view: View) -> None: ...


class Editor:
    """Applies changes to the state and has every part shown again.

    ipykernel may call the observers of two controls in two threads, so all of it happens under one lock. What a
    control reports while it is being shown is no change of a person's, and is let pass.
    """

    def __init__(self, state: FormState, show: Callable[[View], None]) -> None:
        self.state = state
        self.lock = threading.RLock()
        self.showing = False
        self._show = show

    def change(self, apply: Callable[[FormState], None]) -> None:
        """Change the state and show it, unless the form is just being shown."""
        with self.lock:
            if not self.showing:
                apply(self.state)
                self.refresh()

    def refresh(self) -> None:
        with self.lock:
            self.showing = True
            try:
                self._show(View(self.state))
            finally:
                self.showing = False
