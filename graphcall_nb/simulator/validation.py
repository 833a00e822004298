"""What the service refuses in a call, as ``(target, message)`` pairs; each message ends with the remedy."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

Problem = tuple[str, str]

MODALITIES = frozenset({"unknown", "audio", "video", "videobasedscreensharing", "screensharing", "data"})
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What differs between versions of the API.

    Attributes
    ----------
    media_configs, meeting_infos : the types that may be given, without their namespace
    media_needed : whether ``mediaConfig`` must be there
    blob_needed : whether application-hosted media must come with its blob
    phone_needs_instance : whether who calls a phone must name an application instance as the source
    group_targets : how many people may be rung at once where that makes a group call
    """

    media_configs: tuple[str, ...]
    meeting_infos: tuple[str, ...]
    media_needed: bool = False
    blob_needed: bool = False
    phone_needs_instance: bool = False
    group_targets: int = MAX_TARGETS


def problems_of(body: Mapping[str, Any], rules: Rules) -> list[Problem]:
    """All that is wrong with a call that somebody wants to create; types first, since the rest builds on them."""
    wrong = list(_wrong_types(body))
    return wrong or [problem for check in _CHECKS for problem in check(body, rules)]


def _wrong_types(body: Mapping[str, Any]) -> Iterator[Problem]:
    for name, (kind, words) in _TYPES.items():
        value = body.get(name)
        if value is not None and (not isinstance(value, kind) or isinstance(value, bool)):
            yield name, f"{name} must be {words}, not {json_type(value)}."
    for name in ("requestedModalities", "routingPolicies"):
        yield from _each(body, name, str, "a string")
    yield from _each(body, "targets", dict, "an object")
    for name in _INNER:
        yield from _inner_types(body, name)


_INNER: Mapping[str, Mapping[str, tuple[type, str]]] = {
    "source": {"identity": (dict, "an object")},
    "chatInfo": {"threadId": (str, "a string"), "messageId": (str, "a string")},
    "mediaConfig": {"@odata.type": (str, "a string"), "blob": (str, "a string")},
    "meetingInfo": {
        "@odata.type": (str, "a string"),
        "organizer": (dict, "an object"),
        "token": (str, "a string"),
        "joinMeetingId": (str, "a string"),
        "passcode": (str, "a string"),
    },
}


def _inner_types(body: Mapping[str, Any], name: str) -> Iterator[Problem]:
    outer = body.get(name)
    if not isinstance(outer, dict):
        return
    for member, (kind, words) in _INNER[name].items():
        value = outer.get(member)
        if value is not None and not isinstance(value, kind):
            yield f"{name}.{member}", f"{name}.{member} must be {words}, not {json_type(value)}."


def _each(body: Mapping[str, Any], name: str, kind: type, words: str) -> Iterator[Problem]:
    values = body.get(name)
    for n, value in enumerate(values if isinstance(values, list) else ()):
        if not isinstance(value, kind):
            yield f"{name}[{n}]", f"{name}[{n}] must be {words}, not {json_type(value)}."


def json_type(value: Any) -> str:
    names = {bool: "true or false", int: "a number", float: "a number", str: "a string", list: "an array"}
    return "null" if value is None else names.get(type(value), "an object")


def _callback(body: Mapping[str, Any], rules: Rules) -> Iterator[Problem]:
    uri = body.get("callbackUri")
    if not uri:
        yield "callbackUri", "callbackUri is missing: give the https address that notifications shall be posted to."
    elif not is_callback(uri):
        yield (
            "callbackUri",
            "callbackUri must be an absolute https address; http is taken only for this machine itself "
            "(127.0.0.1, [::1] or localhost).",
        )


def is_callback(uri: str) -> bool:
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


def _destination(body: Mapping[str, Any], rules: Rules) -> Iterator[Problem]:
    meeting, chat = body.get("meetingInfo"), body.get("chatInfo")
    if not body.get("targets") and not meeting:
        yield (
            "targets",
            "targets and meetingInfo are both missing: name at least one target to call, or give chatInfo and "
            "meetingInfo to join a meeting.",
        )
    if meeting:
        yield from _meeting(meeting, chat or {}, rules)


def _meeting(meeting: Mapping[str, Any], chat: Mapping[str, Any], rules: Rules) -> Iterator[Problem]:
    kind = (meeting.get("@odata.type") or "organizerMeetingInfo").removeprefix(_NAMESPACE)
    if kind not in rules.meeting_infos:
        yield "meetingInfo", f"meetingInfo has an unknown @odata.type. Use one of: {_typed(rules.meeting_infos)}."
        return
    member, what = _MEETING_MEMBERS[kind]
    if not meeting.get(member):
        yield f"meetingInfo.{member}", f"meetingInfo.{member} is missing: give {what}."
    if kind == "organizerMeetingInfo" and not chat.get("threadId"):
        yield "chatInfo.threadId", "chatInfo.threadId is missing: give the thread of the meeting's chat."


_NAMESPACE = "#microsoft.graph."
_MEETING_MEMBERS = {
    "organizerMeetingInfo": ("organizer", "the identity set of the organizer"),
    "tokenMeetingInfo": ("token", "the token of the meeting"),
    "joinMeetingIdMeetingInfo": ("joinMeetingId", "the number that people join the meeting with"),
}


def _typed(names: tuple[str, ...]) -> str:
    return ", ".join(_NAMESPACE + name for name in names)


def _targets(body: Mapping[str, Any], rules: Rules) -> Iterator[Problem]:
    targets = body.get("targets") or []
    if len(targets) > MAX_TARGETS:
        yield "targets", f"targets holds {len(targets)} entries, more than {MAX_TARGETS}. Call fewer at once."
    elif len(targets) > rules.group_targets:
        yield (
            "targets",
            f"targets holds {len(targets)} entries; a group call begins with {rules.group_targets} at most. Call "
            "fewer, and invite the others once the call is established.",
        )
    for n, target in enumerate(targets):
        yield from target_problems(f"targets[{n}]", target)


def target_problems(path: str, target: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with one who shall be called or invited."""
    identity = target.get("identity")
    if not isinstance(identity, dict):
        yield f"{path}.identity", f"{path}.identity is missing: give an identity set, such as a user or a phone."
        return
    # Identity sets are open: kinds that Graph adds after today are let through.
    named = {name: who for name, who in identity.items() if isinstance(who, dict)}
    if not named:
        yield f"{path}.identity", f"{path}.identity names nobody: give one of {', '.join(IDENTITIES)}."
    for name, who in named.items():
        yield from _identity(f"{path}.identity.{name}", name, who.get("id"))


def _identity(path: str, name: str, id_: Any) -> Iterator[Problem]:
    if not isinstance(id_, str) or not id_:
        yield f"{path}.id", f"{path}.id is missing: give the id of who shall be called, as a string."
    elif name == "phone" and not _E164.fullmatch(id_):
        yield f"{path}.id", f"{path}.id is not a phone number in E.164: write it like +14255550100."


def _phone(body: Mapping[str, Any], rules: Rules) -> Iterator[Problem]:
    phones = [target for target in body.get("targets") or () if "phone" in _identities(target)]
    source = _identities(body.get("source") or {})
    if phones and rules.phone_needs_instance and not source.get("applicationInstance"):
        yield (
            "source.identity.applicationInstance",
            "source.identity.applicationInstance is missing: a phone is called by an application instance that has a "
            "phone number. Give its object id.",
        )


def _identities(somebody: Mapping[str, Any]) -> Mapping[str, Any]:
    """Those of a target or source; none where what is sent for them is nothing of the kind."""
    identity = somebody.get("identity")
    return identity if isinstance(identity, dict) else {}


def _media(body: Mapping[str, Any], rules: Rules) -> Iterator[Problem]:
    media = body.get("mediaConfig")
    if media is None and rules.media_needed:
        yield "mediaConfig", f"mediaConfig is missing: give one of {_typed(rules.media_configs)}."
    elif media is not None:
        yield from media_problems(media, rules)
    for n, modality in enumerate(body.get("requestedModalities") or ()):
        if modality.lower() not in MODALITIES:
            yield (
                f"requestedModalities[{n}]",
                f"requestedModalities[{n}] is not a modality. Use audio, video, videoBasedScreenSharing or data.",
            )


def media_problems(media: Mapping[str, Any], rules: Rules) -> Iterator[Problem]:
    """What is wrong with a ``mediaConfig``."""
    kind = media.get("@odata.type")
    if str(kind).removeprefix(_NAMESPACE) not in rules.media_configs:
        yield "mediaConfig", f"mediaConfig has no known @odata.type. Give it one of: {_typed(rules.media_configs)}."
    elif rules.blob_needed and _is_app_hosted(media) and not media.get("blob"):
        yield "mediaConfig.blob", "mediaConfig.blob is missing: give the blob that the media platform made."


def is_app_hosted(body: Mapping[str, Any]) -> bool:
    return _is_app_hosted(body.get("mediaConfig") or {})


def _is_app_hosted(media: Mapping[str, Any]) -> bool:
    return str(media.get("@odata.type")).removeprefix(_NAMESPACE) == "appHostedMediaConfig"


def _ringing(body: Mapping[str, Any], rules: Rules) -> Iterator[Problem]:
    seconds = body.get("ringingTimeoutInSeconds")
    if seconds is not None and not 1 <= seconds <= MAX_RINGING_SECONDS:
        yield (
            "ringingTimeoutInSeconds",
            f"ringingTimeoutInSeconds must be between 1 and {MAX_RINGING_SECONDS}.",
        )


_CHECKS: tuple[Callable[[Mapping[str, Any], Rules], Iterator[Problem]], ...] = (
    _callback,
    _destination,
    _targets,
    _phone,
    _media,
    _ringing,
)
