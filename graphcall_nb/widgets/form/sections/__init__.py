"""The parts of a call as sections of the form."""

from __future__ import annotations

from ..editor import Editor
from ..section import Section
from .advanced import advanced
from .basics import basics
from .media import media
from .meeting import meeting
from .people import caller, targets


def of_call(editor: Editor, callback_note: str) -> list[Section]:
    """All sections, in the order in which they stand in the form."""
    return [
        targets(editor),
        basics(editor, callback_note),
        caller(editor),
        media(editor),
        meeting(editor),
        advanced(editor),
    ]
