"""Who is called, and who calls."""

from __future__ import annotations

from collections.abc import Callable

from ...._text import show_invisible
from ..editor import Editor
from ..fields import TextField
from ..knowledge import IDENTITY_KINDS, SOURCE_KINDS
from ..rows import IdentityField, IdentityKind, Rows, TargetRow, adder
from ..section import Fold, Section
from ..state import SOURCE, TARGETS, FormState
from ..tree import Path, read


def targets(editor: Editor) -> Section:
    """Who is called."""

    def add(kind: str) -> Callable[[], None]:
        return lambda: editor.change(lambda state: state.add_target(kind))

    adders = [
        adder("Add user", "gcf-add-target", add("user")),
        adder("Add phone", "gcf-add-phone", add("phone")),
    ]
    return Section("Targets", "gcf-targets", [Rows(editor, TARGETS, TargetRow, adders)])


def caller(editor: Editor) -> Fold:
    """Who calls: Graph's ``source``."""
    kinds = {kind: IDENTITY_KINDS[kind] for kind in SOURCE_KINDS}
    return Fold(
        "Caller",
        "gcf-source",
        [
            IdentityKind(editor, SOURCE, "gcf-source-kind", kinds),
            IdentityField(editor, SOURCE, "id", "Id", "gcf-source-id"),
            IdentityField(editor, SOURCE, "displayName", "Display name", "gcf-source-name", hint="Optional"),
            IdentityField(editor, SOURCE, "tenantId", "Tenant", "gcf-source-tenant", hint="Optional"),
            TextField(
                editor, ("source", "languageId"), "Language", "gcf-language", hint="such as en-us", tip="languageId"
            ),
            TextField(editor, ("source", "region"), "Region", "gcf-region", hint="such as us", tip="region"),
        ],
        lambda state: _person(state, SOURCE) or "not sent",
    )


def _person(state: FormState, path: Path) -> str:
    identities = read(state.body, path)
    if not isinstance(identities, dict) or not identities:
        return ""
    kind = state.identity_kind(path)
    return show_invisible(state.text((*path, kind, "displayName")) or _short(state.text((*path, kind, "id"))) or kind)


def _short(text: str) -> str:
    return text if len(text) <= 16 else f"{text[:8]}…"
