"""Lists of rows that are added and removed: targets, and sounds to fetch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from . import markup
from .editor import Editor, View
from .fields import Field, KindField, TextField
from .knowledge import ID_HINTS, IDENTITY_KINDS
from .state import SOUNDS, TARGETS, FormState
from .tree import Path, field_name


class IdentityKind(KindField):
    """What somebody is."""

    def __init__(self, editor: Editor, path: Path, css: str, kinds: dict[str, str] = IDENTITY_KINDS) -> None:
        super().__init__(editor, path, "Kind", css, kinds, tip="What this is: a user, a phone, …")

    @property
    def names(self) -> tuple[str, ...]:
        return ()

    def present(self, state: FormState) -> str:
        return state.identity_kind(self.path)

    def store(self, state: FormState, value: str) -> None:
        state.set_identity_kind(self.path, value)


class IdentityField(TextField):
    """A text inside an identity: where it is depends on what the identity is."""

    def __init__(self, editor: Editor, owner: Path, member: str, label: str, css: str, **options: Any) -> None:
        self.owner = owner
        self.member = member
        super().__init__(editor, (*owner, "user", member), label, css, **options)

    def place(self, state: FormState) -> None:
        self.path = (*self.owner, state.identity_kind(self.owner), self.member)

    def store(self, state: FormState, value: str) -> None:
        self.place(state)
        super().store(state, value)

    def show(self, view: View) -> None:
        self.place(view.state)
        if self.member == "id":
            self.hint = ID_HINTS.get(str(self.path[-2]), "Object id")
        super().show(view)


class Row(widgets.HBox):  # type: ignore[misc]
    """One row of a list, with a button that removes it."""

    def __init__(self, fields: list[Field], remove: Callable[[Row], None], what: str) -> None:
        self.fields = fields
        self.button = widgets.Button(description="Remove", tooltip=f"Remove this {what}")
        self.button.add_class("gcf-remove")
        self.button.on_click(lambda _: remove(self))
        super().__init__([*fields, self.button])
        self.add_class("gcf-row")

    def move(self, index: int) -> None:
        """Stand for another place in the list."""
        for field in self.fields:
            field.path = (*field.path[: self.depth], index, *field.path[self.depth + 1 :])

    depth = 1


class TargetRow(Row):
    """Somebody to call."""

    def __init__(self, editor: Editor, index: int, remove: Callable[[Row], None]) -> None:
        owner = (*TARGETS, index, "identity")
        self.owned: list[IdentityField] = [
            IdentityField(editor, owner, "id", "Id or number", "gcf-target-id", keep=4, also=(field_name(owner),)),
            IdentityField(editor, owner, "displayName", "Display name", "gcf-target-name", keep=4, hint="Optional"),
            IdentityField(editor, owner, "tenantId", "Tenant", "gcf-target-tenant", keep=4, hint="Optional"),
        ]
        super().__init__([IdentityKind(editor, owner, "gcf-target-kind"), *self.owned], remove, "target")
        self.add_class("gcf-target")

    def move(self, index: int) -> None:
        super().move(index)
        owner = (*TARGETS, index, "identity")
        self.owned[0].also = (field_name(owner),)
        for field in self.owned:
            field.owner = owner


class SoundRow(Row):
    """A sound that Microsoft fetches before it is played."""

    depth = 2

    def __init__(self, editor: Editor, index: int, remove: Callable[[Row], None]) -> None:
        uri = TextField(
            editor,
            (*SOUNDS, index, "uri"),
            "Address",
            "gcf-sound-uri",
            hint="https://…/hello.wav",
            tip="WAV, mono, 16 bit, 16 kHz",
            keep=3,
        )
        key = TextField(
            editor,
            (*SOUNDS, index, "resourceId"),
            "Resource id",
            "gcf-sound-key",
            hint="A GUID of its own",
            tip="Under this id the service keeps the sound",
            keep=3,
        )
        super().__init__([uri, key], remove, "sound")
        self.add_class("gcf-sound")


MOST_ROWS = 30
"""More than a call may have; each row is some forty models in the browser, and hundreds would make it wait."""


class Rows(widgets.VBox):  # type: ignore[misc]
    """As many rows as the list in the body has, up to :data:`MOST_ROWS`; what goes beyond is counted only.

    A row keeps its widgets, and so the focus, while it lives.
    """

    def __init__(
        self,
        editor: Editor,
        path: Path,
        make: Callable[[Editor, int, Callable[[Row], None]], Row],
        adders: list[widgets.Button],
    ) -> None:
        self.editor = editor
        self.path = path
        self.make = make
        self.adders = adders
        self.rows: list[Row] = []
        self.box = widgets.VBox()
        self.problem = markup.block("gcf-error", display="none")
        adding = widgets.HBox(adders)
        adding.add_class("gcf-adders")
        self.beyond = markup.block("gcf-note", display="none")
        super().__init__([self.box, self.beyond, self.problem, adding])
        self.add_class("gcf-list")

    @property
    def fields(self) -> list[Field]:
        return [field for row in self.rows for field in row.fields]

    @property
    def names(self) -> tuple[str, ...]:
        return (field_name(self.path), *(name for field in self.fields for name in field.names))

    def remove(self, row: Row) -> None:
        """Take this very row out, so that what was touched in the others stays with them."""
        with self.editor.lock:
            if row not in self.rows:
                return
            index = self.rows.index(row)
            self.rows.remove(row)
            self._renumber()
            self.editor.change(lambda state: state.remove_row(self.path, index))
            close(row)

    def _renumber(self) -> None:
        for index, row in enumerate(self.rows):
            row.move(index)
        self.box.children = tuple(self.rows)

    def show(self, view: View) -> None:
        whole = view.state.count(self.path)
        count = min(whole, MOST_ROWS)
        if count != len(self.rows):
            surplus, self.rows = self.rows[count:], self.rows[:count]
            self.rows += [self.make(self.editor, index, self.remove) for index in range(len(self.rows), count)]
            self._renumber()
            for row in surplus:
                close(row)
        for field in self.fields:
            field.show(view)
        self.beyond.value = f"and {whole - count:,} more, in the JSON only"
        self.beyond.layout.display = None if whole > count else "none"
        for button in self.adders:
            button.disabled = whole >= MOST_ROWS
        name = field_name(self.path)
        message = view.errors.get(name, "") if view.state.revealed else ""
        self.problem.value = markup.error(message)
        self.problem.layout.display = None if message else "none"


def close(widget: widgets.Widget) -> None:
    """Close a widget with all that is in it: the browser forgets them."""
    for child in getattr(widget, "children", ()):
        close(child)
    for part in (getattr(widget, "style", None), getattr(widget, "layout", None), widget):
        if isinstance(part, widgets.Widget):
            part.close()


def adder(label: str, css: str, add: Callable[[], None]) -> widgets.Button:
    button = widgets.Button(description=label, icon="plus")
    button.add_class(css)
    button.on_click(lambda _: add())
    return button
