"""Verification of the requests that a bot sent: a partial match of the body, and the nearest request of a mismatch."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from .._arguments import require_choice, require_type
from ..errors import VerificationFailed
from .message_log import LoggedRequest, MessageLog, read_body
from .operations import OPERATIONS

_OTHER_NAMES = (
    "create",
    "get",
    "delete",
    "token",
    "listParticipants",
    "getParticipant",
    "listContentSharingSessions",
    "getContentSharingSession",
    "listAudioRoutingGroups",
    "getAudioRoutingGroup",
    "logTeleconferenceDeviceQuality",
)
NAMES = (*_OTHER_NAMES, *dict.fromkeys(each.name for operations in OPERATIONS.values() for each in operations))
"""Names of the operations that can be verified."""

MAX_DIFFERENCES = 8
_MAX_VALUE_CHARS = 80
_MISSING = object()
_IS_MISSING = ", but it is missing"


@dataclass(frozen=True, slots=True)
class Expectation:
    """Requests that a bot is expected to have sent.

    Attributes
    ----------
    operation : str
        One of :data:`NAMES`, in any letter case.
    call_id : str or None
        Only requests on this call.
    body : JSON value
        A part of the body: an object may have further members, and an array must have as many entries.
    status : int or None
        Only requests that were responded to with this status.
    times : int or None
        Number of such requests; ``None`` for at least one.
    """

    operation: str
    call_id: str | None = None
    body: Any = None
    status: int | None = None
    times: int | None = None


def make_expectation(operation: object, **values: Any) -> Expectation:
    """Return an expectation. Raise ``ValueError`` or ``TypeError`` for an unknown operation and invalid values."""
    names = {name.lower(): name for name in NAMES}
    text = require_type("operation", operation, str, "the name of an operation, such as playPrompt")
    expected = Expectation(names.get(text.lower()) or require_choice("operation", text, NAMES), **values)
    if expected.call_id is not None:
        require_type("call_id", expected.call_id, str, "the id of a call")
    for name, value in (("times", expected.times), ("status", expected.status)):
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
            raise ValueError(f"{name} is {value!r}; give a whole number, 0 or more, or leave it out.")
    try:
        json.dumps(expected.body)
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"body is not a JSON value: {error}.") from None
    return expected


class Candidate(NamedTuple):
    """A request in the log, and how it differs from the expected one."""

    shown: LoggedRequest
    is_operation: bool
    differences: list[str]

    @property
    def distance(self) -> tuple[bool, int, int, int]:
        missing_count = sum(each.endswith(_IS_MISSING) for each in self.differences)
        return not self.is_operation, len(self.differences), missing_count, -self.shown.id


def verify(log: MessageLog, expected: Expectation, application_id: str | None = None) -> int:
    """Return the number of requests that match.

    Raises
    ------
    VerificationFailed
        For another number than expected. The message has the nearest request and its differences.
    """
    candidates = list(_compare(log, expected, application_id))
    matching = [each.shown for each in candidates if each.is_operation and not each.differences]
    count = len(matching)
    if count == expected.times or (expected.times is None and count):
        return count
    lines = [f"{_describe(expected)} was received {_count(count)}, expected {_describe_times(expected.times)}."]
    if matching:
        lines += [f"Received: {_describe_request(each)}" for each in matching[:MAX_DIFFERENCES]]
    if expected.times is None or count < expected.times:
        lines += _describe_nearest([each for each in candidates if each.shown not in matching])
    raise VerificationFailed("\n".join(lines))


def _compare(log: MessageLog, expected: Expectation, application_id: str | None) -> Iterator[Candidate]:
    for entry in log.find_requests(application_id=application_id):
        differences = []
        if expected.call_id is not None and entry.call_id.lower() != expected.call_id.lower():
            differences.append(f"call_id: expected {expected.call_id}, got {entry.call_id or 'none'}")
        if expected.status is not None and entry.status != expected.status:
            differences.append(f"status: expected {expected.status}, got {entry.status}")
        shown = log.show_request(entry)
        if expected.body is not None:
            # Compared with the raw body: a secret may be expected, but is not shown.
            raw = read_body(entry.body, entry.content_type)
            differences += find_differences(expected.body, raw, shown.body)
        yield Candidate(shown, entry.operation == expected.operation, differences)


def find_differences(expected: Any, actual: Any, shown: Any, path: str = "body") -> list[str]:
    """Return a line for each part of an expected JSON value that another value does not have.

    ``shown`` is the other value without secrets.

    Examples
    --------
    >>> body = {"prompts": [{"loop": 1, "uri": "a.wav"}], "clientContext": "x"}
    >>> find_differences({"prompts": [{"uri": "a.wav"}]}, body, body)
    []
    >>> find_differences({"prompts": [{"uri": "b.wav"}], "loop": 2}, body, body)
    ["body.prompts[0].uri: expected 'b.wav', got 'a.wav'", 'body.loop: expected 2, but it is missing']
    """
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        lines = []
        for name, value in expected.items():
            inner = shown.get(name) if isinstance(shown, Mapping) else shown
            lines += find_differences(value, actual.get(name, _MISSING), inner, f"{path}.{name}")
        return lines
    if isinstance(expected, list | tuple) and isinstance(actual, list) and len(expected) == len(actual):
        lines = []
        for number, (value, other) in enumerate(zip(expected, actual, strict=True)):
            inner = shown[number] if isinstance(shown, list) else shown
            lines += find_differences(value, other, inner, f"{path}[{number}]")
        return lines
    if actual is _MISSING:
        return [] if expected is None else [f"{path}: expected {_shorten(expected)}{_IS_MISSING}"]
    if isinstance(expected, list | tuple) and isinstance(actual, list):
        return [f"{path}: expected {len(expected)} entries, got {len(actual)}: {_shorten(shown)}"]
    is_equal = expected == actual and isinstance(expected, bool) == isinstance(actual, bool)
    return [] if is_equal else [f"{path}: expected {_shorten(expected)}, got {_shorten(shown)}"]


def _describe_nearest(candidates: Iterable[Candidate]) -> list[str]:
    nearest = min(candidates, key=lambda each: each.distance, default=None)
    if nearest is None:
        return ["No other request was received; check that the bot sends its requests to this simulator."]
    differences = nearest.differences[:MAX_DIFFERENCES]
    if not nearest.is_operation:
        differences = ["the operation is another one", *differences]
    return [f"Nearest request: {_describe_request(nearest.shown)}", *(f"  {each}" for each in differences)]


def _describe(expected: Expectation) -> str:
    words = [expected.operation]
    words += [f"on call {expected.call_id}"] if expected.call_id is not None else []
    words += [f"with the body {_shorten(expected.body)}"] if expected.body is not None else []
    words += [f"and the status {expected.status}"] if expected.status is not None else []
    return " ".join(words)


def _describe_times(times: int | None) -> str:
    return "at least once" if times is None else "never" if times == 0 else _count(times)


def _count(number: int) -> str:
    return {0: "0 times", 1: "once"}.get(number, f"{number} times")


def _describe_request(entry: LoggedRequest) -> str:
    operation = f" ({entry.operation})" if entry.operation else ""
    return f"#{entry.id} {entry.method} {entry.path}{operation}, responded {entry.status}"


def _shorten(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _MAX_VALUE_CHARS else text[: _MAX_VALUE_CHARS - 1] + "…"
