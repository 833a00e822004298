"""The life of a call as data: its states, the steps between them, and what may be asked of a call in each.

Microsoft publishes the names of the states but no table of the steps between them. ``TRANSITIONS`` says of each step
whether a page or a capture of Graph shows it (``"shown"``) or whether it is our reading (``"inferred"``). The
client refuses an action that makes no sense in a state by it, the frames put states in order, and the teaching
notebook draws it. The simulator has a table of its own; a test holds the two equal.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

CallState = Literal[
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
]
"""Graph's ``callState`` in life-cycle order (``ringing`` is missing from the v1.0 metadata but is sent by beta)."""

STATES: tuple[str, ...] = get_args(CallState)
"""The states in this order."""

TERMINAL = "terminated"
LIVE: frozenset[str] = frozenset(STATES) - {TERMINAL}

SYNONYMS: dict[str, str] = {
    "answered": "established",
    "connected": "established",
    "active": "established",
    "accepted": "established",
    "inprogress": "established",
    "up": "established",
    "live": "established",
    "alive": "established",
    "answer": "established",
    "bridged": "established",
    "incall": "established",
    "joined": "established",
    "oncall": "established",
    "open": "established",
    "pickedup": "established",
    "talking": "established",
    "ended": "terminated",
    "completed": "terminated",
    "finished": "terminated",
    "done": "terminated",
    "closed": "terminated",
    "disconnected": "terminated",
    "hungup": "terminated",
    "hangup": "terminated",
    "failed": "terminated",
    "rejected": "terminated",
    "declined": "terminated",
    "busy": "terminated",
    "missed": "terminated",
    "aborted": "terminated",
    "cancelled": "terminated",
    "canceled": "terminated",
    "complete": "terminated",
    "dead": "terminated",
    "dropped": "terminated",
    "end": "terminated",
    "error": "terminated",
    "finish": "terminated",
    "over": "terminated",
    "stopped": "terminated",
    "timeout": "terminated",
    "unanswered": "terminated",
    "noanswer": "terminated",
    "dialing": "establishing",
    "calling": "establishing",
    "connecting": "establishing",
    "created": "establishing",
    "dialling": "establishing",
    "initiated": "establishing",
    "initiating": "establishing",
    "placed": "establishing",
    "queued": "establishing",
    "trying": "establishing",
    "alerting": "ringing",
    "hangingup": "terminating",
    "ending": "terminating",
    "inbound": "incoming",
    "parked": "hold",
    "paused": "hold",
    "held": "hold",
    "onhold": "hold",
    "transferred": "transferAccepted",
    "redirected": "redirecting",
}
"""State that is meant by a word of everyday language, or of other telephony interfaces, without signs between words."""

_CANONICAL = {state.lower(): state for state in STATES}


def canonical_state(state: str) -> str:
    """Return a state in Graph's letter case; an unknown state is returned as it is."""
    return _CANONICAL.get(state.lower(), state)


class Transition(NamedTuple):
    """A change of state; ``source`` is ``None`` when the call begins with it."""

    source: str | None
    target: str
    trigger: str
    evidence: Literal["shown", "inferred"]


TRANSITIONS: tuple[Transition, ...] = (
    Transition(None, "incoming", "a caller calls the bot", "shown"),
    Transition(None, "establishing", "create call", "shown"),
    Transition("incoming", "establishing", "answer", "shown"),
    Transition("incoming", "redirecting", "redirect", "shown"),
    Transition("incoming", "terminated", "reject, or 15 s without an answer", "shown"),
    Transition("redirecting", "terminated", "redirected", "shown"),
    Transition("establishing", "ringing", "the other side rings", "shown"),
    Transition("establishing", "established", "connected", "shown"),
    Transition("ringing", "established", "answered", "shown"),
    Transition("establishing", "terminated", "refused or failed", "shown"),
    Transition("ringing", "terminated", "declined, busy or no answer", "shown"),
    Transition("established", "hold", "put on hold", "inferred"),
    Transition("hold", "established", "resumed", "inferred"),
    Transition("established", "transferring", "transfer", "shown"),
    Transition("transferring", "transferAccepted", "the transfer is accepted", "shown"),
    Transition("transferring", "established", "the transfer failed", "shown"),
    Transition("transferAccepted", "established", "the transfer failed", "shown"),
    Transition("transferring", "terminated", "the transfer is done", "inferred"),
    Transition("transferAccepted", "terminated", "the transfer is done", "shown"),
    Transition("incoming", "terminating", "delete", "inferred"),
    Transition("establishing", "terminating", "delete", "inferred"),
    Transition("ringing", "terminating", "delete", "inferred"),
    Transition("established", "terminating", "delete, or the other side hangs up", "shown"),
    Transition("hold", "terminating", "delete, or the other side hangs up", "inferred"),
    Transition("transferring", "terminating", "delete", "inferred"),
    Transition("transferAccepted", "terminating", "delete", "inferred"),
    Transition("established", "terminated", "the call is dropped, or transferred", "shown"),
    Transition("hold", "terminated", "the call is dropped", "inferred"),
    Transition("terminating", "terminated", "ended", "shown"),
)

_PAIRS = frozenset((step.source, step.target) for step in TRANSITIONS)


def is_step(source: str | None, target: str) -> bool:
    """Return true when a call can go from ``source`` (``None`` before it exists) to ``target`` in one step."""
    return (source, target) in _PAIRS
