"""Fields of the form: a control with its label and its error, and lists of rows of fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import ipywidgets as widgets

from ..._text import show_invisible
from ...graph.json_path import MISSING, Path, format_path, read_path
from ..closing import close_tree
from .choices import ID_HINTS, IDENTITY_KINDS
from .messages import escape_text, format_error, make_block, set_class, set_visible
from .state import SOUNDS, TARGETS, FormController, FormSnapshot, FormState

MAX_ROWS = 30
"""More than a call may have. Each row is some forty models in the browser, and hundreds would make it slow."""


class Field(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Base of all fields: writes the value of its control into the state, and shows the error of its path.

    Parameters
    ----------
    controller : applies changes
    path : where the value is in the body
    control : the ipywidget
    css : class of the control
    also : further fields of Graph whose errors are shown here
    """

    def __init__(
        self,
        controller: FormController,
        path: Path,
        control: widgets.DOMWidget,
        css: str,
        also: Iterable[str] = (),
    ) -> None:
        self.controller = controller
        self.path = path
        self.also = tuple(also)
        self.is_edited = False
        self.control = control
        self.problem = make_block("gcf-error", display="none")
        super().__init__([control, self.problem])
        self.add_class("gcf-field")
        self.control.add_class(css)
        self.observe_controls()

    @property
    def names(self) -> tuple[str, ...]:
        """The fields of Graph whose errors are shown here."""
        return (format_path(self.path), *self.also)

    @property
    def controls(self) -> list[widgets.DOMWidget]:
        """The controls with a value of their own."""
        return [self.control]

    def has_value(self, state: FormState) -> bool:
        """Return whether the body has a value at the path of the field."""
        return read_path(state.body, self.path) is not MISSING

    def observe_controls(self) -> None:
        self.control.observe(lambda change: self.edit(change["new"]), "value")

    def edit(self, value: Any) -> None:
        """Write a value that the user entered."""

        def apply(state: FormState) -> None:
            self.is_edited = True
            self.store(state, value)

        self.controller.change(apply)

    def store(self, state: FormState, value: Any) -> None:
        """Write the value of the control into the state."""
        raise NotImplementedError

    def render(self, snapshot: FormSnapshot) -> None:
        message = snapshot.find_error(*self.names) if self.is_edited or snapshot.state.revealed else ""
        self.problem.value = format_error(message)
        set_visible(self.problem, bool(message))
        set_class(self, "gcf-invalid", bool(message))


class TextField(Field):
    """A line of text; an empty one is not sent. The first ``keep`` steps of its path are kept."""

    def __init__(
        self,
        controller: FormController,
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
        super().__init__(controller, path, control, css, also)

    def store(self, state: FormState, value: str) -> None:
        state.set_text(self.path, value, self.keep)

    def render(self, snapshot: FormSnapshot) -> None:
        self.control.value = snapshot.state.get_text(self.path)
        self.control.placeholder = "null is sent" if snapshot.state.is_null(self.path) else self.hint
        super().render(snapshot)


class NumberField(TextField):
    """A whole number, entered as text: invalid input is kept and reported."""

    def store(self, state: FormState, value: str) -> None:
        state.set_number(self.path, value)

    def render(self, snapshot: FormSnapshot) -> None:
        is_draft = format_path(self.path) in snapshot.state.drafts
        text = self.control.value
        super().render(snapshot)
        if is_draft:
            self.control.value = text


class NullableField(TextField):
    """A text that may also be sent as null, as some of Graph's examples do."""

    def __init__(
        self, controller: FormController, path: Path, label: str, css: str, *, hint: str = "", tip: str = ""
    ) -> None:
        super().__init__(controller, path, label, css, hint=hint, tip=tip)
        self.null = widgets.Checkbox(description="Send null", indent=False, tooltip="Send the field as null")
        self.null.add_class(f"{css}-null")
        self.null.observe(self._on_null, "value")
        self.children = [self.control, self.null, self.problem]

    @property
    def controls(self) -> list[widgets.DOMWidget]:
        return [self.control, self.null]

    def _on_null(self, change: Any) -> None:
        self.controller.change(lambda state: state.set_value(self.path, None if change["new"] else MISSING))

    def render(self, snapshot: FormSnapshot) -> None:
        super().render(snapshot)
        self.null.value = self.control.disabled = snapshot.state.is_null(self.path)


class FlagField(Field):
    """True, false, null, or not sent: four different values for a service."""

    OPTIONS = (("Not sent", ""), ("true", "true"), ("false", "false"), ("null", "null"))
    VALUES: Mapping[str, Any] = {"": MISSING, "true": True, "false": False, "null": None}

    def __init__(
        self, controller: FormController, path: Path, label: str, css: str, *, tip: str = "", keep: int = 0
    ) -> None:
        self.keep = keep
        control = widgets.Dropdown(description=label, options=self.OPTIONS, tooltip=tip or None)
        super().__init__(controller, path, control, css)

    def store(self, state: FormState, value: str) -> None:
        state.set_value(self.path, self.VALUES[value], self.keep)

    def render(self, snapshot: FormSnapshot) -> None:
        present = read_path(snapshot.state.body, self.path)
        self.control.value = next((key for key, value in self.VALUES.items() if value is present), "")
        # The flag is a member of an object, which must be there first.
        self.control.disabled = not isinstance(read_path(snapshot.state.body, self.path[:-1]), dict)
        super().render(snapshot)


class KindField(Field):
    """The kind of a part of the call; a kind that is not offered is added to the list while it is present.

    Parameters
    ----------
    kinds : label of each kind
    get_kind, set_kind : read the kind from the state, and change it
    unknown_label : label for a kind that is not offered; by default its name
    """

    def __init__(
        self,
        controller: FormController,
        path: Path,
        label: str,
        css: str,
        kinds: Mapping[str, str],
        *,
        get_kind: Callable[[FormState], str],
        set_kind: Callable[[FormState, str], None],
        tip: str,
        unknown_label: str = "",
    ) -> None:
        self.kinds = dict(kinds)
        self.unknown_label = unknown_label
        self._get_kind, self._set_kind = get_kind, set_kind
        control = widgets.Dropdown(description=label, options=self._make_options(""), tooltip=tip)
        super().__init__(controller, path, control, css)

    def _make_options(self, present: str) -> tuple[tuple[str, str], ...]:
        is_unknown = present and present not in self.kinds
        kinds = {**self.kinds, present: self.unknown_label or show_invisible(present)} if is_unknown else self.kinds
        return tuple((label, kind) for kind, label in kinds.items())

    def store(self, state: FormState, value: str) -> None:
        self._set_kind(state, value)

    def render(self, snapshot: FormSnapshot) -> None:
        kind = self._get_kind(snapshot.state)
        options = self._make_options(kind)
        if options != self.control.options:
            self.control.options = options
        self.control.value = kind
        super().render(snapshot)


class SetField(Field):
    """A set of known words, each a checkbox; other words stay in the list."""

    def __init__(self, controller: FormController, path: Path, label: str, css: str, words: Mapping[str, str]) -> None:
        self.words = tuple(words)
        self.boxes = [widgets.Checkbox(description=words[word], indent=False, tooltip=word) for word in words]
        title = widgets.HTML(f'<span class="gcf-label">{escape_text(label)}</span>')
        self.others = make_block("gcf-note", display="none")
        row = widgets.HBox([*self.boxes, self.others])
        row.add_class("gcf-toggles")
        super().__init__(controller, path, row, css)
        self.children = [title, row, self.problem]

    @property
    def controls(self) -> list[widgets.DOMWidget]:
        return list(self.boxes)

    def observe_controls(self) -> None:
        for word, box in zip(self.words, self.boxes, strict=True):
            box.add_class(f"gcf-word-{word}")
            box.observe(lambda change, word=word: self.edit((word, change["new"])), "value")

    def store(self, state: FormState, value: tuple[str, bool]) -> None:
        state.set_member(self.path, *value, order=self.words)

    def render(self, snapshot: FormSnapshot) -> None:
        members = snapshot.state.get_members(self.path)
        for word, box in zip(self.words, self.boxes, strict=True):
            box.value = word in members
        others = [word for word in members if word not in self.words]
        self.others.value = escape_text(f"and {', '.join(others)}") if others else ""
        set_visible(self.others, bool(others))
        super().render(snapshot)


# ---- identities


class IdentityKindField(KindField):
    """The kind of an identity, such as a user or a phone."""

    def __init__(
        self, controller: FormController, path: Path, css: str, kinds: Mapping[str, str] = IDENTITY_KINDS
    ) -> None:
        super().__init__(
            controller,
            path,
            "Kind",
            css,
            kinds,
            get_kind=lambda state: state.get_identity_kind(self.path),
            set_kind=lambda state, kind: state.set_identity_kind(self.path, kind),
            tip="Kind of identity: a user, a phone, …",
        )

    @property
    def names(self) -> tuple[str, ...]:
        return ()


class IdentityField(TextField):
    """A text inside an identity; its path depends on the kind of the identity."""

    def __init__(
        self, controller: FormController, owner: Path, member: str, label: str, css: str, **options: Any
    ) -> None:
        self.owner = owner
        self.member = member
        super().__init__(controller, (*owner, "user", member), label, css, **options)

    def _update_path(self, state: FormState) -> None:
        self.path = (*self.owner, state.get_identity_kind(self.owner), self.member)

    def store(self, state: FormState, value: str) -> None:
        self._update_path(state)
        super().store(state, value)

    def render(self, snapshot: FormSnapshot) -> None:
        self._update_path(snapshot.state)
        if self.member == "id":
            self.hint = ID_HINTS.get(str(self.path[-2]), "Object id")
        super().render(snapshot)


# ---- rows


class Row(widgets.HBox):  # type: ignore[misc]
    """One row of a list, with a button that removes it. ``depth`` is where its index is in the path of a field."""

    depth = 1

    def __init__(self, fields: list[Field], remove: Callable[[Row], None], noun: str) -> None:
        self.fields = fields
        self.button = widgets.Button(description="Remove", tooltip=f"Remove this {noun}")
        self.button.add_class("gcf-remove")
        self.button.on_click(lambda _: remove(self))
        super().__init__([*fields, self.button])
        self.add_class("gcf-row")
        self.add_class(f"gcf-{noun}")

    def move(self, index: int) -> None:
        """Set the index of the row in its list."""
        for field in self.fields:
            field.path = (*field.path[: self.depth], index, *field.path[self.depth + 1 :])


class TargetRow(Row):
    """One target of the call."""

    def __init__(self, controller: FormController, index: int, remove: Callable[[Row], None]) -> None:
        owner = (*TARGETS, index, "identity")

        def identity(member: str, label: str, name: str, **options: Any) -> IdentityField:
            return IdentityField(controller, owner, member, label, f"gcf-target-{name}", keep=4, **options)

        self.identity_fields: list[IdentityField] = [
            identity("id", "Id or number", "id", also=(format_path(owner),)),
            identity("displayName", "Display name", "name", hint="Optional"),
            identity("tenantId", "Tenant", "tenant", hint="Optional"),
        ]
        kind = IdentityKindField(controller, owner, "gcf-target-kind")
        super().__init__([kind, *self.identity_fields], remove, "target")

    def move(self, index: int) -> None:
        super().move(index)
        owner = (*TARGETS, index, "identity")
        self.identity_fields[0].also = (format_path(owner),)
        for field in self.identity_fields:
            field.owner = owner


class SoundRow(Row):
    """A sound that Microsoft fetches before it is played."""

    depth = 2

    def __init__(self, controller: FormController, index: int, remove: Callable[[Row], None]) -> None:
        uri = TextField(
            controller,
            (*SOUNDS, index, "uri"),
            "Address",
            "gcf-sound-uri",
            hint="https://…/hello.wav",
            tip="WAV, mono, 16 bit, 16 kHz",
            keep=3,
        )
        key = TextField(
            controller,
            (*SOUNDS, index, "resourceId"),
            "Resource id",
            "gcf-sound-key",
            hint="A unique GUID",
            tip="The service stores the sound under this id",
            keep=3,
        )
        super().__init__([uri, key], remove, "sound")


class RowList(widgets.VBox):  # type: ignore[misc]
    """The rows of a list in the body, up to :data:`MAX_ROWS`; further ones are only counted.

    A row keeps its widgets while it exists, and so the focus.

    Parameters
    ----------
    controller : applies changes
    path : the list in the body
    make_row : makes a row from the controller, an index and a function that removes the row
    adders : buttons that add a row, by label: class and function
    """

    def __init__(
        self,
        controller: FormController,
        path: Path,
        make_row: Callable[[FormController, int, Callable[[Row], None]], Row],
        adders: Mapping[str, tuple[str, Callable[[FormState], None]]],
    ) -> None:
        self.controller = controller
        self.path = path
        self.make_row = make_row
        self.adders = [self._make_adder(label, css, add) for label, (css, add) in adders.items()]
        self.rows: list[Row] = []
        self.box = widgets.VBox()
        self.problem = make_block("gcf-error", display="none")
        self.more = make_block("gcf-note", display="none")
        adder_box = widgets.HBox(self.adders)
        adder_box.add_class("gcf-adders")
        super().__init__([self.box, self.more, self.problem, adder_box])
        self.add_class("gcf-list")

    def _make_adder(self, label: str, css: str, add: Callable[[FormState], None]) -> widgets.Button:
        button = widgets.Button(description=label, icon="plus")
        button.add_class(css)
        button.on_click(lambda _: self.controller.change(add))
        return button

    @property
    def fields(self) -> list[Field]:
        return [field for row in self.rows for field in row.fields]

    @property
    def names(self) -> tuple[str, ...]:
        return (format_path(self.path), *(name for field in self.fields for name in field.names))

    def has_value(self, state: FormState) -> bool:
        """Return whether the list has a row."""
        return state.count_rows(self.path) > 0

    def remove(self, row: Row) -> None:
        """Remove exactly this row, so that the other rows keep which of their fields were edited."""
        with self.controller.lock:
            if row not in self.rows:
                return
            index = self.rows.index(row)
            self.rows.remove(row)
            self._renumber()
            self.controller.change(lambda state: state.remove_row(self.path, index))
            close_tree(row)

    def _renumber(self) -> None:
        for index, row in enumerate(self.rows):
            row.move(index)
        self.box.children = tuple(self.rows)

    def render(self, snapshot: FormSnapshot) -> None:
        total = snapshot.state.count_rows(self.path)
        count = min(total, MAX_ROWS)
        if count != len(self.rows):
            surplus, self.rows = self.rows[count:], self.rows[:count]
            self.rows += [self.make_row(self.controller, index, self.remove) for index in range(len(self.rows), count)]
            self._renumber()
            for row in surplus:
                close_tree(row)
        for field in self.fields:
            field.render(snapshot)
        self.more.value = f"and {total - count:,} more, in the JSON only"
        set_visible(self.more, total > count)
        for button in self.adders:
            button.disabled = total >= MAX_ROWS
        message = snapshot.errors.get(format_path(self.path), "") if snapshot.state.revealed else ""
        self.problem.value = format_error(message)
        set_visible(self.problem, bool(message))
