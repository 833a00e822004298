"""Links and meeting ids of invitations to Teams meetings, alone or inside mails, calendars and other links.

A link ``…/l/meetup-join/{threadId}/{messageId}?context={"Tid":…,"Oid":…}`` contains the chat thread, the message in it,
the tenant and the organizer, as Graph's overview of calls describes. A short link ``…/meet/{meeting id}?p={passcode}``
contains a meeting id and a passcode, as an invitation prints them.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from string import ascii_lowercase, ascii_uppercase, digits
from unicodedata import category, decimal
from urllib.parse import SplitResult, parse_qs, parse_qsl, unquote, urlsplit

from .._arguments import require_type
from .._text import strip_invisible
from ..errors import InvalidCall
from .models import Call, ChatInfo, Identity, IdentitySet, JoinMeetingIdMeetingInfo, OrganizerMeetingInfo

_PATH = "/l/meetup-join/"
_SHORT_PATH = "/meet/"
_CONSUMER_HOST = "teams.live.com"

_MAX_DEPTH = 6
"""A link inside a link inside a link: Safe Links around a launcher page need three."""

_MAX_ENCODINGS = 4
"""Times that a text is decoded until it no longer changes."""

_MAX_LINK_CHARS = 16 << 10
"""Longest link that is read; browsers and mail scanners limit them to a few thousand characters."""

_MAX_INNER_LINKS = 40
"""Links inside a link that are read, so the time is proportional to the length of the link."""

_MIN_MEETING_ID_DIGITS, _MAX_MEETING_ID_DIGITS = 9, 16
_MAX_CONTEXT_CHARS = 400
_MAX_LINKS = 200
"""Links of one text that are read; a mail has a few, a page of a portal a hundred."""

_RUN_LENGTHS = ascii_uppercase + ascii_lowercase + digits + "-_"
"""Lengths from 2 in version 3 of URL Defense."""

_OPENING = {")": "(", "]": "["}
_SCHEME = re.compile(r"[a-z][a-z0-9+.\-]{1,19}:", re.IGNORECASE)
_WORD = re.compile(r"""[^\s<>"'`\\|\u201c\u201d\u2018\u2019\u00ab\u00bb]+""")
_TAG = re.compile(r"<(/?[a-z!][a-z0-9]*)[^<>]*>", re.IGNORECASE)
_INLINE_TAGS = frozenset({"a", "b", "em", "font", "i", "o", "span", "strong", "u"})
_IN_ANGLE_BRACKETS = re.compile(r"<\s*((?:https?|msteams)(?::|%3A)[^<>]*)>", re.IGNORECASE)
_GAP = r"[ \u00a0\u2007\u2009\u202f]"
_GROUPED_ID = re.compile(rf"(?<![\d+\-.,*#(])\d{{3}}(?:{_GAP}\d{{3}}){{2,4}}(?:{_GAP}\d{{1,3}})?(?![\d#\-/]|{_GAP}\d)")
_PLAIN_ID = re.compile(r"(?<=[:\uff1a]) {0,3}(\d{10,16})(?!\S)")
_LABELLED_WORD = re.compile(
    r"\s{0,40}+(?:[/|,;(]\s{0,40}+)?[^\s:\uff1a\d][^:\uff1a\d\n]{0,40}[:\uff1a][ \u00a0]{0,3}(\S{3,40})(?=\s|\Z)"
)


@dataclass(frozen=True)
class MeetingLink:
    """The meeting that a link leads to.

    Attributes
    ----------
    meeting_info : OrganizerMeetingInfo or JoinMeetingIdMeetingInfo
        The meeting.
    chat_info : ChatInfo or None
        Its chat; ``None`` for a short link.
    tenant_id : str or None
        Tenant of the organizer; ``None`` for a short link.
    """

    meeting_info: OrganizerMeetingInfo | JoinMeetingIdMeetingInfo
    chat_info: ChatInfo | None = None
    tenant_id: str | None = None

    def to_call(self) -> Call:
        """Return a call with chat, meeting and tenant only."""
        if self.chat_info is None:
            return Call(meeting_info=self.meeting_info)
        return Call(chat_info=self.chat_info, meeting_info=self.meeting_info, tenant_id=self.tenant_id)

    @property
    def label(self) -> str:
        """Thread id or meeting id: which meeting it is, without its passcode."""
        if isinstance(self.meeting_info, JoinMeetingIdMeetingInfo):
            return f"meeting id {self.meeting_info.join_meeting_id}"
        return f"thread {self.chat_info and self.chat_info.thread_id}"


def is_join_url(text: str) -> bool:
    """Return true for a Teams join URL of any cloud."""
    return text.strip().lower().startswith("https://") and _PATH in text


def read_meeting_link(url: str) -> MeetingLink:
    """Return the meeting of a link, which may be wrapped in other links or encoded several times.

    Raises
    ------
    InvalidCall
        When the link does not lead to a meeting, or a required part is missing; the message names it.

    Examples
    --------
    >>> read_meeting_link("https://teams.microsoft.com/meet/2999999901281?p=secret").label
    'meeting id 2999999901281'
    """
    link = require_type("join_url", url, str, "the link of a Teams invitation").strip()
    problems = []
    if len(link) > _MAX_LINK_CHARS:
        raise InvalidCall(
            f"The link has {len(link)} characters; at most {_MAX_LINK_CHARS} are read; copy the link alone."
        )
    for inner in islice(_unwrap(link), _MAX_INNER_LINKS):
        try:
            if meeting := _read_meeting(inner):
                return meeting
        except InvalidCall as error:
            problems.append(error)
    raise problems[-1] if problems else InvalidCall(_describe_other_link(link))


def read_join_url(url: str) -> tuple[ChatInfo, OrganizerMeetingInfo]:
    """Return the chat and the meeting of a Teams join URL.

    Raises
    ------
    InvalidCall
        When a required part is missing; the message names it.

    Examples
    --------
    >>> chat, meeting = read_join_url(
    ...     "https://teams.microsoft.com/l/meetup-join/19%3ameeting_x%40thread.v2/0?context=%7b%22Tid%22%3a%22t%22%2c%22Oid%22%3a%22o%22%7d"
    ... )
    >>> chat.thread_id, meeting.organizer.user.id
    ('19:meeting_x@thread.v2', 'o')
    """
    link = read_meeting_link(url)
    if link.chat_info is None or not isinstance(link.meeting_info, OrganizerMeetingInfo):
        raise InvalidCall(
            "This short link has a meeting id and no chat; use parse_call(link), or a link with /l/meetup-join/."
        )
    return link.chat_info, link.meeting_info


def find_meeting(text: str) -> MeetingLink | None:
    """Return the meeting that a text invites to, by a link or by a meeting id; ``None`` without one.

    Raises
    ------
    InvalidCall
        When the text has links to several meetings, or only a damaged link.

    Examples
    --------
    >>> find_meeting("Meeting ID: 299 999 990 128 1, Passcode: aB3dEf").meeting_info.join_meeting_id
    '2999999901281'
    """
    text = _clean_mail(text)
    meetings: dict[str, MeetingLink] = {}
    problems = []
    for link in _find_links(text):
        try:
            meeting = read_meeting_link(link)
            meetings.setdefault(meeting.label, meeting)
        except InvalidCall as error:
            problems.append(error)
    # An invitation prints the short link or the meeting id beside the long link.
    by_organizer = [meeting for meeting in meetings.values() if meeting.chat_info is not None]
    candidates = by_organizer or list(meetings.values())
    if len(candidates) > 1:
        labels = "; ".join(meeting.label for meeting in candidates[:5])
        raise InvalidCall(f"The text has links to {len(candidates)} meetings: {labels}. Paste only the link of one.")
    if candidates:
        return candidates[0]
    if problems:
        raise problems[0]
    return _find_meeting_id(text)


def normalize_meeting_id(text: str) -> str:
    """Return a meeting id without the blanks that an invitation prints; another text is returned as it is.

    Examples
    --------
    >>> normalize_meeting_id("299 999 990 128 1")
    '2999999901281'
    """
    number = re.sub(r"[\s\u2007\-\u2010-\u2015]+", "", strip_invisible(text))
    return "".join(str(decimal(digit)) for digit in number) if number and number.isdecimal() else text


# ---- one link


def _unwrap(link: str, depth: int = 0) -> Iterator[str]:
    """Yield a link and the links inside it: in its parameters, its fragment and its path, each decoded."""
    if inside := _decode_url_defense(link):
        link = inside
    if "://" not in link and "%3a" not in link.lower() and "%253a" in link.lower():
        link = unquote(link)
    yield link
    if depth == _MAX_DEPTH:
        return
    try:
        parts = urlsplit(link)
    except ValueError:  # a bracket in the host
        return
    inner = [value for _, value in parse_qsl(parts.query)]
    inner += [parts.fragment, *map(_decode_base64, inner)]
    if "://" in parts.path or "%3a" in parts.path.lower():
        inner.append(unquote(parts.path))
        inner += [parts.path[start:] for start in _find_schemes(parts.path)]
    for value in dict.fromkeys(filter(None, inner)):
        if value != link and _may_lead_to_meeting(value):
            yield from _unwrap(value, depth + 1)


def _find_schemes(path: str) -> list[int]:
    return [found.start() for found in re.finditer(r"https?(?=:|%3a)", path, re.IGNORECASE)][:3]


def _may_lead_to_meeting(text: str) -> bool:
    lowered = text.lower()
    return any(part in lowered for part in ("meetup-join", "meetup-2djoin", "meet", "19:", "19%", "teams"))


def _decode_url_defense(link: str) -> str:
    """Return the link inside one of Proofpoint's URL Defense, versions 2 and 3; else an empty text."""
    version, _, rest = link.partition("urldefense")[2].partition("/")[2].partition("/")
    if version == "v2":
        inner = parse_qs(urlsplit(link).query).get("u", [""])[0]
        return unquote(inner.replace("-", "%").replace("_", "/"))
    if version != "v3" or not rest.startswith("__"):
        return ""
    inner, _, replaced = rest[2:].partition("__;")
    characters = iter(_decode_base64(replaced.partition("!!")[0], min_length=1))

    def restore(found: re.Match[str]) -> str:
        length = _RUN_LENGTHS.index(found[1]) + 2 if found[1] else 1
        return "".join(islice(characters, length))

    # An asterisk stands for the next of the characters at the end, two with a letter for as many as the letter means.
    return re.sub(r"\*(?:\*([\w\-]))?", restore, inner, flags=re.ASCII)


def _decode_base64(text: str, min_length: int = 40) -> str:
    if len(text) < min_length or not re.fullmatch(r"[\w+/=\-]+", text):
        return ""
    try:
        return base64.urlsafe_b64decode(text.replace("+", "-").replace("/", "_") + "=" * (-len(text) % 4)).decode()
    except (binascii.Error, ValueError):
        return ""


def _read_meeting(link: str) -> MeetingLink | None:
    """Return the meeting of a link that is not wrapped; ``None`` for a link to something else."""
    if "://" not in link and _SCHEME.match(unquote(link)) and "%3a" in link.lower()[:24]:
        link = unquote(link)
    try:
        parts = urlsplit(link)
    except ValueError:
        return None
    host = (parts.hostname or "").lower()
    path = _decode(parts.path) if "%2f" in parts.path.lower() else parts.path
    if host == _CONSUMER_HOST or f"{_CONSUMER_HOST}/" in path:
        raise InvalidCall(
            "This is a meeting of a personal Microsoft account (teams.live.com). Graph's applications join meetings of "
            "a tenant only; use a meeting that a work or school account has scheduled."
        )
    if not _is_teams(host, parts.scheme):
        return None
    lowered = f"/{path.lower().lstrip('/')}"
    if _PATH in lowered:
        start = lowered.index(_PATH) + len(_PATH) - (len(lowered) - len(path))
        return _read_long_link(path[start:].split("/"), parts)
    segments = path.split("/")
    thread = next((index for index, part in enumerate(segments) if _decode(part).startswith("19:")), None)
    if thread is not None and "tid" in _decode(parts.query).lower():
        return _read_long_link(segments[thread:], parts)
    if _SHORT_PATH in lowered:
        return _read_short_link(lowered.partition(_SHORT_PATH)[2], parts)
    return None


def _is_teams(host: str, scheme: str) -> bool:
    """Return true for a host of Teams, and for the fragment or path of a link, which has no host."""
    if scheme in ("msteams", "ms-teams") or not host:
        return True
    name = host.split(".")
    return "teams" in name and name[-1] in ("com", "us", "cn", "microsoft")


def _read_long_link(segments: list[str], parts: SplitResult) -> MeetingLink:
    segments = [_decode(part) for part in segments]
    if len(segments) < 2 or not all(segments[:2]):
        raise InvalidCall("A Teams join URL has …/l/meetup-join/{threadId}/{messageId}; copy the whole link.")
    try:
        context = json.loads(_read_context(parts))
        tenant, organizer = context["Tid"], context["Oid"]
        user = Identity(id=organizer, tenant_id=tenant)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise InvalidCall("The link lacks ?context={…} with Tid and Oid at its end; copy the whole link.") from None
    chat = ChatInfo(thread_id=segments[0], message_id=segments[1].partition("?")[0])
    return MeetingLink(OrganizerMeetingInfo(organizer=IdentitySet(user=user)), chat, tenant)


def _read_context(parts: SplitResult) -> str:
    query = parts.query if "context" in parts.query else _decode(parts.path).partition("?")[2] or parts.fragment
    value = parse_qs(query).get("context", [""])[0]
    return _decode(value)


def _read_short_link(rest: str, parts: SplitResult) -> MeetingLink:
    number = normalize_meeting_id(_decode(rest.partition("/")[0]))
    if not number.isdecimal() or not _MIN_MEETING_ID_DIGITS <= len(number) <= _MAX_MEETING_ID_DIGITS:
        raise InvalidCall(
            "A short Teams link has …/meet/{meeting id}, a number of 9 to 16 digits; copy the whole link, or use "
            "templates.join_meeting_id(id, passcode) with the meeting id of the invitation."
        )
    passcode = parse_qs(parts.query).get("p", [None])[0]
    return MeetingLink(_make_meeting_info(number, passcode))


def _make_meeting_info(number: str, passcode: str | None) -> JoinMeetingIdMeetingInfo:
    if passcode is None:
        return JoinMeetingIdMeetingInfo(join_meeting_id=number)
    return JoinMeetingIdMeetingInfo(join_meeting_id=number, passcode=passcode)


def _decode(text: str) -> str:
    """Return a text without percent encoding, however often it was encoded."""
    for _ in range(_MAX_ENCODINGS):
        decoded = unquote(text)
        if decoded == text:
            break
        text = decoded
    return text


def _describe_other_link(link: str) -> str:
    try:
        host = (urlsplit(link).hostname or "").lower()
    except ValueError:
        host = ""
    if _is_teams(host, "") and host and "/l/" in link:
        kind = re.match(r"[a-z\-]*", link.partition("/l/")[2])
        return (
            f"This is a Teams link of the kind {kind[0] if kind else ''!r}, not the link of a meeting; copy the link "
            "of the invitation, which contains /l/meetup-join/ or /meet/."
        )
    return (
        "This link is not a Teams join URL, which contains /l/meetup-join/ or /meet/. If it leads to one, open it and "
        "copy the address, or use the meeting id and passcode of the invitation: "
        "templates.join_meeting_id(id, passcode)."
    )


# ---- a text


def _clean_mail(text: str) -> str:
    """Return a text without the folding and the escapes of mails, calendars and HTML."""
    text = text.replace("\r\n", "\n")
    if "=3D" in text and "=\n" in text:  # the source of a mail
        text = quopri.decodestring(text.encode("utf-8", "replace")).decode("utf-8", "replace")
    if "BEGIN:V" in text:
        text = re.sub(r"\n[ \t]", "", text)
        text = text.replace("\\n", "\n").replace("\\N", "\n").replace("\\,", ",").replace("\\;", ";")
    text = text.replace("\\/", "/").replace("\\u0026", "&")
    text = _IN_ANGLE_BRACKETS.sub(lambda found: f"<{''.join(found[1].split())}>", text)
    return strip_invisible(html.unescape(text))


def _find_links(text: str) -> list[str]:
    """Return the words of a text that may lead to a meeting."""
    links: dict[str, None] = {}
    for found in _WORD.finditer(text):
        word, end = found[0], found.end()
        if word.endswith("context={"):  # it was not encoded, and words end at its quotes
            closing = text.find("}", end, end + _MAX_CONTEXT_CHARS)
            word = word + text[end : closing + 1] if closing >= 0 else word
        lowered = word.lower()
        if any(mark in lowered for mark in ("meetup-join", "meetup-2djoin", _CONSUMER_HOST, "teams.live-2ecom")) or (
            "teams" in lowered and ("meet" in lowered or "context" in lowered)
        ):
            links[_cut_punctuation(word)] = None
        if len(links) >= _MAX_LINKS:
            break
    return list(links)


def _cut_punctuation(word: str) -> str:
    """Return a link without the characters around it: a label, brackets, full-width punctuation."""
    lowered = word.lower()
    starts = [at for mark in ("https:", "http:", "msteams:", "https%", "teams.") if (at := lowered.find(mark)) >= 0]
    word = word[min(starts, default=0) :].partition("](")[0]  # a Markdown link has its text before it
    categories = ("Po", "Ps", "Pe", "Pi", "Pf")
    end = next((at for at, sign in enumerate(word) if ord(sign) > 0x7F and category(sign) in categories), len(word))
    word = word[:end].rstrip(".,;:!?*_~")
    while word.endswith((")", "]")) and word.count(_OPENING[word[-1]]) < word.count(word[-1]):
        word = word[:-1].rstrip(".,;:!?*_~")
    return word


def _find_meeting_id(text: str) -> MeetingLink | None:
    """Return the meeting id and the passcode as an invitation prints them, in any language."""
    text = _TAG.sub(lambda tag: " " if tag[1].strip("/").lower() in _INLINE_TAGS else "\n", text)
    text = re.sub(r"[*`]", "", text)
    for pattern in (_GROUPED_ID, _PLAIN_ID):
        for found in pattern.finditer(text):
            number = normalize_meeting_id(found[0].strip())
            if _MIN_MEETING_ID_DIGITS <= len(number) <= _MAX_MEETING_ID_DIGITS:
                passcode = _LABELLED_WORD.match(text, found.end())
                return MeetingLink(_make_meeting_info(number, passcode[1].rstrip(".,;)") if passcode else None))
    return None
