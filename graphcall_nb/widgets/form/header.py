"""The top of the form: where calls go, and the call to begin with."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

from ...graph import templates
from ...graph.requests import permission_for
from ...graph.versions import get_version
from ..form import markup
from .editor import Editor, View

_EMPTY = "Begin with a template, paste a request, or fill in the fields."
_OWN = "This request is none of the templates."
_OPTIONS = (("Empty form", ""), *((template.title, name) for name, template in templates.ALL.items()))
_OWN_OPTION = ("A request of your own", "(own)")  # no value of ipywidgets' dropdown may be None


class Header(widgets.VBox):  # type: ignore[misc]
    """Badge, template picker with description and permission, Undo and Reset."""

    def __init__(self, editor: Editor, version: str, simulated: bool) -> None:
        self.editor = editor
        badge = '<span class="gc-badge gc-simulated">SIMULATED</span>' if simulated else ""
        place = f'<span class="gc-badge">{markup.text(dialect)}</span>'
        title = widgets.HTML(f'<h3 class="gcf-title">New call</h3>{badge}{place}')
        title.add_class("gcf-titlebar")
        self.template = widgets.Dropdown(
            description="Template", options=_OPTIONS, value="", tooltip="A call to begin with"
        )
        self.template.add_class("gcf-template")
        self.template.observe(self._picked, "value")
        self.undo = self._button("Undo", "undo", "Bring back what was there before", lambda state: state.undo())
        self.reset = self._button("Reset", "refresh", "Begin with the template anew", _reset)
        picker = widgets.HBox([self.template, self.undo, self.reset])
        picker.add_class("gcf-picker")
        self.about = markup.block("gcf-about")
        super().__init__([title, picker, self.about])
        self.add_class("gcf-header")

    def _button(self, label: str, icon: str, tip: str, apply: Any) -> widgets.Button:
        button = widgets.Button(description=label, icon=icon, tooltip=tip)
        button.add_class(f"gcf-{label.lower()}")
        button.on_click(lambda _: self._pressed(button, apply))
        return button

    def _pressed(self, button: widgets.Button, apply: Any) -> None:
        self.editor.change(apply)
        if button.disabled:  # then it cannot keep the focus
            self.template.focus()

    def _picked(self, change: Any) -> None:
        if change["new"] not in (None, _OWN_OPTION[1]):
            self.editor.change(lambda state: state.load_template(change["new"]))

    def show(self, view: View) -> None:
        state = view.state
        options = _OPTIONS if state.template is not None else (*_OPTIONS, _OWN_OPTION)
        if self.template.options != options:
            self.template.options = options
        self.template.value = _OWN_OPTION[1] if state.template is None else state.template
        self.undo.disabled = not state.can_undo
        template = templates.ALL.get(state.template or "")
        words = template.description if template else _OWN if state.body else _EMPTY
        permission = permission_for(state.call, get_dialect(state.dialect))
        need = f'<span class="gcf-need">Needs <code>{markup.text(permission)}</code></span>'
        self.about.value = f"{markup.text(words)} &nbsp;{need if state.body else ''}"


def _reset(state: Any) -> None:
    state.load_template(state.template or "")
