"""Parser of calls in text.

It reads JSON, ``http`` blocks, commands of a shell, collections of requests, links and ids of Teams meetings, and each
of these among other words, as in logs, source code, mails and invitations.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from itertools import islice
from typing import Any

from ..errors import InvalidCall
from .documents import is_call, read_document
from .join_url import find_meeting, read_meeting_link
from .json_text import find_objects, parse_object, read_json
from .models import Call

_FORMATS = "JSON, an http block, a cURL command or a Teams join URL"
_REQUEST_LINE = re.compile(
    r"(?:(?P<method>GET|POST|PUT|PATCH|DELETE) (?P<url>\S+)(?: HTTP/[\d.]+)?|HTTP/[\d.]+ \d{3}[^\n]*)[ \t]*\Z"
)
_HEADER = re.compile(r"\A(?:[\w\-]++[ \t]*:|[?&]\w|#|//|@)")
_COMMAND = re.compile(r"(?:[$>#%]\s+)?(?:curl(?:\.exe)?|wget|https?|az|xh|xhs)\s")
_CURL = re.compile(r"(?:[$>#%]\s+)?curl(?:\.exe)?(?:\s|\Z)")
_MAX_OBJECTS = 1000
"""JSON objects of one text that are read, such as the lines of a log."""

_BODY_OPTIONS = (
    *("-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--data-urlencode", "--json"),
    *("--post-data", "--body-data", "--body", "-b", "--raw"),
)
_ANSI_C_QUOTED = re.compile(r"\$'((?:\\.|[^'\\])*)'", re.DOTALL)
_HTTPIE_ITEM = re.compile(r"\A([\w@.$\-]++)(:?=)(.*)", re.DOTALL)
_ACTION_PATH = re.compile(r"/calls/[^/\s?]+/(?:microsoft\.graph\.)?([a-zA-Z]+)")

# Language, and signs of which one is enough; the tabs of Graph's pages.
_LANGUAGES = (
    ("PHP", re.compile(r"<\?php|\$[a-z]\w* = new |\$[a-z]\w*->")),
    ("PowerShell", re.compile(r"New-Mg|Invoke-(?:Mg|Rest|Web)|Import-Module|@\{|@\(")),
    ("Python", re.compile(r"^(?:import|from) \w|\bdef \w|\bodata_type ?=|= Call\(", re.MULTILINE)),
    ("Go", re.compile(r":= |graphmodels")),
    ("Java", re.compile(r"\.set[A-Z]\w{1,40}\(|LinkedList<")),
    ("C#", re.compile(r"\bnew Call\b|OdataType ?=|GraphServiceClient|PostAsync")),
    ("JavaScript", re.compile(r"\b(?:const|let|var) \w|\.api\(|=>|require\(|fetch\(")),
    ("a command of the Graph CLI", re.compile(r"\bmgc(?:-beta)? ")),
)


def parse_call(text: str) -> Call:
    r"""Read a call from text.

    Parameters
    ----------
    text : str
        One of these, alone or among other words:

        * JSON, also with comments, trailing commas and no-break spaces, or a literal of Python or JavaScript;
        * an ``http`` block (request line, headers, blank line, body), or a file of several;
        * a command of cURL, HTTPie or wget, for any shell;
        * a Postman collection, a HAR file or another document with the request;
        * a link to a Teams meeting, also wrapped by a mail scanner, or an invitation with a link or a meeting id, which
          sets ``chatInfo``, ``meetingInfo`` and ``tenantId``.

    Raises
    ------
    InvalidCall
        The message has the reason; for JSON also the position: ``line`` and ``column`` count from 1. A notification,
        source code or a text with links to several meetings is named as what it is.

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
    body, before = _remove_fence(text.removeprefix("\ufeff").replace("\r\n", "\n"))
    stripped = body.strip()
    if not stripped:
        raise InvalidCall(f"The text is empty; paste {_FORMATS}.")
    if _COMMAND.match(stripped) or _CURL.match(stripped):
        return _read_command(stripped)
    if blocks := _find_http_blocks(body):
        return _read_http_blocks(body, blocks, before)
    if _begins_with_json(stripped):
        return read_document(read_json(body, before))
    if len(stripped.split()) == 1 and re.match(r"[a-z\-]{4,8}:", stripped, re.IGNORECASE):
        return read_meeting_link(stripped).to_call()
    return _read_words(body, before)


def is_meeting_body(body: Mapping[str, Any]) -> bool:
    """Return true for the body of a call that has only what an invitation contains."""
    return "meetingInfo" in body and body.keys() <= {"chatInfo", "meetingInfo", "tenantId"}


def _remove_fence(text: str) -> tuple[str, int]:
    """Return the text inside a Markdown fence, and the number of lines before it."""
    stripped = text.strip()
    if not stripped.startswith("```") or not stripped.endswith("```") or "\n" not in stripped:
        return text, 0
    start = text.index("\n", text.index("```")) + 1
    return text[start : max(start, text.rindex("```"))], text[:start].count("\n")


def _begins_with_json(text: str) -> bool:
    while text.startswith(("//", "/*")):
        _, end, text = text.partition("\n" if text.startswith("//") else "*/")
        text = text.lstrip()
        if not end:
            return False
    # A Markdown link begins with a bracket and a word.
    return re.match(r'\{(?!\{)|\[\s*(?:[\[{"\d\-\]]|\Z)', text) is not None


# ---- http blocks


def _find_http_blocks(text: str) -> list[int]:
    """Return the indexes of the request and response lines of a text that begins with one."""
    starts: list[int] = []
    position = 0
    is_at_start = True
    for line in text.split("\n"):
        if _REQUEST_LINE.match(line.strip()):
            if not starts and not is_at_start:
                return []
            starts.append(position)
        elif line.strip() and not _HEADER.match(line.strip()):
            is_at_start = False
        position += len(line) + 1
    return starts


def _read_http_blocks(text: str, starts: list[int], before: int) -> Call:
    """Return the call of the first block that has one."""
    problems = []
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        block = text[start:end]
        try:
            body_start = _find_body(block)
            _refuse_action(block.partition("\n")[0])
            lines = before + text.count("\n", 0, start + body_start)
            return read_document(read_json(block[body_start:], lines, is_alone=False))
        except InvalidCall as error:
            problems.append(error)
    problems.sort(key=lambda error: error.line is None)
    raise problems[0]


def _find_body(block: str) -> int:
    """Return the index of the JSON body: after the first blank line, else the first line that is not a header."""
    position = block.find("\n") + 1 or len(block)
    is_body = False
    for line in block[position:].split("\n"):
        stripped = line.strip()
        if stripped.startswith(("{", "[")):
            return position
        if is_body and stripped and not stripped.startswith(("//", "/*", "#")):
            break
        is_body = is_body or not stripped
        position += len(line) + 1
    raise InvalidCall("The http block does not have a JSON body; write it after the headers and a blank line.")


def _refuse_action(text: str) -> None:
    if found := _ACTION_PATH.search(text):
        raise InvalidCall(
            f"This is a request for {found[1]} of an existing call, not a call; paste the request POST …/calls."
        )


# ---- commands


def _read_command(command: str) -> Call:
    words = _split_command(command)
    _refuse_action(" ".join(word for word in words if "://" in word))
    for option, value in zip(words, [*words[1:], ""], strict=True):
        name, equals, rest = option.partition("=")
        if option in _BODY_OPTIONS:
            body = value
        elif equals and name in _BODY_OPTIONS:
            body = rest
        elif re.match(r"-d[{@]", option):
            body = option[2:]
        else:
            continue
        if not body.startswith("@"):
            return _read_command_body(body)
        found = next(filter(is_call, islice(find_objects(command), _MAX_OBJECTS)), None)  # a here-document
        if found is None:
            raise InvalidCall(f"The body is in the file {body[1:]!r}; paste the content of that file instead.")
        return Call.from_json_dict(found)
    if (items := _read_httpie(words)) is not None:
        return read_document(items)
    found = next(filter(is_call, islice(find_objects(command), _MAX_OBJECTS)), None)
    if found is None:
        raise InvalidCall(
            "The cURL command does not have a body; add one after --data or --json."
            if _CURL.match(command)
            else "The command does not have the body of a call; paste its JSON."
        )
    return Call.from_json_dict(found)


def _read_command_body(body: str) -> Call:
    if re.match(r'\A\{\s*\\"', body.strip()):  # PowerShell keeps the backslashes that older versions need
        body = body.replace('\\"', '"')
    return read_document(read_json(body))


def _split_command(command: str) -> list[str]:
    is_single_quoted = re.search(r"'\s*+[{\[]", command) is not None
    if re.search(r'\A\S+ \^"|"\{\s*+""', command) or (" ^\n" in command and not is_single_quoted):  # cmd.exe of Windows
        plain = re.sub(r"\^\n\n", "\n", command)
        return _split_windows(re.sub(r"\^(.|\n)", lambda found: found[1].strip("\n"), plain))
    command = _ANSI_C_QUOTED.sub(lambda found: shlex.quote(_unescape(found[1])), command)
    try:
        return shlex.split(re.sub(r"[\\^`]\n", " ", command))
    except ValueError:
        raise InvalidCall("The cURL command has a quote that is not closed; copy the whole command.") from None


def _split_windows(command: str) -> list[str]:
    r"""Return the words of a command as Windows splits it: ``\"`` and ``""`` are quotes inside quotes."""
    words, is_quoted, position = [""], False, 0
    while position < len(command):
        pair, character = command[position : position + 2], command[position]
        if pair == '\\"' or (is_quoted and pair == '""'):
            words[-1] += '"'
            position += 2
            continue
        if character == '"':
            is_quoted = not is_quoted
        elif character.isspace() and not is_quoted:
            words.append("")
        else:
            words[-1] += character
        position += 1
    return [text for text in words if text]


def _read_httpie(words: list[str]) -> dict[str, Any] | None:
    """Return the body of HTTPie's items ``name=text`` and ``name:=json``; ``None`` for another command."""
    if words[0] not in ("http", "https", "xh", "xhs"):
        return None
    body: dict[str, Any] = {}
    for word in words[1:]:
        if word.startswith("-") or "://" in word or not (item := _HTTPIE_ITEM.fullmatch(word)):
            continue
        name, sign, value = item.groups()
        if sign == ":=":
            body[name] = parse_object(value) if value.startswith("{") else read_json(value)
        else:
            body[name] = value
    return body or None


def _unescape(text: str) -> str:
    """Return the text of bash's ``$'…'``, which browsers write when they copy a request as cURL."""
    escapes = {"n": "\n", "t": "\t", "r": "\r"}

    def one(found: re.Match[str]) -> str:
        return chr(int(found[1], 16)) if found[1] else escapes.get(found[2], found[2])

    plain = re.sub(r"\\(?:u([0-9a-fA-F]{4})|(.))", one, text, flags=re.DOTALL)
    # An emoji is written as two surrogates.
    return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


# ---- words


def _read_words(text: str, before: int) -> Call:
    """Return the call among the words of a text: JSON, a request that contains it, or an invitation."""
    objects = list(islice(find_objects(text), _MAX_OBJECTS))
    calls = [value for value in objects if is_call(value)]
    if calls:
        return Call.from_json_dict(calls[0])
    problem = None
    for value in filter(None, objects):
        try:
            return read_document(value)
        except InvalidCall as error:
            problem = problem or error
    if meeting := find_meeting(text):
        return meeting.to_call()
    language = next((name for name, sign in _LANGUAGES if sign.search(text)), None)
    if language:
        raise InvalidCall(
            f"This is {language}, not JSON; copy the HTTP tab of the page, or print the body as JSON and paste it."
        )
    if problem is not None:
        raise problem
    if start := re.search(r'\{\s*["\u201c\u201d\']', text):
        # From the start of its line, so columns are correct.
        line_start = text.rfind("\n", 0, start.start()) + 1
        blank = " " * (start.start() - line_start)
        return read_document(read_json(blank + text[start.start() :], before + text.count("\n", 0, line_start)))
    raise InvalidCall(
        f"This text is not a call; paste {_FORMATS}. For a phone number or the id of a user, use "
        "templates.pstn(number) or templates.peer_to_peer(id)."
    )
