"""Rules about what no class checks when a call is read: members of a kind that is not said, or that is not known.

What is not known is kept as it came. Under the name of something that is known, it is of the wrong type all the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..dialects import Dialect
from ..errors import InvalidCall
from ..models import (
    AppHostedMediaConfig,
    Call,
    IdentitySet,
    JoinMeetingIdMeetingInfo,
    OrganizerMeetingInfo,
    Resource,
    ServiceHostedMediaConfig,
    TokenMeetingInfo,
)
from .advice import Finding, Mend, Rule

MEMBER_TYPE = "member-type"
_KINDS: dict[str, tuple[type[Resource], ...]] = {
    "mediaConfig": (ServiceHostedMediaConfig, AppHostedMediaConfig),
    "meetingInfo": (OrganizerMeetingInfo, TokenMeetingInfo, JoinMeetingIdMeetingInfo),
}


def _kind_missing(call: Call, dialect: Dialect) -> Iterator[Finding]:
    body = call.to_json_dict()
    for name, kinds in _KINDS.items():
        value = body.get(name)
        if isinstance(value, dict) and not value.get("@odata.type"):
            known = ", ".join(f'"{kind.type_name}"' for kind in kinds)
            yield Finding(name, f'Say of which kind it is: give "@odata.type", one of {known}.', _named(body, name))


def _named(body: dict[str, Any], name: str) -> Mend | None:
    """A mend that says the kind, where the members leave one only."""
    value = body[name]
    meant = [kind for kind in _KINDS[name] if _members(kind) & value.keys()]
    if len(meant) != 1:
        return None
    try:
        Call.from_json_dict({name: {**value, "@odata.type": meant[0].type_name}})
    except InvalidCall:  # its members are wrong: they are named one by one
        return None

    def mend(call: Call) -> Call:
        body = call.to_json_dict()
        return Call.from_json_dict(body | {name: {"@odata.type": meant[0].type_name, **body[name]}})

    return mend


def _member_types(call: Call, dialect: Dialect) -> Iterator[Finding]:
    body = call.to_json_dict()
    for name, kinds in _KINDS.items():
        value = body.get(name) or {}
        for kind in kinds:
            if value.get("@odata.type") != kind.type_name:
                known = {member: value[member] for member in _members(kind) & value.keys()}
                yield from _misread(kind, known, f"{name}.")
    for path, identities in _identity_sets(body):
        for who in identities.keys() - _members(IdentitySet):
            if not who.startswith("@"):
                for found in _misread(IdentitySet, {"user": identities[who]}, ""):
                    yield Finding(f"{path}.{who}{found.field.removeprefix('user')}", found.message)


def _identity_sets(body: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    people = [("source", body.get("source"))]
    people += [(f"targets[{index}]", target) for index, target in enumerate(body.get("targets") or [])]
    sets = [(f"{path}.identity", (person or {}).get("identity")) for path, person in people]
    sets.append(("meetingInfo.organizer", (body.get("meetingInfo") or {}).get("organizer")))
    yield from ((path, value) for path, value in sets if isinstance(value, dict))


def _misread(kind: type[Resource], value: dict[str, Any], prefix: str) -> Iterator[Finding]:
    try:
        kind.from_json_dict(value)
    except InvalidCall as error:
        for field, message in error.problems:
            yield Finding(f"{prefix}{field}", f"{message[:1].upper()}{message[1:]} Correct it, or leave it out.")


def _members(kind: type[Resource]) -> set[str]:
    """The names that a class has and its base has not: those that the base does not check."""
    base = kind.__mro__[1].model_fields  # type: ignore[attr-defined]
    return {field.alias or name for name, field in kind.model_fields.items() if name not in base}


RULES = (
    Rule("kind-missing", "error", "OData: an abstract type says which it is, in @odata.type", _kind_missing),
    Rule(MEMBER_TYPE, "error", "Graph's resource pages: the types of the members", _member_types),
)
