"""Check of bearer tokens: a notification must come from the service and be meant for this bot.

The rules are those of Microsoft's page on call notifications and of its bot samples: RS256 with a key of the service's
OpenID document, the bot's application id as audience, one of two issuers, the tenant.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import jwt

from ..errors import KeysUnavailable, TokenRejected, TooManyTokens
from ..graph.clouds import GLOBAL

MAX_CLOCK_SKEW_SECONDS = 300
"""Largest accepted difference between the clocks of the sender and of this machine."""

MAX_FRESH_SECONDS = 24 * 3600
"""Age after which keys are fetched again."""

MAX_USABLE_SECONDS = 5 * 24 * 3600
"""Age after which keys that could not be fetched again are no longer trusted."""

MIN_FETCH_INTERVAL_SECONDS = 0.5
"""Least time between two fetches of keys, so that many unknown key ids cause one fetch."""

MAX_CACHED_TOKENS = 1024
"""Verified tokens that are not checked again."""

MAX_NEW_TOKENS_PER_SECOND = 200.0
"""Largest rate of signature checks: a fiftieth of one core. Cached tokens are not rate-limited."""

MAX_SHOWN_CHARS = 80
"""Length of an issuer or a key id in the reason for a refusal, since its sender chose it."""

Fetch = Callable[[str], Awaitable[bytes]]
"""Returns the content of a URL."""


class JwksCache:
    """Signing keys of an OpenID document, fetched when needed and cached.

    PyJWT's own client blocks the event loop, and rejects a key that was published a moment ago.

    Parameters
    ----------
    openid_url : URL of the OpenID document
    fetch : returns the content of a URL
    clock : returns seconds that only increase
    """

    def __init__(self, openid_url: str, fetch: Fetch, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._openid_url = openid_url
        self._fetch = fetch
        self._clock = clock
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at = self._attempted_at = -float("inf")
        self._fetching: asyncio.Task[None] | None = None

    async def get(self, key_id: str) -> jwt.PyJWK:
        """Return the key with an id.

        Raises
        ------
        TokenRejected
            If the service does not publish this key.
        KeysUnavailable
            If the keys cannot be fetched and no usable keys are cached.
        """
        age = self._clock() - self._fetched_at
        if age > MAX_FRESH_SECONDS or key_id not in self._keys:
            await self._refresh(is_required=age > MAX_USABLE_SECONDS)
        try:
            return self._keys[key_id]
        except KeyError:
            raise TokenRejected(f"its key {_show(key_id)} is not a key that the service publishes") from None

    async def _refresh(self, *, is_required: bool) -> None:
        if self._fetching is None:
            if self._clock() - self._attempted_at < MIN_FETCH_INTERVAL_SECONDS:
                if is_required:
                    raise KeysUnavailable("The signing keys are not available; the service sends again.")
                return
            self._attempted_at = self._clock()
            self._fetching = asyncio.create_task(self._fetch_keys())
            self._fetching.add_done_callback(self._on_fetched)
        try:
            await asyncio.shield(self._fetching)
        except KeysUnavailable:
            if is_required:
                raise

    def _on_fetched(self, task: asyncio.Task[None]) -> None:
        self._fetching = None
        if not task.cancelled():
            task.exception()  # marks it as retrieved, so that Python logs no warning if all requests were cancelled

    async def _fetch_keys(self) -> None:
        try:
            document = json.loads(await self._fetch(self._openid_url))
            published = json.loads(await self._fetch(document["jwks_uri"]))["keys"]
            keys = {key["kid"]: jwt.PyJWK(key, algorithm="RS256") for key in published if _is_signing_key(key)}
        except Exception as error:
            # Every failure, of the network or of the content, has the same consequence.
            reason = type(error).__name__
            raise KeysUnavailable(
                f"Cannot fetch the signing keys at {self._openid_url} ({reason}); the service sends again."
            ) from None
        self._keys, self._fetched_at = keys, self._clock()


def _is_signing_key(key: Any) -> bool:
    return isinstance(key, dict) and key.get("kty") == "RSA" and "kid" in key and key.get("use", "sig") == "sig"


class TokenBucket:
    """Rate limit that allows bursts of one second's worth.

    Parameters
    ----------
    rate : largest number per second
    clock : returns seconds that only increase

    Examples
    --------
    >>> bucket = TokenBucket(2, clock=lambda: 0.0)
    >>> [bucket.try_acquire() for _ in range(3)]
    [True, True, False]
    """

    def __init__(self, rate: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = self._available = rate
        self._clock = clock
        self._updated_at = clock()

    def try_acquire(self) -> bool:
        """Return True if the rate is not exceeded."""
        now = self._clock()
        self._available = min(self._rate, self._available + (now - self._updated_at) * self._rate)
        self._updated_at = now
        if self._available < 1:
            return False
        self._available -= 1
        return True


class TokenChecker:
    """Check of the ``Authorization`` header of notifications.

    Parameters
    ----------
    audience : application id of the bot
    tenant_id : tenant that tokens must name
    fetch : returns the content of a URL
    openid_url : URL of the OpenID document with the signing keys
    issuers : allowed issuers
    clock : returns seconds since 1970
    monotonic : returns seconds that only increase
    max_new_per_second : rate limit for tokens that are not cached
    """

    def __init__(
        self,
        *,
        audience: str,
        tenant_id: str,
        fetch: Fetch,
        openid_url: str = GLOBAL.openid_url,
        issuers: Iterable[str] = GLOBAL.issuers,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        max_new_per_second: float = MAX_NEW_TOKENS_PER_SECOND,
    ) -> None:
        self._audience = audience
        self._tenant_id = tenant_id
        self._issuers = frozenset(issuer.removesuffix("/") for issuer in issuers)
        self._keys = JwksCache(openid_url, fetch, clock=monotonic)
        self._bucket = TokenBucket(max_new_per_second, clock=monotonic)
        self._clock = clock
        self._expiries: OrderedDict[bytes, float] = OrderedDict()
        """Expiry of each verified header, in seconds since 1970."""

    async def check(self, authorization: bytes | None) -> None:
        """Check that the header has a valid token.

        Parameters
        ----------
        authorization : value of the header; ``None`` without one

        Raises
        ------
        TokenRejected
            With the reason, never with the token.
        KeysUnavailable
            If the signing keys cannot be fetched.
        TooManyTokens
            If new tokens exceed the rate limit.
        """
        if authorization is None:
            raise TokenRejected("the request has no Authorization header")
        if self.is_verified(authorization):
            return
        self._expiries.pop(authorization, None)
        scheme, _, token = authorization.partition(b" ")
        if scheme.lower() != b"bearer" or not token:
            raise TokenRejected("the Authorization header has no bearer token")
        if not self._bucket.try_acquire():
            raise TooManyTokens("Too many new tokens; send again in a second.")
        claims = await self._verify(token.strip())
        if len(self._expiries) >= MAX_CACHED_TOKENS:
            self._expiries.popitem(last=False)
        self._expiries[authorization] = claims["exp"] + MAX_CLOCK_SKEW_SECONDS

    def is_verified(self, authorization: bytes | None) -> bool:
        """Return True if the token was checked before and has not expired."""
        expiry = self._expiries.get(authorization) if authorization else None
        return expiry is not None and self._clock() < expiry

    async def _verify(self, token: bytes) -> dict[str, Any]:
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") != "RS256" or not isinstance(header.get("kid"), str):
                raise TokenRejected("it is not signed with RS256 and a key id")
            claims: dict[str, Any] = jwt.decode(
                token,
                await self._keys.get(header["kid"]),
                algorithms=["RS256"],
                audience=self._audience,
                leeway=MAX_CLOCK_SKEW_SECONDS,
                options={"require": ["exp", "aud", "iss"]},
            )
        except jwt.PyJWTError as error:
            raise TokenRejected(_explain(error)) from None
        # One trailing slash is ignored: it was seen in a public report.
        if str(claims["iss"]).removesuffix("/") not in self._issuers:
            raise TokenRejected(
                f"it was issued by {_show(claims['iss'])} with the key {_show(header['kid'])}, "
                f"not by {' or '.join(sorted(self._issuers))}; issuers= allows another issuer"
            )
        if str(claims.get("tid", "")).lower() != self._tenant_id.lower():
            raise TokenRejected("it was issued in another tenant, or names no tenant")
        return claims


def read_roles(access_token: str) -> tuple[str, ...]:
    """Return the permissions in an access token; for display only, since the signature is not checked."""
    try:
        claims = jwt.decode(access_token, options={"verify_signature": False})
    except jwt.PyJWTError:
        return ()
    return tuple(claims.get("roles") or ())


_EXPLANATIONS: dict[type[Exception], str] = {
    jwt.ExpiredSignatureError: "it has expired",
    jwt.ImmatureSignatureError: "it is not valid yet",
    jwt.InvalidAudienceError: "it was issued for another application",
    jwt.InvalidSignatureError: "its signature is invalid",
    jwt.MissingRequiredClaimError: "it lacks a required claim (exp, aud or iss)",
}


def _show(value: Any) -> str:
    """Return a value that the sender chose, short and in printable characters."""
    return ascii(str(value)[:MAX_SHOWN_CHARS])


def _explain(error: Exception) -> str:
    return next((text for kind, text in _EXPLANATIONS.items() if isinstance(error, kind)), "it is not a valid JWT")
