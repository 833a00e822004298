"""How long to wait between two attempts to reopen a lost tunnel."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Backoff:
    """Waits that double up to a limit, and become long when nobody has answered for a while.

    The limit of the first minutes is short, since a server that restarts or a laptop that wakes up is back soon and
    each second without a tunnel loses notifications.

    Parameters
    ----------
    first : the first wait, in seconds
    most : the longest wait of the first minutes
    patience : how many seconds of waiting the first minutes are
    later : the wait after that
    jitter : a number from 0 to 1 for each wait, which takes up to a tenth off it, so that many do not come at once

    Examples
    --------
    >>> from itertools import islice
    >>> list(islice(Backoff(patience=3, jitter=lambda: 0.0), 5))
    [0.25, 0.5, 1.0, 1.5, 15.0]
    """

    first: float = 0.25
    most: float = 1.5
    patience: float = 300.0
    later: float = 15.0
    jitter: Callable[[], float] = random.random

    def __iter__(self) -> Iterator[float]:
        wait, waited = self.first, 0.0
        while waited < self.patience:
            yield wait * (1 - self.jitter() / 10)
            waited += wait
            wait = min(2 * wait, self.most)
        while True:
            yield self.later * (1 - self.jitter() / 10)
