"""Versions of the API: paths, shapes and limits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from urllib.parse import quote

from .._arguments import require_choice, require_text
from ..errors import IllegalAction, InvalidCall
from .models import Call
from .operations import Action

PREFIX = "#microsoft.graph."
_PATH_IDS = re.compile(r"{(\w+)}")

VersionName = Literal["beta-2018", "beta", "v1.0"]
"""Names of the versions."""


@dataclass(frozen=True)
class Shape:
    """Format of one object in a version of the API.

    Attributes
    ----------
    type_name : str or None
        The ``@odata.type`` to add, if the object does not have one.
    left_out : frozenset of str
        Fields that are never written: the version does not have them, or the service sets them.
    members : mapping of str to Shape
        Formats of inner objects by name; for an array, that of its items.
    others : Shape or None
        Format of the other inner objects.

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
        """Return a copy of a JSON value in this format."""
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
"""Writes a value as it is."""


@dataclass(frozen=True)
class ApiVersion:
    """Paths and formats of one version of the API.

    Attributes
    ----------
    name : str
        The version: ``"v1.0"``, ``"beta"`` for today's beta, or ``"beta-2018"`` for the page *Create call* of 2018.
    base : str
        The first part of each path, ``"v1.0"`` or ``"beta"``, by which :mod:`.operations` knows the version.
    calls : str
        Path of the calls, below the version.
    calls_of_application : str or None
        The same with the id of an application, if the version has it.
    server_generated : frozenset of str
        Fields of a call that the service sets; they are never sent.
    unknown : frozenset of str
        Fields of a call that only other versions have; they are never sent.
    call : Shape
        Format of the body that creates a call.
    phone_caller : str or None
        Kind of identity that a caller of phones must have.
    media_needed : bool
        True when a call must have a ``mediaConfig``.
    meeting_tenant_needed : bool
        True when a call that joins a meeting should have a tenant, as the examples of the version have.
    media_configs : tuple of str
        Types of ``mediaConfig`` without their namespace.
    most_targets : int
        Largest number of targets of a call.
    rings_at_once : bool
        True when several targets without a meeting ring simultaneously; otherwise they form a group call.
    action_fields : mapping of str to Shape
        Formats of fields in the bodies of actions.
    """

    name: VersionName
    base: str
    calls: str
    calls_of_application: str | None
    server_generated: frozenset[str]
    unknown: frozenset[str] = frozenset()
    call: Shape = ANYTHING
    phone_caller: str | None = None
    media_needed: bool = False
    meeting_tenant_needed: bool = False
    media_configs: tuple[str, ...] = ("serviceHostedMediaConfig", "appHostedMediaConfig", "noMediaConfig")
    most_targets: int = 25
    rings_at_once: bool = True
    action_fields: Mapping[str, Shape] = field(default_factory=dict)

    def calls_path(self, application_id: str | None = None) -> str:
        """Return the path of the calls, or of the calls of an application by its id.

        Raises
        ------
        ValueError
            When the version does not have a path with an application.

        Examples
        --------
        >>> get_version("beta-2018").calls_path("8A34A46B")
        '/beta/applications/8A34A46B/calls'
        >>> get_version("v1.0").calls_path()
        '/v1.0/communications/calls'
        """
        if application_id is None:
            return f"/{self.base}{self.calls}"
        if self.calls_of_application is None:
            raise ValueError(f"{self.name} does not have a path with an application; remove application_id.")
        return f"/{self.base}{self.calls_of_application.format(id=_quote(application_id=application_id))}"

    def call_path(self, call_id: str) -> str:
        """Return the path of one call."""
        return f"{self.calls_path()}/{_quote(call_id=call_id)}"

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
        '/beta/communications/calls/57/record'
        """
        path = action.path_in(self.base)
        if path is None:
            versions = " and ".join(sorted(action.versions))
            raise IllegalAction(f"{self.name} does not have {action.name}; use version {versions}. Nothing was sent.")
        ids = {name: getattr(action, name) for name in _PATH_IDS.findall(path)}
        path = path.format(**{name: _quote(**{name: id_}) for name, id_ in ids.items()})
        return (self.call_path(call_id) if action.is_below_call else self.calls_path()) + path

    def write_action(self, action: Action) -> dict[str, Any]:
        """Return the body of an action: the fields that are set and that the version has.

        Raises
        ------
        InvalidCall
            When the body breaks a limit of Graph's page; ``problems`` holds each field with advice.
        """
        problems = list(action.find_problems(self.base))
        if problems:
            lines = " ".join(f"{field}: {advice}" for field, advice in problems)
            raise InvalidCall(f"{action.name} was not sent. {lines}", problems=problems)
        written: dict[str, Any] = Shape(members=self.action_fields).write(action.to_version_dict(self.base))
        return written

    def write_call(self, call: Call) -> dict[str, Any]:
        """Return the body that creates a call, without fields that the service sets or that the version does not have.

        If only an application instance may call phones (``phone_caller``), a caller of the kind ``application`` is
        written as one, since the service would refuse it otherwise.
        """
        body: dict[str, Any] = self.call.write(call.to_json_dict())
        body = {name: value for name, value in body.items() if name not in self.server_generated | self.unknown}
        return _rename_phone_caller(body, self.phone_caller) if self.phone_caller else body


def _quote(**ids: str) -> str:
    """Return an id as a part of a path, from a keyword argument with the name of the parameter."""
    ((name, id),) = ids.items()
    return quote(
        require_text(name, id, f"the id of {'an' if name[0] == 'a' else 'a'} {name.removesuffix('_id')}"), safe=""
    )


def _rename_phone_caller(body: dict[str, Any], kind: str) -> dict[str, Any]:
    targets: list[dict[str, Any]] = body.get("targets") or []
    source: dict[str, Any] = body.get("source") or {}
    identity = source.get("identity") or {}
    phones = any((target.get("identity") or {}).get("phone") for target in targets)
    if not phones or identity.keys() & {"application", kind} != {"application"}:
        return body
    renamed = {kind if name == "application" else name: value for name, value in identity.items()}
    return body | {"source": source | {"identity": renamed}}


_ANNOTATIONS = frozenset({"@odata.context", "@odata.etag", "@odata.id"})

# "Server generated" or read-only on the page of the call resource.
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

BETA_2018 = ApiVersion(
    name="beta-2018",
    base="beta",
    calls="/app/calls",
    calls_of_application="/applications/{id}/calls",
    server_generated=_GENERATED,
    action_fields=dict.fromkeys(("targets", "transferTarget", "participants"), _OLD_INVITATION),
)
"""Beta as on the page *Create call* of 2018."""

_IDENTITY_SET = Shape("identitySet", others=Shape("identity"))
_PARTICIPANT = Shape("participantInfo", members={"identity": _IDENTITY_SET})
_INVITATION = Shape(
    "invitationParticipantInfo",
    # Published requests have endpointType, which the metadata no longer has, so it may be sent.
    left_out=frozenset({"countryCode", "languageId", "region"}),
    members={"identity": _IDENTITY_SET},
)
_BETA_MEDIA_CONFIG = Shape(members={"preFetchMedia": Shape("mediaInfo")})
_MEDIA_CONFIG = replace(_BETA_MEDIA_CONFIG, left_out=frozenset({"removeFromDefaultAudioGroup"}))
_BETA_PROMPT = Shape(members={"mediaInfo": Shape("mediaInfo")})
_PROMPT = replace(_BETA_PROMPT, left_out=frozenset({"loop"}))

V1 = ApiVersion(
    name="v1.0",
    base="v1.0",
    calls="/communications/calls",
    calls_of_application=None,
    server_generated=_GENERATED | {"callChainId", "incomingContext", "mediaState", "transcription"},
    unknown=frozenset({"meetingCapability", "ringingTimeoutInSeconds", "routingPolicies"}),
    phone_caller="applicationInstance",
    media_needed=True,
    meeting_tenant_needed=True,
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

BETA = replace(
    V1,
    name="beta",
    base="beta",
    unknown=frozenset(),
    media_needed=False,
    meeting_tenant_needed=False,
    media_configs=BETA_2018.media_configs,
    call=replace(V1.call, members={**V1.call.members, "mediaConfig": _BETA_MEDIA_CONFIG}),
    action_fields={
        **V1.action_fields,
        "mediaConfig": _BETA_MEDIA_CONFIG,
        "prompts": _BETA_PROMPT,
        "customPrompt": _BETA_PROMPT,
    },
)
"""Today's beta: v1.0 with the fields that only beta has."""

VERSIONS: dict[VersionName, ApiVersion] = {version.name: version for version in (BETA_2018, BETA, V1)}

DEFAULT: VersionName = BETA_2018.name
"""Default version: the one of the documented examples."""

PRODUCTION: VersionName = V1.name
"""Default version for ``connect()``."""


def get_version(version: str | ApiVersion) -> ApiVersion:
    """Return a version by its name.

    Raises
    ------
    ValueError
        For an unknown name; the message lists the known ones.
    """
    if isinstance(version, ApiVersion):
        return version
    return VERSIONS[require_choice("version", version, VERSIONS)]


def version_from_url(url: str) -> ApiVersion:
    """Return the version in the URL of a request, or the default version."""
    versions = VERSIONS.values()
    by_path = (version for version in versions if version.calls_path() in url)
    by_base = (version for version in versions if f"/{version.base}/" in url)
    return next(by_path, None) or next(by_base, VERSIONS[DEFAULT])
