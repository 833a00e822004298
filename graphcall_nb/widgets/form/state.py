"""The state of a form without widgets: the body of a call and its errors; and the controller of the widgets.

The body is the only state. Fields are paths in it, so that members without a field survive editing.

A change travels in one direction: a control calls the :class:`FormController`, which changes the :class:`FormState` and
renders every part of the form; never from one control to another.
"""

from __future__ import annotations

import copy
import json
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from ..._arguments import require_choice
from ...errors import InvalidCall
from ...graph import templates
from ...graph.json_path import MISSING, Path, format_path, read_path, write_path
from ...graph.lint import lint
from ...graph.lint_rules import Finding
from ...graph.models import Call
from ...graph.parse import is_meeting_body, parse_call
from ...graph.versions import DEFAULT, VersionName
from .choices import MEDIA_TYPES, MEETING_TYPES, OTHER, SHARED_MEMBERS, find_identity_kind, find_kind

TARGETS: Path = ("targets",)
SOURCE: Path = ("source", "identity")
SOUNDS: Path = ("mediaConfig", "preFetchMedia")
_MAX_UNDO_STEPS = 50


class FormState:
    """The call being built.

    Attributes
    ----------
    body : the call in Graph's names, always one that :class:`~graphcall_nb.Call` accepts
    template : name of the template it was filled from, ``""`` for an empty form, ``None`` for anything else
    drafts : invalid input by field, with the error
    json_problem : the error of the text in the JSON tab, while it is not a call
    revealed : whether all errors are shown, also those of fields that were not edited
    load_count : how often a whole call was loaded, that of the constructor included

    Examples
    --------
    >>> state = FormState()
    >>> state.add_target("phone")
    >>> state.set_text(("targets", 0, "identity", "phone", "id"), "+14255550100", keep=4)
    >>> state.body
    {'targets': [{'identity': {'phone': {'id': '+14255550100'}}}]}
    """

    def __init__(
        self, call: Call | None = None, *, version: VersionName = DEFAULT, ignored_rules: Iterable[str] = ()
    ) -> None:
        self.version = version
        self.body: dict[str, Any] = {} if call is None else call.to_json_dict()
        self.template = _find_template(self.body)
        self.drafts: dict[str, str] = {}
        self.json_problem: InvalidCall | None = None
        self.revealed = False
        self.load_count = int(call is not None)
        self._ignored_rules = frozenset(ignored_rules)
        self._stash: dict[tuple[str, str], dict[str, Any]] = {}
        self._undo_stack: list[tuple[dict[str, Any], str | None]] = []

    # ---- the whole call

    @property
    def call(self) -> Call:
        return Call.from_json_dict(copy.deepcopy(self.body))

    def load(self, call: Call, template: str | None = None) -> None:
        """Replace the call; :meth:`undo` restores the present one."""
        self._undo_stack = [*self._undo_stack[-_MAX_UNDO_STEPS:], (self.body, self.template)]
        self._replace(call.to_json_dict(), template)
        self.load_count += 1

    def load_template(self, name: str) -> None:
        """Fill the form from a template, or empty it when ``name`` is empty."""
        self.load(templates.ALL[require_choice("template", name, templates.ALL)].build() if name else Call(), name)

    def load_text(self, text: str) -> str:
        """Read any format of :func:`~graphcall_nb.parse_call`; an invitation sets the meeting of this call.

        The chat and the targets of the call before do not belong to that meeting, so they are replaced or removed.

        Returns
        -------
        str
            The members that were filled, kept and removed, in words.
        """
        before = self.body
        parsed = parse_call(text)
        body = parsed.to_json_dict()
        if is_meeting_body(body):
            kept = {name: value for name, value in self.body.items() if name not in ("chatInfo", "targets")}
            self.load(Call.from_json_dict({**kept, **body}), self.template)
        else:
            self.load(parsed, _find_template(body))
        return _describe_changes(before, body, self.body)

    def edit_json(self, text: str) -> None:
        """Read the text of the JSON tab; invalid text changes nothing but ``json_problem``."""
        try:
            body = parse_call(text).to_json_dict() if text.strip() else {}
        except InvalidCall as error:
            self.json_problem = error
            return
        self.json_problem = None
        if not is_same_json(body, self.body):
            self._replace(body, self.template, revealed=self.revealed)

    @property
    def can_undo(self) -> bool:
        return bool(self._undo_stack)

    def undo(self) -> None:
        """Restore the call from before the last :meth:`load`."""
        if self._undo_stack:
            self._replace(*self._undo_stack.pop())
            self.load_count += 1

    def _replace(self, body: dict[str, Any], template: str | None, *, revealed: bool = False) -> None:
        self.body, self.template = copy.deepcopy(body), template
        self.drafts, self._stash, self.json_problem, self.revealed = {}, {}, None, revealed

    # ---- errors

    def advice(self) -> list[Finding]:
        """Return the findings of lint, without rules that do not apply to this form."""
        return [item for item in lint(self.call, self.version) if item.rule not in self._ignored_rules]

    def errors(self, advice: Iterable[Finding] | None = None) -> dict[str, str]:
        """Return errors by field, in Graph's names; ``json`` is the text of the JSON tab."""
        errors = {"json": str(self.json_problem).split("\n")[0]} if self.json_problem else {}
        errors |= self.drafts
        for item in self.advice() if advice is None else advice:
            if item.level == "error":
                errors.setdefault(item.field, item.message)
        return errors

    # ---- single values

    def get_text(self, path: Path) -> str:
        """Return the text at a path; empty for a missing value or null."""
        value = read_path(self.body, path)
        return "" if value is MISSING or value is None else str(value)

    def is_null(self, path: Path) -> bool:
        return read_path(self.body, path) is None

    def set_text(self, path: Path, text: str, keep: int = 0) -> None:
        """Write a text; an empty one removes the member."""
        self._write(path, text or MISSING, keep)

    def set_value(self, path: Path, value: Any, keep: int = 0) -> None:
        """Write a JSON value, ``None`` for null; ``MISSING`` removes the member."""
        self._write(path, value, keep)

    def set_number(self, path: Path, text: str) -> None:
        """Write a whole number from text; invalid input is kept as a draft and reported."""
        name, text = format_path(path), text.strip()
        self.drafts.pop(name, None)
        if text and not _is_integer(text):
            self.drafts[name] = "Enter a whole number, or leave the field empty."
            return
        self._write(path, int(text) if text else MISSING)

    def get_members(self, path: Path) -> list[str]:
        """Return the texts of a list."""
        value = read_path(self.body, path)
        return [str(item) for item in value] if isinstance(value, list) else []

    def set_member(self, path: Path, name: str, present: bool, order: Iterable[str]) -> None:
        """Add a text to a list or remove it; known texts are kept in ``order``, others keep their place."""
        names = [item for item in self.get_members(path) if item != name]
        if present:
            later = list(order)[list(order).index(name) + 1 :]
            before = next((index for index, item in enumerate(names) if item in later), len(names))
            names.insert(before, name)
        self._write(path, names or MISSING)

    def _write(self, path: Path, value: Any, keep: int = 0) -> None:
        write_path(self.body, path, value, keep)
        self.json_problem = None

    # ---- rows

    def count_rows(self, path: Path) -> int:
        """Return the length of a list."""
        rows = read_path(self.body, path)
        return len(rows) if isinstance(rows, list) else 0

    def add_target(self, kind: str = "user") -> None:
        self._add(TARGETS, {"identity": {kind: {}}})

    def add_sound(self) -> None:
        self._add(SOUNDS, {})

    def _add(self, path: Path, row: dict[str, Any]) -> None:
        rows = read_path(self.body, path)
        self._write(path, [*(rows if isinstance(rows, list) else []), row])

    def remove_row(self, path: Path, index: int) -> None:
        """Remove a row of a list; the list is removed with its last row."""
        rows = list(read_path(self.body, path))
        del rows[index]
        self._write(path, rows or MISSING, keep=len(path) - 1)

    # ---- kinds

    def get_identity_kind(self, path: Path) -> str:
        """Return the kind of an identity; an empty one is a user, or an application for the source of a call."""
        return find_identity_kind(read_path(self.body, path), "application" if path == SOURCE else "user")

    def set_identity_kind(self, path: Path, kind: str) -> None:
        """Change the kind of an identity; its id and name are kept."""
        old = self.get_identity_kind(path)
        value = read_path(self.body, path)
        identities = value if isinstance(value, dict) else {}
        renamed = {old: kind, kind: old}
        changed = {renamed.get(name, name): value for name, value in identities.items()}
        self._write(path, changed if old in identities else {kind: {}, **identities})
        if path == SOURCE and changed == {"application": {}}:
            self._write(path, MISSING)

    def get_media_kind(self) -> str:
        return find_kind(self.body.get("mediaConfig"), MEDIA_TYPES)

    def set_media_kind(self, kind: str) -> None:
        self._set_kind("mediaConfig", MEDIA_TYPES, kind)

    def get_meeting_kind(self) -> str:
        return find_kind(self.body.get("meetingInfo"), MEETING_TYPES)

    def set_meeting_kind(self, kind: str) -> None:
        self._set_kind("meetingInfo", MEETING_TYPES, kind)

    def _set_kind(self, member: str, types: dict[str, str], kind: str) -> None:
        """Change the kind of media or meeting; the fields of the old kind return when it is chosen again."""
        present = self.body.get(member)
        if isinstance(present, dict):
            self._stash[member, find_kind(present, types)] = present
        if not kind:
            self._write((member,), MISSING)
            return
        fresh = {} if kind == OTHER else {"@odata.type": types[kind]}
        shared = {name: value for name, value in (present or {}).items() if name in SHARED_MEMBERS}
        self._write((member,), {**self._stash.get((member, kind), fresh), **shared})


def _find_template(body: dict[str, Any]) -> str | None:
    """Return the name of the template with this body, ``""`` for an empty body, or ``None``."""
    if not body:
        return ""
    bodies = ((name, template.build().to_json_dict()) for name, template in templates.ALL.items())
    return next((name for name, other in bodies if is_same_json(other, body)), None)


def is_same_json(one: Any, other: Any) -> bool:
    """Return whether two JSON values are equal, independent of the order of members; ``1`` is not ``true``."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _is_integer(text: str) -> bool:
    return text.removeprefix("-").isascii() and text.removeprefix("-").isdigit() and len(text) < 12


class FormSnapshot:
    """The state of a form with its findings and errors, computed once per change."""

    def __init__(self, state: FormState) -> None:
        self.state = state
        self.advice: list[Finding] = state.advice() if state.body else []
        self.errors = state.errors(self.advice if state.body else None)

    def find_error(self, *fields: str) -> str:
        """Return the first error of any of these fields, or of an item of a list of that name."""
        for name in fields:
            for field, message in self.errors.items():
                if field == name or (field.startswith(name) and field[len(name) :].rstrip("0123456789]") == "["):
                    return message
        return ""


class Part(Protocol):
    """A part of the form."""

    def render(self, snapshot: FormSnapshot) -> None:
        """Bring the controls up to date."""


class FormController:
    """Applies changes to the state and renders every part again.

    ipykernel may call the observers of two controls in two threads, so one lock covers all changes. Change events fired
    while rendering are ignored.
    """

    def __init__(self, state: FormState, render: Callable[[FormSnapshot], None]) -> None:
        self.state = state
        self.lock = threading.RLock()
        self._is_rendering = False
        self._render = render

    def change(self, apply: Callable[[FormState], None]) -> None:
        """Change the state and render it, unless the form is being rendered."""
        with self.lock:
            if not self._is_rendering:
                apply(self.state)
                self.render()

    def render(self) -> None:
        """Render every part of the form."""
        with self.lock:
            self._is_rendering = True
            try:
                self._render(FormSnapshot(self.state))
            finally:
                self._is_rendering = False


def _describe_changes(before: Mapping[str, Any], pasted: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    changes = {
        "Filled": pasted,
        "Kept": [name for name in after if name not in pasted],
        "Removed": [name for name in before if name not in after],
    }
    shown = {verb: [name for name in names if not name.startswith("@")] for verb, names in changes.items()}
    return " ".join(f"{verb}: {', '.join(names)}." for verb, names in shown.items() if names)
