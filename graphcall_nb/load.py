"""A load generator: many simulated calls into a journal, through listeners in processes of their own.

It sends the notifications of whole calls without tasks, timers or pauses, and calls in the same step share a request
(the ``value`` of Graph's notifications is a list). So one core generates some thousand whole calls a second.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import wait
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from ._arguments import require_choice, require_path, require_type
from .background import Background, serve
from .graph.versions import DEFAULT, VersionName
from .journal.journal import open_journal
from .listener.config import CallbackConfig
from .listener.process import IsolatedListener
from .simulator.calls import SimulatedCall
from .simulator.delivery import Delivery
from .simulator.payloads import make_notification
from .simulator.random import make_guid
from .simulator.scenario import Scenario
from .simulator.scenarios import ENDING, SCENARIOS, ScenarioName, generate_events
from .simulator.simulator import Simulator
from .simulator.state_machine import CallState, Event, advance
from .simulator.versions import get_version

__all__ = ["LoadGenerator", "LoadStats", "send_load"]

MIX: Mapping[ScenarioName, float] = {"answered": 70, "declined": 12, "no_answer": 11, "busy": 7}
"""Scenarios and how many calls of a hundred have each."""

CALLS_PER_REQUEST = 20
CONNECTIONS = 16
RETRY_SECONDS = 0.2
PROGRESS_SECONDS = 0.5
"""Interval between calls of ``on_progress``."""

_NAMES = ("Adele Vance", "Alex Wilber", "Diego Siciliani", "Grady Archie", "Isaiah Langer", "Lee Gu", "Megan Bowen")


@dataclass
class LoadStats:
    """The load that was sent so far.

    Attributes
    ----------
    calls : int
        Calls that were sent completely.
    notifications, requests : int
        Notifications that were acknowledged, and the requests that held them.
    retries : int
        Requests that were sent again.
    """

    calls: int = 0
    notifications: int = 0
    requests: int = 0
    retries: int = 0


class LoadGenerator:
    """Sends the notifications of many calls to listeners.

    Parameters
    ----------
    simulator : Simulator
        Signs and sends the notifications; the calls are those of its tenant's bot.
    urls : sequence of str
        Callback URLs of listeners; requests are spread over them.
    version : str
        Shape of the notifications.
    mix : dict of str to float
        Number of calls of a hundred by scenario.
    seed : int
        Makes the calls repeat.
    clock : callable
        Returns epoch seconds.
    """

    def __init__(
        self,
        simulator: Simulator,
        urls: Sequence[str],
        *,
        version: str,
        mix: Mapping[ScenarioName, float] = MIX,
        seed: int = 1,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._sender = simulator.sender
        self._bot = simulator.tenant.bot
        self._urls = urls
        self._version = get_version(version)
        self._scenarios = [SCENARIOS[name] for name in mix]
        self._weights = list(mix.values())
        self._seed = seed
        self._clock = clock
        self.stats = LoadStats()

    async def run(self, calls: int) -> LoadStats:
        """Send this many calls and return when all notifications were acknowledged."""
        first = self.stats.calls
        starts = range(first, first + calls, CALLS_PER_REQUEST)
        groups = iter([range(n, min(n + CALLS_PER_REQUEST, first + calls)) for n in starts])
        await asyncio.gather(*(self._work(groups, number) for number in range(CONNECTIONS)))
        return self.stats

    async def _work(self, groups: Iterator[range], number: int) -> None:
        url = self._urls[number % len(self._urls)]
        for group in groups:
            for body in self.generate_bodies(group):
                while not (await self._sender.send(Delivery("", url, self._bot.id, body))).is_delivered:
                    self.stats.retries += 1
                    await asyncio.sleep(RETRY_SECONDS)
                self.stats.requests += 1
                self.stats.notifications += len(body["value"])
            self.stats.calls += len(group)

    def generate_bodies(self, numbers: Iterable[int]) -> Iterator[dict[str, Any]]:
        """Yield the request bodies of the calls with these numbers, step by step."""
        for step in zip_longest(*(self._generate_notifications(number) for number in numbers)):
            bodies = [body for body in step if body is not None]
            yield {**bodies[0], "value": [item for body in bodies for item in body["value"]]}

    def _generate_notifications(self, number: int) -> Iterator[dict[str, Any]]:
        rng = random.Random(f"{self._seed}/{number}")  # noqa: S311 - repeating is the purpose of a seed
        call = self._make_call(number, rng)
        scenario = rng.choices(self._scenarios, self._weights)[0]
        for event in _generate_call_events(call, scenario, rng):
            call.state, changes = advance(call.state, event, self._clock())
            for change in changes:
                if change.entity == "call" and change.state.name not in self._version.hidden_states:
                    yield make_notification(call, change)

    def _make_call(self, number: int, rng: random.Random) -> SimulatedCall:
        callee = {"user": {"displayName": rng.choice(_NAMES), "id": make_guid(rng)}}
        return SimulatedCall(
            id=self._version.make_id(rng),
            number=number,
            application_id=self._bot.id,
            participant_id=self._version.make_id(rng),
            chain_id=make_guid(rng),
            version=self._version,
            callback_uri="",
            body={"targets": [{"identity": callee}], "requestedModalities": ["audio"]},
            bot={"application": {"displayName": self._bot.name, "id": self._bot.id}},
            state=CallState(etag=rng.randrange(1000, 10_000)),
        )


def _generate_call_events(call: SimulatedCall, scenario: Scenario, rng: random.Random) -> Iterator[Event]:
    yield Event("create")
    yield from (event for _, event in generate_events(scenario.peer, call.kind, call.body, call.bot, rng))
    # These have no effect on a call that has ended.
    yield Event("hang_up")
    yield from (event for _, event in generate_events(ENDING, call.kind, call.body, call.bot, rng))


def send_load(
    journal: str | os.PathLike[str],
    calls: int,
    *,
    listeners: int = 4,
    version: VersionName = DEFAULT,
    mix: Mapping[ScenarioName, float] = MIX,
    seed: int = 1,
    on_progress: Callable[[LoadStats], None] | None = None,
) -> LoadStats:
    """Send the notifications of many simulated calls, as fast as the listeners accept them.

    Every notification is signed, checked by a listener, committed and acknowledged, as with a real tenant. Only the
    pauses within a call are left out, and calls in the same step share requests.

    Parameters
    ----------
    journal : str or path
        A path or URL; PostgreSQL for several listeners that write at once.
    calls : int
        Number of calls.
    listeners : int
        Number of listener processes.
    version : str
        API version of the notifications.
    mix : dict of str to float
        Number of calls of a hundred by scenario.
    seed : int
        Makes the calls repeat.
    on_progress : callable, optional
        Called every half second with the load that was sent so far, in the calling thread.

    Returns
    -------
    LoadStats
        Number of calls, notifications and requests.

    Raises
    ------
    JournalError
        If the journal cannot be opened.

    Examples
    --------
    >>> import tempfile
    >>> stats = send_load(tempfile.mkdtemp() + "/load.sqlite", 50, listeners=1)
    >>> stats.calls
    50
    """
    location = require_path("journal", journal, "a path or a database URL")
    require_type("calls", calls, int, "a whole number")
    if require_type("listeners", listeners, int, "a whole number, 1 or more") < 1:
        raise ValueError(f"listeners: give a whole number, 1 or more, not {listeners}.")
    for name in mix:
        require_choice("scenario", name, SCENARIOS)
    open_journal(location).close()  # raises here what each process would raise
    simulator = Simulator(seed=seed)
    background = Background()
    background.start()
    stack = AsyncExitStack()
    try:
        urls = background.run(_start_listeners(stack, simulator, location, listeners))
        generator = LoadGenerator(simulator, urls, version=version, mix=mix, seed=seed)
        running = background.submit(generator.run(calls))
        while not running.done():
            wait([running], PROGRESS_SECONDS)
            if on_progress:
                on_progress(generator.stats)
        return running.result()
    finally:
        background.run(stack.aclose())
        background.stop()


async def _start_listeners(stack: AsyncExitStack, simulator: Simulator, journal: str, count: int) -> list[str]:
    """Serve the simulator and start listeners; return their callback URLs."""
    server = await serve(simulator.app)
    stack.push_async_callback(simulator.aclose)
    stack.push_async_callback(server.close)
    info = simulator.info(server.url)
    urls = []
    for _ in range(count):
        callback = CallbackConfig(
            audience=info["client_id"], tenant_id=info["tenant_id"], openid_url=info["openid_url"]
        )
        listener = IsolatedListener(journal, callback)
        await listener.start()
        stack.push_async_callback(listener.close)
        urls.append(listener.url + listener.callback.path)
    return urls
