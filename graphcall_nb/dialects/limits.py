"""What Graph's action pages allow in the body of an operation, checked before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..slips import did_you_mean

Problem = tuple[str, str]
Limit = Callable[[Mapping[str, Any]], Iterator[Problem]]

_E164 = re.compile(r"\+[1-9]\d{1,14}")


def needed(field: str, remedy: str) -> Limit:
    """A field that must be there and not be empty."""

    def check(body: Mapping[str, Any]) -> Iterator[Problem]:
        if not body.get(field):
            yield field, f"it is missing; {remedy}."

    return check


def most(field: str, count: int, unit: str) -> Limit:
    """At most so many items of an array, or characters of a text."""

    def check(body: Mapping[str, Any]) -> Iterator[Problem]:
        size = len(body.get(field) or ())
        if size > count:
            yield field, f"it has {size} {unit}, and Graph takes {count} at most; give fewer."

    return check


def between(field: str, low: int, high: int, unit: str = "seconds") -> Limit:
    """A number within bounds."""

    def check(body: Mapping[str, Any]) -> Iterator[Problem]:
        value = body.get(field)
        if value is not None and not low <= value <= high:
            yield field, f"it is {value}, and Graph takes {low} to {high} {unit}; give one of these."

    return check


def one_of(field: str, *values: str) -> Limit:
    """A text, or an array of them, out of a few; the letter case is Graph's to judge."""
    known = {value.lower() for value in values}

    def check(body: Mapping[str, Any]) -> Iterator[Problem]:
        for where, text in _each(body, field):
            if text.lower() not in known:
                advice = did_you_mean(text, values) or f"choose from {', '.join(values)}."
                yield where, f"there is no {text!r}; {advice}"

    return check


def people(field: str) -> Limit:
    """Participants that name somebody, and phones in E.164."""

    def check(body: Mapping[str, Any]) -> Iterator[Problem]:
        for where, who in _each(body, field):
            yield from _person(where, who)

    return check


def _each(body: Mapping[str, Any], field: str) -> Iterator[tuple[str, Any]]:
    """Path and value of a field, or of each item where it is an array."""
    value = body.get(field)
    if isinstance(value, list):
        yield from ((f"{field}[{position}]", item) for position, item in enumerate(value))
    elif value is not None:
        yield field, value


def _person(where: str, who: Mapping[str, Any]) -> Iterator[Problem]:
    identity = who.get("identity") or {}
    people = {kind: one for kind, one in identity.items() if isinstance(one, Mapping)}
    if not people:
        yield f"{where}.identity", "it names nobody; give a user, a phone or the like."
    for kind, one in people.items():
        if not one.get("id"):
            yield f"{where}.identity.{kind}.id", "it is missing; give the object id, or the number of a phone."
        elif kind == "phone" and not _E164.fullmatch(one["id"]):
            yield f"{where}.identity.phone.id", "it is not in E.164; write the number like +14255550100."


TONES: tuple[str, ...] = (*(f"tone{digit}" for digit in range(10)), "star", "pound", "a", "b", "c", "d", "flash")
"""The keys of a telephone by Graph's names."""

CONTEXT = most("clientContext", 256, "characters")

LIMITS: Mapping[str, tuple[Limit, ...]] = {
    "answer": (needed("callbackUri", "give the address for the call's notifications"),),
    "reject": (one_of("reason", "none", "busy", "forbidden"),),
    "redirect": (
        needed("targets", "say where the call shall go"),
        most("targets", 25, "targets"),
        people("targets"),
    ),
    "transfer": (needed("transferTarget", "say to whom"), people("transferTarget"), people("transferee"), CONTEXT),
    "playPrompt": (needed("prompts", "give at least one sound"), most("prompts", 20, "prompts"), CONTEXT),
    "recordResponse": (CONTEXT,),
    "cancelMediaProcessing": (CONTEXT,),
    "subscribeToTone": (CONTEXT,),
    "sendDtmfTones": (
        needed("tones", "give at least one key"),
        one_of("tones", *TONES),
        between("delayBetweenTonesMs", 0, 2**31 - 1, "milliseconds"),
        CONTEXT,
    ),
    "mute": (CONTEXT,),
    "unmute": (CONTEXT,),
    "changeScreenSharingRole": (one_of("role", "viewer", "sharer"),),
    "updateRecordingStatus": (one_of("status", "unknown", "notRecording", "recording", "failed"), CONTEXT),
    "inviteParticipants": (
        needed("participants", "say who shall come"),
        most("participants", 5, "participants"),
        people("participants"),
        CONTEXT,
    ),
    "muteParticipant": (CONTEXT,),
    "muteAll": (CONTEXT,),
}
"""What both versions allow, by Graph's name of the operation."""

NEWER_LIMITS: Mapping[str, tuple[Limit, ...]] = {
    **LIMITS,
    "redirect": (*LIMITS["redirect"], between("timeout", 15, 90)),
    "recordResponse": (
        most("prompts", 1, "prompts"),
        between("initialSilenceTimeoutInSeconds", 1, 120),
        between("maxSilenceTimeoutInSeconds", 1, 120),
        between("maxRecordDurationInSeconds", 1, 120),
        CONTEXT,
    ),
}
"""The same of v1.0; beta's pages of 2018 record for half an hour, and let a redirected call ring for 99 seconds."""
