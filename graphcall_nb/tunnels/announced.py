"""Reading a public address out of what a program or service prints. No I/O."""

from __future__ import annotations

import re

ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
KEPT = 8192
"""Characters of an output that are looked at; an address is in one of the first lines."""


class Announcement:
    """Finds the address in text that comes in pieces, which may end anywhere.

    Parameters
    ----------
    pattern : matches the address, in its group 1; banners hold other addresses too, so it names the host's form

    Examples
    --------
    >>> reading = Announcement(r"from (https://[a-z0-9-]+\\.serveo\\.net)")
    >>> reading.feed("Forwarding HTTP traffic from \\x1b[32mhttps://a1.ser")
    >>> reading.feed("veo.net\\x1b[0m\\n")
    'https://a1.serveo.net'
    """

    def __init__(self, pattern: str) -> None:
        self._pattern = re.compile(rf"{pattern}(?=[\s,\"|]|/\s)")
        self._text = ""

    def feed(self, piece: str) -> str | None:
        """The last address of what was read so far, without a slash at the end; ``None`` before there is one."""
        self._text = (self._text + piece)[-KEPT:]
        found = self._pattern.findall(self.plain)
        return found[-1] if found else None

    @property
    def plain(self) -> str:
        """What was read, without colours."""
        return ANSI.sub("", self._text)

    @property
    def last_words(self) -> str:
        """The last line that says something, cut to a sentence's length."""
        lines = [line.strip() for line in self.plain.splitlines() if line.strip()]
        return lines[-1][:200] if lines else "nothing"
