"""What the service refuses in a call, as ``(target, message)`` pairs; each message ends with the remedy."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

Problem = tuple[str, str]

MODALITIES = frozenset({"unknown", "audio", "video", "videobasedscreensharing", "screensharing", "data"})
MEDIA_CONFIGS = frozenset(
    f"#microsoft.graph.{name}" for name in ("appHostedMediaConfig", "serviceHostedMediaConfig", "noMediaConfig")
)
MEETING_INFOS = frozenset(f"#microsoft.graph.{name}" for name in ("organizerMeetingInfo", "tokenMeetingInfo"))
IDENTITIES = ("user", "phone", "application", "applicationInstance", "device", "guest", "encrypted")
MAX_TARGETS = 25
MAX_RINGING_SECONDS = 115
_E164 = re.compile(r"\+[1-9]\d{1,14}")

_TYPES: Mapping[str, tuple[type, str]] = {
    "callbackUri": (str, "a string"),
    "subject": (str, "a string"),
    "tenantId": (str, "a string"),
    "source": (dict, "an object"),
    "mediaConfig": (dict, "an object"),
    "chatInfo": (dict, "an object"),
    "meetingInfo": (dict, "an object"),
    "meetingCapability": (dict, "an object"),
    "targets": (list, "an array of objects"),
    "requestedModalities": (list, "an array of strings"),
    "routingPolicies": (list, "an array of strings"),
    "ringingTimeoutInSeconds": (int, "a whole number"),
}


def problems_of(body: Mapping[str, Any]) -> list[Problem]:
    """All that is wrong with a call that somebody wants to create; types first, since the rest builds on them."""
    wrong = list(_wrong_types(body))
    return wrong or [problem for check in _CHECKS for problem in check(body)]


def _wrong_types(body: Mapping[str, Any]) -> Iterator[Problem]:
    for name, (kind, words) in _TYPES.items():
        value = body.get(name)
        if value is not None and (not isinstance(value, kind) or isinstance(value, bool)):
            yield name, f"{name} must be {words}, not {_json_type(value)}."
    for name in ("requestedModalities", "routingPolicies"):
        yield from _each(body, name, str, "a string")
    yield from _each(body, "targets", dict, "an object")
    for name in _INNER:
        yield from _inner_types(body, name)


_INNER: Mapping[str, Mapping[str, tuple[type, str]]] = {
    "source": {"identity": (dict, "an object")},
    "chatInfo": {"threadId": (str, "a string"), "messageId": (str, "a string")},
    "mediaConfig": {"@odata.type": (str, "a string"), "blob": (str, "a string")},
    "meetingInfo": {"@odata.type": (str, "a string"), "organizer": (dict, "an object"), "token": (str, "a string")},
}


def _inner_types(body: Mapping[str, Any], name: str) -> Iterator[Problem]:
    outer = body.get(name)
    if not isinstance(outer, dict):
        return
    for member, (kind, words) in _INNER[name].items():
        value = outer.get(member)
        if value is not None and not isinstance(value, kind):
            yield f"{name}.{member}", f"{name}.{member} must be {words}, not {_json_type(value)}."


def _each(body: Mapping[str, Any], name: str, kind: type, words: str) -> Iterator[Problem]:
    values = body.get(name)
    for n, value in enumerate(values if isinstance(values, list) else ()):
        if not isinstance(value, kind):
            yield f"{name}[{n}]", f"{name}[{n}] must be {words}, not {_json_type(value)}."


def _json_type(value: Any) -> str:
    names = {bool: "true or false", int: "a number", float: "a number", str: "a string", list: "an array"}
    return "null" if value is None else names.get(type(value), "an object")


def _callback(body: Mapping[str, Any]) -> Iterator[Problem]:
    uri = body.get("callbackUri")
    if not uri:
        yield "callbackUri", "callbackUri is missing: give the https address that notifications shall be posted to."
    elif not _is_callback(uri):
        yield (
            "callbackUri",
            "callbackUri must be an absolute https address; http is taken only for this machine itself "
            "(127.0.0.1, [::1] or localhost).",
        )


def _is_callback(uri: str) -> bool:
    if any(character.isspace() for character in uri):
        return False
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname, parts.port  # reading the port checks it
    except ValueError:
        return False
    if not host:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _destination(body: Mapping[str, Any]) -> Iterator[Problem]:
    meeting, chat = body.get("meetingInfo"), body.get("chatInfo")
    if not body.get("targets") and not meeting:
        yield (
            "targets",
            "targets and meetingInfo are both missing: name at least one target to call, or give chatInfo and "
            "meetingInfo to join a meeting.",
        )
    if meeting:
        yield from _meeting(meeting, chat or {})


def _meeting(meeting: Mapping[str, Any], chat: Mapping[str, Any]) -> Iterator[Problem]:
    kind = meeting.get("@odata.type") or "#microsoft.graph.organizerMeetingInfo"
    if kind not in MEETING_INFOS:
        yield "meetingInfo", f"meetingInfo has an unknown @odata.type. Use one of: {', '.join(sorted(MEETING_INFOS))}."
    elif kind.endswith("tokenMeetingInfo"):
        if not meeting.get("token"):
            yield "meetingInfo.token", "meetingInfo.token is missing: give the token of the meeting."
        return
    elif not meeting.get("organizer"):
        yield "meetingInfo.organizer", "meetingInfo.organizer is missing: give the identity set of the organizer."
    if not chat.get("threadId"):
        yield "chatInfo.threadId", "chatInfo.threadId is missing: give the thread of the meeting's chat."


def _targets(body: Mapping[str, Any]) -> Iterator[Problem]:
    targets = body.get("targets") or []
    if len(targets) > MAX_TARGETS:
        yield "targets", f"targets holds {len(targets)} entries, more than {MAX_TARGETS}. Call fewer at once."
    for n, target in enumerate(targets):
        yield from _target(f"targets[{n}]", target)


def _target(path: str, target: Mapping[str, Any]) -> Iterator[Problem]:
    identity = target.get("identity")
    if not isinstance(identity, dict):
        yield f"{path}.identity", f"{path}.identity is missing: give an identity set, such as a user or a phone."
        return
    known = [name for name in IDENTITIES if isinstance(identity.get(name), dict)]
    if not known:
        yield f"{path}.identity", f"{path}.identity names nobody: give one of {', '.join(IDENTITIES)}."
    for name in known:
        yield from _identity(f"{path}.identity.{name}", name, identity[name].get("id"))


def _identity(path: str, name: str, id_: Any) -> Iterator[Problem]:
    if not isinstance(id_, str) or not id_:
        yield f"{path}.id", f"{path}.id is missing: give the id of who shall be called, as a string."
    elif name == "phone" and not _E164.fullmatch(id_):
        yield f"{path}.id", f"{path}.id is not a phone number in E.164: write it like +14255550100."


def _media(body: Mapping[str, Any]) -> Iterator[Problem]:
    media = body.get("mediaConfig")
    if media is not None and media.get("@odata.type") not in MEDIA_CONFIGS:
        yield (
            "mediaConfig",
            f"mediaConfig has no known @odata.type. Give it one of: {', '.join(sorted(MEDIA_CONFIGS))}.",
        )
    elif is_app_hosted(body) and not (media or {}).get("blob"):
        yield "mediaConfig.blob", "mediaConfig.blob is missing: give the blob that the media platform made."
    for n, modality in enumerate(body.get("requestedModalities") or ()):
        if modality.lower() not in MODALITIES:
            yield (
                f"requestedModalities[{n}]",
                f"requestedModalities[{n}] is not a modality. Use audio, video, videoBasedScreenSharing or data.",
            )


def is_app_hosted(body: Mapping[str, Any]) -> bool:
    media = body.get("mediaConfig") or {}
    return bool(media.get("@odata.type") == "#microsoft.graph.appHostedMediaConfig")


def _ringing(body: Mapping[str, Any]) -> Iterator[Problem]:
    seconds = body.get("ringingTimeoutInSeconds")
    if seconds is not None and not 1 <= seconds <= MAX_RINGING_SECONDS:
        yield (
            "ringingTimeoutInSeconds",
            f"ringingTimeoutInSeconds must be between 1 and {MAX_RINGING_SECONDS}.",
        )


_CHECKS: tuple[Callable[[Mapping[str, Any]], Iterator[Problem]], ...] = (
    _callback,
    _destination,
    _targets,
    _media,
    _ringing,
)
