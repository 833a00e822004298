"""Changes of a roster, for a bot that asked for changes instead of whole rosters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

_VOLATILE_MEMBERS = frozenset({"@odata.etag"})
REMOVAL_REASON = "Removed"


@dataclass(slots=True)
class DeltaRoster:
    """The participants that a bot was last notified of.

    Attributes
    ----------
    number : int
        Sequence number of the last update; the first one has 1.
    participants : dict
        The participants by id, as they were last notified.
    numbers : dict
        Sequence number of the last update of each participant, by id.
    """

    number: int = 0
    participants: dict[str, dict[str, Any]] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)

    def update(self, roster: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
        """Return the ``deltaParticipants`` that leads to a whole roster, or ``None`` if nothing changed."""
        present = {each["id"]: each for each in roster}
        changed = [each for id_, each in present.items() if _strip(each) != _strip(self.participants.get(id_, {}))]
        removed = [
            each | {"removedState": {"@odata.type": "#microsoft.graph.removedState", "reason": REMOVAL_REASON}}
            for id_, each in self.participants.items()
            if id_ not in present
        ]
        if not changed and not removed:
            return None
        self.number += 1
        self.participants = present
        self.numbers |= {each["id"]: self.number for each in changed}
        return {
            "@odata.type": "#microsoft.graph.deltaParticipants",
            "sequenceNumber": self.number,
            "participants": [self.add_number(each, self.number) for each in [*changed, *removed]],
        }

    def add_number(self, participant: Mapping[str, Any], number: int | None = None) -> dict[str, Any]:
        """Return a participant with a ``rosterSequenceNumber``, by default that of the participant's last update."""
        number = self.numbers.get(participant["id"]) if number is None else number
        if number is None:
            return dict(participant)
        members = {name: value for name, value in participant.items() if name != "id"}
        return members | {"rosterSequenceNumber": number, "id": participant["id"]}


def _strip(participant: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in participant.items() if name not in _VOLATILE_MEMBERS}
