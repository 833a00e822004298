"""Calls that start or join a meeting."""

from __future__ import annotations

from collections.abc import Iterable

from ..joinurl import read_join_url
from ..models import Call, ChatInfo, JoinMeetingIdMeetingInfo, OrganizerMeetingInfo, TokenMeetingInfo
from .parts import (
    BOT,
    CHANNEL,
    CHANNEL_ORGANIZER,
    EXAMPLE_CALLBACK_URI,
    GROUP_PHONE,
    GROUP_USER,
    JOIN_TOKEN,
    MEETING_ORGANIZER,
    MEETING_THREAD,
    Target,
    call_of,
    given,
    prefetching,
    source_of,
    target_of,
    targets_of,
)


def group_call(
    users: Target | Iterable[Target] = GROUP_USER,
    phones: Target | Iterable[Target] = GROUP_PHONE,
    *,
    thread_id: str = MEETING_THREAD,
    message_id: str = "0",
    organizer: Target = MEETING_ORGANIZER,
    join_url: str | None = None,
    prompts: dict[str, str] | None = None,
    modalities: Iterable[str] | None = ("audio", "video"),
    subject: str = "Test Call",
    application: Target = BOT,
    tenant_id: str | None = None,
    callback_uri: str = EXAMPLE_CALLBACK_URI,
) -> Call:
    """Call several people into a meeting.

    ``users`` and ``phones`` take one or several; the other parameters are those of :func:`meet_now`.

    Examples
    --------
    >>> group_call(["user-1", "user-2"], phones=()).chat_info.message_id
    '0'
    """
    chat = ChatInfo(thread_id=thread_id, message_id=message_id, reply_chain_message_id=None)
    call = _join(chat, organizer, join_url, prompts, modalities, subject, application, tenant_id, callback_uri)
    call.targets = targets_of(users, phones)
    return call


def meet_now(
    *,
    thread_id: str = MEETING_THREAD,
    message_id: str = "0",
    organizer: Target = MEETING_ORGANIZER,
    join_url: str | None = None,
    prompts: dict[str, str] | None = None,
    modalities: Iterable[str] | None = ("audio", "video"),
    subject: str = "Test Call",
    application: Target = BOT,
    tenant_id: str | None = None,
    callback_uri: str = EXAMPLE_CALLBACK_URI,
) -> Call:
    """Start (or join) the meeting of a chat.

    Parameters
    ----------
    thread_id, message_id : the chat thread of the meeting
    organizer : the user who organizes it: an id, or an ``Identity`` with ``tenant_id``
    join_url : a Teams join URL; when given, it fills the three parameters above
    prompts, modalities, subject, application, tenant_id, callback_uri : as in :func:`peer_to_peer`

    Examples
    --------
    >>> meet_now(organizer="4b444206").meeting_info.organizer.user.id
    '4b444206'
    """
    chat = ChatInfo(thread_id=thread_id, message_id=message_id, reply_chain_message_id=None)
    return _join(chat, organizer, join_url, prompts, modalities, subject, application, tenant_id, callback_uri)


def join_private_meeting(
    *,
    thread_id: str = CHANNEL,
    message_id: str = "0",
    organizer: Target = CHANNEL_ORGANIZER,
    join_url: str | None = None,
    prompts: dict[str, str] | None = None,
    modalities: Iterable[str] | None = ("audio", "video"),
    subject: str = "Test Call",
    application: Target = BOT,
    tenant_id: str | None = None,
    callback_uri: str = EXAMPLE_CALLBACK_URI,
) -> Call:
    """Join a private meeting that exists already. The parameters are those of :func:`meet_now`.

    Examples
    --------
    >>> join_private_meeting(subject="Standup").subject
    'Standup'
    """
    chat = ChatInfo(thread_id=thread_id, message_id=message_id)
    return _join(chat, organizer, join_url, prompts, modalities, subject, application, tenant_id, callback_uri)


def join_channel_meeting(
    *,
    thread_id: str = CHANNEL,
    message_id: str = "1507228578052",
    organizer: Target = CHANNEL_ORGANIZER,
    join_url: str | None = None,
    prompts: dict[str, str] | None = None,
    modalities: Iterable[str] | None = ("audio", "video"),
    subject: str = "Test Call",
    application: Target = BOT,
    tenant_id: str | None = None,
    callback_uri: str = EXAMPLE_CALLBACK_URI,
) -> Call:
    """Join a meeting in a channel; ``message_id`` is the post that announces it. See :func:`meet_now`.

    Examples
    --------
    >>> join_channel_meeting().chat_info.message_id
    '1507228578052'
    """
    chat = ChatInfo(thread_id=thread_id, message_id=message_id, reply_chain_message_id=None)
    return _join(chat, organizer, join_url, prompts, modalities, subject, application, tenant_id, callback_uri)


def _join(
    chat: ChatInfo,
    organizer: Target,
    join_url: str | None,
    prompts: dict[str, str] | None,
    modalities: Iterable[str] | None,
    subject: str,
    application: Target,
    tenant_id: str | None,
    callback_uri: str,
) -> Call:
    if join_url is None:
        meeting = OrganizerMeetingInfo(organizer=target_of("user", organizer).identity)
    else:
        chat, meeting = read_join_url(join_url)
    return call_of(
        callback_uri,
        subject,
        modalities,
        source=source_of(application),
        media_config=prefetching(prompts),
        chat_info=chat,
        meeting_info=meeting,
        tenant_id=tenant_id,
    )


def join_meeting_id(
    join_meeting_id: str = "1234567890123",
    passcode: str | None = None,
    *,
    prompts: dict[str, str] | None = None,
    modalities: Iterable[str] | None = ("audio",),
    subject: str = "Test Call",
    application: Target = BOT,
    tenant_id: str | None = None,
    callback_uri: str = EXAMPLE_CALLBACK_URI,
) -> Call:
    """Join a meeting by the number (and passcode) in its invitation; newer than the page of the other eight.

    Examples
    --------
    >>> join_meeting_id("1234567890123", "secret").meeting_info.join_meeting_id
    '1234567890123'
    """
    meeting = JoinMeetingIdMeetingInfo(**given(join_meeting_id=join_meeting_id, passcode=passcode))
    return _joined(meeting, prompts, modalities, subject, application, tenant_id, callback_uri)


def join_by_token(
    token: str = JOIN_TOKEN,
    *,
    prompts: dict[str, str] | None = None,
    modalities: Iterable[str] | None = ("audio",),
    subject: str = "Test Call",
    application: Target = BOT,
    tenant_id: str | None = None,
    callback_uri: str = EXAMPLE_CALLBACK_URI,
) -> Call:
    """Join a meeting by a token that its service gave out; newer than the page of the other eight.

    Examples
    --------
    >>> join_by_token("from the meeting").meeting_info.token
    'from the meeting'
    """
    return _joined(TokenMeetingInfo(token=token), prompts, modalities, subject, application, tenant_id, callback_uri)


def _joined(
    meeting: JoinMeetingIdMeetingInfo | TokenMeetingInfo,
    prompts: dict[str, str] | None,
    modalities: Iterable[str] | None,
    subject: str,
    application: Target,
    tenant_id: str | None,
    callback_uri: str,
) -> Call:
    return call_of(
        callback_uri,
        subject,
        modalities,
        source=source_of(application),
        media_config=prefetching(prompts),
        meeting_info=meeting,
        tenant_id=tenant_id,
    )
