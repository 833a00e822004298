"""Where things stand in a row of the journal, and how its JSON is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import msgspec

SEQ, CALL_ID, ENTITY, CHANGE_TYPE, STATE, DIRECTION, RAW = 0, 2, 3, 5, 6, 7, 15
"""Positions in the row of a notification."""

_read = msgspec.json.Decoder().decode


class Asked(NamedTuple):
    """A row of a request, as the journal keeps it."""

    seq: int
    sent_at: int
    method: str
    url: str
    operation: str
    call_id: str | None
    status: int | None
    duration: int
    request_id: str | None
    client_request_id: str | None
    request_body: str | None
    response_body: str | None
    error: str | None

    @property
    def answered_at(self) -> int:
        return self.sent_at + self.duration

    @property
    def succeeded(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def below_call(self) -> list[str]:
        """The segments of its path after the id of the call: ``["participants", "{id}", "mute"]``."""
        segments = [unquote(segment) for segment in urlsplit(self.url).path.strip("/").split("/")]
        lowered = [segment.lower() for segment in segments]
        return segments[lowered.index("calls") + 2 :] if "calls" in lowered else []


def asked(row: Sequence[Any]) -> Asked:
    """A row of a request by name; columns of a later version are passed over."""
    return Asked(*row[: len(Asked._fields)])


def json_object(text: Any) -> dict[str, Any]:
    """A JSON object; an empty one where the text is nothing of the kind."""
    try:
        value = _read(text) if text else {}
    except (msgspec.MsgspecError, RecursionError, TypeError):
        value = {}
    return value if isinstance(value, dict) else {}


def text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def identities(value: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(Graph's name of the kind, identity) of all in an identity set."""
    for kind, identity in value.items() if isinstance(value, dict) else ():
        if isinstance(identity, dict):
            yield kind, identity


def whole(value: Any) -> int | None:
    """A whole number, also from its text; ``None`` from anything else."""
    try:
        return None if value is None or isinstance(value, bool) else int(value)
    except (TypeError, ValueError):
        return None
