"""Exercises that ask for a call: its notification, its end, its length, its duplicate, and a rare failure of many."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from .._text import json_text
from ..fleet import simulate_fleet
from ..graph import templates
from ..session.call import CallHandle
from ..session.open_journal import open_journal
from ..session.session import Session
from ..session.simulate import simulate
from ..simulator.scenarios import ScenarioName
from .exercise import UNKNOWN_CALL, Exercise, Verdict, find_call_ids

SUBJECTS = ("Delivery", "Appointment", "Order", "Weekly review", "Support", "Interview")
ADVANCE_SECONDS = 600.0
"""All simulated calls of these exercises end sooner."""

FLEET_CALLS = 600
FAILURE_PERCENT = 3
_FAILURES: tuple[ScenarioName, ...] = ("dropped_media", "busy", "declined")


class FindCall(Exercise):
    """Find one call of several.

    Parameters
    ----------
    session : Session
    title, task : str
    expected : ids of the calls that are right answers
    hint : said after a wrong answer
    lesson : said after the right one
    """

    def __init__(
        self, session: Session, *, title: str, task: str, expected: Collection[str], hint: str, lesson: str
    ) -> None:
        super().__init__(session)
        self.title, self.task = title, task
        self._expected = frozenset(expected)
        self._hint, self._lesson = hint, lesson

    def evaluate(self, *answer: Any) -> Verdict:
        """Check ``check(call)``: the subject of a call, its id, or its handle."""
        if len(answer) != 1:
            return Verdict(False, "give one value: the subject of a call, its id, or its handle.")
        found = find_call_ids(self.session, answer[0])
        if not found:
            return Verdict(False, UNKNOWN_CALL)
        if not found <= self._expected:
            return Verdict(False, f"it is another call. {self._hint}")
        return Verdict(True, self._lesson)


class FindFailure(Exercise):
    """Find why a few of many calls fail."""

    title = f"Why do {FAILURE_PERCENT} % of these calls fail?"
    task = (
        f"task.session is a journal of {FLEET_CALLS} calls of one day. About {FAILURE_PERCENT} % of them failed, all "
        "for the same reason.\n\n"
        "Give one of the calls that failed (its id or its handle), and the result_code or the result_subcode that "
        "they share: task.check(call, 480). task.session.summary() and gc.explain(code, subcode) help."
    )

    def __init__(self, session: Session, folder: tempfile.TemporaryDirectory[str]) -> None:
        super().__init__(session)
        self._folder = folder

    def close(self) -> None:
        """Close the session and delete its journal."""
        super().close()
        self._folder.cleanup()

    def evaluate(self, *answer: Any) -> Verdict:
        """Check ``check(call, code)`` against the calls that failed."""
        if len(answer) != 2:
            return Verdict(False, "give two values: one of the calls that failed, and the code that they share.")
        calls = self.session.calls()
        failed = calls[calls["result_code"] >= 400].set_index("call_id")
        found = find_call_ids(self.session, answer[0])
        if not found:
            return Verdict(False, UNKNOWN_CALL)
        if not found <= set(failed.index):
            return Verdict(False, "this call did not fail. A call failed if its result_code is 400 or above.")
        codes = {str(code) for name in ("result_code", "result_subcode") for code in failed[name].dropna()}
        if str(answer[1]) not in codes:
            return Verdict(False, "this call failed. Which code do it and the others share?")
        return Verdict(True, f"{len(failed)} of {len(calls)} calls share it. Is it the bot, the service or the callee?")


def read_notification(*, seed: int | None = None) -> FindCall:
    """Start the exercise: read a notification, and say which call it is about.

    Parameters
    ----------
    seed : int, optional
        Selects the notification; by default another one each time.

    Examples
    --------
    >>> import graphcall_nb as gc
    >>> with gc.exercises.read_notification(seed=1) as task:
    ...     task.check("Holidays")
    Not yet: this call does not exist here; task.session.calls() lists the calls.
    """
    rng = random.Random(seed)  # noqa: S311 - an exercise, not a secret
    session, _ = _run_calls(["answered"] * 4, rng)
    record = rng.choice([each for each in session.journal.read() if each.entity == "call"])
    return FindCall(
        session,
        title="Read this notification",
        task="This notification arrived:\n\n"
        + json_text(json.loads(record.raw))
        + "\n\nWhich call is it about? task.session.calls() lists the calls: task.check(subject, id or handle).",
        expected={record.call_id},
        hint="The path in resource names it.",
        lesson="the path in resource names the call. What else does this notification say, and what does it leave out?",
    )


def find_declined_call(*, seed: int | None = None) -> FindCall:
    """Start the exercise: one of several calls that failed was declined; find it.

    Parameters
    ----------
    seed : int, optional
        Selects the call; by default another one each time.
    """
    rng = random.Random(seed)  # noqa: S311 - an exercise, not a secret
    session, calls = _run_calls(["declined", "busy", "no_answer", "unreachable", "answered"], rng)
    return FindCall(
        session,
        title="Which call was declined?",
        task="Five calls were placed. One callee pressed Decline; other calls failed for other reasons.\n\n"
        "Which call was declined? See its result: task.check(subject, id or handle).",
        expected={calls["declined"].id},
        hint="Read the column result of task.session.calls(), or gc.explain(code, subcode).",
        lesson="it was declined. Should your bot call again?",
    )


def find_longest_talk(*, seed: int | None = None) -> FindCall:
    """Start the exercise: find the call in which both sides talked longest.

    Parameters
    ----------
    seed : int, optional
        Selects the call; by default another one each time.
    """
    rng = random.Random(seed)  # noqa: S311 - an exercise, not a secret
    session = _start_session(rng)
    seconds = rng.sample(range(20, 200, 20), 4)
    calls = []
    for subject, talk in zip(rng.sample(SUBJECTS, 4), seconds, strict=True):
        call = session.create_call(templates.peer_to_peer(subject=subject))
        session.simulator.advance(10 + talk)
        call.hang_up()
        session.simulator.advance(10)
        calls.append(call)
    longest = calls[seconds.index(max(seconds))]
    return FindCall(
        session,
        title="Which talk was the longest?",
        task="Four calls were answered and ended. In which one did both sides talk longest?\n\n"
        "Time to ring does not count: task.check(subject, id or handle).",
        expected={longest.id},
        hint="A call that lasts long may ring long. See talk_time in task.session.calls().",
        lesson="this talk was the longest. From which notification to which one does talk_time last?",
    )


def find_duplicate(*, seed: int | None = None) -> FindCall:
    """Start the exercise: the notifications of one call arrived twice; find the call.

    Parameters
    ----------
    seed : int, optional
        Selects the call; by default another one each time.
    """
    rng = random.Random(seed)  # noqa: S311 - an exercise, not a secret
    session = _start_session(rng)
    doubled = rng.randrange(4)
    calls = []
    for number, subject in enumerate(rng.sample(SUBJECTS, 4)):
        if number == doubled:
            session.simulator.set_faults("duplicated")
        calls.append(session.create_call(templates.peer_to_peer(subject=subject)))
        session.simulator.advance(60)
        session.simulator.set_faults()
    return FindCall(
        session,
        title="Find the duplicates",
        task="Four calls were placed. Every notification of one of them arrived twice, as Graph may send them.\n\n"
        "Which call? task.check(subject, id or handle).",
        expected={calls[doubled].id},
        hint="task.session.notifications() marks duplicates, and task.session.calls() counts them.",
        lesson="its notifications came twice. How would a bot notice that it has seen a notification before?",
    )


def find_failure(*, seed: int | None = None) -> FindFailure:
    """Start the exercise: find why 3 % of 600 calls fail.

    Parameters
    ----------
    seed : int, optional
        Selects the reason; by default another one each time.
    """
    rng = random.Random(seed)  # noqa: S311 - an exercise, not a secret
    folder = tempfile.TemporaryDirectory(prefix="graphcall-exercise-")
    path = Path(folder.name) / "calls.sqlite"
    mix: dict[ScenarioName, float] = {
        "answered": 60,
        "callee_hangs_up": 40 - FAILURE_PERCENT,
        rng.choice(_FAILURES): FAILURE_PERCENT,
    }
    try:
        simulate_fleet(FLEET_CALLS, path, mix=mix, seed=rng.randrange(2**31))
        session = open_journal(path)
    except BaseException:
        folder.cleanup()
        raise
    return FindFailure(session, folder)


def _start_session(rng: random.Random) -> Session:
    return simulate(virtual_time=True, seed=rng.randrange(2**31))


def _run_calls(scenarios: Sequence[ScenarioName], rng: random.Random) -> tuple[Session, dict[ScenarioName, CallHandle]]:
    """Return a session in virtual time with calls that have ended, and the last call of each scenario."""
    session = _start_session(rng)
    shuffled = rng.sample(scenarios, len(scenarios))
    calls: dict[ScenarioName, CallHandle] = {}
    for subject, scenario in zip(rng.sample(SUBJECTS, len(shuffled)), shuffled, strict=True):
        calls[scenario] = session.create_call(templates.peer_to_peer(subject=subject), scenario=scenario)
    session.simulator.advance(ADVANCE_SECONDS)
    return session, calls
