"""Where the media are handled."""

from __future__ import annotations

from ..editor import Editor
from ..fields import FlagField, PartKind, TextField
from ..knowledge import MEDIA_KINDS
from ..rows import Rows, SoundRow, adder
from ..section import Choice, Fold
from ..state import SOUNDS, FormState


def media(editor: Editor) -> Fold:
    """Where the media are handled."""

    def add() -> None:
        editor.change(FormState.add_sound)

    sounds = Rows(editor, SOUNDS, SoundRow, [adder("Add a sound to fetch", "gcf-add-sound", add)])
    blob = TextField(
        editor,
        ("mediaConfig", "blob"),
        "Media blob",
        "gcf-blob",
        hint="From Microsoft's media library",
        tip="mediaConfig.blob",
    )
    kind = PartKind(
        editor,
        ("mediaConfig",),
        "Media are",
        "gcf-media-kind",
        MEDIA_KINDS,
        tip="mediaConfig: service hosted is handled by Microsoft, app hosted by your application",
        kind=FormState.media_kind,
        choose=FormState.set_media_kind,
    )
    alone = FlagField(
        editor,
        ("mediaConfig", "removeFromDefaultAudioGroup"),
        "Leave audio group",
        "gcf-remove-from-group",
        tip="mediaConfig.removeFromDefaultAudioGroup",
        keep=1,
    )
    return Choice(
        "Media",
        "gcf-media",
        [kind, blob, alone, sounds],
        _media_summary,
        kind=FormState.media_kind,
        only={"service": [sounds], "app": [blob]},
    )


def _media_summary(state: FormState) -> str:
    count = state.count(SOUNDS)
    sounds = f", {count} sound{'s' if count > 1 else ''}" if count else ""
    words = {"": "not sent", "service": "service hosted", "app": "app hosted", "none": "none"}
    return words.get(state.media_kind(), "another kind") + sounds
