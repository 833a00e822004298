"""The right side of the form: the JSON to be sent, a box to paste into, and the request for other tools."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

from ..._text import escape_invisible, json_text
from ...errors import InvalidCall
from ...graph.export import Style, export_call
from ...graph.parse import parse_call
from ...graph.versions import get_version
from .controls import ChoiceButtons, CopyBlock
from .messages import escape_text, make_block, set_class, set_visible
from .state import FormController, FormSnapshot, FormState, is_same_json

_MIN_ROWS, _MAX_ROWS = 8, 32
_STYLES: dict[str, Style] = {"JSON": "json", "HTTP": "http", "cURL": "curl", "Python": "python"}


class JsonTab(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """The body as JSON, editable, with invisible characters escaped."""

    def __init__(self, controller: FormController) -> None:
        self.controller = controller
        self.text = widgets.Textarea("{}", description="JSON of the request", rows=_MIN_ROWS)
        self.text.add_class("gcf-json")
        self.text.observe(self._on_edit, "value")
        self.status = make_block("gcf-json-status")
        super().__init__([self.text, self.status])
        self.add_class("gcf-code-field")

    def _on_edit(self, change: Any) -> None:
        self.controller.change(lambda state: state.edit_json(change["new"]))

    def render(self, snapshot: FormSnapshot) -> None:
        state = snapshot.state
        if state.json_problem is None:
            text = escape_invisible(self.text.value)
            self.text.value = text if _represents(text, state.body) else json_text(state.body)
            self.status.value = f'<span class="gcf-note">{_describe_sync(state)}</span>'
        else:
            self.status.value = _describe_problem(state.json_problem)
        self.text.rows = min(max(self.text.value.count("\n") + 2, _MIN_ROWS), _MAX_ROWS)
        set_class(self, "gcf-invalid", state.json_problem is not None)


def _represents(text: str, body: dict[str, Any]) -> bool:
    """Return whether a text already means this body: then it stays as the user wrote it, also when empty."""
    if not text.strip():
        return not body
    try:
        return is_same_json(parse_call(text).to_json_dict(), body)
    except InvalidCall:
        return False


def _describe_sync(state: FormState) -> str:
    if is_same_json(get_version(state.version).write_call(state.call), state.body):
        return "In sync with the form."
    return f"In sync with the form. {escape_text(state.version)} uses other names for some members: see Export."


def _describe_problem(error: InvalidCall) -> str:
    """Return the errors of a text, one per line."""
    if error.problems:
        lines = [f"{field}: {message}" for field, message in error.problems]
    else:
        lines = str(error).split("\n")[:1]
    return f'<span class="gcf-bad" role="alert">{"<br>".join(escape_text(line) for line in lines)}</span>'


class PasteTab(widgets.VBox):  # type: ignore[misc]
    """A box for text in any format that describes a call."""

    def __init__(self, controller: FormController) -> None:
        self.controller = controller
        self.text = widgets.Textarea(
            description="Paste a call in any of these formats",
            placeholder="JSON, also with trailing commas\nan http block from Microsoft's documentation\n"
            "a cURL command\na Teams link or an invitation: sets the meeting and its tenant",
            rows=10,
        )
        self.text.add_class("gcf-paste")
        self.button = widgets.Button(description="Fill the form", icon="level-down")
        self.button.add_class("gcf-paste-use")
        self.button.on_click(lambda _: self.fill_form())
        self.status = make_block("gcf-paste-status")
        super().__init__([self.text, self.button, self.status])
        self.add_class("gcf-code-field")

    def fill_form(self) -> None:
        """Fill the form from the text; a text that cannot be read changes nothing and shows why."""
        changes: list[str] = []
        try:
            self.controller.change(lambda state: changes.append(state.load_text(self.text.value)))
        except InvalidCall as error:
            self.status.value = _describe_problem(error)
            set_class(self, "gcf-invalid", True)
            return
        set_class(self, "gcf-invalid", False)
        message = escape_text(f"{' '.join(changes)} Undo restores the call before.")
        self.status.value = f'<span role="status" class="gcf-good">{message}</span>'
        self.text.value = ""

    def render(self, snapshot: FormSnapshot) -> None:
        pass


class ExportTab(widgets.VBox):  # type: ignore[misc]
    """The same request for another tool."""

    def __init__(self, controller: FormController, callback_note: str) -> None:
        self.style_choice = ChoiceButtons(options=list(_STYLES), value="JSON", label="Format")
        self.style_choice.add_class("gcf-export-style")
        self.style_choice.observe(lambda _: controller.render(), "value")
        self.block = CopyBlock()
        self.block.add_class("gcf-export")
        self.note = make_block("gcf-note")
        self._callback_note = callback_note
        super().__init__([self.style_choice, self.block, self.note])

    def render(self, snapshot: FormSnapshot) -> None:
        style = _STYLES[self.style_choice.value]
        self.block.text = export_call(snapshot.state.call, style, snapshot.state.version)
        self.block.label = f"The request as {style}"
        token = "" if style == "json" else "The access token is read from the environment variable TOKEN. "
        callback = "" if snapshot.state.body.get("callbackUri") else self._callback_note
        self.note.value = escape_text(token + callback)


class Tabs(widgets.VBox):  # type: ignore[misc]
    """One tab at a time, chosen by buttons."""

    def __init__(self, controller: FormController, callback_note: str) -> None:
        self.json = JsonTab(controller)
        self.paste = PasteTab(controller)
        self.export = ExportTab(controller, callback_note)
        self.tabs: dict[str, Any] = {"JSON": self.json, "Paste": self.paste, "Export": self.export}
        self.choice = ChoiceButtons(
            options=list(self.tabs),
            tooltips=["The request, to read and to edit", "Fill the form from text", "For other tools"],
            value="JSON",
            label="The request as text",
        )
        self.choice.add_class("gcf-tabs-choice")
        self.choice.observe(lambda _: self._show_chosen(), "value")
        super().__init__([self.choice, *self.tabs.values()])
        self.add_class("gcf-tabs")
        self._show_chosen()

    def choose(self, name: str) -> None:
        """Show a tab: JSON, Paste or Export."""
        self.choice.value = name

    def _show_chosen(self) -> None:
        for name, tab in self.tabs.items():
            set_visible(tab, name == self.choice.value)

    def render(self, snapshot: FormSnapshot) -> None:
        for tab in self.tabs.values():
            tab.render(snapshot)
