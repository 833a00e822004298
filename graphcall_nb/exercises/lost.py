"""One notification never came: find out which, from what the others say."""

from __future__ import annotations

import asyncio
import math
import random
from typing import Any

from ..graph import templates
from ..journal.journal import Journal, open_journal
from ..journal.records import NotificationRecord, RequestRecord
from ..session.replay import replay
from ..session.session import Session
from ..session.simulate import simulate
from .exercise import Exercise, Verdict

CALLS = 8
SPEED = 60.0
PATIENCE_SECONDS = 60.0
LOSABLE = ("ringing", "established", "terminating", "terminated")
"""Without the first one a call would only begin later, which nobody could tell."""


class FindTheLost(Exercise):
    """Find the notification that never came."""

    title = "Find the lost notification"
    task = (
        f"{CALLS} people were called, answered, and hung up. All is over; task.session is a recording of what came in. "
        "One notification was lost on the way.\n\n"
        "Which? Look at task.session.intervals() and task.session.calls(), or at their pictures, and give the id of "
        'the call and the state that was never told: task.check(call_id, "state").'
    )

    def __init__(self, session: Session, journal: Journal, call_id: str, state: str) -> None:
        super().__init__(session)
        self._journal = journal  # a replay of a journal leaves it open
        self._lost = (call_id, state)

    def close(self) -> None:
        super().close()
        self._journal.close()

    def check(self, *answer: Any) -> Verdict:
        """``check(call_id, state)``: whether that is what was lost."""
        if len(answer) != 2:
            return Verdict(False, "give two things: the id of the call, and the state that was never told.")
        call_id, state = (str(part) for part in answer)
        calls = self.session.calls()
        if call_id not in calls.index:
            return Verdict(False, "there is no such call here; its id is the index of task.session.calls().")
        if call_id != self._lost[0]:
            return Verdict(False, "of that call everything was told.")
        if state != self._lost[1]:
            return Verdict(False, "that is the call. Which state has it been in that nobody was told of?")
        return Verdict(True, "that one never came. What would your bot have believed of this call?")


def find_the_lost(*, seed: int | None = None) -> FindTheLost:
    """One notification of eight calls never came; find out which.

    Parameters
    ----------
    seed : chooses which; another one each time where it is ``None``

    Examples
    --------
    >>> import graphcall_nb as gc
    >>> with gc.exercises.find_the_lost(seed=1) as task:
    ...     task.check("nobody", "ringing")
    Not yet: there is no such call here; its id is the index of task.session.calls().
    """
    rng = random.Random(seed)  # noqa: S311 - a riddle, not a secret
    journal = open_journal()
    try:
        call_id, state = _record(journal, rng)
        session = replay(journal, speed=math.inf)
    except BaseException:
        journal.close()
        raise
    return FindTheLost(session, journal, call_id, state)


def _record(journal: Journal, rng: random.Random) -> tuple[str, str]:
    """Place the calls, let them come to their end, and write all into a journal but one notification, and say which."""
    with simulate(speed=SPEED) as session:
        requests = [templates.peer_to_peer(subject=f"Call {number}") for number in range(1, CALLS + 1)]
        calls = [session.create_call(request) for request in requests]
        for call in calls:
            call.wait_for("established", timeout=PATIENCE_SECONDS)
            call.hang_up()
        for call in calls:
            call.wait_for("terminated", timeout=PATIENCE_SECONDS)
        return session.run(_copy(session.journal.read(), session.journal.read_requests(), journal, rng))


async def _copy(
    records: list[NotificationRecord], requests: list[RequestRecord], journal: Journal, rng: random.Random
) -> tuple[str, str]:
    """Write all records but one notification to a journal; return the call id and the state of the omitted one."""
    lost = rng.choice([record for record in records if record.state in LOSABLE])
    kept = [record for record in records if record is not lost]
    # The tasks start, and therefore write, in this order.
    await asyncio.gather(*(journal.append([each.to_notification()], each.received_at_us) for each in kept))
    await asyncio.gather(*(journal.append_request(request) for request in requests))
    return lost.call_id, str(lost.state)
