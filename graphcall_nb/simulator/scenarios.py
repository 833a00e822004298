"""What becomes of a call, as data: which events come, and after how many seconds at speed 1.

Codes of declined, busy and unanswered calls are those that Microsoft publishes for the same calling service in the
pages of Azure Communication Services; the pages of Graph list only the ends of calls that were established.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

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

HUNG_UP = Result(200, 7000, "Call ended by the application. DiagCode: 200#7000.@")
DECLINED = Result(487, 10024, "Call was declined by all callee endpoints. DiagCode: 487#10024.@")
BUSY = Result(486, 8539, "Callee busy. DiagCode: 486#8539.@")
NO_ANSWER = Result(487, 10004, "No callee endpoint accepted the call in time. DiagCode: 487#10004.@")
NOBODY_JOINED = Result(200, 5013, "No one else joined the group call. DiagCode: 200#5013.@")


@dataclass(frozen=True, slots=True)
class Step:
    """An event that comes ``after`` seconds; ``None`` stands for as long as the call may ring."""

    after: float | None
    event: EventName
    result: Result | None = None


_RING = Step(0.8, "ring")
_JOIN = (Step(1.2, "connect"), Step(0.3, "roster"))


@dataclass(frozen=True, slots=True)
class Scenario:
    """``peer``, ``group`` and ``meeting`` are the steps of each kind of call after it was created."""

    description: str
    peer: tuple[Step, ...]
    group: tuple[Step, ...] = _JOIN
    meeting: tuple[Step, ...] = _JOIN


def _alone(after: float | None) -> tuple[Step, ...]:
    """A group call that nobody joins: the bot is in it alone until it ends."""
    return (Step(1.2, "connect"), Step(after, "end", NOBODY_JOINED))


SCENARIOS: Mapping[str, Scenario] = {
    "answered": Scenario("The call is answered, and lasts until it is hung up.", (_RING, Step(2.0, "connect"))),
    "declined": Scenario(
        "The call rings and is declined; nobody joins a group call. A meeting is joined all the same.",
        (_RING, Step(1.5, "end", DECLINED)),
        _alone(2.0),
    ),
    "no_answer": Scenario(
        "The call rings for as long as it may; nobody joins a group call. A meeting is joined all the same.",
        (_RING, Step(None, "end", NO_ANSWER)),
        _alone(None),
    ),
    "busy": Scenario(
        "The other side is in a call, so nothing rings; nobody joins a group call. A meeting is joined all the same.",
        (Step(0.9, "end", BUSY),),
        _alone(2.0),
    ),
}

ENDING: tuple[Step, ...] = (Step(HANG_UP_SECONDS, "end", HUNG_UP),)
"""What follows once the bot has hung up."""


def scenario_named(name: str) -> Scenario:
    try:
        return SCENARIOS[name]
    except KeyError:
        raise ValueError(f"There is no scenario {name!r}. Choose one of: {', '.join(SCENARIOS)}.") from None


def script(
    scenario: Scenario, kind: Kind, body: Mapping[str, Any], rng: random.Random
) -> Iterator[tuple[float, Event]]:
    """The events of a call with this body, each with the seconds (at speed 1) after the one before."""
    for step in getattr(scenario, kind):
        nominal = ringing_seconds(body) if step.after is None else step.after
        yield nominal * rng.uniform(1 - JITTER, 1 + JITTER), _event(step, kind, body, rng)


def ringing_seconds(body: Mapping[str, Any]) -> float:
    return float(body.get("ringingTimeoutInSeconds") or RINGING_SECONDS[min(2, len(body.get("targets") or [None]))])


def _event(step: Step, kind: Kind, body: Mapping[str, Any], rng: random.Random) -> Event:
    if step.event == "connect":
        answered_by = rng.choice(body["targets"])["identity"] if kind == "peer" else None
        modalities = tuple(body.get("requestedModalities") or ("audio",))
        return Event("connect", answered_by=answered_by, modalities=modalities)
    if step.event == "roster":
        return Event("roster", participants=tuple(people_in(body)))
    return Event(step.event, result=step.result)


def people_in(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The identities that are in a group call or meeting once it is established, the bot first."""
    source = (body.get("source") or {}).get("identity")
    organizer = (body.get("meetingInfo") or {}).get("organizer")
    invited = [target["identity"] for target in body.get("targets") or ()]
    return [who for who in (source, *(invited or [organizer])) if who]
