"""Exercise: the service answers 429; wait as long as it says, and retry."""

from __future__ import annotations

import pandas as pd

from ..session.simulate import simulate
from .exercise import Exercise, Verdict

RETRY_AFTER_SECONDS = 1.0
"""The pause that the fault ``throttled`` demands."""

TOLERANCE_SECONDS = 0.05
"""Clocks and transports are not exact."""


class RetryThrottled(Exercise):
    """Get a call established although the service answers 429."""

    title = "Retry"
    task = (
        "This service is busy: every other request is answered 429 Too Many Requests, with a header that says how long "
        "to wait. A session waits and retries by itself; here that is switched off, so that session.create_call(…) "
        "raises gc.errors.Throttled.\n\n"
        "Write the missing part: place a call with task.session, wait as the service asks (the error's retry_after, in "
        "seconds), retry, and get the call established. task.check() reports your progress."
    )

    def evaluate(self, *_: object) -> Verdict:
        """Check if a call is established and no request came too early."""
        requests = self.session.requests()
        creates = requests[requests["operation"] == "create"]
        if creates.empty:
            return Verdict(False, "no call was requested yet; begin with task.session.create_call(…).")
        early = _find_early_pause(creates)
        if early is not None:
            return Verdict(
                False,
                f"a request was sent {early:.1f} s after a 429 that demanded {RETRY_AFTER_SECONDS:g} s. Early retries "
                "make a busy service busier. Begin again with gc.exercises.retry_throttled().",
            )
        if not (creates["status"] == 201).any():
            return Verdict(False, "every request was answered 429 so far, and none was sent again after the pause.")
        states = self.session.intervals()["state"].astype(str).tolist()
        if "established" not in states:
            return Verdict(False, "a call was created, but none has been established yet; wait for it.")
        throttled = int((creates["status"] == 429).sum())
        return Verdict(True, f"the call is established; you waited after {throttled} answer(s) of 429.")


def _find_early_pause(creates: pd.DataFrame) -> float | None:
    """Return the shortest pause after a 429, in seconds, if it was too short."""
    ordered = creates.sort_values("sent_at")
    throttled_at = (ordered["sent_at"] + ordered["duration"]).where(ordered["status"] == 429).shift()
    pauses = (ordered["sent_at"] - throttled_at).dt.total_seconds().dropna()
    short = pauses[pauses < RETRY_AFTER_SECONDS - TOLERANCE_SECONDS]
    return None if short.empty else float(short.min())


def retry_throttled() -> RetryThrottled:
    """Start the exercise: the service answers 429; get a call established all the same.

    Examples
    --------
    >>> import graphcall_nb as gc
    >>> with gc.exercises.retry_throttled() as task:
    ...     task.check()
    Not yet: no call was requested yet; begin with task.session.create_call(…).
    """
    session = simulate(faults="throttled", speed=4)
    session.async_calls.max_attempts = 1
    return RetryThrottled(session)
