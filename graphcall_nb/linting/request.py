"""Rules about the request as a whole: callback, tenant, timing, what the service sets itself."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from ..dialects import Dialect
from ..models import Call, OrganizerMeetingInfo
from ..unseen import unseen_in, without_unseen
from .advice import Finding, Mend, Rule, assign, respell, without

LONGEST_RINGING = 115
KNOWN_POLICIES = ("none", "noMissedCall", "disableForwardingExceptPhone", "disableForwarding", "preferSkypeForBusiness")
_CALL_PAGE = "Graph's resource page of the call"


def _callback_missing(call: Call, dialect: Dialect) -> Iterator[Finding]:
    if not call.callback_uri:
        yield Finding("callbackUri", "Without callbackUri no notification can be sent; give your https address.")


def _callback_not_https(call: Call, dialect: Dialect) -> Iterator[Finding]:
    uri = call.callback_uri
    if uri and not _is_https(uri) and not is_loopback(uri):
        yield Finding(
            "callbackUri",
            "callbackUri must be a whole https address, such as https://bot.example/calls.",
            _secured(uri),
        )


def _callback_loopback(call: Call, dialect: Dialect) -> Iterator[Finding]:
    if call.callback_uri and is_loopback(call.callback_uri):
        yield Finding("callbackUri", "Only a simulator on this machine can reach it; Microsoft needs a public address.")


def _tenant_missing(call: Call, dialect: Dialect) -> Iterator[Finding]:
    if not call.tenant_id:
        known = _tenant_inside(call)
        mend = assign("tenant_id", known) if known else None
        yield Finding("tenantId", "Give the tenant the call is made in; Microsoft's newer examples all do.", mend)


def _ringing_time(call: Call, dialect: Dialect) -> Iterator[Finding]:
    seconds, field = call.ringing_timeout_in_seconds, "ringingTimeoutInSeconds"
    if seconds is not None and seconds > LONGEST_RINGING:
        message = f"A call rings for {LONGEST_RINGING} seconds at most; give {LONGEST_RINGING} or less."
        yield Finding(field, message, assign("ringing_timeout_in_seconds", LONGEST_RINGING))
    elif seconds is not None and seconds < 1:
        yield Finding(field, "A call rings for a second at least; give 1 or more, or leave it out.", without(field))


def _routing_policies(call: Call, dialect: Dialect) -> Iterator[Finding]:
    for index, policy in enumerate(call.routing_policies or []):
        if policy not in KNOWN_POLICIES:
            message = f"No such policy is documented; the known ones are {', '.join(KNOWN_POLICIES)}."
            right = next((known for known in KNOWN_POLICIES if known.lower() == policy.strip().lower()), None)
            yield Finding(f"routingPolicies[{index}]", message, respell("routingPolicies", index, right))


def _not_in_version(call: Call, dialect: Dialect) -> Iterator[Finding]:
    names = [name for name in call.to_json_dict() if name in dialect.unknown]
    if names:
        message = f"{dialect.name} has no {' and no '.join(names)}; it is not sent."
        yield Finding(names[0], message, without(*names))


def _only_for_two(call: Call, dialect: Dialect) -> Iterator[Finding]:
    """What only a call between two may have."""
    meets = call.meeting_info is not None or call.chat_info is not None
    body = call.to_json_dict()
    for name in ("routingPolicies", "ringingTimeoutInSeconds"):
        if meets and body.get(name) and name not in dialect.unknown:
            yield Finding(name, f"{name} is for calls between two; a meeting takes no notice of it.", without(name))


def _stray_blanks(call: Call, dialect: Dialect) -> Iterator[Finding]:
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


def _unseen(call: Call, dialect: Dialect) -> Iterator[Finding]:
    """What came along from a page or an address book, or was put there so that something else is read."""
    for path, value in _texts(call.to_json_dict()):
        if found := unseen_in(value):
            message = f"Nobody sees {', '.join(found)} in it, and what is read may be something else; take it away."
            yield Finding(path, message, _all_seen)


def _all_seen(call: Call) -> Call:
    def seen(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: seen(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [seen(inner) for inner in value]
        return without_unseen(value) if isinstance(value, str) else value

    return Call.from_json_dict(seen(call.to_json_dict()))


def _strip(call: Call) -> Call:
    return Call.from_json_dict(_stripped(call.to_json_dict()))


def _stripped(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _stripped(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_stripped(inner) for inner in value]
    return value.strip() if isinstance(value, str) and name in _EXACT else value


def _server_generated(call: Call, dialect: Dialect) -> Iterator[Finding]:
    names = [name for name in call.to_json_dict() if name in dialect.server_generated]
    if names:
        message = f"The service sets {', '.join(names)} itself and ignores what is sent; leave it out."
        yield Finding(names[0], message, without(*names))


def _is_https(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and uri == uri.strip()


def is_loopback(uri: str) -> bool:
    """Whether an address is of this machine, where a simulator takes plain http."""
    try:
        parts = urlsplit(uri)
        host = parts.hostname or ""
        return parts.scheme in ("http", "https") and (host == "localhost" or ip_address(host).is_loopback)
    except ValueError:
        return False


def _secured(uri: str) -> Mend | None:
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


RULES = (
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
