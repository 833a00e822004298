"""The values of a scenario's members: checks, and the forms that are accepted besides the canonical one."""

from __future__ import annotations

import math
import uuid
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any, Literal, get_args

from .._arguments import unknown_name_message
from . import result_codes
from .scenario_text import ValuePath
from .state_machine import Result
from .states import TONES, EventName

MAX_STEPS = 1000
MAX_STEP_SECONDS = 7 * 86_400.0
MAX_NAME_CHARS = 100
RINGING_TIMEOUT: Literal["ringing_timeout"] = "ringing_timeout"
"""As the time of a step: for as long as the call may ring."""

StepEvent = Literal[
    "ring",
    "connect",
    "hold",
    "resume",
    "tone",
    "join",
    "leave",
    "mute",
    "unmute",
    "lobby",
    "admit",
    "share",
    "unshare",
    "hang_up",
    "end",
]
STEP_EVENTS: tuple[StepEvent, ...] = get_args(StepEvent)

_SYNONYMS = {
    "answer": "connect",
    "answered": "connect",
    "established": "connect",
    "ringing": "ring",
    "press": "tone",
    "hangup": "hang_up",
    "terminate": "end",
    "terminated": "end",
    "decline": "end",
}
STATE_EVENTS: Mapping[str, EventName] = {"unmute": "mute", "admit": "lobby"}
"""Events of the state machine whose name differs from that of the step."""

MEMBER_EVENTS: Mapping[str, frozenset[str]] = {
    "result": frozenset({"end"}),
    "phone_result": frozenset({"end"}),
    "identities": frozenset({"join"}),
    "numbers": frozenset({"leave", "mute", "unmute", "lobby", "admit", "share", "unshare"}),
    "tone": frozenset({"tone"}),
    "endpoint": frozenset({"connect"}),
}
"""The events that each optional member of a step belongs to."""

RECORDING_ENDS = ("max_duration", "stop_tone", "initial_silence", "max_silence", "failure")
"""The ends of a recording that a scenario can choose."""

_TONE_KEYS = {**{str(n): f"tone{n}" for n in range(10)}, "*": "star", "#": "pound"}


class InvalidScenario(ValueError):
    """A scenario that cannot be played.

    Attributes
    ----------
    path : tuple
        Path to the value in the scenario, such as ``("steps", 2, "after")``.
    advice : str
        The problem and its remedy.
    """

    def __init__(self, path: ValuePath, advice: str, place: str = "") -> None:
        self.path = path
        self.advice = advice
        label = _format_path(path)
        super().__init__(": ".join(part for part in (place, label, advice) if part))

    def below(self, path: ValuePath) -> InvalidScenario:
        """Return the same problem of a value inside another one."""
        return InvalidScenario((*path, *self.path), self.advice)


def _format_path(path: ValuePath) -> str:
    """Return a path as text, for example ``steps[2].after``."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def as_list(member: str, value: Any, wanted: str) -> Iterable[Any]:
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise InvalidScenario((member,), f"give {wanted}, not {describe_type(value)}.")
    return value


_RESULT_MEMBERS = ("code", "subcode", "message")


def describe_unknown(kind: str, name: object, names: Iterable[str]) -> str:
    """Return a message for an unknown name, to follow a path."""
    return unknown_name_message(kind, name, names).replace("Unknown", "unknown", 1)


def check_event(event: Any) -> None:
    if event in STEP_EVENTS:
        return
    name = event if isinstance(event, str) else ""
    meant = _SYNONYMS.get(name.lower())
    message = (
        f"unknown event {event!r}; did you mean {meant!r}?" if meant else describe_unknown("event", event, STEP_EVENTS)
    )
    raise InvalidScenario(("event",), message)


def check_seconds(name: str, value: Any) -> None:
    if value == RINGING_TIMEOUT and name == "after":
        return
    if not is_number(value) or not 0 <= value <= MAX_STEP_SECONDS:
        advice = f"give seconds from 0 to {MAX_STEP_SECONDS:.0f}" + (
            f", or {RINGING_TIMEOUT}" if name == "after" else ""
        )
        raise InvalidScenario((name,), f"is {value!r}; {advice}.")


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def parse_text_member(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise InvalidScenario((name,), f"give a text, not {describe_type(value)}; put it in quotes.")
    return value


def parse_tone(name: str, value: Any) -> str:
    tone = _TONE_KEYS.get(str(value), value)
    if tone not in TONES:
        raise InvalidScenario((name,), describe_unknown("tone", tone, TONES))
    return str(tone)


def parse_numbers(name: str, value: Any) -> tuple[int, ...]:
    numbers = tuple(islice(as_list(name, value, "a list of numbers, such as [1, 2]"), MAX_STEPS))
    if not all(isinstance(each, int) and not isinstance(each, bool) and each >= 0 for each in numbers):
        raise InvalidScenario((name,), "give whole numbers, 0 for the application and 1 for the first other.")
    return numbers


def parse_identities(name: str, value: Any) -> tuple[Mapping[str, Any], ...]:
    items = list(islice(as_list(name, value, "a list of participants, such as ['Adele Vance']"), MAX_STEPS))
    for number, item in enumerate(items):
        is_set = isinstance(item, Mapping) and item and all(isinstance(each, Mapping) for each in item.values())
        if not is_set and not (isinstance(item, str) and item.strip()):
            advice = "give a name, a phone number in quotes, or an identity set such as {user: {id: …}}."
            raise InvalidScenario((name, number), advice)
    return tuple(make_identity(item) if isinstance(item, str) else item for item in items)


def make_identity(text: str) -> Mapping[str, Any]:
    """Return the identity set of a phone number, or of a user with this name."""
    if text.startswith("+"):
        return {"phone": {"id": text}}
    return {"user": {"displayName": text, "id": str(uuid.uuid5(uuid.NAMESPACE_DNS, text))}}


def parse_result(name: str, value: Any) -> Result:
    if isinstance(value, Result):
        return value
    if isinstance(value, str):
        named = result_codes.NAMED.get(value)
        if named is None:
            raise InvalidScenario((name,), describe_unknown("result", value, result_codes.NAMED))
        return named
    members = value if isinstance(value, Mapping) else {}
    if isinstance(value, tuple | list) and len(value) == 2:
        members = {"code": value[0], "subcode": value[1]}
    for member in members:
        if member not in _RESULT_MEMBERS:
            raise InvalidScenario((name, str(member)), describe_unknown("member", member, _RESULT_MEMBERS))
    code, subcode = members.get("code"), members.get("subcode")
    if not all(isinstance(each, int) and not isinstance(each, bool) for each in (code, subcode)):
        names = ", ".join(list(result_codes.NAMED)[:3])
        raise InvalidScenario((name,), f"give code and subcode as whole numbers, or a name such as {names}.")
    message = members.get("message")
    if message is not None:
        parse_text_member("message", message)
    return result_codes.make_result(int(code or 0), int(subcode or 0), message)


def describe_type(value: Any) -> str:
    return type(value).__name__
