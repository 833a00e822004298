"""What the templates are put together from: the identities of Graph's page, and small builders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..models import Call, Identity, IdentitySet, MediaInfo, ParticipantInfo, ServiceHostedMediaConfig
from ..slips import checked, several

Target = str | Identity | ParticipantInfo
"""How a person or a number may be given: an id (or number), an ``Identity``, or a whole ``ParticipantInfo``."""

EXAMPLE_CALLBACK_URI = "https://bot.contoso.com/api/calls"
"""The callback of the page; a session puts its own in its place."""

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
JOIN_TOKEN = "<join token>"  # noqa: S105  # stands for one
CHANNEL = "90ED37DC-D8E3-4E11-9DE3-30A955DDA06F"
CHANNEL_ORGANIZER = Identity(id=CHANNEL, tenant_id="49BFC225-8482-4AB8-94E7-76B48FDB9849")


def given(**fields: Any) -> dict[str, Any]:
    """Only what was given: a field of ``None`` is left out of the body, not sent as null."""
    return {name: value for name, value in fields.items() if value is not None}


def target_of(kind: str, who: Target) -> ParticipantInfo:
    if isinstance(who, ParticipantInfo):
        return who.model_copy(deep=True)
    if not isinstance(who, str | Identity):
        raise TypeError(f"{kind}: give a text, an Identity or a ParticipantInfo, not {type(who).__name__}.")
    identity = Identity(id=who) if isinstance(who, str) else who.model_copy()
    return ParticipantInfo(identity=IdentitySet.model_validate({kind: identity}))


def targets_of(users: Target | Iterable[Target], phones: Target | Iterable[Target] = ()) -> list[ParticipantInfo]:
    def each(who: Target | Iterable[Target]) -> Iterable[Target]:
        if isinstance(who, str | Identity | ParticipantInfo) or not isinstance(who, Iterable):
            return (who,)
        return who

    return [target_of("user", who) for who in each(users)] + [target_of("phone", who) for who in each(phones)]


def source_of(application: Target, language_id: str | None = None, region: str | None = None) -> ParticipantInfo:
    source = target_of("application", application)
    for name, value in given(language_id=language_id, region=region).items():
        setattr(source, name, value)
    return source


def prefetching(prompts: dict[str, str] | None) -> ServiceHostedMediaConfig:
    media = PROMPTS if prompts is None else checked("prompts", prompts, Mapping, "a dict of a key and an address each")
    return ServiceHostedMediaConfig(pre_fetch_media=[MediaInfo(uri=uri, resource_id=key) for key, uri in media.items()])


def call_of(callback_uri: str, subject: str, modalities: Iterable[str] | None, **fields: Any) -> Call:
    requested = several(modalities)
    return Call(**given(callback_uri=callback_uri, subject=subject, requested_modalities=requested, **fields))
