"""Text helpers: plurals, and characters that are invisible or change the direction of a text."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
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

MIN_COMMON_CHARS = 10
"""A shorter common beginning of labels stays: leaving it out would save little."""

_ID_CHARS = 8

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


def shorten_middle(text: str, max_length: int) -> str:
    """Return a text with at most ``max_length`` characters, without its middle: ends of names often differ.

    Examples
    --------
    >>> shorten_middle("Release review of the north team", 20)
    'Release re…orth team'
    """
    if len(text) <= max_length:
        return text
    tail_length = (max_length - 1) // 2
    head, tail = text[: max_length - 1 - tail_length], text[len(text) - tail_length :]
    open_count = (head + tail).count(_ISOLATE) - (head + tail).count(_END)
    return f"{head.rstrip()}{_END * open_count}…{_ISOLATE * -open_count}{tail.lstrip()}"


def shorten_id(text: str) -> str:
    """Return the last eight characters of an id: the beginnings of Graph's ids are often equal.

    Examples
    --------
    >>> shorten_id("57DAB8B1894C409AB240BD8BEAE78896"), shorten_id("57")
    ('…EAE78896', '57')
    """
    return text if len(text) <= _ID_CHARS else f"…{text[-_ID_CHARS:]}"


class EqualLabels:
    """Numbers for equal labels, in the order in which they come; the first one has none.

    Examples
    --------
    >>> labels = EqualLabels()
    >>> labels.add("57", "Standup"), labels.add("58", "Standup"), labels.add("57", "Standup")
    ('Standup', 'Standup (2)', 'Standup')
    """

    def __init__(self) -> None:
        self._numbers: dict[str, dict[str, int]] = {}
        self._labels: dict[str, str] = {}

    def add(self, key: str, label: str) -> str:
        """Return the label of a key with its number; an empty label has none."""
        if self._labels.get(key) != label:
            self.forget(key)
            self._labels[key] = label
        numbers = self._numbers.setdefault(label, {})
        number = numbers.setdefault(key, next(reversed(numbers.values()), 0) + 1)
        return f"{label} ({number})" if label and number > 1 else label

    def forget(self, key: str) -> None:
        """Forget a key; the numbers of the others stay."""
        label = self._labels.pop(key, None)
        if label is not None:
            del self._numbers[label][key]
            if not self._numbers[label]:
                del self._numbers[label]


def label_calls(names: Mapping[str, str], max_length: int) -> dict[str, str]:
    """Return a label for each call that tells it from the others.

    A long common beginning is left out, the middle of a long name is cut, and equal labels are numbered. A call without
    a name has the end of its id.

    Parameters
    ----------
    names : name of each call by its id, in the order of the calls; an empty one if it has none
    max_length : characters of a label, without its number

    Examples
    --------
    >>> names = {"57": "Weekly sync of the north team", "58": "Weekly sync of the south team", "59": ""}
    >>> list(label_calls(names, 40).values())
    ['…north team', '…south team', '59']
    """
    named = [name for name in names.values() if name]
    start = _find_common_beginning(named)
    equal = EqualLabels()
    labels = {}
    for call_id, name in names.items():
        label = f"…{name[start:]}" if start and name else name or shorten_id(call_id)
        labels[call_id] = equal.add(call_id, shorten_middle(label, max_length))
    return labels


def _find_common_beginning(names: list[str]) -> int:
    """Return the length of the common beginning of different names, up to a blank; 0 for a short one."""
    if len(set(names)) < 2:
        return 0
    length = os.path.commonprefix(names).rfind(" ") + 1  # noqa: RUF071 - texts, not paths
    return length if length >= MIN_COMMON_CHARS and all(name[length:] for name in names) else 0


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
