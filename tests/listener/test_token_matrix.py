"""Every kind of invalid token, with the real listener on a real socket and keys from a real key server."""

import asyncio
import base64
import hmac
import json
import time

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from graphcall_nb.background import serve
from graphcall_nb.journal.journal import open_journal
from graphcall_nb.listener.app import Listener
from graphcall_nb.listener.tokens import MAX_USABLE_SECONDS, TokenChecker

from .signing import AUDIENCE, OPENID_URL, TENANT, Signer, make_private_key
from .test_app import BODY, PATH

NOW = int(time.time())
DAY = 24 * 3600.0


class KeyServer:
    """Publishes the keys of a signer over HTTP; responds with 503 while it is down."""

    def __init__(self):
        self.signer = Signer()
        self.url = ""

    async def __call__(self, scope, receive, send):
        status, body = 200, b""
        try:
            content = await self.signer.fetch(OPENID_URL if scope["path"] == "/openid" else "keys")
            body = content.replace(b"https://keys.example", self.url.encode())
        except OSError:
            status = 503
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": body})


class Bench:
    """A listener, its key server, and a clock that a test sets."""

    def __init__(self, stack):
        self.stack = stack
        self.keys = KeyServer()
        self.signer = self.keys.signer
        self.now = 0.0

    async def open(self, journal, http, fetching, **settings):
        self.http, self.journal = http, journal
        self.keys.url = await self._serve(self.keys)

        async def fetch(url):
            return (await fetching.get(url)).raise_for_status().content

        checker = TokenChecker(
            audience=AUDIENCE,
            tenant_id=TENANT,
            openid_url=f"{self.keys.url}/openid",
            fetch=fetch,
            monotonic=lambda: self.now,
            **settings,
        )
        self.url = await self._serve(Listener(journal, checker, path=PATH))
        return self

    async def _serve(self, app):
        server = await serve(app)
        self.stack.append(server)
        return server.url

    async def post(self, authorization, sender="192.0.2.9"):
        headers = {"content-type": "application/json", "x-forwarded-for": f"203.0.113.7, {sender}"}
        headers |= {"authorization": authorization} if authorization else {}
        return await self.http.post(self.url + PATH, content=BODY, headers=headers)


@pytest.fixture
async def opening(tmp_path):
    journal, stack = open_journal(tmp_path / "journal.sqlite"), []
    async with httpx.AsyncClient(timeout=30) as http, httpx.AsyncClient() as fetching:

        async def opened(**settings):
            return await Bench(stack).open(journal, http, fetching, **settings)

        yield opened
    await asyncio.gather(*(server.close() for server in stack))
    journal.close()


@pytest.fixture
async def bench(opening):
    return await opening()


def make_unsigned(signer):
    return b"Bearer " + jwt.encode({"aud": AUDIENCE}, None, "none", headers={"kid": signer.kid}).encode()


def sign_with_public_key(signer):
    """Return a token signed by HS256 with the published key as the secret, which PyJWT refuses to make."""
    public = signer.keys[signer.kid].public_key()
    secret = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    head = base64.urlsafe_b64encode(json.dumps({"alg": "HS256", "kid": signer.kid}).encode()).rstrip(b"=")
    payload = signer.make_bearer().split(b".")[1]
    signature = base64.urlsafe_b64encode(hmac.digest(secret, head + b"." + payload, "sha256")).rstrip(b"=")
    return b"Bearer " + b".".join([head, payload, signature])


def tamper(signer):
    head, payload, signature = signer.make_bearer().split(b".")
    claims = json.loads(base64.urlsafe_b64decode(payload + b"=="))
    other = base64.urlsafe_b64encode(json.dumps(claims | {"tid": "another"}).encode()).rstrip(b"=")
    return b".".join([head, other, signature])


FORGED = {
    "forged, with a known key id": lambda s: s.make_bearer(key=make_private_key("another")),
    "HS256 with the public key": sign_with_public_key,
    "none": make_unsigned,
    "RS512": lambda s: s.make_bearer(algorithm="RS512"),
    "wrong audience": lambda s: s.make_bearer(aud="another"),
    "wrong issuer": lambda s: s.make_bearer(iss="https://evil.example"),
    "wrong tenant": lambda s: s.make_bearer(tid="another"),
    "no tenant": lambda s: s.make_bearer(without=["tid"]),
    "no audience": lambda s: s.make_bearer(without=["aud"]),
    "no issuer": lambda s: s.make_bearer(without=["iss"]),
    "expired": lambda s: s.make_bearer(exp=NOW - 400),
    "not yet valid": lambda s: s.make_bearer(nbf=int(time.time()) + 3000),
    "no expiry": lambda s: s.make_bearer(without=["exp"]),
    "tampered": tamper,
    "unknown key": lambda s: s.make_bearer(kid="unknown"),
    "garbage": lambda s: b"Bearer garbage",
    "more garbage": lambda s: b"Bearer \xff.\xfe.\xfd",
    "three dots": lambda s: b"Bearer ..",
    "another scheme": lambda s: b"Basic eA==",
    "nothing": lambda s: None,
}


@pytest.mark.slow
@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
async def test_forged_token_is_refused_and_not_stored(bench, forge):
    response = await bench.post(forge(bench.signer))
    assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")
    assert bench.journal.read() == []


@pytest.mark.parametrize("issuer", ["https://graph.microsoft.com", "https://api.botframework.com"])
@pytest.mark.parametrize("changes", [{}, {"aud": [AUDIENCE, "x"]}, {"tid": TENANT.upper()}])
async def test_valid_token_is_accepted(bench, issuer, changes):
    assert (await bench.post(bench.signer.make_bearer(iss=issuer, **changes))).status_code == 202
    assert len(bench.journal.read()) == 1


async def test_clock_skew_of_minutes_is_accepted(bench):
    # From now: this file may have been imported many minutes ago.
    assert (await bench.post(bench.signer.make_bearer(exp=int(time.time()) - 100))).status_code == 202


@pytest.mark.slow
async def test_many_unknown_keys_cause_one_fetch(bench):
    forged = [bench.signer.make_bearer(kid=f"unknown-{n}") for n in range(100)]
    answers = await asyncio.gather(*map(bench.post, forged))
    assert {answer.status_code for answer in answers} == {401}
    assert bench.signer.fetch_count == 1


async def test_rotated_key_is_accepted_within_a_second(bench):
    await bench.post(bench.signer.make_bearer())
    bench.signer.rotate("key-2")
    bench.now += 1.0
    assert (await bench.post(bench.signer.make_bearer())).status_code == 202


async def test_cached_keys_are_used_until_they_expire_while_the_key_server_is_down(bench):
    assert (await bench.post(bench.signer.make_bearer())).status_code == 202
    bench.signer.is_down = True
    bench.now = MAX_USABLE_SECONDS - DAY
    assert (await bench.post(bench.signer.make_bearer(iat=NOW - 1))).status_code == 202
    bench.now = MAX_USABLE_SECONDS + 1
    answer = await bench.post(bench.signer.make_bearer(iat=NOW - 2))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


async def test_invalid_signatures_are_rate_limited_by_their_sender(opening):
    bench = await opening(max_invalid_per_second=3)
    verified = bench.signer.make_bearer()
    await bench.post(verified)
    forged = bench.signer.make_bearer(key=make_private_key("another"))
    flood = [await bench.post(forged, "192.0.2.1") for _ in range(5)]
    assert [answer.status_code for answer in flood] == [401, 401, 401, 429, 429]
    assert flood[-1].headers["retry-after"] == "1"
    assert (await bench.post(verified, "192.0.2.1")).status_code == 202
    assert (await bench.post(bench.signer.make_bearer(iat=NOW - 1), "192.0.2.2")).status_code == 202
    bench.now += 1
    assert (await bench.post(bench.signer.make_bearer(iat=NOW - 2), "192.0.2.1")).status_code == 202
