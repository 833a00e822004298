"""Delays between attempts: one policy for everything that retries."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Backoff:
    """Exponential backoff: delays that double up to a limit.

    Iterating yields the delays of one series of attempts, in seconds. Start a new iteration after a success. The caller
    sleeps, so that its clock and sleep stay arguments.

    Parameters
    ----------
    initial_seconds : first delay
    max_seconds : longest delay
    slow_after_seconds : after this total of delays, each further delay is ``slow_seconds``; never by default
    slow_seconds : delay once the other side has been away for long
    jitter
        Returns a number from 0 to 1 for each delay, which shortens the delay by up to a tenth, so that many clients do
        not retry at the same moment.

    Examples
    --------
    >>> from itertools import islice
    >>> list(islice(Backoff(max_seconds=1.5, slow_after_seconds=3, slow_seconds=15, jitter=lambda: 0.0), 5))
    [0.25, 0.5, 1.0, 1.5, 15.0]
    """

    initial_seconds: float = 0.25
    max_seconds: float = 60.0
    slow_after_seconds: float = math.inf
    slow_seconds: float = 15.0
    jitter: Callable[[], float] = random.random

    def __iter__(self) -> Iterator[float]:
        delay, total = self.initial_seconds, 0.0
        while total < self.slow_after_seconds:
            yield delay * (1 - self.jitter() / 10)
            total += delay
            delay = min(2 * delay, self.max_seconds)
        while True:
            yield self.slow_seconds * (1 - self.jitter() / 10)
