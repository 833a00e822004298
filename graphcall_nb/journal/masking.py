"""Telephone numbers, names and mail addresses out of what is handed on; the same one always becomes the same mask."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from .groupcommit import Row

NAMES = {"displayName": "Person", "givenName": "Person", "surname": "Person", "subject": "Subject"}
"""Members of Graph's entities that name somebody, or in which people write what they like; and how a mask begins."""

_NUMBER = re.compile(r"(?:\+|%2[Bb])[1-9]\d{6,14}")
# What stands before the @ of a chat thread is no person.
_MAIL = re.compile(r"[\w.+-]+@(?!thread\b|unq\b)[\w-]+(?:\.[\w-]+)+")
_SHORTEST = 3
"""A shorter name is masked where it stands alone, not inside of a sentence, where it would be part of words."""


class Masker:
    """Replaces what tells who somebody is. Show it everything with :meth:`learn` before the first :meth:`mask`.

    Ids stay, since without them nothing could be told apart; they mean something only inside of the tenant.
    """

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._numbers: dict[str, str] = {}
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
        if self._sentences is None:
            inside = [re.escape(name) for name in sorted(self._names, key=len, reverse=True) if len(name) >= _SHORTEST]
            self._sentences = re.compile("|".join(inside) or r"(?!)")
        return tuple(self._masked_column(value) for value in row)

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
        text = _NUMBER.sub(lambda found: self._number(found[0].replace("%2B", "+").replace("%2b", "+")), text)
        if "@" in text:
            text = _MAIL.sub(self._mail, text)
        # Only what has blanks can be a sentence; ids and addresses are most of what comes by.
        if " " in text and self._sentences is not None:
            text = self._sentences.sub(lambda found: self._names[found[0]], text)
        return text

    def _number(self, number: str) -> str:
        """No country's numbers begin with a zero, so a mask is nobody's number."""
        return self._numbers.setdefault(number, f"+{len(self._numbers) + 1:011d}")

    def _mail(self, found: re.Match[str]) -> str:
        return self._mails.setdefault(found[0], f"person-{len(self._mails) + 1}@masked.example")


def _parsed(value: Any) -> Any:
    """The object or array that a text is, else ``None``."""
    if not isinstance(value, str) or value[:1] not in ("{", "["):
        return None
    try:
        return msgspec.json.decode(value)
    except (msgspec.MsgspecError, RecursionError):
        return None
