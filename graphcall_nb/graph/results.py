"""Results of calls and operations in plain words, with what to do about them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any

from .result_codes import CLASSES, CODES, MEANINGLESS, NOTHING_SAID, RESULTS, WORDS, Entry

__all__ = ["Explanation", "explain", "in_words"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a result means.

    Attributes
    ----------
    code, subcode : as numbers; ``None`` where there was none, or nothing that is a number
    meaning : what happened, without a full stop
    remedy : what to do next, without a full stop
    source : who says so
    """

    code: int | None
    subcode: int | None
    meaning: str
    remedy: str
    source: str

    def __str__(self) -> str:
        return f"{self.meaning}. {self.remedy}."

    def __repr__(self) -> str:
        return f"<Explanation {self._number()} {self}>".replace("  ", " ")

    def _repr_html_(self) -> str:
        number = escape(self._number())
        return (
            f"<div><b>{number}</b> {escape(self.meaning)}.<br>{escape(self.remedy)}."
            f"<br><small>Source: {escape(self.source)}</small></div>"
        )

    def _number(self) -> str:
        parts = [str(part) for part in (self.code, self.subcode) if part is not None]
        return "/".join(parts) + ":" if parts else ""


def explain(code: Any, subcode: Any = None) -> Explanation:
    """Say in plain words what a ``resultInfo`` means.

    Parameters
    ----------
    code, subcode
        Graph's numbers, as numbers or as text; ``None`` (or a missing value of pandas) where there is none. Beta's
        words (``"transferAccepted"``, ``"AppTransferred"``) and a message with its ``DiagCode: 500#7106.@`` do too.

    Returns
    -------
    Explanation
        For any input: where the subcode is not known it goes by the code, else by the class of the code.
        It never raises.

    Examples
    --------
    >>> print(explain(487, 10004).meaning)
    Nobody answered in time
    >>> print(explain("200", "5013"))
    Nobody else joined the call. Check whom it called, and whether they were there.
    >>> explain("200", "stopToneDetected").meaning
    'The recording ended, since a stop tone was pressed'
    """
    number, refined = _whole(code), _whole(subcode)
    if number is None and refined is None:
        number, refined = _diagnosed(code)
    # A word that is no number is kept at the beginning of the message.
    said = [_text(value).partition(":")[0] for value in (subcode, code)] if refined is None else []
    word = next((WORDS[text] for text in said if text in WORDS), None)
    return Explanation(number, refined, *(word or _entry(number, refined)))


@lru_cache(maxsize=1024)
def in_words(code: int | None, subcode: int | None, message: str | None) -> str | None:
    """What a result means, for a table; ``None`` where there is none. A subcode in words begins the message.

    >>> in_words(487, 10004, None), in_words(None, None, "AppInitiated"), in_words(None, None, "Odd")
    ('Nobody answered in time', 'The bot ended the call', 'Odd')
    """
    if code is None and subcode is None:
        return WORDS[word].meaning if (word := _text(message).partition(":")[0]) in WORDS else message
    return explain(code, message if subcode is None else subcode).meaning


_DIAG_CODE = re.compile(r"DiagCode:\s*(\d+)#(\d+)")


def _diagnosed(message: Any) -> tuple[int | None, int | None]:
    """The numbers in a message of Graph, which often ends with them."""
    found = _DIAG_CODE.search(_text(message, lower=False)[:100_000])
    return (_whole(found[1]), _whole(found[2])) if found else (None, None)


def _entry(code: int | None, subcode: int | None) -> Entry:
    if code is None:
        return NOTHING_SAID if subcode is None else RESULTS.get((200, subcode)) or _by_subcode(subcode) or MEANINGLESS
    # Examples of transfers, and other products on the same service, write 0 for a success.
    known = RESULTS.get((code or 200, subcode)) if subcode is not None else None
    return known or CODES.get(code) or CLASSES.get(code // 100 if code > 0 else -bool(code)) or MEANINGLESS


def _by_subcode(subcode: int) -> Entry | None:
    found = [entry for (_, known), entry in RESULTS.items() if known == subcode and subcode]
    return found[0] if len(found) == 1 else None


def _whole(value: Any) -> int | None:
    """A whole number from a number or a text, ``None`` from anything else."""
    if isinstance(value, bool):
        return None
    try:
        return int(_text(value).removesuffix(".0"))
    except ValueError:
        return None


def _text(value: Any, *, lower: bool = True) -> str:
    """What a value is as text: missing values of pandas and numpy's numbers say what they are there."""
    try:
        text = str(value).strip()
    except Exception:  # never raise: this explains errors, also those in odd objects
        return ""
    return text.lower() if lower else text
