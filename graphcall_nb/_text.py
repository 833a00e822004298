"""Text helpers: plurals, and characters that are invisible or change the direction of a text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from unicodedata import bidirectional

# Controls (but for those that lay JSON out), formats (but for the visible number signs), line ends of Unicode, halves
# of pairs, fillers without a glyph, tags.
_CONTROLS = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_FORMATS = r"\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U0001d173-\U0001d17a"
_REST = r"\ud800-\udfff\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\U000e0000-\U000e0fff"
_BLANKS = r"\u00a0\u1680\u2000-\u200a\u202f\u205f"
# Emoji and scripts are written with joiners between two characters, and the flags of a few countries with tags.
_BEYOND_LATIN = r"[^\x00-\u024f\u2000-\u206f]"
_HARMLESS = (
    rf"(?<={_BEYOND_LATIN})[\u200c\u200d](?={_BEYOND_LATIN})|(?<=\U0001f3f4)[\U000e0020-\U000e007e]{{2,6}}\U000e007f"
)
_UNSEEN = re.compile(f"(?:{_HARMLESS})|([{_CONTROLS}{_FORMATS}{_REST}])")
_UNTOLD = re.compile(f"(?:{_HARMLESS})|([{_CONTROLS}{_FORMATS}{_REST}{_BLANKS}])")

_ISOLATE, _END = "\u2068", "\u2069"


def in_json(character: str) -> str:
    """A character as JSON's escape.

    >>> in_json(chr(0x202E))
    '\\\\u202e'
    """
    return json.dumps(character)[1:-1]


def in_python(character: str) -> str:
    """A character as Python's escape, which JSON's is not beyond the first plane."""
    return ascii(character)[1:-1]


def escape_invisible(text: str, spell: Callable[[str], str] = in_json) -> str:
    """JSON text, or a literal of Python with ``in_python``, that means the same and hides nothing.

    Examples
    --------
    >>> escape_invisible(f'{{"subject": "{chr(0x202E)}exe.jpg"}}')
    '{"subject": "\\\\u202eexe.jpg"}'
    """
    return _replaced(_UNTOLD, text, spell)


def json_text(value: Any) -> str:
    """A value as JSON for people: a line for each member, their own letters, and nothing hidden.

    Examples
    --------
    >>> json_text([f"{chr(0x202E)}exe.jpg"])
    '[\\n  "\\\\u202eexe.jpg"\\n]'
    """
    return escape_invisible(json.dumps(value, indent=2, ensure_ascii=False))


def show_invisible(text: str) -> str:
    """A text for a label, on one line: what nobody would see is written out.

    Examples
    --------
    >>> show_invisible(f"{chr(0x202E)}exe.jpg")
    '‹U+202E›exe.jpg'
    """
    return _replaced(_UNSEEN, re.sub(r"[\t\n\r]+", " ", text), _name)


def find_invisible(text: str) -> list[str]:
    """The characters of a text that nobody sees, each once, as Unicode writes their numbers.

    Examples
    --------
    >>> find_invisible(chr(0x202A) + "+14255550100" + chr(0x202C))
    ['U+202A', 'U+202C']
    """
    return list(dict.fromkeys(_name(found[1])[1:-1] for found in _UNSEEN.finditer(text) if found[1]))


def strip_invisible(text: str) -> str:
    """The text without them."""
    return _replaced(_UNSEEN, text, lambda character: "")


def bidi_isolate(text: str) -> str:
    """A part of a line, so that what is read from right to left does not take its neighbours along."""
    turns = any(bidirectional(character) in ("R", "AL") for character in text)
    return f"{_ISOLATE}{text}{_END}" if turns else text


def truncate(text: str, longest: int) -> str:
    """At most so many characters; what is isolated ends where it is cut."""
    if len(text) <= longest:
        return text
    short = text[: longest - 1] + "…"
    return short + _END * (short.count(_ISOLATE) - short.count(_END))


def _replaced(unseen: re.Pattern[str], text: str, spell: Callable[[str], str]) -> str:
    """The text with another spelling of what is unseen; what is harmless stays."""
    return unseen.sub(lambda found: spell(found[1]) if found[1] else found[0], text)


def _name(character: str) -> str:
    return f"‹U+{ord(character):04X}›"


def pluralize(number: int, noun: str) -> str:
    """So many of something.

    >>> pluralize(1, "call"), pluralize(1200, "call")
    ('1 call', '1,200 calls')
    """
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
