"""Rules about media: where they are handled, which kinds are asked for, which sounds are fetched."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import NAMESPACE_URL, uuid5

from ..dialects import Dialect
from ..models import AppHostedMediaConfig, Call, MediaInfo, NoMediaConfig, ServiceHostedMediaConfig
from .advice import Finding, Mend, Rule, assign, changed, respell

MODALITIES = ("unknown", "audio", "video", "screenSharing", "videoBasedScreenSharing", "data")
_MEDIA_PAGE = "Graph's resource pages of mediaConfig"


def _media_needed(call: Call, dialect: Dialect) -> Iterator[Finding]:
    if call.media_config is None and dialect.media_needed:
        message = "This version needs mediaConfig; say who handles the media, most simply the service."
        yield Finding("mediaConfig", message, assign("media_config", ServiceHostedMediaConfig()))


def _media_kind(call: Call, dialect: Dialect) -> Iterator[Finding]:
    kind = (call.media_config.odata_type or "").rpartition(".")[2] if call.media_config else ""
    if kind and kind not in dialect.media_configs:
        message = f"This version has no {kind}; the known ones are {', '.join(dialect.media_configs)}."
        yield Finding("mediaConfig", message, assign("media_config", ServiceHostedMediaConfig()))


def _media_missing(call: Call, dialect: Dialect) -> Iterator[Finding]:
    if call.media_config is None and not dialect.media_needed:
        message = "Say who handles the media; a call without mediaConfig hears nothing and plays nothing."
        yield Finding("mediaConfig", message, assign("media_config", ServiceHostedMediaConfig()))


def _blob_missing(call: Call, dialect: Dialect) -> Iterator[Finding]:
    if isinstance(call.media_config, AppHostedMediaConfig) and not call.media_config.blob:
        message = (
            "Media handled by the application need the blob that Microsoft's media library makes; "
            "give it, or let the service handle the media."
        )
        yield Finding("mediaConfig.blob", message, assign("media_config", ServiceHostedMediaConfig()))


def _modalities_empty(call: Call, dialect: Dialect) -> Iterator[Finding]:
    if call.requested_modalities == [] and not isinstance(call.media_config, NoMediaConfig):
        message = "An empty list asks for a call without media; name audio, or leave the list out."
        yield Finding("requestedModalities", message, assign("requested_modalities", ["audio"]))


def _modality_unknown(call: Call, dialect: Dialect) -> Iterator[Finding]:
    spelled = {name.lower(): name for name in MODALITIES}
    for index, name in enumerate(call.requested_modalities or []):
        if name not in MODALITIES:
            mend = respell("requestedModalities", index, spelled.get(name.strip().lower()))
            message = f"No such modality is documented; the known ones are {', '.join(MODALITIES)}."
            yield Finding(f"requestedModalities[{index}]", message, mend)


def _sounds(call: Call) -> list[MediaInfo]:
    media = call.media_config
    return (media.pre_fetch_media or []) if isinstance(media, ServiceHostedMediaConfig) else []


def _sound_without_uri(call: Call, dialect: Dialect) -> Iterator[Finding]:
    for index, sound in enumerate(_sounds(call)):
        if not sound.uri:
            field = f"mediaConfig.preFetchMedia[{index}].uri"
            message = "This sound has no address; give the https address of a WAV file, or leave the sound out."
            yield Finding(field, message, _without_sound(index))


def _sound_not_https(call: Call, dialect: Dialect) -> Iterator[Finding]:
    for index, sound in enumerate(_sounds(call)):
        if sound.uri and not sound.uri.startswith("https://"):
            better = f"https://{sound.uri[7:]}" if sound.uri.startswith("http://") else None
            mend = _set_sound(index, "uri", better) if better else None
            field = f"mediaConfig.preFetchMedia[{index}].uri"
            yield Finding(field, "Microsoft fetches the sound over https; give an https address of a WAV file.", mend)


def _sound_without_key(call: Call, dialect: Dialect) -> Iterator[Finding]:
    for index, sound in enumerate(_sounds(call)):
        if sound.uri and not sound.resource_id:
            # Named after its address, so that mending twice gives the same.
            key = str(uuid5(NAMESPACE_URL, sound.uri))
            message = "Without resourceId the sound is fetched anew each time; give it a GUID of its own."
            mend = _set_sound(index, "resource_id", key)
            yield Finding(f"mediaConfig.preFetchMedia[{index}].resourceId", message, mend)


def _set_sound(index: int, name: str, value: str) -> Mend:
    return changed(lambda call: setattr(_sounds(call)[index], name, value))


def _without_sound(index: int) -> Mend:
    def change(call: Call) -> None:
        if isinstance(call.media_config, ServiceHostedMediaConfig):
            call.media_config.pre_fetch_media = [sound for at, sound in enumerate(_sounds(call)) if at != index]

    return changed(change)


RULES = (
    Rule("media-needed", "error", "Graph's page Create call: mediaConfig is required", _media_needed),
    Rule("media-kind-unknown", "error", f"{_MEDIA_PAGE}: the kinds of each version", _media_kind),
    Rule("media-missing", "advice", f"{_MEDIA_PAGE}: newer versions require it", _media_missing),
    Rule("blob-missing", "error", f"{_MEDIA_PAGE}: appHostedMediaConfig.blob", _blob_missing),
    Rule("modalities-empty", "advice", "Graph's page Create call: joining without media", _modalities_empty),
    Rule("modality-unknown", "advice", "Graph's resource page of the call: modalities", _modality_unknown),
    Rule("sound-without-uri", "error", "Graph's resource page of mediaInfo: uri", _sound_without_uri),
    Rule("sound-not-https", "error", "Graph's resource page of mediaInfo: uri", _sound_not_https),
    Rule("sound-without-key", "advice", "Graph's resource page of mediaInfo: resourceId", _sound_without_key),
)
