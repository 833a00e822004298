"""Replacement of telephone numbers, names and mail addresses. Equal values get equal masks."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, quote_plus

import msgspec

from .records import Row

NAMES = {"displayName": "Person", "givenName": "Person", "surname": "Person", "subject": "Subject"}
"""Members of Graph entities with names or free text, and the word that their masks begin with."""

# International, also with separators: +1 (425) 555-0100. Digits without a plus are a number only after "tel:".
_NUMBER = re.compile(r"(?:\+|%2[Bb])[1-9](?:[ ().-]{0,2}\d){6,14}|(?<=\btel:)\d{7,15}")
_DIGITS = re.compile(r"(?<![\w.+-])\d{7,15}(?![\w-])")
# The id of a chat thread has an @ too, but is not a mail address.
# Addresses without anything between them are one match, so a search takes linear time.
_DOMAIN = r"(?:@|%40)(?!thread\b|unq\b)[\w-]+(?:\.[\w-]+)+"
_MAIL = re.compile(rf"(?<![\w.+-])[\w.+-]++{_DOMAIN}(?:[\w.+-]++{_DOMAIN})*")
_MIN_NAME_LENGTH = 3
"""A shorter name is replaced only as a whole value: within text it could be a part of words."""


class Anonymizer:
    """Replacement of personal data. Call :meth:`learn` with all rows before the first :meth:`mask`.

    Ids stay, because they link the rows; they have a meaning only inside the tenant.

    Examples
    --------
    >>> anonymizer = Anonymizer()
    >>> anonymizer.learn(('{"displayName": "Ann Smith"}',))
    >>> anonymizer.mask(("Call with Ann Smith, +1 425 555 0100",))
    ('Call with Person 1, +00000000001',)
    """

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._spellings: dict[str, str] = {}  # names as they occur within text and URLs
        self._folded_spellings: dict[str, str] = {}
        self._numbers: dict[str, str] = {}
        self._number_masks: set[str] = set()
        self._mails: dict[str, str] = {}
        self._name_pattern: re.Pattern[str] | None = None

    def learn(self, row: Row) -> None:
        """Collect the names and numbers in the JSON texts of a row."""
        for value in row:
            parsed = _parse_json(value)
            if parsed is not None:
                self._learn(parsed)

    def _learn(self, value: Any) -> None:
        if isinstance(value, list):
            for item in value:
                self._learn(item)
        if not isinstance(value, dict):
            return
        for name, item in value.items():
            if name in NAMES and isinstance(item, str) and item:
                self._names.setdefault(item, f"{NAMES[name]} {len(self._names) + 1}")
            elif name == "phone" and isinstance(item, dict) and isinstance(item.get("id"), str):
                self._mask_number(item["id"])
            self._learn(item)

    def mask(self, row: Row) -> Row:
        """Return the row with all personal data replaced."""
        self._name_pattern = self._name_pattern or self._compile_names()
        return tuple(self._mask_column(value) for value in row)

    def _compile_names(self) -> re.Pattern[str]:
        """Return a pattern for the names, also in other letter case and as they occur in URLs."""
        for name, mask in self._names.items():
            if len(name) >= _MIN_NAME_LENGTH:
                for spelling in (name, quote(name), quote_plus(name)):
                    self._spellings.setdefault(spelling, mask)
                    self._folded_spellings.setdefault(spelling.casefold(), mask)
        longest_first = "|".join(map(re.escape, sorted(self._spellings, key=len, reverse=True))) or r"(?!)"
        # In other letter case only as whole words: the name Ann must not change the word "planned".
        return re.compile(rf"{longest_first}|(?<!\w)(?i:{longest_first})(?!\w)")

    def _mask_column(self, value: Any) -> Any:
        parsed = _parse_json(value)
        return self._mask_value(value) if parsed is None else msgspec.json.encode(self._mask_value(parsed)).decode()

    def _mask_value(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._mask_value(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self._mask_value(item) for item in value]
        return self._mask_text(value) if isinstance(value, str) else value

    def _mask_text(self, text: str) -> str:
        mask = self._names.get(text) or self._numbers.get(text)
        if mask:
            return mask
        text = _NUMBER.sub(lambda match: self._mask_number(match[0]), text)
        text = _DIGITS.sub(lambda match: self._numbers.get(match[0], match[0]), text)
        if "@" in text or "%40" in text:
            text = _MAIL.sub(self._mask_mail, text)
        # Names occur only in sentences and in queries of URLs. Most texts are ids and plain URLs.
        if self._name_pattern is not None and (" " in text or ("://" in text and "?" in text)):
            text = self._name_pattern.sub(self._mask_name, text)
        return text

    def _mask_name(self, match: re.Match[str]) -> str:
        return self._spellings.get(match[0]) or self._folded_spellings.get(match[0].casefold(), "Person")

    def _mask_number(self, number: str) -> str:
        """Return a mask that starts with zero, as no country code does."""
        digits = re.sub(r"\D", "", number.replace("%2B", "").replace("%2b", ""))
        mask = self._numbers.setdefault(digits or number, f"+{len(self._number_masks) + 1:011d}")
        self._number_masks.add(mask)
        return self._numbers.setdefault(number, mask)

    def _mask_mail(self, match: re.Match[str]) -> str:
        mail = match[0].replace("%40", "@").casefold()
        return self._mails.setdefault(mail, f"person-{len(self._mails) + 1}@masked.example")


def _parse_json(value: Any) -> Any:
    """Return the object or array in a JSON text; ``None`` for any other value."""
    if not isinstance(value, str) or value[:1] not in ("{", "["):
        return None
    try:
        return msgspec.json.decode(value)
    except (msgspec.MsgspecError, RecursionError):
        return None
