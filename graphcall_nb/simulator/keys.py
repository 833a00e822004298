"""RSA keys that sign tokens, and how they are published."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

ALGORITHM = "RS256"
_PUBLIC_EXPONENT = 65537
_KEY_BITS = 2048


class SigningKey:
    """One RSA key. ``id`` is the ``kid`` of what it signs."""

    def __init__(self) -> None:
        self._private = rsa.generate_private_key(_PUBLIC_EXPONENT, _KEY_BITS)
        self.public = self._private.public_key()
        modulus = self.public.public_numbers().n.to_bytes(_KEY_BITS // 8, "big")
        self.id = _text(hashlib.sha256(modulus).digest()[:20])
        self.jwk: Mapping[str, str] = {
            "kty": "RSA",
            "use": "sig",
            "alg": ALGORITHM,
            "kid": self.id,
            "n": _text(modulus),
            "e": _text(_PUBLIC_EXPONENT.to_bytes(3, "big")),
        }

    def sign(self, claims: Mapping[str, Any]) -> str:
        """A JWT with these claims."""
        return jwt.encode(dict(claims), self._private, algorithm=ALGORITHM, headers={"kid": self.id})

    def claims_of(self, token: str) -> dict[str, Any]:
        """The claims of a token that this key signed, whatever its times and audience; else ``jwt.InvalidTokenError``.

        Times are left to the caller, who has the clock.
        """
        options: Any = dict.fromkeys(("verify_exp", "verify_nbf", "verify_iat", "verify_aud", "verify_iss"), False)
        claims: dict[str, Any] = jwt.decode(token, self.public, algorithms=[ALGORITHM], options=options)
        return claims


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
