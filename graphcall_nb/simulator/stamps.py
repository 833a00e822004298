"""The bearer tokens of notifications: made once, used until they near their end."""

from __future__ import annotations

from collections.abc import Callable

from .keys import SigningKey

ISSUER = "https://graph.microsoft.com"
LIFETIME_SECONDS = 3900
RENEWED_SECONDS = 600
"""A token that lives no longer than this is replaced."""


class CallbackTokens:
    """Signs for whom a notification is meant. One token serves many notifications, so a listener can remember it."""

    def __init__(
        self, tenant_id: str, clock: Callable[[], float], new_key: Callable[[], SigningKey] = SigningKey
    ) -> None:
        self._tenant_id = tenant_id
        self._clock = clock
        self._made: dict[str, tuple[str, float]] = {}
        self.key = new_key()

    def token(self, application_id: str) -> str:
        now = self._clock()
        token, end = self._made.get(application_id, ("", 0.0))
        if end - now <= RENEWED_SECONDS:
            token, end = self._sign(application_id, int(now)), int(now) + LIFETIME_SECONDS
            self._made[application_id] = token, end
        return token

    def _sign(self, application_id: str, now: int) -> str:
        return self.key.sign(
            {
                "iss": ISSUER,
                "aud": application_id,
                "tid": self._tenant_id,
                "iat": now,
                "nbf": now,
                "exp": now + LIFETIME_SECONDS,
            }
        )
