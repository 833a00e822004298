"""The findings of lint as a list, with a button for each that can be fixed."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as widgets

from ...graph.lint_rules import MEMBER_TYPE, Finding
from ..closing import close_tree
from .messages import escape_text, make_block, set_visible
from .state import FormController, FormSnapshot

MAX_LINES = 20
"""A call with hundreds of targets may have hundreds of findings; further ones are only counted."""

_Key = tuple[str, str, str]  # level, field, message


class LintPanel(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Panel of the request members that the service may reject.

    Errors are shown beside their fields. Listed here are errors without a field, findings that a button can fix, and
    advice. Missing values are listed once all errors are revealed; values of a wrong type at once. A line keeps its
    widgets while it exists, and so the focus.

    Parameters
    ----------
    controller : applies changes
    has_field : ``has_field(name)`` returns whether the error of a field is shown beside it
    focus_next : called when the last button is gone, which had the focus
    """

    def __init__(
        self, controller: FormController, has_field: Callable[[str], bool], focus_next: Callable[[], None]
    ) -> None:
        self.controller = controller
        self._has_field = has_field
        self._focus_next = focus_next
        self.lines: dict[_Key, widgets.HBox] = {}
        self.more = make_block("gcf-note", display="none")
        super().__init__([self.more])
        self.add_class("gcf-lint")

    def render(self, snapshot: FormSnapshot) -> None:
        findings = [one for one in snapshot.advice if _is_listed(one)]
        keys: list[_Key] = [(one.level, one.field, one.message) for one in findings]
        keys += self._list_errors_without_field(snapshot, {one.field for one in findings})
        self.more.value = f"and {len(keys) - MAX_LINES:,} more"
        set_visible(self.more, len(keys) > MAX_LINES)
        keys = keys[:MAX_LINES]
        if keys == list(self.lines):
            return
        fixable = {(one.field, one.message): one for one in findings if one.fix}
        old = self.lines
        self.lines = {key: old.get(key) or self._make_line(*key, fixable.get(key[1:])) for key in keys}
        self.children = (*self.lines.values(), self.more)
        for key in old.keys() - self.lines.keys():
            close_tree(old[key])

    def _list_errors_without_field(self, snapshot: FormSnapshot, listed: set[str]) -> list[_Key]:
        if not snapshot.state.revealed:
            return []
        shown = {*listed, "json"}
        errors = snapshot.errors.items()
        return [("error", name, text) for name, text in errors if name not in shown and not self._has_field(name)]

    def _make_line(self, level: str, field: str, message: str, fixable: Finding | None) -> widgets.HBox:
        text = widgets.HTML(f"<code>{escape_text(field)}</code> {escape_text(message)}")
        text.add_class("gcf-lint-text")
        parts: list[widgets.DOMWidget] = [text]
        if fixable is not None:
            button = widgets.Button(description="Fix", tooltip=f"Fix {field}. Source: {fixable.source}.")
            button.add_class("gcf-fix")
            button.on_click(lambda _: self.fix(field, message))
            parts.append(button)
        line = widgets.HBox(parts)
        line.add_class("gcf-lint-line")
        line.add_class(f"gcf-level-{level}")
        return line

    def fix(self, field: str, message: str) -> None:
        """Fix a finding in the call as it is now."""
        with self.controller.lock:
            state = self.controller.state
            matching = (one for one in state.advice() if (one.field, one.message) == (field, message))
            finding = next(matching, None)
            if finding and finding.fix:
                fixed = finding.fix(state.call)
                self.controller.change(lambda state: state.load(fixed, state.template))
                self._move_focus()

    def _move_focus(self) -> None:
        """Focus the next button: the one that was pressed is gone."""
        buttons = [part for line in self.lines.values() for part in line.children if isinstance(part, widgets.Button)]
        if buttons:
            buttons[0].focus()
        else:
            self._focus_next()


def _is_listed(finding: Finding) -> bool:
    return finding.level == "advice" or finding.fix is not None or finding.rule == MEMBER_TYPE
