"""What nearly every call has."""

from __future__ import annotations

from ...form import markup
from ..editor import Editor
from ..fields import SetField, TextField
from ..knowledge import MODALITIES
from ..section import Section


def basics(editor: Editor, callback_note: str) -> Section:
    """What nearly every call has."""
    note = markup.block("gcf-note")
    note.value = markup.text(callback_note)
    note.layout.display = None if callback_note else "none"
    callback = TextField(
        editor,
        ("callbackUri",),
        "Callback address",
        "gcf-callback",
        hint="https://…",
        tip="callbackUri: where the service sends its notifications",
    )
    callback.add_class("gcf-wide")
    callback.children = [callback.control, note, callback.problem]
    return Section(
        "Call",
        "gcf-basics",
        [
            TextField(editor, ("subject",), "Subject", "gcf-subject", hint="Optional", tip="subject"),
            TextField(editor, ("tenantId",), "Tenant", "gcf-tenant", hint="Tenant id", tip="tenantId"),
            callback,
            SetField(editor, ("requestedModalities",), "Requested modalities", "gcf-modalities", MODALITIES),
        ],
    )
