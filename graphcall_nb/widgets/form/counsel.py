"""Advice of lint as a list, each with a button that fixes where there is a fix."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as widgets

from ...graph.lint_rules import MEMBER_TYPE, LintResult
from ..form import markup
from .editor import Editor, View
from .rows import close

MOST_LINES = 20
"""Whoever pastes hundreds of targets reads no hundreds of lines."""


class Counsel(widgets.VBox):  # type: ignore[misc]
    """What the service may not like.

    Errors stand beside their fields; here are those of no field, those that can be fixed by a button, and advice. What
    is missing is said when all errors are; what is there and of a wrong type, at once.
    ``placed`` tells whether the error of a field is shown beside it; ``leave`` takes the focus when the last button is
    gone. A line keeps its widgets while it stands there, and so the focus.
    """

    def __init__(self, editor: Editor, placed: Callable[[str], bool], leave: Callable[[], None]) -> None:
        self.editor = editor
        self.placed = placed
        self.leave = leave
        self.lines: dict[tuple[str, str, str], widgets.HBox] = {}
        self.beyond = markup.block("gcf-note", display="none")
        super().__init__([self.beyond])
        self.add_class("gcf-counsel")

    def show(self, view: View) -> None:
        items = [item for item in view.advice if self._wanted(item, view)]
        keys: list[tuple[str, str, str]] = [(item.level, item.field, item.message) for item in items]
        keys += [("error", name, message) for name, message in self._orphans(view, items)]
        self.beyond.value = f"and {len(keys) - MOST_LINES:,} more"
        self.beyond.layout.display = None if len(keys) > MOST_LINES else "none"
        keys = keys[:MOST_LINES]
        if keys == list(self.lines):
            return
        fixes = {(item.field, item.message): item for item in items if item.fix}
        old = self.lines
        self.lines = {key: old.get(key) or self._line(*key, fixes.get(key[1:])) for key in keys}
        self.children = (*self.lines.values(), self.beyond)
        for key in old.keys() - self.lines.keys():
            close(old[key])

    def _wanted(self, item: LintResult, view: View) -> bool:
        return item.level == "advice" or item.fix is not None or item.rule == MEMBER_TYPE

    def _orphans(self, view: View, items: list[LintResult]) -> list[tuple[str, str]]:
        """Errors that no field shows; to be seen once all errors are."""
        listed = {item.field for item in items}
        if not view.state.revealed:
            return []
        return [(n, text) for n, text in view.errors.items() if n not in listed and not self.placed(n) and n != "json"]

    def _line(self, level: str, field: str, message: str, advice: LintResult | None) -> widgets.HBox:
        text = widgets.HTML(f"<code>{markup.text(field)}</code> {markup.text(message)}")
        text.add_class("gcf-counsel-text")
        parts: list[widgets.DOMWidget] = [text]
        if advice is not None:
            button = widgets.Button(description="Mend", tooltip=f"Mend {field}. Source: {advice.source}.")
            button.add_class("gcf-mend")
            button.on_click(lambda _: self.mend(field, message))
            parts.append(button)
        line = widgets.HBox(parts)
        line.add_class("gcf-counsel-line")
        line.add_class(f"gcf-level-{level}")
        return line

    def fix(self, field: str, message: str) -> None:
        """Fix what this advice is about, as the call is now."""
        with self.editor.lock:
            state = self.editor.state
            same = (item for item in state.advice() if (item.field, item.message) == (field, message))
            if (found := next(same, None)) and found.fix:
                fixed = found.fix(state.call)
                self.editor.change(lambda state: state.load(fixed, state.template))
                self._focus_next()

    def _focus_next(self) -> None:
        """The button that was pressed is gone: whoever works by keyboard stands at the next."""
        buttons = [part for line in self.lines.values() for part in line.children if isinstance(part, widgets.Button)]
        if buttons:
            buttons[0].focus()
        else:
            self.leave()
