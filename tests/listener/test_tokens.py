"""Checks of tokens and the cache of keys, without a network."""

import asyncio
import base64
import json
import math
import time

import jwt
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from graphcall_nb.errors import KeysUnavailable, TokenRejected, TooManyTokens
from graphcall_nb.listener.tokens import (
    MAX_CACHED_TOKENS,
    MAX_CLOCK_SKEW_SECONDS,
    MAX_FRESH_SECONDS,
    MAX_USABLE_SECONDS,
    MAX_WAITING_REQUESTS,
    MIN_FETCH_INTERVAL_SECONDS,
    JwksCache,
    TokenBucket,
    TokenChecker,
    read_roles,
)

from .signing import AUDIENCE, OPENID_URL, TENANT, Signer, make_private_key

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


@pytest.mark.parametrize(
    "issuer", ["https://graph.microsoft.com", "https://api.botframework.com", "https://api.botframework.com/"]
)
async def test_valid_token_is_accepted(shared_signer, issuer):
    await make_checker(shared_signer).check(shared_signer.make_bearer(iss=issuer))


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"aud": "another"}, "it was issued for another application"),
        ({"tid": "another"}, "it was issued in another tenant, or names no tenant"),
        ({"without": ["tid"]}, "it was issued in another tenant, or names no tenant"),
        ({"exp": NOW - 400}, "it has expired"),
        ({"without": ["exp"]}, "it lacks a required claim (exp, aud or iss)"),
        ({"without": ["aud"]}, "it lacks a required claim (exp, aud or iss)"),
        ({"without": ["iss"]}, "it lacks a required claim (exp, aud or iss)"),
        ({"nbf": NOW + 30 * 24 * 3600}, "it is not valid yet"),  # also long after this file was imported
        ({"algorithm": "RS512"}, "it is not signed with RS256 and a key id"),
        ({"kid": "unknown"}, "its key 'unknown' is not a key that the service publishes"),
        ({"key": rsa.generate_private_key(public_exponent=65537, key_size=2048)}, "its signature is invalid"),
    ],
)
async def test_invalid_token_is_rejected_with_the_reason(shared_signer, claims, reason):
    with pytest.raises(TokenRejected) as caught:
        await make_checker(shared_signer).check(shared_signer.make_bearer(**claims))
    assert caught.value.reason == reason


@pytest.mark.parametrize("issuer", ["https://evil.example", "https://api.botframework.com//", "\x1b[31m" + "x" * 500])
async def test_refusal_names_issuer_and_key(shared_signer, issuer):
    with pytest.raises(TokenRejected) as caught:
        await make_checker(shared_signer).check(shared_signer.make_bearer(iss=issuer))
    reason = caught.value.reason
    assert f"issued by {issuer[:80]!a} with the key '" in reason
    assert "not by https://api.botframework.com or https://graph.microsoft.com" in reason


async def test_clock_skew_of_minutes_is_accepted(shared_signer):
    now = int(time.time())
    await make_checker(shared_signer).check(shared_signer.make_bearer(exp=now - 200, nbf=now + 200, iat=now + 200))


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (None, "the request has no Authorization header"),
        (b"", "the Authorization header has no bearer token"),
        (b"Basic eA==", "the Authorization header has no bearer token"),
        (b"Bearer", "the Authorization header has no bearer token"),
        (b"Bearer x.y.z", "it is not a valid JWT"),
        (b"Bearer \xff\xfe", "it is not a valid JWT"),
    ],
)
async def test_header_without_a_token_is_rejected(shared_signer, header, reason):
    with pytest.raises(TokenRejected) as caught:
        await make_checker(shared_signer).check(header)
    assert caught.value.reason == reason


async def test_token_without_a_key_id_is_rejected(shared_signer):
    token = jwt.encode({"aud": AUDIENCE}, shared_signer.keys["key-1"], "RS256").encode()
    with pytest.raises(TokenRejected, match="a key id"):
        await make_checker(shared_signer).check(b"Bearer " + token)


async def test_scheme_may_have_any_letter_case_and_more_blanks(shared_signer):
    token = shared_signer.make_bearer().partition(b" ")[2]
    await make_checker(shared_signer).check(b"bEARER   " + token)


async def test_tenant_may_have_any_letter_case(shared_signer):
    checker = make_checker(shared_signer, tenant_id=TENANT.upper())
    await checker.check(shared_signer.make_bearer())


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


async def test_cached_token_expires_after_the_clock_skew(signer):
    began = now = int(time.time())
    checker = make_checker(signer, clock=lambda: now)
    bearer = signer.make_bearer(exp=began + 10)
    await checker.check(bearer)
    now = began + 10 + MAX_CLOCK_SKEW_SECONDS - 1
    assert checker.is_verified(bearer)
    now += 1
    assert not checker.is_verified(bearer)


async def test_oldest_token_leaves_a_full_cache(signer):
    checker = make_checker(signer)
    scheme, _, token = signer.make_bearer().partition(b" ")
    headers = [scheme + b" " * blanks + token for blanks in range(1, MAX_CACHED_TOKENS + 2)]
    for header in headers:
        await checker.check(header)
    assert [header for header in headers if not checker.is_verified(header)] == headers[:1]


async def test_token_that_is_checked_again_counts_as_new(signer):
    now = int(time.time())
    checker = make_checker(signer, clock=lambda: now)
    scheme, _, token = signer.make_bearer().partition(b" ")
    headers = [scheme + b" " * blanks + token for blanks in range(1, MAX_CACHED_TOKENS + 3)]
    for header in headers[:-2]:
        await checker.check(header)
    now += 2 * 3600
    for header in (headers[1], *headers[-2:]):
        await checker.check(header)
    now -= 2 * 3600
    assert [header for header in headers if not checker.is_verified(header)] == [headers[0], headers[2]]


def test_missing_header_is_not_verified(shared_signer):
    assert make_checker(shared_signer).is_verified(None) is False


async def test_invalid_signatures_are_limited_by_the_rate(shared_signer):
    now = 0.0
    checker = make_checker(shared_signer, max_invalid_per_second=1, monotonic=lambda: now)
    forged = shared_signer.make_bearer(key=make_private_key("another"))
    for error in (TokenRejected, TooManyTokens, TooManyTokens):
        with pytest.raises(error):
            await checker.check(forged, "192.0.2.1")
    await checker.check(shared_signer.make_bearer(), "192.0.2.2")
    now = 1.0
    await checker.check(shared_signer.make_bearer(iat=NOW - 1), "192.0.2.1")


async def test_a_thousand_new_valid_tokens_a_second_are_accepted(shared_signer):
    checker = make_checker(shared_signer, monotonic=lambda: 0.0)
    scheme, _, token = shared_signer.make_bearer().partition(b" ")
    for blanks in range(1, 1200):
        await checker.check(scheme + b" " * blanks + token)


FLOOD = {
    "no token": lambda signer: b"Bearer 1.2.3",
    "another application": lambda signer: signer.make_bearer(aud="another"),
    "an unknown key": lambda signer: signer.make_bearer(kid="unknown"),
    "an unknown issuer": lambda signer: signer.make_bearer(iss="https://evil.example"),
}


@pytest.mark.parametrize("make", FLOOD.values(), ids=FLOOD)
async def test_tokens_that_need_no_signature_check_use_no_budget(shared_signer, make):
    checker = make_checker(shared_signer, max_invalid_per_second=1, monotonic=lambda: 0.0)
    forged = make(shared_signer)
    for _ in range(20):
        with pytest.raises(TokenRejected):
            await checker.check(forged)
    await checker.check(shared_signer.make_bearer())


NUMBERS = ["9999999999", math.inf, -math.inf, math.nan, 10**400, True, None, [9999999999], {}, "x"]


@pytest.mark.parametrize(
    "claims",
    [
        *({name: value} for name in ("exp", "nbf", "iat") for value in NUMBERS if (name, value) != ("nbf", -math.inf)),
        *({name: value} for name in ("aud", "iss", "tid") for value in (5, None, True, {}, [], [5], ["x"], math.nan)),
        {"tid": [TENANT]},
        {"iss": ["https://graph.microsoft.com"]},
    ],
    ids=str,
)
async def test_claim_of_another_type_is_rejected(shared_signer, claims):
    with pytest.raises(TokenRejected):
        await make_checker(shared_signer).check(sign(shared_signer, claims))


def sign(signer, changes):
    """Return a signed token with claims that PyJWT refuses to write."""
    head, payload, _ = signer.make_bearer().removeprefix(b"Bearer ").split(b".")
    claims = json.loads(base64.urlsafe_b64decode(payload + b"==")) | changes
    signed = head + b"." + base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=")
    signature = signer.keys[signer.kid].sign(signed, padding.PKCS1v15(), hashes.SHA256())
    return b"Bearer " + signed + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")


@pytest.mark.parametrize(
    "part", [b"[" * 20_000, b'{"alg":"RS256","kid":"key-1","a":' + b"9" * 5000 + b"}", b"\xff", b"null"]
)
async def test_unreadable_header_or_claims_are_rejected(shared_signer, part):
    encoded = base64.urlsafe_b64encode(part).rstrip(b"=")
    head, payload, signature = shared_signer.make_bearer().split(b".")
    for token in ([b"Bearer " + encoded, payload, signature], [head, encoded, signature]):
        with pytest.raises(TokenRejected):
            await make_checker(shared_signer).check(b".".join(token))


async def test_expired_keys_verify_no_token(signer):
    now = 0.0
    checker = make_checker(signer, monotonic=lambda: now)
    await checker.check(signer.make_bearer())
    signer.is_down, now = True, MAX_USABLE_SECONDS + 1.0
    with pytest.raises(KeysUnavailable):
        await checker.check(signer.make_bearer(iat=NOW - 1))


def test_bucket_allows_a_burst_of_one_second():
    bucket = TokenBucket(3, clock=lambda: 10.0)
    assert [bucket.try_acquire() for _ in range(4)] == [True, True, True, False]


def test_bucket_refills_with_time():
    now = 10.0
    bucket = TokenBucket(4, clock=lambda: now)
    for _ in range(4):
        bucket.try_acquire()
    now = 10.5
    assert [bucket.try_acquire() for _ in range(3)] == [True, True, False]


def test_bucket_refills_to_the_rate_at_most():
    now = 10.0
    bucket = TokenBucket(2, clock=lambda: now)
    now = 100.0
    assert [bucket.try_acquire() for _ in range(3)] == [True, True, False]


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


async def test_fresh_keys_are_not_fetched_again(signer):
    now = 0.0
    keys = JwksCache(OPENID_URL, signer.fetch, clock=lambda: now)
    await keys.get("key-1")
    now = MAX_FRESH_SECONDS
    await keys.get("key-1")
    assert signer.fetch_count == 1
    now += 1
    await keys.get("key-1")
    assert signer.fetch_count == 2


async def test_keys_are_usable_for_days_without_the_key_server(signer):
    now = 0.0
    keys = JwksCache(OPENID_URL, signer.fetch, clock=lambda: now)
    await keys.get("key-1")
    signer.is_down, now = True, MAX_USABLE_SECONDS
    assert await keys.get("key-1")


async def test_failed_fetch_is_not_repeated_within_the_interval(signer):
    signer.is_down = True
    keys = JwksCache(OPENID_URL, signer.fetch, clock=lambda: 0.0)
    with pytest.raises(KeysUnavailable, match="OSError"):
        await keys.get("key-1")
    signer.is_down = False
    with pytest.raises(KeysUnavailable, match=r"\AThe signing keys are not available; the service sends again\.\Z"):
        await keys.get("key-1")
    assert signer.fetch_count == 0


async def test_unknown_key_within_the_interval_causes_no_fetch(signer):
    keys = JwksCache(OPENID_URL, signer.fetch, clock=lambda: 0.0)
    await keys.get("key-1")
    with pytest.raises(TokenRejected):
        await keys.get("unknown")
    assert signer.fetch_count == 1


async def test_failed_fetch_names_the_url_and_the_kind_of_error(signer):
    signer.is_down = True
    with pytest.raises(KeysUnavailable) as caught:
        await JwksCache(OPENID_URL, signer.fetch).get("key-1")
    assert str(caught.value) == f"Cannot fetch the signing keys at {OPENID_URL} (OSError); the service sends again."


async def test_cancelled_request_leaves_the_fetch_to_the_others(signer):
    keys = JwksCache(OPENID_URL, signer.fetch, clock=lambda: 0.0)
    requests = [asyncio.create_task(keys.get("key-1")) for _ in range(2)]
    await asyncio.sleep(0)
    requests[0].cancel()
    assert await requests[1]


def change_keys(signer, **changes):
    """Return a fetch function that changes the published keys and adds an entry that is not an object."""

    async def fetch(url):
        document = json.loads(await signer.fetch(url))
        for key in document.get("keys", []):
            key.update(changes)
        if "keys" in document:
            document["keys"] = ["text", *({k: v for k, v in key.items() if v} for key in document["keys"])]
        return json.dumps(document).encode()

    return fetch


async def test_keys_are_fetched_from_the_url_in_the_document(signer):
    urls = []

    async def fetch(url):
        urls.append(url)
        return await signer.fetch(url)

    await JwksCache(OPENID_URL, fetch).get("key-1")
    assert urls == [OPENID_URL, "https://keys.example/keys"]


async def test_key_is_used_for_rs256_only(signer):
    key = await JwksCache(OPENID_URL, change_keys(signer, alg="RS512")).get("key-1")
    assert key.algorithm_name == "RS256"


async def test_key_without_a_use_may_sign(signer):
    assert await JwksCache(OPENID_URL, change_keys(signer, use=None)).get("key-1")


@pytest.mark.parametrize("changes", [{"use": "enc"}, {"kty": "EC"}, {"kid": None}])
async def test_other_published_keys_are_ignored(signer, changes):
    with pytest.raises(TokenRejected):
        await JwksCache(OPENID_URL, change_keys(signer, **changes)).get("key-1")


def publish(signer, *others, jwks_uri="https://keys.example/keys"):
    """Return a fetch function that publishes other keys, and after them those of the signer."""

    async def fetch(url):
        document = json.loads(await signer.fetch(url))
        if "keys" in document:
            return json.dumps({"keys": [*others, *document["keys"]]}).encode()
        return json.dumps({"jwks_uri": jwks_uri}).encode()

    return fetch


def make_jwk(key, kid):
    return {**jwt.algorithms.RSAAlgorithm.to_jwk(key, as_dict=True), "kid": kid, "use": "sig"}


@pytest.mark.parametrize(
    "malformed",
    [
        {"kty": "RSA", "kid": "x", "n": "!!", "e": "AQAB"},
        {"kty": "RSA", "kid": "x", "n": 5, "e": []},
        {"kty": "RSA", "kid": "x"},
        {"kty": "RSA", "kid": ["x"], "n": "AQAB", "e": "AQAB"},
        {"kty": "RSA", "kid": {}, "n": "AQAB", "e": "AQAB"},
        {"kty": ["RSA"], "kid": "x"},
        {"kty": "RSA", "kid": "x", "use": ["sig"]},
        {"kty": "EC", "kid": "key-1", "crv": "P-256", "x": "AA", "y": "AA"},
        None,
        [],
        5,
    ],
    ids=str,
)
async def test_malformed_key_spoils_only_itself(signer, malformed):
    assert await JwksCache(OPENID_URL, publish(signer, malformed)).get("key-1")


@pytest.mark.parametrize("size", [1024, 2040])
async def test_key_that_is_too_small_is_not_used(signer, size):
    weak = rsa.generate_private_key(public_exponent=65537, key_size=size).public_key()
    with pytest.raises(TokenRejected):
        await JwksCache(OPENID_URL, publish(signer, make_jwk(weak, "weak"))).get("weak")


async def test_private_key_is_not_used(signer):
    with pytest.raises(TokenRejected):
        await JwksCache(OPENID_URL, publish(signer, make_jwk(make_private_key("key-1"), "private"))).get("private")


@pytest.mark.parametrize(
    "uri",
    [
        "http://keys.example/keys",
        "http://127.0.0.1/keys",
        "ftp://keys.example/",
        "file:///etc/keys",
        "",
        "https://",
        None,
        5,
    ],
)
async def test_keys_are_fetched_from_a_protected_address_only(signer, uri):
    with pytest.raises(KeysUnavailable):
        await JwksCache(OPENID_URL, publish(signer, jwks_uri=uri)).get("key-1")


async def test_keys_of_this_machine_may_come_without_tls(signer):
    local = publish(signer, jwks_uri="http://127.0.0.1:1/keys")

    async def fetch_local(url):
        return await local(OPENID_URL if url.endswith("openid") else url)

    assert await JwksCache("http://localhost:1/openid", fetch_local).get("key-1")


async def test_few_requests_wait_for_a_slow_key_server():
    never = asyncio.Event()

    async def fetch(url):
        await never.wait()

    keys = JwksCache(OPENID_URL, fetch)
    waiting = [asyncio.create_task(keys.get("key-1")) for _ in range(MAX_WAITING_REQUESTS)]
    await asyncio.sleep(0)
    with pytest.raises(KeysUnavailable, match="Too many"):
        await keys.get("key-1")
    for task in waiting:
        task.cancel()


def test_roles_are_read_without_checking_the_signature():
    token = jwt.encode({"roles": ["Calls.Initiate.All"]}, "x" * 32, "HS256")
    assert read_roles(token) == ("Calls.Initiate.All",)


@pytest.mark.parametrize("token", ["not a token", jwt.encode({}, "x" * 32, "HS256")])
def test_token_without_roles_has_none(token):
    assert read_roles(token) == ()
