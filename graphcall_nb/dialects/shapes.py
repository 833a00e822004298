"""What an object looks like in a version of the API, as data: its type's name, and which members it has none of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

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
