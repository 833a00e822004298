"""The JSON schema of scenarios in YAML and JSON, for editors."""

from __future__ import annotations

from typing import Any

from . import result_codes
from .scenario_values import MAX_NAME_CHARS, MAX_STEP_SECONDS, MAX_STEPS, RECORDING_ENDS, RINGING_TIMEOUT, STEP_EVENTS
from .states import TONES

_KEYS = [*map(str, range(10)), "*", "#"]
_SECONDS = {"type": "number", "minimum": 0, "maximum": MAX_STEP_SECONDS}
_STEPS = {"type": "array", "minItems": 1, "maxItems": MAX_STEPS, "items": {"$ref": "#/$defs/step"}}
_TONE = {"enum": [*TONES, *_KEYS, *range(10)]}
_RESULT = {"$ref": "#/$defs/result"}


def make_schema() -> dict[str, Any]:
    """Return the JSON schema of a scenario.

    Examples
    --------
    >>> make_schema()["$defs"]["step"]["required"]
    ['event']
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A scenario of the simulator of graphcall-nb",
        "type": "object",
        "additionalProperties": False,
        "minProperties": 1,
        "properties": {
            "name": _describe("Name by which rules and requests choose it.", type="string", maxLength=MAX_NAME_CHARS),
            "description": _describe("Behavior in one line.", type="string"),
            "teaches": _describe("Lesson for a developer in one line.", type="string"),
            "steps": _describe("Steps of every kind of call that has none of its own.", **_STEPS),
            "peer": _describe("Steps of a call to people, after the call was created.", **_STEPS),
            "group": _describe("Steps of a group call.", **_STEPS),
            "meeting": _describe("Steps of a meeting.", **_STEPS),
            "incoming": _describe("Steps of an incoming call after it was answered.", **_STEPS),
            "transfer_failure": _describe("Result of transfers, which then fail.", **_RESULT),
            "invitation_failure": _describe("Result of invitations, which then fail.", **_RESULT),
            "prompt_failure": _describe("Result of prompts, which then fail.", **_RESULT),
            "recording_end": _describe("End of recordings.", enum=list(RECORDING_ENDS)),
            "tones": _describe("Keys that the callee presses once tones are subscribed to.", type="array", items=_TONE),
            "callback_seconds": _describe("Delay after which a callee who did not answer calls back.", **_SECONDS),
            "jitter": _describe("Share by which delays vary at random.", type="number", minimum=0, maximum=1),
        },
        "$defs": {"step": _make_step(), "result": _make_result()},
    }


def _make_step() -> dict[str, Any]:
    participants = {"type": "array", "items": {"type": "integer", "minimum": 0}}
    after = {"anyOf": [_SECONDS, {"const": RINGING_TIMEOUT}], "default": 0}
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["event"],
        "properties": {
            "event": {"enum": list(STEP_EVENTS)},
            "after": _describe("Seconds after the step before, or for as long as the call may ring.", **after),
            "result": _describe("Result of an end.", **_RESULT),
            "phone_result": _describe("Result of an end, for a call to or from a phone.", **_RESULT),
            "identities": _describe(
                "Participants who join: names, phone numbers or identity sets.",
                type="array",
                items={"type": ["string", "object"]},
            ),
            "numbers": _describe("Participants in the order in which they joined; 0 is the bot.", **participants),
            "tone": _describe("The key of a tone.", **_TONE),
            "endpoint": _describe("endpointType of the endpoint that answers, such as voicemail.", type="string"),
        },
    }


def _make_result() -> dict[str, Any]:
    number = {"type": "integer"}
    members = {"code": number, "subcode": number, "message": {"type": "string"}}
    pair = {"type": "array", "items": number, "minItems": 2, "maxItems": 2}
    whole = {"type": "object", "additionalProperties": False, "required": ["code", "subcode"], "properties": members}
    return {"anyOf": [{"enum": list(result_codes.NAMED)}, pair, whole]}


def _describe(description: str, **schema: Any) -> dict[str, Any]:
    return {"description": description, **schema}
