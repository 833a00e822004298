"""How long prompts and recordings take, and a recording that can be fetched."""

from __future__ import annotations

import io
import math
import struct
import wave
from collections.abc import Iterable, Mapping
from typing import Any

from .members import member_of

FILE_SECONDS = 2.0
"""How long a WAV file is taken to be; nothing is fetched from anybody."""

_CHARACTER_SECONDS = 0.06
_KEY_SECONDS = 0.3
_PAUSE_SECONDS = 1.0
_RATE = 16_000


def prompts_seconds(prompts: Iterable[Mapping[str, Any]] | None) -> float:
    """How long these prompts play; endless where one is looped for ever."""
    return sum(_prompt_seconds(prompt) for prompt in prompts or ())


def _prompt_seconds(prompt: Mapping[str, Any]) -> float:
    kind = str(prompt.get("@odata.type") or "mediaPrompt").rpartition(".")[2]
    once = _ONCE.get(kind, _file)(prompt)
    loop = prompt.get("loop")
    return once * (1 if not isinstance(loop, int) or loop < 0 else loop or math.inf)


def _file(prompt: Mapping[str, Any]) -> float:
    return FILE_SECONDS


def _text(prompt: Mapping[str, Any]) -> float:
    return max(1.0, len(str(prompt.get("text") or "")) * _CHARACTER_SECONDS)


def _silence(prompt: Mapping[str, Any]) -> float:
    duration = prompt.get("duration")
    return duration / 1000 if isinstance(duration, int) and duration > 0 else 1.0


def _keys(prompt: Mapping[str, Any]) -> float:
    return sum(_PAUSE_SECONDS if key == "," else _KEY_SECONDS for key in str(prompt.get("digits") or ""))


_ONCE = {"mediaPrompt": _file, "textPrompt": _text, "silencePrompt": _silence, "dtmfPrompt": _keys}


def recording_seconds(body: Mapping[str, Any]) -> float:
    """How long a recording takes with its prompts: the other side talks until it may talk no longer."""
    longest = body.get("maxRecordDurationInSeconds")
    return prompts_seconds(body.get("prompts")) + (longest if isinstance(longest, int) and longest > 0 else 5)


def tones_seconds(body: Mapping[str, Any]) -> float:
    tones: list[str] = member_of(body, "tones") or []
    delay = body.get("delayBetweenTonesMs")
    return len(tones) * (_KEY_SECONDS + (delay if isinstance(delay, int) else 0) / 1000)


def recorded_tone() -> bytes:
    """A WAV file as Graph's recordings are (mono, 16 bit, 16 kHz): one second of a quiet A."""
    samples = (int(4000 * math.sin(2 * math.pi * 440 * n / _RATE)) for n in range(_RATE))
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(_RATE)
        sound.writeframes(struct.pack(f"<{_RATE}h", *samples))
    return file.getvalue()
