import asyncio
import time

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from graphcall_nb.errors import KeysUnavailable, TokenRejected
from graphcall_nb.listener.tokens import PAUSE_SECONDS, JwksCache, TokenChecker

from .signing import AUDIENCE, OPENID_URL, TENANT, Signer

NOW = int(time.time())


@pytest.fixture(scope="module")
def shared_signer():
    return Signer()


@pytest.fixture
def signer():
    return Signer()


def checker_of(signer, **changed):
    return TokenChecker(
        **{"audience": AUDIENCE, "tenant_id": TENANT, "openid_url": OPENID_URL, "fetch": signer.fetch} | changed
    )


@pytest.mark.parametrize("issuer", ["https://graph.microsoft.com", "https://api.botframework.com"])
async def test_good_token_is_taken(shared_signer, issuer):
    await checker_of(shared_signer).check(shared_signer.bearer(iss=issuer))


@pytest.mark.parametrize(
    ("claims", "word"),
    [
        ({"aud": "another"}, "another application"),
        ({"iss": "https://evil.example"}, "somebody else"),
        ({"tid": "another"}, "tenant"),
        ({"without": ["tid"]}, "tenant"),
        ({"exp": NOW - 400}, "expired"),
        ({"without": ["exp"]}, "lacks"),
        ({"without": ["aud"]}, "lacks"),
        ({"nbf": NOW + 30 * 24 * 3600}, "not valid yet"),  # however long ago this file was read
        ({"algorithm": "RS512"}, "RS256"),
        ({"kid": "unknown"}, "does not publish"),
        ({"key": rsa.generate_private_key(public_exponent=65537, key_size=2048)}, "signature"),
    ],
)
async def test_bad_token_is_refused_with_the_reason(shared_signer, claims, word):
    with pytest.raises(TokenRejected, match=word):
        await checker_of(shared_signer).check(shared_signer.bearer(**claims))


async def test_clocks_may_differ_by_minutes(shared_signer):
    now = int(time.time())
    await checker_of(shared_signer).check(shared_signer.bearer(exp=now - 200, nbf=now + 200, iat=now + 200))


@pytest.mark.parametrize("header", [None, b"", b"Basic eA==", b"Bearer", b"Bearer x.y.z", b"Bearer \xff\xfe"])
async def test_what_is_no_token_is_refused(shared_signer, header):
    with pytest.raises(TokenRejected):
        await checker_of(shared_signer).check(header)


async def test_a_reason_never_holds_the_token(shared_signer):
    bearer = shared_signer.bearer(aud="another")
    with pytest.raises(TokenRejected) as caught:
        await checker_of(shared_signer).check(bearer)
    assert bearer.split(b".")[2].decode() not in str(caught.value)


async def test_known_token_is_remembered_until_it_expires(signer):
    began = now = int(time.time())
    checker = checker_of(signer, clock=lambda: now)
    bearer = signer.bearer(exp=began + 10)
    await checker.check(bearer)
    signer.down = True
    await checker.check(bearer)
    now = began + 10 + 301
    assert not checker.knows(bearer)
    await checker.check(bearer)  # PyJWT's own clock still finds it valid
    assert signer.fetched == 1


async def test_flood_of_unknown_keys_is_one_question(signer):
    keys = JwksCache(OPENID_URL, signer.fetch, clock=lambda: 0.0)
    results = await asyncio.gather(*(keys.get(f"unknown-{n}") for n in range(200)), return_exceptions=True)
    assert {type(result) for result in results} == {TokenRejected}
    assert signer.fetched == 1


async def test_rolled_key_is_taken_after_the_pause(signer):
    now = 0.0
    keys = JwksCache(OPENID_URL, signer.fetch, clock=lambda: now)
    await keys.get("key-1")
    signer.roll("key-2")
    now = PAUSE_SECONDS
    assert await keys.get("key-2")


async def test_known_keys_serve_while_the_key_server_is_down(signer):
    now = 0.0
    keys = JwksCache(OPENID_URL, signer.fetch, clock=lambda: now)
    await keys.get("key-1")
    signer.down, now = True, 2 * 24 * 3600.0
    assert await keys.get("key-1")


async def test_without_any_keys_nothing_can_be_said(signer):
    signer.down = True
    with pytest.raises(KeysUnavailable, match="send again"):
        await JwksCache(OPENID_URL, signer.fetch).get("key-1")


async def test_keys_too_old_are_not_believed(signer):
    now = 0.0
    keys = JwksCache(OPENID_URL, signer.fetch, clock=lambda: now)
    await keys.get("key-1")
    signer.down, now = True, 6 * 24 * 3600.0
    with pytest.raises(KeysUnavailable):
        await keys.get("key-1")
