"""Reading and validation of request bodies. Each problem is a ``(member, message)`` that ends with the remedy."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NoReturn

from starlette.requests import ClientDisconnect, Request

from .callbacks import CallbackPolicy
from .errors import GraphError, Problem, unreadable

MAX_BODY_BYTES = 4 * 1024 * 1024
MAX_DIGITS = 1000
"""Longest whole number; Python refuses to read more than 4,300 digits."""
MAX_CONTEXT_CHARS = 256
MAX_TARGETS = 25
MAX_RINGING_SECONDS = 115
MODALITIES = frozenset({"unknown", "audio", "video", "videobasedscreensharing", "screensharing", "data"})
IDENTITIES = ("user", "phone", "application", "applicationInstance", "device", "guest", "encrypted")
_E164 = re.compile(r"\+[1-9]\d{1,14}")
_GUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_EXAMPLE_GUID = "a1b2c3d4-e5f6-7890-abcd-ef1234567890"
_NAMESPACE = "#microsoft.graph."


# JSON

# A string, or a comma with nothing but a closing bracket after it. An unclosed string is swallowed to the end of the
# text, so that the scan stays linear.
_STRING_OR_TRAILING_COMMA = re.compile(r'("(?:[^"\\]|\\.)*+(?:"|\\?\Z))|,(?=\s*+[}\]])', re.DOTALL)


async def read_bytes(request: Request, limit: int = MAX_BODY_BYTES) -> bytes:
    """Return the body of a request. Raise ``GraphError`` (413) as soon as it is longer than ``limit`` bytes."""
    parts: list[bytes] = []
    length = 0
    try:
        async for part in request.stream():
            length += len(part)
            if length > limit:
                raise GraphError(
                    413, "RequestEntityTooLarge", f"The request body is larger than {limit} bytes. Send a smaller one."
                )
            parts.append(part)
    except ClientDisconnect:
        raise unreadable("The connection closed before the body was complete.") from None
    return b"".join(parts)


async def read_object(
    request: Request, *, allow_empty: bool = False, allow_trailing_commas: bool = True
) -> dict[str, Any]:
    """Return the JSON object in the body of a request; ``{}`` for an empty body if that is allowed."""
    headers = request.headers
    if allow_empty and headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers:
        return {}
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise GraphError(
            415,
            "UnsupportedMediaType",
            f"The content type is {media_type or 'missing'}. Send Content-Type: application/json.",
        )
    value = parse_json(await read_bytes(request), allow_trailing_commas=allow_trailing_commas)
    if not isinstance(value, dict):
        raise unreadable(f"Expected a JSON object, got {describe_type(value)}.")
    return value


def parse_json(data: bytes, *, allow_trailing_commas: bool = True) -> Any:
    """Parse JSON, by default with trailing commas, since published bodies have some."""
    if not data.strip():
        raise unreadable("The body is empty: send a JSON object.")
    try:
        text = data.decode("utf-8-sig")
        try:
            value = _parse_strictly(text)
        except json.JSONDecodeError:
            if not allow_trailing_commas:
                raise
            value = _parse_strictly(_STRING_OR_TRAILING_COMMA.sub(lambda match: match[1] or "", text))
        # A value that cannot be written could not be returned: lone surrogates, numbers out of range.
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except json.JSONDecodeError as error:
        raise unreadable(f"{error.msg} at line {error.lineno}, column {error.colno}.") from None
    except RecursionError:
        raise unreadable("It is nested too deeply.") from None
    except UnicodeDecodeError:
        raise unreadable("It is not valid UTF-8.") from None
    except UnicodeEncodeError as error:
        half = ascii(error.object[error.start])[1:-1]
        raise unreadable(f"{half} is half of a character: send both halves, or leave it out.") from None
    except ValueError as error:
        raise unreadable(str(error)) from None
    return value


def _parse_strictly(text: str) -> Any:
    return json.loads(text, parse_constant=_refuse_constant, parse_int=_parse_int, parse_float=_parse_float)


def _parse_int(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"A number has {len(digits)} digits; at most {MAX_DIGITS} are read.")
    return int(digits)


def _parse_float(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"The number {text[:20]} is out of range.")
    return number


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON.")


def describe_type(value: Any) -> str:
    names = {bool: "true or false", int: "a number", float: "a number", str: "a string", list: "an array"}
    return "null" if value is None else names.get(type(value), "an object")


# Fields

FieldKind = Literal[
    "string", "strings", "boolean", "integer", "number", "guid", "object", "objects", "url", "media", "target",
    "targets", "prompt", "prompts",
]  # fmt: skip

_EXPECTED: Mapping[str, str] = {
    "string": "a string",
    "strings": "an array of strings",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "guid": "a string",
    "object": "an object",
    "objects": "an array of objects",
    "url": "a string",
    "media": "an object",
    "target": "an object",
    "targets": "an array of objects",
    "prompt": "an object",
    "prompts": "an array of objects",
}
_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "a string": str,
    "true or false": bool,
    "a whole number": int,
    "a number": (int, float),
    "an object": dict,
    "an array of strings": list,
    "an array of objects": list,
}
_ITEM_KINDS: Mapping[str, FieldKind] = {
    "strings": "string",
    "objects": "object",
    "targets": "target",
    "prompts": "prompt",
}
_REMEDIES = {
    "url": "give an https address",
    "media": "give an appHostedMediaConfig or a serviceHostedMediaConfig",
    "target": "give an identity, such as a user or a phone",
    "targets": "give one identity at least",
    "prompts": "give one prompt at least",
}
_ALIASES = {
    # Names in examples of the pages of 2018.
    "transferTarget": "target",
    "callbackUri": "callback",
    "acceptedModalities": "acceptModalities",
}


@dataclass(frozen=True, slots=True)
class Rules:
    """Differences between versions of the API.

    Attributes
    ----------
    media_configs, meeting_infos : tuple of str
        Types that are accepted, without their namespace.
    requires_media, requires_blob : bool
        Whether a call needs a ``mediaConfig``, and application-hosted media its blob.
    requires_meeting_type : bool
        Whether a ``meetingInfo`` needs its ``@odata.type``; an organizer's is assumed otherwise.
    requires_instance_for_phone : bool
        Whether a call to a phone needs an application instance as its source.
    max_group_targets : int
        Number of targets that a group call can begin with.
    find_callback_problem : callable
        Returns why notifications cannot be sent to a URL, or an empty text.
    """

    media_configs: tuple[str, ...] = ()
    meeting_infos: tuple[str, ...] = ()
    requires_media: bool = False
    requires_blob: bool = False
    requires_meeting_type: bool = False
    requires_instance_for_phone: bool = False
    max_group_targets: int = MAX_TARGETS
    find_callback_problem: Callable[[str], str] = CallbackPolicy().find_problem


@dataclass(frozen=True, slots=True)
class Field:
    """One member of a request body.

    Attributes
    ----------
    max_length : int or None
        Number of characters or entries.
    minimum, maximum : int or None
        Bounds of a number.
    choices : tuple of str
        Values of a string, or types of prompts.
    fields : tuple of Field
        Members of an object.
    """

    name: str
    kind: FieldKind
    required: bool = False
    max_length: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    choices: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()


CONTEXT = Field("clientContext", "string", max_length=MAX_CONTEXT_CHARS)
MEDIA = Field("mediaConfig", "media", required=True)


def get_member(body: Mapping[str, Any], name: str) -> Any:
    """Return a member by its name, or by the name it had in 2018."""
    value = body.get(name)
    return value if value is not None else body.get(_ALIASES.get(name, name))


NO_RULES = Rules()
"""For bodies that are the same in all versions."""


def validate_body(
    body: Mapping[str, Any],
    fields: tuple[Field, ...],
    rules: Rules = NO_RULES,
    *,
    get: Callable[[Mapping[str, Any], str], Any] = get_member,
) -> list[Problem]:
    """Return all problems of a request body. Unknown members are accepted."""
    problems: list[Problem] = []
    for each in fields:
        value = get(body, each.name)
        if value is not None:
            problems += _check(each, value, rules)
        elif each.required:
            remedy = _REMEDIES.get(each.kind, f"give {_EXPECTED[each.kind]}")
            problems.append((each.name, f"{each.name} is missing: {remedy}."))
    return problems


def _check(field: Field, value: Any, rules: Rules) -> Iterator[Problem]:
    expected = _EXPECTED[field.kind]
    kind: Any = _TYPES[expected]
    if not isinstance(value, kind) or (kind is not bool and isinstance(value, bool)):
        yield field.name, f"{field.name} must be {expected}, not {describe_type(value)}."
    elif field.kind in _ITEM_KINDS:
        yield from _check_items(field, value, rules)
    else:
        yield from _CHECKS[field.kind](field, value, rules)


def _check_items(field: Field, values: Sequence[Any], rules: Rules) -> Iterator[Problem]:
    if field.required and not values:
        remedy = _REMEDIES.get(field.kind, f"give {_EXPECTED[field.kind]}")
        yield field.name, f"{field.name} is empty: {remedy}."
    elif field.max_length is not None and len(values) > field.max_length:
        yield field.name, f"{field.name} has {len(values)} entries; {field.max_length} is the most. Send fewer."
    for n, value in enumerate(values):
        item = replace(field, name=f"{field.name}[{n}]", kind=_ITEM_KINDS[field.kind], max_length=None)
        yield from _check(item, value, rules)


def _check_string(field: Field, value: str, rules: Rules) -> Iterator[Problem]:
    if field.max_length is not None and len(value) > field.max_length:
        yield field.name, f"{field.name} has {len(value)} characters; {field.max_length} is the most. Shorten it."
    elif field.choices and not _is_choice(value, field.choices):
        yield field.name, f"{field.name} is {value[:40]!r}; use one of {', '.join(field.choices)}."


def _is_choice(value: str, choices: tuple[str, ...]) -> bool:
    # A published body lists all values, as the page does: "notRecording | recording | failed".
    names = {each.lower() for each in choices}
    return all(part.strip().lower() in names for part in value.split("|"))


def _check_number(field: Field, value: float, rules: Rules) -> Iterator[Problem]:
    low, high = field.minimum, field.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        bounds = f"between {low} and {high}" if high is not None else f"{low} or more"
        yield field.name, f"{field.name} is {value}; it must be {bounds}."


def _check_guid(field: Field, value: str, rules: Rules) -> Iterator[Problem]:
    if not _GUID.fullmatch(value):
        yield field.name, f"{field.name} is {value[:40]!r}; give a GUID, such as {_EXAMPLE_GUID}."


def _check_object(field: Field, value: dict[str, Any], rules: Rules) -> Iterator[Problem]:
    for name, message in validate_body(value, field.fields, rules):
        yield f"{field.name}.{name}", f"{field.name}.{message}"


def _check_url(field: Field, value: str, rules: Rules) -> Iterator[Problem]:
    # A text without a scheme, such as the placeholder of the published body, is accepted and ignored.
    if ":" in value and (problem := rules.find_callback_problem(value)):
        yield field.name, f"{field.name} {problem}"


def _check_media(field: Field, value: dict[str, Any], rules: Rules) -> Iterator[Problem]:
    kind = str(value.get("@odata.type")).removeprefix(_NAMESPACE)
    if kind not in rules.media_configs:
        names = _add_namespace(rules.media_configs)
        yield "mediaConfig", f"mediaConfig has an unknown @odata.type. Give it one of: {names}."
    elif rules.requires_blob and kind == "appHostedMediaConfig" and not value.get("blob"):
        yield "mediaConfig.blob", "mediaConfig.blob is missing: give the blob that the media platform made."


def as_target(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a target with an ``identity``; the first pages of 2018 send the identity set itself."""
    return value if "identity" in value else {"identity": value}


def _check_target(field: Field, value: dict[str, Any], rules: Rules) -> Iterator[Problem]:
    yield from _check_identities(field.name, as_target(value))


def _check_identities(path: str, target: Mapping[str, Any]) -> Iterator[Problem]:
    identity = target.get("identity")
    if not isinstance(identity, dict):
        yield f"{path}.identity", f"{path}.identity is missing: give an identity set, such as a user or a phone."
        return
    # Identity sets are open: kinds that Graph adds later are accepted.
    identities = {name: value for name, value in identity.items() if isinstance(value, dict)}
    if not identities:
        yield f"{path}.identity", f"{path}.identity has no identity: give one of {', '.join(IDENTITIES)}."
    for name, value in identities.items():
        id_ = value.get("id")
        if not isinstance(id_, str) or not id_:
            yield f"{path}.identity.{name}.id", f"{path}.identity.{name}.id is missing: give the id as a string."
        elif name == "phone" and not _E164.fullmatch(id_):
            yield (
                f"{path}.identity.phone.id",
                f"{path}.identity.phone.id is not a phone number in E.164: write it like +14255550100.",
            )


def _check_prompt(field: Field, value: dict[str, Any], rules: Rules) -> Iterator[Problem]:
    kind = str(value.get("@odata.type") or "mediaPrompt").removeprefix(_NAMESPACE)
    if kind not in field.choices:
        yield field.name, f"{field.name} is a {kind[:40]}; use {' or '.join(field.choices)}."
    elif kind == "mediaPrompt":
        media = value.get("mediaInfo")
        if not isinstance(media, dict) or not (media.get("uri") or media.get("url")):
            path = f"{field.name}.mediaInfo"
            yield path, f"{path} is missing: give the uri of a WAV file (mono, 16 bit, 16 kHz)."


def _check_boolean(field: Field, value: bool, rules: Rules) -> Iterator[Problem]:
    return iter(())


_CHECKS: Mapping[str, Callable[[Field, Any, Rules], Iterator[Problem]]] = {
    "string": _check_string,
    "boolean": _check_boolean,
    "integer": _check_number,
    "number": _check_number,
    "guid": _check_guid,
    "object": _check_object,
    "url": _check_url,
    "media": _check_media,
    "target": _check_target,
    "prompt": _check_prompt,
}


# Calls

_CALL_FIELDS = (
    Field("callbackUri", "string"),
    Field("subject", "string"),
    Field("tenantId", "string"),
    Field("source", "object", fields=(Field("identity", "object"),)),
    Field("mediaConfig", "object", fields=(Field("@odata.type", "string"), Field("blob", "string"))),
    Field("chatInfo", "object", fields=(Field("threadId", "string"), Field("messageId", "string"))),
    Field(
        "meetingInfo",
        "object",
        fields=(
            Field("@odata.type", "string"),
            Field("organizer", "object"),
            Field("token", "string"),
            Field("joinMeetingId", "string"),
            Field("passcode", "string"),
        ),
    ),
    Field("meetingCapability", "object"),
    Field("targets", "objects"),
    Field("requestedModalities", "strings"),
    Field("routingPolicies", "strings"),
    Field("ringingTimeoutInSeconds", "integer"),
)


def validate_call(body: Mapping[str, Any], rules: Rules) -> list[Problem]:
    """Return all problems of a request to create a call; types first, since the other checks rely on them."""
    problems = validate_body(body, _CALL_FIELDS, get=Mapping.get)
    return problems or [problem for check in _CALL_CHECKS for problem in check(body, rules)]


def _check_callback(body: Mapping[str, Any], rules: Rules) -> Iterator[Problem]:
    uri = body.get("callbackUri")
    if not uri:
        yield "callbackUri", "callbackUri is missing: give the https address that notifications are posted to."
    elif problem := rules.find_callback_problem(uri):
        yield "callbackUri", f"callbackUri {problem}"


def _check_destination(body: Mapping[str, Any], rules: Rules) -> Iterator[Problem]:
    meeting = body.get("meetingInfo")
    if not body.get("targets") and not meeting:
        yield (
            "targets",
            "targets and meetingInfo are both missing: give at least one target to call, or chatInfo and meetingInfo "
            "to join a meeting.",
        )
    if meeting:
        yield from _check_meeting(meeting, body.get("chatInfo") or {}, rules)


_MEETING_MEMBERS = {
    "organizerMeetingInfo": ("organizer", "the identity set of the organizer"),
    "tokenMeetingInfo": ("token", "the token of the meeting"),
    "joinMeetingIdMeetingInfo": ("joinMeetingId", "the number that participants join the meeting with"),
}


def _check_meeting(meeting: Mapping[str, Any], chat: Mapping[str, Any], rules: Rules) -> Iterator[Problem]:
    names = _add_namespace(rules.meeting_infos)
    if rules.requires_meeting_type and not meeting.get("@odata.type"):
        yield (
            "meetingInfo.@odata.type",
            f"Cannot create an abstract class: meetingInfo.@odata.type is missing. Use one of: {names}.",
        )
        return
    kind = (meeting.get("@odata.type") or "organizerMeetingInfo").removeprefix(_NAMESPACE)
    if kind not in rules.meeting_infos:
        yield "meetingInfo", f"meetingInfo has an unknown @odata.type. Use one of: {names}."
        return
    member, description = _MEETING_MEMBERS[kind]
    if not meeting.get(member):
        yield f"meetingInfo.{member}", f"meetingInfo.{member} is missing: give {description}."
    if kind == "organizerMeetingInfo" and not chat.get("threadId"):
        yield "chatInfo.threadId", "chatInfo.threadId is missing: give the thread of the meeting's chat."


def _add_namespace(names: tuple[str, ...]) -> str:
    return ", ".join(_NAMESPACE + name for name in names)


def _check_targets(body: Mapping[str, Any], rules: Rules) -> Iterator[Problem]:
    targets = body.get("targets") or []
    if len(targets) > MAX_TARGETS:
        yield "targets", f"targets has {len(targets)} entries, more than {MAX_TARGETS}. Call fewer at a time."
    elif len(targets) > rules.max_group_targets:
        yield (
            "targets",
            f"targets has {len(targets)} entries; a group call begins with {rules.max_group_targets} at most. Call "
            "fewer, and invite the others once the call is established.",
        )
    for n, target in enumerate(targets):
        yield from _check_identities(f"targets[{n}]", target)


def _check_source(body: Mapping[str, Any], rules: Rules) -> Iterator[Problem]:
    has_phone = any("phone" in _get_identities(target) for target in body.get("targets") or ())
    source = _get_identities(body.get("source") or {})
    if has_phone and rules.requires_instance_for_phone and not source.get("applicationInstance"):
        yield (
            "source.identity.applicationInstance",
            "source.identity.applicationInstance is missing: a phone is called by an application instance that has a "
            "phone number. Give its object id.",
        )


def _get_identities(participant: Mapping[str, Any]) -> Mapping[str, Any]:
    identity = participant.get("identity")
    return identity if isinstance(identity, dict) else {}


def _check_call_media(body: Mapping[str, Any], rules: Rules) -> Iterator[Problem]:
    media = body.get("mediaConfig")
    if media is not None:
        yield from _check_media(MEDIA, media, rules)
    elif rules.requires_media:
        yield "mediaConfig", f"mediaConfig is missing: give one of {_add_namespace(rules.media_configs)}."


def _check_modalities(body: Mapping[str, Any], rules: Rules) -> Iterator[Problem]:
    for n, modality in enumerate(body.get("requestedModalities") or ()):
        if modality.lower() not in MODALITIES:
            path = f"requestedModalities[{n}]"
            yield path, f"{path} is not a modality. Use audio, video, videoBasedScreenSharing or data."


def is_app_hosted(body: Mapping[str, Any]) -> bool:
    """Return whether the application hosts the media of a call."""
    media = body.get("mediaConfig")
    kind = media.get("@odata.type") if isinstance(media, dict) else None
    return str(kind).removeprefix(_NAMESPACE) == "appHostedMediaConfig"


def _check_ringing(body: Mapping[str, Any], rules: Rules) -> Iterator[Problem]:
    seconds = body.get("ringingTimeoutInSeconds")
    if seconds is not None and not 1 <= seconds <= MAX_RINGING_SECONDS:
        yield "ringingTimeoutInSeconds", f"ringingTimeoutInSeconds must be between 1 and {MAX_RINGING_SECONDS}."


_CALL_CHECKS: tuple[Callable[[Mapping[str, Any], Rules], Iterator[Problem]], ...] = (
    _check_callback,
    _check_destination,
    _check_targets,
    _check_source,
    _check_call_media,
    _check_modalities,
    _check_ringing,
)
