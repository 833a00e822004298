"""URL helpers of the client's side."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit


def is_loopback(url: str) -> bool:
    """Return whether an http or https URL leads to this machine itself.

    A request to it needs neither a proxy nor TLS.

    Examples
    --------
    >>> is_loopback("http://localhost:8710/v1.0"), is_loopback("https://bot.example.org")
    (True, False)
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        return parts.scheme in ("http", "https") and (host == "localhost" or ip_address(host).is_loopback)
    except ValueError:
        return False


def is_protected(url: object) -> bool:
    """Return whether the content of a URL cannot be changed on its way: https, or http on this machine.

    Examples
    --------
    >>> is_protected("https://login.example.org/keys"), is_protected("http://login.example.org/keys")
    (True, False)
    """
    if not isinstance(url, str):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return bool(parts.hostname) and (parts.scheme == "https" or is_loopback(url))


def redact_path(url: str) -> str:
    """Return a URL without user and path; the path of a callback is a secret.

    Examples
    --------
    >>> redact_path("https://bot.example.org")
    'https://bot.example.org'
    >>> redact_path("https://hub.example.org/user/ann/graphcall/cb/hWq0")
    'https://hub.example.org/…'
    """
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}" + ("/…" if parts.path.strip("/") or parts.query else "")
