"""What can be played to a call."""

from __future__ import annotations

from typing import Annotated

from pydantic import Tag

from .base import Resource, Text, Whole, by_type
from .parts import MediaInfo


class Prompt(Resource):
    """Something to play; this base stands for kinds unknown to this version."""

    loop: Whole | None = None


class MediaPrompt(Prompt):
    """A sound: WAV, mono, 16 bit, 16 kHz, fetched over https.

    Examples
    --------
    >>> MediaPrompt.of("https://cdn.contoso.com/beep.wav", resource_id="1D6DE2D4").media_info.resource_id
    '1D6DE2D4'
    """

    type_name = "#microsoft.graph.mediaPrompt"
    media_info: MediaInfo | None = None

    @classmethod
    def of(cls, uri: str, *, resource_id: str | None = None) -> MediaPrompt:
        """From the https address of a sound; ``resource_id`` is the key under which Microsoft keeps it."""
        return cls(media_info=MediaInfo.of_given(uri=uri, resource_id=resource_id))


class TextPrompt(Prompt):
    """A text that is spoken (beta of 2018)."""

    type_name = "#microsoft.graph.textPrompt"
    text: Text | None = None
    culture: Text | None = None
    voice_gender: Text | None = None


class SilencePrompt(Prompt):
    """A pause of so many milliseconds (beta of 2018)."""

    type_name = "#microsoft.graph.silencePrompt"
    duration: Whole | None = None


class DtmfPrompt(Prompt):
    """Keys, as a telephone dials them; a comma is a pause of a second (beta of 2018)."""

    type_name = "#microsoft.graph.dtmfPrompt"
    digits: Text | None = None


AnyPrompt = Annotated[
    Annotated[MediaPrompt, Tag("MediaPrompt")]
    | Annotated[TextPrompt, Tag("TextPrompt")]
    | Annotated[SilencePrompt, Tag("SilencePrompt")]
    | Annotated[DtmfPrompt, Tag("DtmfPrompt")]
    | Annotated[Prompt, Tag("base")],
    by_type(MediaPrompt, TextPrompt, SilencePrompt, DtmfPrompt),
]
