"""The state of a form, apart from any widget: the body of a call, and what is wrong with it.

The body is the one truth. Fields are places in it, so that what no field shows survives the editing of what one does.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable
from typing import Any

from ..._arguments import require_choice
from ...errors import InvalidCall
from ...graph import templates
from ...graph.join_url import join_url_in
from ...graph.lint import lint
from ...graph.lint_rules import LintResult
from ...graph.models import Call
from ...graph.parse import parse_call
from ...graph.versions import DEFAULT
from .knowledge import BASE_MEMBERS, MEDIA_TYPES, MEETING_TYPES, OTHER, identity_kind, kind_of
from .tree import MISSING, Path, field_name, read, write

TARGETS: Path = ("targets",)
SOURCE: Path = ("source", "identity")
SOUNDS: Path = ("mediaConfig", "preFetchMedia")
_UNDO_STEPS = 50


class FormState:
    """The call being built.

    Attributes
    ----------
    body : the call in Graph's names, always one that :class:`~graphcall_nb.Call` accepts
    template : name of the template it began with, ``""`` for an empty form, ``None`` for anything else
    drafts : what was typed into a field and is no value for it: field to what is wrong
    json_problem : why the text of the JSON pane is no call, while it is not
    revealed : whether all errors are to be shown, touched or not

    Examples
    --------
    >>> state = FormState()
    >>> state.add_target("phone")
    >>> state.set_text(("targets", 0, "identity", "phone", "id"), "+14255550100", keep=4)
    >>> state.body
    {'targets': [{'identity': {'phone': {'id': '+14255550100'}}}]}
    """

    def __init__(self, call: Call | None = None, *, version: str = DEFAULT, ignored_rules: Iterable[str] = ()) -> None:
        self.version = version
        self.body: dict[str, Any] = {} if call is None else call.to_json_dict()
        self.template = _template_of(self.body)
        self.drafts: dict[str, str] = {}
        self.json_problem: InvalidCall | None = None
        self.revealed = False
        self._ignored_rules = frozenset(ignored_rules)
        self._stash: dict[tuple[str, str], dict[str, Any]] = {}
        self._before: list[tuple[dict[str, Any], str | None]] = []

    # ---- the whole

    @property
    def call(self) -> Call:
        return Call.from_json_dict(copy.deepcopy(self.body))

    def load(self, call: Call, template: str | None = None) -> None:
        """Put another call in place of this one; :meth:`undo` brings this one back."""
        self._before = [*self._before[-_UNDO_STEPS:], (self.body, self.template)]
        self._replace(call.to_json_dict(), template)

    def load_template(self, name: str) -> None:
        """Begin with a template, or with nothing when ``name`` is empty."""
        self.load(templates.ALL[require_choice("template", name, templates.ALL)].build() if name else Call(), name)

    def load_text(self, text: str) -> None:
        """Read whatever :func:`~graphcall_nb.parse_call` reads; a join URL fills chat and meeting of this call."""
        found = parse_call(text)
        joins = join_url_in(text) is not None
        if joins:
            found = Call.from_json_dict({**self.body, **found.to_json_dict()})
        self.load(found, self.template if joins else _template_of(found.to_json_dict()))

    def type_json(self, text: str) -> None:
        """Take the text of the JSON pane: while it is no call, all stays as it is and ``json_problem`` says why."""
        try:
            body = parse_call(text).to_json_dict() if text.strip() else {}
        except InvalidCall as error:
            self.json_problem = error
            return
        self.json_problem = None
        if not same_json(body, self.body):
            self._replace(body, self.template, revealed=self.revealed)

    @property
    def can_undo(self) -> bool:
        return bool(self._before)

    def undo(self) -> None:
        """Bring back what was there before the last call was loaded."""
        if self._before:
            self._replace(*self._before.pop())

    def _replace(self, body: dict[str, Any], template: str | None, *, revealed: bool = False) -> None:
        self.body, self.template = copy.deepcopy(body), template
        self.drafts, self._stash, self.json_problem, self.revealed = {}, {}, None, revealed

    # ---- what is wrong

    def advice(self) -> list[LintResult]:
        """What lint says, without what does not hold where this form sends its calls."""
        return [item for item in lint(self.call, self.version) if item.rule not in self._ignored_rules]

    def errors(self, advice: Iterable[LintResult] | None = None) -> dict[str, str]:
        """What stands against sending: field in Graph's names to what is wrong; ``json`` for the JSON text."""
        found = {"json": str(self.json_problem).split("\n")[0]} if self.json_problem else {}
        found |= self.drafts
        for item in self.advice() if advice is None else advice:
            if item.level == "error":
                found.setdefault(item.field, item.message)
        return found

    # ---- single places

    def text(self, path: Path) -> str:
        """The text at a place; empty when there is none, or a null."""
        value = read(self.body, path)
        return "" if value is MISSING or value is None else str(value)

    def is_null(self, path: Path) -> bool:
        return read(self.body, path) is None

    def set_text(self, path: Path, text: str, keep: int = 0) -> None:
        """Write a text; an empty one takes the field away."""
        self._write(path, text or MISSING, keep)

    def set_value(self, path: Path, value: Any, keep: int = 0) -> None:
        """Write any JSON value, ``None`` for null; ``MISSING`` takes the field away."""
        self._write(path, value, keep)

    def set_number(self, path: Path, text: str) -> None:
        """Write a whole number given as text; what is none is kept as a draft, and the field stays as it was."""
        name, text = field_name(path), text.strip()
        self.drafts.pop(name, None)
        if text and not _is_whole(text):
            self.drafts[name] = "Give a whole number, or leave it empty."
            return
        self._write(path, int(text) if text else MISSING)

    def members(self, path: Path) -> list[str]:
        """The texts of a list."""
        value = read(self.body, path)
        return [str(item) for item in value] if isinstance(value, list) else []

    def set_member(self, path: Path, name: str, present: bool, order: Iterable[str]) -> None:
        """Put a text into a list or take it out; known ones stand in ``order``, strangers keep their place."""
        names = [item for item in self.members(path) if item != name]
        if present:
            later = list(order)[list(order).index(name) + 1 :]
            before = next((index for index, item in enumerate(names) if item in later), len(names))
            names.insert(before, name)
        self._write(path, names or MISSING)

    def _write(self, path: Path, value: Any, keep: int = 0) -> None:
        write(self.body, path, value, keep)
        self.json_problem = None

    # ---- rows

    def count(self, path: Path) -> int:
        rows = read(self.body, path)
        return len(rows) if isinstance(rows, list) else 0

    def add_target(self, kind: str = "user") -> None:
        self._add(TARGETS, {"identity": {kind: {}}})

    def add_sound(self) -> None:
        self._add(SOUNDS, {})

    def _add(self, path: Path, row: dict[str, Any]) -> None:
        rows = read(self.body, path)
        self._write(path, [*(rows if isinstance(rows, list) else []), row])

    def remove_row(self, path: Path, index: int) -> None:
        """Take a row out of a list; with the last one the list goes too."""
        rows = list(read(self.body, path))
        del rows[index]
        self._write(path, rows or MISSING, keep=len(path) - 1)

    # ---- kinds

    def identity_kind(self, path: Path) -> str:
        """What somebody is; nobody yet counts as a user, and as an application where the caller belongs."""
        return identity_kind(read(self.body, path), "application" if path == SOURCE else "user")

    def set_identity_kind(self, path: Path, kind: str) -> None:
        """Say that somebody is of another kind; id and name move along."""
        old = self.identity_kind(path)
        found = read(self.body, path)
        identities = found if isinstance(found, dict) else {}
        renamed = {old: kind, kind: old}
        changed = {renamed.get(name, name): value for name, value in identities.items()}
        self._write(path, changed if old in identities else {kind: {}, **identities})
        if path == SOURCE and changed == {"application": {}}:
            self._write(path, MISSING)

    def media_kind(self) -> str:
        return kind_of(self.body.get("mediaConfig"), MEDIA_TYPES)

    def set_media_kind(self, kind: str) -> None:
        self._set_kind("mediaConfig", MEDIA_TYPES, kind)

    def meeting_kind(self) -> str:
        return kind_of(self.body.get("meetingInfo"), MEETING_TYPES)

    def set_meeting_kind(self, kind: str) -> None:
        self._set_kind("meetingInfo", MEETING_TYPES, kind)

    def _set_kind(self, member: str, types: dict[str, str], kind: str) -> None:
        """Another kind of media or meeting; what was typed for the old kind comes back with it."""
        present = self.body.get(member)
        if isinstance(present, dict):
            self._stash[member, kind_of(present, types)] = present
        if not kind:
            self._write((member,), MISSING)
            return
        fresh = {} if kind == OTHER else {"@odata.type": types[kind]}
        base = {name: value for name, value in (present or {}).items() if name in BASE_MEMBERS}
        self._write((member,), {**self._stash.get((member, kind), fresh), **base})


def _template_of(body: dict[str, Any]) -> str | None:
    """The template that makes this body, ``""`` for an empty one, ``None`` when there is none."""
    if not body:
        return ""
    made = ((name, template.build().to_json_dict()) for name, template in templates.ALL.items())
    return next((name for name, other in made if same_json(other, body)), None)


def same_json(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same, whatever the order of members; ``1`` is not ``true``."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _is_whole(text: str) -> bool:
    return text.removeprefix("-").isascii() and text.removeprefix("-").isdigit() and len(text) < 12
