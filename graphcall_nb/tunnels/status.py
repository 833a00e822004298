"""What is known of a tunnel at a moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import urlsplit

State = Literal["opening", "open", "lost", "reopening", "closed"]


@dataclass(frozen=True)
class Status:
    """The state of a tunnel, why it is so, and since when.

    Attributes
    ----------
    state : ``opening``, ``open``, ``lost``, ``reopening`` or ``closed``
    reason : why, in words that say what to do next where there is something to do
    since : when the state began, seconds since 1970
    url : the public address, kept while lost; it may hold a secret path, so the ``repr`` has its host only

    Examples
    --------
    >>> Status("open", "The tunnel is open.", 0.0, "https://hub.example.org/user/ann/graphcall/cb/hWq0")
    <Status open since 1970-01-01 00:00:00 UTC at https://hub.example.org/…: The tunnel is open.>
    """

    state: State
    reason: str
    since: float
    url: str | None = None

    def __repr__(self) -> str:
        since = datetime.fromtimestamp(self.since, UTC)
        where = f" at {without_path(self.url)}" if self.url else ""
        return f"<Status {self.state} since {since:%Y-%m-%d %H:%M:%S} UTC{where}: {self.reason}>"


def without_path(url: str) -> str:
    """A public address without its path, which may be a secret.

    Examples
    --------
    >>> without_path("https://bot.example.org")
    'https://bot.example.org'
    >>> without_path("https://hub.example.org/user/ann/graphcall/cb/hWq0")
    'https://hub.example.org/…'
    """
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}" + ("/…" if parts.path.strip("/") or parts.query else "")
