"""Reader of JSON as people copy it: with comments, from source code, or among other words. Each text is read once."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn
from unicodedata import name as unicode_name

from ..errors import InvalidCall

_TOKEN = re.compile(
    r"(?P<blank>\s++)"
    r"|(?P<comment>//[^\n]*+|#[^\n]*+|/\*.*?\*/)"
    r"""|(?P<string>"(?:\\.|[^"\\])*+"|'(?:\\.|[^'\\\n])*+')"""
    # A string or comment without an end reaches to the end, so a search takes linear time.
    r"""|(?P<unclosed>(?:"|/\*).*+|'[^\n]*+)"""
    r"|(?P<number>-?\d[\d.eE+\-]*+)"
    r"|(?P<word>[A-Za-z_$][\w$]*+)"
    r"|(?P<sign>[{}\[\],:])",
    re.DOTALL,
)
_CLOSING = {"{": "}", "[": "]"}
_DEPTHS = {"{": 1, "[": 1, "}": -1, "]": -1}
_MAX_BLOCKS = 4
"""Blocks of source code around an object that is read, such as a class, a function and a condition."""

MAX_DIGITS = 1000
"""Longest number; Python reads 4,300 digits, and numbers of Graph have at most 19."""

_WORDS = {"True": "true", "False": "false", "None": "null", "undefined": "null"}
_CURLY_QUOTES = "\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u00ab\u00bb\uff02\uff07"
_UNSEEN = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


class JsonScan:
    """The JSON value that begins at a place of a text, up to its end or to the first character that cannot be in one.

    Attributes
    ----------
    end : int
        Index after the last character that was read.
    is_complete : bool
        True if all brackets are closed.
    strict : str
        The text with blanks for comments, trailing commas and no-break spaces; positions stay correct.
    relaxed : str
        The text as JSON: with quotes around names, and without single quotes and names of other languages.
    """

    def __init__(self, text: str, start: int = 0) -> None:
        self.end, self.is_complete = start, False
        self._strict: list[str] = []
        self._relaxed: list[str] = []
        self._depth = 0
        self._comma = self._relaxed_comma = self._word = -1
        while self.end < len(text) and not self.is_complete:
            part = _TOKEN.match(text, self.end)
            if part is None or part.lastgroup in (None, "unclosed"):
                break
            self._add(part.lastgroup, part[0])
        self.strict = "".join(self._strict)
        self.relaxed = "".join(self._relaxed)

    def _add(self, kind: str, part: str) -> None:
        self.end += len(part)
        if kind in ("blank", "comment"):
            self._strict.append(re.sub(r"[^\n\r\t ]", " ", part))
            self._relaxed.append(" ")
            return
        if part in ("}", "]") and self._comma >= 0:
            self._strict[self._comma], self._relaxed[self._relaxed_comma] = " ", " "
        if part == ":" and self._word >= 0:
            self._relaxed[self._word] = json.dumps(self._relaxed[self._word])
        self._comma = len(self._strict) if part == "," else -1
        self._relaxed_comma = len(self._relaxed)
        self._word = len(self._relaxed) if kind == "word" else -1
        self._strict.append(part)
        if kind != "sign":
            self._relaxed.append(_translate(kind, part))
            return
        self._relaxed.append(part)
        self._depth += _DEPTHS.get(part, 0)
        self.is_complete = self._depth <= 0


def _translate(kind: str, part: str) -> str:
    if kind == "string" and part[0] == "'":
        if "\\" not in part:
            return json.dumps(part[1:-1])
        try:
            return json.dumps(ast.literal_eval(part))
        except (ValueError, SyntaxError):
            return part
    return _WORDS.get(part, part) if kind == "word" else part


def read_json(text: str, lines_before: int = 0, *, is_alone: bool = True) -> Any:
    """Return the JSON value at the beginning of a text; it may have comments, trailing commas and no-break spaces.

    Parameters
    ----------
    text : str
        JSON, or the same as a literal of JavaScript or Python.
    lines_before : int
        Lines before the text, for the position in an error.
    is_alone : bool
        True if other text may not follow.

    Raises
    ------
    InvalidCall
        With the reason, ``line`` and ``column``.
    """
    scan = JsonScan(text)
    rest = text[scan.end :]
    strict = scan.strict + (rest if is_alone or not scan.is_complete else "")
    try:
        value = json.loads(strict, parse_constant=_refuse_constant, parse_int=_parse_int)
    except RecursionError:
        raise InvalidCall("The JSON is nested too deeply for a call.") from None
    except json.JSONDecodeError as error:
        if scan.is_complete and not rest.strip(" \t\n;)") and (value := _read_relaxed(scan)) is not None:
            return value
        raise _make_error(text, error, lines_before) from None
    return refuse_surrogates(value)


def find_objects(text: str) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects among the words of a text, in order; objects inside an object are not yielded again."""
    for candidate in _find_candidates(text):
        yield from _read_candidate(text, candidate, 1)
    yield from _find_quoted_objects(text)


@dataclass(slots=True)
class _Candidate:
    """A pair of brackets, and the pairs of braces directly inside it."""

    start: int
    end: int = -1
    inner: list[_Candidate] = field(default_factory=list)


def _find_candidates(text: str) -> list[_Candidate]:
    """Return the outermost pairs of braces with only tokens of JSON between them. Each character is read once."""
    found = _Candidate(-1)
    # Braces that are still open, and ``found`` around them.
    stack = [found]
    position = text.find("{")
    end = text.rfind("}") + 1  # a brace after it is not closed
    while 0 <= position < end:
        part = _TOKEN.match(text, position)
        if part and part.lastgroup == "unclosed":
            if part[0].startswith("/*"):
                break
            part = None
        sign = part[0] if part else ""
        if sign in ("{", "["):
            stack.append(_Candidate(position))
        elif not part or (sign in ("}", "]") and sign != _CLOSING[text[stack[-1].start]]):
            # These braces are not JSON; complete pairs inside them may be.
            found.inner += [inner for candidate in stack[1:] for inner in candidate.inner]
            del stack[1:]
        elif sign in ("}", "]"):
            closed = stack.pop()
            closed.end = position + 1
            stack[-1].inner += [closed] if sign == "}" else closed.inner
        position = part.end() if part else position + 1
        if len(stack) == 1:
            position = text.find("{", position)
    return found.inner + [inner for candidate in stack[1:] for inner in candidate.inner]


def _read_candidate(text: str, candidate: _Candidate, level: int) -> Iterator[dict[str, Any]]:
    """Yield the object between a pair of braces; if it is not JSON, such as a block of source code, those inside."""
    content = text[candidate.start : candidate.end]
    value = _load(content)
    if value is None:
        value = _read_relaxed(JsonScan(content))
    if isinstance(value, dict):
        yield value
    elif level < _MAX_BLOCKS:
        for inner in candidate.inner:
            yield from _read_candidate(text, inner, level + 1)


def _find_quoted_objects(text: str) -> Iterator[dict[str, Any]]:
    """Yield JSON objects that are the value of a string with escaped quotes, as in logs and source code."""
    start = text.find('"{\\"')
    while start >= 0:
        part = _TOKEN.match(text, start)
        if part is None:
            return
        value = parse_object(part[0])
        if value is not None:
            yield value
        start = text.find('"{\\"', part.end())


def parse_object(text: str) -> dict[str, Any] | None:
    """Return the JSON object in a text, also one that is quoted as a JSON string; ``None`` for other texts."""
    value: Any = text
    for _ in range(3):
        if not isinstance(value, str) or not value.strip().startswith(("{", '"')):
            break
        scan = JsonScan(value)
        try:
            value = json.loads(scan.strict + value[scan.end :], parse_constant=_refuse_constant, parse_int=_parse_int)
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, dict) else None


def _read_relaxed(scan: JsonScan) -> Any:
    value = _load(scan.strict)
    return _load(scan.relaxed) if value is None else value


def _load(text: str) -> Any:
    """Return the value of JSON text; ``None`` for another text."""
    try:
        return refuse_surrogates(json.loads(text, parse_constant=_refuse_constant, parse_int=_parse_int))
    except (ValueError, RecursionError):
        return None


def refuse_surrogates(value: Any) -> Any:
    """Refuse single surrogates, which JSON can contain but which cannot be sent."""
    if half := re.search(r"[\ud800-\udfff]", json.dumps(value, ensure_ascii=False)):
        found = ascii(half[0])[1:-1]
        raise InvalidCall(f"{found} is half of a character, which cannot be sent; write both halves, or remove it.")
    return value


def _make_error(text: str, error: json.JSONDecodeError, lines_before: int) -> InvalidCall:
    position = error.pos
    reason = f"This is not JSON: {error.msg[:1].lower()}{error.msg[1:].removesuffix(' at')}"
    start_of_line = text.rfind("\n", 0, position) + 1
    odd = next((at for at in range(start_of_line, min(position + 1, len(text))) if text[at] in _CURLY_QUOTES), None)
    if odd is not None:
        position, reason = odd, f'The quotes {text[odd]} are curly; write straight quotes (") instead'
    elif text[position : position + 1] and text[position] in _UNSEEN:
        name = unicode_name(text[position], "a character").lower()
        reason = f"The JSON has an invisible character, U+{ord(text[position]):04X} ({name}); delete it"
    elif text[max(position - 1, 0) : position + 1] == "{{" or text.startswith("{{", position):
        reason = "A variable in braces is not replaced by its value"
    line, column = text.count("\n", 0, position), position - text.rfind("\n", 0, position)
    content = text.split("\n")[line] if position <= len(text) else ""
    excerpt = f"\n{content}\n{' ' * (column - 1)}^" if content.strip() else ""
    line += 1 + lines_before
    return InvalidCall(f"{reason} at line {line}, column {column}.{excerpt}", line=line, column=column)


def _parse_int(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise InvalidCall(f"A number has {len(digits)} digits; at most {MAX_DIGITS} are read; correct the number.")
    return int(digits)


def _refuse_constant(name: str) -> NoReturn:
    raise InvalidCall(f"{name} is not valid JSON; use null or a number.")
