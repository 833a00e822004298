"""What a dialect is: what a path and a body look like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from ..errors import IllegalAction, InvalidCall
from ..models import Call
from ..slips import named
from .limits import Limit
from .shapes import ANYTHING, Shape


@dataclass(frozen=True)
class Dialect:
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

        >>> from graphcall_nb.dialects import get_dialect
        >>> get_dialect("beta").calls_path("8A34A46B")
        '/beta/applications/8A34A46B/calls'
        >>> get_dialect("v1.0").calls_path()
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

        >>> from graphcall_nb.dialects import get_dialect
        >>> get_dialect("beta").operation_path("recordResponse", "57")
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
    return quote(named(name, id, f"the id of {'an' if name[0] == 'a' else 'a'} {name.removesuffix('_id')}"), safe="")


def _as_caller_of_phones(body: dict[str, Any], kind: str) -> dict[str, Any]:
    targets: list[dict[str, Any]] = body.get("targets") or []
    source: dict[str, Any] = body.get("source") or {}
    identity = source.get("identity") or {}
    phones = any((target.get("identity") or {}).get("phone") for target in targets)
    if not phones or identity.keys() & {"application", kind} != {"application"}:
        return body
    named = {kind if name == "application" else name: value for name, value in identity.items()}
    return body | {"source": source | {"identity": named}}
