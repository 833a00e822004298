"""TLS trust, and messages for connections that fail."""

from __future__ import annotations

import os
import ssl
from typing import TypedDict

import httpx

from .._environment import accept_private_authorities, create_default_ssl_context, find_httpx_proxy, find_proxy
from ..errors import InvalidSetting


def create_ssl_context(ca_bundle: str | os.PathLike[str] | None = None, *, url: str = "https://") -> ssl.SSLContext:
    """Return a context that trusts the usual authorities, those of ``SSL_CERT_FILE``, and those of a file.

    Parameters
    ----------
    ca_bundle : PEM file of additional certificate authorities
    url : address to connect to. For plain http and no file, the context trusts no certificate: none is needed, and
        to load the usual authorities takes longer than a request to this machine.

    Raises
    ------
    InvalidSetting
        When the file cannot be read or contains no certificates, or a variable of the environment cannot be used.
    """
    if ca_bundle is None and url.startswith("http://"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context = create_default_ssl_context()
    if ca_bundle is not None:
        try:
            context.load_verify_locations(cafile=os.fspath(ca_bundle))
        except (OSError, ssl.SSLError):
            message = f"{ca_bundle} is not a PEM file of certificates; check the path."
            raise InvalidSetting("ca_bundle", message) from None
        accept_private_authorities(context)
    return context


class ConnectionOptions(TypedDict):
    """Arguments of an httpx client."""

    verify: ssl.SSLContext | bool
    proxy: str | None
    trust_env: bool


def make_connection_options(url: str, verify: ssl.SSLContext | bool = True) -> ConnectionOptions:
    """Return the arguments for an httpx client of one service: certificates, and the proxy of the environment.

    Parameters
    ----------
    url : URL of the service; this machine needs neither
    verify : trusted certificates, as httpx takes them; ``True`` for those of :func:`create_ssl_context`

    Raises
    ------
    InvalidSetting
        When a variable of the environment cannot be used; the message names it.
    """
    # httpx would read the same variables, but fail on some values without naming the variable.
    return {
        "verify": create_ssl_context(url=url) if verify is True else verify,
        "proxy": find_httpx_proxy(url),
        "trust_env": False,
    }


def describe_connection_error(url: str, error: Exception) -> str:
    """Return why a URL could not be reached, in one sentence with the remedy."""
    host = httpx.URL(url).host
    reason = str(error)
    proxy = find_proxy(url)
    variable = proxy.variable if proxy else "HTTPS_PROXY"
    if "CERTIFICATE_VERIFY_FAILED" in reason:
        return (
            f"The certificate of {host} is not trusted ({extract_verify_error(reason)}); if a proxy replaces it with "
            "one of its own authority, pass that authority's PEM file as ca_bundle=… or GRAPHCALL_CA_BUNDLE."
        )
    if isinstance(error, httpx.ProxyError):
        return f"The proxy does not connect to {host} ({reason}); check {variable}."
    if isinstance(error, httpx.TimeoutException):
        return f"{host} does not answer; check the network, and {variable} if this network needs a proxy."
    if isinstance(error, httpx.ConnectError):
        return f"{host} cannot be reached ({reason}); check the network, and {variable} if this network needs a proxy."
    return f"{host} closed the connection ({type(error).__name__}); check the network and try again."


def extract_verify_error(reason: str) -> str:
    """Return OpenSSL's reason from the text of a verification error.

    Examples
    --------
    >>> extract_verify_error("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unknown CA (_ssl.c:1006)")
    'unknown CA'
    """
    return reason.partition("failed: ")[2].partition(" (_ssl")[0] or "unknown reason"
