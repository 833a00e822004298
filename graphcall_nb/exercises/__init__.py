"""Exercises that check their solution: each opens a session, sets a task, and ``check()`` says what is still wrong.

::

    task = gc.exercises.read_notification()        # which call is this notification about?
    task = gc.exercises.find_declined_call()       # one of several failures
    task = gc.exercises.find_longest_talk()
    task = gc.exercises.find_duplicate()           # notifications that arrived twice
    task = gc.exercises.find_lost_notification()   # one notification never arrived
    task = gc.exercises.retry_throttled()          # the service answers 429
    task = gc.exercises.keep_alive()               # a call ends by itself
    task = gc.exercises.find_failure()             # why 3 % of 600 calls fail

Work with ``task.session``; ``check()`` never reveals the solution.
"""

from .exercise import Exercise, Verdict, report_to
from .find_calls import (
    find_declined_call,
    find_duplicate,
    find_failure,
    find_longest_talk,
    read_notification,
)
from .keep_alive import keep_alive
from .lost_notifications import find_lost_notification
from .throttled import retry_throttled

__all__ = [
    "Exercise",
    "Verdict",
    "find_declined_call",
    "find_duplicate",
    "find_failure",
    "find_longest_talk",
    "find_lost_notification",
    "keep_alive",
    "read_notification",
    "report_to",
    "retry_throttled",
]
