"""Certificates and proxies that environment variables choose. An error names the variable."""

from __future__ import annotations

import os
import ssl
from importlib.util import find_spec
from ipaddress import ip_address, ip_network
from typing import NamedTuple
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from ._urls import is_loopback
from .errors import InvalidSetting


def create_default_ssl_context() -> ssl.SSLContext:
    """Return a context that trusts the usual authorities, or those of ``SSL_CERT_FILE`` or ``SSL_CERT_DIR``.

    Raises
    ------
    InvalidSetting
        When a file or folder of ``SSL_CERT_FILE``, ``SSL_CERT_DIR`` or ``SSLKEYLOGFILE`` cannot be used.
    """
    import httpx  # it knows where certificates are on each platform

    require_key_log_file()
    certificates = os.environ.get("SSL_CERT_FILE")
    folder = None if certificates else os.environ.get("SSL_CERT_DIR")
    if folder and not os.path.isdir(folder):
        raise InvalidSetting("SSL_CERT_DIR", f"the folder {folder} does not exist; correct or unset the variable.")
    try:
        context = httpx.create_ssl_context()
    except (OSError, ssl.SSLError):
        if not certificates:
            raise
        message = f"{certificates} is not a readable PEM file of certificates; correct or unset the variable."
        raise InvalidSetting("SSL_CERT_FILE", message) from None
    if certificates or folder:
        accept_private_authorities(context)
    return context


def accept_private_authorities(context: ssl.SSLContext) -> None:
    """Accept authorities without the extensions that Python 3.13 began to require.

    The authorities of many companies lack them. The chain, the names and the dates are checked all the same.
    """
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT


def require_key_log_file() -> None:
    """Raise ``InvalidSetting`` unless the file of ``SSLKEYLOGFILE``, if any, can be written.

    Python opens it for each context, and libraries make contexts when they are imported.
    """
    path = os.environ.get("SSLKEYLOGFILE")
    if not path:
        return
    try:
        open(path, "a").close()
    except OSError as error:
        message = f"{path} cannot be written ({error.strerror}); correct or unset the variable."
        raise InvalidSetting("SSLKEYLOGFILE", message) from None


class Proxy(NamedTuple):
    """A proxy; ``variable`` is the environment variable that names it. The URL may contain a password."""

    variable: str
    url: str


def find_proxy(url: str) -> Proxy | None:
    """Return the proxy of the environment for a URL; ``None`` for this machine and for hosts in ``NO_PROXY``."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    proxies = getproxies()
    if is_loopback(url) or _is_exempt(host, parts.port, proxies.get("no", "")) or proxy_bypass(host):
        return None
    for scheme in (parts.scheme, "all"):
        if proxy := proxies.get(scheme):
            return Proxy(f"{scheme.upper()}_PROXY", proxy if "://" in proxy else f"http://{proxy}")
    return None


def _is_exempt(host: str, port: int | None, exempt_hosts: str) -> bool:
    """Return whether a value of ``NO_PROXY`` names a host.

    An entry is ``*``, a name, the end of a name, an address, with or without brackets, or a network such as
    ``fd00::/8``. A name or an address in brackets may have a port.
    """
    entries = [entry.strip().lower() for entry in exempt_hosts.split(",")]
    return any(_matches(entry, host, port) for entry in entries if entry)


def _matches(entry: str, host: str, port: int | None) -> bool:
    try:
        return ip_address(host.partition("%")[0]) in ip_network(entry.strip("[]"), strict=False)
    except ValueError:  # the entry or the host is a name
        pass
    try:
        parts = urlsplit(f"//{entry}")
        name, only_port = (parts.hostname or "").lstrip("*."), parts.port
    except ValueError:
        return False
    if only_port not in (None, port or 443):
        return False
    return entry == "*" or (bool(name) and (host == name or host.endswith(f".{name}")))


def find_httpx_proxy(url: str) -> str | None:
    """Return the URL of :func:`find_proxy` for an httpx client.

    Raises
    ------
    InvalidSetting
        When httpx cannot use the proxy; the message names the variable.
    """
    import httpx

    proxy = find_proxy(url)
    if proxy is None:
        return None
    scheme = proxy.url.partition("://")[0]
    try:
        httpx.Proxy(proxy.url)
    except (ValueError, httpx.InvalidURL):
        message = f"expected the URL of a proxy, such as http://proxy.example.org:8080; got another {scheme}:// URL."
        raise InvalidSetting(proxy.variable, message) from None
    if scheme.startswith("socks") and find_spec("socksio") is None:
        message = (
            f"a {scheme}:// proxy needs the package socksio: run pip install 'httpx[socks]', set the variable to an "
            f"http:// proxy, or add {urlsplit(url).hostname} to NO_PROXY."
        )
        raise InvalidSetting(proxy.variable, message)
    return proxy.url
