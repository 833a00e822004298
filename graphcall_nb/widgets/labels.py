"""Labels and results of calls, as text for a row."""

from __future__ import annotations

import json
from typing import Any

from .._text import bidi_isolate, shorten_middle, show_invisible, truncate
from ..errors import InvalidCall
from ..graph.models import Call

MAX_LABEL_CHARS = 80
"""More do not fit beside a bar, and each update must stay small."""


def make_request_label(body: str | None) -> str | None:
    """Return the label of a call from the JSON text of its request: subject and targets.

    Returns ``None`` when the request has neither.

    Examples
    --------
    >>> make_request_label('{"subject": "Test", "targets": [{"identity": {"user": {"displayName": "Heidi"}}}]}')
    'Test · Heidi'
    """
    return _make_label(_parse(body))


def make_notification_label(raw: str | None) -> str | None:
    """Return the label of a call without a request, from the subject and caller in its notification."""
    item = _parse(raw)
    data = item.get("resourceData") if isinstance(item, dict) else None
    return _make_label(data if isinstance(data, dict) else {}, caller=True)


def format_result(code: int | None, subcode: int | None, message: str | None) -> str:
    """Return the result of a call with its numbers; empty for success without a message."""
    numbers = ".".join(str(number) for number in (code, subcode) if number is not None)
    text = " ".join(part for part in (numbers, message) if part)
    return truncate(_clean("" if numbers in ("0", "0.0") and not message else text), MAX_LABEL_CHARS)


def _parse(text: str | None) -> Any:
    try:
        return json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}


def _make_label(fields: Any, caller: bool = False) -> str | None:
    try:
        call = Call.from_json_dict(fields)
    except InvalidCall:
        return None
    people = [target.label for target in call.targets or []]
    if caller and call.source is not None:
        people = [call.source.label]
    people = [_clean(name) for name in people if name]
    names = ", ".join(people[:2]) + (f" and {len(people) - 2} more" if len(people) > 2 else "")
    label = " · ".join(part for part in (_clean(call.subject or ""), names) if part)
    return shorten_middle(label, MAX_LABEL_CHARS) or None


def _clean(text: str) -> str:
    """Return a name with invisible characters shown, isolated from the direction of its neighbors."""
    return bidi_isolate(show_invisible(text).strip())
