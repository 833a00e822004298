"""A fake signer of notifications: real RSA keys, real tokens, an OpenID document."""

import json
import time
from functools import cache

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

AUDIENCE = "8A34A46B-3D17-4ADC-8DCE-DC4E7D572698"
TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"
OPENID_URL = "https://keys.example/openid"


@cache
def make_private_key(name):
    """Return one key for each name; generating a key takes longer than most tests."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Signer:
    """Keys and tokens of the service."""

    def __init__(self):
        self.keys = {}
        self.fetch_count = 0
        self.is_down = False
        self.rotate("key-1")

    def rotate(self, kid):
        self.kid = kid
        self.keys = {kid: make_private_key(kid)}

    async def fetch(self, url):
        if self.is_down:
            raise OSError("unreachable")
        if url == OPENID_URL:
            self.fetch_count += 1
            return json.dumps({"jwks_uri": "https://keys.example/keys"}).encode()
        return json.dumps({"keys": [self._jwk(kid) for kid in self.keys]}).encode()

    def _jwk(self, kid):
        public = jwt.algorithms.RSAAlgorithm.to_jwk(self.keys[kid].public_key(), as_dict=True)
        return {**public, "kid": kid, "use": "sig"}

    def make_bearer(self, *, key=None, kid=None, algorithm="RS256", without=(), **changes):
        """Return the header with a token; ``changes`` replace claims."""
        now = int(time.time())
        claims = {"iss": "https://graph.microsoft.com", "aud": AUDIENCE, "tid": TENANT}
        claims |= {"iat": now, "nbf": now, "exp": now + 3600} | changes
        claims = {name: value for name, value in claims.items() if name not in without}
        token = jwt.encode(claims, key or self.keys[self.kid], algorithm, headers={"kid": kid or self.kid})
        return b"Bearer " + token.encode()
