"""Ready calls: the eight of Graph's *Create call* page, and joining by meeting id.

Each function returns a fresh :class:`~graphcall_nb.Call`. With its defaults it is, field for field, the body of the
page; each part of it is a parameter. ``ALL`` holds them with title, description and the permission they need.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from .joinurl import read_join_url
from .models import (
    AppHostedMediaConfig,
    Call,
    ChatInfo,
    Identity,
    IdentitySet,
    JoinMeetingIdMeetingInfo,
    MediaInfo,
    OrganizerMeetingInfo,
    ParticipantInfo,
    ServiceHostedMediaConfig,
)

Target = str | Identity | ParticipantInfo
"""How a person or a number may be given: an id (or number), an ``Identity``, or a whole ``ParticipantInfo``."""

EXAMPLE_CALLBACK_URI = "https://bot.contoso.com/api/calls"
"""The callback of the page; a session puts its own in its place."""

_BOT = "8A34A46B-3D17-4ADC-8DCE-DC4E7D572698"
_HEIDI = Identity(
    id="550fae72-d251-43ec-868c-373732c2704f",
    tenant_id="72f988bf-86f1-41af-91ab-2d7cd011db47",
    display_name="Heidi Steen",
)
_TEST_USER = Identity(id="+14258828080", display_name="Test User")
_TEST_PHONE = Identity(id="+14258828080", display_name="Test Phone")
_GROUP_USER = Identity(id="29362BD4-CD58-4ED0-A206-0E4A33DBB0B6", display_name="Heidi Steen")
_GROUP_PHONE = Identity(display_name="+12345678890", id="+12345678890")
_PROMPTS = {
    "1D6DE2D4-CD51-4309-8DAA-70768651088E": "https://cdn.contoso.com/beep.wav",
    "1D6DE2D4-CD51-4309-8DAA-70768651088F": "https://cdn.contoso.com/cool.wav",
}
_MEETING_THREAD = "19:meeting_NTg0NmQ3NTctZDVkZC00YzRhLThmNmEtOGQ3M2E0ODdmZDZk@thread.v2"
_MEETING_ORGANIZER = Identity(
    tenant_id="72f988bf-86f1-41af-91ab-2d7cd011db47", id="4b444206-207c-42f8-92a6-e332b41c88a2"
)
_CHANNEL = "90ED37DC-D8E3-4E11-9DE3-30A955DDA06F"
_CHANNEL_ORGANIZER = Identity(id=_CHANNEL, tenant_id="49BFC225-8482-4AB8-94E7-76B48FDB9849")


def _given(**fields: Any) -> dict[str, Any]:
    """Only what was given: a field of ``None`` is left out of the body, not sent as null."""
    return {name: value for name, value in fields.items() if value is not None}


def _target(kind: str, who: Target) -> ParticipantInfo:
    if isinstance(who, ParticipantInfo):
        return who.model_copy(deep=True)
    identity = Identity(id=who) if isinstance(who, str) else who.model_copy()
    return ParticipantInfo(identity=IdentitySet.model_validate({kind: identity}))


def _targets(users: Target | Iterable[Target], phones: Target | Iterable[Target] = ()) -> list[ParticipantInfo]:
    def each(who: Target | Iterable[Target]) -> Iterable[Target]:
        return (who,) if isinstance(who, str | Identity | ParticipantInfo) else who

    return [_target("user", who) for who in each(users)] + [_target("phone", who) for who in each(phones)]


def _source(application: Target, language_id: str | None = None, region: str | None = None) -> ParticipantInfo:
    source = _target("application", application)
    for name, value in _given(language_id=language_id, region=region).items():
        setattr(source, name, value)
    return source


def _prompts(prompts: dict[str, str] | None) -> ServiceHostedMediaConfig:
    media = _PROMPTS if prompts is None else prompts
    return ServiceHostedMediaConfig(pre_fetch_media=[MediaInfo(uri=uri, resource_id=key) for key, uri in media.items()])


def _call(callback_uri: str, subject: str, modalities: Iterable[str] | None, **fields: Any) -> Call:
    requested = None if modalities is None else list(modalities)
    return Call(**_given(callback_uri=callback_uri, subject=subject, requested_modalities=requested, **fields))


def peer_to_peer(
    user: Target = _HEIDI,
    *,
    prompts: dict[str, str] | None = None,
    modalities: Iterable[str] | None = None,
    subject: str = "Test Call",
    application: Target = _BOT,
    language_id: str | None = "languageId-value",
    region: str | None = "region-value",
    tenant_id: str | None = "tenantId-value",
    callback_uri: str = EXAMPLE_CALLBACK_URI,
) -> Call:
    """Call one Teams user; Microsoft handles the media.

    Parameters
    ----------
    user : the callee: an object id, an ``Identity`` or a ``ParticipantInfo``
    prompts : sounds to fetch beforehand, ``{resource id: https address of a WAV file}``
    modalities : any of ``"audio"``, ``"video"``, ``"videoBasedScreenSharing"``, ``"data"``
    subject, tenant_id, callback_uri : fields of the call
    application : the calling application (bot): its id, or an ``Identity``
    language_id, region : of the caller; ``None`` leaves them out

    Examples
    --------
    >>> peer_to_peer("550fae72-d251-43ec-868c-373732c2704f", subject="Hello").subject
    'Hello'
    """
    return _call(
        callback_uri,
        subject,
        modalities,
        media_config=_prompts(prompts),
        source=_source(application, language_id, region),
        targets=_targets(user),
        tenant_id=tenant_id,
    )


def peer_to_peer_app_hosted(
    user: Target = _HEIDI,
    *,
    blob: str = "<media config blob>",
    modalities: Iterable[str] | None = ("audio",),
    subject: str = "Test Call",
    application: Target | None = None,
    language_id: str | None = "languageId-value",
    region: str | None = "region-value",
    tenant_id: str | None = "tenantId-value",
    callback_uri: str = EXAMPLE_CALLBACK_URI,
) -> Call:
    """Call one Teams user; the application handles the media itself.

    ``blob`` is the media configuration that Microsoft's media library makes; the other parameters are those of
    :func:`peer_to_peer`. Needs ``Calls.AccessMedia.All`` as well.

    Examples
    --------
    >>> peer_to_peer_app_hosted(blob="from the media library").media_config.blob
    'from the media library'
    """
    # The page's bot of this one example has the callee's own id; that is how it stands there.
    bot = application or Identity(id=_HEIDI.id, tenant_id=_HEIDI.tenant_id, display_name="IT Bot")
    return _call(
        callback_uri,
        subject,
        modalities,
        media_config=AppHostedMediaConfig(blob=blob),
        source=_source(bot, language_id, region),
        targets=_targets(user),
        tenant_id=tenant_id,
    )


def pstn(
    phone: Target = _TEST_USER,
    *,
    modalities: Iterable[str] | None = ("audio",),
    subject: str = "Test Call",
    application: Target = _BOT,
    language_id: str | None = "languageId-value",
    region: str | None = "region-value",
    tenant_id: str | None = "tenantId-value",
    callback_uri: str = EXAMPLE_CALLBACK_URI,
) -> Call:
    """Call a phone number, given in E.164: a plus, the country code, the number, without blanks.

    The other parameters are those of :func:`peer_to_peer`. On v1.0 the caller must be an application instance that
    has a number of its own.

    Examples
    --------
    >>> pstn("+14255550100").targets[0].identity.phone.id
    '+14255550100'
    """
    return _ring(_targets((), phone), modalities, subject, application, language_id, region, tenant_id, callback_uri)


def simultaneous_ring(
    users: Target | Iterable[Target] = _HEIDI,
    phones: Target | Iterable[Target] = _TEST_PHONE,
    *,
    modalities: Iterable[str] | None = ("audio",),
    subject: str = "Test Call",
    application: Target = _BOT,
    language_id: str | None = "languageId-value",
    region: str | None = "region-value",
    tenant_id: str | None = "tenantId-value",
    callback_uri: str = EXAMPLE_CALLBACK_URI,
) -> Call:
    """Ring several users and phones at once; who answers first has the call.

    ``users`` and ``phones`` take one or several; the other parameters are those of :func:`peer_to_peer`.

    Examples
    --------
    >>> len(simultaneous_ring(["a", "b"], "+14255550100").targets)
    3
    """
    targets = _targets(users, phones)
    return _ring(targets, modalities, subject, application, language_id, region, tenant_id, callback_uri)


def _ring(
    targets: list[ParticipantInfo],
    modalities: Iterable[str] | None,
    subject: str,
    application: Target,
    language_id: str | None,
    region: str | None,
    tenant_id: str | None,
    callback_uri: str,
) -> Call:
    return _call(
        callback_uri,
        subject,
        modalities,
        media_config=ServiceHostedMediaConfig(remove_from_default_audio_group=False),
        source=_source(application, language_id, region),
        targets=targets,
        tenant_id=tenant_id,
    )


def group_call(
    users: Target | Iterable[Target] = _GROUP_USER,
    phones: Target | Iterable[Target] = _GROUP_PHONE,
    *,
    thread_id: str = _MEETING_THREAD,
    message_id: str = "0",
    organizer: Target = _MEETING_ORGANIZER,
    join_url: str | None = None,
    prompts: dict[str, str] | None = None,
    modalities: Iterable[str] | None = ("audio", "video"),
    subject: str = "Test Call",
    application: Target = _BOT,
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
    call.targets = _targets(users, phones)
    return call


def meet_now(
    *,
    thread_id: str = _MEETING_THREAD,
    message_id: str = "0",
    organizer: Target = _MEETING_ORGANIZER,
    join_url: str | None = None,
    prompts: dict[str, str] | None = None,
    modalities: Iterable[str] | None = ("audio", "video"),
    subject: str = "Test Call",
    application: Target = _BOT,
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
    thread_id: str = _CHANNEL,
    message_id: str = "0",
    organizer: Target = _CHANNEL_ORGANIZER,
    join_url: str | None = None,
    prompts: dict[str, str] | None = None,
    modalities: Iterable[str] | None = ("audio", "video"),
    subject: str = "Test Call",
    application: Target = _BOT,
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
    thread_id: str = _CHANNEL,
    message_id: str = "1507228578052",
    organizer: Target = _CHANNEL_ORGANIZER,
    join_url: str | None = None,
    prompts: dict[str, str] | None = None,
    modalities: Iterable[str] | None = ("audio", "video"),
    subject: str = "Test Call",
    application: Target = _BOT,
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
        meeting = OrganizerMeetingInfo(organizer=_target("user", organizer).identity)
    else:
        chat, meeting = read_join_url(join_url)
    return _call(
        callback_uri,
        subject,
        modalities,
        source=_source(application),
        media_config=_prompts(prompts),
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
    application: Target = _BOT,
    tenant_id: str | None = None,
    callback_uri: str = EXAMPLE_CALLBACK_URI,
) -> Call:
    """Join a meeting by the number (and passcode) in its invitation; newer than the page of the other eight.

    Examples
    --------
    >>> join_meeting_id("1234567890123", "secret").meeting_info.join_meeting_id
    '1234567890123'
    """
    meeting = JoinMeetingIdMeetingInfo(**_given(join_meeting_id=join_meeting_id, passcode=passcode))
    return _call(
        callback_uri,
        subject,
        modalities,
        source=_source(application),
        media_config=_prompts(prompts),
        meeting_info=meeting,
        tenant_id=tenant_id,
    )


@dataclass(frozen=True)
class Template:
    """A ready call: what to show in a picker, and how to build it."""

    name: str
    title: str
    description: str
    permission: str
    build: Callable[..., Call]


ALL: dict[str, Template] = {
    template.name: template
    for template in (
        Template(
            "peer_to_peer",
            "Peer to peer",
            "Call one Teams user. Microsoft handles the media; two sounds are fetched beforehand.",
            "Calls.Initiate.All",
            peer_to_peer,
        ),
        Template(
            "peer_to_peer_app_hosted",
            "Peer to peer, own media",
            "Call one Teams user. The application handles the media itself.",
            "Calls.Initiate.All and Calls.AccessMedia.All",
            peer_to_peer_app_hosted,
        ),
        Template("pstn", "Phone", "Call a phone number.", "Calls.Initiate.All", pstn),
        Template(
            "simultaneous_ring",
            "Simultaneous ring",
            "Ring a user and a phone at once; who answers first has the call.",
            "Calls.Initiate.All",
            simultaneous_ring,
        ),
        Template(
            "group_call",
            "Group call",
            "Call several people into a meeting.",
            "Calls.InitiateGroupCall.All",
            group_call,
        ),
        Template("meet_now", "Meet now", "Start the meeting of a chat.", "Calls.JoinGroupCall.All", meet_now),
        Template(
            "join_private_meeting",
            "Join a private meeting",
            "Join a scheduled meeting known by its chat and organizer.",
            "Calls.JoinGroupCall.All",
            join_private_meeting,
        ),
        Template(
            "join_channel_meeting",
            "Join a channel meeting",
            "Join a meeting announced by a post in a channel.",
            "Calls.JoinGroupCall.All",
            join_channel_meeting,
        ),
        Template(
            "join_meeting_id",
            "Join by meeting id",
            "Join a meeting by the number and passcode in its invitation.",
            "Calls.JoinGroupCall.All",
            join_meeting_id,
        ),
    )
}

DOCUMENTED: tuple[str, ...] = tuple(ALL)[:8]
"""The names of the eight calls of Graph's *Create call* page, in its order."""
