"""A stand-in for the service that signs notifications: real RSA keys, real tokens, an OpenID document."""

import json
import time
from functools import cache

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

AUDIENCE = "8A34A46B-3D17-4ADC-8DCE-DC4E7D572698"
TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"
OPENID_URL = "https://keys.example/openid"


@cache
def private_key(name):
    """A key of its own for each name; making one takes longer than most tests."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Signer:
    def __init__(self):
        self.keys = {}
        self.fetched = 0
        self.down = False
        self.roll("key-1")

    def roll(self, kid):
        self.kid = kid
        self.keys = {kid: private_key(kid)}

    async def fetch(self, url):
        if self.down:
            raise OSError("unreachable")
        if url == OPENID_URL:
            self.fetched += 1
            return json.dumps({"jwks_uri": "https://keys.example/keys"}).encode()
        return json.dumps({"keys": [self._jwk(kid) for kid in self.keys]}).encode()

    def _jwk(self, kid):
        public = jwt.algorithms.RSAAlgorithm.to_jwk(self.keys[kid].public_key(), as_dict=True)
        return {**public, "kid": kid, "use": "sig"}

    def bearer(self, *, key=None, kid=None, algorithm="RS256", without=(), **changed):
        now = int(time.time())
        claims = {"iss": "https://graph.microsoft.com", "aud": AUDIENCE, "tid": TENANT}
        claims |= {"iat": now, "nbf": now, "exp": now + 3600} | changed
        claims = {name: value for name, value in claims.items() if name not in without}
        token = jwt.encode(claims, key or self.keys[self.kid], algorithm, headers={"kid": kid or self.kid})
        return b"Bearer " + token.encode()
