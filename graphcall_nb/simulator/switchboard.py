"""The pure state machine of a call: (line, event, now) -> (line, notices). No I/O, no clock, no randomness.

It moves along :data:`graphcall_nb.callstates.TRANSITIONS` only; an event that the table does not allow from where the
call is (a timer that fires after the call was hung up, say) changes nothing and tells nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from ..callstates import LIVE, TERMINAL, is_step

EventName = Literal["create", "ring", "connect", "roster", "hang_up", "end"]

TARGETS: Mapping[str, str] = {
    "create": "establishing",
    "ring": "ringing",
    "connect": "established",
    "hang_up": "terminating",
    "end": TERMINAL,
}
"""Where an event leads; ``roster`` leads nowhere, it only tells who is in the call."""


@dataclass(frozen=True, slots=True)
class Result:
    """Graph's ``resultInfo``."""

    code: int
    subcode: int
    message: str


@dataclass(frozen=True, slots=True)
class Event:
    """What happens to a call, and what is known then."""

    name: EventName
    answered_by: Mapping[str, Any] | None = None
    modalities: tuple[str, ...] = ()
    participants: tuple[Mapping[str, Any], ...] = ()
    result: Result | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """What is known of a call as it goes on. ``state`` is ``None`` before it exists; ``changed_at``: epoch seconds."""

    state: str | None = None
    etag: int = 0
    answered_by: Mapping[str, Any] | None = None
    active_modalities: tuple[str, ...] = ()
    participants: tuple[Mapping[str, Any], ...] = ()
    result: Result | None = None
    reason: str | None = None
    changed_at: float = 0.0

    @property
    def ended(self) -> bool:
        return self.state == TERMINAL


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell the bot; ``line`` is the call as it was just then."""

    entity: Literal["call", "participants"]
    change_type: Literal["created", "updated", "deleted"]
    line: Line
    first: bool = False


def advance(line: Line, event: Event, now: float) -> tuple[Line, tuple[Notice, ...]]:
    """The call after ``event``, and what is to be told of it."""
    if event.name == "roster":
        return _roster(line, event, now)
    target = TARGETS[event.name]
    if not is_step(line.state, target):
        return line, ()
    after = replace(
        line,
        state=target,
        etag=line.etag + 1,
        answered_by=event.answered_by or line.answered_by,
        active_modalities=event.modalities or line.active_modalities,
        result=event.result or line.result,
        reason=event.reason or line.reason,
        changed_at=now,
    )
    change: Literal["updated", "deleted"] = "deleted" if after.ended else "updated"
    return after, (Notice("call", change, after, first=line.state is None),)


def _roster(line: Line, event: Event, now: float) -> tuple[Line, tuple[Notice, ...]]:
    if line.state not in LIVE:
        return line, ()
    after = replace(line, etag=line.etag + 1, participants=event.participants, changed_at=now)
    return after, (Notice("participants", "updated", after),)
