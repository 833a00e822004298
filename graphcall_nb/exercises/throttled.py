"""The service answers 429: wait as long as it says, and ask again."""

from __future__ import annotations

from typing import Any

from ..session.simulate import simulate
from .exercise import Exercise, Verdict

RETRY_AFTER_SECONDS = 1.0
"""What the fault ``throttled`` asks for."""

TOLERANCE_SECONDS = 0.05
"""Clocks and transports are not exact."""


class SendAgain(Exercise):
    """Get a call established although the service answers 429."""

    title = "Send it again"
    task = (
        "This service is busy: every other request is answered 429 Too Many Requests, with a header that says how long "
        "to wait. The session would wait and ask again by itself; here that is switched off, so that "
        "session.create_call(…) raises gc.errors.Throttled.\n\n"
        "Write what is missing: place a call with task.session, wait as the service asks (the error's retry_after, in "
        "seconds), ask again, and get the call established. task.check() says how you stand."
    )

    def check(self, *_: Any) -> Verdict:
        """Whether a call is established and no request came before its time."""
        asked = self.session.requests()
        creates = asked[asked["operation"] == "create"]
        if creates.empty:
            return Verdict(False, "no call was asked for yet; begin with task.session.create_call(…).")
        early = _too_early(creates)
        if early is not None:
            return Verdict(
                False,
                f"a request was sent {early:.1f} s after a 429 that asked for {RETRY_AFTER_SECONDS:g} s. A service "
                "that is asked too early only gets busier. Begin anew with gc.exercises.send_again().",
            )
        if not (creates["status"] == 201).any():
            return Verdict(False, "every request was answered 429 so far, and none was sent again after the pause.")
        states = self.session.intervals()["state"].astype(str).tolist()
        if "established" not in states:
            return Verdict(False, "a call was created, but none has been established yet; wait for it.")
        refused = int((creates["status"] == 429).sum())
        return Verdict(True, f"the call is established; {refused} time(s) you were told to wait, and you waited.")


def _too_early(creates: Any) -> float | None:
    """The shortest pause after a 429 that was shorter than asked for."""
    ordered = creates.sort_values("sent_at")
    refused_at = (ordered["sent_at"] + ordered["duration"]).where(ordered["status"] == 429).shift()
    pauses = (ordered["sent_at"] - refused_at).dt.total_seconds().dropna()
    short = pauses[pauses < RETRY_AFTER_SECONDS - TOLERANCE_SECONDS]
    return None if short.empty else float(short.min())


def send_again() -> SendAgain:
    """The service answers 429; get a call established all the same.

    Examples
    --------
    >>> import graphcall_nb as gc
    >>> with gc.exercises.send_again() as task:
    ...     task.check()
    Not yet: no call was asked for yet; begin with task.session.create_call(…).
    """
    session = simulate(faults="throttled", speed=4)
    session.async_calls.tries = 1
    return SendAgain(session)
