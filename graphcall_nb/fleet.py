"""A fleet of simulated calls into a journal, through listeners in processes of their own."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import wait
from contextlib import AsyncExitStack

from ._arguments import require_choice, require_path, require_type
from .background import Background, serve
from .graph.versions import DEFAULT
from .journal.journal import open_journal
from .listener.config import CallbackConfig
from .listener.process import IsolatedListener
from .simulator.fleet import MIX, Fleet, Sent
from .simulator.scenarios import SCENARIOS
from .simulator.service import Simulator

__all__ = ["Sent", "simulate_fleet"]

PROGRESS_SECONDS = 0.5
"""How often ``on_progress`` is called."""


def simulate_fleet(
    journal: str | os.PathLike[str],
    calls: int,
    *,
    listeners: int = 4,
    version: str = DEFAULT,
    mix: Mapping[str, float] = MIX,
    seed: int = 1,
    on_progress: Callable[[Sent], None] | None = None,
) -> Sent:
    """Let many simulated calls live and end, as fast as the listeners take their notifications.

    Every notification is signed, checked by a listener, committed and acknowledged, as with a real tenant; only the
    pauses within a call are left out, and calls that are as far as each other share envelopes.

    Parameters
    ----------
    journal : a path or URL; PostgreSQL where several listeners are to write at once
    calls : how many
    listeners : how many processes receive
    version : how notifications are spelt
    mix : how many of a hundred calls have which scenario
    seed : the same one makes the same calls
    on_progress : called every half second, from this thread, with what was sent so far

    Returns
    -------
    Sent
        How many calls and notifications, in how many requests.

    Raises
    ------
    JournalError
        When the journal cannot be opened.

    Examples
    --------
    >>> import tempfile
    >>> sent = simulate_fleet(tempfile.mkdtemp() + "/fleet.sqlite", 50, listeners=1)
    >>> sent.calls
    50
    """
    where = require_path("journal", journal, "a path or a database URL")
    require_type("calls", calls, int, "a whole number")
    if require_type("listeners", listeners, int, "a whole number, 1 or more") < 1:
        raise ValueError(f"listeners: give a whole number, 1 or more, not {listeners}.")
    for name in mix:
        require_choice("scenario", name, SCENARIOS)
    open_journal(where).close()  # what is wrong with it is said here, and not by each process
    simulator = Simulator(seed=seed)
    background = Background()
    background.start()
    stack = AsyncExitStack()
    try:
        fleet = background.run(_open(stack, simulator, where, listeners, version=version, mix=mix, seed=seed))
        running = background.submit(fleet.run(calls))
        while not running.done():
            wait([running], PROGRESS_SECONDS)
            if on_progress:
                on_progress(fleet.sent)
        return running.result()
    finally:
        background.run(stack.aclose())
        background.stop()


async def _open(
    stack: AsyncExitStack,
    simulator: Simulator,
    journal: str,
    listeners: int,
    *,
    version: str,
    mix: Mapping[str, float],
    seed: int,
) -> Fleet:
    service = await serve(simulator.app)
    stack.push_async_callback(simulator.aclose)
    stack.push_async_callback(service.close)
    info = simulator.info(service.url)
    urls = []
    for _ in range(listeners):
        callback = CallbackConfig(
            audience=info["client_id"], tenant_id=info["tenant_id"], openid_url=info["openid_url"]
        )
        listener = IsolatedListener(journal, callback)
        await listener.start()
        stack.push_async_callback(listener.close)
        urls.append(listener.url + listener.callback.path)
    return simulator.fleet(urls, version=version, mix=mix, seed=seed)
