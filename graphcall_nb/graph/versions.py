"""Versions of the API: paths, shapes and limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from .._arguments import require_choice, require_text
from ..errors import IllegalAction, InvalidCall
from .models import Call
from .operations import Action, ParticipantAction

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
    action_fields : how fields of the bodies of actions are written, by name
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
    action_fields: Mapping[str, Shape] = field(default_factory=dict)

    def calls_path(self, application_id: str | None = None) -> str:
        """Path to create a call, or that of an application by its id, where the version has one.

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

    def action_path(self, call_id: str, action: Action) -> str:
        """Return the path of an action on a call, or on one of its participants.

        Raises
        ------
        IllegalAction
            When the version does not have the action.

        Examples
        --------
        >>> from graphcall_nb.graph.operations import RecordResponse
        >>> get_version("beta").action_path("57", RecordResponse())
        '/beta/app/calls/57/record'
        """
        path = action.path_in(self.name)
        if path is None:
            versions = " and ".join(sorted(action.versions))
            raise IllegalAction(f"{self.name} does not have {action.name}; use version {versions}. Nothing was sent.")
        if isinstance(action, ParticipantAction):
            path = path.format(participant_id=_quoted(participant_id=action.participant_id))
        return self.call_path(call_id) + path

    def write_action(self, action: Action) -> dict[str, Any]:
        """Return the body of an action: the fields that are set and that the version has.

        Raises
        ------
        InvalidCall
            When the body breaks a limit of Graph's page; ``problems`` holds each field with advice.
        """
        problems = list(action.find_problems(self.name))
        if problems:
            lines = " ".join(f"{field}: {advice}" for field, advice in problems)
            raise InvalidCall(f"{action.name} was not sent. {lines}", problems=problems)
        written: dict[str, Any] = Shape(members=self.action_fields).write(action.to_version_dict(self.name))
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

_NEWER_INVITATION = frozenset({"countryCode", "hidden", "participantId", "removeFromDefaultAudioRoutingGroup"})
_OLD_INVITATION = Shape(left_out=_NEWER_INVITATION)

BETA = ApiVersion(
    name="beta",
    calls="/app/calls",
    calls_of_application="/applications/{id}/calls",
    server_generated=_GENERATED,
    action_fields=dict.fromkeys(("targets", "transferTarget", "participants"), _OLD_INVITATION),
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
    action_fields={
        "mediaConfig": _MEDIA_CONFIG,
        "callOptions": Shape("incomingCallOptions"),
        "targets": _INVITATION,
        "transferTarget": _INVITATION,
        "transferee": _PARTICIPANT,
        "participants": _INVITATION,
        "prompts": _PROMPT,
        "customPrompt": _PROMPT,
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
