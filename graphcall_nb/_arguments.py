"""Argument checks with "did you mean …?" suggestions."""

from __future__ import annotations

import os
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, TypeVar

N = TypeVar("N", bound=str)
T = TypeVar("T")


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Return a question with the closest name, or an empty text; the letter case is ignored.

    Examples
    --------
    >>> did_you_mean("target", ["targets", "subject"])
    "did you mean 'targets'?"
    >>> did_you_mean("colour", ["targets", "subject"])
    ''
    """
    normalized = {_normalize(known): known for known in names}
    close = get_close_matches(_normalize(name), normalized, n=1)
    return f"did you mean {normalized[close[0]]!r}?" if close else ""


def unknown_name_message(kind: str, name: object, names: Iterable[str]) -> str:
    """Return a message for an unknown name, with the closest name or all names.

    Examples
    --------
    >>> unknown_name_message("scenario", "anwsered", ["answered", "busy"])
    "Unknown scenario 'anwsered'; did you mean 'answered'?"
    >>> unknown_name_message("scenario", "x", ["answered", "busy"])
    "Unknown scenario 'x'; choose from: answered, busy."
    """
    names = list(names)
    question = did_you_mean(name, names) if isinstance(name, str) else ""
    advice = question or f"choose from: {', '.join(names)}."
    return f"Unknown {kind} {name!r}; {advice}"


def require_choice(kind: str, name: object, names: Iterable[N]) -> N:
    """Return a name if it is one of ``names``.

    Raises
    ------
    ValueError
        For another name; the message suggests the closest one.

    Examples
    --------
    >>> require_choice("scenario", "busy", ["answered", "busy"])
    'busy'
    """
    names = list(names)
    if not isinstance(name, str) or name not in names:
        raise ValueError(unknown_name_message(kind, name, names))
    return names[names.index(name)]


def require_type(field: str, value: object, kind: type[T] | tuple[type[T], ...], wanted: str) -> T:
    """Return a value if it has a type; ``wanted`` describes the type in the message.

    Raises
    ------
    TypeError
        For another type; the message names the field.

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
    """Return a text that is not blank; ``wanted`` describes it in the message.

    Raises
    ------
    TypeError, ValueError
        For another type and for a blank text; the message names the field.

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
    """Return a path as text; ``wanted`` describes it in the message.

    Raises
    ------
    TypeError, ValueError
        For another type and for a blank text; the message names the field.

    Examples
    --------
    >>> require_path("path", None)
    Traceback (most recent call last):
    TypeError: path: give the path of a file, not NoneType.
    """
    return require_text(field, os.fspath(value) if isinstance(value, os.PathLike) else value, wanted)


def check_attribute(instance: object, name: str, advice: str = "") -> None:
    """Check that an attribute exists before it is set: Python sets any name, so a typing error would have no effect.

    Raises
    ------
    AttributeError
        For a name that does not exist, and for a method.
    """
    is_method = callable(getattr(type(instance), name, None))
    if name.startswith("_") or (hasattr(instance, name) and not is_method):
        return
    kind = type(instance).__name__
    if is_method:
        problem = f"{kind}.{name}() is a method and cannot be set; call it with parentheses."
    else:
        question = did_you_mean(name, (each for each in dir(instance) if not each.startswith("_")))
        problem = f"{kind} does not have an attribute {name!r}; {question or 'it cannot be set.'}"
    raise AttributeError(f"{problem} {advice}".rstrip())


def as_list(value: Any) -> Any:
    """Return a list of one value or several; a text is one value, and other values are returned as they are.

    Examples
    --------
    >>> as_list("audio"), as_list(("audio", "video")), as_list(5)
    (['audio'], ['audio', 'video'], 5)
    """
    if isinstance(value, str):
        return [value]
    return list(value) if isinstance(value, Iterable) else value


def _normalize(name: str) -> str:
    return name.replace("_", "").lower()
