"""The table of calls and the log of notifications: what Python does for them; the pages do the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..._text import pluralize
from ...errors import JournalError
from ...plots.colors import STATE_COLORS, UNKNOWN_COLOR
from ...wording import counted
from .. import STATIC
from ..live import Source
from .actions import Action, reasons
from .callrows import CallRows
from .feed import Feed
from .logrows import LogRows, readable

Act = Callable[[str, str, Mapping[str, Any]], object]

_COLORS = {"colors": STATE_COLORS, "unknown": UNKNOWN_COLOR}


class CallsTable(Feed):
    """The calls, and what can be asked of each.

    Parameters
    ----------
    rows : the calls
    actions : the buttons
    act : ``act(call_id, action, values)`` when one is pressed; it must not block
    height : of the table at most, in pixels
    """

    _esm = STATIC / "calls.js"

    def __init__(self, rows: CallRows, actions: Mapping[str, Action], act: Act, *, height: int = 352) -> None:
        self.calls = rows
        self._act = act
        buttons = [action.wire() for action in actions.values()]
        super().__init__(rows, {"height": height, "actions": buttons, "reasons": reasons(actions), **_COLORS})

    def asked(self, message: dict[str, Any]) -> None:
        values = message.get("values")
        if message.get("kind") == "act":
            given = values if isinstance(values, dict) else {}
            self._act(str(message.get("call")), str(message.get("action")), given)

    def describe(self) -> str:
        with self._lock:
            return f"{pluralize(len(self.calls), 'call')}, {self.calls.live()} live"


class Log(Feed):
    """The notifications, newest first, each with its raw JSON.

    Parameters
    ----------
    rows : the notifications
    source : the journal, where the raw text is read when somebody wants it
    height : of the table at most, in pixels
    """

    _esm = STATIC / "notifications.js"

    def __init__(self, rows: LogRows, source: Source, *, height: int = 284) -> None:
        self.lines = rows
        self._source = source
        super().__init__(rows, {"height": height, **_COLORS})

    def asked(self, message: dict[str, Any]) -> None:
        seq = message.get("seq")
        if message.get("kind") == "raw" and isinstance(seq, int):
            self.send({"kind": "raw", "seq": seq, "text": self._raw(seq)})

    def _raw(self, seq: int) -> str | None:
        try:
            rows = self._source.read(seq - 1, 1)
        except JournalError:
            return None
        return readable(rows[0][-1]) if rows and rows[0][0] == seq else None

    def describe(self) -> str:
        with self._lock:
            return pluralize(self.lines.taken, "notification")
