"""How a version of Graph's calling API looks from outside, as data: addresses, ids, members, spellings.

Another version is another value here; nothing else of the simulator asks which one it serves.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .dice import upper_hex
from .switchboard import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """One version of the API.

    Attributes
    ----------
    collections : request paths of the calls; ``{application_id}`` may be in them
    resource : how a notification names a call
    resource_member : the member of a notification that holds it
    envelope, item : what a notification and each item of it carry besides
    entity_members : whether entities carry ``@odata.id`` and ``@odata.etag``
    server_generated : members that only the service sets, with their values in a new call
    relationships : members that have addresses of their own, so that neither side puts them into a call
    meeting_members : members that the ``established`` notification of a meeting repeats
    """

    name: str
    collections: tuple[str, ...]
    resource: str
    resource_member: str
    server_generated: Mapping[str, Any]
    relationships: frozenset[str]
    new_id: Callable[[random.Random], str]
    result: Callable[[Result], dict[str, Any]]
    envelope: Mapping[str, Any] = field(default_factory=dict)
    item: Mapping[str, Any] = field(default_factory=dict)
    entity_members: bool = True
    meeting_members: tuple[str, ...] = ("chatInfo", "meetingInfo")

    def accepted(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """What of a call its sender may set."""
        refused = self.server_generated.keys() | self.relationships
        return {name: value for name, value in body.items() if name not in refused}


def _text_result(result: Result) -> dict[str, Any]:
    return {"code": str(result.code), "subCode": str(result.subcode), "message": result.message}


BETA = Surface(
    name="beta",
    collections=("/beta/app/calls", "/beta/applications/{application_id}/calls"),
    resource="/app/calls/{call_id}",
    resource_member="resource",
    new_id=upper_hex,
    result=_text_result,
    server_generated={
        "id": None,
        "state": None,
        "direction": "outgoing",
        "activeModalities": [],
        "answeredBy": None,
        "callRoutes": [],
        "myParticipantId": None,
        "resultInfo": None,
        "terminationReason": None,
        "toneInfo": None,
    },
    relationships=frozenset({"audioRoutingGroups", "operations", "participants"}),
)

SURFACES: tuple[Surface, ...] = (BETA,)
