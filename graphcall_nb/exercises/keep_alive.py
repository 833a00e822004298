"""Exercise: a call ends by itself; find the reason, and keep the next one."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ..session.simulate import simulate
from .exercise import Exercise, Verdict

SPEED = 540.0
"""45 minutes of the service pass in 5 seconds."""

GOAL_MINUTES = 60.0
LAPSE_MINUTES = 45.0
"""A call without ``keepAlive`` ends after this time."""


class KeepAlive(Exercise):
    """Explain why a call ends by itself, and keep one established for an hour."""

    title = "Why did it end?"
    task = (
        f"In this session time runs {SPEED:g} times faster: an hour of the service passes in {3600 / SPEED:.1f} s. "
        "Place a call, let it be established, and do nothing: after a while it ends, although neither side hung up.\n\n"
        "Find the reason: the call has a result, and gc.explain puts it into words. Then place another call that is "
        f"still established after {GOAL_MINUTES:g} minutes of the service. task.check() reports your progress."
    )

    def evaluate(self, *_: Any) -> Verdict:
        """Check if a call was established for an hour of the service's time."""
        intervals = self.session.intervals()
        established = intervals[intervals["state"].astype(str) == "established"]
        if established.empty:
            return Verdict(False, "no call has been established here yet.")
        end = established["end"].fillna(pd.Timestamp.now("UTC"))
        minutes = (end - established["start"]).dt.total_seconds() * SPEED / 60
        longest = float(minutes.max())
        if longest >= GOAL_MINUTES:
            return Verdict(
                True, f"a call was established for {longest:.0f} minutes. What must your bot do for each call?"
            )
        return Verdict(False, f"the longest call was established for {longest:.0f} minutes. {self._make_hint(longest)}")

    def _make_hint(self, longest: float) -> str:
        if longest < LAPSE_MINUTES * 0.95:
            return "Leave one alone for longer, and watch it."
        codes = self.session.calls()["result_code"].dropna()
        if codes.empty:
            return "It has not ended yet; wait."
        operations = self.session.requests()["operation"].astype(str)
        if (operations == "keepAlive").any():
            return "You sent the right request, but not in time, or not often enough."
        return "The service waited for a request that never came. What does the call's result say is missing?"


def keep_alive() -> KeepAlive:
    """Start the exercise: a call ends by itself; find the reason, and keep the next one for an hour.

    Examples
    --------
    >>> import graphcall_nb as gc
    >>> with gc.exercises.keep_alive() as task:
    ...     task.check()
    Not yet: no call has been established here yet.
    """
    return KeepAlive(simulate(speed=SPEED))
