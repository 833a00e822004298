"""Scenarios as data: the events of a call, and how many seconds apart they are at speed 1."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .._arguments import require_choice
from . import result_codes
from .state_machine import Event, Result
from .states import EventName
from .versions import CallKind

FIRST_NOTIFICATION_SECONDS = 0.3
"""Delay of a call's first notification after its 201, so that the response arrives first."""

HANG_UP_SECONDS = 0.4
"""Duration of ``terminating``."""

JITTER = 0.15
"""Share by which each delay varies around its nominal value."""

RINGING_SECONDS = {1: 55.0, 2: 60.0}
"""Duration of ringing by default, by number of targets: one, or several."""


@dataclass(frozen=True, slots=True)
class Step:
    """An event of a scenario.

    Attributes
    ----------
    after : float or None
        Seconds after the step before; ``None`` for as long as the call may ring.
    phone_result : Result or None
        Result of a call to or from a phone, instead of ``result``.
    identities : tuple of identity sets
        Participants who join; empty for those that the call names.
    numbers : tuple of int
        Participants that the event concerns; empty for all.
    """

    after: float | None
    event: EventName
    result: Result | None = None
    phone_result: Result | None = None
    identities: tuple[Mapping[str, Any], ...] = ()
    numbers: tuple[int, ...] = ()
    flag: bool = True
    endpoint: str | None = None


Steps = tuple[Step, ...]

JOIN = Step(0.3, "join")
_RING = Step(0.8, "ring")
_ANSWERED: Steps = (_RING, Step(2.0, "connect"))
_JOINED: Steps = (Step(1.2, "connect"), JOIN)
_ACCEPTED: Steps = (Step(0.6, "connect"),)
_HANGS_UP: Steps = (
    Step(8.0, "hang_up"),
    Step(HANG_UP_SECONDS, "end", result_codes.CALLEE_HUNG_UP, result_codes.PHONE_HUNG_UP),
)
_ALL_LEAVE: Steps = (Step(6.0, "leave", numbers=(1, 2, 3, 4, 5)), Step(2.0, "end", result_codes.ALL_LEFT))
_DROPPED: Steps = (Step(6.0, "end", result_codes.NO_MEDIA),)
_HELD: Steps = (Step(4.0, "hold"), Step(5.0, "resume"))
_REMOVED: Steps = (Step(6.0, "end", result_codes.REMOVED),)
_IN_LOBBY: Steps = (Step(1.2, "connect"), Step(0.3, "lobby", numbers=(0,)))
_ADELE = {"user": {"displayName": "Adele Vance", "id": "87d349ed-44d7-43e1-9a83-5f2406dee5bd"}}
_GRADY = {"guest": {"displayName": "Grady Archie", "id": "0a5ae4a3-1c7d-4a17-9b73-8c2b3f6a6b12"}}
_CHANGES: Steps = (
    Step(3.0, "join", identities=(_ADELE,)),
    Step(2.0, "mute", numbers=(1,)),
    Step(2.0, "join", identities=(_GRADY,)),
    Step(2.0, "mute", numbers=(1,), flag=False),
    Step(2.0, "leave", numbers=(1,)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """The behavior of the other side and of the network.

    Attributes
    ----------
    description, teaches : str
        One line each: the behavior, and the lesson for a developer.
    peer, group, meeting : tuple of Step
        Steps of each kind of call after it was created.
    incoming : tuple of Step
        Steps of an incoming call after it was answered.
    transfer_failure, invitation_failure : Result or None
        Result of transfers and invitations that fail; ``None`` lets them succeed.
    tones : tuple of str
        Tones that the other side sends once the bot has subscribed to tones.
    callback_seconds : float or None
        Delay after which a callee who did not answer calls the bot.
    """

    description: str
    teaches: str
    peer: Steps = _ANSWERED
    group: Steps = _JOINED
    meeting: Steps = _JOINED
    incoming: Steps = _ACCEPTED
    transfer_failure: Result | None = None
    invitation_failure: Result | None = None
    tones: tuple[str, ...] = ()
    callback_seconds: float | None = None

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes and subcodes of its results, for example ``"487/10024"``."""
        steps = (*self.peer, *self.group, *self.meeting, *self.incoming)
        results = [each for step in steps for each in (step.result, step.phone_result)]
        results += [self.transfer_failure, self.invitation_failure]
        return tuple(dict.fromkeys(f"{each.code}/{each.subcode}" for each in results if each))


def _make_unjoined(after: float | None) -> Steps:
    """Return the steps of a group call that only the bot joins."""
    return (Step(1.2, "connect"), Step(after, "end", result_codes.NOT_JOINED))


def _make_unanswered(after: float | None, result: Result, *, rings: bool = True) -> Steps:
    """Return the steps of a call that ends with this result before it is answered."""
    return (*((_RING,) if rings else ()), Step(after, "end", result))


SCENARIOS: Mapping[str, Scenario] = {
    "answered": Scenario(
        description="The call is answered, and lasts until it is hung up.",
        teaches="The states of a successful call; only you (or a missing keepAlive) end it.",
    ),
    "declined": Scenario(
        description="The call rings and is declined; no participant joins a group call. A meeting is joined as usual.",
        teaches="A call may end without being established: wait for terminated too, and read its result.",
        peer=_make_unanswered(1.5, result_codes.DECLINED),
        group=_make_unjoined(2.0),
        invitation_failure=result_codes.DECLINED,
    ),
    "busy": Scenario(
        description="The callee is in another call, so nothing rings; no participant joins a group call.",
        teaches="Do not rely on ringing: a call can go from establishing to its end.",
        peer=_make_unanswered(0.9, result_codes.BUSY, rings=False),
        group=_make_unjoined(2.0),
        invitation_failure=result_codes.BUSY,
    ),
    "no_answer": Scenario(
        description="The call rings until its timeout; no participant joins a group call.",
        teaches="ringingTimeoutInSeconds is how long you wait; by default 55 seconds, 60 for several targets.",
        peer=_make_unanswered(None, result_codes.NO_ANSWER),
        group=_make_unjoined(None),
        invitation_failure=result_codes.NO_ANSWER,
    ),
    "ringing_timeout": Scenario(
        description="The call rings until its timeout, and no signal comes from the callee.",
        teaches="408 is not 487: the callee did not decline; the device did not respond.",
        peer=_make_unanswered(None, result_codes.NO_SIGNAL),
        group=_make_unjoined(None),
        invitation_failure=result_codes.NO_SIGNAL,
    ),
    "unreachable": Scenario(
        description="The callee is not signed in, so nothing rings.",
        teaches="480 means that an immediate retry will fail too.",
        peer=_make_unanswered(1.8, result_codes.UNREACHABLE, rings=False),
        group=_make_unjoined(2.0),
        invitation_failure=result_codes.UNREACHABLE,
    ),
    "voicemail": Scenario(
        description="Voicemail answers after 20 seconds and hangs up after half a minute.",
        teaches="established does not mean that a person is listening: check answeredBy.endpointType.",
        peer=(
            _RING,
            Step(20.0, "connect", endpoint="voicemail"),
            Step(30.0, "hang_up"),
            Step(HANG_UP_SECONDS, "end", result_codes.CALLEE_HUNG_UP, result_codes.PHONE_HUNG_UP),
        ),
    ),
    "dropped_media": Scenario(
        description="The call is established; a few seconds later its media connection breaks.",
        teaches="A live call can end at once, without terminating; be ready to call again.",
        peer=_ANSWERED + _DROPPED,
        group=_JOINED + _DROPPED,
        meeting=_JOINED + _DROPPED,
        incoming=_ACCEPTED + _DROPPED,
    ),
    "callee_hangs_up": Scenario(
        description="The callee talks for eight seconds and hangs up; in a group call all others leave.",
        teaches="The subcode tells who ended a call: 4521 the callee, 560000 a phone, 7000 you, 5010 all left.",
        peer=_ANSWERED + _HANGS_UP,
        group=_JOINED + _ALL_LEAVE,
        meeting=_JOINED + _ALL_LEAVE,
        incoming=_ACCEPTED + _HANGS_UP,
    ),
    "held": Scenario(
        description="The callee puts the call on hold for five seconds, then resumes it.",
        teaches="hold goes back to established: a call can be in the same state twice.",
        peer=_ANSWERED + _HELD,
        group=_JOINED + _HELD,
        meeting=_JOINED + _HELD,
        incoming=_ACCEPTED + _HELD,
    ),
    "removed_from_meeting": Scenario(
        description="A participant removes the application from the meeting or group call.",
        teaches="5300 is a person's decision: do not rejoin automatically.",
        group=_JOINED + _REMOVED,
        meeting=_JOINED + _REMOVED,
    ),
    "lobby_timeout": Scenario(
        description="The application waits in the lobby of the meeting for a minute and is not admitted.",
        teaches="established does not mean that you are in: check isInLobby of your own participant.",
        meeting=(*_IN_LOBBY, Step(60.0, "end", result_codes.LOBBY_TIMEOUT)),
    ),
    "admitted_from_lobby": Scenario(
        description="The application waits in the lobby of the meeting for ten seconds and is admitted.",
        teaches="Until you are admitted, you are the only participant in the roster.",
        meeting=(*_IN_LOBBY, Step(10.0, "lobby", numbers=(0,), flag=False), JOIN),
    ),
    "roster_changes": Scenario(
        description="In group calls and meetings, participants join, are muted and leave.",
        teaches="A roster notification is the whole list: participants missing from it have left.",
        group=_JOINED + _CHANGES,
        meeting=_JOINED + _CHANGES,
    ),
    "incoming": Scenario(
        description="The call is declined; a moment later the callee calls the application.",
        teaches="An incoming call waits 15 seconds for answer, reject or redirect; then it is missed.",
        peer=_make_unanswered(1.5, result_codes.DECLINED),
        group=_make_unjoined(2.0),
        callback_seconds=3.0,
    ),
    "transfer_completed": Scenario(
        description="The call is answered, and transferring it succeeds.",
        teaches="After a transfer your own call ends: subcode 7015 means success.",
    ),
    "transfer_failed": Scenario(
        description="The call is answered, and transferring it fails.",
        teaches="A call whose transfer failed is established again: keep talking to the caller.",
        transfer_failure=result_codes.TRANSFER_FAILED,
    ),
    "tones": Scenario(
        description="Once you have subscribed to tones, the callee sends 1, 2 and #.",
        teaches="Tones are updates of the call without a change of state; sequenceId orders them.",
        tones=("tone1", "tone2", "pound"),
    ),
}
"""The scenarios by name."""

ENDING: Steps = (Step(HANG_UP_SECONDS, "end", result_codes.HUNG_UP),)
"""The steps after the bot has hung up."""


def get_scenario(name: str) -> Scenario:
    """Return a scenario by its name. Raise ``ValueError`` with the names for an unknown one."""
    return SCENARIOS[require_choice("scenario", name, SCENARIOS)]


def generate_events(
    steps: Steps, kind: CallKind, body: Mapping[str, Any], bot: Mapping[str, Any], rng: random.Random
) -> Iterator[tuple[float, Event]]:
    """Yield the events of a call with this body, each with the seconds (at speed 1) after the event before."""
    for step in steps:
        nominal = get_ringing_seconds(body) if step.after is None else step.after
        yield nominal * rng.uniform(1 - JITTER, 1 + JITTER), _make_event(step, kind, body, bot, rng)


def get_ringing_seconds(body: Mapping[str, Any]) -> float:
    return float(body.get("ringingTimeoutInSeconds") or RINGING_SECONDS[min(2, len(body.get("targets") or [None]))])


def _make_event(
    step: Step, kind: CallKind, body: Mapping[str, Any], bot: Mapping[str, Any], rng: random.Random
) -> Event:
    if step.event == "connect":
        return _make_connect(step, kind, body, bot, rng)
    if step.event == "join":
        return Event("join", identities=step.identities or tuple(_get_joining(body, bot)))
    is_phone = kind == "peer" and any("phone" in each for each in _get_others(body, bot))
    result = step.phone_result if is_phone and step.phone_result else step.result
    return Event(step.event, numbers=step.numbers, flag=step.flag, result=result)


def _make_connect(
    step: Step, kind: CallKind, body: Mapping[str, Any], bot: Mapping[str, Any], rng: random.Random
) -> Event:
    modalities = tuple(body.get("requestedModalities") or ("audio",))
    if kind != "peer":
        return Event("connect", modalities=modalities, identities=(bot,))
    other = rng.choice(_get_others(body, bot))
    is_target = any(target["identity"] == other for target in body.get("targets") or ())
    return Event(
        "connect",
        answered_by=other if is_target else None,
        modalities=modalities,
        identities=(bot, other),
        endpoint=step.endpoint,
    )


def _get_others(body: Mapping[str, Any], bot: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the identities that the bot can talk to in a call that is not a group call."""
    targets = [target["identity"] for target in body.get("targets") or ()]
    caller = (body.get("source") or {}).get("identity")
    return [each for each in [*targets, caller] if each and each != bot] or [bot]


def _get_joining(body: Mapping[str, Any], bot: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the identities that join a group call or meeting: its targets, its caller, or else its organizer."""
    organizer = (body.get("meetingInfo") or {}).get("organizer")
    others = [each for each in _get_others(body, bot) if each != bot]
    return others or ([organizer] if organizer else [])
