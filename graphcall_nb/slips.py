"""What somebody meant who wrote a name that does not exist."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(written: str, names: Iterable[str]) -> str:
    """A question with the name that is closest, whatever the letter case; empty where none is close.

    Examples
    --------
    >>> did_you_mean("target", ["targets", "subject"])
    "did you mean 'targets'?"
    >>> did_you_mean("colour", ["targets", "subject"])
    ''
    """
    plain = {_plain(name): name for name in names}
    close = get_close_matches(_plain(written), plain, n=1)
    return f"did you mean {plain[close[0]]!r}?" if close else ""


def _plain(name: str) -> str:
    return name.replace("_", "").lower()
