"""The tenant: its applications, what each may do, and the tokens that say so."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt

from .dice import Dice, guid, secret
from .keys import SigningKey

ROLES: tuple[str, ...] = (
    "Calls.Initiate.All",
    "Calls.InitiateGroupCall.All",
    "Calls.JoinGroupCall.All",
    "Calls.JoinGroupCallAsGuest.All",
    "Calls.AccessMedia.All",
)
"""The application permissions of calling."""

GRAPH = "https://graph.microsoft.com"
GRAPH_ID = "00000003-0000-0000-c000-000000000000"
AUTHORITY_HOST = "https://login.microsoftonline.com"
ACCESS_TOKEN_SECONDS = 3599
_REMEMBERED_TOKENS = 100


@dataclass(frozen=True, slots=True)
class Application:
    """An application that is registered in the tenant. ``roles`` are the permissions it was granted."""

    id: str
    name: str
    secret: str = field(repr=False)
    roles: tuple[str, ...] = ROLES
    certificate: str = ""
    """PEM, without the private key; empty where only the secret was registered."""


class TokenFault(Exception):
    """An access token that Graph does not accept; the message is Graph's own."""


class Tenant:
    """One tenant with its applications: the bot, one that nobody consented to, and as many others as are asked for.

    Parameters
    ----------
    id, client_id, client_secret : drawn from ``dice`` where they are ``None``
    client_certificate : PEM of the certificate that the bot may sign in with besides its secret
    roles : permissions of the bot; ``None`` gives it all of ``ROLES``
    others : how many applications there are besides, each with all of ``ROLES``
    new_key : makes the key that signs access tokens
    """

    def __init__(
        self,
        dice: Dice,
        *,
        id: str | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        client_certificate: str = "",
        roles: Iterable[str] | None = None,
        others: int = 0,
        new_key: Callable[[], SigningKey] = SigningKey,
    ) -> None:
        rng = dice.stream("tenant")
        drawn_id, drawn_client, drawn_secret = guid(rng), guid(rng), secret(rng)
        self.id = id or drawn_id
        self.bot = Application(
            client_id or drawn_client,
            "Simulated bot",
            client_secret or drawn_secret,
            ROLES if roles is None else tuple(roles),
            client_certificate,
        )
        self.without_consent = Application(guid(rng), "Simulated bot without consent", secret(rng), ())
        self.others = tuple(
            Application(guid(rng), f"Simulated bot {number}", secret(rng)) for number in range(1, others + 1)
        )
        self.applications: Mapping[str, Application] = {
            application.id.lower(): application for application in (self.bot, self.without_consent, *self.others)
        }
        self.key = new_key()
        self._read: dict[str, dict[str, Any]] = {}

    def application(self, client_id: str) -> Application | None:
        return self.applications.get(client_id.lower())

    def is_secret(self, application: Application, given: str) -> bool:
        return hmac.compare_digest(application.secret.encode(), given.encode("utf-8", "replace"))

    def access_token(self, application: Application, now: float) -> str:
        """A token for Graph, as Entra makes them for applications."""
        issued = int(now)
        return self.key.sign(
            {
                "aud": GRAPH,
                "iss": f"https://sts.windows.net/{self.id}/",
                "iat": issued,
                "nbf": issued,
                "exp": issued + ACCESS_TOKEN_SECONDS,
                "app_displayname": application.name,
                "appid": application.id,
                "appidacr": "1",
                "idtyp": "app",
                "oid": application.id,
                "sub": application.id,
                "roles": list(application.roles),
                "tid": self.id,
                "ver": "1.0",
            }
        )

    def bearer(self, token: str, now: float) -> Application:
        """Whose access token this is, with the roles that the token itself holds; ``TokenFault`` when it is no good."""
        claims = self._claims(token)
        if claims.get("aud") not in (GRAPH, GRAPH + "/", GRAPH_ID):
            raise TokenFault("Access token validation failure. Invalid audience.")
        if not _holds(claims, now):
            raise TokenFault("Lifetime validation failed, the token is expired.")
        if claims.get("tid") != self.id:
            raise TokenFault("Access token validation failure. Invalid tenant.")
        application = self.application(str(claims.get("appid", "")))
        if application is None:
            raise TokenFault("Access token validation failure. Unknown application.")
        return Application(application.id, application.name, "", tuple(claims.get("roles") or ()))

    def _claims(self, token: str) -> dict[str, Any]:
        """The claims of a token whose signature is good; it is checked once, since one token serves many requests."""
        known = self._read.get(token)
        if known is not None:
            return known
        if token.count(".") != 2:
            raise TokenFault("IDX14100: JWT is not well formed, there are no dots (.).")
        try:
            claims = self.key.claims_of(token)
        except jwt.InvalidTokenError:
            raise TokenFault("Access token validation failure. Invalid signature.") from None
        if len(self._read) >= _REMEMBERED_TOKENS:
            del self._read[next(iter(self._read))]
        self._read[token] = claims
        return claims


def _holds(claims: Mapping[str, Any], now: float) -> bool:
    start, end = claims.get("nbf"), claims.get("exp")
    return isinstance(start, int) and isinstance(end, int) and start - 300 <= now < end
