"""Check of bearer tokens: a notification must come from the service and be meant for this bot.

The rules are those of Microsoft's page on call notifications and of its bot samples: RS256 with a key of the service's
OpenID document, the bot's application id as audience, one of two issuers, the tenant.
"""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from .._urls import is_loopback, is_protected
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

MAX_INVALID_SIGNATURES_PER_SECOND = 1000.0
"""Largest rate of invalid signatures from one peer, about half of a core. Valid tokens are not rate-limited."""

MAX_PEERS = 1024
"""Peers with a rate limit of their own; the one that was not seen for longest is forgotten."""

MAX_KEYS = 500
"""Keys that are read of one document."""

MIN_KEY_BITS, MAX_KEY_BITS = 2048, 8192
"""Smaller keys can be broken, larger ones make each check slow."""

MAX_EXPONENT = 2**32
"""Largest public exponent, for the same reason; nearly all keys have 65537."""

MAX_WAITING_REQUESTS = 256
"""Requests with unknown keys that wait for one fetch; further ones are refused, and the service sends them again."""

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
        self._waiting = 0

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
            if self._waiting >= MAX_WAITING_REQUESTS:
                raise KeysUnavailable("Too many notifications wait for signing keys; the service sends again.")
            self._waiting += 1
            try:
                await self._refresh(is_required=age > MAX_USABLE_SECONDS)
            finally:
                self._waiting -= 1
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
            jwks_uri = document["jwks_uri"]
            if not is_protected(jwks_uri) or (is_loopback(jwks_uri) and not is_loopback(self._openid_url)):
                raise KeysUnavailable(
                    f"The OpenID document at {self._openid_url} refers to keys at an address that is not https "
                    f"({_show(jwks_uri)}); keys from an unprotected connection can be forged, so they are not used."
                )
            published = json.loads(await self._fetch(jwks_uri))["keys"]
            keys = {str(key.key_id): key for key in map(_read_key, published[:MAX_KEYS]) if key is not None}
        except KeysUnavailable:
            raise
        except Exception as error:
            # Every failure, of the network or of the content, has the same consequence.
            reason = type(error).__name__
            raise KeysUnavailable(
                f"Cannot fetch the signing keys at {self._openid_url} ({reason}); the service sends again."
            ) from None
        self._keys, self._fetched_at = keys, self._clock()


def _read_key(published: Any) -> jwt.PyJWK | None:
    """Return a published key; ``None`` for one that is invalid, too weak, too large or not for signatures."""
    if not isinstance(published, dict) or published.get("kty") != "RSA" or published.get("use", "sig") != "sig":
        return None
    if not isinstance(published.get("kid"), str):
        return None
    try:
        key = jwt.PyJWK(published, algorithm="RS256")
    except Exception:  # the library raises many types for a malformed key; the other keys stay usable
        return None
    if not isinstance(key.key, RSAPublicKey) or not MIN_KEY_BITS <= key.key.key_size <= MAX_KEY_BITS:
        return None
    return key if key.key.public_numbers().e <= MAX_EXPONENT else None


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
    >>> bucket.is_empty()
    True
    """

    def __init__(self, rate: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = self._available = rate
        self._clock = clock
        self._updated_at = clock()

    def try_acquire(self) -> bool:
        """Return True if the rate is not exceeded."""
        if self.is_empty():
            return False
        self._available -= 1
        return True

    def is_empty(self) -> bool:
        """Return True if :meth:`try_acquire` would return False."""
        now = self._clock()
        self._available = min(self._rate, self._available + (now - self._updated_at) * self._rate)
        self._updated_at = now
        return self._available < 1


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
    max_invalid_per_second : rate limit for invalid signatures of one peer
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
        max_invalid_per_second: float = MAX_INVALID_SIGNATURES_PER_SECOND,
    ) -> None:
        self._audience = audience
        self._tenant_id = tenant_id
        self._issuers = frozenset(issuer.removesuffix("/") for issuer in issuers)
        self._keys = JwksCache(openid_url, fetch, clock=monotonic)
        self._make_bucket = partial(TokenBucket, max_invalid_per_second, clock=monotonic)
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()
        """Rate limits of the peers that sent invalid signatures."""
        self._clock = clock
        self._expiries: OrderedDict[bytes, float] = OrderedDict()
        """Expiry of each verified header, in seconds since 1970."""

    async def check(self, authorization: bytes | None, peer: str = "") -> None:
        """Check that the header has a valid token.

        Parameters
        ----------
        authorization : value of the header; ``None`` without one
        peer : address of the sender

        Raises
        ------
        TokenRejected
            With the reason, never with the token.
        KeysUnavailable
            If the signing keys cannot be fetched.
        TooManyTokens
            If invalid signatures of the peer exceed the rate limit.
        """
        if authorization is None:
            raise TokenRejected("the request has no Authorization header")
        if self.is_verified(authorization):
            return
        self._expiries.pop(authorization, None)
        scheme, _, token = authorization.partition(b" ")
        if scheme.lower() != b"bearer" or not token:
            raise TokenRejected("the Authorization header has no bearer token")
        expiry = await self._verify(token.strip(), peer)
        if len(self._expiries) >= MAX_CACHED_TOKENS:
            self._expiries.popitem(last=False)
        self._expiries[authorization] = expiry + MAX_CLOCK_SKEW_SECONDS

    def is_verified(self, authorization: bytes | None) -> bool:
        """Return True if the token was checked before and has not expired."""
        expiry = self._expiries.get(authorization) if authorization else None
        return expiry is not None and self._clock() < expiry

    async def _verify(self, token: bytes, peer: str) -> float:
        """Return the expiry of a valid token. The signature comes last, since it takes most time."""
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") != "RS256" or not isinstance(header.get("kid"), str):
                raise TokenRejected("it is not signed with RS256 and a key id")
            key = await self._keys.get(header["kid"])
            expiry = self._check_claims(token, header["kid"])
            self._check_signature(token, key, peer)
        except jwt.PyJWTError as error:
            raise TokenRejected(_explain(error)) from None
        except (ArithmeticError, RecursionError, TypeError, ValueError):
            # PyJWT does not expect infinite numbers, deep nesting and claims of every type.
            raise TokenRejected("it is not a valid JWT") from None
        return expiry

    def _check_claims(self, token: bytes, key_id: str) -> float:
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                audience=self._audience,
                leeway=MAX_CLOCK_SKEW_SECONDS,
                options={
                    "verify_signature": False,
                    "verify_exp": True,
                    "verify_nbf": True,
                    "verify_iat": True,
                    "verify_aud": True,
                    "require": ["exp", "aud", "iss"],
                },
            )
        except jwt.PyJWTError as error:
            raise TokenRejected(_explain(error)) from None
        # One trailing slash is ignored: it was seen in a public report.
        if str(claims["iss"]).removesuffix("/") not in self._issuers:
            raise TokenRejected(
                f"it was issued by {_show(claims['iss'])} with the key {_show(key_id)}, "
                f"not by {' or '.join(sorted(self._issuers))}; issuers= allows another issuer"
            )
        for name in ("exp", "nbf", "iat"):
            value = claims.get(name, 0)
            if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
                raise TokenRejected(f"its claim {name} is not a number")
        tenant = claims.get("tid")
        if not isinstance(tenant, str) or tenant.lower() != self._tenant_id.lower():
            raise TokenRejected("it was issued in another tenant, or names no tenant")
        return float(claims["exp"])

    def _check_signature(self, token: bytes, key: jwt.PyJWK, peer: str) -> None:
        bucket = self._buckets.get(peer)
        if bucket and bucket.is_empty():
            raise TooManyTokens("Too many tokens with an invalid signature; send again in a second.")
        try:
            jwt.PyJWS().decode(token, key, algorithms=["RS256"])
        except jwt.PyJWTError:
            bucket = self._buckets.setdefault(peer, bucket or self._make_bucket())
            bucket.try_acquire()
            self._buckets.move_to_end(peer)
            if len(self._buckets) > MAX_PEERS:
                self._buckets.popitem(last=False)
            raise


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
