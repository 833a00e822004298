"""Teams join URLs, the links in invitations to meetings.

A link ``…/l/meetup-join/{threadId}/{messageId}?context={"Tid":…,"Oid":…}`` contains the chat thread, the message in it,
the tenant and the organizer, as Graph's overview of calls describes.
"""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs, unquote, urlsplit

from .._arguments import require_type
from ..errors import InvalidCall
from .models import ChatInfo, Identity, IdentitySet, OrganizerMeetingInfo

_PATH = "/l/meetup-join/"
_URL = re.compile(r"""https://[^\s<>"']++""", re.IGNORECASE)
_HOST_PATH = re.compile(rf".{_PATH}.", re.IGNORECASE)


def is_join_url(text: str) -> bool:
    """Return true for a Teams join URL of any cloud."""
    return text.strip().lower().startswith("https://") and _PATH in text


def find_join_url(text: str) -> str | None:
    """Return the Teams join URL in a text, such as an invitation; ``None`` for a text that may be a request.

    Examples
    --------
    >>> find_join_url("Join: <https://teams.microsoft.com/l/meetup-join/19%3am/0?context=x>, Friday")
    'https://teams.microsoft.com/l/meetup-join/19%3am/0?context=x'
    """
    if is_join_url(text) and len(text.split()) == 1:
        return text.strip()
    urls = () if "{" in text else _URL.findall(text)
    return next((url.rstrip(".,;)") for url in urls if _HOST_PATH.search(url, len("https://"))), None)


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
    parts = urlsplit(require_type("join_url", url, str, "the link of a Teams invitation").strip())
    segments = [unquote(part) for part in parts.path.partition(_PATH)[2].split("/")]
    if len(segments) < 2 or not all(segments[:2]):
        raise InvalidCall("A Teams join URL has …/l/meetup-join/{threadId}/{messageId}; copy the whole link.")
    try:
        context = json.loads(parse_qs(parts.query).get("context", [""])[0])
        tenant, organizer = context["Tid"], context["Oid"]
    except (ValueError, KeyError, TypeError):
        raise InvalidCall("The link lacks ?context={…} with Tid and Oid at its end; copy the whole link.") from None
    chat = ChatInfo(thread_id=segments[0], message_id=segments[1])
    user = Identity(id=organizer, tenant_id=tenant)
    return chat, OrganizerMeetingInfo(organizer=IdentitySet(user=user))
