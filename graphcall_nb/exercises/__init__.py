"""Exercises that mark themselves: each opens a session, sets a task, and says with ``check()`` what is still wrong.

::

    task = gc.exercises.send_again()       # the service answers 429
    task = gc.exercises.find_the_lost()    # one notification never came
    task = gc.exercises.keep_alive()       # a call ends by itself

``task.session`` is what to work with; ``check()`` never gives the answer away.
"""

from .alive import keep_alive
from .exercise import Exercise, Verdict
from .lost import find_the_lost
from .throttled import send_again

__all__ = ["Exercise", "Verdict", "find_the_lost", "keep_alive", "send_again"]
