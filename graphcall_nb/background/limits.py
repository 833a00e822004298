"""Limits of a server: sizes, times and numbers of connections, which hold before an application sees a request."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Protocol

MAX_CONNECTIONS = 512
"""Largest number of open connections; fewer where a process may open fewer than twice as many files."""

MIN_CONNECTIONS = 16

NEVER = math.inf
"""Deadline of a connection that waits for the application."""


def compute_max_connections() -> int:
    """Return the number of connections that leaves half of the process's file descriptors to others."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return MAX_CONNECTIONS
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MAX_CONNECTIONS if soft < 0 else max(MIN_CONNECTIONS, min(MAX_CONNECTIONS, soft // 2))


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Limits of a server.

    Attributes
    ----------
    url_bytes : length of path and query
    header_bytes : length of all headers of a request, the URL included
    headers : number of headers of a request
    body_bytes : length of a body; applications may accept less
    framing_bytes : length of everything around a chunked body (sizes, extensions, trailers), besides the body's length
    buffered_bytes : length of all bodies together whose requests have no response yet
    waiting_requests : requests of one connection that wait for the response to an earlier one
    header_seconds : time until the headers of a request are complete
    body_seconds : time until a body is complete
    idle_seconds : time between two requests; clients close idle connections earlier, so they do not write to a closed
        one
    unread_seconds : time in which a client must read some of a response
    connections : open connections
    connections_per_peer : open connections of one other machine. This machine has no such limit, because tunnels and
        proxies connect from it
    """

    url_bytes: int = 8 << 10
    header_bytes: int = 32 << 10
    headers: int = 100
    body_bytes: int = 4 << 20
    framing_bytes: int = 16 << 10
    buffered_bytes: int = 32 << 20
    waiting_requests: int = 32
    header_seconds: float = 15
    body_seconds: float = 30
    idle_seconds: float = 75
    unread_seconds: float = 30
    connections: int = field(default_factory=compute_max_connections)
    connections_per_peer: int = MAX_CONNECTIONS // 2


class Connection(Protocol):
    """A connection of a server, as :class:`Connections` sees it.

    Attributes
    ----------
    peer : address of the other end, without its port
    is_busy : True while the application works on a complete request
    deadline : time of the event loop after which the connection is closed
    buffered_bytes : length of the body that waits for the application
    """

    peer: str
    buffered_bytes: int

    @property
    def deadline(self) -> float: ...
    @property
    def is_busy(self) -> bool: ...

    def abort(self) -> None:
        """Close the connection at once."""


class Connections:
    """The open connections of a server. If there are too many, the one that was not used for longest is closed.

    It is selected among the connections of the peer that has most, so one sender cannot keep others out.

    Attributes
    ----------
    buffered_bytes : length of all bodies that wait for the application

    Parameters
    ----------
    limits : limits of the server
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.buffered_bytes = 0
        self._by_peer: dict[str, OrderedDict[Connection, None]] = {}
        """Connections of each peer; the one that was used last comes last."""

    def __len__(self) -> int:
        return sum(map(len, self._by_peer.values()))

    def __iter__(self) -> Iterator[Connection]:
        return (connection for connections in list(self._by_peer.values()) for connection in list(connections))

    def add(self, connection: Connection) -> bool:
        """Add a new connection and return True; return False if every other one is in use."""
        own = self._by_peer.get(connection.peer, OrderedDict())
        if len(own) >= self.limits.connections_per_peer and not _is_loopback(connection.peer):
            candidates = own
        elif len(self) >= self.limits.connections:
            candidates = max(self._by_peer.values(), key=len)
        else:
            candidates = None
        if candidates is not None:
            unused = next((other for other in candidates if not other.is_busy), None)
            if unused is None:
                return False
            self.remove(unused)
            unused.abort()
        self._by_peer.setdefault(connection.peer, OrderedDict())[connection] = None
        return True

    def mark_used(self, connection: Connection) -> None:
        """Make a connection the last one to be closed."""
        own = self._by_peer.get(connection.peer)
        if own is not None and connection in own:
            own.move_to_end(connection)

    def remove(self, connection: Connection) -> None:
        """Remove a connection; removing it twice is allowed."""
        self.release(connection)
        own = self._by_peer.get(connection.peer)
        if own is not None:
            own.pop(connection, None)
            if not own:
                del self._by_peer[connection.peer]

    def buffer(self, connection: Connection, length_bytes: int) -> None:
        """Count a part of a body; close the connection with the longest body if all together are too long."""
        connection.buffered_bytes += length_bytes
        self.buffered_bytes += length_bytes
        if self.buffered_bytes > self.limits.buffered_bytes:
            longest = max(self, key=lambda other: other.buffered_bytes, default=connection)
            self.remove(longest)
            longest.abort()

    def release(self, connection: Connection) -> None:
        """Count the body of a connection no longer."""
        self.buffered_bytes -= connection.buffered_bytes
        connection.buffered_bytes = 0

    def close_expired(self, now: float) -> None:
        """Close the connections whose time is over."""
        for connection in self:
            if connection.deadline < now:
                self.remove(connection)
                connection.abort()


def _is_loopback(peer: str) -> bool:
    try:
        return ip_address(peer).is_loopback
    except ValueError:
        return True  # without an address: a socket of this machine
