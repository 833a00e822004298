"""Credentials of an application: a client secret, or a certificate with its private key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InvalidSetting

if TYPE_CHECKING:
    from cryptography import x509

CREDENTIAL_FORMS = "the secret's value, or MSAL's dict of a certificate"


class Credential:
    """A client secret, or MSAL's dict of a certificate.

    Wrapped in an object, so that no ``repr``, log or traceback with local variables shows it.

    Parameters
    ----------
    value : the secret, or the dict
    kind : description for messages; by default ``client secret`` or ``certificate``

    Examples
    --------
    >>> Credential("the secret")
    <Credential: client secret>
    """

    __slots__ = ("_value", "kind")

    def __init__(self, value: str | Mapping[str, Any], kind: str = "") -> None:
        if not isinstance(value, str | Mapping):
            raise InvalidSetting("client_credential", f"expected {CREDENTIAL_FORMS}; got {type(value).__name__}.")
        self._value = value
        self.kind = kind or ("client secret" if isinstance(value, str) else "certificate")

    def reveal(self) -> str | dict[str, Any]:
        """Return the value in the form that MSAL accepts."""
        return self._value if isinstance(self._value, str) else dict(self._value)

    def __repr__(self) -> str:
        return f"<Credential: {self.kind}>"


def load_certificate(path: str, key_path: str = "", password: str = "", *, now: datetime | None = None) -> Credential:
    """Load the credential of a certificate and check its files.

    Parameters
    ----------
    path : PEM file with the certificate, or PKCS #12 file (``.pfx``, ``.p12``) with certificate and private key
    key_path : PEM file with the private key, when it is not in the first file
    password : password of the key, or of the PKCS #12 file
    now : present time, compared with the certificate's expiry

    Raises
    ------
    InvalidSetting
        When a file cannot be read, lacks the certificate or the key, or would be refused by Entra.
    """
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    password_bytes = password.encode() or None
    if Path(path).suffix.lower() in (".pfx", ".p12"):
        key, certificate = _load_pkcs12(path, password_bytes)
    else:
        certificate = _load_pem_certificate(path)
        key = _load_pem_key(key_path or path, password_bytes)
    _check_pair(path, key, certificate, now or datetime.now(UTC))
    # MSAL computes the thumbprint from the certificate, with SHA-256 as Entra requires.
    value = {
        "private_key": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        "public_certificate": certificate.public_bytes(Encoding.PEM).decode(),
    }
    return Credential(value, f"certificate {Path(path).name}")


def _load_pkcs12(path: str, password: bytes | None) -> tuple[Any, x509.Certificate]:
    from cryptography.hazmat.primitives.serialization import pkcs12

    content = _read_file(path, "client_certificate")
    try:
        key, certificate, _ = pkcs12.load_key_and_certificates(content, password)
    except (TypeError, ValueError):
        raise _decryption_error(path) from None
    if key is None or certificate is None:
        raise InvalidSetting("client_certificate", f"{path} must contain a certificate and its private key.")
    return key, certificate


def _load_pem_key(path: str, password: bytes | None) -> Any:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    content = _read_file(path, "client_certificate_key")
    if b"PRIVATE KEY-----" not in content:
        raise InvalidSetting(
            "client_certificate_key", f"{path} contains no private key; pass the PEM file that contains it."
        )
    start = content.rindex(b"-----BEGIN", 0, content.index(b"PRIVATE KEY-----"))
    try:
        return load_pem_private_key(content[start:], password)
    except (TypeError, ValueError):
        raise _decryption_error(path) from None


def _decryption_error(path: str) -> InvalidSetting:
    return InvalidSetting(
        "client_certificate_password",
        f"{path} cannot be decrypted; pass the right password (or none), or another file.",
    )


def _load_pem_certificate(path: str) -> x509.Certificate:
    from cryptography import x509

    content = _read_file(path, "client_certificate")
    start = content.find(b"-----BEGIN CERTIFICATE-----")
    try:
        return x509.load_pem_x509_certificate(content[max(start, 0) :])
    except ValueError:
        raise InvalidSetting(
            "client_certificate", f"{path} contains no certificate; pass a PEM or PKCS #12 file."
        ) from None


def _check_pair(path: str, key: Any, certificate: x509.Certificate, now: datetime) -> None:
    from cryptography.hazmat.primitives.asymmetric import rsa

    if not isinstance(key, rsa.RSAPrivateKey):
        raise InvalidSetting("client_certificate", f"{path} has a key that is not RSA; Entra accepts RSA only.")
    if key.public_key() != certificate.public_key():
        raise InvalidSetting("client_certificate_key", f"the key is not that of the certificate in {path}.")
    if certificate.not_valid_after_utc < now:
        expiry = f"{certificate.not_valid_after_utc:%Y-%m-%d}"
        raise InvalidSetting(
            "client_certificate", f"{path} expired on {expiry}; create a new certificate and upload it in Entra."
        )


def _read_file(path: str, setting: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise InvalidSetting(setting, f"{path} cannot be read ({error.strerror}); check the path.") from None
