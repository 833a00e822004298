"""Calls to users and phones."""

from __future__ import annotations

from collections.abc import Iterable

from ..models import AppHostedMediaConfig, Call, Identity, ParticipantInfo, ServiceHostedMediaConfig
from .parts import (
    BOT,
    EXAMPLE_CALLBACK_URI,
    HEIDI,
    TEST_PHONE,
    TEST_USER,
    Target,
    call_of,
    prefetching,
    source_of,
    targets_of,
)


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
    return call_of(
        callback_uri,
        subject,
        modalities,
        media_config=prefetching(prompts),
        source=source_of(application, language_id, region),
        targets=targets_of(user),
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
    """Call one Teams user; the application handles the media itself.

    ``blob`` is the media configuration that Microsoft's media library makes; the other parameters are those of
    :func:`peer_to_peer`. Needs ``Calls.AccessMedia.All`` as well.

    Examples
    --------
    >>> peer_to_peer_app_hosted(blob="from the media library").media_config.blob
    'from the media library'
    """
    # The page's bot of this one example has the callee's own id; that is how it stands there.
    bot = application or Identity(id=HEIDI.id, tenant_id=HEIDI.tenant_id, display_name="IT Bot")
    return call_of(
        callback_uri,
        subject,
        modalities,
        media_config=AppHostedMediaConfig(blob=blob),
        source=source_of(bot, language_id, region),
        targets=targets_of(user),
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
    """Call a phone number, given in E.164: a plus, the country code, the number, without blanks.

    The other parameters are those of :func:`peer_to_peer`. On v1.0 the caller must be an application instance that
    has a number of its own.

    Examples
    --------
    >>> pstn("+14255550100").targets[0].identity.phone.id
    '+14255550100'
    """
    return _ring(targets_of((), phone), modalities, subject, application, language_id, region, tenant_id, callback_uri)


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
    """Ring several users and phones at once; who answers first has the call.

    ``users`` and ``phones`` take one or several; the other parameters are those of :func:`peer_to_peer`.

    Examples
    --------
    >>> len(simultaneous_ring(["a", "b"], "+14255550100").targets)
    3
    """
    targets = targets_of(users, phones)
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
    return call_of(
        callback_uri,
        subject,
        modalities,
        media_config=ServiceHostedMediaConfig(remove_from_default_audio_group=False),
        source=source_of(application, language_id, region),
        targets=targets,
        tenant_id=tenant_id,
    )
