"""Argument checks with "did you mean …?" suggestions."""

from __future__ import annotations

import os
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, TypeVar

T = TypeVar("T")


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


def unknown_name_message(what: str, written: object, names: Iterable[str]) -> str:
    """A sentence on a name that there is not: the one that was meant, or else all there are.

    Examples
    --------
    >>> unknown_name_message("scenario", "anwsered", ["answered", "busy"])
    "There is no scenario 'anwsered'; did you mean 'answered'?"
    >>> unknown_name_message("scenario", "x", ["answered", "busy"])
    "There is no scenario 'x'; choose from: answered, busy."
    """
    names = list(names)
    meant = did_you_mean(written, names) if isinstance(written, str) else ""
    advice = meant or f"choose from: {', '.join(names)}."
    return f"There is no {what} {written!r}; {advice}"


def require_choice(what: str, written: object, names: Iterable[str]) -> str:
    """The name as it was written, if it is one of these; ``ValueError`` says which could have been meant.

    Examples
    --------
    >>> require_choice("scenario", "busy", ["answered", "busy"])
    'busy'
    """
    names = list(names)
    if not isinstance(written, str) or written not in names:
        raise ValueError(unknown_name_message(what, written, names))
    return written


def require_type(field: str, value: object, kind: type[T] | tuple[type[T], ...], wanted: str) -> T:
    """The value, if it is of this kind; ``TypeError`` names the field and what it wants.

    Examples
    --------
    >>> require_type("seed", "x", int, "a whole number")
    Traceback (most recent call last):
    TypeError: seed: give a whole number, not str.
    """
    if not isinstance(value, kind):
        raise TypeError(f"{field}: give {wanted}, not {type(value).__name__}.")
    return value


def require_text(field: str, value: object, wanted: str) -> str:
    """The text, if it is one and says something; ``TypeError`` or ``ValueError`` names the field and what it wants.

    Examples
    --------
    >>> require_text("id", "", "the id of a call")
    Traceback (most recent call last):
    ValueError: id: give the id of a call, not an empty text.
    """
    text = require_type(field, value, str, wanted)
    if not text.strip():
        raise ValueError(f"{field}: give {wanted}, not an empty text.")
    return text


def require_path(field: str, value: object, wanted: str = "the path of a file") -> str:
    """The path as text, if it is one; ``TypeError`` or ``ValueError`` names the field and what it wants.

    Examples
    --------
    >>> require_path("path", None)
    Traceback (most recent call last):
    TypeError: path: give the path of a file, not NoneType.
    """
    return require_text(field, os.fspath(value) if isinstance(value, os.PathLike) else value, wanted)


def as_list(value: Any) -> Any:
    """A list of what people give as one or as several: a text is one. What is neither is left for others to name.

    Examples
    --------
    >>> as_list("audio"), as_list(("audio", "video")), as_list(5)
    (['audio'], ['audio', 'video'], 5)
    """
    if isinstance(value, str):
        return [value]
    return list(value) if isinstance(value, Iterable) else value


def _plain(name: str) -> str:
    return name.replace("_", "").lower()
