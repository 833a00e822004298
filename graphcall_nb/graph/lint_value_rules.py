"""Rules of the linter for values that were written for another place, and for misspelt names."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from .._urls import is_loopback
from ..errors import InvalidCall
from .base import Resource
from .join_url import normalize_meeting_id
from .json_path import Path, format_path, read_path
from .lint_rules import Finding, Fix, Rule, iterate_texts, make_fix, read_link, replace_word
from .models import E164, Call, JoinMeetingIdMeetingInfo, OrganizerMeetingInfo, ServiceHostedMediaConfig
from .versions import ApiVersion

MIN_SIMILARITY = 0.85
MAX_NAME_CHARS = 60
MAX_NAMES = 50
"""Unknown names of one object that are compared; a body can have a million."""

_TYPE = "@odata.type"
_NAMESPACE = "microsoft.graph."
_TYPE_NAME = re.compile(r"(?:microsoft\.graph\.)?[a-z]\w*", re.IGNORECASE)
_SHARED_TENANTS = ("common", "organizations", "consumers")
_PRIVATE_SUFFIXES = (".local", ".internal", ".lan", ".home", ".corp", ".intranet", ".home.arpa")
_OTHER_SOUNDS = (".mp3", ".m4a", ".aac", ".ogg", ".opus", ".wma", ".flac", ".mp4", ".aif", ".aiff")
_TARGET_TYPES = ("invitationParticipantInfo", "participantInfo")


# Changes of a body


def _change_at(path: Path, change: Callable[[Any, str | int], None]) -> Fix:
    """Return a fix that changes the parent of a path in the JSON of a call."""

    def fix(call: Call) -> Call:
        body = call.to_json_dict()
        change(read_path(body, path[:-1]), path[-1])
        return Call.from_json_dict(body)

    return fix


# Names


def _find_types_without_hash(call: Call, version: ApiVersion) -> Iterator[Finding]:
    for path, text in iterate_texts(call.to_json_dict()):
        if path[-1] == _TYPE and not text.startswith("#") and _TYPE_NAME.fullmatch(text):
            whole = f"#{_NAMESPACE}{text.rpartition('.')[2]}"
            message = f'The service knows a type by its whole name with a number sign; write "{whole}".'
            yield Finding(format_path(path), message, _change_at(path, _set_value(whole)))


def _set_value(value: str) -> Callable[[Any, str | int], None]:
    def change(parent: Any, name: str | int) -> None:
        parent[name] = value

    return change


def _find_misspelt_members(call: Call, version: ApiVersion) -> Iterator[Finding]:
    body = call.to_json_dict()
    for path, right in _list_misspelt(call):
        if path[-1] not in version.server_generated | version.unknown:
            yield Finding(
                format_path(path),
                f"Did you mean {right}? The service does not know this name.",
                _rename(body, path, right),
            )


def _list_misspelt(resource: Resource, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Yield the path of each unknown member whose name resembles a field that is not set, and the field's name."""
    names = {field.alias or name: name for name, field in type(resource).model_fields.items()}
    missing = [alias for alias, name in names.items() if name not in resource.model_fields_set and alias != _TYPE]
    lowered = {alias.lower(): alias for alias in missing}
    extra = (name for name in resource.model_extra or {} if len(name) <= MAX_NAME_CHARS)
    for name in islice(extra, MAX_NAMES):
        close = get_close_matches(name.replace("_", "").lower(), lowered, n=1, cutoff=MIN_SIMILARITY)
        if close and not name.startswith("@"):
            yield (*path, name), lowered[close[0]]
    for alias, name in names.items():
        yield from _list_inner(getattr(resource, name), (*path, alias))


def _list_inner(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, Resource):
        yield from _list_misspelt(value, path)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _list_inner(inner, (*path, index))


def _rename(body: dict[str, Any], path: Path, right: str) -> Fix | None:
    def change(parent: Any, name: str | int) -> None:
        parent[right] = parent.pop(name)

    fix = _change_at(path, change)
    try:
        fix(Call.from_json_dict(body))
    except InvalidCall:  # the value does not fit the field
        return None
    return fix


NAME_RULES = (
    Rule("type-without-hash", "error", "OData JSON: the value of @odata.type begins with #", _find_types_without_hash),
    Rule("member-misspelt", "error", "Graph's resource pages: names of members", _find_misspelt_members),
)
"""Rules about names. The other rules see the call with these names corrected."""


def correct_names(call: Call, version: ApiVersion) -> Call:
    """Return a call with the names corrected that :data:`NAME_RULES` find."""
    for rule in NAME_RULES:
        for finding in rule.find(call, version):
            if finding.fix:
                call = finding.fix(call)
    return call


# Identities


def _find_phones_as_users(call: Call, version: ApiVersion) -> Iterator[Finding]:
    for index, target in enumerate(call.targets or []):
        user = target.identity.user if target.identity else None
        number = (user.id or "").removeprefix("tel:").strip() if user else ""
        if E164.fullmatch(number):
            path: Path = ("targets", index, "identity", "user")
            message = "This is a phone number and not the object id of a user; give it as the id of a phone."
            yield Finding(f"{format_path(path)}.id", message, _change_at(path, _make_phone(number)))


def _make_phone(number: str) -> Callable[[Any, str | int], None]:
    def change(identity: Any, name: str | int) -> None:
        identity["phone"] = {**identity.pop(name), "id": number}

    return change


def _find_names_as_ids(call: Call, version: ApiVersion) -> Iterator[Finding]:
    for index, target in enumerate(call.targets or []):
        user = target.identity.user if target.identity else None
        if user and user.id and " " in user.id.strip() and not any(letter.isdigit() for letter in user.id):
            message = "This is a name; give the object id of the user, which Microsoft Entra shows."
            yield Finding(f"targets[{index}].identity.user.id", message)


def _find_placeholder_tenants(call: Call, version: ApiVersion) -> Iterator[Finding]:
    for path, text in iterate_texts(call.to_json_dict()):
        tenant = text.strip()
        if path[-1] == "tenantId" and tenant.lower() in _SHARED_TENANTS:
            message = f"{tenant} stands for any tenant at sign-in; a call needs the id of one tenant."
            yield Finding(format_path(path), message)
        elif path[-1] == "tenantId" and _is_placeholder(tenant):
            yield Finding(format_path(path), "This is a placeholder; give the id of the tenant.")


def _is_placeholder(text: str) -> bool:
    is_bracketed = text[:1] in tuple("<{[%$") and text[-1:] in tuple(">}]%")
    return (
        is_bracketed or text in ("...", "…") or text.lower().startswith(("your-", "your_", "your ", "my-", "xxxxxxxx-"))
    )


def _find_application_organizers(call: Call, version: ApiVersion) -> Iterator[Finding]:
    meeting = call.meeting_info
    organizer = meeting.organizer if isinstance(meeting, OrganizerMeetingInfo) else None
    if organizer and organizer.application and not organizer.user:
        message = "A meeting is organized by a user; give the organizer of the join link as organizer.user."
        yield Finding("meetingInfo.organizer.application", message)


def _find_sources_without_id(call: Call, version: ApiVersion) -> Iterator[Finding]:
    identities = call.source.identity if call.source else None
    for kind, identity in (identities.to_json_dict() if identities else {}).items():
        if isinstance(identity, dict) and not identity.get("id"):
            message = "The source has no id; give the id of the application that calls, or leave source out."
            yield Finding(f"source.identity.{kind}.id", message, make_fix(_remove_source))


def _remove_source(call: Call) -> None:
    call.source = None
    call.model_fields_set.discard("source")


def _find_target_types(call: Call, version: ApiVersion) -> Iterator[Finding]:
    for index, target in enumerate(call.targets or []):
        kind = target.odata_type or ""
        if kind.startswith("#") and kind.rpartition(".")[2] not in _TARGET_TYPES:
            path: Path = ("targets", index, _TYPE)
            message = f"A target is an invitationParticipantInfo, not {kind!r}; set that type."
            yield Finding(format_path(path), message, _change_at(path, _set_value(f"#{_NAMESPACE}{_TARGET_TYPES[0]}")))


# Addresses, meetings and media


def _find_private_callbacks(call: Call, version: ApiVersion) -> Iterator[Finding]:
    host = _get_host(call.callback_uri or "")
    if host and not is_loopback(call.callback_uri or "") and _is_private(host):
        message = (
            f"{host} is in a private network, which Microsoft cannot reach; give a public address, or use a tunnel."
        )
        yield Finding("callbackUri", message)


def _get_host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _is_private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith(_PRIVATE_SUFFIXES)


def _find_meeting_id_formats(call: Call, version: ApiVersion) -> Iterator[Finding]:
    meeting = call.meeting_info
    number = meeting.join_meeting_id if isinstance(meeting, JoinMeetingIdMeetingInfo) else None
    if not number or number.isdigit():
        return
    field = "meetingInfo.joinMeetingId"
    if "://" in number:
        yield Finding(field, "This is a link; give the meeting id in it, or what the link leads to.", read_link(number))
    elif re.search(r"\s", number.strip()):
        digits = normalize_meeting_id(number)
        change = make_fix(lambda call: setattr(call.meeting_info, "join_meeting_id", digits))
        yield Finding(field, "The blanks are for readers; give the digits alone.", change)


def _find_sound_formats(call: Call, version: ApiVersion) -> Iterator[Finding]:
    media = call.media_config
    sounds = (media.pre_fetch_media or []) if isinstance(media, ServiceHostedMediaConfig) else []
    for index, sound in enumerate(sounds):
        ending = (sound.uri or "").partition("?")[0].lower()
        if ending.endswith(_OTHER_SOUNDS):
            message = "Graph plays WAV files alone (16 kHz, 16 bit, mono); convert the sound."
            yield Finding(f"mediaConfig.preFetchMedia[{index}].uri", message)


def _find_doubled_modalities(call: Call, version: ApiVersion) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, modality in enumerate(call.requested_modalities or []):
        if modality in seen:
            message = f"{modality} is listed twice; remove one."
            yield Finding(f"requestedModalities[{index}]", message, replace_word("requestedModalities", index, None))
        seen.add(modality)


_IDENTITY_PAGE = "Graph's resource page of the identity"
VALUE_RULES = (
    Rule("phone-as-user", "error", f"{_IDENTITY_PAGE}: id", _find_phones_as_users),
    Rule("name-as-id", "error", f"{_IDENTITY_PAGE}: id", _find_names_as_ids),
    Rule("tenant-placeholder", "error", "Graph's resource page of the call: tenantId", _find_placeholder_tenants),
    Rule("organizer-is-application", "error", "Graph's page of organizerMeetingInfo", _find_application_organizers),
    Rule("source-without-id", "advice", f"{_IDENTITY_PAGE}: id", _find_sources_without_id),
    Rule("target-type", "error", "Graph's page Create call: targets", _find_target_types),
    Rule("callback-private", "advice", "RFC 1918: private addresses are not routed", _find_private_callbacks),
    Rule("meeting-id-format", "error", "Graph's page of joinMeetingIdMeetingInfo", _find_meeting_id_formats),
    Rule("sound-format", "error", "Graph's resource page of mediaInfo: uri", _find_sound_formats),
    Rule("modality-twice", "advice", "Graph's resource page of the call: modalities", _find_doubled_modalities),
)
