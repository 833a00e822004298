"""What sign-in and Graph have in common on the network: whom they believe, and why something could not be asked."""

from __future__ import annotations

import os
import ssl

import httpx

from ..errors import InvalidSetting


def trusted(ca_bundle: str | os.PathLike[str] | None = None) -> ssl.SSLContext:
    """Whose certificates are believed: the usual authorities, those of ``SSL_CERT_FILE``, and those of a file.

    Raises
    ------
    InvalidSetting
        When the file cannot be read, or holds no certificates.
    """
    context = httpx.create_ssl_context()
    if ca_bundle is not None:
        try:
            context.load_verify_locations(cafile=os.fspath(ca_bundle))
        except (OSError, ssl.SSLError):
            raise InvalidSetting("ca_bundle", f"{ca_bundle} is no PEM file of certificates; check the path.") from None
    return context


def why_unreachable(url: str, error: Exception) -> str:
    """Why an address could not be asked, in one sentence with the remedy."""
    host = httpx.URL(url).host
    reason = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in reason:
        return (
            f"The certificate of {host} is not believed ({_after_colon(reason)}): a proxy may stand between, with an "
            "authority of its own; give its PEM file as ca_bundle=… or GRAPHCALL_CA_BUNDLE."
        )
    if isinstance(error, httpx.ProxyError):
        return f"The proxy does not lead to {host} ({reason}); check HTTPS_PROXY."
    if isinstance(error, httpx.TimeoutException):
        return f"{host} does not answer; check the network, and HTTPS_PROXY where a proxy stands between."
    if isinstance(error, httpx.ConnectError):
        return f"{host} cannot be reached ({reason}); check the network, and HTTPS_PROXY where a proxy stands between."
    return f"{host} broke the connection ({type(error).__name__}); check the network and try again."


def _after_colon(reason: str) -> str:
    """OpenSSL's own words, between the name of the error and the place in its source."""
    return reason.partition("failed: ")[2].partition(" (_ssl")[0] or "unknown reason"
