"""The bar at the top of a cockpit: whether calls are simulated, and the health of listener and tunnel."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import anywidget
import traitlets

from ..._text import pluralize
from ..._urls import redact_path
from ...errors import GraphcallError
from .. import read_bundle

ANSWER_SECONDS = 15.0
"""Graph ends an incoming call that is not answered within this time."""


def _add_time(facts: dict[str, Any], status: StatusBar) -> dict[str, Any]:
    """Return the facts with the present time: the clock of the page may differ, and it may be loaded much later."""
    return {**facts, "now": int(status.clock() * 1000)}


class StatusBar(anywidget.AnyWidget):
    """The health of a session, and the buttons that do not belong to a call.

    Attributes
    ----------
    facts : what is shown, see :func:`collect_facts`
    opened : the open parts of the cockpit, ``"form"`` and ``"doctor"``
    notice : the outcome of the last button
    """

    _esm = read_bundle("status.js")
    _css = read_bundle("cockpit-style.css")

    facts = traitlets.Dict().tag(sync=True, to_json=_add_time)
    opened = traitlets.List(["form"]).tag(sync=True)
    notice = traitlets.Dict().tag(sync=True)

    def __init__(self, facts: dict[str, Any], ring: Callable[[], None], clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        super().__init__(facts=facts)
        self._ring = ring
        self.on_msg(self._on_message)

    def _on_message(self, _: Any, message: Any, buffers: Any) -> None:
        if isinstance(message, dict) and message.get("kind") == "ring":
            self._ring()

    def __repr__(self) -> str:
        return f"<StatusBar: {self.facts}>"


def collect_facts(session: Any, title: str) -> dict[str, Any]:
    """Return what the bar shows of a session: facts that may change and contain no secret.

    Parameters
    ----------
    session : with ``simulated``, ``version``, ``listener``, ``tunnel``, ``closed``, ``is_read_only``
    title : of the cockpit
    """
    listener = session.listener
    last = listener.last_received_us
    return {
        "title": title,
        "simulated": session.simulated,
        "version": session.version.name,
        "live": not session.closed,
        "accepted": listener.accepted,
        "refused": sorted([status, count] for status, count in listener.refused.items()),
        "last": last and last // 1000,
        "tunnel": _describe_tunnel(session),
        "ring": can_ring(session),
        "doctor": hasattr(session, "doctor") and not session.is_read_only,
        "readOnly": session.is_read_only,
    }


def get_answer_seconds(session: Any) -> float | None:
    """Return the time in which an incoming call must be answered; ``None`` where it is unknown."""
    if not session.simulated:
        return ANSWER_SECONDS
    try:
        seconds: float | None = session.simulator.answer_seconds
    except (AttributeError, GraphcallError):
        return None
    return seconds


def can_ring(session: Any) -> bool:
    """Return whether the session can ring the bot: only a simulator can."""
    try:
        return hasattr(session.simulator, "ring")
    except (AttributeError, GraphcallError):
        return False


def _describe_tunnel(session: Any) -> dict[str, str]:
    """Return the state of the tunnel, its description, and the reason when it is not open."""
    if session.tunnel is None:
        where = "Loopback, no tunnel" if session.simulated else "No tunnel"
        return {"state": "none", "text": where, "reason": ""}
    status = session.tunnel.status
    stranded = len(session.calls_with_stale_callback)
    stale = f", {pluralize(stranded, 'call')} left on a former address" if stranded else ""
    if status.state == "open" and status.url:
        return {"state": "open", "text": f"Tunnel open at {redact_path(status.url)}{stale}", "reason": ""}
    return {"state": status.state, "text": f"Tunnel {status.state}{stale}", "reason": status.reason}
