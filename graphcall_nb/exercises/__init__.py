"""Exercises that check their solution: each opens a session, sets a task, and ``check()`` says what is still wrong.

::

    task = gc.exercises.retry_throttled()          # the service answers 429
    task = gc.exercises.find_lost_notification()   # one notification never arrived
    task = gc.exercises.keep_alive()               # a call ends by itself

Work with ``task.session``; ``check()`` never reveals the solution.
"""

from .exercise import Exercise, Verdict
from .keep_alive import keep_alive
from .lost_notifications import find_lost_notification
from .throttled import retry_throttled

__all__ = ["Exercise", "Verdict", "find_lost_notification", "keep_alive", "retry_throttled"]
