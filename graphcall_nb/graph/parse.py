"""Text in, call out: whatever somebody has at hand that says what call he means.

JSON, JSON with trailing commas and comments as in Microsoft's pages, an ``http`` block, a cURL line, a Teams join URL;
fenced as Markdown or not.
"""

from __future__ import annotations

import json
import re
import shlex
from typing import Any, NoReturn

from ..errors import InvalidCall
from .join_url import join_url_in, read_join_url
from .models import Call

_PASTED = "JSON, an http block, a cURL line or a Teams join URL"
_FENCE = re.compile(r"\A\s*```[^\n]*\n(?P<inside>.*?)\n?[ \t]*```\s*\Z", re.DOTALL)
_REQUEST_LINE = re.compile(r"\A\s*(?:[A-Z]+ \S+(?: HTTP/[\d.]+)?|HTTP/[\d.]+ \d{3}[^\n]*)[ \t]*(?:\n|\Z)")
_STRING = r'"(?:\\.|[^"\\])*"'
# Strings are matched first, so that what only looks like a comma or a comment inside one is left alone.
_COMMENT = re.compile(rf"({_STRING})|//[^\n]*|/\*.*?\*/", re.DOTALL)
_TRAILING_COMMA = re.compile(rf"({_STRING})|,(?=\s*[}}\]])")
_CURL_BODY = ("-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--json")
_ANSI_C_QUOTED = re.compile(r"\$'((?:\\.|[^'\\])*)'", re.DOTALL)


def parse_call(text: str) -> Call:
    """Read a call from text.

    Parameters
    ----------
    text
        One of: JSON (trailing commas and ``//`` comments allowed), an ``http`` block as in Microsoft's pages
        (request line, headers, blank line, body), a cURL line with ``--data``, or a Teams join URL, alone or in the
        words of an invitation, which fills ``chatInfo`` and ``meetingInfo``. A Markdown fence around it is taken off.

    Raises
    ------
    InvalidCall
        The message says what is wrong and where; ``line`` and ``column`` count from 1 in the text as given.

    Examples
    --------
    >>> parse_call('{"subject": "Test", "targets": [],}').subject
    'Test'
    >>> parse_call('POST https://graph.microsoft.com/beta/app/calls\\n\\n{"subject": "Hello"}').subject
    'Hello'
    """
    if not isinstance(text, str):
        raise InvalidCall(
            f"parse_call reads text, not {type(text).__name__}; session.create_call takes a dict or a Call as it is."
        )
    body, before = _unfenced(text)
    stripped = body.strip()
    if not stripped:
        raise InvalidCall(f"There is nothing here yet; paste {_PASTED}.")
    if link := join_url_in(stripped):
        chat, meeting = read_join_url(link)
        return Call(chat_info=chat, meeting_info=meeting)
    if re.fullmatch(r"https?://\S+", stripped):
        raise InvalidCall(
            "This link is no Teams join URL, which has /l/meetup-join/ in it. Of a short one (…/meet/…), take the "
            "invitation's meeting id and passcode: templates.join_meeting_id(id, passcode)."
        )
    if re.match(r"curl\b", stripped):
        body, before = _curl_body(stripped), 0
    elif _REQUEST_LINE.match(body):
        body, skipped = _http_body(body)
        before += skipped
    elif "{" not in stripped and not stripped.startswith("["):
        raise InvalidCall(
            f"No call can be read from this; paste {_PASTED}. With a phone number or a user's id alone, take "
            "templates.pstn(number) or templates.peer_to_peer(id)."
        )
    return Call.from_json_dict(_loads(body, before))


def _unfenced(text: str) -> tuple[str, int]:
    """The text inside a Markdown fence, and how many lines stand before it."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    found = _FENCE.match(text)
    return (found["inside"], text[: found.start("inside")].count("\n")) if found else (text, 0)


def _http_body(block: str) -> tuple[str, int]:
    """The body of an http block, and how many lines stand before it."""
    start = block.find("{")
    if start < 0:
        raise InvalidCall("The http block has no JSON body; it should follow the headers after a blank line.")
    # From the start of its line, so that columns are right.
    start = block.rfind("\n", 0, start) + 1
    return block[start:], block[:start].count("\n")


def _curl_body(command: str) -> str:
    command = _ANSI_C_QUOTED.sub(lambda found: shlex.quote(_ansi_c(found[1])), command)
    try:
        words = shlex.split(re.sub(r"[\\^]\n", " ", command))
    except ValueError:
        raise InvalidCall("The cURL line has a quote that is not closed; copy the whole line.") from None
    for option, value in zip(words, [*words[1:], ""], strict=True):
        name, equals, rest = option.partition("=")
        body = rest if equals and name in _CURL_BODY else value if option in _CURL_BODY else None
        if body is not None:
            if body.startswith("@"):
                raise InvalidCall(f"The body is in the file {body[1:]!r}; paste what is in that file instead.")
            return body
    raise InvalidCall("The cURL line has no body; it should have one behind --data or --json.")


def _ansi_c(text: str) -> str:
    """What bash makes of ``$'…'``, which browsers write when they copy a request as cURL."""
    escapes = {"n": "\n", "t": "\t", "r": "\r"}

    def one(found: re.Match[str]) -> str:
        return chr(int(found[1], 16)) if found[1] else escapes.get(found[2], found[2])

    plain = re.sub(r"\\(?:u([0-9a-fA-F]{4})|(.))", one, text, flags=re.DOTALL)
    # An emoji is written as two halves.
    return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _loads(text: str, lines_before: int) -> Any:
    """JSON as Microsoft's pages print it. What is taken out leaves blanks, so that positions stay right."""

    def blank(found: re.Match[str]) -> str:
        return found[1] or re.sub(r"[^\n]", " ", found[0])

    plain = _TRAILING_COMMA.sub(blank, _COMMENT.sub(blank, text))
    try:
        return _whole(json.loads(plain, parse_constant=_refuse_constant))
    except RecursionError:
        raise InvalidCall("The JSON is nested too deeply to be a call.") from None
    except json.JSONDecodeError as error:
        line, column = error.lineno + lines_before, error.colno
        raise InvalidCall(
            f"This is not JSON: {_reason(error)} at line {line}, column {column}.{_excerpt(text, error)}",
            line=line,
            column=column,
        ) from None


def _whole(value: Any) -> Any:
    """JSON can spell half of a character, and nobody can be sent one."""
    if half := re.search(r"[\ud800-\udfff]", json.dumps(value, ensure_ascii=False)):
        found = ascii(half[0])[1:-1]
        raise InvalidCall(f"{found} is half of a character, which cannot be sent; write both halves, or leave it out.")
    return value


def _reason(error: json.JSONDecodeError) -> str:
    return error.msg[:1].lower() + error.msg[1:].removesuffix(" at")


def _excerpt(text: str, error: json.JSONDecodeError) -> str:
    lines = text.split("\n")
    line = lines[error.lineno - 1] if error.lineno <= len(lines) else ""
    return f"\n{line}\n{' ' * (error.colno - 1)}^" if line.strip() else ""


def _refuse_constant(name: str) -> NoReturn:
    raise InvalidCall(f"{name} is no JSON; use null or a number.")
