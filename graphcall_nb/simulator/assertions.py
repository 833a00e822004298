"""Applications that prove who they are by a certificate: a JWT that its private key signed."""

from __future__ import annotations

from typing import Any

import jwt
from cryptography import x509

LEEWAY_SECONDS = 300


class AssertionFault(Exception):
    """An assertion that Entra does not take. ``number`` is that of the AADSTS code."""

    def __init__(self, number: int, message: str) -> None:
        super().__init__(message)
        self.number = number
        self.message = message


def check_assertion(assertion: str, *, certificate: str, client_id: str, token_url: str, now: float) -> None:
    """Return when an assertion is signed by a certificate's key, for this address, by this application, and in time.

    Parameters
    ----------
    assertion : the JWT
    certificate : of the application, PEM; empty where it has none
    client_id, token_url : who must have issued it, and for whom
    now : epoch seconds
    """
    try:
        key: Any = x509.load_pem_x509_certificate(certificate.encode()).public_key()
        options: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False, "require": ["exp", "iss", "aud"]}
        claims: dict[str, Any] = jwt.decode(
            assertion, key, algorithms=["PS256", "RS256"], audience=token_url, issuer=client_id, options=options
        )
    except (ValueError, jwt.InvalidTokenError):
        raise AssertionFault(
            700027,
            "Client assertion failed signature validation: the certificate with the used thumbprint is not registered "
            f"for application '{client_id}'.",
        ) from None
    if not claims.get("nbf", now) - LEEWAY_SECONDS <= now <= claims["exp"] + LEEWAY_SECONDS:
        raise AssertionFault(700024, "Client assertion is not within its valid time range.")
