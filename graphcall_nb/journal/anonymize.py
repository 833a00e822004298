"""Telephone numbers, names and mail addresses out of what is handed on; the same one always becomes the same mask."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, quote_plus

import msgspec

from .commit import Row

NAMES = {"displayName": "Person", "givenName": "Person", "surname": "Person", "subject": "Subject"}
"""Members of Graph's entities that name somebody, or in which people write what they like; and how a mask begins."""

# International, also as people write it: +1 (425) 555-0100. Without a plus, only after "tel:" is it surely a number.
_NUMBER = re.compile(r"(?:\+|%2[Bb])[1-9](?:[ ().-]{0,2}\d){6,14}|(?<=\btel:)\d{7,15}")
_DIGITS = re.compile(r"(?<![\w.+-])\d{7,15}(?![\w-])")
# What stands before the @ of a chat thread is no person.
_MAIL = re.compile(r"[\w.+-]+(?:@|%40)(?!thread\b|unq\b)[\w-]+(?:\.[\w-]+)+")
_SHORTEST = 3
"""A shorter name is masked where it stands alone, not inside of a sentence, where it would be part of words."""


class Anonymizer:
    """Replaces what tells who somebody is. Show it everything with :meth:`learn` before the first :meth:`mask`.

    Ids stay, since without them nothing could be told apart; they mean something only inside of the tenant.
    """

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._written: dict[str, str] = {}  # names as they may stand within sentences and addresses
        self._folded: dict[str, str] = {}
        self._numbers: dict[str, str] = {}
        self._masks: set[str] = set()
        self._mails: dict[str, str] = {}
        self._sentences: re.Pattern[str] | None = None

    def learn(self, row: Row) -> None:
        """Take note of the names and numbers in a row."""
        for value in row:
            parsed = _parsed(value)
            if parsed is not None:
                self._learn(parsed)

    def _learn(self, value: Any) -> None:
        if isinstance(value, list):
            for inner in value:
                self._learn(inner)
        if not isinstance(value, dict):
            return
        for name, inner in value.items():
            if name in NAMES and isinstance(inner, str) and inner:
                self._names.setdefault(inner, f"{NAMES[name]} {len(self._names) + 1}")
            elif name == "phone" and isinstance(inner, dict) and isinstance(inner.get("id"), str):
                self._number(inner["id"])
            self._learn(inner)

    def mask(self, row: Row) -> Row:
        """The row without them."""
        self._sentences = self._sentences or self._sentences_with_names()
        return tuple(self._masked_column(value) for value in row)

    def _sentences_with_names(self) -> re.Pattern[str]:
        """Any of the names, also in other letters' case and as they stand in an address."""
        for name, mask in self._names.items():
            if len(name) >= _SHORTEST:
                for written in (name, quote(name), quote_plus(name)):
                    self._written.setdefault(written, mask)
                    self._folded.setdefault(written.casefold(), mask)
        longest_first = "|".join(map(re.escape, sorted(self._written, key=len, reverse=True))) or r"(?!)"
        # In another case only as whole words: somebody called Ann must not change what was planned.
        return re.compile(rf"{longest_first}|(?<!\w)(?i:{longest_first})(?!\w)")

    def _masked_column(self, value: Any) -> Any:
        parsed = _parsed(value)
        return self._masked(value) if parsed is None else msgspec.json.encode(self._masked(parsed)).decode()

    def _masked(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._masked(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._masked(inner) for inner in value]
        return self._text(value) if isinstance(value, str) else value

    def _text(self, text: str) -> str:
        known = self._names.get(text) or self._numbers.get(text)
        if known:
            return known
        text = _NUMBER.sub(lambda found: self._number(found[0]), text)
        text = _DIGITS.sub(lambda found: self._numbers.get(found[0], found[0]), text)
        if "@" in text or "%40" in text:
            text = _MAIL.sub(self._mail, text)
        # Only what has blanks can be a sentence; ids and addresses are most of what comes by.
        if self._sentences is not None and (" " in text or ("://" in text and "?" in text)):
            text = self._sentences.sub(self._name, text)
        return text

    def _name(self, found: re.Match[str]) -> str:
        return self._written.get(found[0]) or self._folded.get(found[0].casefold(), "Person")

    def _number(self, number: str) -> str:
        """No country's numbers begin with a zero, so a mask is nobody's number."""
        digits = re.sub(r"\D", "", number.replace("%2B", "").replace("%2b", ""))
        mask = self._numbers.setdefault(digits or number, f"+{len(self._masks) + 1:011d}")
        self._masks.add(mask)
        return self._numbers.setdefault(number, mask)

    def _mail(self, found: re.Match[str]) -> str:
        return self._mails.setdefault(
            found[0].replace("%40", "@").casefold(), f"person-{len(self._mails) + 1}@masked.example"
        )


def _parsed(value: Any) -> Any:
    """The object or array that a text is, else ``None``."""
    if not isinstance(value, str) or value[:1] not in ("{", "["):
        return None
    try:
        return msgspec.json.decode(value)
    except (msgspec.MsgspecError, RecursionError):
        return None
