"""How an application proves who it is: a secret or a certificate, and never its content in a ``repr``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import InvalidSetting

_KEY, _CERTIFICATE = "PRIVATE KEY-----", "-----BEGIN CERTIFICATE-----"


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
        self._value = value
        self.kind = kind or ("client secret" if isinstance(value, str) else "certificate")

    def reveal(self) -> str | dict[str, Any]:
        """As MSAL takes it."""
        return self._value if isinstance(self._value, str) else dict(self._value)

    def __repr__(self) -> str:
        return f"<Credential: {self.kind}>"


def certificate(path: str, key_path: str = "", password: str = "") -> Credential:
    """The credential of a certificate with its private key.

    Parameters
    ----------
    path : a PEM file with the certificate, or a PKCS #12 file (``.pfx``, ``.p12``) with certificate and key
    key_path : a PEM file with the private key, where it is not in the first file
    password : of the key, or of the PKCS #12 file

    Raises
    ------
    InvalidSetting
        When a file cannot be read, or lacks what is looked for in it.
    """
    kind = f"certificate {Path(path).name}"
    if Path(path).suffix.lower() in (".pfx", ".p12"):
        _read(path, "client_certificate")  # MSAL reads it once more; here it would be a traceback
        return Credential({"private_key_pfx_path": path, "passphrase": password or None}, kind)
    public = _read(path, "client_certificate")
    private = _read(key_path, "client_certificate_key") if key_path else public
    if _CERTIFICATE not in public:
        raise InvalidSetting("client_certificate", f"{path} holds no certificate; give a PEM or PKCS #12 file.")
    if _KEY not in private:
        raise InvalidSetting(
            "client_certificate_key", f"{key_path or path} holds no private key; name the PEM file that does."
        )
    # MSAL computes the thumbprint from the certificate, SHA-256 as Entra wants it now.
    value: dict[str, Any] = {"private_key": private, "public_certificate": public[public.index(_CERTIFICATE) :]}
    return Credential(value | ({"passphrase": password} if password else {}), kind)


def _read(path: str, setting: str) -> str:
    try:
        return Path(path).read_bytes().decode("utf-8", "replace")
    except OSError as error:
        raise InvalidSetting(setting, f"{path} cannot be read ({error.strerror}); check the path.") from None
