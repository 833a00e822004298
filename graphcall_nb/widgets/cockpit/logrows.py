"""Journal rows become lines of the notification log. Pure: no widget."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ..._text import bidi_isolate, escape_invisible, json_text, show_invisible
from .callrows import in_words

MAX_LINES = 5_000
"""Older notifications are left out of the log; the journal has them all."""

# Positions in a row of notifications.
_SEQ, _AT_US, _CALL_ID, _ENTITY, _RESOURCE, _CHANGE_TYPE, _STATE = range(7)
_ANSWERED_BY, _ACTIVE_MODALITIES, _TONE = 9, 10, 11
_RESULT = slice(12, 15)
_RAW = 15


class LogRows:
    """The newest notifications, and those that are new since it was last asked.

    Parameters
    ----------
    label : ``label(call_id)`` gives the name of a call
    max_lines : how many are kept
    """

    def __init__(self, label: Callable[[str], str], max_lines: int = MAX_LINES) -> None:
        self.taken = 0
        self._label = label
        self._after = 0
        self._lines: deque[list[Any]] = deque(maxlen=max_lines)
        self._new: deque[list[Any]] = deque(maxlen=max_lines)

    def feed(self, rows: Iterable[Sequence[Any]]) -> None:
        """Take rows of the journal in the order of their ``seq``; what was taken before is passed over."""
        for row in rows:
            if row[_SEQ] > self._after:
                self._after = row[_SEQ]
                self.taken += 1
                line = self._line(row)
                self._lines.append(line)
                self._new.append(line)

    def _line(self, row: Sequence[Any]) -> list[Any]:
        call_id = row[_CALL_ID]
        return [
            row[_SEQ],
            row[_AT_US] // 1000,
            call_id,
            self._label(call_id),
            row[_ENTITY],
            row[_CHANGE_TYPE],
            row[_STATE] or "",
            details(row),
        ]

    def take_changes(self) -> dict[str, Any] | None:
        """What is new since the last time, in the form of the wire, or ``None``."""
        if not self._new:
            return None
        changes = {"rows": list(self._new), "dropped": self.dropped}
        self._new.clear()
        return changes

    def whole(self) -> dict[str, Any]:
        """Everything, in the form of the wire."""
        return {"rows": list(self._lines), "dropped": self.dropped, "most": self._lines.maxlen}

    @property
    def dropped(self) -> int:
        return self.taken - len(self._lines)

    def __len__(self) -> int:
        return len(self._lines)


def details(row: Sequence[Any]) -> str:
    """What else a notification says, in a few words."""
    parts = [
        in_words(*row[_RESULT]),
        f"tone {row[_TONE]}" if row[_TONE] else "",
        f"answered by {row[_ANSWERED_BY]}" if row[_ANSWERED_BY] else "",
        f"with {row[_ACTIVE_MODALITIES]}" if row[_ACTIVE_MODALITIES] else "",
    ]
    return " · ".join(bidi_isolate(show_invisible(part)) for part in parts if part)


def readable(raw: str) -> str:
    """JSON text with a line for each field, text that is no JSON as it is; what nobody would see is escaped."""
    try:
        return json_text(json.loads(raw))
    except ValueError:
        return escape_invisible(raw)
