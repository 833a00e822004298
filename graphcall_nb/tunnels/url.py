"""``url``: a public address that is there already, for example a reverse proxy in front of this machine."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from ..errors import TunnelUnavailable
from .status import without_path


def public_url(text: str) -> str:
    """A public address as Graph takes it: ``https``, no query, no slash at the end.

    ``http`` is allowed for this machine itself, where only a simulator sends.

    Raises
    ------
    TunnelUnavailable
        When Graph would not send anything there; the message says what is wrong.

    Examples
    --------
    >>> public_url("https://bot.example.org/calls/")
    'https://bot.example.org/calls'
    """
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError:
        raise TunnelUnavailable("The public address cannot be read; write it as https://bot.example.org.") from None
    if not parts.hostname or parts.scheme not in ("http", "https"):
        raise TunnelUnavailable("The public address is not an address; write it as https://bot.example.org.")
    if parts.username is not None or parts.query or parts.fragment:
        raise TunnelUnavailable("The public address must have no user, query or fragment; leave them out.")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise TunnelUnavailable("Graph sends notifications to https only; give the https form of the public address.")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}{parts.path}".rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Fixed:
    """A link of which nothing is known but its address."""

    def __init__(self, url: str) -> None:
        self.url = url

    async def lost(self) -> str:
        await asyncio.Event().wait()
        raise AssertionError("nobody sets the event")

    async def healed(self) -> bool:
        return False

    async def close(self) -> None:
        """There is nothing to close."""


@dataclass
class Url:
    """A public address that somebody else leads to this machine.

    Nobody here can see whether it works; a session's doctor can, by sending itself a notification.

    Parameters
    ----------
    url : the address, ``https``; the listener's path is put behind it
    local_port : the port to which the address leads; ``None`` when it follows the listener by itself

    Examples
    --------
    >>> import asyncio
    >>> asyncio.run(Url("https://bot.example.org", local_port=8080).check())
    'You gave the address https://bot.example.org.'
    """

    url: str
    local_port: int | None = None
    name: str = "url"

    async def check(self) -> str:
        return f"You gave the address {without_path(public_url(self.url))}."

    async def connect(self, port: int) -> Fixed:
        if self.local_port not in (None, port):
            raise TunnelUnavailable(
                f"The public address leads to port {self.local_port}, but the listener is on port {port}; "
                f"have it listen on {self.local_port}."
            )
        return Fixed(public_url(self.url))
