"""Parser of calls in text.

It reads JSON, also with trailing commas and comments as on Microsoft's pages, an ``http`` block, a cURL command and a
Teams join URL, with or without a Markdown fence.
"""

from __future__ import annotations

import json
import re
import shlex
from typing import Any, NoReturn

from ..errors import InvalidCall
from .join_url import find_join_url, read_join_url
from .models import Call

_FORMATS = "JSON, an http block, a cURL command or a Teams join URL"
_FENCE = re.compile(r"\A\s*```[^\n]*\n(?P<inside>.*?)\n?[ \t]*```\s*\Z", re.DOTALL)
_REQUEST_LINE = re.compile(r"\A\s*(?:[A-Z]+ \S+(?: HTTP/[\d.]+)?|HTTP/[\d.]+ \d{3}[^\n]*)[ \t]*(?:\n|\Z)")
# A string or comment without an end reaches to the end of the text, so a search takes linear time.
_STRING = r'"(?:\\.|[^"\\])*+(?:"|\\?\Z)'
# Strings are matched first, so commas and comments inside them are kept.
_COMMENT = re.compile(rf"({_STRING})|//[^\n]*|/\*(?:.*?\*/|.*\Z)", re.DOTALL)
_TRAILING_COMMA = re.compile(rf"({_STRING})|,(?=\s*+[}}\]])", re.DOTALL)
MAX_DIGITS = 1000
"""Longest number; Python reads 4,300 digits, and numbers of Graph have at most 19."""

_CURL_BODY = ("-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--json")
_ANSI_C_QUOTED = re.compile(r"\$'((?:\\.|[^'\\])*)'", re.DOTALL)


def parse_call(text: str) -> Call:
    r"""Read a call from text.

    Parameters
    ----------
    text : str
        JSON (trailing commas and ``//`` comments are allowed), an ``http`` block as on Microsoft's pages (request line,
        headers, blank line, body), a cURL command with ``--data``, or a Teams join URL, alone or in an invitation,
        which sets ``chatInfo`` and ``meetingInfo``. A Markdown fence around it is removed.

    Raises
    ------
    InvalidCall
        The message has the reason and the position; ``line`` and ``column`` count from 1.

    Examples
    --------
    >>> parse_call('{"subject": "Test", "targets": [],}').subject
    'Test'
    >>> parse_call('POST https://graph.microsoft.com/beta/app/calls\n\n{"subject": "Hello"}').subject
    'Hello'
    """
    if not isinstance(text, str):
        raise InvalidCall(
            f"parse_call expects text, got {type(text).__name__}; session.create_call accepts a dict or a Call."
        )
    body, before = _remove_fence(text)
    stripped = body.strip()
    if not stripped:
        raise InvalidCall(f"The text is empty; paste {_FORMATS}.")
    if link := find_join_url(stripped):
        chat, meeting = read_join_url(link)
        return Call(chat_info=chat, meeting_info=meeting)
    if re.fullmatch(r"https?://\S+", stripped):
        raise InvalidCall(
            "This link is not a Teams join URL, which contains /l/meetup-join/. For a short link (…/meet/…), use the "
            "meeting id and passcode of the invitation: templates.join_meeting_id(id, passcode)."
        )
    if re.match(r"curl\b", stripped):
        body, before = _read_curl(stripped), 0
    elif _REQUEST_LINE.match(body):
        body, skipped = _read_http_block(body)
        before += skipped
    elif "{" not in stripped and not stripped.startswith("["):
        raise InvalidCall(
            f"This text is not a call; paste {_FORMATS}. For a phone number or the id of a user, use "
            "templates.pstn(number) or templates.peer_to_peer(id)."
        )
    return Call.from_json_dict(_read_json(body, before))


def _remove_fence(text: str) -> tuple[str, int]:
    """Return the text inside a Markdown fence, and the number of lines before it."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    found = _FENCE.match(text)
    return (found["inside"], text[: found.start("inside")].count("\n")) if found else (text, 0)


def _read_http_block(block: str) -> tuple[str, int]:
    """Return the body of an http block, and the number of lines before it."""
    start = block.find("{")
    if start < 0:
        raise InvalidCall("The http block does not have a JSON body; write it after the headers and a blank line.")
    # From the start of its line, so columns are correct.
    start = block.rfind("\n", 0, start) + 1
    return block[start:], block[:start].count("\n")


def _read_curl(command: str) -> str:
    command = _ANSI_C_QUOTED.sub(lambda found: shlex.quote(_unescape(found[1])), command)
    try:
        words = shlex.split(re.sub(r"[\\^]\n", " ", command))
    except ValueError:
        raise InvalidCall("The cURL command has a quote that is not closed; copy the whole command.") from None
    for option, value in zip(words, [*words[1:], ""], strict=True):
        name, equals, rest = option.partition("=")
        body = rest if equals and name in _CURL_BODY else value if option in _CURL_BODY else None
        if body is not None:
            if body.startswith("@"):
                raise InvalidCall(f"The body is in the file {body[1:]!r}; paste the content of that file instead.")
            return body
    raise InvalidCall("The cURL command does not have a body; add one after --data or --json.")


def _unescape(text: str) -> str:
    """Return the text of bash's ``$'…'``, which browsers write when they copy a request as cURL."""
    escapes = {"n": "\n", "t": "\t", "r": "\r"}

    def one(found: re.Match[str]) -> str:
        return chr(int(found[1], 16)) if found[1] else escapes.get(found[2], found[2])

    plain = re.sub(r"\\(?:u([0-9a-fA-F]{4})|(.))", one, text, flags=re.DOTALL)
    # An emoji is written as two surrogates.
    return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _read_json(text: str, lines_before: int) -> Any:
    """Read JSON as on Microsoft's pages. Blanks replace removed characters, so positions stay correct."""

    def blank(found: re.Match[str]) -> str:
        return found[1] or re.sub(r"[^\n]", " ", found[0])

    plain = _TRAILING_COMMA.sub(blank, _COMMENT.sub(blank, text))
    try:
        return _refuse_surrogates(json.loads(plain, parse_constant=_refuse_constant, parse_int=_parse_int))
    except RecursionError:
        raise InvalidCall("The JSON is nested too deeply for a call.") from None
    except json.JSONDecodeError as error:
        line, column = error.lineno + lines_before, error.colno
        raise InvalidCall(
            f"This is not JSON: {_reason(error)} at line {line}, column {column}.{_excerpt(text, error)}",
            line=line,
            column=column,
        ) from None


def _refuse_surrogates(value: Any) -> Any:
    """Refuse single surrogates, which JSON can contain but which cannot be sent."""
    if half := re.search(r"[\ud800-\udfff]", json.dumps(value, ensure_ascii=False)):
        found = ascii(half[0])[1:-1]
        raise InvalidCall(f"{found} is half of a character, which cannot be sent; write both halves, or remove it.")
    return value


def _reason(error: json.JSONDecodeError) -> str:
    return error.msg[:1].lower() + error.msg[1:].removesuffix(" at")


def _excerpt(text: str, error: json.JSONDecodeError) -> str:
    lines = text.split("\n")
    line = lines[error.lineno - 1] if error.lineno <= len(lines) else ""
    return f"\n{line}\n{' ' * (error.colno - 1)}^" if line.strip() else ""


def _parse_int(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise InvalidCall(f"A number has {len(digits)} digits; at most {MAX_DIGITS} are read; correct the number.")
    return int(digits)


def _refuse_constant(name: str) -> NoReturn:
    raise InvalidCall(f"{name} is not valid JSON; use null or a number.")
