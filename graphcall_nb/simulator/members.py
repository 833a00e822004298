"""What the body of an operation may hold, and what is refused in it; each message ends with the remedy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from .validation import Problem, Rules, is_callback, json_type, media_problems, target_problems

MAX_CONTEXT = 256
_NAMESPACE = "#microsoft.graph."
_OTHER_NAMES = {
    # Names that pages of 2018 use in their examples.
    "transferTarget": ("target",),
    "callbackUri": ("callback",),
    "acceptedModalities": ("acceptModalities",),
}

Kind = Literal[
    "text", "texts", "flag", "number", "object", "objects", "address", "media", "person", "people", "prompts"
]


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a body; ``most`` is how many entries or characters it may have."""

    name: str
    kind: Kind
    needed: bool = False
    most: int | None = None
    low: int | None = None
    high: int | None = None
    one_of: tuple[str, ...] = ()


CONTEXT = Member("clientContext", "text", most=MAX_CONTEXT)
MEDIA = Member("mediaConfig", "media", needed=True)


def member_of(body: Mapping[str, Any], name: str) -> Any:
    """A member by its name, or by one that it had before."""
    return next((body[each] for each in (name, *_OTHER_NAMES.get(name, ())) if body.get(each) is not None), None)


def body_problems(body: Mapping[str, Any], members: tuple[Member, ...], rules: Rules) -> list[Problem]:
    """All that is wrong with the body of an operation; members that are not known are let through."""
    found: list[Problem] = []
    for member in members:
        value = member_of(body, member.name)
        if value is not None:
            found += _CHECKS[member.kind](member, value, rules)
        elif member.needed:
            found.append((member.name, f"{member.name} is missing: {_REMEDIES[member.kind]}."))
    return found


_REMEDIES = {
    "text": "give a string",
    "texts": "give an array of strings",
    "flag": "give true or false",
    "number": "give a whole number",
    "object": "give an object",
    "objects": "give an array of objects",
    "address": "give an https address",
    "media": "give an appHostedMediaConfig or a serviceHostedMediaConfig",
    "person": "give an identity, such as a user or a phone",
    "people": "give one identity at least",
    "prompts": "give one prompt at least",
}


def _wrong(path: str, words: str, value: Any) -> Problem:
    return path, f"{path} must be {words}, not {json_type(value)}."


def _text(member: Member, value: Any, rules: Rules) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield _wrong(member.name, "a string", value)
    elif member.most is not None and len(value) > member.most:
        yield member.name, f"{member.name} has {len(value)} characters; {member.most} is the most. Shorten it."
    elif member.one_of and not _is_one(value, member.one_of):
        yield member.name, f"{member.name} is {value[:40]!r}; use one of {', '.join(member.one_of)}."


def _is_one(value: str, of: tuple[str, ...]) -> bool:
    # A published body holds all values side by side, as the page has them: "notRecording | recording | failed".
    known = {each.lower() for each in of}
    return all(part.strip().lower() in known for part in value.split("|"))


def _texts(member: Member, value: Any, rules: Rules) -> Iterator[Problem]:
    if not isinstance(value, list):
        yield _wrong(member.name, "an array of strings", value)
        return
    if member.needed and not value:
        yield member.name, f"{member.name} is empty: {_REMEDIES[member.kind]}."
    for n, each in enumerate(value):
        yield from _text(Member(f"{member.name}[{n}]", "text", one_of=member.one_of), each, rules)


def _flag(member: Member, value: Any, rules: Rules) -> Iterator[Problem]:
    if not isinstance(value, bool):
        yield _wrong(member.name, "true or false", value)


def _number(member: Member, value: Any, rules: Rules) -> Iterator[Problem]:
    if isinstance(value, bool) or not isinstance(value, int):
        yield _wrong(member.name, "a whole number", value)
    elif (member.low is not None and value < member.low) or (member.high is not None and value > member.high):
        reach = f"between {member.low} and {member.high}" if member.high is not None else f"{member.low} or more"
        yield member.name, f"{member.name} is {value}; it must be {reach}."


def _object(member: Member, value: Any, rules: Rules) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield _wrong(member.name, "an object", value)


def _objects(member: Member, value: Any, rules: Rules) -> Iterator[Problem]:
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        yield _wrong(member.name, "an array of objects", value)


def _address(member: Member, value: Any, rules: Rules) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield _wrong(member.name, "a string", value)
    elif ":" in value and not is_callback(value):
        # A text that is no address at all, as the placeholder of the published body, changes nothing.
        yield (
            member.name,
            f"{member.name} must be an absolute https address; http is taken only for this machine itself "
            "(127.0.0.1, [::1] or localhost).",
        )


def _media(member: Member, value: Any, rules: Rules) -> Iterator[Problem]:
    if isinstance(value, dict):
        yield from media_problems(value, rules)
    else:
        yield _wrong(member.name, "an object", value)


def as_target(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """Who is meant, with an ``identity``; the first pages of 2018 give the identity set itself."""
    return value if "identity" in value else {"identity": value}


def _person(member: Member, value: Any, rules: Rules) -> Iterator[Problem]:
    if isinstance(value, dict):
        yield from target_problems(member.name, as_target(value))
    else:
        yield _wrong(member.name, "an object", value)


def _entries(member: Member, value: Any) -> Iterator[Problem]:
    if not isinstance(value, list):
        yield _wrong(member.name, "an array of objects", value)
    elif member.needed and not value:
        yield member.name, f"{member.name} is empty: {_REMEDIES[member.kind]}."
    elif member.most is not None and len(value) > member.most:
        yield member.name, f"{member.name} holds {len(value)} entries; {member.most} is the most. Send fewer."


def _people(member: Member, value: Any, rules: Rules) -> Iterator[Problem]:
    yield from _entries(member, value)
    for n, each in enumerate(value if isinstance(value, list) else ()):
        yield from _person(Member(f"{member.name}[{n}]", "person"), each, rules)


def _prompts(member: Member, value: Any, rules: Rules) -> Iterator[Problem]:
    yield from _entries(member, value)
    for n, each in enumerate(value if isinstance(value, list) else ()):
        yield from _prompt(f"{member.name}[{n}]", each, member.one_of)


def _prompt(path: str, prompt: Any, kinds: tuple[str, ...]) -> Iterator[Problem]:
    if not isinstance(prompt, dict):
        yield _wrong(path, "an object", prompt)
        return
    kind = str(prompt.get("@odata.type") or "mediaPrompt").removeprefix(_NAMESPACE)
    if kind not in kinds:
        yield path, f"{path} is a {kind[:40]}; use {' or '.join(kinds)}."
    elif kind == "mediaPrompt":
        media = prompt.get("mediaInfo")
        if not isinstance(media, dict) or not (media.get("uri") or media.get("url")):
            yield (
                f"{path}.mediaInfo",
                f"{path}.mediaInfo is missing: give the uri of a WAV file (mono, 16 bit, 16 kHz).",
            )


_CHECKS: Mapping[str, Callable[[Member, Any, Rules], Iterator[Problem]]] = {
    "text": _text,
    "texts": _texts,
    "flag": _flag,
    "number": _number,
    "object": _object,
    "objects": _objects,
    "address": _address,
    "media": _media,
    "person": _person,
    "people": _people,
    "prompts": _prompts,
}
