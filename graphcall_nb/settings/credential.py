"""How an application proves who it is: a secret or a certificate, and never its content in a ``repr``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InvalidSetting

if TYPE_CHECKING:
    from cryptography import x509


PROOF = "the secret's value, or MSAL's dict of a certificate"


class Credential:
    """A client secret, or what MSAL wants to know of a certificate.

    It is kept in an object of its own so that no ``repr``, log or traceback that prints local names shows it.

    Examples
    --------
    >>> Credential("the secret")
    <Credential: client secret>
    """

    __slots__ = ("_value", "kind")

    def __init__(self, value: str | Mapping[str, Any], kind: str = "") -> None:
        if not isinstance(value, str | Mapping):
            raise InvalidSetting("client_credential", f"give {PROOF}, not {type(value).__name__}.")
        self._value = value
        self.kind = kind or ("client secret" if isinstance(value, str) else "certificate")

    def reveal(self) -> str | dict[str, Any]:
        """As MSAL takes it."""
        return self._value if isinstance(self._value, str) else dict(self._value)

    def __repr__(self) -> str:
        return f"<Credential: {self.kind}>"


def certificate(path: str, key_path: str = "", password: str = "", *, now: datetime | None = None) -> Credential:
    """The credential of a certificate with its private key; all that can be wrong with the files is found here.

    Parameters
    ----------
    path : a PEM file with the certificate, or a PKCS #12 file (``.pfx``, ``.p12``) with certificate and key
    key_path : a PEM file with the private key, where it is not in the first file
    password : of the key, or of the PKCS #12 file
    now : the time; tests pass their own

    Raises
    ------
    InvalidSetting
        When a file cannot be read, lacks what is looked for in it, or would be refused by Entra.
    """
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    secret = password.encode() or None
    if Path(path).suffix.lower() in (".pfx", ".p12"):
        key, shown = _from_pkcs12(path, secret)
    else:
        shown = _shown(path)
        key = _key(key_path or path, secret)
    _fit(path, key, shown, now or datetime.now(UTC))
    # MSAL computes the thumbprint from the certificate, SHA-256 as Entra wants it now.
    value = {
        "private_key": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        "public_certificate": shown.public_bytes(Encoding.PEM).decode(),
    }
    return Credential(value, f"certificate {Path(path).name}")


def _from_pkcs12(path: str, password: bytes | None) -> tuple[Any, x509.Certificate]:
    from cryptography.hazmat.primitives.serialization import pkcs12

    content = _read(path, "client_certificate")
    try:
        key, shown, _ = pkcs12.load_key_and_certificates(content, password)
    except (TypeError, ValueError):
        raise _sealed(path) from None
    if key is None or shown is None:
        raise InvalidSetting("client_certificate", f"{path} must hold a certificate and its private key.")
    return key, shown


def _key(path: str, password: bytes | None) -> Any:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    content = _read(path, "client_certificate_key")
    if b"PRIVATE KEY-----" not in content:
        raise InvalidSetting("client_certificate_key", f"{path} holds no private key; name the PEM file that does.")
    start = content.rindex(b"-----BEGIN", 0, content.index(b"PRIVATE KEY-----"))
    try:
        return load_pem_private_key(content[start:], password)
    except (TypeError, ValueError):
        raise _sealed(path) from None


def _sealed(path: str) -> InvalidSetting:
    return InvalidSetting(
        "client_certificate_password", f"{path} does not open; give the right password (or none), or another file."
    )


def _shown(path: str) -> x509.Certificate:
    from cryptography import x509

    content = _read(path, "client_certificate")
    start = content.find(b"-----BEGIN CERTIFICATE-----")
    try:
        return x509.load_pem_x509_certificate(content[max(start, 0) :])
    except ValueError:
        raise InvalidSetting(
            "client_certificate", f"{path} holds no certificate; give a PEM or PKCS #12 file."
        ) from None


def _fit(path: str, key: Any, shown: x509.Certificate, now: datetime) -> None:
    from cryptography.hazmat.primitives.asymmetric import rsa

    if not isinstance(key, rsa.RSAPrivateKey):
        raise InvalidSetting("client_certificate", f"{path} has a key that is not RSA; Entra takes RSA only.")
    if key.public_key() != shown.public_key():
        raise InvalidSetting("client_certificate_key", f"the key is not that of the certificate in {path}.")
    if shown.not_valid_after_utc < now:
        ended = f"{shown.not_valid_after_utc:%Y-%m-%d}"
        raise InvalidSetting("client_certificate", f"{path} ended on {ended}; make a new one and upload it in Entra.")


def _read(path: str, setting: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise InvalidSetting(setting, f"{path} cannot be read ({error.strerror}); check the path.") from None
