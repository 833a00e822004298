"""Example calls: the eight of Graph's *Create call* page, and joins by meeting id or token.

Each function returns a new :class:`~graphcall_nb.Call`. With the defaults it equals the body on the page, and each part
is a parameter. ``ALL`` has them with title, description and required permission.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .._arguments import as_list, require_type, unknown_name_message
from .join_url import normalize_meeting_id, read_meeting_link
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
    TokenMeetingInfo,
)

Target = str | Identity | ParticipantInfo
"""A user or phone: an id or number, an ``Identity``, or a ``ParticipantInfo``."""

EXAMPLE_CALLBACK_URI = "https://bot.contoso.com/api/calls"
"""Callback URL of the page; a session replaces it by its own."""

_EXAMPLE_DOMAINS = ("contoso.com", "fabrikam.com", "example.com", "example.net", "example.org")
_PLACEHOLDER = re.compile(r"\Acallback[ _\-]?ur[il](?:[ _\-]?value)?\Z", re.IGNORECASE)

BOT = "8A34A46B-3D17-4ADC-8DCE-DC4E7D572698"
HEIDI = Identity(
    id="550fae72-d251-43ec-868c-373732c2704f",
    tenant_id="72f988bf-86f1-41af-91ab-2d7cd011db47",
    display_name="Heidi Steen",
)
TEST_USER = Identity(id="+14258828080", display_name="Test User")
TEST_PHONE = Identity(id="+14258828080", display_name="Test Phone")
GROUP_USER = Identity(id="29362BD4-CD58-4ED0-A206-0E4A33DBB0B6", display_name="Heidi Steen")
GROUP_PHONE = Identity(display_name="+12345678890", id="+12345678890")
PROMPTS = {
    "1D6DE2D4-CD51-4309-8DAA-70768651088E": "https://cdn.contoso.com/beep.wav",
    "1D6DE2D4-CD51-4309-8DAA-70768651088F": "https://cdn.contoso.com/cool.wav",
}
MEETING_THREAD = "19:meeting_NTg0NmQ3NTctZDVkZC00YzRhLThmNmEtOGQ3M2E0ODdmZDZk@thread.v2"
MEETING_ORGANIZER = Identity(
    tenant_id="72f988bf-86f1-41af-91ab-2d7cd011db47", id="4b444206-207c-42f8-92a6-e332b41c88a2"
)
JOIN_TOKEN = "<join token>"  # noqa: S105  # a placeholder
CHANNEL = "90ED37DC-D8E3-4E11-9DE3-30A955DDA06F"
CHANNEL_ORGANIZER = Identity(id=CHANNEL, tenant_id="49BFC225-8482-4AB8-94E7-76B48FDB9849")


def is_example_callback_uri(uri: str | None) -> bool:
    """Return true for an address that receives nothing: missing, a placeholder, or of a page's example.

    Examples
    --------
    >>> is_example_callback_uri("https://bot.contoso.com/callback"), is_example_callback_uri("https://bot.adatum.net/")
    (True, False)
    """
    if not uri or _PLACEHOLDER.match(uri) or set(uri) & set("<>{}"):
        return True
    try:
        host = (urlsplit(uri).hostname or "").rstrip(".")
    except ValueError:  # refused where the call is checked
        return False
    return any(host == domain or host.endswith(f".{domain}") for domain in _EXAMPLE_DOMAINS)


def drop_none(**fields: Any) -> dict[str, Any]:
    """Return the fields that are not ``None``, which would be sent as null."""
    return {name: value for name, value in fields.items() if value is not None}


def make_target(kind: str, target: Target) -> ParticipantInfo:
    """Return a participant with one identity of a kind."""
    if isinstance(target, ParticipantInfo):
        return target.model_copy(deep=True)
    if not isinstance(target, str | Identity):
        raise TypeError(f"{kind}: give a text, an Identity or a ParticipantInfo, not {type(target).__name__}.")
    identity = Identity(id=target) if isinstance(target, str) else target.model_copy()
    return ParticipantInfo(identity=IdentitySet.model_validate({kind: identity}))


def make_targets(users: Target | Iterable[Target], phones: Target | Iterable[Target] = ()) -> list[ParticipantInfo]:
    def each(who: Target | Iterable[Target]) -> Iterable[Target]:
        if isinstance(who, str | Identity | ParticipantInfo) or not isinstance(who, Iterable):
            return (who,)
        return who

    return [make_target("user", who) for who in each(users)] + [make_target("phone", who) for who in each(phones)]


def make_source(application: Target, language_id: str | None = None, region: str | None = None) -> ParticipantInfo:
    source = make_target("application", application)
    for name, value in drop_none(language_id=language_id, region=region).items():
        setattr(source, name, value)
    return source


def make_media_config(prompts: dict[str, str] | None) -> ServiceHostedMediaConfig:
    media = (
        PROMPTS if prompts is None else require_type("prompts", prompts, Mapping, "a dict of a key and an address each")
    )
    return ServiceHostedMediaConfig(pre_fetch_media=[MediaInfo(uri=uri, resource_id=key) for key, uri in media.items()])


def make_call(callback_uri: str, subject: str, modalities: Iterable[str] | None, **fields: Any) -> Call:
    requested = as_list(modalities)
    return Call(**drop_none(callback_uri=callback_uri, subject=subject, requested_modalities=requested, **fields))


def peer_to_peer(
    user: Target = HEIDI,
    *,
    prompts: dict[str, str] | None = None,
    modalities: Iterable[str] | None = None,
    subject: str = "Test Call",
    application: Target = BOT,
    language_id: str | None = "languageId-value",
    region: str | None = "region-value",
    tenant_id: str | None = "tenantId-value",
    callback_uri: str = EXAMPLE_CALLBACK_URI,
) -> Call:
    """Call one Teams user; Microsoft hosts the media.

    Parameters
    ----------
    user : str, Identity or ParticipantInfo
        The callee; a text is an object id.
    prompts : dict of str to str, optional
        Sounds that Microsoft fetches in advance, ``{resource id: https URL of a WAV file}``.
    modalities : iterable of str, optional
        Any of ``"audio"``, ``"video"``, ``"videoBasedScreenSharing"``, ``"data"``.
    subject : str
        Subject of the call.
    application : str or Identity
        The application (bot) that calls; a text is its id.
    language_id, region : str, optional
        Language and region of the caller; ``None`` leaves them out.
    tenant_id, callback_uri : str
        Fields of the call.

    Examples
    --------
    >>> peer_to_peer("550fae72-d251-43ec-868c-373732c2704f", subject="Hello").subject
    'Hello'
    """
    return make_call(
        callback_uri,
        subject,
        modalities,
        media_config=make_media_config(prompts),
        source=make_source(application, language_id, region),
        targets=make_targets(user),
        tenant_id=tenant_id,
    )


def peer_to_peer_app_hosted(
    user: Target = HEIDI,
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
    """Call one Teams user; the application hosts the media.

    The call also needs the permission ``Calls.AccessMedia.All``.

    Parameters
    ----------
    user : str, Identity or ParticipantInfo
        The callee; a text is an object id.
    blob : str
        Media configuration made by Microsoft's media library.
    modalities, subject, application, language_id, region, tenant_id, callback_uri : optional
        As in :func:`peer_to_peer`.

    Examples
    --------
    >>> peer_to_peer_app_hosted(blob="from the media library").media_config.blob
    'from the media library'
    """
    # In this example of the page, the bot has the id of the callee.
    bot = application or Identity(id=HEIDI.id, tenant_id=HEIDI.tenant_id, display_name="IT Bot")
    return make_call(
        callback_uri,
        subject,
        modalities,
        media_config=AppHostedMediaConfig(blob=blob),
        source=make_source(bot, language_id, region),
        targets=make_targets(user),
        tenant_id=tenant_id,
    )


def pstn(
    phone: Target = TEST_USER,
    *,
    modalities: Iterable[str] | None = ("audio",),
    subject: str = "Test Call",
    application: Target = BOT,
    language_id: str | None = "languageId-value",
    region: str | None = "region-value",
    tenant_id: str | None = "tenantId-value",
    callback_uri: str = EXAMPLE_CALLBACK_URI,
) -> Call:
    """Call a phone number.

    In v1.0 the caller must be an application instance with a phone number.

    Parameters
    ----------
    phone : str, Identity or ParticipantInfo
        The number in E.164 format: a plus, country code and number, without spaces.
    modalities, subject, application, language_id, region, tenant_id, callback_uri : optional
        As in :func:`peer_to_peer`.

    Examples
    --------
    >>> pstn("+14255550100").targets[0].identity.phone.id
    '+14255550100'
    """
    return _make_ringing_call(
        make_targets((), phone), modalities, subject, application, language_id, region, tenant_id, callback_uri
    )


def simultaneous_ring(
    users: Target | Iterable[Target] = HEIDI,
    phones: Target | Iterable[Target] = TEST_PHONE,
    *,
    modalities: Iterable[str] | None = ("audio",),
    subject: str = "Test Call",
    application: Target = BOT,
    language_id: str | None = "languageId-value",
    region: str | None = "region-value",
    tenant_id: str | None = "tenantId-value",
    callback_uri: str = EXAMPLE_CALLBACK_URI,
) -> Call:
    """Ring several users and phones at once; the first to answer gets the call.

    Parameters
    ----------
    users, phones : str, Identity, ParticipantInfo or iterable of these
        Users by object id, phones by number in E.164 format.
    modalities, subject, application, language_id, region, tenant_id, callback_uri : optional
        As in :func:`peer_to_peer`.

    Examples
    --------
    >>> len(simultaneous_ring(["a", "b"], "+14255550100").targets)
    3
    """
    targets = make_targets(users, phones)
    return _make_ringing_call(targets, modalities, subject, application, language_id, region, tenant_id, callback_uri)


def _make_ringing_call(
    targets: list[ParticipantInfo],
    modalities: Iterable[str] | None,
    subject: str,
    application: Target,
    language_id: str | None,
    region: str | None,
    tenant_id: str | None,
    callback_uri: str,
) -> Call:
    return make_call(
        callback_uri,
        subject,
        modalities,
        media_config=ServiceHostedMediaConfig(remove_from_default_audio_group=False),
        source=make_source(application, language_id, region),
        targets=targets,
        tenant_id=tenant_id,
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
    """Call several users or phones into a meeting.

    Parameters
    ----------
    users, phones : str, Identity, ParticipantInfo or iterable of these
        Users by object id, phones by number in E.164 format.
    thread_id, message_id, organizer, join_url : optional
        As in :func:`meet_now`.
    prompts, modalities, subject, application, tenant_id, callback_uri : optional
        As in :func:`peer_to_peer`.

    Examples
    --------
    >>> group_call(["user-1", "user-2"], phones=()).chat_info.message_id
    '0'
    """
    chat = ChatInfo(thread_id=thread_id, message_id=message_id, reply_chain_message_id=None)
    call = _make_meeting_call(
        chat, organizer, join_url, prompts, modalities, subject, application, tenant_id, callback_uri
    )
    call.targets = make_targets(users, phones)
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
    thread_id, message_id : str
        Chat thread of the meeting.
    organizer : str, Identity or ParticipantInfo
        Organizer of the meeting: an id, or an ``Identity`` with ``tenant_id``.
    join_url : str, optional
        A Teams join URL or short link, which replaces the three parameters above and sets the tenant.
    prompts, modalities, subject, application, tenant_id, callback_uri : optional
        As in :func:`peer_to_peer`.

    Examples
    --------
    >>> meet_now(organizer="4b444206").meeting_info.organizer.user.id
    '4b444206'
    """
    chat = ChatInfo(thread_id=thread_id, message_id=message_id, reply_chain_message_id=None)
    return _make_meeting_call(
        chat, organizer, join_url, prompts, modalities, subject, application, tenant_id, callback_uri
    )


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
    """Join an existing private meeting.

    Parameters
    ----------
    thread_id, message_id, organizer, join_url : optional
        As in :func:`meet_now`.
    prompts, modalities, subject, application, tenant_id, callback_uri : optional
        As in :func:`peer_to_peer`.

    Examples
    --------
    >>> join_private_meeting(subject="Standup").subject
    'Standup'
    """
    chat = ChatInfo(thread_id=thread_id, message_id=message_id)
    return _make_meeting_call(
        chat, organizer, join_url, prompts, modalities, subject, application, tenant_id, callback_uri
    )


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
    """Join a meeting in a channel.

    Parameters
    ----------
    thread_id : str
        Chat thread of the channel.
    message_id : str
        The post that announces the meeting.
    organizer, join_url : optional
        As in :func:`meet_now`.
    prompts, modalities, subject, application, tenant_id, callback_uri : optional
        As in :func:`peer_to_peer`.

    Examples
    --------
    >>> join_channel_meeting().chat_info.message_id
    '1507228578052'
    """
    chat = ChatInfo(thread_id=thread_id, message_id=message_id, reply_chain_message_id=None)
    return _make_meeting_call(
        chat, organizer, join_url, prompts, modalities, subject, application, tenant_id, callback_uri
    )


def _make_meeting_call(
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
    meeting: OrganizerMeetingInfo | JoinMeetingIdMeetingInfo
    if join_url is None:
        meeting = OrganizerMeetingInfo(organizer=make_target("user", organizer).identity)
        link_chat: ChatInfo | None = chat
    else:
        link = read_meeting_link(join_url)
        meeting, link_chat, tenant_id = link.meeting_info, link.chat_info, tenant_id or link.tenant_id
    return make_call(
        callback_uri,
        subject,
        modalities,
        source=make_source(application),
        media_config=make_media_config(prompts),
        chat_info=link_chat,
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
    """Join a meeting by its meeting id; not on the page of the other eight.

    Parameters
    ----------
    join_meeting_id : str
        The meeting id in the invitation; the blanks between its digits are removed.
    passcode : str, optional
        The passcode in the invitation, if it has one.
    prompts, modalities, subject, application, tenant_id, callback_uri : optional
        As in :func:`peer_to_peer`.

    Examples
    --------
    >>> join_meeting_id("123 456 789 012 3", "secret").meeting_info.join_meeting_id
    '1234567890123'
    """
    number = normalize_meeting_id(join_meeting_id) if isinstance(join_meeting_id, str) else join_meeting_id
    meeting = JoinMeetingIdMeetingInfo(**drop_none(join_meeting_id=number, passcode=passcode))
    return _make_join_call(meeting, prompts, modalities, subject, application, tenant_id, callback_uri)


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
    """Join a meeting by a token of its service; not on the page of the other eight.

    Parameters
    ----------
    token : str
        The join token of the meeting.
    prompts, modalities, subject, application, tenant_id, callback_uri : optional
        As in :func:`peer_to_peer`.

    Examples
    --------
    >>> join_by_token("from the meeting").meeting_info.token
    'from the meeting'
    """
    return _make_join_call(
        TokenMeetingInfo(token=token), prompts, modalities, subject, application, tenant_id, callback_uri
    )


def _make_join_call(
    meeting: JoinMeetingIdMeetingInfo | TokenMeetingInfo,
    prompts: dict[str, str] | None,
    modalities: Iterable[str] | None,
    subject: str,
    application: Target,
    tenant_id: str | None,
    callback_uri: str,
) -> Call:
    return make_call(
        callback_uri,
        subject,
        modalities,
        source=make_source(application),
        media_config=make_media_config(prompts),
        meeting_info=meeting,
        tenant_id=tenant_id,
    )


__all__ = [
    "ALL",
    "DOCUMENTED",
    "EXAMPLE_CALLBACK_URI",
    "Target",
    "Template",
    "group_call",
    "is_example_callback_uri",
    "join_by_token",
    "join_channel_meeting",
    "join_meeting_id",
    "join_private_meeting",
    "meet_now",
    "peer_to_peer",
    "peer_to_peer_app_hosted",
    "pstn",
    "simultaneous_ring",
]


@dataclass(frozen=True)
class Template:
    """An example call with its description; ``build`` returns the call."""

    name: str
    title: str
    description: str
    permission: str
    build: Callable[..., Call] = field(repr=False)


ALL: dict[str, Template] = {
    template.name: template
    for template in (
        Template(
            "peer_to_peer",
            "Peer to peer",
            "Call one Teams user. Microsoft hosts the media and fetches two sounds in advance.",
            "Calls.Initiate.All",
            peer_to_peer,
        ),
        Template(
            "peer_to_peer_app_hosted",
            "Peer to peer, own media",
            "Call one Teams user. The application hosts the media.",
            "Calls.Initiate.All and Calls.AccessMedia.All",
            peer_to_peer_app_hosted,
        ),
        Template("pstn", "Phone", "Call a phone number.", "Calls.Initiate.All", pstn),
        Template(
            "simultaneous_ring",
            "Simultaneous ring",
            "Ring a user and a phone at once; the first to answer gets the call.",
            "Calls.Initiate.All",
            simultaneous_ring,
        ),
        Template(
            "group_call",
            "Group call",
            "Call several users or phones into a meeting.",
            "Calls.InitiateGroupCall.All",
            group_call,
        ),
        Template("meet_now", "Meet now", "Start the meeting of a chat.", "Calls.JoinGroupCall.All", meet_now),
        Template(
            "join_private_meeting",
            "Join a private meeting",
            "Join a scheduled meeting by its chat and organizer.",
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
            "Join a meeting by the meeting id and passcode in its invitation.",
            "Calls.JoinGroupCall.All",
            join_meeting_id,
        ),
        Template(
            "join_by_token",
            "Join by token",
            "Join a meeting by a token of its service.",
            "Calls.JoinGroupCall.All",
            join_by_token,
        ),
    )
}

DOCUMENTED: tuple[str, ...] = tuple(ALL)[:8]
"""Names of the eight calls on Graph's *Create call* page, in its order."""


@dataclass(frozen=True)
class AppIdentity:
    """The tenant and the application of a session."""

    tenant_id: str
    client_id: str

    def fill_placeholders(self, call: Call) -> Call:
        """Return a copy with the example's tenant and app ids replaced and placeholder values removed.

        Values that differ from the example's are kept.

        Examples
        --------
        >>> call = AppIdentity("72f988bf", "550fae72").fill_placeholders(pstn())
        >>> call.tenant_id, call.source.identity.application.id, call.source.region
        ('72f988bf', '550fae72', None)
        """
        body = call.to_json_dict()
        if body.get("tenantId") == "tenantId-value":
            body["tenantId"] = self.tenant_id
        source = body.get("source") or {}
        application = (source.get("identity") or {}).get("application") or {}
        if application.get("id") == BOT:
            application["id"] = self.client_id
        for name in ("languageId", "region"):
            if source.get(name) == f"{name}-value":
                del source[name]
        return Call.from_json_dict(body)


def __dir__() -> list[str]:
    return [*__all__]


if not TYPE_CHECKING:  # a type checker reports unknown names itself

    def __getattr__(name: str) -> Any:
        raise AttributeError(unknown_name_message("template", name, __all__))
