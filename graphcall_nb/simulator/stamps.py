"""The bearer tokens of notifications: made once, used until they near their end."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from .keys import SigningKey

ISSUER = "https://graph.microsoft.com"
LIFETIME_SECONDS = 3900
RENEWED_SECONDS = 600
"""A token that lives no longer than this is replaced."""

PUBLISHED_SECONDS = 1.0
"""A new key is published for so many real seconds before it signs, so that it can be had by then."""


class CallbackTokens:
    """Signs for whom a notification is meant. One token serves many notifications, so a listener can remember it.

    Attributes
    ----------
    keys : those that are published, the present one last
    """

    def __init__(
        self, tenant_id: str, clock: Callable[[], float], new_key: Callable[[], SigningKey] = SigningKey
    ) -> None:
        self._tenant_id = tenant_id
        self._clock = clock
        self._new_key = new_key
        self._made: dict[tuple[str, str, str], tuple[str, float]] = {}
        self._rolled_at = -float("inf")
        self.keys = [new_key()]

    def token(self, application_id: str, stamp: str = "") -> str:
        """The bearer for an application; with a ``stamp``, one that is to be refused, by the name of the fault."""
        now = self._clock()
        key = self.keys[-1] if now >= self._rolled_at + PUBLISHED_SECONDS else self.keys[0]
        token, end = self._made.get((application_id, stamp, key.id), ("", 0.0))
        if end - now <= RENEWED_SECONDS:
            token, end = self._sign(key, application_id, int(now), stamp), int(now) + LIFETIME_SECONDS
            self._made[application_id, stamp, key.id] = token, end
        return token

    def roll(self) -> None:
        """Publish another key beside the present one, and sign with it a moment later."""
        self.keys = [self.keys[-1], self._new_key()]
        self._rolled_at = self._clock()
        self._made.clear()

    def _sign(self, key: SigningKey, application_id: str, now: int, stamp: str) -> str:
        begin = now - (2 * LIFETIME_SECONDS if stamp == "token_expired" else 0)
        tenant = str(uuid.UUID(int=0)) if stamp == "token_of_another_tenant" else self._tenant_id
        return key.sign(
            {
                "iss": ISSUER,
                "aud": application_id,
                "tid": tenant,
                "iat": begin,
                "nbf": begin,
                "exp": begin + LIFETIME_SECONDS,
            }
        )
