"""The dialects as values: what a path and a body look like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ..models import Call

_ANNOTATIONS = frozenset({"@odata.context", "@odata.etag", "@odata.id"})


@dataclass(frozen=True)
class Dialect:
    """How one version of the API is spelled.

    Attributes
    ----------
    name : the version, which also begins each path: ``"beta"``
    calls : path of the calls of the signed-in application, below the version
    calls_of_application : the same with the application named, where the version has it
    server_generated : properties of a call that the service sets; they are never sent
    """

    name: str
    calls: str
    calls_of_application: str | None
    server_generated: frozenset[str]

    def calls_path(self, application_id: str | None = None) -> str:
        """Path to create a call: ``/beta/app/calls``, or that of an application by its id.

        >>> BETA.calls_path()
        '/beta/app/calls'
        >>> BETA.calls_path("8A34A46B")
        '/beta/applications/8A34A46B/calls'
        """
        if application_id is None:
            return f"/{self.name}{self.calls}"
        if self.calls_of_application is None:
            raise ValueError(f"{self.name} has no path that names the application; leave application_id out.")
        return f"/{self.name}{self.calls_of_application.format(id=quote(application_id, safe=''))}"

    def call_path(self, call_id: str) -> str:
        """Path of one call."""
        return f"{self.calls_path()}/{quote(call_id, safe='')}"

    def write_call(self, call: Call) -> dict[str, Any]:
        """The body that creates a call: what was set, without what only the service sets."""
        return {name: value for name, value in call.to_json_dict().items() if name not in self.server_generated}


BETA = Dialect(
    name="beta",
    calls="/app/calls",
    calls_of_application="/applications/{id}/calls",
    # Marked "Server generated" on beta's page of the call resource; the annotations are OData's own.
    server_generated=_ANNOTATIONS
    | {
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
    },
)

DIALECTS: dict[str, Dialect] = {BETA.name: BETA}


def get_dialect(dialect: str | Dialect) -> Dialect:
    """A dialect by its name.

    Raises
    ------
    ValueError
        When there is none of that name; the message lists those there are.
    """
    if isinstance(dialect, Dialect):
        return dialect
    try:
        return DIALECTS[dialect]
    except KeyError:
        raise ValueError(f"There is no dialect {dialect!r} here; choose from: {', '.join(DIALECTS)}.") from None
