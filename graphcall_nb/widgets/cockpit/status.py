"""The bar at the top: whether the calls are real, and how listener and tunnel are."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import anywidget
import traitlets

from ..._text import pluralize
from ...errors import GraphcallError
from ...tunnels import without_path
from ...wording import counted
from .. import STATIC


def _with_the_time(facts: dict[str, Any], status: Status) -> dict[str, Any]:
    """The kernel's clock may differ from the page's, which may also be loaded long after the facts."""
    return {**facts, "now": int(status.clock() * 1000)}


class Status(anywidget.AnyWidget):
    """Health at a glance, and the buttons that belong to no single call.

    Attributes
    ----------
    facts : what is shown, see :func:`facts_of`
    opened : the parts of the cockpit that are unfolded, ``"form"`` and ``"doctor"``
    notice : what became of the last button, in words
    """

    _esm = STATIC / "status.js"
    _css = STATIC / "cockpit-style.css"

    facts = traitlets.Dict().tag(sync=True, to_json=_with_the_time)
    opened = traitlets.List(["form"]).tag(sync=True)
    notice = traitlets.Dict().tag(sync=True)

    def __init__(self, facts: dict[str, Any], ring: Callable[[], None], clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        super().__init__(facts=facts)
        self._ring = ring
        self.on_msg(self._heard)

    def _heard(self, _: Any, message: Any, buffers: Any) -> None:
        if isinstance(message, dict) and message.get("kind") == "ring":
            self._ring()

    def __repr__(self) -> str:
        return f"<Status: {self.facts}>"


def facts_of(session: Any, title: str) -> dict[str, Any]:
    """What the bar shows of a session: everything that may change, and may be shown to anybody.

    Parameters
    ----------
    session : with ``simulated``, ``version``, ``listener``, ``tunnel``, ``closed``
    title : of the cockpit
    """
    listener = session.listener
    last = listener.last_received_us
    replay = hasattr(session, "position")  # it is at some moment of the past
    return {
        "title": title,
        "simulated": session.simulated,
        "version": session.version.name,
        "live": not session.closed,
        "accepted": listener.accepted,
        "refused": sorted([status, count] for status, count in listener.refused.items()),
        "last": last and last // 1000,
        "tunnel": _tunnel(session),
        "ring": can_ring(session),
        "doctor": hasattr(session, "doctor") and not replay,
        "replay": replay,
    }


def can_ring(session: Any) -> bool:
    """Whether somebody can be made to call the bot: only a simulator does so."""
    try:
        return hasattr(session.simulator, "ring")
    except (AttributeError, GraphcallError):
        return False


def _tunnel(session: Any) -> dict[str, str]:
    if session.tunnel is None:
        where = "Loopback, no tunnel" if session.simulated else "No tunnel"
        return {"state": "none", "text": where, "reason": ""}
    status = session.tunnel.status
    stranded = len(session.calls_with_stale_callback)
    lost = f", {pluralize(stranded, 'call')} left on its former address" if stranded else ""
    if status.state == "open" and status.url:
        return {"state": "open", "text": f"Tunnel open at {without_path(status.url)}{lost}", "reason": ""}
    return {"state": status.state, "text": f"Tunnel {status.state}{lost}", "reason": status.reason}
