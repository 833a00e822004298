"""The simulator's own certificate authority, and the certificates of its servers."""

from __future__ import annotations

import contextlib
import datetime
import os
import socket
import ssl
import tempfile
from collections.abc import Iterable
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DEFAULT_FOLDER = "~/.graphcall_nb/tls"
AUTHORITY_LIFE = datetime.timedelta(days=3650)
SERVER_LIFE = datetime.timedelta(days=397)
"""Longest life of a server certificate that browsers accept."""

_CLOCK_SKEW = datetime.timedelta(days=1)  # clocks of containers and virtual machines differ
_LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")


class CertificateAuthority:
    """A certificate authority that is made once and kept in a folder, so that clients need its file only once.

    Parameters
    ----------
    folder : path-like, optional
        Folder of the authority, ``~/.graphcall_nb/tls`` by default; it is made if it does not exist.

    Attributes
    ----------
    ca_file : pathlib.Path
        PEM file of the authority's certificate, for clients.

    Raises
    ------
    ValueError
        When the folder cannot be written, or its ``authority.pem`` is not a current authority with its private key.
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        self._folder = Path(folder or DEFAULT_FOLDER).expanduser().absolute()
        self._key_file = self._folder / "authority.pem"
        self.ca_file = self._folder / "ca.pem"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if not self._key_file.exists():
                self._make()
            self._key, self._certificate = self._load()
            self._publish()
        except OSError as error:
            raise ValueError(
                f"tls_dir: {self._folder} cannot be used ({error.strerror}); choose a folder that you may write."
            ) from None

    def make_server_context(self, hosts: Iterable[str] = ()) -> ssl.SSLContext:
        """Return a TLS context with a new certificate of this authority.

        Parameters
        ----------
        hosts : iterable of str
            Names and addresses of the server, besides those of this machine.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        names = [_make_name(host) for host in dict.fromkeys([*_LOCAL_HOSTS, socket.gethostname(), *hosts])]
        builder = (
            _make_builder("graphcall_nb simulator", key, SERVER_LIFE, _make_usage(digital_signature=True))
            .issuer_name(self._certificate.subject)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.SubjectAlternativeName([name for name in names if name]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        # The ssl module reads certificates from files only.
        path = self._write_private(_to_pem(key, builder.sign(self._key, hashes.SHA256())))
        try:
            context.load_cert_chain(path)
        finally:
            path.unlink()
        return context

    def _make(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        title = "graphcall_nb simulator authority"
        builder = (
            _make_builder(title, key, AUTHORITY_LIFE, _make_usage(key_cert_sign=True, crl_sign=True))
            .issuer_name(_make_subject(title))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        )
        path = self._write_private(_to_pem(key, builder.sign(key, hashes.SHA256())))
        try:
            # Another simulator may have made its authority meanwhile. A link never replaces it.
            with contextlib.suppress(FileExistsError):
                os.link(path, self._key_file)
        finally:
            path.unlink()

    def _load(self) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
        content = self._key_file.read_bytes()
        try:
            key = serialization.load_pem_private_key(content, None)
            certificate = x509.load_pem_x509_certificate(content)
        except (ValueError, TypeError):
            raise self._make_error("does not contain a private key and a certificate") from None
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
            raise self._make_error("does not contain the private key of its certificate")
        if datetime.datetime.now(datetime.UTC) >= certificate.not_valid_after_utc:
            raise self._make_error("has expired")
        return key, certificate

    def _publish(self) -> None:
        """Write the file for clients, unless it is there."""
        content = self._certificate.public_bytes(serialization.Encoding.PEM)
        if not self.ca_file.exists() or self.ca_file.read_bytes() != content:
            path = self._write_private(content)
            path.chmod(0o644)
            path.replace(self.ca_file)

    def _write_private(self, content: bytes) -> Path:
        """Write a new file that only this user can read, and return its path."""
        descriptor, path = tempfile.mkstemp(dir=self._folder, prefix=".", suffix=".pem")  # with mode 0600
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        return Path(path)

    def _make_error(self, reason: str) -> ValueError:
        return ValueError(f"tls_dir: {self._key_file} {reason}; delete it, and the simulator makes a new authority.")


def _make_builder(
    title: str, key: ec.EllipticCurvePrivateKey, life: datetime.timedelta, usage: x509.KeyUsage
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder(
            subject_name=_make_subject(title),
            public_key=key.public_key(),
            serial_number=x509.random_serial_number(),
            not_valid_before=now - _CLOCK_SKEW,
            not_valid_after=now - _CLOCK_SKEW + life,
        )
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _make_subject(title: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, title)])


def _make_usage(
    *, digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False
) -> x509.KeyUsage:
    # Each one has to be said: Python 3.13 and Java refuse authorities without these extensions.
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )


def _make_name(host: str) -> x509.GeneralName | None:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host) if host and host.isascii() else None


def _to_pem(key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> bytes:
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + certificate.public_bytes(serialization.Encoding.PEM)
