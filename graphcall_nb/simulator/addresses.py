"""The address that clients reach the simulator at, below which it announces all its URLs."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from .._arguments import require_type

_HOST = re.compile(rb"(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - nothing listens here


def parse_address(address: str) -> str:
    """Return an address without the slash at its end.

    Raises
    ------
    ValueError
        When it is not an http or https address, or when it has a path.

    Examples
    --------
    >>> parse_address("https://graph.test:8700/")
    'https://graph.test:8700'
    """
    text = require_type("address", address, str, "a URL such as https://graph.test:8700")
    try:
        parts = urlsplit(text)
        is_valid = parts.scheme in ("http", "https") and parts.path in ("", "/") and not (parts.query or parts.fragment)
        is_valid = is_valid and _is_host(parts.netloc.encode("ascii"))
    except ValueError:
        is_valid = False
    if not is_valid:
        raise ValueError(
            f"address: {text!r} is not an address of a server; write http:// or https://, a host and perhaps a port, "
            "without a path, such as https://graph.test:8700."
        )
    return f"{parts.scheme}://{parts.netloc}"


def make_local_address(scheme: str, host: str, port: int) -> str:
    """Return the address of a server on this machine, also of one that listens on all addresses.

    Examples
    --------
    >>> make_local_address("http", "0.0.0.0", 8700)
    'http://127.0.0.1:8700'
    """
    name = _WILDCARDS.get(host) or (f"[{host}]" if ":" in host else host)
    return f"{scheme}://{name}:{port}"


class AddressMiddleware:
    """Sets scheme and host of each request to those that its client used.

    They are those of the address if one was set, else those that a proxy on this machine reports
    (``X-Forwarded-Proto``, ``X-Forwarded-Host``), else those of the request itself.
    """

    def __init__(self, app: ASGIApp, address: str = "") -> None:
        self._app = app
        scheme, _, host = address.partition("://")
        self._scheme, self._host = scheme, host.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = self._replace(scope)
        await self._app(scope, receive, send)

    def _replace(self, scope: Scope) -> Scope:
        scheme, host = self._scheme, self._host
        headers = dict(reversed(scope["headers"]))  # the first one of a name
        if not host:
            forwarded = headers if _is_local(scope) else {}
            reported = _take_first(forwarded.get(b"x-forwarded-proto", b"")).lower()
            scheme = reported.decode() if reported in (b"http", b"https") else scope["scheme"]
            host = _take_first(forwarded.get(b"x-forwarded-host", b""))
            if not _is_host(host):
                host = headers.get(b"host", b"")
        others = [(name, value) for name, value in scope["headers"] if name != b"host"]
        # Without a host, the framework takes the address of the socket.
        return {**scope, "scheme": scheme, "headers": [*([(b"host", host)] if _is_host(host) else []), *others]}


def _is_local(scope: Scope) -> bool:
    try:
        return ip_address((scope.get("client") or ("",))[0]).is_loopback
    except ValueError:
        return False


def _take_first(value: bytes) -> bytes:
    """Return the entry of the outermost proxy."""
    return value.partition(b",")[0].strip()


def _is_host(text: bytes) -> bool:
    if not _HOST.fullmatch(text):
        return False
    try:
        return urlsplit(b"//" + text).port != 0  # reading the port validates it
    except ValueError:
        return False
