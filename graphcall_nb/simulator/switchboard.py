"""The pure state machine of a call: (line, event, now) -> (line, notices). No I/O, no clock, no randomness.

It moves along :data:`graphcall_nb.graph.states.TRANSITIONS` only; an event that the table does not allow from where the
call is (a timer that fires after the call was hung up, say) changes nothing and tells nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ..graph.states import TERMINAL, is_step

EventName = Literal[
    "create",
    "arrive",
    "answer",
    "reject",
    "redirect",
    "ring",
    "connect",
    "hold",
    "resume",
    "transfer",
    "accept_transfer",
    "fail_transfer",
    "hang_up",
    "end",
    "tone",
    "join",
    "leave",
    "mute",
    "lobby",
    "recording",
    "roster",
]

TARGETS: Mapping[str, str] = {
    "create": "establishing",
    "arrive": "incoming",
    "answer": "establishing",
    "reject": TERMINAL,
    "redirect": "redirecting",
    "ring": "ringing",
    "connect": "established",
    "hold": "hold",
    "resume": "established",
    "transfer": "transferring",
    "accept_transfer": "transferAccepted",
    "fail_transfer": "established",
    "hang_up": "terminating",
    "end": TERMINAL,
}
"""Where an event leads; those that are not here lead nowhere: they happen inside a call."""

_SOURCES: Mapping[str, frozenset[str]] = {
    # Events that lead where others lead too, but not from everywhere these do.
    "connect": frozenset({"establishing", "ringing"}),
    "resume": frozenset({"hold"}),
    "fail_transfer": frozenset({"transferring", "transferAccepted"}),
    "reject": frozenset({"incoming"}),
}
_TALKING = frozenset({"established", "hold", "transferring", "transferAccepted"})


@dataclass(frozen=True, slots=True)
class Result:
    """Graph's ``resultInfo``."""

    code: int
    subcode: int | str
    message: str


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody in a call. ``number`` counts those who ever were in it; 0 is the bot."""

    number: int
    identity: Mapping[str, Any]
    muted: bool = False
    in_lobby: bool = False
    recording: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """What happens to a call, and what is known then.

    ``people`` are the identities of those who join, ``numbers`` the participants it is about (none: all), ``flag``
    whether they are muted or in the lobby from now on, ``endpoint`` what answered where it was no person.
    """

    name: EventName
    answered_by: Mapping[str, Any] | None = None
    modalities: tuple[str, ...] = ()
    people: tuple[Mapping[str, Any], ...] = ()
    numbers: tuple[int, ...] = ()
    flag: bool = True
    endpoint: str | None = None
    tone: str | None = None
    recording: str | None = None
    result: Result | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """What is known of a call as it goes on. ``state`` is ``None`` before it exists; ``changed_at``: epoch seconds."""

    state: str | None = None
    etag: int = 0
    answered_by: Mapping[str, Any] | None = None
    endpoint: str | None = None
    active_modalities: tuple[str, ...] = ()
    participants: tuple[Participant, ...] = ()
    joined: int = 0
    tones: int = 0
    last_tone: str | None = None
    result: Result | None = None
    reason: str | None = None
    changed_at: float = 0.0

    @property
    def ended(self) -> bool:
        return self.state == TERMINAL


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell the bot; ``line`` is the call as it was just then, ``event`` what happened to it."""

    entity: Literal["call", "participants"]
    change_type: Literal["created", "updated", "deleted"]
    line: Line
    event: Event
    first: bool = False


@dataclass(frozen=True, slots=True)
class _Change:
    """How an event inside a call changes it, and what is told of it."""

    change: Callable[[Line, Event], dict[str, Any]]
    entity: Literal["call", "participants"] = "participants"
    states: frozenset[str] = field(default=_TALKING)


def advance(line: Line, event: Event, now: float) -> tuple[Line, tuple[Notice, ...]]:
    """The call after ``event``, and what is to be told of it."""
    inside = _INSIDE.get(event.name)
    return _inside(line, event, inside, now) if inside else _step(line, event, now)


def _step(line: Line, event: Event, now: float) -> tuple[Line, tuple[Notice, ...]]:
    target = TARGETS[event.name]
    if not is_step(line.state, target) or line.state not in _SOURCES.get(event.name, (line.state,)):
        return line, ()
    after = replace(
        line,
        state=target,
        etag=line.etag + 1,
        answered_by=event.answered_by or line.answered_by,
        endpoint=event.endpoint or line.endpoint,
        active_modalities=event.modalities or line.active_modalities,
        result=event.result or line.result,
        reason=event.reason or line.reason,
        changed_at=now,
        **_join(line, event),
    )
    change: Literal["created", "updated", "deleted"] = "deleted" if after.ended else "updated"
    if event.name == "arrive":
        change = "created"
    return after, (Notice("call", change, after, event, first=line.state is None),)


def _inside(line: Line, event: Event, inside: _Change, now: float) -> tuple[Line, tuple[Notice, ...]]:
    if line.state not in inside.states:
        return line, ()
    after = replace(line, etag=line.etag + 1, changed_at=now, **inside.change(line, event))
    return after, (Notice(inside.entity, "updated", after, event),)


def _join(line: Line, event: Event) -> dict[str, Any]:
    joined = line.joined
    people = tuple(Participant(joined + n, who) for n, who in enumerate(event.people))
    return {"participants": line.participants + people, "joined": joined + len(people)}


def _leave(line: Line, event: Event) -> dict[str, Any]:
    return {"participants": tuple(who for who in line.participants if who.number not in event.numbers)}


def _mute(line: Line, event: Event) -> dict[str, Any]:
    return {"participants": _marked(line, event, muted=event.flag)}


def _lobby(line: Line, event: Event) -> dict[str, Any]:
    return {"participants": _marked(line, event, in_lobby=event.flag)}


def _recording(line: Line, event: Event) -> dict[str, Any]:
    return {"participants": _marked(line, event, recording=event.recording)}


def _marked(line: Line, event: Event, **marks: Any) -> tuple[Participant, ...]:
    chosen = event.numbers or tuple(who.number for who in line.participants)
    return tuple(replace(who, **marks) if who.number in chosen else who for who in line.participants)


def _tone(line: Line, event: Event) -> dict[str, Any]:
    return {"tones": line.tones + 1, "last_tone": event.tone}


_INSIDE: Mapping[str, _Change] = {
    "join": _Change(_join),
    "leave": _Change(_leave),
    "mute": _Change(_mute),
    "lobby": _Change(_lobby),
    "recording": _Change(_recording),
    "roster": _Change(lambda line, event: {}),
    "tone": _Change(_tone, entity="call", states=frozenset({"established"})),
}
