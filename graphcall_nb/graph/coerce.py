"""Conversion of short forms, such as a phone number, to models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from .._arguments import as_list
from .base import Resource
from .models import Identity, IdentitySet, MediaInfo, MediaPrompt, ParticipantInfo, Prompt

Target = str | Identity | ParticipantInfo | Mapping[str, Any]
"""A user's object id, a phone number that begins with a plus, an ``Identity`` of a user, a ``ParticipantInfo``, or the
same as a dict in Graph's names."""

Sound = str | MediaInfo | Prompt | Mapping[str, Any]
"""The https URL of a WAV file, a ``MediaInfo``, a prompt of any kind, or the same as a dict in Graph's names."""

TONES: tuple[str, ...] = (*(f"tone{digit}" for digit in range(10)), "star", "pound", "a", "b", "c", "d", "flash")
"""Graph's names of the keys of a telephone."""


_TONES_BY_KEY = {
    "*": "star",
    "#": "pound",
    **{str(digit): f"tone{digit}" for digit in range(10)},
    **{letter: letter for letter in "abcd"},
}


def to_participant(target: Any, *, replaces_call_id: str | None = None) -> Any:
    """Return a participant for a target; other values are returned as they are.

    Examples
    --------
    >>> to_participant("+14255550100").to_json_dict()
    {'identity': {'phone': {'id': '+14255550100'}}}
    """
    if isinstance(target, Mapping):
        target = ParticipantInfo.from_json_dict(target)
    elif isinstance(target, Identity):
        target = ParticipantInfo(identity=IdentitySet(user=target.model_copy()))
    elif isinstance(target, str):
        target = ParticipantInfo.of("phone" if target.startswith("+") else "user", target)
    elif isinstance(target, ParticipantInfo):
        target = target.model_copy(deep=True)
    if replaces_call_id is not None and isinstance(target, ParticipantInfo):
        target.replaces_call_id = replaces_call_id
    return target


def to_participants(targets: Any, *, replaces_call_id: str | None = None) -> Any:
    """Return a list of participants for one target or several."""
    return [to_participant(target, replaces_call_id=replaces_call_id) for target in _to_items(targets)]


def to_prompts(sounds: Any) -> Any:
    """Return a list of prompts for one sound or several; other values are returned as they are.

    Examples
    --------
    >>> [prompt.media_info.uri for prompt in to_prompts("https://cdn.contoso.com/beep.wav")]
    ['https://cdn.contoso.com/beep.wav']
    """
    return [_to_prompt(sound) for sound in _to_items(sounds)]


def to_tones(keys: Any) -> Any:
    """Return Graph's names for a text of keys, or a list of names; unknown keys are returned as they are.

    Examples
    --------
    >>> to_tones("1*#"), to_tones(["tone1", "flash"])
    (['tone1', 'star', 'pound'], ['tone1', 'flash'])
    """
    if not isinstance(keys, str) or keys in TONES:
        return as_list(keys)
    return [_TONES_BY_KEY.get(key.lower(), key) for key in keys]


def _to_items(value: Any) -> Iterable[Any]:
    """Return an iterable of one value or several; models and dicts are iterable, but are single values."""
    is_single = isinstance(value, str | Mapping | Resource) or not isinstance(value, Iterable)
    return [value] if is_single else value


def _to_prompt(sound: Any) -> Any:
    if isinstance(sound, str):
        # The id depends on the URL only, so Microsoft fetches the same sound once.
        return MediaPrompt.of(sound, resource_id=str(uuid5(NAMESPACE_URL, sound)))
    return MediaPrompt(media_info=sound) if isinstance(sound, MediaInfo) else sound
