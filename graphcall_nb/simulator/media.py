"""Durations of prompts, recordings and tones, and the recording that can be downloaded."""

from __future__ import annotations

import io
import math
import struct
import wave
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from . import result_codes
from .state_machine import Result
from .validation import get_member

FILE_SECONDS = 2.0
"""Assumed duration of a WAV file; the simulator does not fetch any."""

DEFAULT_RECORD_SECONDS = 5
"""Duration and silences of a recording by default; Microsoft's number."""

TALK_SECONDS = 2.0
"""Time for which the other side talks before it is silent or presses a stop tone."""

_CHARACTER_SECONDS = 0.06
_TONE_SECONDS = 0.3
_PAUSE_SECONDS = 1.0
_SAMPLE_RATE_HZ = 16_000
_PITCH_HZ = 440
_AMPLITUDE = 4000


def compute_prompt_seconds(prompts: Iterable[Mapping[str, Any]] | None) -> float:
    """Return the duration of prompts, infinite if one of them is looped endlessly."""
    return sum(_compute_one_prompt(prompt) for prompt in prompts or ())


def _compute_one_prompt(prompt: Mapping[str, Any]) -> float:
    kind = str(prompt.get("@odata.type") or "mediaPrompt").rpartition(".")[2]
    seconds = _DURATIONS.get(kind, _compute_file)(prompt)
    loop = prompt.get("loop")
    if not isinstance(loop, int) or loop < 0:
        return seconds
    return seconds * (loop or math.inf)


def _compute_file(prompt: Mapping[str, Any]) -> float:
    return FILE_SECONDS


def _compute_text(prompt: Mapping[str, Any]) -> float:
    return max(1.0, len(str(prompt.get("text") or "")) * _CHARACTER_SECONDS)


def _compute_silence(prompt: Mapping[str, Any]) -> float:
    milliseconds = prompt.get("duration")
    return milliseconds / 1000 if isinstance(milliseconds, int) and milliseconds > 0 else 1.0


def _compute_digits(prompt: Mapping[str, Any]) -> float:
    return sum(_PAUSE_SECONDS if key == "," else _TONE_SECONDS for key in str(prompt.get("digits") or ""))


_DURATIONS = {
    "mediaPrompt": _compute_file,
    "textPrompt": _compute_text,
    "silencePrompt": _compute_silence,
    "dtmfPrompt": _compute_digits,
}


def compute_recording_seconds(body: Mapping[str, Any]) -> float:
    """Return the duration of a recording with its prompts: the other side talks until the maximum."""
    return compute_prompt_seconds(body.get("prompts")) + _get_seconds(body, "maxRecordDurationInSeconds")


@dataclass(frozen=True, slots=True)
class RecordingEnd:
    """The end of a recording: its result, the reason in the version of 2018, and the duration."""

    result: Result
    reason: str
    seconds: float


def compute_recording_end(body: Mapping[str, Any], end: str | None) -> RecordingEnd:
    """Return the end of a recording as a scenario wants it.

    Without stop tones, none can be pressed; silence that is longer than the recording does not end it.

    Examples
    --------
    >>> compute_recording_end({"maxRecordDurationInSeconds": 30}, "max_silence").result.subcode
    8510
    """
    prompt_seconds = compute_prompt_seconds(body.get("prompts"))
    longest = RecordingEnd(result_codes.RECORDED, "maxRecordDurationReached", compute_recording_seconds(body))
    silence = _get_seconds(body, "maxSilenceTimeoutInSeconds")
    initial_silence = _get_seconds(body, "initialSilenceTimeoutInSeconds")
    ends = {
        "stop_tone": RecordingEnd(result_codes.STOP_TONE, "stopToneDetected", TALK_SECONDS),
        "initial_silence": RecordingEnd(result_codes.INITIAL_SILENCE, "initialSilenceTimeout", initial_silence),
        "max_silence": RecordingEnd(result_codes.MAX_SILENCE, "maxSilenceTimeout", TALK_SECONDS + silence),
        "failure": RecordingEnd(result_codes.MEDIA_TIMEOUT, "mediaReceiveTimeout", TALK_SECONDS),
    }
    chosen = ends.get(end or "")
    if chosen is None or (end == "stop_tone" and not body.get("stopTones")):
        return longest
    seconds = prompt_seconds + chosen.seconds
    return replace(chosen, seconds=seconds) if seconds <= longest.seconds else longest


def _get_seconds(body: Mapping[str, Any], name: str) -> float:
    seconds = body.get(name)
    return float(seconds) if isinstance(seconds, int) and seconds > 0 else float(DEFAULT_RECORD_SECONDS)


def compute_tone_seconds(body: Mapping[str, Any]) -> float:
    """Return the duration of the tones of a ``sendDtmfTones`` request."""
    tones: list[str] = get_member(body, "tones") or []
    milliseconds = body.get("delayBetweenTonesMs")
    return len(tones) * (_TONE_SECONDS + (milliseconds if isinstance(milliseconds, int) else 0) / 1000)


def make_recording() -> bytes:
    """Return a WAV file in the format of Graph's recordings (mono, 16 bit, 16 kHz): one second of a quiet A."""
    step = 2 * math.pi * _PITCH_HZ / _SAMPLE_RATE_HZ
    samples = (int(_AMPLITUDE * math.sin(step * n)) for n in range(_SAMPLE_RATE_HZ))
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(_SAMPLE_RATE_HZ)
        sound.writeframes(struct.pack(f"<{_SAMPLE_RATE_HZ}h", *samples))
    return file.getvalue()
