"""Public URLs: normalization, recognition in a program's output, and the provider for a URL that already exists."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from .._urls import is_loopback, redact_path
from ..errors import TunnelUnavailable

ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")

MAX_OUTPUT_CHARACTERS = 8192
"""The URL is in one of the first lines, so the end of a long output is enough."""

MAX_LINE_CHARACTERS = 200
"""Length to which the last line of an output is cut in an error message."""


def normalize_public_url(url: str) -> str:
    """Return a public URL in the form that Graph accepts: ``https``, no query, no trailing slash.

    ``http`` is accepted for this machine itself, to which only a simulator sends.

    Raises
    ------
    TunnelUnavailable
        When Graph would not send notifications to the URL.

    Examples
    --------
    >>> normalize_public_url("https://bot.example.org/calls/")
    'https://bot.example.org/calls'
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise TunnelUnavailable("The public address cannot be parsed; write it as https://bot.example.org.") from None
    if not parts.hostname or parts.scheme not in ("http", "https"):
        raise TunnelUnavailable("The public address is not a URL; write it as https://bot.example.org.")
    if parts.username is not None or parts.query or parts.fragment:
        raise TunnelUnavailable("The public address must have no user, query or fragment; remove them.")
    if parts.scheme == "http" and not is_loopback(url.strip()):
        raise TunnelUnavailable("Graph sends notifications to https only; use the https form of the public address.")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}{parts.path}".rstrip("/")


class UrlScanner:
    r"""Recognizer of a public URL in output that arrives in pieces of any length.

    Parameters
    ----------
    pattern : str
        Regular expression with the URL in group 1. It names the form of the host, since banners contain other URLs too.

    Examples
    --------
    >>> scanner = UrlScanner(r"from (https://[a-z0-9-]+\.serveo\.net)")
    >>> scanner.feed("Forwarding HTTP traffic from \x1b[32mhttps://a1.ser")
    >>> scanner.feed("veo.net\x1b[0m\n")
    'https://a1.serveo.net'
    """

    def __init__(self, pattern: str) -> None:
        self._pattern = re.compile(rf"{pattern}(?=[\s,\"|]|/\s)")
        self._text = ""

    def feed(self, text: str) -> str | None:
        """Add a piece of output and return the last URL in the output so far, without a trailing slash."""
        self._text = (self._text + text)[-MAX_OUTPUT_CHARACTERS:]
        urls = self._pattern.findall(self.plain)
        return urls[-1] if urls else None

    @property
    def plain(self) -> str:
        """Output without colors."""
        return ANSI.sub("", self._text)

    @property
    def last_line(self) -> str:
        """Last line that is not empty, cut for an error message."""
        lines = [line.strip() for line in self.plain.splitlines() if line.strip()]
        return lines[-1][:MAX_LINE_CHARACTERS] if lines else "(none)"


class FixedConnection:
    """A connection of which only the URL is known."""

    def __init__(self, url: str) -> None:
        self.url = url

    async def wait_lost(self) -> str:
        await asyncio.Event().wait()
        raise AssertionError("the event is never set")

    async def recover(self) -> bool:
        return False

    async def close(self) -> None:
        """Do nothing: the reverse proxy belongs to the user."""


@dataclass
class Url:
    """A public URL that already leads to this machine, for example through a reverse proxy.

    This provider cannot see whether the URL works. A session's ``doctor()`` can: it sends a notification to itself.

    Parameters
    ----------
    url : str
        Public URL, ``https``; the listener's path is appended to it.
    local_port : int, optional
        Port to which the URL leads; ``None`` when it follows the listener by itself.

    Examples
    --------
    >>> import asyncio
    >>> asyncio.run(Url("https://bot.example.org", local_port=8080).check())
    'You passed the public address https://bot.example.org.'
    """

    url: str
    local_port: int | None = None
    name: str = "url"

    async def check(self) -> str:
        return f"You passed the public address {redact_path(normalize_public_url(self.url))}."

    async def connect(self, port: int) -> FixedConnection:
        if self.local_port not in (None, port):
            raise TunnelUnavailable(
                f"The public address leads to port {self.local_port}, but the listener is on port {port}; "
                f"start the listener on port {self.local_port}."
            )
        return FixedConnection(normalize_public_url(self.url))
