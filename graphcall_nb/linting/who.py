"""Rules about who is called and which meeting is joined."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from ..dialects import Dialect
from ..errors import InvalidCall
from ..joinurl import is_join_url, read_join_url
from ..models import (
    Call,
    Identity,
    IdentitySet,
    JoinMeetingIdMeetingInfo,
    OrganizerMeetingInfo,
    ParticipantInfo,
    TokenMeetingInfo,
)
from ..unseen import without_unseen
from .advice import Finding, Mend, Rule, changed, without

MOST_USERS_OF_A_GROUP_CALL = 5
_E164 = re.compile(r"\+[1-9]\d{1,14}")
_CREATE_PAGE = "Graph's page Create call"
_CALLS_PAGE = "Graph's resource page of the call"


def _nobody(call: Call, dialect: Dialect) -> Iterator[Finding]:
    if not call.targets and call.meeting_info is None:
        yield Finding("targets", "Nobody is called and no meeting is joined; add a target, or a meeting with its chat.")


def _meeting_half_given(call: Call, dialect: Dialect) -> Iterator[Finding]:
    if call.chat_info is not None and call.meeting_info is None:
        mend = without("chatInfo") if call.targets else None
        yield Finding("meetingInfo", "A chat alone names no meeting; add meetingInfo, or leave chatInfo out.", mend)
    if isinstance(call.meeting_info, OrganizerMeetingInfo) and call.chat_info is None:
        yield Finding("chatInfo", "A meeting known by its organizer needs the chat too; add chatInfo with threadId.")


def _meeting_incomplete(call: Call, dialect: Dialect) -> Iterator[Finding]:
    meeting = call.meeting_info
    if isinstance(meeting, OrganizerMeetingInfo) and not any(one.id for _, one in _people(meeting.organizer)):
        yield Finding("meetingInfo.organizer.user.id", "Say who organizes the meeting; give the user's object id.")
    if isinstance(meeting, TokenMeetingInfo) and not meeting.token:
        yield Finding("meetingInfo.token", "The meeting is known by a token; give it.")
    if isinstance(meeting, JoinMeetingIdMeetingInfo) and not meeting.join_meeting_id:
        yield Finding("meetingInfo.joinMeetingId", "Give the meeting id that stands in the invitation.")
    if call.chat_info is not None and call.meeting_info is not None and not call.chat_info.thread_id:
        yield Finding("chatInfo.threadId", "Say which chat; give threadId, which is in the meeting's join link.")


def _target_without_id(call: Call, dialect: Dialect) -> Iterator[Finding]:
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


def _target_twice(call: Call, dialect: Dialect) -> Iterator[Finding]:
    seen: set[tuple[str, str]] = set()
    for index, target in enumerate(call.targets or []):
        people = {(kind, one.id.lower()) for kind, one in _people(target.identity) if one.id}
        if people & seen:
            message = "This target is there already; nobody can be called twice at once. Leave it out."
            yield Finding(f"targets[{index}]", message, _without_target(call, index))
        seen |= people


def _user_by_name(call: Call, dialect: Dialect) -> Iterator[Finding]:
    for index, target in enumerate(call.targets or []):
        user = target.identity.user if target.identity else None
        if user and user.id and "@" in user.id:
            message = "This is a sign-in name; Graph calls a user by the object id, which Entra shows."
            yield Finding(f"targets[{index}].identity.user.id", message)


def _phone_without_caller(call: Call, dialect: Dialect) -> Iterator[Finding]:
    """A caller that is given as an application is written as an application instance by the dialect."""
    caller = [kind for kind, one in _people(call.source.identity if call.source else None) if one.id]
    needed = dialect.phone_caller
    if needed and any(_phone(target) for target in call.targets or []) and not {"application", needed} & set(caller):
        message = f"Only an {needed} with a phone number can call phones; give its object id as the source."
        yield Finding(f"source.identity.{needed}.id", message)


def _phone_not_e164(call: Call, dialect: Dialect) -> Iterator[Finding]:
    for index, target in enumerate(call.targets or []):
        number = _phone(target)
        if number and not _E164.fullmatch(number):
            field = f"targets[{index}].identity.phone.id"
            message = "Give the number in E.164: a plus, the country code, the number, only digits: +14255550100."
            yield Finding(field, message, _renumber(index, number))


def _too_many_targets(call: Call, dialect: Dialect) -> Iterator[Finding]:
    count, most = len(call.targets or []), dialect.most_targets
    if count > most:
        message = f"{count} targets are too many; {most} can be called at once. Invite the rest later."
        yield Finding("targets", message, _first_targets(most))


def _too_many_in_group(call: Call, dialect: Dialect) -> Iterator[Finding]:
    count, most = len(call.targets or []), MOST_USERS_OF_A_GROUP_CALL
    if call.meeting_info is not None and most < count <= dialect.most_targets and _users(call) > most:
        message = f"A group call starts with {most} users; invite the rest later."
        yield Finding("targets", message, _first_targets(most))


def _users(call: Call) -> int:
    return sum(1 for target in call.targets or [] if target.identity and target.identity.user)


def _first_targets(count: int) -> Mend:
    return changed(lambda call: setattr(call, "targets", (call.targets or [])[:count]))


def _without_target(call: Call, index: int) -> Mend | None:
    """A mend that leaves a target out; ``None`` where nobody would be left."""

    def change(call: Call) -> None:
        call.targets = [target for at, target in enumerate(call.targets or []) if at != index]

    return changed(change) if len(call.targets or []) > 1 else None


def _thread_encoded(call: Call, dialect: Dialect) -> Iterator[Finding]:
    thread = call.chat_info.thread_id if call.chat_info else None
    if thread and not is_join_url(thread) and "%3a" in thread.lower():
        message = "This is the thread id as it stands in a link; write it plainly, as 19:meeting_…@thread.v2."
        yield Finding("chatInfo.threadId", message, _set_in_chat("thread_id", unquote(thread)))


def _thread_is_link(call: Call, dialect: Dialect) -> Iterator[Finding]:
    thread = call.chat_info.thread_id if call.chat_info else None
    if thread and is_join_url(thread):
        message = "This is a whole join link; it holds the chat and the meeting, each with a field of its own."
        yield Finding("chatInfo.threadId", message, _joined_by(thread))


def _joined_by(link: str) -> Mend | None:
    try:
        chat, meeting = read_join_url(link)
    except InvalidCall:
        return None

    def change(call: Call) -> None:
        call.chat_info, call.meeting_info = chat, meeting

    return changed(change)


def _message_missing(call: Call, dialect: Dialect) -> Iterator[Finding]:
    chat = call.chat_info
    if chat and chat.thread_id and not chat.message_id and call.meeting_info is not None:
        message = 'Say which message began the meeting; for one that is no channel\'s it is "0".'
        yield Finding("chatInfo.messageId", message, _set_in_chat("message_id", "0"))


def _organizer_tenant(call: Call, dialect: Dialect) -> Iterator[Finding]:
    meeting = call.meeting_info
    user = meeting.organizer.user if isinstance(meeting, OrganizerMeetingInfo) and meeting.organizer else None
    if user and user.id and not user.tenant_id:
        message = "Say which tenant the organizer is of; all of Microsoft's examples do."
        yield Finding("meetingInfo.organizer.user.tenantId", message, _of_tenant(call.tenant_id))


def _of_tenant(tenant_id: str | None) -> Mend | None:
    def change(call: Call) -> None:
        meeting = call.meeting_info
        if isinstance(meeting, OrganizerMeetingInfo) and meeting.organizer and meeting.organizer.user:
            meeting.organizer.user.tenant_id = tenant_id

    return changed(change) if tenant_id else None


def _set_in_chat(name: str, value: str) -> Mend:
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


def _renumber(index: int, number: str) -> Mend | None:
    seen = without_unseen(number).strip()
    digits = re.sub(r"(?<=\d)\(0\)|[\s\-./()\u2010-\u2015\u00a0]|^tel:", "", seen, flags=re.IGNORECASE)
    better = re.sub(r"^00", "+", digits)
    if not _E164.fullmatch(better):
        return None

    def change(call: Call) -> None:
        target = (call.targets or [])[index]
        if target.identity and target.identity.phone:
            target.identity.phone.id = better

    return changed(change)


RULES = (
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
