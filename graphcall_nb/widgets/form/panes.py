"""The right side of the form: the JSON that will be sent, a box to paste into, and the call for other tools."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

from ..._text import escape_invisible, json_text
from ...errors import InvalidCall
from ...export import Style, export_call
from ...parse import parse_call
from ...unseen import escaped, json_text
from . import markup
from .controls import ChoiceButtons, CopyBlock
from .editor import Editor, View
from .state import FormState, same_json

_ROWS = (8, 32)
_STYLES: dict[str, Style] = {"JSON": "json", "HTTP": "http", "cURL": "curl", "Python": "python"}


class JsonPane(widgets.VBox):  # type: ignore[misc]
    """The body as JSON, in step with the fields both ways; what nobody would see in it is escaped."""

    def __init__(self, editor: Editor) -> None:
        self.editor = editor
        self.text = widgets.Textarea("{}", description="JSON of the request", rows=_ROWS[0])
        self.text.add_class("gcf-json")
        self.text.observe(self._typed, "value")
        self.status = markup.block("gcf-json-status")
        super().__init__([self.text, self.status])
        self.add_class("gcf-code-field")

    def _typed(self, change: Any) -> None:
        self.editor.change(lambda state: state.type_json(change["new"]))

    def show(self, view: View) -> None:
        problem = view.state.json_problem
        if problem is None:
            typed = escape_invisible(self.text.value)
            same = self._says(typed, view.state.body)
            self.text.value = typed if same else json_text(view.state.body)
        self.text.rows = min(max(self.text.value.count("\n") + 2, _ROWS[0]), _ROWS[1])
        self.status.value = _problem(problem) if problem else f'<span class="gcf-note">{_note(view.state)}</span>'
        markup.toggle_class(self, "gcf-invalid", problem is not None)

    def _says(self, text: str, body: dict[str, Any]) -> bool:
        """Whether a text means this body already: then it stays as it was typed, emptied too."""
        if not text.strip():
            return not body
        try:
            return same_json(parse_call(text).to_json_dict(), body)
        except InvalidCall:
            return False


class PastePane(widgets.VBox):  # type: ignore[misc]
    """A box that takes whatever says which call is meant."""

    def __init__(self, editor: Editor) -> None:
        self.editor = editor
        self.text = widgets.Textarea(
            description="Paste anything that says which call you mean",
            placeholder="JSON, with trailing commas if need be\nan http block from Microsoft's pages\n"
            "a cURL line\na Teams join link: fills chat and meeting",
            rows=10,
        )
        self.text.add_class("gcf-paste")
        self.button = widgets.Button(description="Fill the form", icon="level-down")
        self.button.add_class("gcf-paste-use")
        self.button.on_click(lambda _: self.use())
        self.status = markup.block("gcf-paste-status")
        super().__init__([self.text, self.button, self.status])
        self.add_class("gcf-code-field")

    def use(self) -> None:
        """Fill the form from the text, or say why that cannot be done; then nothing changes."""
        try:
            self.editor.change(lambda state: state.load_text(self.text.value))
        except InvalidCall as error:
            self.status.value = _problem(error)
            markup.toggle_class(self, "gcf-invalid", True)
            return
        markup.toggle_class(self, "gcf-invalid", False)
        self.status.value = (
            '<span role="status" class="gcf-good">The form is filled. Undo brings back what was there.</span>'
        )
        self.text.value = ""

    def show(self, view: View) -> None:
        pass


class ExportPane(widgets.VBox):  # type: ignore[misc]
    """The same request for another tool."""

    def __init__(self, editor: Editor, note: str) -> None:
        self.editor = editor
        self.choice = ChoiceButtons(options=list(_STYLES), value="JSON", label="Written as")
        self.choice.add_class("gcf-export-style")
        self.choice.observe(lambda _: editor.refresh(), "value")
        self.block = CopyBlock()
        self.block.add_class("gcf-export")
        self.note = markup.block("gcf-note")
        self._callback_note = note
        super().__init__([self.choice, self.block, self.note])

    def show(self, view: View) -> None:
        style = _STYLES[self.choice.value]
        self.block.text = export_call(view.state.call, style, view.state.version)
        self.block.label = f"The request as {style}"
        token = "" if style == "json" else "The access token is read from the environment variable TOKEN. "
        callback = "" if view.state.body.get("callbackUri") else self._callback_note
        self.note.value = markup.text(token + callback)


class Panes(widgets.VBox):  # type: ignore[misc]
    """One of the panes at a time; buttons choose which."""

    def __init__(self, editor: Editor, callback_note: str) -> None:
        self.json = JsonPane(editor)
        self.paste = PastePane(editor)
        self.export = ExportPane(editor, callback_note)
        self.panes: dict[str, Any] = {"JSON": self.json, "Paste": self.paste, "Export": self.export}
        self.choice = ChoiceButtons(
            options=list(self.panes),
            tooltips=["The request, to read and to edit", "Fill the form from text", "For other tools"],
            value="JSON",
            label="The request as text",
        )
        self.choice.add_class("gcf-panes-choice")
        self.choice.observe(self._chosen, "value")
        super().__init__([self.choice, *self.panes.values()])
        self.add_class("gcf-panes")
        self._chosen(None)

    def choose(self, name: str) -> None:
        """Show a pane: JSON, Paste or Export."""
        self.choice.value = name

    def _chosen(self, change: Any) -> None:
        for name, pane in self.panes.items():
            pane.layout.display = None if name == self.choice.value else "none"

    def show(self, view: View) -> None:
        for pane in self.panes.values():
            pane.show(view)


def _note(state: FormState) -> str:
    written = get_version(state.version).write_call(state.call)
    if same_json(written, state.body):
        return "In step with the fields."
    return f"In step with the fields. {markup.text(state.version)} spells some of it its own way: Export shows how."


def _problem(error: InvalidCall) -> str:
    """What is wrong with a text, and where; each fault on a line of its own."""
    if error.problems:
        lines = [f"{field}: {message}" for field, message in error.problems]
    else:
        lines = str(error).split("\n")[:1]
    return f'<span class="gcf-bad" role="alert">{"<br>".join(markup.text(line) for line in lines)}</span>'
