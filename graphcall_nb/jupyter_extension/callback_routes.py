"""Callback routes: secret paths, the ports they lead to, their expiry and their rate limits. No I/O."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

SECRET = re.compile(r"[A-Za-z0-9_-]{43,128}")
"""At least 256 bits, in characters that a URL path may contain."""

MAX_TTL_SECONDS = 3600.0
MAX_ROUTES = 256

REQUESTS_PER_SECOND = 100.0
"""Sustained rate of one route; a call sends a few requests a second."""

MAX_BURST = 300.0
"""Requests that one route accepts at once."""

MAX_PENDING_REQUESTS = 20
"""Unanswered requests of one route; more are refused, so that one hung kernel cannot use up the shared client."""

ALLOWED_PORTS = range(1024, 65536)
"""Unprivileged ports; a listener runs as an ordinary user."""


class InvalidRegistration(ValueError):
    """A registration that is refused; the message has the reason."""


@dataclass
class CallbackRoute:
    """A secret path and the port to which it leads.

    Attributes
    ----------
    secret : unguessable part of the path
    port : port of the listener on this machine
    expires_at : time of expiry, on the clock of :class:`CallbackRoutes`
    tokens : requests that the rate limit allows at ``refilled_at``
    refilled_at : time of the last update of ``tokens``
    request_count : accepted requests
    pending_count : accepted requests without a response yet
    """

    secret: str
    port: int
    expires_at: float
    tokens: float
    refilled_at: float
    request_count: int = 0
    pending_count: int = 0


class CallbackRoutes:
    """The callback routes of one Jupyter server.

    A name keeps its secret while the server runs, also after its route was closed or has expired. So a restarted kernel
    gets the URL again that calls in progress use as their callback.

    Parameters
    ----------
    own_port : the server's own port, to which no route may lead
    requests_per_second, max_burst : rate limit of each route
    clock : returns monotonic seconds
    """

    def __init__(
        self,
        own_port: int,
        *,
        requests_per_second: float = REQUESTS_PER_SECOND,
        max_burst: float = MAX_BURST,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._own_port = own_port
        self._requests_per_second = requests_per_second
        self._max_burst = max_burst
        self._clock = clock
        self._by_name: dict[str, CallbackRoute] = {}

    def register(self, name: str, port: int, ttl: float, secret: str | None = None) -> CallbackRoute:
        """Open or renew a route.

        Parameters
        ----------
        name : name of the route, for example the id of a kernel
        port : port of the listener on this machine
        ttl : seconds until the route expires
        secret : secret of the route before the server was restarted; ``None`` for a new one

        Raises
        ------
        InvalidRegistration
            When a value is out of its range, the secret belongs to another name, or too many routes are open.
        """
        if port not in ALLOWED_PORTS or port == self._own_port:
            raise InvalidRegistration(f"port must be from 1024 to 65535 and not the server's own, {self._own_port}")
        if not 0 < ttl <= MAX_TTL_SECONDS:
            raise InvalidRegistration(f"ttl must be more than 0 and at most {MAX_TTL_SECONDS:g} seconds")
        if secret is not None and not SECRET.fullmatch(secret):
            raise InvalidRegistration("secret must have 43 to 128 letters, digits, hyphens and underscores")
        now = self._clock()
        route = self._by_name.get(name) or self._create(name, secret, now)
        route.port, route.expires_at = port, now + ttl
        return route

    def _create(self, name: str, secret: str | None, now: float) -> CallbackRoute:
        if secret is not None and self._find_secret(secret):
            raise InvalidRegistration("secret belongs to another name")
        if len(self._by_name) >= MAX_ROUTES:
            self._remove_expired(now)
        if len(self._by_name) >= MAX_ROUTES:
            raise InvalidRegistration(f"{MAX_ROUTES} callback routes are open already; close sessions you do not need")
        route = CallbackRoute(secret or secrets.token_urlsafe(32), 0, now, self._max_burst, now)
        self._by_name[name] = route
        return route

    def _remove_expired(self, now: float) -> None:
        self._by_name = {name: route for name, route in self._by_name.items() if route.expires_at > now}

    def close(self, name: str) -> None:
        """Close a route; its name keeps the secret."""
        if name in self._by_name:
            self._by_name[name].expires_at = self._clock()

    def find(self, secret: str) -> CallbackRoute | None:
        """Return the open route with a secret."""
        route = self._find_secret(secret)
        return route if route and route.expires_at > self._clock() else None

    def _find_secret(self, secret: str) -> CallbackRoute | None:
        # Each is compared in constant time, so that the duration of a response reveals nothing about a secret.
        candidate = secret.encode()
        return next((r for r in self._by_name.values() if secrets.compare_digest(r.secret.encode(), candidate)), None)

    def admit(self, route: CallbackRoute) -> bool:
        """Count a request and return whether its limits allow it; then call :meth:`release` after the response."""
        now = self._clock()
        refill = (now - route.refilled_at) * self._requests_per_second
        route.tokens = min(self._max_burst, route.tokens + refill)
        route.refilled_at = now
        if route.tokens < 1 or route.pending_count >= MAX_PENDING_REQUESTS:
            return False
        route.tokens -= 1
        route.request_count += 1
        route.pending_count += 1
        return True

    def release(self, route: CallbackRoute) -> None:
        """End a request that :meth:`admit` allowed."""
        route.pending_count -= 1

    def describe(self) -> list[dict[str, str | int | float]]:
        """Return the open routes as JSON, without their secrets."""
        now = self._clock()
        return [
            {
                "name": name,
                "port": route.port,
                "seconds_left": round(route.expires_at - now, 1),
                "requests": route.request_count,
            }
            for name, route in self._by_name.items()
            if route.expires_at > now
        ]
