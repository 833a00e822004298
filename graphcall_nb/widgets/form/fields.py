"""Single fields: a control with its label, and under it what is wrong once it was touched."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import ipywidgets as widgets

from ..._text import show_invisible
from ..form import markup
from .editor import Editor, View
from .state import FormState
from .tree import MISSING, Path, field_name, read

_NULL = "null is sent"


class Field(widgets.VBox):  # type: ignore[misc]
    """Base of all fields: writes what the control says into the state, and shows the error of its place.

    ``also`` names further fields of Graph whose errors belong here.
    """

    def __init__(self, editor: Editor, path: Path, control: widgets.DOMWidget, css: str, also: Iterable[str] = ()):
        self.editor = editor
        self.path = path
        self.also = tuple(also)
        self.touched = False
        self.control = control
        self.problem = markup.block("gcf-error", display="none")
        super().__init__([control, self.problem])
        self.add_class("gcf-field")
        self.control.add_class(css)
        self.listen()

    @property
    def names(self) -> tuple[str, ...]:
        return (field_name(self.path), *self.also)

    @property
    def controls(self) -> list[widgets.DOMWidget]:
        """The controls with a value of their own."""
        return [self.control]

    def listen(self) -> None:
        self.control.observe(self.typed, "value")

    def typed(self, change: Any) -> None:
        def apply(state: FormState) -> None:
            self.touched = True
            self.store(state, change["new"])

        self.editor.change(apply)

    def store(self, state: FormState, value: Any) -> None:
        raise NotImplementedError

    def show(self, view: View) -> None:
        message = view.error(*self.names) if self.touched or view.state.revealed else ""
        self.problem.value = markup.error(message)
        self.problem.layout.display = None if message else "none"
        markup.toggle_class(self, "gcf-invalid", bool(message))


class TextField(Field):
    """A line of text; empty means that the field is not sent. The first ``keep`` steps of its path stay."""

    def __init__(
        self,
        editor: Editor,
        path: Path,
        label: str,
        css: str,
        *,
        hint: str = "",
        tip: str = "",
        keep: int = 0,
        also: Iterable[str] = (),
    ) -> None:
        self.hint = hint
        self.keep = keep
        control = widgets.Text(description=label, placeholder=hint, tooltip=tip or None)
        super().__init__(editor, path, control, css, also)

    def store(self, state: FormState, value: str) -> None:
        state.set_text(self.path, value, self.keep)

    def show(self, view: View) -> None:
        self.control.value = view.state.text(self.path)
        self.control.placeholder = _NULL if view.state.is_null(self.path) else self.hint
        super().show(view)


class NumberField(TextField):
    """A whole number, typed as text: what is none is said to be so, and is not lost."""

    def store(self, state: FormState, value: str) -> None:
        state.set_number(self.path, value)

    def show(self, view: View) -> None:
        draft = field_name(self.path) in view.state.drafts
        typed = self.control.value
        super().show(view)
        if draft:
            self.control.value = typed


class NullableField(TextField):
    """A text that may also be sent as null, which some of Graph's examples do."""

    def __init__(self, editor: Editor, path: Path, label: str, css: str, *, hint: str = "", tip: str = "") -> None:
        super().__init__(editor, path, label, css, hint=hint, tip=tip)
        self.null = widgets.Checkbox(description="Send null", indent=False, tooltip="Send the field as null")
        self.null.add_class(f"{css}-null")
        self.null.observe(self._nulled, "value")
        self.children = [self.control, self.null, self.problem]

    @property
    def controls(self) -> list[widgets.DOMWidget]:
        return [self.control, self.null]

    def _nulled(self, change: Any) -> None:
        self.editor.change(lambda state: state.set_value(self.path, None if change["new"] else MISSING))

    def show(self, view: View) -> None:
        super().show(view)
        self.null.value = self.control.disabled = view.state.is_null(self.path)


class FlagField(Field):
    """True, false, null, or not sent at all: four different things to a service."""

    OPTIONS = (("Not sent", ""), ("true", "true"), ("false", "false"), ("null", "null"))
    VALUES: Mapping[str, Any] = {"": MISSING, "true": True, "false": False, "null": None}

    def __init__(self, editor: Editor, path: Path, label: str, css: str, *, tip: str = "", keep: int = 0) -> None:
        self.keep = keep
        super().__init__(
            editor, path, widgets.Dropdown(description=label, options=self.OPTIONS, tooltip=tip or None), css
        )

    def store(self, state: FormState, value: str) -> None:
        state.set_value(self.path, self.VALUES[value], self.keep)

    def show(self, view: View) -> None:
        present = read(view.state.body, self.path)
        self.control.value = next((key for key, value in self.VALUES.items() if value is present), "")
        # There is nowhere to put it until the object it belongs to is there.
        self.control.disabled = not isinstance(read(view.state.body, self.path[:-1]), dict)
        super().show(view)


class KindField(Field):
    """One of several kinds; a kind that is not in the list is added to it while it is there."""

    def __init__(
        self, editor: Editor, path: Path, label: str, css: str, kinds: Mapping[str, str], *, tip: str = ""
    ) -> None:
        self.kinds = dict(kinds)
        super().__init__(
            editor, path, widgets.Dropdown(description=label, options=self._options(""), tooltip=tip or None), css
        )

    def _options(self, present: str) -> tuple[tuple[str, str], ...]:
        known = (
            {**self.kinds} if present in self.kinds or not present else {**self.kinds, present: self.stranger(present)}
        )
        return tuple((label, kind) for kind, label in known.items())

    def stranger(self, kind: str) -> str:
        return show_invisible(kind)

    def present(self, state: FormState) -> str:
        raise NotImplementedError

    def show(self, view: View) -> None:
        kind = self.present(view.state)
        options = self._options(kind)
        if options != self.control.options:
            self.control.options = options
        self.control.value = kind
        super().show(view)


class PartKind(KindField):
    """Of which kind a part of the call is; one that the form does not know is left to the JSON.

    ``kind`` tells which it is, ``choose`` makes it another.
    """

    def __init__(
        self,
        editor: Editor,
        path: Path,
        label: str,
        css: str,
        kinds: Mapping[str, str],
        *,
        tip: str,
        kind: Callable[[FormState], str],
        choose: Callable[[FormState, str], None],
    ) -> None:
        self._kind, self._choose = kind, choose
        super().__init__(editor, path, label, css, kinds, tip=tip)

    def present(self, state: FormState) -> str:
        return self._kind(state)

    def store(self, state: FormState, value: str) -> None:
        self._choose(state, value)

    def stranger(self, kind: str) -> str:
        return "Another kind (see JSON)"


class SetField(Field):
    """A list of known words, each a box to check; words that are not known stay in the list."""

    def __init__(self, editor: Editor, path: Path, label: str, css: str, words: Mapping[str, str]) -> None:
        self.words = tuple(words)
        self.boxes = [widgets.Checkbox(description=words[word], indent=False, tooltip=word) for word in words]
        title = widgets.HTML(f'<span class="gcf-label">{markup.text(label)}</span>')
        self.others = markup.block("gcf-note", display="none")
        row = widgets.HBox([*self.boxes, self.others])
        row.add_class("gcf-toggles")
        super().__init__(editor, path, row, css)
        self.children = [title, row, self.problem]

    @property
    def controls(self) -> list[widgets.DOMWidget]:
        return list(self.boxes)

    def listen(self) -> None:
        for word, box in zip(self.words, self.boxes, strict=True):
            box.add_class(f"gcf-word-{word}")
            box.observe(lambda change, word=word: self.typed({"new": (word, change["new"])}), "value")

    def store(self, state: FormState, value: tuple[str, bool]) -> None:
        state.set_member(self.path, *value, order=self.words)

    def show(self, view: View) -> None:
        members = view.state.members(self.path)
        for word, box in zip(self.words, self.boxes, strict=True):
            box.value = word in members
        others = [word for word in members if word not in self.words]
        self.others.value = markup.text(f"and {', '.join(others)}") if others else ""
        self.others.layout.display = None if others else "none"
        super().show(view)
