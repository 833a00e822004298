"""Versions of the API: paths, shapes and limits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from .._arguments import did_you_mean, require_choice, require_text
from ..errors import IllegalAction, InvalidCall
from .models import Call

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


PREFIX = "#microsoft.graph."


@dataclass(frozen=True)
class Shape:
    """How one object is written.

    Attributes
    ----------
    type_name : what ``@odata.type`` says of it, where the version wants that said and the caller has not
    left_out : members that the version does not know or sets itself; they are never written
    members : shapes of inner objects, by name; of an array, that of each item
    others : shape of each inner object that has no name here

    Examples
    --------
    >>> target = Shape("participantInfo", frozenset({"region"}), {"identity": Shape("identitySet")})
    >>> target.write({"identity": {"user": {"id": "1"}}, "region": "x"})["identity"]
    {'@odata.type': '#microsoft.graph.identitySet', 'user': {'id': '1'}}
    """

    type_name: str | None = None
    left_out: frozenset[str] = frozenset()
    members: Mapping[str, Shape] = field(default_factory=dict)
    others: Shape | None = None

    def write(self, value: Any) -> Any:
        """A copy of ``value`` in this shape; what is no object or array stays as it is."""
        if isinstance(value, list):
            return [self.write(item) for item in value]
        if not isinstance(value, Mapping):
            return value
        written: dict[str, Any] = {}
        if self.type_name and "@odata.type" not in value:
            written["@odata.type"] = PREFIX + self.type_name
        for name, inner in value.items():
            if name not in self.left_out:
                shape = self.members.get(name, self.others)
                written[name] = shape.write(inner) if shape else inner
        return written


ANYTHING = Shape()
"""Written as it is."""


@dataclass(frozen=True)
class ApiVersion:
    """How one version of the API is spelled.

    Attributes
    ----------
    name : the version, which also begins each path: ``"beta"`` or ``"v1.0"``
    calls : path of the calls of the signed-in application, below the version
    calls_of_application : the same with the application named, where the version has it
    server_generated : properties of a call that the service sets; they are never sent
    unknown : properties of a call that the version does not know, another one does; they are never sent
    call : how the body that creates a call is written
    phone_caller : the kind of identity that a caller of phones must be, where the version says one
    media_needed : whether a call must say who handles its media
    media_configs : the types of ``mediaConfig`` that the version has, without their namespace
    most_targets : how many may be called at once
    rings_at_once : whether several targets without a meeting are one call that rings everywhere, not a group call
    operations : path of each operation below the call, by Graph's name of it; a version may lack some
    bodies : how the body of an operation is written, by the same name
    limits : what the pages allow in such a body, by the same name
    """

    name: str
    calls: str
    calls_of_application: str | None
    server_generated: frozenset[str]
    unknown: frozenset[str] = frozenset()
    call: Shape = ANYTHING
    phone_caller: str | None = None
    media_needed: bool = False
    media_configs: tuple[str, ...] = ("serviceHostedMediaConfig", "appHostedMediaConfig", "noMediaConfig")
    most_targets: int = 25
    rings_at_once: bool = True
    operations: Mapping[str, str] = field(default_factory=dict)
    bodies: Mapping[str, Shape] = field(default_factory=dict)
    limits: Mapping[str, tuple[Limit, ...]] = field(default_factory=dict)

    def calls_path(self, application_id: str | None = None) -> str:
        """Path to create a call, or that of an application by its id, where the version has one.

        >>> from graphcall_nb.versions import get_version
        >>> get_version("beta").calls_path("8A34A46B")
        '/beta/applications/8A34A46B/calls'
        >>> get_version("v1.0").calls_path()
        '/v1.0/communications/calls'
        """
        if application_id is None:
            return f"/{self.name}{self.calls}"
        if self.calls_of_application is None:
            raise ValueError(f"{self.name} has no path that names the application; leave application_id out.")
        return f"/{self.name}{self.calls_of_application.format(id=_quoted(application_id=application_id))}"

    def call_path(self, call_id: str) -> str:
        """Path of one call."""
        return f"{self.calls_path()}/{_quoted(call_id=call_id)}"

    def operation_path(self, operation: str, call_id: str, participant_id: str = "") -> str:
        """Path of an operation on a call, or on one of its participants.

        Raises
        ------
        IllegalAction
            When the version has no such operation.

        >>> from graphcall_nb.versions import get_version
        >>> get_version("beta").operation_path("recordResponse", "57")
        '/beta/app/calls/57/record'
        """
        if operation not in self.operations:
            raise IllegalAction(f"{self.name} has no {operation}, another version has. Nothing was sent.")
        below = self.operations[operation]
        if "{participant_id}" in below:
            below = below.format(participant_id=_quoted(participant_id=participant_id))
        return self.call_path(call_id) + below

    def write_body(self, operation: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The body of an operation: what was set, without what the version does not know.

        Raises
        ------
        InvalidCall
            When it breaks a limit of Graph's page; ``problems`` holds each field with its remedy.
        """
        problems = [problem for limit in self.limits.get(operation, ()) for problem in limit(body)]
        if problems:
            told = " ".join(f"{field}: {advice}" for field, advice in problems)
            raise InvalidCall(f"{operation} was not sent. {told}", problems=problems)
        written: dict[str, Any] = self.bodies.get(operation, ANYTHING).write(body)
        return written

    def write_call(self, call: Call) -> dict[str, Any]:
        """The body that creates a call: what was set, without what only the service sets or the version does not know.

        Where a version lets only an application instance call phones (``phone_caller``), a caller that is given as an
        ``application`` is written as one: nothing else could be meant.
        """
        body: dict[str, Any] = self.call.write(call.to_json_dict())
        body = {name: value for name, value in body.items() if name not in self.server_generated | self.unknown}
        return _as_caller_of_phones(body, self.phone_caller) if self.phone_caller else body


def _quoted(**given: str) -> str:
    """An id as a part of a path, by the name of its parameter."""
    ((name, id),) = given.items()
    return quote(
        require_text(name, id, f"the id of {'an' if name[0] == 'a' else 'a'} {name.removesuffix('_id')}"), safe=""
    )


def _as_caller_of_phones(body: dict[str, Any], kind: str) -> dict[str, Any]:
    targets: list[dict[str, Any]] = body.get("targets") or []
    source: dict[str, Any] = body.get("source") or {}
    identity = source.get("identity") or {}
    phones = any((target.get("identity") or {}).get("phone") for target in targets)
    if not phones or identity.keys() & {"application", kind} != {"application"}:
        return body
    require_text = {kind if name == "application" else name: value for name, value in identity.items()}
    return body | {"source": source | {"identity": require_text}}


_ANNOTATIONS = frozenset({"@odata.context", "@odata.etag", "@odata.id"})

# Marked "Server generated" on the page of the call resource, or read-only there.
_GENERATED = _ANNOTATIONS | {
    "activeModalities",
    "answeredBy",
    "callRoutes",
    "direction",
    "id",
    "myParticipantId",
    "resultInfo",
    "state",
    "terminationReason",
    "toneInfo",
}

# Below the path of the call; what both versions spell alike.
_OPERATIONS = {
    "answer": "/answer",
    "reject": "/reject",
    "redirect": "/redirect",
    "transfer": "/transfer",
    "playPrompt": "/playPrompt",
    "recordResponse": "/recordResponse",
    "cancelMediaProcessing": "/cancelMediaProcessing",
    "subscribeToTone": "/subscribeToTone",
    "sendDtmfTones": "/sendDtmfTones",
    "mute": "/mute",
    "unmute": "/unmute",
    "keepAlive": "/keepAlive",
    "changeScreenSharingRole": "/changeScreenSharingRole",
    "updateRecordingStatus": "/updateRecordingStatus",
    "listParticipants": "/participants",
    "getParticipant": "/participants/{participant_id}",
    "inviteParticipants": "/participants/invite",
    "muteParticipant": "/participants/{participant_id}/mute",
    "removeParticipant": "/participants/{participant_id}",
}

_NEWER_INVITATION = frozenset({"countryCode", "hidden", "participantId", "removeFromDefaultAudioRoutingGroup"})
_OLD_INVITATION = Shape(left_out=_NEWER_INVITATION)

BETA = ApiVersion(
    name="beta",
    calls="/app/calls",
    calls_of_application="/applications/{id}/calls",
    server_generated=_GENERATED,
    operations=_OPERATIONS | {"recordResponse": "/record", "muteAll": "/participants/muteAll"},
    limits=LIMITS,
    bodies={
        "answer": Shape(left_out=frozenset({"participantCapacity"})),
        "reject": Shape(left_out=frozenset({"callbackUri"})),
        "redirect": Shape(left_out=frozenset({"callbackUri"}), members={"targets": _OLD_INVITATION}),
        "transfer": Shape(left_out=frozenset({"transferee"}), members={"transferTarget": _OLD_INVITATION}),
        "inviteParticipants": Shape(members={"participants": _OLD_INVITATION}),
    },
)
"""Beta as the page *Create call* of 2018 has it."""

_IDENTITY_SET = Shape("identitySet", others=Shape("identity"))
_PARTICIPANT = Shape("participantInfo", members={"identity": _IDENTITY_SET})
_INVITATION = Shape(
    "invitationParticipantInfo",
    # Published requests still send endpointType, which the metadata no longer names; so it may be sent.
    left_out=frozenset({"countryCode", "languageId", "region"}),
    members={"identity": _IDENTITY_SET},
)
_MEDIA_CONFIG = Shape(
    left_out=frozenset({"removeFromDefaultAudioGroup"}), members={"preFetchMedia": Shape("mediaInfo")}
)
_PROMPT = Shape(left_out=frozenset({"loop"}), members={"mediaInfo": Shape("mediaInfo")})

V1 = ApiVersion(
    name="v1.0",
    calls="/communications/calls",
    calls_of_application=None,
    server_generated=_GENERATED | {"callChainId", "incomingContext", "mediaState", "transcription"},
    unknown=frozenset({"meetingCapability", "ringingTimeoutInSeconds", "routingPolicies"}),
    phone_caller="applicationInstance",
    media_needed=True,
    media_configs=("serviceHostedMediaConfig", "appHostedMediaConfig"),
    most_targets=5,
    rings_at_once=False,
    call=Shape(
        "call",
        members={
            "source": _PARTICIPANT,
            "targets": _INVITATION,
            "mediaConfig": _MEDIA_CONFIG,
            "chatInfo": Shape("chatInfo"),
            "meetingInfo": Shape(members={"organizer": _IDENTITY_SET}),
            "callOptions": Shape("outgoingCallOptions"),
        },
    ),
    operations=_OPERATIONS,
    limits=NEWER_LIMITS,
    bodies={
        "answer": Shape(members={"mediaConfig": _MEDIA_CONFIG, "callOptions": Shape("incomingCallOptions")}),
        "redirect": Shape(
            left_out=frozenset({"maskCallee", "maskCaller", "targetDisposition"}), members={"targets": _INVITATION}
        ),
        "transfer": Shape(members={"transferTarget": _INVITATION, "transferee": _PARTICIPANT}),
        "playPrompt": Shape(left_out=frozenset({"loop"}), members={"prompts": _PROMPT}),
        "recordResponse": Shape(left_out=frozenset({"streamWhileRecording"}), members={"prompts": _PROMPT}),
        "cancelMediaProcessing": Shape(left_out=frozenset({"all"})),
        "inviteParticipants": Shape(members={"participants": _INVITATION}),
    },
)
"""v1.0, the version that Microsoft supports."""

VERSIONS: dict[str, ApiVersion] = {version.name: version for version in (BETA, V1)}

DEFAULT = BETA.name
"""What is spoken where nobody says: that of the document whose calls the templates are."""

PRODUCTION = V1.name
"""What a real tenant is spoken to in where nobody says."""


def get_version(version: str | ApiVersion) -> ApiVersion:
    """A version by its name.

    Raises
    ------
    ValueError
        When there is none of that name; the message lists those there are.
    """
    if isinstance(version, ApiVersion):
        return version
    return VERSIONS[require_choice("version", version, VERSIONS)]


def version_from_url(url: str) -> ApiVersion:
    """The version in which a request was sent to this address; the default one when it says none."""
    return next((version for name, version in VERSIONS.items() if f"/{name}/" in url), VERSIONS[DEFAULT])
