"""ES modules of several files, each part with one reason to change: plain text put together, nothing is compiled."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).parent


def module(*parts: str) -> str:
    """The text of one ES module.

    Parameters
    ----------
    parts : files below this folder, in the order in which they need each other
    """
    return "\n".join((_HERE / part).read_text("utf-8") for part in parts)
