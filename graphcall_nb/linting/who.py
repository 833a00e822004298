"""Rules about who is called and which meeting is joined."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..dialects import Dialect
from ..models import (
    Call,
    Identity,
    IdentitySet,
    JoinMeetingIdMeetingInfo,
    OrganizerMeetingInfo,
    ParticipantInfo,
    TokenMeetingInfo,
)
from .advice import Finding, Mend, Rule, changed

MOST_TARGETS = 25
MOST_USERS_OF_A_GROUP_CALL = 5
_E164 = re.compile(r"\+[1-9]\d{1,14}")
_CREATE_PAGE = "Graph's page Create call"


def _nobody(call: Call, dialect: Dialect) -> Iterator[Finding]:
    if not call.targets and call.meeting_info is None:
        yield Finding("targets", "Nobody is called and no meeting is joined; add a target, or a meeting with its chat.")


def _meeting_half_given(call: Call, dialect: Dialect) -> Iterator[Finding]:
    if call.chat_info is not None and call.meeting_info is None:
        yield Finding("meetingInfo", "A chat alone names no meeting; add meetingInfo, or leave chatInfo out.")
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
    if call.chat_info is not None and not call.chat_info.thread_id:
        yield Finding("chatInfo.threadId", "Say which chat; give threadId, which is in the meeting's join link.")


def _target_without_id(call: Call, dialect: Dialect) -> Iterator[Finding]:
    for index, target in enumerate(call.targets or []):
        people = _people(target.identity)
        if not people:
            yield Finding(f"targets[{index}].identity", "This target is nobody; give a user, a phone or the like.")
        for kind, identity in people:
            if not identity.id:
                wanted = "the number, such as +14255550100" if kind == "phone" else "the object id"
                yield Finding(f"targets[{index}].identity.{kind}.id", f"This target has no id; give {wanted}.")


def _phone_not_e164(call: Call, dialect: Dialect) -> Iterator[Finding]:
    for index, target in enumerate(call.targets or []):
        number = _phone(target)
        if number and not _E164.fullmatch(number):
            field = f"targets[{index}].identity.phone.id"
            message = "Give the number in E.164: a plus, the country code, the number, only digits: +14255550100."
            yield Finding(field, message, _renumber(index, number))


def _too_many_targets(call: Call, dialect: Dialect) -> Iterator[Finding]:
    count = len(call.targets or [])
    if count > MOST_TARGETS:
        yield Finding("targets", f"{count} targets are too many; {MOST_TARGETS} ring at once at most.")


def _too_many_in_group(call: Call, dialect: Dialect) -> Iterator[Finding]:
    users = sum(1 for target in call.targets or [] if target.identity and target.identity.user)
    if call.meeting_info is not None and users > MOST_USERS_OF_A_GROUP_CALL:
        yield Finding("targets", f"A group call starts with {MOST_USERS_OF_A_GROUP_CALL} users; invite the rest later.")


def _people(identities: IdentitySet | None) -> list[tuple[str, Identity]]:
    """(Graph's name of the kind, identity) of all in an identity set, kinds unknown to this version too."""
    found = []
    for kind, value in (identities.to_json_dict() if identities else {}).items():
        if isinstance(value, dict):
            found.append((kind, Identity.model_validate({"id": value.get("id")})))
    return found


def _phone(target: ParticipantInfo) -> str | None:
    phone = target.identity.phone if target.identity else None
    return phone.id if phone else None


def _renumber(index: int, number: str) -> Mend | None:
    digits = re.sub(r"(?<=\d)\(0\)|[\s\-./()\u2010-\u2015\u00a0]|^tel:", "", number.strip(), flags=re.IGNORECASE)
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
    Rule("too-many-targets", "error", "Graph's pages on simultaneous ring: 25 targets", _too_many_targets),
    Rule("too-many-in-group", "advice", f"{_CREATE_PAGE}: group calls start with 5 users", _too_many_in_group),
)
