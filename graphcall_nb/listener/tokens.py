"""Checks the bearer token of a notification: who sent it, for whom, and whether that can be believed.

The rules are those of Microsoft's page on call notifications and of its bot samples: RS256 with a key of the service's
OpenID document, the bot's application id as audience, one of two issuers, a tenant.
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

LEEWAY_SECONDS = 300
"""How far the sender's clock may be from ours."""

FRESH_SECONDS = 24 * 3600
"""After this the keys are asked for again."""

USABLE_SECONDS = 5 * 24 * 3600
"""After this, keys that could not be asked for again are no longer believed."""

PAUSE_SECONDS = 0.5
"""Between two questions for keys, so that a flood of unknown key ids is one question."""

REMEMBERED = 1024
"""Tokens that were found good and need no second signature check."""

NEW_TOKENS_PER_SECOND = 200.0
"""Signatures checked at most, a second: a fiftieth of a core. Who has a token that was found good is not slowed."""

Fetch = Callable[[str], Awaitable[bytes]]


class JwksCache:
    """The signing keys of an OpenID document, fetched when needed and kept.

    PyJWT's own client blocks, and refuses a key that was rolled a moment ago.
    """

    def __init__(self, openid_url: str, fetch: Fetch, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._openid_url = openid_url
        self._fetch = fetch
        self._clock = clock
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at = self._asked_at = -float("inf")
        self._fetching: asyncio.Task[None] | None = None

    async def get(self, kid: str) -> jwt.PyJWK:
        """The key of an id.

        Raises
        ------
        TokenRejected
            When the service has no such key.
        KeysUnavailable
            When the service cannot be asked and no usable key is known.
        """
        age = self._clock() - self._fetched_at
        if age > FRESH_SECONDS or kid not in self._keys:
            await self._refresh(must=age > USABLE_SECONDS)
        try:
            return self._keys[kid]
        except KeyError:
            raise TokenRejected("it is signed with a key that the service does not publish") from None

    async def _refresh(self, must: bool) -> None:
        if self._fetching is None:
            if self._clock() - self._asked_at < PAUSE_SECONDS:
                if must:
                    raise KeysUnavailable("The signing keys cannot be had; the service will send again.")
                return
            self._asked_at = self._clock()
            self._fetching = asyncio.create_task(self._ask())
            self._fetching.add_done_callback(self._done)
        try:
            await asyncio.shield(self._fetching)
        except KeysUnavailable:
            if must:
                raise

    def _done(self, task: asyncio.Task[None]) -> None:
        self._fetching = None
        if not task.cancelled():
            task.exception()  # asked for here, so that Python does not warn when nobody waited

    async def _ask(self) -> None:
        try:
            document = json.loads(await self._fetch(self._openid_url))
            published = json.loads(await self._fetch(document["jwks_uri"]))["keys"]
            keys = {key["kid"]: jwt.PyJWK(key, algorithm="RS256") for key in published if _signs(key)}
        except Exception as error:
            # Whatever went wrong on the way, the consequence is one: there are no keys.
            reason = type(error).__name__
            raise KeysUnavailable(
                f"The signing keys at {self._openid_url} cannot be had ({reason}); the service will send again."
            ) from None
        self._keys, self._fetched_at = keys, self._clock()


def _signs(key: Any) -> bool:
    return isinstance(key, dict) and key.get("kty") == "RSA" and "kid" in key and key.get("use", "sig") == "sig"


class TokenBucket:
    """Lets so many through a second, with a second's worth in hand.

    Examples
    --------
    >>> pace = Pace(2, clock=lambda: 0.0)
    >>> [pace.take() for _ in range(3)]
    [True, True, False]
    """

    def __init__(self, per_second: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = self._left = per_second
        self._clock = clock
        self._at = clock()

    def take(self) -> bool:
        now = self._clock()
        self._left = min(self._per_second, self._left + (now - self._at) * self._per_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class TokenChecker:
    """Decides whether a notification's ``Authorization`` header is to be trusted.

    Parameters
    ----------
    audience : the application id of the bot
    tenant_id : the tenant that the token must name
    openid_url : where the signing keys are announced
    fetch : gets a URL's content
    issuers : who may have issued the token
    clock, monotonic : the time, in seconds since 1970 and since some moment; tests pass their own
    new_per_second : how many tokens that are not known yet are looked at, a second
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
        new_per_second: float = NEW_TOKENS_PER_SECOND,
    ) -> None:
        self._audience = audience
        self._tenant_id = tenant_id
        self._issuers = tuple(issuers)
        self._keys = JwksCache(openid_url, fetch, clock=monotonic)
        self._pace = TokenBucket(new_per_second, clock=monotonic)
        self._clock = clock
        self._good: OrderedDict[bytes, float] = OrderedDict()

    async def check(self, authorization: bytes | None) -> None:
        """Return when the header holds a token to be trusted.

        Raises
        ------
        TokenRejected
            With the reason, never with the token.
        KeysUnavailable
            When it cannot be told at the moment.
        TooManyTokens
            When more unknown tokens come than are looked at.
        """
        if authorization is None:
            raise TokenRejected("there is no Authorization header")
        if self.knows(authorization):
            return
        self._good.pop(authorization, None)
        scheme, _, token = authorization.partition(b" ")
        if scheme.lower() != b"bearer" or not token:
            raise TokenRejected("the Authorization header holds no bearer token")
        if not self._pace.take():
            raise TooManyTokens("More new tokens come than are looked at; send again in a second.")
        claims = await self._claims(token.strip())
        if len(self._good) >= REMEMBERED:
            self._good.popitem(last=False)
        self._good[authorization] = claims["exp"] + LEEWAY_SECONDS

    def knows(self, authorization: bytes | None) -> bool:
        """Whether the header's token was found good before, and has not expired since."""
        expiry = self._good.get(authorization) if authorization else None
        return expiry is not None and self._clock() < expiry

    async def _claims(self, token: bytes) -> dict[str, Any]:
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") != "RS256" or not isinstance(header.get("kid"), str):
                raise TokenRejected("it is not signed with RS256 and a key id")
            claims: dict[str, Any] = jwt.decode(
                token,
                await self._keys.get(header["kid"]),
                algorithms=["RS256"],
                audience=self._audience,
                issuer=self._issuers,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "aud", "iss"]},
            )
        except jwt.PyJWTError as error:
            raise TokenRejected(_reason(error)) from None
        if str(claims.get("tid", "")).lower() != self._tenant_id.lower():
            raise TokenRejected("it is of another tenant, or names none")
        return claims


def read_roles(access_token: str) -> tuple[str, ...]:
    """The permissions an access token says it holds. Nobody here relies on it, so its signature is not looked at."""
    try:
        claims = jwt.decode(access_token, options={"verify_signature": False})
    except jwt.PyJWTError:
        return ()
    return tuple(claims.get("roles") or ())


_REASONS: dict[type[Exception], str] = {
    jwt.ExpiredSignatureError: "it has expired",
    jwt.ImmatureSignatureError: "it is not valid yet",
    jwt.InvalidAudienceError: "it was issued for another application",
    jwt.InvalidIssuerError: "it was issued by somebody else",
    jwt.InvalidSignatureError: "its signature is wrong",
    jwt.MissingRequiredClaimError: "it lacks a claim that is needed (exp, aud or iss)",
}


def _reason(error: Exception) -> str:
    return next((words for kind, words in _REASONS.items() if isinstance(error, kind)), "it cannot be read")
