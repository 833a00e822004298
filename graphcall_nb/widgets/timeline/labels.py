"""What a call is called in the picture: its subject and who is called, where anybody said so."""

from __future__ import annotations

import json
from typing import Any

from ..._text import bidi_isolate, show_invisible, truncate
from ...errors import InvalidCall
from ...graph.models import Call

LONGEST = 80
"""Characters of a label; more do not fit beside a bar, and each update must stay small."""

_SHORT_ID = 8


def label_of_body(body: str | None) -> str | None:
    """The label of a call from the JSON text of its request, or ``None`` when that says nothing.

    Examples
    --------
    >>> label_of_body('{"subject": "Test", "targets": [{"identity": {"user": {"displayName": "Heidi"}}}]}')
    'Test · Heidi'
    """
    return _label(_read(body))


def label_of_notification(raw: str | None) -> str | None:
    """The label of a call nobody here placed, from what its notification says of subject and caller."""
    item = _read(raw)
    data = item.get("resourceData") if isinstance(item, dict) else None
    return _label(data if isinstance(data, dict) else {}, caller=True)


def short_id(call_id: str) -> str:
    """The end of a call's id: the beginnings of Graph's ids are often the same."""
    return call_id if len(call_id) <= _SHORT_ID else "…" + call_id[-_SHORT_ID:]


def result_text(code: int | None, subcode: int | None, message: str | None) -> str:
    """How a call ended, in a few words; empty for a good end without a message."""
    numbers = ".".join(str(number) for number in (code, subcode) if number is not None)
    text = " ".join(part for part in (numbers, message) if part)
    return truncate(_part("" if numbers in ("0", "0.0") and not message else text), LONGEST)


def _read(text: str | None) -> Any:
    try:
        return json.loads(text or "{}")
    except ValueError:
        return {}


def _label(fields: Any, caller: bool = False) -> str | None:
    try:
        call = Call.from_json_dict(fields)
    except InvalidCall:
        return None
    people = [target.label for target in call.targets or []]
    if caller and call.source is not None:
        people = [call.source.label]
    people = [_part(name) for name in people if name]
    shown = ", ".join(people[:2]) + (f" and {len(people) - 2} more" if len(people) > 2 else "")
    return truncate(" · ".join(part for part in (_part(call.subject or ""), shown) if part), LONGEST) or None


def _part(text: str) -> str:
    """Names come from anybody: one may neither hide what it says nor turn its neighbours round."""
    return bidi_isolate(show_invisible(text).strip())
