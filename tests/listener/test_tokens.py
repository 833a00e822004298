"""Checks of tokens and the cache of keys, without a network."""

import asyncio
import time

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from graphcall_nb.errors import KeysUnavailable, TokenRejected
from graphcall_nb.listener.tokens import MIN_FETCH_INTERVAL_SECONDS, JwksCache, TokenChecker

from .signing import AUDIENCE, OPENID_URL, TENANT, Signer

NOW = int(time.time())


@pytest.fixture(scope="module")
def shared_signer():
    return Signer()


@pytest.fixture
def signer():
    return Signer()


def make_checker(signer, **changes):
    return TokenChecker(
        **{"audience": AUDIENCE, "tenant_id": TENANT, "openid_url": OPENID_URL, "fetch": signer.fetch} | changes
    )


@pytest.mark.parametrize("issuer", ["https://graph.microsoft.com", "https://api.botframework.com"])
async def test_valid_token_is_accepted(shared_signer, issuer):
    await make_checker(shared_signer).check(shared_signer.make_bearer(iss=issuer))


@pytest.mark.parametrize(
    ("claims", "word"),
    [
        ({"aud": "another"}, "another application"),
        ({"iss": "https://evil.example"}, "unknown issuer"),
        ({"tid": "another"}, "tenant"),
        ({"without": ["tid"]}, "tenant"),
        ({"exp": NOW - 400}, "expired"),
        ({"without": ["exp"]}, "lacks a required claim"),
        ({"without": ["aud"]}, "lacks"),
        ({"nbf": NOW + 30 * 24 * 3600}, "not valid yet"),  # also long after this file was imported
        ({"algorithm": "RS512"}, "RS256"),
        ({"kid": "unknown"}, "does not publish"),
        ({"key": rsa.generate_private_key(public_exponent=65537, key_size=2048)}, "signature"),
    ],
)
async def test_invalid_token_is_rejected_with_the_reason(shared_signer, claims, word):
    with pytest.raises(TokenRejected, match=word):
        await make_checker(shared_signer).check(shared_signer.make_bearer(**claims))


async def test_clock_skew_of_minutes_is_accepted(shared_signer):
    now = int(time.time())
    await make_checker(shared_signer).check(shared_signer.make_bearer(exp=now - 200, nbf=now + 200, iat=now + 200))


@pytest.mark.parametrize("header", [None, b"", b"Basic eA==", b"Bearer", b"Bearer x.y.z", b"Bearer \xff\xfe"])
async def test_header_without_a_token_is_rejected(shared_signer, header):
    with pytest.raises(TokenRejected):
        await make_checker(shared_signer).check(header)


async def test_reason_does_not_contain_the_token(shared_signer):
    bearer = shared_signer.make_bearer(aud="another")
    with pytest.raises(TokenRejected) as caught:
        await make_checker(shared_signer).check(bearer)
    assert bearer.split(b".")[2].decode() not in str(caught.value)


async def test_verified_token_is_cached_until_it_expires(signer):
    began = now = int(time.time())
    checker = make_checker(signer, clock=lambda: now)
    bearer = signer.make_bearer(exp=began + 10)
    await checker.check(bearer)
    signer.is_down = True
    await checker.check(bearer)
    now = began + 10 + 301
    assert not checker.is_verified(bearer)
    await checker.check(bearer)  # PyJWT's own clock still finds it valid
    assert signer.fetch_count == 1


async def test_many_unknown_keys_cause_one_fetch(signer):
    keys = JwksCache(OPENID_URL, signer.fetch, clock=lambda: 0.0)
    results = await asyncio.gather(*(keys.get(f"unknown-{n}") for n in range(200)), return_exceptions=True)
    assert {type(result) for result in results} == {TokenRejected}
    assert signer.fetch_count == 1


async def test_rotated_key_is_accepted_after_the_interval(signer):
    now = 0.0
    keys = JwksCache(OPENID_URL, signer.fetch, clock=lambda: now)
    await keys.get("key-1")
    signer.rotate("key-2")
    now = MIN_FETCH_INTERVAL_SECONDS
    assert await keys.get("key-2")


async def test_cached_keys_are_used_while_the_key_server_is_down(signer):
    now = 0.0
    keys = JwksCache(OPENID_URL, signer.fetch, clock=lambda: now)
    await keys.get("key-1")
    signer.is_down, now = True, 2 * 24 * 3600.0
    assert await keys.get("key-1")


async def test_keys_that_were_never_fetched_are_unavailable(signer):
    signer.is_down = True
    with pytest.raises(KeysUnavailable, match="sends again"):
        await JwksCache(OPENID_URL, signer.fetch).get("key-1")


async def test_expired_keys_are_not_used(signer):
    now = 0.0
    keys = JwksCache(OPENID_URL, signer.fetch, clock=lambda: now)
    await keys.get("key-1")
    signer.is_down, now = True, 6 * 24 * 3600.0
    with pytest.raises(KeysUnavailable):
        await keys.get("key-1")
