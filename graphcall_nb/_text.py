"""Text helpers: plurals, and characters that are invisible or change the direction of a text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from unicodedata import bidirectional

# Controls except those in the layout of JSON, formats except the visible number signs, Unicode line ends, surrogates,
# fillers without a glyph, and tags.
_CONTROLS = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_FORMATS = r"\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U0001d173-\U0001d17a"
_REST = r"\ud800-\udfff\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\U000e0000-\U000e0fff"
_BLANKS = r"\u00a0\u1680\u2000-\u200a\u202f\u205f"
# Emoji and some scripts have joiners between two characters, and the flags of a few countries have tags.
_NOT_LATIN = r"[^\x00-\u024f\u2000-\u206f]"
_HARMLESS = rf"(?<={_NOT_LATIN})[\u200c\u200d](?={_NOT_LATIN})|(?<=\U0001f3f4)[\U000e0020-\U000e007e]{{2,6}}\U000e007f"
_INVISIBLE = re.compile(f"(?:{_HARMLESS})|([{_CONTROLS}{_FORMATS}{_REST}])")
_INVISIBLE_OR_BLANK = re.compile(f"(?:{_HARMLESS})|([{_CONTROLS}{_FORMATS}{_REST}{_BLANKS}])")

_ISOLATE, _END = "\u2068", "\u2069"


def in_json(character: str) -> str:
    r"""Return a character as an escape of JSON.

    Examples
    --------
    >>> in_json(chr(0x202E))
    '\\u202e'
    """
    return json.dumps(character)[1:-1]


def in_python(character: str) -> str:
    """Return a character as an escape of Python, which differs from JSON's beyond the first plane."""
    return ascii(character)[1:-1]


def escape_invisible(text: str, spell: Callable[[str], str] = in_json) -> str:
    r"""Return JSON text, or a Python literal with ``in_python``, with escapes for invisible characters.

    Examples
    --------
    >>> escape_invisible(f'{{"subject": "{chr(0x202E)}exe.jpg"}}')
    '{"subject": "\\u202eexe.jpg"}'
    """
    return _replace(_INVISIBLE_OR_BLANK, text, spell)


def json_text(value: Any) -> str:
    r"""Return readable JSON: one line for each member, no escapes for letters, and no invisible characters.

    Examples
    --------
    >>> json_text([f"{chr(0x202E)}exe.jpg"])
    '[\n  "\\u202eexe.jpg"\n]'
    """
    return escape_invisible(json.dumps(value, indent=2, ensure_ascii=False))


def show_invisible(text: str) -> str:
    """Return a text on one line with the numbers of its invisible characters, for a label.

    Examples
    --------
    >>> show_invisible(f"{chr(0x202E)}exe.jpg")
    '‹U+202E›exe.jpg'
    """
    return _replace(_INVISIBLE, re.sub(r"[\t\n\r]+", " ", text), _name)


def find_invisible(text: str) -> list[str]:
    """Return the Unicode numbers of the invisible characters of a text, each once.

    Examples
    --------
    >>> find_invisible(chr(0x202A) + "+14255550100" + chr(0x202C))
    ['U+202A', 'U+202C']
    """
    return list(dict.fromkeys(_name(match[1])[1:-1] for match in _INVISIBLE.finditer(text) if match[1]))


def strip_invisible(text: str) -> str:
    """Return a text without its invisible characters."""
    return _replace(_INVISIBLE, text, lambda character: "")


def bidi_isolate(text: str) -> str:
    """Return a text in Unicode isolates if it reads from right to left, so it does not reorder its neighbours."""
    is_rtl = any(bidirectional(character) in ("R", "AL") for character in text)
    return f"{_ISOLATE}{text}{_END}" if is_rtl else text


def truncate(text: str, max_length: int) -> str:
    """Return a text with at most ``max_length`` characters, and close open isolates."""
    if len(text) <= max_length:
        return text
    short = text[: max_length - 1] + "…"
    return short + _END * (short.count(_ISOLATE) - short.count(_END))


def _replace(pattern: re.Pattern[str], text: str, spell: Callable[[str], str]) -> str:
    """Return a text with ``spell`` applied to its invisible characters, except joiners within emoji and scripts."""
    return pattern.sub(lambda match: spell(match[1]) if match[1] else match[0], text)


def _name(character: str) -> str:
    return f"‹U+{ord(character):04X}›"


def pluralize(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural except for 1.

    Examples
    --------
    >>> pluralize(1, "call"), pluralize(1200, "call")
    ('1 call', '1,200 calls')
    """
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
