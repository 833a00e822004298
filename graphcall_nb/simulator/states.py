"""The simulator's own table of call states and of the events that lead from one to another.

It is written independently of the client's table on purpose: a shared table could be wrong on both sides and pass
every test. ``tests/simulator/test_states.py`` holds the two equal, and each against Microsoft's published examples.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

STATES: tuple[str, ...] = (
    "incoming",
    "establishing",
    "ringing",
    "established",
    "hold",
    "transferring",
    "transferAccepted",
    "redirecting",
    "terminating",
    "terminated",
)
"""Graph's ``callState`` in life-cycle order."""

TERMINATED = "terminated"

TONES: tuple[str, ...] = (*(f"tone{n}" for n in range(10)), "star", "pound", "a", "b", "c", "d", "flash")
"""The keys of a phone, as Graph names them."""

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
    "transcription",
    "media",
    "grow",
    "roster",
    "share",
    "unshare",
    "metadata",
    "detection",
]


class Transition(NamedTuple):
    """A change of state: ``sources`` holds ``None`` for an event that begins a call."""

    sources: frozenset[str | None]
    target: str


TRANSITIONS: Mapping[str, Transition] = {
    "create": Transition(frozenset({None}), "establishing"),
    "arrive": Transition(frozenset({None}), "incoming"),
    "answer": Transition(frozenset({"incoming"}), "establishing"),
    "reject": Transition(frozenset({"incoming"}), TERMINATED),
    "redirect": Transition(frozenset({"incoming"}), "redirecting"),
    "ring": Transition(frozenset({"establishing"}), "ringing"),
    "connect": Transition(frozenset({"establishing", "ringing"}), "established"),
    "hold": Transition(frozenset({"established"}), "hold"),
    "resume": Transition(frozenset({"hold"}), "established"),
    "transfer": Transition(frozenset({"established"}), "transferring"),
    "accept_transfer": Transition(frozenset({"transferring"}), "transferAccepted"),
    "fail_transfer": Transition(frozenset({"transferring", "transferAccepted"}), "established"),
    "hang_up": Transition(
        frozenset({"incoming", "establishing", "ringing", "established", "hold", "transferring", "transferAccepted"}),
        "terminating",
    ),
    "end": Transition(
        frozenset(
            {
                "incoming",
                "redirecting",
                "establishing",
                "ringing",
                "established",
                "hold",
                "transferring",
                "transferAccepted",
                "terminating",
            }
        ),
        TERMINATED,
    ),
}
"""The events that change the state of a call. Any other event happens within a state."""


def reason_not_allowed(operation: str, allowed: frozenset[str], state: str | None) -> str | None:
    """Return why an operation is not allowed in a state, or ``None`` if it is allowed.

    Examples
    --------
    >>> reason_not_allowed("answer", frozenset({"incoming"}), "established")
    'answer needs a call that is incoming; this one is established.'
    """
    if state is None or state in allowed:
        return None
    if state == TERMINATED:
        return f"{operation} needs a live call; this one is terminated."
    *others, last = [each for each in STATES if each in allowed]
    expected = f"{', '.join(others)} or {last}" if others else last
    return f"{operation} needs a call that is {expected}; this one is {state}."
