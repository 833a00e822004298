"""The tenant with its applications, and the RSA keys and tokens of the simulated identity platform."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import threading
import uuid
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from .random import SeededRandom, make_guid, make_secret

ROLES: tuple[str, ...] = (
    "Calls.Initiate.All",
    "Calls.InitiateGroupCall.All",
    "Calls.JoinGroupCall.All",
    "Calls.JoinGroupCallAsGuest.All",
    "Calls.AccessMedia.All",
    "Calls.ReportSyntheticMedia.All",
)
"""The application permissions for calling."""

GRAPH = "https://graph.microsoft.com"
GRAPH_ID = "00000003-0000-0000-c000-000000000000"
AUTHORITY_HOST = "https://login.microsoftonline.com"
NOTIFICATION_ISSUERS: Mapping[str, str] = {
    "botframework": "https://api.botframework.com",
    "graph": "https://graph.microsoft.com",
}
"""Issuers of notification tokens: the captured one, and the other one that Microsoft's sample accepts."""

ISSUER_CHOICES = (*NOTIFICATION_ISSUERS, "both")
CALLING_SERVICE_ID = "5e4f1ce0-0000-4000-8000-000000000001"
"""Made-up ``appid`` of the service application that signs notifications."""

ALGORITHM = "RS256"

ACCESS_TOKEN_SECONDS = 3599
NOTIFICATION_TOKEN_SECONDS = 3900
CAPTURED_TOKEN_SECONDS = 300
"""Life of the one token that was published whole."""

RENEWAL_SECONDS = 600
"""A notification token is renewed this long before its end, so that no retry carries an expired one."""

KEY_PUBLICATION_SECONDS = 1.0
"""A new key is published this long before it signs (real seconds), so that receivers can fetch it."""

CLOCK_SKEW_SECONDS = 300
MAX_CACHED_TOKENS = 100
_PUBLIC_EXPONENT = 65537
_KEY_BITS = 2048


class SigningKey:
    """An RSA key, generated in a thread.

    OpenSSL needs about 0.05 s for it and releases the GIL, so a session starts its servers meanwhile; the first use
    waits for the key.
    """

    def __init__(self) -> None:
        self._generated: Future[rsa.RSAPrivateKey] = Future()
        threading.Thread(target=self._generate, name="graphcall_nb signing key", daemon=True).start()

    def _generate(self) -> None:
        try:
            self._generated.set_result(rsa.generate_private_key(_PUBLIC_EXPONENT, _KEY_BITS))
        except Exception as error:
            self._generated.set_exception(error)

    @property
    def _private(self) -> rsa.RSAPrivateKey:
        return self._generated.result()

    @cached_property
    def _public(self) -> rsa.RSAPublicKey:
        return self._private.public_key()

    @cached_property
    def jwk(self) -> Mapping[str, str]:
        """The public key as published; ``kid`` names it in tokens."""
        modulus = self._public.public_numbers().n.to_bytes(_KEY_BITS // 8, "big")
        return {
            "kty": "RSA",
            "use": "sig",
            "alg": ALGORITHM,
            "kid": _encode(hashlib.sha256(modulus).digest()[:20]),
            "n": _encode(modulus),
            "e": _encode(_PUBLIC_EXPONENT.to_bytes(3, "big")),
        }

    @property
    def id(self) -> str:
        """The ``kid`` of the tokens that it signs."""
        return self.jwk["kid"]

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Return a JWT with these claims."""
        headers = {"kid": self.id, "x5t": self.id}
        return jwt.encode(dict(claims), self._private, algorithm=ALGORITHM, headers=headers)

    def verify(self, token: str) -> dict[str, Any]:
        """Return the claims of a token that this key signed. Times and audience are left to the caller.

        Raises
        ------
        jwt.InvalidTokenError
            If the token is malformed or another key signed it.
        """
        options: Any = dict.fromkeys(("verify_exp", "verify_nbf", "verify_iat", "verify_aud", "verify_iss"), False)
        claims: dict[str, Any] = jwt.decode(token, self._public, algorithms=[ALGORITHM], options=options)
        return claims


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class NotificationTokens:
    """The bearer tokens of notifications. One token serves many notifications, so a listener can cache it.

    Parameters
    ----------
    tenant_id : str
    clock : callable
        Returns the time of the receivers, who check the end of a token with their own clocks.
    make_key : callable
        Makes a signing key.
    rotation_clock : callable, optional
        Returns the time of the simulator, in which a new key is published before it signs; ``clock`` by default.
    issuer : {"botframework", "graph", "both"}
        Issuer of the tokens; with ``"both"``, tokens of either alternate.
    seconds : int
        Life of a token.

    Attributes
    ----------
    keys : list of SigningKey
        Published keys, the newest last.
    """

    def __init__(
        self,
        tenant_id: str,
        clock: Callable[[], float],
        make_key: Callable[[], SigningKey] = SigningKey,
        *,
        issuer: str = "botframework",
        seconds: int = NOTIFICATION_TOKEN_SECONDS,
        rotation_clock: Callable[[], float] | None = None,
    ) -> None:
        self._tenant_id = tenant_id
        self._issuers = [*NOTIFICATION_ISSUERS.values()] if issuer == "both" else [NOTIFICATION_ISSUERS[issuer]]
        self._seconds = seconds
        self._count = 0
        self._clock = clock
        self._make_key = make_key
        self._rotation_clock = rotation_clock or clock
        self._tokens: dict[tuple[str, str, str, str], tuple[str, float]] = {}
        self._rotated_at = -float("inf")
        self.keys = [make_key()]

    def get_token(self, application_id: str, fault: str = "") -> str:
        """Return the bearer token for an application; with the name of a token fault, one that must be refused."""
        now = self._clock()
        is_published = self._rotation_clock() >= self._rotated_at + KEY_PUBLICATION_SECONDS
        key = self.keys[-1] if is_published else self.keys[0]
        issuer = self._issuers[self._count % len(self._issuers)]
        self._count += 1
        known = application_id, fault, key.id, issuer
        token, end = self._tokens.get(known, ("", 0.0))
        # More than the whole life is left when the clock was set back: receivers would refuse the token as early.
        if not min(RENEWAL_SECONDS, self._seconds / 2) < end - now <= self._seconds:
            token, end = self._sign(key, application_id, int(now), fault, issuer), int(now) + self._seconds
            self._tokens[known] = token, end
        return token

    def set_life(self, seconds: int) -> None:
        """Set the life of the tokens from now on."""
        if seconds != self._seconds:
            self._seconds = seconds
            self._tokens.clear()

    def rotate_key(self) -> None:
        """Publish a new key beside the present one, and sign with it a moment later."""
        self.keys = [self.keys[-1], self._make_key()]
        self._rotated_at = self._rotation_clock()
        self._tokens.clear()

    def _sign(self, key: SigningKey, application_id: str, now: int, fault: str, issuer: str) -> str:
        start = now - (2 * NOTIFICATION_TOKEN_SECONDS if fault == "token_expired" else 0)
        tenant_id = str(uuid.UUID(int=0)) if fault == "token_of_another_tenant" else self._tenant_id
        return key.sign(
            {
                "tid": tenant_id,
                "appid": CALLING_SERVICE_ID,
                "nbf": start,
                "exp": start + self._seconds,
                "iss": issuer,
                "aud": application_id,
            }
        )


@dataclass(frozen=True, slots=True)
class Application:
    """An application registered in the tenant.

    Attributes
    ----------
    roles : tuple of str
        Permissions that were granted to it.
    certificate : str
        PEM without the private key; empty if only the secret is registered.
    """

    id: str
    name: str
    secret: str = field(repr=False)
    roles: tuple[str, ...] = ROLES
    certificate: str = ""


class TokenError(Exception):
    """An access token that Graph does not accept; the message is Graph's own."""


class Tenant:
    """A tenant with its applications: the bot, one without consent, and any number of extra applications.

    Parameters
    ----------
    random : SeededRandom
        Source of the ids and secrets that are ``None``.
    id, client_id, client_secret : str, optional
        Id of the tenant, id and secret of the bot.
    client_certificate : str
        PEM of a certificate that the bot may sign in with besides its secret.
    roles : iterable of str, optional
        Permissions of the bot; all of ``ROLES`` by default.
    extra_applications : int
        Number of further applications, each with all of ``ROLES``.
    make_key : callable
        Makes the key that signs access tokens.
    """

    def __init__(
        self,
        random: SeededRandom,
        *,
        id: str | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        client_certificate: str = "",
        roles: Iterable[str] | None = None,
        extra_applications: int = 0,
        make_key: Callable[[], SigningKey] = SigningKey,
    ) -> None:
        rng = random.stream("tenant")
        random_id, random_client_id, random_secret = make_guid(rng), make_guid(rng), make_secret(rng)
        self.id = id or random_id
        self.bot = Application(
            client_id or random_client_id,
            "Simulated bot",
            client_secret or random_secret,
            ROLES if roles is None else tuple(roles),
            client_certificate,
        )
        self.without_consent = Application(make_guid(rng), "Simulated bot without consent", make_secret(rng), ())
        self.extra_applications = tuple(
            Application(make_guid(rng), f"Simulated bot {number}", make_secret(rng))
            for number in range(1, extra_applications + 1)
        )
        self._applications = {
            application.id.lower(): application
            for application in (self.bot, self.without_consent, *self.extra_applications)
        }
        self.key = make_key()
        self._claims: dict[str, dict[str, Any]] = {}

    def add_application(self) -> Application:
        """Register another application with all permissions, with a random id and secret."""
        rng = secrets.SystemRandom()
        application = Application(make_guid(rng), "Simulated bot", make_secret(rng))
        self._applications[application.id.lower()] = application
        return application

    def remove_application(self, application_id: str) -> None:
        """Remove an application; its tokens are not accepted any more."""
        self._applications.pop(application_id.lower(), None)

    def get_application(self, client_id: str) -> Application | None:
        return self._applications.get(client_id.lower())

    def check_secret(self, application: Application, secret: str) -> bool:
        """Return whether this is the application's secret."""
        return hmac.compare_digest(application.secret.encode(), secret.encode("utf-8", "replace"))

    def make_access_token(self, application: Application, now: float) -> str:
        """Return a token for Graph with the claims that Entra writes for applications."""
        issued_at = int(now)
        return self.key.sign(
            {
                "aud": GRAPH,
                "iss": f"https://sts.windows.net/{self.id}/",
                "iat": issued_at,
                "nbf": issued_at,
                "exp": issued_at + ACCESS_TOKEN_SECONDS,
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

    def check_access_token(self, token: str, now: float) -> Application:
        """Return the application of an access token, with the roles in the token.

        Raises
        ------
        TokenError
            If Graph would not accept the token.
        """
        claims = self._verify(token)
        if claims.get("aud") not in (GRAPH, GRAPH + "/", GRAPH_ID):
            raise TokenError("Access token validation failure. Invalid audience.")
        if not _is_current(claims, now):
            raise TokenError("Lifetime validation failed, the token is expired.")
        if claims.get("tid") != self.id:
            raise TokenError("Access token validation failure. Invalid tenant.")
        application = self.get_application(str(claims.get("appid", "")))
        if application is None:
            raise TokenError("Access token validation failure. Unknown application.")
        return Application(application.id, application.name, "", tuple(claims.get("roles") or ()))

    def _verify(self, token: str) -> dict[str, Any]:
        """Return the claims of a token with a valid signature; cached, since one token serves many requests."""
        claims = self._claims.get(token)
        if claims is not None:
            return claims
        if token.count(".") != 2:
            raise TokenError("IDX14100: JWT is not well formed, there are no dots (.).")
        try:
            claims = self.key.verify(token)
        except jwt.InvalidTokenError:
            raise TokenError("Access token validation failure. Invalid signature.") from None
        if len(self._claims) >= MAX_CACHED_TOKENS:
            del self._claims[next(iter(self._claims))]
        self._claims[token] = claims
        return claims


def _is_current(claims: Mapping[str, Any], now: float) -> bool:
    start, end = claims.get("nbf"), claims.get("exp")
    return isinstance(start, int) and isinstance(end, int) and start - CLOCK_SKEW_SECONDS <= now < end
