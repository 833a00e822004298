"""Every way a token can be wrong, through the real listener on a real socket, with keys from a real key server."""

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
from graphcall_nb.listener.tokens import USABLE_SECONDS, TokenChecker

from .signing import AUDIENCE, OPENID_URL, TENANT, Signer, private_key
from .test_listener import BODY, PATH

NOW = int(time.time())
DAY = 24 * 3600.0


class KeyServer:
    """Publishes a signer's keys over HTTP; when it is down it breaks each connection."""

    def __init__(self):
        self.signer = Signer()
        self.url = ""

    async def __call__(self, scope, receive, send):
        status, body = 200, b""
        try:
            found = await self.signer.fetch(OPENID_URL if scope["path"] == "/openid" else "keys")
            body = found.replace(b"https://keys.example", self.url.encode())
        except OSError:
            status = 503
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": body})


class Bench:
    """A listener, its key server, and a clock that a test may turn."""

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

    async def post(self, authorization):
        headers = {"content-type": "application/json"} | ({"authorization": authorization} if authorization else {})
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


def unsigned(signer):
    return b"Bearer " + jwt.encode({"aud": AUDIENCE}, None, "none", headers={"kid": signer.kid}).encode()


def by_the_public_key(signer):
    """HS256 with the published key as the shared secret; PyJWT refuses to sign like this, so it is made by hand."""
    public = signer.keys[signer.kid].public_key()
    secret = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    head = base64.urlsafe_b64encode(json.dumps({"alg": "HS256", "kid": signer.kid}).encode()).rstrip(b"=")
    payload = signer.bearer().split(b".")[1]
    signature = base64.urlsafe_b64encode(hmac.digest(secret, head + b"." + payload, "sha256")).rstrip(b"=")
    return b"Bearer " + b".".join([head, payload, signature])


def tampered(signer):
    head, payload, signature = signer.bearer().split(b".")
    claims = json.loads(base64.urlsafe_b64decode(payload + b"=="))
    other = base64.urlsafe_b64encode(json.dumps(claims | {"tid": "another"}).encode()).rstrip(b"=")
    return b".".join([head, other, signature])


FORGED = {
    "forged, with a known key id": lambda s: s.bearer(key=private_key("of somebody else")),
    "HS256 with the public key": by_the_public_key,
    "none": unsigned,
    "RS512": lambda s: s.bearer(algorithm="RS512"),
    "wrong audience": lambda s: s.bearer(aud="another"),
    "wrong issuer": lambda s: s.bearer(iss="https://evil.example"),
    "wrong tenant": lambda s: s.bearer(tid="another"),
    "no tenant": lambda s: s.bearer(without=["tid"]),
    "no audience": lambda s: s.bearer(without=["aud"]),
    "no issuer": lambda s: s.bearer(without=["iss"]),
    "expired": lambda s: s.bearer(exp=NOW - 400),
    "not yet valid": lambda s: s.bearer(nbf=int(time.time()) + 3000),
    "no expiry": lambda s: s.bearer(without=["exp"]),
    "tampered": tampered,
    "unknown key": lambda s: s.bearer(kid="unknown"),
    "garbage": lambda s: b"Bearer garbage",
    "more garbage": lambda s: b"Bearer \xff.\xfe.\xfd",
    "three dots": lambda s: b"Bearer ..",
    "another scheme": lambda s: b"Basic eA==",
    "nothing": lambda s: None,
}


@pytest.mark.slow
@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
async def test_it_is_refused_and_leaves_nothing(bench, forge):
    response = await bench.post(forge(bench.signer))
    assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")
    assert bench.journal.read() == []


@pytest.mark.parametrize("issuer", ["https://graph.microsoft.com", "https://api.botframework.com"])
@pytest.mark.parametrize("changed", [{}, {"aud": [AUDIENCE, "x"]}, {"tid": TENANT.upper()}])
async def test_a_good_one_is_taken(bench, issuer, changed):
    assert (await bench.post(bench.signer.bearer(iss=issuer, **changed))).status_code == 202
    assert len(bench.journal.read()) == 1


async def test_clocks_may_be_minutes_apart(bench):
    # Counted from now: the file may have been read many minutes ago.
    assert (await bench.post(bench.signer.bearer(exp=int(time.time()) - 100))).status_code == 202


@pytest.mark.slow
async def test_a_flood_of_unknown_keys_asks_for_keys_once(bench):
    forged = [bench.signer.bearer(kid=f"unknown-{n}") for n in range(100)]
    answers = await asyncio.gather(*map(bench.post, forged))
    assert {answer.status_code for answer in answers} == {401}
    assert bench.signer.fetched == 1


async def test_a_rolled_key_is_taken_within_a_second(bench):
    await bench.post(bench.signer.bearer())
    bench.signer.roll("key-2")
    bench.now += 1.0
    assert (await bench.post(bench.signer.bearer())).status_code == 202


async def test_while_the_key_server_is_down_old_keys_serve_and_then_nobody_is_believed(bench):
    assert (await bench.post(bench.signer.bearer())).status_code == 202
    bench.signer.down = True
    bench.now = USABLE_SECONDS - DAY
    assert (await bench.post(bench.signer.bearer(iat=NOW - 1))).status_code == 202
    bench.now = USABLE_SECONDS + 1
    answer = await bench.post(bench.signer.bearer(iat=NOW - 2))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


async def test_a_flood_of_new_tokens_is_slowed_and_a_known_sender_is_not(opening):
    bench = await opening(new_per_second=3)
    known = bench.signer.bearer()
    await bench.post(known)
    flood = [await bench.post(b"Bearer %d" % n) for n in range(4)]
    assert [answer.status_code for answer in flood] == [401, 401, 429, 429]
    assert flood[-1].headers["retry-after"] == "1"
    assert (await bench.post(known)).status_code == 202
    bench.now += 1
    assert (await bench.post(bench.signer.bearer(iat=NOW - 1))).status_code == 202
