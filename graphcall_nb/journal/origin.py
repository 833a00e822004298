"""Origin of a journal: the service whose calls it holds, and the session that began it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from ..errors import JournalError
from ..graph.versions import VERSIONS
from .database import MICROSOFT, MIXED, SIMULATED, about, find_service

_NAMES = {
    "service": "service",
    "tenant_id": "tenant_id",
    "version": "api_version",
    "package_version": "package_version",
    "began_at": "began_at",
}
"""Name in the table ``about`` of each attribute; ``version`` is there the version of the tables."""

DESCRIPTIONS = {
    SIMULATED: "simulated calls",
    MICROSOFT: "calls of Microsoft Graph",
    MIXED: "simulated calls together with calls of Microsoft Graph",
}


@dataclass(frozen=True)
class Origin:
    """Origin of a journal. A value that is not known is ``None``.

    Attributes
    ----------
    service : ``simulated``, ``microsoft``, or ``mixed`` for a journal of an earlier version that holds calls of both
    tenant_id : tenant of the session that began it
    version : API version of that session
    package_version : version of graphcall_nb that began it
    began_at : time of the begin, UTC

    Examples
    --------
    >>> Origin("simulated", version="beta").to_rows()
    {'service': 'simulated', 'api_version': 'beta'}
    """

    service: str | None = None
    tenant_id: str | None = None
    version: str | None = None
    package_version: str | None = None
    began_at: datetime | None = None

    def to_rows(self) -> dict[str, str]:
        """Return the values that are known, by their names in the table ``about``."""
        began_at = self.began_at.isoformat() if self.began_at else None
        values = {name: getattr(self, name) for name in _NAMES} | {"began_at": began_at}
        return {_NAMES[name]: value for name, value in values.items() if value is not None}

    @classmethod
    def from_rows(cls, rows: Mapping[str, str]) -> Origin:
        """Return the origin from the rows of the table ``about``; a value that cannot be read is left out."""
        values = {name: rows.get(stored) for name, stored in _NAMES.items()}
        values["service"] = values["service"] if values["service"] in DESCRIPTIONS else None
        values["version"] = values["version"] if values["version"] in VERSIONS else None
        return cls(**values | {"began_at": _parse_time(values["began_at"])})  # type: ignore[arg-type]


def _parse_time(text: str | None) -> datetime | None:
    try:
        at = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return at if at.tzinfo else None


def read_origin(connection: sa.Connection) -> Origin:
    """Return the origin of a journal. Without a note of its service, the addresses of its requests name it."""
    origin = Origin.from_rows({row.name: row.value for row in connection.execute(sa.select(about))})
    return origin if origin.service else replace(origin, service=find_service(connection))


def claim(connection: sa.Connection, origin: Origin, url: str) -> None:
    """Note the origin of a journal that has none, or check that a session belongs to it.

    Parameters
    ----------
    connection : to the database, locked
    origin : of the session
    url : name of the journal in errors

    Raises
    ------
    JournalError
        If the journal holds calls of another service.
    """
    service = read_origin(connection).service
    if None not in (service, origin.service) and service != origin.service:
        raise JournalError(
            f"The journal {url} holds {DESCRIPTIONS[service or '']}, and this session makes "
            f"{DESCRIPTIONS[origin.service or '']}; choose another journal, or read it with "
            "graphcall_nb.open_journal()."
        )
    noted = set(connection.execute(sa.select(about.c.name)).scalars())
    rows = [{"name": name, "value": value} for name, value in origin.to_rows().items() if name not in noted]
    if rows:
        connection.execute(about.insert(), rows)
