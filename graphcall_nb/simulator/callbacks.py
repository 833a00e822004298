"""The addresses that notifications may be sent to: this machine, and those that the user allowed."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from .._arguments import as_list, require_type

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_REMEDY = "must be an absolute https address; http is accepted only for this machine (127.0.0.1, [::1] or localhost)"


class CallbackPolicy:
    """The hosts that notifications may be sent to.

    Loopback addresses and localhost are always allowed. Another host has to be listed. A listed name may resolve to a
    private address, as names of containers do, but not to a link-local one, unless that address is listed itself.

    Parameters
    ----------
    allowed : iterable of str
        Further hosts, ``HOST`` or ``HOST:PORT``: names, IPv4 addresses, or IPv6 addresses in brackets.

    Raises
    ------
    ValueError
        For an entry that is not a host.

    Examples
    --------
    >>> policy = CallbackPolicy(["bot:3978"])
    >>> policy.find_problem("http://bot:3978/api/calls"), policy.find_problem("http://127.0.0.1:8080/")
    ('', '')
    """

    def __init__(self, allowed: str | Iterable[str] = ()) -> None:
        require_type("allow_callback", allowed, Iterable, "a host such as bot:3978, or several")
        self._allowed = frozenset(_parse_host(entry) for entry in as_list(allowed))
        self._own_urls: dict[str, str] = {}

    def restrict(self, application_id: str, url: str) -> None:
        """Send notifications for an application to this URL alone; to none at all if it is empty."""
        self._own_urls[application_id] = url

    def find_problem(self, url: str, application_id: str = "") -> str:
        """Return why a URL cannot be a callback, or an empty text.

        An https URL with an unlisted name is valid, since published requests have one; nothing is sent to it.
        """
        own = self._own_urls.get(application_id)
        if own is not None:
            is_own = bool(own) and (url == own or url.startswith(own + "?"))
            return "" if is_own else "must be the address of your own listener, which session.callback_uri returns."
        host, port = _split(url)
        if host is None:
            return f"{_REMEDY}."
        is_allowed = self.is_listed(host, port)
        address = _parse_address(host)
        is_local = host == "localhost" if address is None else address.is_loopback
        if urlsplit(url).scheme == "http" and not (is_allowed or is_local):
            return f"{_REMEDY}, and for hosts that --allow-callback names."
        if address is not None and not (is_local or is_allowed):
            return f"names a host that is not allowed: {describe_remedy(host, port)}"
        return ""

    def find_delivery_problem(self, url: str, application_id: str = "") -> str:
        """Return why nothing is sent to a URL, or an empty text. Names are not resolved here."""
        if problem := self.find_problem(url, application_id):
            return f"the address {problem.rstrip('.')}"
        host, port = _split(url)
        if host is None or host == "localhost" or _parse_address(host) is not None or self.is_listed(host, port):
            return ""
        return f"{host} is not allowed: {describe_remedy(host, port).rstrip('.')}"

    def allows_address(self, host: str, port: int, address: str) -> bool:
        """Return whether a host may be connected to at an address that its name resolved to."""
        ip = _parse_address(address)
        if ip is None:
            return False
        if ip.is_loopback or self.is_listed(str(ip), port):
            return True
        return self.is_listed(host, port) and not (ip.is_link_local or ip.is_multicast or ip.is_unspecified)

    def is_listed(self, host: str, port: int) -> bool:
        """Return whether a host was listed, for this port or for all."""
        name = _normalize(host)
        return (name, None) in self._allowed or (name, port) in self._allowed


def describe_remedy(host: str, port: int) -> str:
    """Return how to allow a host."""
    name = f"[{host}]" if ":" in host else host
    return (
        f"only this machine gets notifications unless a host is allowed. Start the simulator with --allow-callback "
        f"{name}:{port} (allow_callback= in Python)."
    )


def _parse_host(entry: str) -> tuple[str, int | None]:
    text = require_type("allow_callback", entry, str, "a host such as bot:3978").strip()
    try:
        parts = urlsplit("//" + (f"[{text}]" if text.count(":") > 1 and not text.startswith("[") else text))
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    is_plain = host is not None and not parts.path and not parts.query and "@" not in text
    if host is None or not is_plain or any(character.isspace() or character in "*\\" for character in text):
        raise ValueError(
            f"allow_callback: {text!r} is not a host; write HOST or HOST:PORT, such as bot:3978 or [fd00::5]:3978, "
            "without a scheme, a path or a wildcard."
        )
    return _normalize(host), port


def _split(url: str) -> tuple[str | None, int]:
    """Return host and port of an http or https URL; the host is ``None`` if the URL cannot be used."""
    if any(character.isspace() or not character.isprintable() or character == "\\" for character in url):
        return None, 0
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port  # reading the port validates it
    except ValueError:
        return None, 0
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc or _is_ambiguous(host):
        return None, 0
    return host, port or (443 if parts.scheme == "https" else 80)


def _is_ambiguous(host: str) -> bool:
    """Return whether a host is a number that only some programs read as an address, such as 127.1 or 0x7f000001."""
    last = host.rstrip(".").rpartition(".")[2]
    is_number = last.isdigit() or last.startswith("0x")
    return (is_number or ":" in host) and _parse_address(host) is None


def _parse_address(host: str) -> Address | None:
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _normalize(host: str) -> str:
    address = _parse_address(host)
    return str(address) if address is not None else host.lower().rstrip(".")
