"""Results of calls and operations in plain words, with what to do about them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any

from .result_codes import CLASSES, CODES, MEANINGLESS, NOTHING_SAID, RESULTS, WORDS, Entry

__all__ = ["Explanation", "explain", "in_words"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Explanation of a result.

    Attributes
    ----------
    code, subcode : int or None
        Numbers of the result; ``None`` for a missing value or another text.
    meaning : str
        Description of the result, without a full stop.
    remedy : str
        Advice, without a full stop.
    source : str
        Document that defines the result.
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


def explain(code: Any, subcode: Any = None, message: Any = None) -> Explanation:
    """Explain a ``resultInfo`` in plain words.

    Parameters
    ----------
    code, subcode : int, str or None
        Graph's numbers, as numbers or text; ``None`` or a missing value of pandas if absent. Beta's words
        (``"transferAccepted"``, ``"AppTransferred"``) and a message with ``DiagCode: 500#7106.@`` are accepted as well,
        and so are a whole ``resultInfo`` and the texts ``"487/10004"``, ``"487#10004"`` and ``"487.10004"``.
    message : str, optional
        Message of the result. Its ``DiagCode`` counts where the pair of numbers is unknown.

    Returns
    -------
    Explanation
        An explanation for any input: of the subcode if it is known, otherwise of the code or of its class.

    Examples
    --------
    >>> print(explain(487, 10004).meaning)
    The target did not answer in time
    >>> print(explain("200", "5013"))
    No other participant joined the call. Check the targets and whether they were available.
    >>> explain("200", "stopToneDetected").meaning
    'The recording ended, since a stop tone was pressed'
    """
    if isinstance(code, Mapping):
        members = {name.lower(): value for name, value in code.items() if isinstance(name, str)}
        return explain(members.get("code"), members.get("subcode"), members.get("message"))
    number, refined = _to_int(code), _to_int(subcode)
    if number is None and refined is None:
        number, refined = _read_pair(code)
    # A subcode in words is kept at the start of the message.
    words = [_text(value).partition(":")[0] for value in (subcode, code)] if refined is None else []
    word = next((WORDS[text] for text in words if text in WORDS), None)
    return Explanation(number, refined, *(word or _find_best(number, refined, message)))


def _find_best(code: int | None, subcode: int | None, message: Any) -> Entry:
    """Return the entry of the pair, else of the ``DiagCode`` in the message, else of the code."""
    inner_code, inner_subcode = _read_diag_code(message)
    if inner_subcode is None or (code or 200, subcode) in RESULTS:
        return _find_entry(code, subcode)
    pairs = ((inner_code or 200, inner_subcode), (code or 200, inner_subcode))
    return next((RESULTS[pair] for pair in pairs if pair in RESULTS), None) or _find_entry(code, subcode)


@lru_cache(maxsize=1024)
def in_words(code: int | None, subcode: int | None, message: str | None) -> str | None:
    """Return the meaning of a result for a table, or ``None``; a subcode in words is at the start of the message.

    Examples
    --------
    >>> in_words(487, 10004, None), in_words(None, None, "AppInitiated"), in_words(None, None, "Odd")
    ('The target did not answer in time', 'The bot ended the call', 'Odd')
    """
    if code is None and subcode is None:
        return WORDS[word].meaning if (word := _text(message).partition(":")[0]) in WORDS else message
    return explain(code, message if subcode is None else subcode, message).meaning


_DIAG_CODE = re.compile(r"DiagCode:\s*(\d+)#(\d+)")


_NUMBERS = re.compile(r"\d+")
MAX_PAIR_CHARS = 60


def _read_pair(text: Any) -> tuple[int | None, int | None]:
    """Return the numbers of a message, or of a pair as people write it."""
    found = _read_diag_code(text)
    if found != (None, None):
        return found
    numbers = _NUMBERS.findall(text) if isinstance(text, str) and len(text) <= MAX_PAIR_CHARS else []
    is_pair = len(numbers) == 2 and len(numbers[0]) in (1, 3) and len(numbers[1]) <= 10
    return (int(numbers[0]), int(numbers[1])) if is_pair else (None, None)


def _read_diag_code(message: Any) -> tuple[int | None, int | None]:
    """Return the numbers at the end of a message of Graph."""
    found = _DIAG_CODE.search(_text(message, lower=False)[:100_000])
    return (_to_int(found[1]), _to_int(found[2])) if found else (None, None)


def _find_entry(code: int | None, subcode: int | None) -> Entry:
    if code is None:
        return (
            NOTHING_SAID if subcode is None else RESULTS.get((200, subcode)) or _find_by_subcode(subcode) or MEANINGLESS
        )
    # Examples of transfers, and other products on the same service, have 0 for a success.
    known = RESULTS.get((code or 200, subcode)) if subcode is not None else None
    return known or CODES.get(code) or CLASSES.get(code // 100 if code > 0 else -bool(code)) or MEANINGLESS


def _find_by_subcode(subcode: int) -> Entry | None:
    found = [entry for (_, known), entry in RESULTS.items() if known == subcode and subcode]
    return found[0] if len(found) == 1 else None


def _to_int(value: Any) -> int | None:
    """Return a whole number from a number or a text, ``None`` for another value."""
    if isinstance(value, bool):
        return None
    try:
        return int(_text(value).removesuffix(".0"))
    except ValueError:
        return None


def _text(value: Any, *, lower: bool = True) -> str:
    """Return a value as text, which works for missing values of pandas and for numbers of numpy."""
    try:
        text = str(value).strip()
    except Exception:  # explain() must not raise for any object
        return ""
    return text.lower() if lower else text
