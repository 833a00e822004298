"""Conversion of short forms, such as a phone number, to models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast
from uuid import NAMESPACE_URL, uuid5

from .._arguments import as_list
from ..errors import InvalidCall
from .base import Resource
from .models import Identity, IdentitySet, MediaInfo, MediaPrompt, ParticipantInfo, Prompt
from .versions import TONES

Target = str | Identity | ParticipantInfo | Mapping[str, Any]
"""A user's object id, a phone number that begins with a plus, an ``Identity`` of a user, a whole ``ParticipantInfo``,
or that as a dict in Graph's names."""

Sound = str | MediaInfo | Prompt | Mapping[str, Any]
"""The https address of a WAV file, a ``MediaInfo``, a prompt of any kind, or that as a dict in Graph's names."""

_KEYS = {"*": "star", "#": "pound"} | {str(digit): f"tone{digit}" for digit in range(10)} | {k: k for k in "abcd"}


def to_participant(who: Target) -> ParticipantInfo:
    """
    >>> person("+14255550100").to_json_dict()
    {'identity': {'phone': {'id': '+14255550100'}}}
    """
    if isinstance(who, ParticipantInfo):
        return who.model_copy(deep=True)
    if isinstance(who, Identity):
        return ParticipantInfo(identity=IdentitySet(user=who.model_copy()))
    if isinstance(who, str):
        return ParticipantInfo.of("phone" if who.startswith("+") else "user", who)
    return ParticipantInfo.from_json_dict(who)


def to_participants(who: Target | Iterable[Target]) -> list[ParticipantInfo]:
    return [to_participant(one) for one in _several(who)]


def to_prompts(sounds: Sound | Iterable[Sound]) -> list[Prompt]:
    """
    >>> [prompt.media_info.uri for prompt in prompts("https://cdn.contoso.com/beep.wav")]
    ['https://cdn.contoso.com/beep.wav']
    """
    return [_prompt(one) for one in _several(sounds)]


def _several(value: Any) -> Iterable[Any]:
    """One thing or several; a model and a dict can be iterated over, and are one all the same."""
    one = isinstance(value, str | Mapping | Resource) or not isinstance(value, Iterable)
    return [value] if one else value


def _prompt(sound: Sound) -> Prompt | Any:
    if isinstance(sound, str):
        # The same sound under the same key, so that Microsoft fetches it once.
        return MediaPrompt.of(sound, resource_id=str(uuid5(NAMESPACE_URL, sound)))
    return MediaPrompt(media_info=sound) if isinstance(sound, MediaInfo) else sound


def to_tones(keys: str | Iterable[str]) -> list[str]:
    """
    >>> tones("1*#"), tones(["tone1", "flash"])
    (['tone1', 'star', 'pound'], ['tone1', 'flash'])
    """
    if not isinstance(keys, str) or keys in TONES:
        return cast("list[str]", as_list(keys))
    for position, key in enumerate(keys):
        if key.lower() not in _KEYS:
            advice = f"there is no key {key!r}; write 0-9, *, #, a-d, or a list of {', '.join(TONES)}."
            raise InvalidCall(f"sendDtmfTones was not sent. {advice}", problems=[(f"tones[{position}]", advice)])
    return [_KEYS[key.lower()] for key in keys]
