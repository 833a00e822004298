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
from .join_url import is_join_url, read_join_url
from .models import (
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
class LintResult:
    """One thing to fix in a call.

    Attributes
    ----------
    field : path of the field in Graph's names, for example ``targets[0].identity.phone.id``
    message : what is wrong, and what to do
    source : where that is written, in words
    fix : returns a fixed copy of a call and leaves the call as it is; ``None`` where only a person can know
    level : ``"error"`` when the service refuses the call, ``"advice"`` when it may not do what was meant
    rule : name of the rule
    """

    field: str
    message: str
    source: str
    # A function says nothing about whether two pieces of advice are the same.
    fix: Fix | None = dataclasses.field(default=None, compare=False, repr=False)
    level: Level = "error"
    rule: str = ""


@dataclass(frozen=True)
class Finding:
    """What a rule found: where, what to say, how to fix it."""

    field: str
    message: str
    fix: Fix | None = None


@dataclass(frozen=True)
class Rule:
    """One rule: ``check`` is pure and yields a finding for each place where the rule is broken."""

    name: str
    level: Level
    source: str
    check: Callable[[Call, ApiVersion], Iterable[Finding]]

    def advice(self, found: Finding) -> LintResult:
        return LintResult(found.field, found.message, self.source, found.fix, self.level, self.name)


def changed(change: Callable[[Call], None]) -> Fix:
    """A fix from a function that changes a call in place: it is given a copy."""

    def fix(call: Call) -> Call:
        copy = call.model_copy(deep=True)
        change(copy)
        return copy

    return fix


def assign(name: str, value: object) -> Fix:
    """A fix that sets one field of the call."""
    return changed(lambda call: setattr(call, name, value))


def without(*names: str) -> Fix:
    """A fix that leaves fields out, given in Graph's names; a field that is not there is no error."""

    def fix(call: Call) -> Call:
        return Call.from_json_dict({key: value for key, value in call.to_json_dict().items() if key not in names})

    return fix


def respell(name: str, index: int, right: str | None) -> Fix:
    """A fix of one entry of a list of words (in Graph's name): the right word, or none where nobody can know it."""

    def fix(call: Call) -> Call:
        body = call.to_json_dict()
        words = list(body.pop(name, []))
        words[index : index + 1] = [right] if right and right not in words else []
        # An empty list says something else than none.
        return Call.from_json_dict(body | ({name: words} if words else {}))

    return fix


MEMBER_TYPE = "member-type"
_KINDS: dict[str, tuple[type[Resource], ...]] = {
    "mediaConfig": (ServiceHostedMediaConfig, AppHostedMediaConfig),
    "meetingInfo": (OrganizerMeetingInfo, TokenMeetingInfo, JoinMeetingIdMeetingInfo),
}


def _kind_missing(call: Call, version: ApiVersion) -> Iterator[Finding]:
    body = call.to_json_dict()
    for name, kinds in _KINDS.items():
        value = body.get(name)
        if isinstance(value, dict) and not value.get("@odata.type"):
            known = ", ".join(f'"{kind.type_name}"' for kind in kinds)
            yield Finding(name, f'Say of which kind it is: give "@odata.type", one of {known}.', _named(body, name))


def _named(body: dict[str, Any], name: str) -> Fix | None:
    """A fix that says the kind, where the members leave one only."""
    value = body[name]
    meant = [kind for kind in _KINDS[name] if _members(kind) & value.keys()]
    if len(meant) != 1:
        return None
    try:
        Call.from_json_dict({name: {**value, "@odata.type": meant[0].type_name}})
    except InvalidCall:  # its members are wrong: they are named one by one
        return None

    def fix(call: Call) -> Call:
        body = call.to_json_dict()
        return Call.from_json_dict(body | {name: {"@odata.type": meant[0].type_name, **body[name]}})

    return fix


def _member_types(call: Call, version: ApiVersion) -> Iterator[Finding]:
    body = call.to_json_dict()
    for name, kinds in _KINDS.items():
        value = body.get(name) or {}
        for kind in kinds:
            if value.get("@odata.type") != kind.type_name:
                known = {member: value[member] for member in _members(kind) & value.keys()}
                yield from _misread(kind, known, f"{name}.")
    for path, identities in _identity_sets(body):
        for who in identities.keys() - _members(IdentitySet):
            if not who.startswith("@"):
                for found in _misread(IdentitySet, {"user": identities[who]}, ""):
                    yield Finding(f"{path}.{who}{found.field.removeprefix('user')}", found.message)


def _identity_sets(body: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    people = [("source", body.get("source"))]
    people += [(f"targets[{index}]", target) for index, target in enumerate(body.get("targets") or [])]
    sets = [(f"{path}.identity", (person or {}).get("identity")) for path, person in people]
    sets.append(("meetingInfo.organizer", (body.get("meetingInfo") or {}).get("organizer")))
    yield from ((path, value) for path, value in sets if isinstance(value, dict))


def _misread(kind: type[Resource], value: dict[str, Any], prefix: str) -> Iterator[Finding]:
    try:
        kind.from_json_dict(value)
    except InvalidCall as error:
        for field, message in error.problems:
            yield Finding(f"{prefix}{field}", f"{message[:1].upper()}{message[1:]} Correct it, or leave it out.")


def _members(kind: type[Resource]) -> set[str]:
    """The names that a class has and its base has not: those that the base does not check."""
    base = kind.__mro__[1].model_fields  # type: ignore[attr-defined]
    return {field.alias or name for name, field in kind.model_fields.items() if name not in base}


MEMBER_RULES = (
    Rule("kind-missing", "error", "OData: an abstract type says which it is, in @odata.type", _kind_missing),
    Rule(MEMBER_TYPE, "error", "Graph's resource pages: the types of the members", _member_types),
)


LONGEST_RINGING = 115
KNOWN_POLICIES = ("none", "noMissedCall", "disableForwardingExceptPhone", "disableForwarding", "preferSkypeForBusiness")
_CALL_PAGE = "Graph's resource page of the call"


def _callback_missing(call: Call, version: ApiVersion) -> Iterator[Finding]:
    if not call.callback_uri:
        yield Finding("callbackUri", "Without callbackUri no notification can be sent; give your https address.")


def _callback_not_https(call: Call, version: ApiVersion) -> Iterator[Finding]:
    uri = call.callback_uri
    if uri and not _is_https(uri) and not is_loopback(uri):
        yield Finding(
            "callbackUri",
            "callbackUri must be a whole https address, such as https://bot.example/calls.",
            _secured(uri),
        )


def _callback_loopback(call: Call, version: ApiVersion) -> Iterator[Finding]:
    if call.callback_uri and is_loopback(call.callback_uri):
        yield Finding("callbackUri", "Only a simulator on this machine can reach it; Microsoft needs a public address.")


def _tenant_missing(call: Call, version: ApiVersion) -> Iterator[Finding]:
    if not call.tenant_id:
        known = _tenant_inside(call)
        fix = assign("tenant_id", known) if known else None
        yield Finding("tenantId", "Give the tenant the call is made in; Microsoft's newer examples all do.", fix)


def _ringing_time(call: Call, version: ApiVersion) -> Iterator[Finding]:
    seconds, field = call.ringing_timeout_in_seconds, "ringingTimeoutInSeconds"
    if seconds is not None and seconds > LONGEST_RINGING:
        message = f"A call rings for {LONGEST_RINGING} seconds at most; give {LONGEST_RINGING} or less."
        yield Finding(field, message, assign("ringing_timeout_in_seconds", LONGEST_RINGING))
    elif seconds is not None and seconds < 1:
        yield Finding(field, "A call rings for a second at least; give 1 or more, or leave it out.", without(field))


def _routing_policies(call: Call, version: ApiVersion) -> Iterator[Finding]:
    for index, policy in enumerate(call.routing_policies or []):
        if policy not in KNOWN_POLICIES:
            message = f"No such policy is documented; the known ones are {', '.join(KNOWN_POLICIES)}."
            right = next((known for known in KNOWN_POLICIES if known.lower() == policy.strip().lower()), None)
            yield Finding(f"routingPolicies[{index}]", message, respell("routingPolicies", index, right))


def _not_in_version(call: Call, version: ApiVersion) -> Iterator[Finding]:
    names = [name for name in call.to_json_dict() if name in version.unknown]
    if names:
        message = f"{version.name} has no {' and no '.join(names)}; it is not sent."
        yield Finding(names[0], message, without(*names))


def _only_for_two(call: Call, version: ApiVersion) -> Iterator[Finding]:
    """What only a call between two may have."""
    meets = call.meeting_info is not None or call.chat_info is not None
    body = call.to_json_dict()
    for name in ("routingPolicies", "ringingTimeoutInSeconds"):
        if meets and body.get(name) and name not in version.unknown:
            yield Finding(name, f"{name} is for calls between two; a meeting takes no notice of it.", without(name))


def _stray_blanks(call: Call, version: ApiVersion) -> Iterator[Finding]:
    """Blanks that came along when an id or address was pasted."""
    for path, value in _texts(call.to_json_dict()):
        if value != value.strip() and path.rpartition(".")[2] in _EXACT:
            yield Finding(path, "There are blanks before or after it; take them away.", _strip)
            return


_EXACT = ("callbackUri", "tenantId", "id", "threadId", "messageId", "joinMeetingId", "passcode", "uri", "resourceId")


def _texts(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """(path, text) of all texts in a body."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _texts(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, f"{path}[{index}]")


def _unseen(call: Call, version: ApiVersion) -> Iterator[Finding]:
    """What came along from a page or an address book, or was put there so that something else is read."""
    for path, value in _texts(call.to_json_dict()):
        if found := find_invisible(value):
            message = f"Nobody sees {', '.join(found)} in it, and what is read may be something else; take it away."
            yield Finding(path, message, _all_seen)


def _all_seen(call: Call) -> Call:
    def seen(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: seen(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [seen(inner) for inner in value]
        return strip_invisible(value) if isinstance(value, str) else value

    return Call.from_json_dict(seen(call.to_json_dict()))


def _strip(call: Call) -> Call:
    return Call.from_json_dict(_stripped(call.to_json_dict()))


def _stripped(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _stripped(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_stripped(inner) for inner in value]
    return value.strip() if isinstance(value, str) and name in _EXACT else value


def _server_generated(call: Call, version: ApiVersion) -> Iterator[Finding]:
    names = [name for name in call.to_json_dict() if name in version.server_generated]
    if names:
        message = f"The service sets {', '.join(names)} itself and ignores what is sent; leave it out."
        yield Finding(names[0], message, without(*names))


def _is_https(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and uri == uri.strip()


def _secured(uri: str) -> Fix | None:
    address = uri.strip()
    better = "https://" + address.partition("://")[2] if "://" in address else f"https://{address}"
    return assign("callback_uri", better) if _is_https(better) and "." in better and " " not in better else None


def _tenant_inside(call: Call) -> str | None:
    """A tenant that the call names elsewhere: the meeting's organizer's, else the caller's."""
    meeting = call.meeting_info
    organizer = meeting.organizer if isinstance(meeting, OrganizerMeetingInfo) else None
    source = call.source.identity if call.source else None
    people = (organizer and organizer.user, source and source.application, source and source.application_instance)
    return next((person.tenant_id for person in people if person and person.tenant_id), None)


REQUEST_RULES = (
    Rule("callback-missing", "error", f"{_CALL_PAGE}: callbackUri", _callback_missing),
    Rule("callback-not-https", "error", f"{_CALL_PAGE}: callbackUri must be https", _callback_not_https),
    Rule("callback-loopback", "advice", "A loopback address is the same machine for everybody", _callback_loopback),
    Rule("tenant-missing", "advice", f"{_CALL_PAGE}: tenantId", _tenant_missing),
    Rule("ringing-time", "error", f"{_CALL_PAGE}: ringingTimeoutInSeconds", _ringing_time),
    Rule("routing-policy-unknown", "advice", f"{_CALL_PAGE}: routingPolicies", _routing_policies),
    Rule("not-in-version", "advice", f"{_CALL_PAGE} of each version, and its metadata", _not_in_version),
    Rule("only-for-two", "advice", f"{_CALL_PAGE}: peer to peer only", _only_for_two),
    Rule("stray-blanks", "error", "Ids and addresses are compared letter by letter", _stray_blanks),
    Rule("unseen-characters", "advice", "Unicode's report 36: text that is read as another", _unseen),
    Rule("server-generated", "advice", f"{_CALL_PAGE}: properties marked Server generated", _server_generated),
)


MOST_USERS_OF_A_GROUP_CALL = 5
_E164 = re.compile(r"\+[1-9]\d{1,14}")
_CREATE_PAGE = "Graph's page Create call"
_CALLS_PAGE = "Graph's resource page of the call"


def _nobody(call: Call, version: ApiVersion) -> Iterator[Finding]:
    if not call.targets and call.meeting_info is None:
        yield Finding("targets", "Nobody is called and no meeting is joined; add a target, or a meeting with its chat.")


def _meeting_half_given(call: Call, version: ApiVersion) -> Iterator[Finding]:
    if call.chat_info is not None and call.meeting_info is None:
        fix = without("chatInfo") if call.targets else None
        yield Finding("meetingInfo", "A chat alone names no meeting; add meetingInfo, or leave chatInfo out.", fix)
    if isinstance(call.meeting_info, OrganizerMeetingInfo) and call.chat_info is None:
        yield Finding("chatInfo", "A meeting known by its organizer needs the chat too; add chatInfo with threadId.")


def _meeting_incomplete(call: Call, version: ApiVersion) -> Iterator[Finding]:
    meeting = call.meeting_info
    if isinstance(meeting, OrganizerMeetingInfo) and not any(one.id for _, one in _people(meeting.organizer)):
        yield Finding("meetingInfo.organizer.user.id", "Say who organizes the meeting; give the user's object id.")
    if isinstance(meeting, TokenMeetingInfo) and not meeting.token:
        yield Finding("meetingInfo.token", "The meeting is known by a token; give it.")
    if isinstance(meeting, JoinMeetingIdMeetingInfo) and not meeting.join_meeting_id:
        yield Finding("meetingInfo.joinMeetingId", "Give the meeting id that stands in the invitation.")
    if call.chat_info is not None and call.meeting_info is not None and not call.chat_info.thread_id:
        yield Finding("chatInfo.threadId", "Say which chat; give threadId, which is in the meeting's join link.")


def _target_without_id(call: Call, version: ApiVersion) -> Iterator[Finding]:
    for index, target in enumerate(call.targets or []):
        people = _people(target.identity)
        if not people:
            message = "This target is nobody; give a user, a phone or the like, or leave it out."
            yield Finding(f"targets[{index}].identity", message, _without_target(call, index))
        for kind, identity in people:
            if not identity.id:
                wanted = "the number, such as +14255550100" if kind == "phone" else "the object id"
                message = f"This target has no id; give {wanted}."
                yield Finding(f"targets[{index}].identity.{kind}.id", message, _without_target(call, index))


def _target_twice(call: Call, version: ApiVersion) -> Iterator[Finding]:
    seen: set[tuple[str, str]] = set()
    for index, target in enumerate(call.targets or []):
        people = {(kind, one.id.lower()) for kind, one in _people(target.identity) if one.id}
        if people & seen:
            message = "This target is there already; nobody can be called twice at once. Leave it out."
            yield Finding(f"targets[{index}]", message, _without_target(call, index))
        seen |= people


def _user_by_name(call: Call, version: ApiVersion) -> Iterator[Finding]:
    for index, target in enumerate(call.targets or []):
        user = target.identity.user if target.identity else None
        if user and user.id and "@" in user.id:
            message = "This is a sign-in name; Graph calls a user by the object id, which Entra shows."
            yield Finding(f"targets[{index}].identity.user.id", message)


def _phone_without_caller(call: Call, version: ApiVersion) -> Iterator[Finding]:
    """A caller that is given as an application is written as an application instance by the version."""
    caller = [kind for kind, one in _people(call.source.identity if call.source else None) if one.id]
    needed = version.phone_caller
    if needed and any(_phone(target) for target in call.targets or []) and not {"application", needed} & set(caller):
        message = f"Only an {needed} with a phone number can call phones; give its object id as the source."
        yield Finding(f"source.identity.{needed}.id", message)


def _phone_not_e164(call: Call, version: ApiVersion) -> Iterator[Finding]:
    for index, target in enumerate(call.targets or []):
        number = _phone(target)
        if number and not _E164.fullmatch(number):
            field = f"targets[{index}].identity.phone.id"
            message = "Give the number in E.164: a plus, the country code, the number, only digits: +14255550100."
            yield Finding(field, message, _renumber(index, number))


def _too_many_targets(call: Call, version: ApiVersion) -> Iterator[Finding]:
    count, most = len(call.targets or []), version.most_targets
    if count > most:
        message = f"{count} targets are too many; {most} can be called at once. Invite the rest later."
        yield Finding("targets", message, _first_targets(most))


def _too_many_in_group(call: Call, version: ApiVersion) -> Iterator[Finding]:
    count, most = len(call.targets or []), MOST_USERS_OF_A_GROUP_CALL
    if call.meeting_info is not None and most < count <= version.most_targets and _users(call) > most:
        message = f"A group call starts with {most} users; invite the rest later."
        yield Finding("targets", message, _first_targets(most))


def _users(call: Call) -> int:
    return sum(1 for target in call.targets or [] if target.identity and target.identity.user)


def _first_targets(count: int) -> Fix:
    return changed(lambda call: setattr(call, "targets", (call.targets or [])[:count]))


def _without_target(call: Call, index: int) -> Fix | None:
    """A fix that leaves a target out; ``None`` where nobody would be left."""

    def change(call: Call) -> None:
        call.targets = [target for at, target in enumerate(call.targets or []) if at != index]

    return changed(change) if len(call.targets or []) > 1 else None


def _thread_encoded(call: Call, version: ApiVersion) -> Iterator[Finding]:
    thread = call.chat_info.thread_id if call.chat_info else None
    if thread and not is_join_url(thread) and "%3a" in thread.lower():
        message = "This is the thread id as it stands in a link; write it plainly, as 19:meeting_…@thread.v2."
        yield Finding("chatInfo.threadId", message, _set_in_chat("thread_id", unquote(thread)))


def _thread_is_link(call: Call, version: ApiVersion) -> Iterator[Finding]:
    thread = call.chat_info.thread_id if call.chat_info else None
    if thread and is_join_url(thread):
        message = "This is a whole join link; it holds the chat and the meeting, each with a field of its own."
        yield Finding("chatInfo.threadId", message, _joined_by(thread))


def _joined_by(link: str) -> Fix | None:
    try:
        chat, meeting = read_join_url(link)
    except InvalidCall:
        return None

    def change(call: Call) -> None:
        call.chat_info, call.meeting_info = chat, meeting

    return changed(change)


def _message_missing(call: Call, version: ApiVersion) -> Iterator[Finding]:
    chat = call.chat_info
    if chat and chat.thread_id and not chat.message_id and call.meeting_info is not None:
        message = 'Say which message began the meeting; for one that is no channel\'s it is "0".'
        yield Finding("chatInfo.messageId", message, _set_in_chat("message_id", "0"))


def _organizer_tenant(call: Call, version: ApiVersion) -> Iterator[Finding]:
    meeting = call.meeting_info
    user = meeting.organizer.user if isinstance(meeting, OrganizerMeetingInfo) and meeting.organizer else None
    if user and user.id and not user.tenant_id:
        message = "Say which tenant the organizer is of; all of Microsoft's examples do."
        yield Finding("meetingInfo.organizer.user.tenantId", message, _of_tenant(call.tenant_id))


def _of_tenant(tenant_id: str | None) -> Fix | None:
    def change(call: Call) -> None:
        meeting = call.meeting_info
        if isinstance(meeting, OrganizerMeetingInfo) and meeting.organizer and meeting.organizer.user:
            meeting.organizer.user.tenant_id = tenant_id

    return changed(change) if tenant_id else None


def _set_in_chat(name: str, value: str) -> Fix:
    return changed(lambda call: setattr(call.chat_info, name, value))


def _people(identities: IdentitySet | None) -> list[tuple[str, Identity]]:
    """(Graph's name of the kind, identity) of all in an identity set, kinds unknown to this version too."""
    found = []
    for kind, value in (identities.to_json_dict() if identities else {}).items():
        if isinstance(value, dict):
            id_ = value.get("id")
            found.append((kind, Identity(id=id_ if isinstance(id_, str) else None)))
    return found


def _phone(target: ParticipantInfo) -> str | None:
    phone = target.identity.phone if target.identity else None
    return phone.id if phone else None


def _renumber(index: int, number: str) -> Fix | None:
    seen = strip_invisible(number).strip()
    digits = re.sub(r"(?<=\d)\(0\)|[\s\-./()\u2010-\u2015\u00a0]|^tel:", "", seen, flags=re.IGNORECASE)
    better = re.sub(r"^00", "+", digits)
    if not _E164.fullmatch(better):
        return None

    def change(call: Call) -> None:
        target = (call.targets or [])[index]
        if target.identity and target.identity.phone:
            target.identity.phone.id = better

    return changed(change)


TARGET_RULES = (
    Rule("nobody-called", "error", f"{_CREATE_PAGE}: targets, or meetingInfo with chatInfo", _nobody),
    Rule("meeting-half-given", "error", f"{_CREATE_PAGE}: chatInfo and meetingInfo go together", _meeting_half_given),
    Rule("meeting-incomplete", "error", "Graph's resource pages of meetingInfo and chatInfo", _meeting_incomplete),
    Rule("target-without-id", "error", "Graph's resource page of the identity", _target_without_id),
    Rule("phone-not-e164", "error", f"{_CREATE_PAGE}: phone ids are in E.164", _phone_not_e164),
    Rule("target-twice", "error", "Graph's resource page of the call: no identity is invited twice", _target_twice),
    Rule("user-by-name", "advice", "Graph's resource page of the identity: id", _user_by_name),
    Rule("phone-without-caller", "error", f"{_CREATE_PAGE}: PSTN needs an application instance", _phone_without_caller),
    Rule("too-many-targets", "error", "Graph's pages on simultaneous ring and group calls", _too_many_targets),
    Rule("too-many-in-group", "advice", f"{_CREATE_PAGE}: group calls start with 5 users", _too_many_in_group),
    Rule("thread-is-link", "error", f"{_CALLS_PAGE}: what a join link holds", _thread_is_link),
    Rule("thread-encoded", "error", f"{_CALLS_PAGE}: what a join link holds", _thread_encoded),
    Rule("message-missing", "advice", f"{_CALLS_PAGE}: chatInfo of a join link", _message_missing),
    Rule("organizer-without-tenant", "advice", f"{_CREATE_PAGE}: organizer of a meeting", _organizer_tenant),
)


MODALITIES = ("unknown", "audio", "video", "screenSharing", "videoBasedScreenSharing", "data")
_MEDIA_PAGE = "Graph's resource pages of mediaConfig"


def _media_needed(call: Call, version: ApiVersion) -> Iterator[Finding]:
    if call.media_config is None and version.media_needed:
        message = "This version needs mediaConfig; say who handles the media, most simply the service."
        yield Finding("mediaConfig", message, assign("media_config", ServiceHostedMediaConfig()))


def _media_kind(call: Call, version: ApiVersion) -> Iterator[Finding]:
    kind = (call.media_config.odata_type or "").rpartition(".")[2] if call.media_config else ""
    if kind and kind not in version.media_configs:
        message = f"This version has no {kind}; the known ones are {', '.join(version.media_configs)}."
        yield Finding("mediaConfig", message, assign("media_config", ServiceHostedMediaConfig()))


def _media_missing(call: Call, version: ApiVersion) -> Iterator[Finding]:
    if call.media_config is None and not version.media_needed:
        message = "Say who handles the media; a call without mediaConfig hears nothing and plays nothing."
        yield Finding("mediaConfig", message, assign("media_config", ServiceHostedMediaConfig()))


def _blob_missing(call: Call, version: ApiVersion) -> Iterator[Finding]:
    if isinstance(call.media_config, AppHostedMediaConfig) and not call.media_config.blob:
        message = (
            "Media handled by the application need the blob that Microsoft's media library makes; "
            "give it, or let the service handle the media."
        )
        yield Finding("mediaConfig.blob", message, assign("media_config", ServiceHostedMediaConfig()))


def _modalities_empty(call: Call, version: ApiVersion) -> Iterator[Finding]:
    if call.requested_modalities == [] and not isinstance(call.media_config, NoMediaConfig):
        message = "An empty list asks for a call without media; name audio, or leave the list out."
        yield Finding("requestedModalities", message, assign("requested_modalities", ["audio"]))


def _modality_unknown(call: Call, version: ApiVersion) -> Iterator[Finding]:
    spelled = {name.lower(): name for name in MODALITIES}
    for index, name in enumerate(call.requested_modalities or []):
        if name not in MODALITIES:
            fix = respell("requestedModalities", index, spelled.get(name.strip().lower()))
            message = f"No such modality is documented; the known ones are {', '.join(MODALITIES)}."
            yield Finding(f"requestedModalities[{index}]", message, fix)


def _sounds(call: Call) -> list[MediaInfo]:
    media = call.media_config
    return (media.pre_fetch_media or []) if isinstance(media, ServiceHostedMediaConfig) else []


def _sound_without_uri(call: Call, version: ApiVersion) -> Iterator[Finding]:
    for index, sound in enumerate(_sounds(call)):
        if not sound.uri:
            field = f"mediaConfig.preFetchMedia[{index}].uri"
            message = "This sound has no address; give the https address of a WAV file, or leave the sound out."
            yield Finding(field, message, _without_sound(index))


def _sound_not_https(call: Call, version: ApiVersion) -> Iterator[Finding]:
    for index, sound in enumerate(_sounds(call)):
        if sound.uri and not sound.uri.startswith("https://"):
            better = f"https://{sound.uri[7:]}" if sound.uri.startswith("http://") else None
            fix = _set_sound(index, "uri", better) if better else None
            field = f"mediaConfig.preFetchMedia[{index}].uri"
            yield Finding(field, "Microsoft fetches the sound over https; give an https address of a WAV file.", fix)


def _sound_without_key(call: Call, version: ApiVersion) -> Iterator[Finding]:
    for index, sound in enumerate(_sounds(call)):
        if sound.uri and not sound.resource_id:
            # Named after its address, so that mending twice gives the same.
            key = str(uuid5(NAMESPACE_URL, sound.uri))
            message = "Without resourceId the sound is fetched anew each time; give it a GUID of its own."
            fix = _set_sound(index, "resource_id", key)
            yield Finding(f"mediaConfig.preFetchMedia[{index}].resourceId", message, fix)


def _set_sound(index: int, name: str, value: str) -> Fix:
    return changed(lambda call: setattr(_sounds(call)[index], name, value))


def _without_sound(index: int) -> Fix:
    def change(call: Call) -> None:
        if isinstance(call.media_config, ServiceHostedMediaConfig):
            call.media_config.pre_fetch_media = [sound for at, sound in enumerate(_sounds(call)) if at != index]

    return changed(change)


MEDIA_RULES = (
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
