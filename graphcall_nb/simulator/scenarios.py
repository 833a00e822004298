"""What becomes of a call, as data: which events come, and after how many seconds at speed 1."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .._arguments import require_choice
from ..simulator import outcomes
from .surfaces import Kind
from .switchboard import Event, EventName, Result

ANNOUNCE_SECONDS = 0.3
"""How long after its 201 a call's first notification is sent."""

HANG_UP_SECONDS = 0.4
"""How long a call is ``terminating``."""

JITTER = 0.15
"""Each delay is drawn from this much around its nominal value, as a share of it."""

RINGING_SECONDS = {1: 55.0, 2: 60.0}
"""How long a call rings when it does not say: one target, and several."""


@dataclass(frozen=True, slots=True)
class Step:
    """An event that comes ``after`` seconds; ``None`` stands for as long as the call may ring.

    ``people`` join (none: those that the call names), ``numbers`` are the participants it is about, ``phone`` is the
    result where the other side is a phone.
    """

    after: float | None
    event: EventName
    result: Result | None = None
    phone: Result | None = None
    people: tuple[Mapping[str, Any], ...] = ()
    numbers: tuple[int, ...] = ()
    flag: bool = True
    endpoint: str | None = None


Steps = tuple[Step, ...]

JOINED = Step(0.3, "join")
_RING = Step(0.8, "ring")
_ANSWERED: Steps = (_RING, Step(2.0, "connect"))
_JOIN: Steps = (Step(1.2, "connect"), JOINED)
_ACCEPTED: Steps = (Step(0.6, "connect"),)
_HANGS_UP: Steps = (Step(8.0, "hang_up"), Step(HANG_UP_SECONDS, "end", outcomes.OTHER_HUNG_UP, outcomes.PHONE_HUNG_UP))
_ALL_LEAVE: Steps = (Step(6.0, "leave", numbers=(1, 2, 3, 4, 5)), Step(2.0, "end", outcomes.ALONE))
_DROPPED: Steps = (Step(6.0, "end", outcomes.NO_MEDIA),)
_HELD: Steps = (Step(4.0, "hold"), Step(5.0, "resume"))
_REMOVED: Steps = (Step(6.0, "end", outcomes.REMOVED),)
_IN_LOBBY: Steps = (Step(1.2, "connect"), Step(0.3, "lobby", numbers=(0,)))
_ADELE = {"user": {"displayName": "Adele Vance", "id": "87d349ed-44d7-43e1-9a83-5f2406dee5bd"}}
_GRADY = {"guest": {"displayName": "Grady Archie", "id": "0a5ae4a3-1c7d-4a17-9b73-8c2b3f6a6b12"}}
_CHANGES: Steps = (
    Step(3.0, "join", people=(_ADELE,)),
    Step(2.0, "mute", numbers=(1,)),
    Step(2.0, "join", people=(_GRADY,)),
    Step(2.0, "mute", numbers=(1,), flag=False),
    Step(2.0, "leave", numbers=(1,)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What becomes of calls.

    Attributes
    ----------
    description : in one line
    teaches : what a developer learns from it
    peer, group, meeting : the steps of each kind of call after it was created
    incoming : the steps of an incoming call after it was answered
    transfer : why a transfer fails; ``None`` lets it succeed
    invited : why those who are invited do not come; ``None`` lets them join
    presses : keys that the other side presses once the bot has subscribed to tones
    calls_back : after how many seconds somebody who did not answer calls the bot
    """

    description: str
    teaches: str
    peer: Steps = _ANSWERED
    group: Steps = _JOIN
    meeting: Steps = _JOIN
    incoming: Steps = _ACCEPTED
    transfer: Result | None = None
    invited: Result | None = None
    presses: tuple[str, ...] = ()
    calls_back: float | None = None

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes and subcodes that it brings about, as ``"487/10024"``."""
        steps = (*self.peer, *self.group, *self.meeting, *self.incoming)
        results = [each for step in steps for each in (step.result, step.phone)] + [self.transfer, self.invited]
        return tuple(dict.fromkeys(f"{each.code}/{each.subcode}" for each in results if each))


def _alone(after: float | None) -> Steps:
    """A group call that nobody joins: the bot is in it alone until it ends."""
    return (Step(1.2, "connect"), Step(after, "end", outcomes.NOBODY_JOINED))


def _unanswered(after: float | None, result: Result, *, rings: bool = True) -> Steps:
    return (*((_RING,) if rings else ()), Step(after, "end", result))


SCENARIOS: Mapping[str, Scenario] = {
    "answered": Scenario(
        description="The call is answered, and lasts until it is hung up.",
        teaches="The states of a call that works, and that nothing ends it but you (or a missing keepAlive).",
    ),
    "declined": Scenario(
        description="The call rings and is declined; nobody joins a group call. A meeting is joined all the same.",
        teaches="A call may end without ever being established: wait for terminated as well, and read its result.",
        peer=_unanswered(1.5, outcomes.DECLINED),
        group=_alone(2.0),
        invited=outcomes.DECLINED,
    ),
    "busy": Scenario(
        description="The other side is in a call, so nothing rings; nobody joins a group call.",
        teaches="ringing is no state to rely on: a call can go from establishing to its end.",
        peer=_unanswered(0.9, outcomes.BUSY, rings=False),
        group=_alone(2.0),
        invited=outcomes.BUSY,
    ),
    "no_answer": Scenario(
        description="The call rings for as long as it may; nobody joins a group call.",
        teaches="ringingTimeoutInSeconds is how long you wait; without it a call rings for 55 seconds, several 60.",
        peer=_unanswered(None, outcomes.NO_ANSWER),
        group=_alone(None),
        invited=outcomes.NO_ANSWER,
    ),
    "ringing_timeout": Scenario(
        description="The call rings for as long as it may, and no signal comes from the other side.",
        teaches="408 is not 487: nobody declined; the other side's device was not heard of.",
        peer=_unanswered(None, outcomes.NO_SIGNAL),
        group=_alone(None),
        invited=outcomes.NO_SIGNAL,
    ),
    "unreachable": Scenario(
        description="The other side is signed in nowhere, so nothing rings.",
        teaches="480 says that trying again at once is no use.",
        peer=_unanswered(1.8, outcomes.UNREACHABLE, rings=False),
        group=_alone(2.0),
        invited=outcomes.UNREACHABLE,
    ),
    "voicemail": Scenario(
        description="Nobody answers within 20 seconds, so voicemail does; it hangs up after half a minute.",
        teaches="established does not mean that a person listens: look at answeredBy.endpointType.",
        peer=(
            _RING,
            Step(20.0, "connect", endpoint="voicemail"),
            Step(30.0, "hang_up"),
            Step(HANG_UP_SECONDS, "end", outcomes.OTHER_HUNG_UP, outcomes.PHONE_HUNG_UP),
        ),
    ),
    "dropped_media": Scenario(
        description="The call is established, and a few seconds later its media connection breaks.",
        teaches="A live call can end from one moment to the next, without terminating; be ready to call again.",
        peer=_ANSWERED + _DROPPED,
        group=_JOIN + _DROPPED,
        meeting=_JOIN + _DROPPED,
        incoming=_ACCEPTED + _DROPPED,
    ),
    "callee_hangs_up": Scenario(
        description="The other side talks for eight seconds and hangs up; in a group call all others leave.",
        teaches="Who ended a call is in the subcode: 4521 the other side, 560000 a phone, 7000 you, 5010 all left.",
        peer=_ANSWERED + _HANGS_UP,
        group=_JOIN + _ALL_LEAVE,
        meeting=_JOIN + _ALL_LEAVE,
        incoming=_ACCEPTED + _HANGS_UP,
    ),
    "held": Scenario(
        description="The other side puts the call on hold for five seconds, and comes back.",
        teaches="hold goes back to established: the same state can come twice in one call.",
        peer=_ANSWERED + _HELD,
        group=_JOIN + _HELD,
        meeting=_JOIN + _HELD,
        incoming=_ACCEPTED + _HELD,
    ),
    "removed_from_meeting": Scenario(
        description="Somebody removes the application from the meeting or group call.",
        teaches="5300 is a person's decision: do not join again by yourself.",
        group=_JOIN + _REMOVED,
        meeting=_JOIN + _REMOVED,
    ),
    "lobby_timeout": Scenario(
        description="The application waits in the lobby of the meeting for a minute, and nobody admits it.",
        teaches="established does not mean that you are in: look at isInLobby of your own participant.",
        meeting=(*_IN_LOBBY, Step(60.0, "end", outcomes.LOBBY_TIMEOUT)),
    ),
    "admitted_from_lobby": Scenario(
        description="The application waits in the lobby of the meeting for ten seconds, and is admitted.",
        teaches="Until you are admitted the roster holds nobody but you.",
        meeting=(*_IN_LOBBY, Step(10.0, "lobby", numbers=(0,), flag=False), JOINED),
    ),
    "roster_changes": Scenario(
        description="In group calls and meetings, people join, are muted, and leave.",
        teaches="A roster notification is the whole list: who is missing from it has left.",
        group=_JOIN + _CHANGES,
        meeting=_JOIN + _CHANGES,
    ),
    "incoming": Scenario(
        description="The call is declined; a moment later the same person calls the application.",
        teaches="An incoming call waits 15 seconds for answer, reject or redirect. Then it is missed.",
        peer=_unanswered(1.5, outcomes.DECLINED),
        group=_alone(2.0),
        calls_back=3.0,
    ),
    "transfer_completed": Scenario(
        description="The call is answered, and a transfer of it succeeds.",
        teaches="After a transfer your own call ends: with subcode 7015 that is success.",
    ),
    "transfer_failed": Scenario(
        description="The call is answered, and a transfer of it fails.",
        teaches="A call whose transfer failed is established again and is yours: say something to the caller.",
        transfer=outcomes.TRANSFER_FAILED,
    ),
    "tones": Scenario(
        description="Once you have subscribed to tones, the other side presses 1, 2 and #.",
        teaches="Tones come as updates of the call without a change of its state; sequenceId puts them in order.",
        presses=("tone1", "tone2", "pound"),
    ),
}
"""The scenarios by name."""

ENDING: Steps = (Step(HANG_UP_SECONDS, "end", outcomes.HUNG_UP),)
"""What follows once the bot has hung up."""


def scenario_named(name: str) -> Scenario:
    """The scenario of a name; ``ValueError`` says which there are."""
    return SCENARIOS[require_choice("scenario", name, SCENARIOS)]


def script(
    steps: Steps, kind: Kind, body: Mapping[str, Any], bot: Mapping[str, Any], rng: random.Random
) -> Iterator[tuple[float, Event]]:
    """The events of a call with this body, each with the seconds (at speed 1) after the one before."""
    for step in steps:
        nominal = ringing_seconds(body) if step.after is None else step.after
        yield nominal * rng.uniform(1 - JITTER, 1 + JITTER), _event(step, kind, body, bot, rng)


def ringing_seconds(body: Mapping[str, Any]) -> float:
    return float(body.get("ringingTimeoutInSeconds") or RINGING_SECONDS[min(2, len(body.get("targets") or [None]))])


def _event(step: Step, kind: Kind, body: Mapping[str, Any], bot: Mapping[str, Any], rng: random.Random) -> Event:
    if step.event == "connect":
        modalities = tuple(body.get("requestedModalities") or ("audio",))
        if kind != "peer":
            return Event("connect", modalities=modalities, people=(bot,))
        other = rng.choice(_others(body, bot))
        called = any(target["identity"] == other for target in body.get("targets") or ())
        return Event(
            "connect",
            answered_by=other if called else None,
            modalities=modalities,
            people=(bot, other),
            endpoint=step.endpoint,
        )
    if step.event == "join":
        return Event("join", people=step.people or tuple(_invited(body, bot)))
    phone = kind == "peer" and any("phone" in who for who in _others(body, bot))
    result = step.phone if phone and step.phone else step.result
    return Event(step.event, numbers=step.numbers, flag=step.flag, result=result)


def _others(body: Mapping[str, Any], bot: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Whom the bot talks to in a call that is no group call."""
    targets = [target["identity"] for target in body.get("targets") or ()]
    caller = (body.get("source") or {}).get("identity")
    return [who for who in [*targets, caller] if who and who != bot] or [bot]


def _invited(body: Mapping[str, Any], bot: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The identities that join a group call or meeting, the bot aside: those it calls or who called it, or its host."""
    organizer = (body.get("meetingInfo") or {}).get("organizer")
    others = [who for who in _others(body, bot) if who != bot]
    return others or ([organizer] if organizer else [])
