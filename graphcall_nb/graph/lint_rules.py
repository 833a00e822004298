"""Rules of the linter."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import unquote, urlsplit
from uuid import NAMESPACE_URL, uuid5

from .._text import find_invisible, strip_invisible
from .._urls import is_loopback
from ..errors import InvalidCall
from .base import Resource
from .join_url import is_join_url, read_meeting_link
from .json_path import Path, format_path
from .models import (
    E164,
    AppHostedMediaConfig,
    Call,
    Identity,
    IdentitySet,
    JoinMeetingIdMeetingInfo,
    MediaInfo,
    NoMediaConfig,
    OrganizerMeetingInfo,
    ParticipantInfo,
    ServiceHostedMediaConfig,
    TokenMeetingInfo,
)
from .versions import ApiVersion

Level = Literal["error", "advice"]
Fix = Callable[[Call], Call]


@dataclass(frozen=True)
class Finding:
    """A problem in a call.

    Attributes
    ----------
    field : str
        Path of the field in Graph's names, for example ``targets[0].identity.phone.id``.
    message : str
        The problem and what to do.
    fix : callable or None
        Takes a call and returns a fixed copy; ``None`` when the fix needs a decision of the user.
    level : {"error", "advice"}
        ``"error"`` when the service refuses the call, ``"advice"`` when the call may not do what was intended.
    rule : str
        Name of the rule.
    source : str
        Where the rule is documented.
    """

    field: str
    message: str
    # Two findings of a rule are equal although each has a fix of its own.
    fix: Fix | None = dataclasses.field(default=None, compare=False, repr=False)
    level: Level = "error"
    rule: str = ""
    source: str = ""


@dataclass(frozen=True)
class Rule:
    """A rule; ``find`` is a pure function that yields the findings in a call."""

    name: str
    level: Level
    source: str
    find: Callable[[Call, ApiVersion], Iterable[Finding]]

    def check(self, call: Call, version: ApiVersion) -> Iterator[Finding]:
        """Yield the findings in a call, with name, level and source of the rule.

        Parameters
        ----------
        call : Call
            The call to look into; it is not changed.
        version : ApiVersion
            Version of the API in which it will be sent.

        Yields
        ------
        Finding
            One for each fault.
        """
        for finding in self.find(call, version):
            yield dataclasses.replace(finding, level=self.level, rule=self.name, source=self.source)


def make_fix(change: Callable[[Call], None]) -> Fix:
    """Return a fix that copies a call and applies a function that changes it in place."""

    def fix(call: Call) -> Call:
        copy = call.model_copy(deep=True)
        change(copy)
        return copy

    return fix


def set_field(name: str, value: object) -> Fix:
    """Return a fix that sets one field of the call."""
    return make_fix(lambda call: setattr(call, name, value))


def remove_fields(*names: str) -> Fix:
    """Return a fix that removes fields, given in Graph's names, if the call has them."""

    def fix(call: Call) -> Call:
        return Call.from_json_dict({key: value for key, value in call.to_json_dict().items() if key not in names})

    return fix


def replace_word(name: str, index: int, right: str | None) -> Fix:
    """Return a fix that replaces one entry of a list of words, or removes it when ``right`` is ``None``."""

    def fix(call: Call) -> Call:
        body = call.to_json_dict()
        words = list(body.pop(name, []))
        words[index : index + 1] = [right] if right and right not in words else []
        # An empty list has another meaning than a missing one.
        return Call.from_json_dict(body | ({name: words} if words else {}))

    return fix


MEMBER_TYPE = "member-type"
_KINDS: dict[str, tuple[type[Resource], ...]] = {
    "mediaConfig": (ServiceHostedMediaConfig, AppHostedMediaConfig),
    "meetingInfo": (OrganizerMeetingInfo, TokenMeetingInfo, JoinMeetingIdMeetingInfo),
}


def _find_missing_kind(call: Call, version: ApiVersion) -> Iterator[Finding]:
    body = call.to_json_dict()
    for name, kinds in _KINDS.items():
        value = body.get(name)
        if isinstance(value, dict) and not value.get("@odata.type"):
            known = ", ".join(f'"{kind.type_name}"' for kind in kinds)
            yield Finding(name, f'The kind is missing; set "@odata.type" to one of {known}.', _add_kind(body, name))


def _add_kind(body: dict[str, Any], name: str) -> Fix | None:
    """Return a fix that adds the kind, if only one kind has the given members."""
    value = body[name]
    meant = [kind for kind in _KINDS[name] if _get_own_members(kind) & value.keys()]
    if len(meant) != 1:
        return None
    try:
        Call.from_json_dict({name: {**value, "@odata.type": meant[0].type_name}})
    except InvalidCall:  # another rule names each invalid member
        return None

    def fix(call: Call) -> Call:
        body = call.to_json_dict()
        return Call.from_json_dict(body | {name: {"@odata.type": meant[0].type_name, **body[name]}})

    return fix


def _find_member_types(call: Call, version: ApiVersion) -> Iterator[Finding]:
    body = call.to_json_dict()
    for name, kinds in _KINDS.items():
        value = body.get(name) or {}
        for kind in kinds:
            if value.get("@odata.type") != kind.type_name:
                known = {member: value[member] for member in _get_own_members(kind) & value.keys()}
                yield from _find_invalid_members(kind, known, f"{name}.")
    for path, identities in _iterate_identity_sets(body):
        for who in identities.keys() - _get_own_members(IdentitySet):
            if not who.startswith("@"):
                for found in _find_invalid_members(IdentitySet, {"user": identities[who]}, ""):
                    yield Finding(f"{path}.{who}{found.field.removeprefix('user')}", found.message)


def _iterate_identity_sets(body: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    people = [("source", body.get("source"))]
    people += [(f"targets[{index}]", target) for index, target in enumerate(body.get("targets") or [])]
    sets = [(f"{path}.identity", (person or {}).get("identity")) for path, person in people]
    sets.append(("meetingInfo.organizer", (body.get("meetingInfo") or {}).get("organizer")))
    yield from ((path, value) for path, value in sets if isinstance(value, dict))


def _find_invalid_members(kind: type[Resource], value: dict[str, Any], prefix: str) -> Iterator[Finding]:
    try:
        kind.from_json_dict(value)
    except InvalidCall as error:
        for field, message in error.problems:
            yield Finding(f"{prefix}{field}", f"{message[:1].upper()}{message[1:]} Correct it, or remove it.")


def _get_own_members(kind: type[Resource]) -> set[str]:
    """Return Graph's names of the fields that a class adds to its base class, which does not check them."""
    base = kind.__mro__[1].model_fields  # type: ignore[attr-defined]
    return {field.alias or name for name, field in kind.model_fields.items() if name not in base}


MEMBER_RULES = (
    Rule("kind-missing", "error", "OData: a value of an abstract type has its type in @odata.type", _find_missing_kind),
    Rule(MEMBER_TYPE, "error", "Graph's resource pages: the types of the members", _find_member_types),
)


MAX_RINGING_SECONDS = 115
KNOWN_POLICIES = ("none", "noMissedCall", "disableForwardingExceptPhone", "disableForwarding", "preferSkypeForBusiness")
_CALL_PAGE = "Graph's resource page of the call"


def _find_missing_callback(call: Call, version: ApiVersion) -> Iterator[Finding]:
    if not call.callback_uri:
        yield Finding("callbackUri", "Without callbackUri the service cannot send notifications; give your https URL.")


def _find_insecure_callback(call: Call, version: ApiVersion) -> Iterator[Finding]:
    uri = call.callback_uri
    if uri and not _is_https(uri) and not is_loopback(uri):
        yield Finding(
            "callbackUri",
            "callbackUri must be a complete https URL, such as https://bot.example/calls.",
            _use_https(uri),
        )


def _find_loopback_callback(call: Call, version: ApiVersion) -> Iterator[Finding]:
    if call.callback_uri and is_loopback(call.callback_uri):
        yield Finding("callbackUri", "Only a simulator on this machine can reach it; Microsoft needs a public URL.")


def _find_missing_tenant(call: Call, version: ApiVersion) -> Iterator[Finding]:
    # Published calls to users and groups have no tenant; those that join a meeting have it in v1.0 alone.
    joins_meeting = call.meeting_info is not None and not call.targets
    if not call.tenant_id and joins_meeting and version.meeting_tenant_needed:
        known = _get_known_tenant(call)
        fix = set_field("tenant_id", known) if known else None
        yield Finding("tenantId", "Give the tenant of the call, as the examples of joining a meeting do.", fix)


def _find_ringing_time(call: Call, version: ApiVersion) -> Iterator[Finding]:
    seconds, field = call.ringing_timeout_in_seconds, "ringingTimeoutInSeconds"
    if seconds is not None and seconds > MAX_RINGING_SECONDS:
        message = f"A call rings for at most {MAX_RINGING_SECONDS} seconds; give {MAX_RINGING_SECONDS} or less."
        yield Finding(field, message, set_field("ringing_timeout_in_seconds", MAX_RINGING_SECONDS))
    elif seconds is not None and seconds < 1:
        yield Finding(field, "A call rings for at least 1 second; give 1 or more, or remove it.", remove_fields(field))


def _find_unknown_policies(call: Call, version: ApiVersion) -> Iterator[Finding]:
    for index, policy in enumerate(call.routing_policies or []):
        if policy not in KNOWN_POLICIES:
            message = f"Unknown routing policy; the documented ones are {', '.join(KNOWN_POLICIES)}."
            right = next((known for known in KNOWN_POLICIES if known.lower() == policy.strip().lower()), None)
            yield Finding(f"routingPolicies[{index}]", message, replace_word("routingPolicies", index, right))


def _find_fields_of_other_versions(call: Call, version: ApiVersion) -> Iterator[Finding]:
    names = [name for name in call.to_json_dict() if name in version.unknown]
    if names:
        message = f"{version.name} does not have {' and '.join(names)}, so it is not sent."
        yield Finding(names[0], message, remove_fields(*names))


def _find_peer_fields_of_meetings(call: Call, version: ApiVersion) -> Iterator[Finding]:
    meets = call.meeting_info is not None or call.chat_info is not None
    body = call.to_json_dict()
    for name in ("routingPolicies", "ringingTimeoutInSeconds"):
        if meets and body.get(name) and name not in version.unknown:
            yield Finding(name, f"{name} is for peer-to-peer calls; a meeting ignores it.", remove_fields(name))


def _find_whitespace(call: Call, version: ApiVersion) -> Iterator[Finding]:
    """Find whitespace that was pasted together with an id or a URL."""
    for path, value in iterate_texts(call.to_json_dict()):
        if value != value.strip() and path[-1] in _EXACT:
            yield Finding(
                format_path(path), "There is whitespace before or after the value; remove it.", _remove_whitespace
            )
            return


_EXACT = ("callbackUri", "tenantId", "id", "threadId", "messageId", "joinMeetingId", "passcode", "uri", "resourceId")


def iterate_texts(value: object, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Yield path and value of all texts in a body."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from iterate_texts(inner, (*path, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from iterate_texts(inner, (*path, index))


def _find_invisible(call: Call, version: ApiVersion) -> Iterator[Finding]:
    """Find characters that were pasted from a page, or that make a reader see another text."""
    for path, value in iterate_texts(call.to_json_dict()):
        if found := find_invisible(value):
            message = f"It has invisible characters ({', '.join(found)}), which can mislead a reader; remove them."
            yield Finding(format_path(path), message, _remove_invisible)


def _remove_invisible(call: Call) -> Call:
    def seen(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: seen(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [seen(inner) for inner in value]
        return strip_invisible(value) if isinstance(value, str) else value

    return Call.from_json_dict(seen(call.to_json_dict()))


def _remove_whitespace(call: Call) -> Call:
    return Call.from_json_dict(_strip_values(call.to_json_dict()))


def _strip_values(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _strip_values(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_strip_values(inner) for inner in value]
    return value.strip() if isinstance(value, str) and name in _EXACT else value


def _find_server_generated(call: Call, version: ApiVersion) -> Iterator[Finding]:
    names = [
        name
        for name, value in call.to_json_dict().items()
        # Published requests have the direction, which is the only possible one.
        if name in version.server_generated and (name, value) != ("direction", "outgoing")
    ]
    if names:
        message = f"The service sets {', '.join(names)} and ignores the value that is sent; remove it."
        yield Finding(names[0], message, remove_fields(*names))


def _is_https(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and uri == uri.strip()


def _use_https(uri: str) -> Fix | None:
    address = uri.strip()
    better = "https://" + address.partition("://")[2] if "://" in address else f"https://{address}"
    return set_field("callback_uri", better) if _is_https(better) and "." in better and " " not in better else None


def _get_known_tenant(call: Call) -> str | None:
    """Return the tenant of the meeting's organizer or of the caller, if the call has one."""
    meeting = call.meeting_info
    organizer = meeting.organizer if isinstance(meeting, OrganizerMeetingInfo) else None
    source = call.source.identity if call.source else None
    people = (organizer and organizer.user, source and source.application, source and source.application_instance)
    return next((person.tenant_id for person in people if person and person.tenant_id), None)


REQUEST_RULES = (
    Rule("callback-missing", "error", f"{_CALL_PAGE}: callbackUri", _find_missing_callback),
    Rule("callback-not-https", "error", f"{_CALL_PAGE}: callbackUri must be https", _find_insecure_callback),
    Rule("callback-loopback", "advice", "A loopback address is always the local machine", _find_loopback_callback),
    Rule("tenant-missing", "advice", f"{_CALL_PAGE}: tenantId", _find_missing_tenant),
    Rule("ringing-time", "error", f"{_CALL_PAGE}: ringingTimeoutInSeconds", _find_ringing_time),
    Rule("routing-policy-unknown", "advice", f"{_CALL_PAGE}: routingPolicies", _find_unknown_policies),
    Rule("not-in-version", "advice", f"{_CALL_PAGE} of each version, and its metadata", _find_fields_of_other_versions),
    Rule("peer-to-peer-only", "advice", f"{_CALL_PAGE}: peer to peer only", _find_peer_fields_of_meetings),
    Rule("surrounding-whitespace", "error", "Ids and URLs are compared character by character", _find_whitespace),
    Rule("invisible-characters", "advice", "Unicode Technical Report 36: visual spoofing", _find_invisible),
    Rule("server-generated", "advice", f"{_CALL_PAGE}: properties marked Server generated", _find_server_generated),
)


MAX_GROUP_CALL_USERS = 5
_CREATE_PAGE = "Graph's page Create call"
_CALLS_PAGE = "Graph's resource page of the call"


def _find_missing_targets(call: Call, version: ApiVersion) -> Iterator[Finding]:
    if not call.targets and call.meeting_info is None:
        yield Finding("targets", "The call has neither target nor meeting; add a target, or a meeting with its chat.")


def _find_chat_or_meeting_alone(call: Call, version: ApiVersion) -> Iterator[Finding]:
    if call.chat_info is not None and call.meeting_info is None:
        fix = remove_fields("chatInfo") if call.targets else None
        yield Finding("meetingInfo", "A chat alone is not a meeting; add meetingInfo, or remove chatInfo.", fix)
    if isinstance(call.meeting_info, OrganizerMeetingInfo) and call.chat_info is None:
        yield Finding("chatInfo", "A meeting of an organizer also needs the chat; add chatInfo with threadId.")


def _find_incomplete_meeting(call: Call, version: ApiVersion) -> Iterator[Finding]:
    meeting = call.meeting_info
    if isinstance(meeting, OrganizerMeetingInfo) and not any(one.id for _, one in _list_identities(meeting.organizer)):
        yield Finding("meetingInfo.organizer.user.id", "The organizer is missing; give the user's object id.")
    if isinstance(meeting, TokenMeetingInfo) and not meeting.token:
        yield Finding("meetingInfo.token", "The token of the meeting is missing; give it.")
    if isinstance(meeting, JoinMeetingIdMeetingInfo) and not meeting.join_meeting_id:
        yield Finding("meetingInfo.joinMeetingId", "The meeting id is missing; give the one in the invitation.")
    if call.chat_info is not None and call.meeting_info is not None and not call.chat_info.thread_id:
        yield Finding("chatInfo.threadId", "The chat is missing; give threadId, a part of the meeting's join link.")


def _find_targets_without_id(call: Call, version: ApiVersion) -> Iterator[Finding]:
    for index, target in enumerate(call.targets or []):
        people = _list_identities(target.identity)
        if not people:
            message = "The target has no identity; add a user or phone, or remove the target."
            yield Finding(f"targets[{index}].identity", message, _remove_target(call, index))
        for kind, identity in people:
            if not identity.id:
                wanted = "the number, such as +14255550100" if kind == "phone" else "the object id"
                message = f"The target has no id; give {wanted}."
                yield Finding(f"targets[{index}].identity.{kind}.id", message, _remove_target(call, index))


def _find_duplicate_targets(call: Call, version: ApiVersion) -> Iterator[Finding]:
    seen: set[tuple[str, str]] = set()
    for index, target in enumerate(call.targets or []):
        people = {(kind, one.id.lower()) for kind, one in _list_identities(target.identity) if one.id}
        if people & seen:
            message = "The call already has this target, and a target can be called only once; remove it."
            yield Finding(f"targets[{index}]", message, _remove_target(call, index))
        seen |= people


def _find_user_names(call: Call, version: ApiVersion) -> Iterator[Finding]:
    for index, target in enumerate(call.targets or []):
        user = target.identity.user if target.identity else None
        if user and user.id and "@" in user.id:
            message = "This is a sign-in name; give the object id of the user, which Microsoft Entra shows."
            yield Finding(f"targets[{index}].identity.user.id", message)


def _find_missing_caller(call: Call, version: ApiVersion) -> Iterator[Finding]:
    """Find a phone call without a caller; an application is sent as an application instance."""
    caller = [kind for kind, one in _list_identities(call.source.identity if call.source else None) if one.id]
    required = version.phone_caller
    if (
        required
        and any(_get_phone(target) for target in call.targets or [])
        and not {"application", required} & set(caller)
    ):
        message = f"Only an {required} with a phone number can call phones; give its object id as the source."
        yield Finding(f"source.identity.{required}.id", message)


def _find_phone_formats(call: Call, version: ApiVersion) -> Iterator[Finding]:
    for index, target in enumerate(call.targets or []):
        number = _get_phone(target)
        if number and not E164.fullmatch(number):
            field = f"targets[{index}].identity.phone.id"
            message = "Give the number in E.164 format: a plus, country code and digits, such as +14255550100."
            yield Finding(field, message, _format_number(index, number))


def _find_too_many_targets(call: Call, version: ApiVersion) -> Iterator[Finding]:
    count, limit = len(call.targets or []), version.most_targets
    if count > limit:
        message = f"{count} targets are too many; a call can have {limit}. Invite the others later."
        yield Finding("targets", message, _keep_targets(limit))


def _find_too_many_users(call: Call, version: ApiVersion) -> Iterator[Finding]:
    count, limit = len(call.targets or []), MAX_GROUP_CALL_USERS
    if call.meeting_info is not None and limit < count <= version.most_targets and _count_users(call) > limit:
        message = f"A group call starts with at most {limit} users; invite the others later."
        yield Finding("targets", message, _keep_targets(limit))


def _count_users(call: Call) -> int:
    return sum(1 for target in call.targets or [] if target.identity and target.identity.user)


def _keep_targets(count: int) -> Fix:
    return make_fix(lambda call: setattr(call, "targets", (call.targets or [])[:count]))


def _remove_target(call: Call, index: int) -> Fix | None:
    """Return a fix that removes a target, unless it is the only one."""

    def change(call: Call) -> None:
        call.targets = [target for at, target in enumerate(call.targets or []) if at != index]

    return make_fix(change) if len(call.targets or []) > 1 else None


def _find_encoded_thread(call: Call, version: ApiVersion) -> Iterator[Finding]:
    thread = call.chat_info.thread_id if call.chat_info else None
    if thread and not is_join_url(thread) and "%3a" in thread.lower():
        message = "This thread id is URL-encoded; write it as 19:meeting_…@thread.v2."
        yield Finding("chatInfo.threadId", message, _set_chat_field("thread_id", unquote(thread)))


def _find_link_as_thread(call: Call, version: ApiVersion) -> Iterator[Finding]:
    thread = call.chat_info.thread_id if call.chat_info else None
    if thread and (is_join_url(thread) or ("://" in thread and "/meet/" in thread)):
        message = "This is a join link; its parts belong into chatInfo and meetingInfo."
        yield Finding("chatInfo.threadId", message, read_link(thread))


def read_link(link: str) -> Fix | None:
    """Return a fix that replaces meeting and chat by those of a link; ``None`` if it does not lead to a meeting."""
    try:
        meeting = read_meeting_link(link)
    except InvalidCall:
        return None

    def change(call: Call) -> None:
        call.meeting_info = meeting.meeting_info
        call.chat_info = meeting.chat_info
        if meeting.chat_info is None:
            call.model_fields_set.discard("chat_info")

    return make_fix(change)


def _find_missing_message(call: Call, version: ApiVersion) -> Iterator[Finding]:
    chat = call.chat_info
    if chat and chat.thread_id and not chat.message_id and call.meeting_info is not None:
        message = 'The message that began the meeting is missing; outside of channels it is "0".'
        yield Finding("chatInfo.messageId", message, _set_chat_field("message_id", "0"))


def _find_missing_organizer_tenant(call: Call, version: ApiVersion) -> Iterator[Finding]:
    meeting = call.meeting_info
    user = meeting.organizer.user if isinstance(meeting, OrganizerMeetingInfo) and meeting.organizer else None
    if user and user.id and not user.tenant_id:
        message = "The tenant of the organizer is missing; all examples of Microsoft have it."
        yield Finding("meetingInfo.organizer.user.tenantId", message, _set_organizer_tenant(call.tenant_id))


def _set_organizer_tenant(tenant_id: str | None) -> Fix | None:
    def change(call: Call) -> None:
        meeting = call.meeting_info
        if isinstance(meeting, OrganizerMeetingInfo) and meeting.organizer and meeting.organizer.user:
            meeting.organizer.user.tenant_id = tenant_id

    return make_fix(change) if tenant_id else None


def _set_chat_field(name: str, value: str) -> Fix:
    return make_fix(lambda call: setattr(call.chat_info, name, value))


def _list_identities(identities: IdentitySet | None) -> list[tuple[str, Identity]]:
    """Return kind and identity of each member of an identity set, unknown kinds included."""
    found = []
    for kind, value in (identities.to_json_dict() if identities else {}).items():
        if isinstance(value, dict):
            id_ = value.get("id")
            found.append((kind, Identity(id=id_ if isinstance(id_, str) else None)))
    return found


def _get_phone(target: ParticipantInfo) -> str | None:
    phone = target.identity.phone if target.identity else None
    return phone.id if phone else None


def _format_number(index: int, number: str) -> Fix | None:
    seen = strip_invisible(number).strip()
    digits = re.sub(r"(?<=\d)\(0\)|[\s\-./()\u2010-\u2015\u00a0]|^tel:", "", seen, flags=re.IGNORECASE)
    better = re.sub(r"^00", "+", digits)
    if not E164.fullmatch(better):
        return None

    def change(call: Call) -> None:
        target = (call.targets or [])[index]
        if target.identity and target.identity.phone:
            target.identity.phone.id = better

    return make_fix(change)


TARGET_RULES = (
    Rule("target-missing", "error", f"{_CREATE_PAGE}: targets, or meetingInfo with chatInfo", _find_missing_targets),
    Rule(
        "chat-or-meeting-missing",
        "error",
        f"{_CREATE_PAGE}: chatInfo goes with meetingInfo",
        _find_chat_or_meeting_alone,
    ),
    Rule("meeting-incomplete", "error", "Graph's resource pages of meetingInfo and chatInfo", _find_incomplete_meeting),
    Rule("target-without-id", "error", "Graph's resource page of the identity", _find_targets_without_id),
    Rule("phone-not-e164", "error", f"{_CREATE_PAGE}: phone ids are in E.164", _find_phone_formats),
    Rule(
        "target-twice",
        "error",
        "Graph's resource page of the call: targets",
        _find_duplicate_targets,
    ),
    Rule("user-by-name", "advice", "Graph's resource page of the identity: id", _find_user_names),
    Rule("phone-without-caller", "error", f"{_CREATE_PAGE}: PSTN needs an application instance", _find_missing_caller),
    Rule("too-many-targets", "error", "Graph's pages on simultaneous ring and group calls", _find_too_many_targets),
    Rule("too-many-in-group", "advice", f"{_CREATE_PAGE}: group calls start with 5 users", _find_too_many_users),
    Rule("thread-is-link", "error", f"{_CALLS_PAGE}: parts of a join link", _find_link_as_thread),
    Rule("thread-encoded", "error", f"{_CALLS_PAGE}: parts of a join link", _find_encoded_thread),
    Rule("message-missing", "advice", f"{_CALLS_PAGE}: chatInfo of a join link", _find_missing_message),
    Rule(
        "organizer-without-tenant", "advice", f"{_CREATE_PAGE}: organizer of a meeting", _find_missing_organizer_tenant
    ),
)


MODALITIES = ("unknown", "audio", "video", "screenSharing", "videoBasedScreenSharing", "data")
_MEDIA_PAGE = "Graph's resource pages of mediaConfig"


def _find_missing_required_media(call: Call, version: ApiVersion) -> Iterator[Finding]:
    if call.media_config is None and version.media_needed:
        message = "This version requires mediaConfig; let the service host the media."
        yield Finding("mediaConfig", message, set_field("media_config", ServiceHostedMediaConfig()))


def _find_media_kind(call: Call, version: ApiVersion) -> Iterator[Finding]:
    kind = (call.media_config.odata_type or "").rpartition(".")[2] if call.media_config else ""
    if kind and kind not in version.media_configs:
        message = f"This version does not have {kind}; choose from {', '.join(version.media_configs)}."
        yield Finding("mediaConfig", message, set_field("media_config", ServiceHostedMediaConfig()))


def _find_missing_media(call: Call, version: ApiVersion) -> Iterator[Finding]:
    if call.media_config is None and not version.media_needed:
        message = "Without mediaConfig a call cannot play or record; let the service host the media."
        yield Finding("mediaConfig", message, set_field("media_config", ServiceHostedMediaConfig()))


def _find_missing_blob(call: Call, version: ApiVersion) -> Iterator[Finding]:
    # Published requests of v1.0 have no blob, so only the version of 2018 needs it.
    is_needed = not version.media_needed
    if is_needed and isinstance(call.media_config, AppHostedMediaConfig) and not call.media_config.blob:
        message = (
            "Media hosted by the application need the blob of Microsoft's media library; "
            "give it, or let the service host the media."
        )
        yield Finding("mediaConfig.blob", message, set_field("media_config", ServiceHostedMediaConfig()))


def _find_empty_modalities(call: Call, version: ApiVersion) -> Iterator[Finding]:
    if call.requested_modalities == [] and not isinstance(call.media_config, NoMediaConfig):
        message = "An empty list requests a call without media; add audio, or remove the list."
        yield Finding("requestedModalities", message, set_field("requested_modalities", ["audio"]))


def _find_unknown_modalities(call: Call, version: ApiVersion) -> Iterator[Finding]:
    spelled = {name.lower(): name for name in MODALITIES}
    for index, name in enumerate(call.requested_modalities or []):
        if name not in MODALITIES:
            fix = replace_word("requestedModalities", index, spelled.get(name.strip().lower()))
            message = f"Unknown modality; the documented ones are {', '.join(MODALITIES)}."
            yield Finding(f"requestedModalities[{index}]", message, fix)


def _list_sounds(call: Call) -> list[MediaInfo]:
    media = call.media_config
    return (media.pre_fetch_media or []) if isinstance(media, ServiceHostedMediaConfig) else []


def _find_sounds_without_uri(call: Call, version: ApiVersion) -> Iterator[Finding]:
    for index, sound in enumerate(_list_sounds(call)):
        if not sound.uri:
            field = f"mediaConfig.preFetchMedia[{index}].uri"
            message = "This sound has no URL; give the https URL of a WAV file, or remove the sound."
            yield Finding(field, message, _remove_sound(index))


def _find_insecure_sounds(call: Call, version: ApiVersion) -> Iterator[Finding]:
    for index, sound in enumerate(_list_sounds(call)):
        if sound.uri and not sound.uri.startswith("https://"):
            better = f"https://{sound.uri[7:]}" if sound.uri.startswith("http://") else None
            fix = _set_sound_field(index, "uri", better) if better else None
            field = f"mediaConfig.preFetchMedia[{index}].uri"
            yield Finding(field, "Microsoft fetches sounds over https only; give the https URL of a WAV file.", fix)


def _find_sounds_without_key(call: Call, version: ApiVersion) -> Iterator[Finding]:
    for index, sound in enumerate(_list_sounds(call)):
        if sound.uri and not sound.resource_id:
            # The key depends on the URL only, so a second fix gives the same key.
            key = str(uuid5(NAMESPACE_URL, sound.uri))
            message = "Without resourceId the sound is fetched again each time; give it a GUID."
            fix = _set_sound_field(index, "resource_id", key)
            yield Finding(f"mediaConfig.preFetchMedia[{index}].resourceId", message, fix)


def _set_sound_field(index: int, name: str, value: str) -> Fix:
    return make_fix(lambda call: setattr(_list_sounds(call)[index], name, value))


def _remove_sound(index: int) -> Fix:
    def change(call: Call) -> None:
        if isinstance(call.media_config, ServiceHostedMediaConfig):
            call.media_config.pre_fetch_media = [sound for at, sound in enumerate(_list_sounds(call)) if at != index]

    return make_fix(change)


MEDIA_RULES = (
    Rule("media-needed", "error", "Graph's page Create call: mediaConfig is required", _find_missing_required_media),
    Rule("media-kind-unknown", "error", f"{_MEDIA_PAGE}: kinds of each version", _find_media_kind),
    Rule("media-missing", "advice", f"{_MEDIA_PAGE}: newer versions require it", _find_missing_media),
    Rule("blob-missing", "error", f"{_MEDIA_PAGE}: appHostedMediaConfig.blob", _find_missing_blob),
    Rule("modalities-empty", "advice", "Graph's page Create call: joining without media", _find_empty_modalities),
    Rule("modality-unknown", "advice", "Graph's resource page of the call: modalities", _find_unknown_modalities),
    Rule("sound-without-uri", "error", "Graph's resource page of mediaInfo: uri", _find_sounds_without_uri),
    Rule("sound-not-https", "error", "Graph's resource page of mediaInfo: uri", _find_insecure_sounds),
    Rule("sound-without-key", "advice", "Graph's resource page of mediaInfo: resourceId", _find_sounds_without_key),
)
