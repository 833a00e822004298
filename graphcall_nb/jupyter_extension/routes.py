"""The entrances: which secret leads to which port, for how long, how often. No I/O."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

SECRET = re.compile(r"[A-Za-z0-9_-]{43,128}")
"""At least 256 bits, in characters that a path may have."""

LONGEST_TTL = 3600.0
MOST_ROUTES = 256

PER_SECOND = 100.0
"""How many requests a route takes for long; a call makes a few a second."""

BURST = 300.0
"""How many requests a route takes at once."""

MOST_IN_FLIGHT = 20
"""Unanswered requests of one route; more are refused, so that one hung kernel cannot use up the shared client."""

PORTS = range(1024, 65536)
"""A listener has a port of an ordinary user's."""


class Unacceptable(ValueError):
    """A registration that is not taken; the message says why."""


@dataclass
class Route:
    """One entrance."""

    secret: str
    port: int
    expires_at: float
    tokens: float
    refilled_at: float
    requests: int = 0
    in_flight: int = 0


class Routes:
    """The entrances of one server.

    A name keeps its secret while the server runs, also after its route is closed or has expired: so a restarted kernel
    gets the address back that the service has of its calls.

    Parameters
    ----------
    own_port : the server's own port, to which no route may lead
    per_second, burst : how many requests a route takes for long, and at once
    clock : seconds that only go forward
    """

    def __init__(
        self,
        own_port: int,
        *,
        per_second: float = PER_SECOND,
        burst: float = BURST,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._own_port = own_port
        self._per_second = per_second
        self._burst = burst
        self._clock = clock
        self._by_name: dict[str, Route] = {}

    def register(self, name: str, port: int, ttl: float, secret: str | None = None) -> Route:
        """Open or prolong an entrance.

        Parameters
        ----------
        name : whose entrance it is, for example the id of a kernel
        port : where the listener is, on this machine
        ttl : for how many seconds it is open
        secret : what the entrance had before the server was started anew; ``None`` to get one

        Raises
        ------
        Unacceptable
        """
        if port not in PORTS or port == self._own_port:
            raise Unacceptable(f"port must be from 1024 to 65535 and not the server's own, {self._own_port}")
        if not 0 < ttl <= LONGEST_TTL:
            raise Unacceptable(f"ttl must be more than 0 and at most {LONGEST_TTL:g} seconds")
        if secret is not None and not SECRET.fullmatch(secret):
            raise Unacceptable("secret must have 43 to 128 letters, digits, hyphens and underscores")
        now = self._clock()
        route = self._by_name.get(name) or self._new(name, secret, now)
        route.port, route.expires_at = port, now + ttl
        return route

    def _new(self, name: str, secret: str | None, now: float) -> Route:
        if secret is not None and self._of_secret(secret):
            raise Unacceptable("secret belongs to another name")
        if len(self._by_name) >= MOST_ROUTES:
            self._forget_the_expired(now)
        if len(self._by_name) >= MOST_ROUTES:
            raise Unacceptable(f"there are {MOST_ROUTES} routes already; close sessions that are not needed")
        route = self._by_name[name] = Route(secret or secrets.token_urlsafe(32), 0, now, self._burst, now)
        return route

    def _forget_the_expired(self, now: float) -> None:
        self._by_name = {name: route for name, route in self._by_name.items() if route.expires_at > now}

    def close(self, name: str) -> None:
        """Close an entrance; its name keeps the secret."""
        if name in self._by_name:
            self._by_name[name].expires_at = self._clock()

    def find(self, secret: str) -> Route | None:
        """The open entrance of a secret."""
        route = self._of_secret(secret)
        return route if route and route.expires_at > self._clock() else None

    def _of_secret(self, secret: str) -> Route | None:
        # Compared with each in constant time, so that an answer's duration tells nothing about a secret.
        given = secret.encode()
        return next((r for r in self._by_name.values() if secrets.compare_digest(r.secret.encode(), given)), None)

    def admit(self, route: Route) -> bool:
        """Count a request and return whether the route takes it; call :meth:`release` once it was answered."""
        now = self._clock()
        route.tokens = min(self._burst, route.tokens + (now - route.refilled_at) * self._per_second)
        route.refilled_at = now
        if route.tokens < 1 or route.in_flight >= MOST_IN_FLIGHT:
            return False
        route.tokens -= 1
        route.requests += 1
        route.in_flight += 1
        return True

    def release(self, route: Route) -> None:
        """End a request that :meth:`admit` took."""
        route.in_flight -= 1

    def describe(self) -> list[dict[str, str | int | float]]:
        """What can be told of the entrances: all but their secrets."""
        now = self._clock()
        return [
            {"name": name, "port": r.port, "seconds_left": round(r.expires_at - now, 1), "requests": r.requests}
            for name, r in self._by_name.items()
            if r.expires_at > now
        ]
