"""A provider that connects when the test lets it, and a sleep that the test can see; both are arguments of a tunnel."""

import asyncio

from graphcall_nb.errors import TunnelError


class PretendLink:
    def __init__(self, url):
        self.url = url
        self.closed = False
        self.heals = False
        self._gone = asyncio.Future()
        self._healed = asyncio.Event()

    def lose(self, reason):
        self._gone.set_result(reason)

    async def lost(self):
        return await self._gone

    def heal(self):
        self._gone = asyncio.Future()
        self._healed.set()

    async def healed(self):
        if self.heals:
            await self._healed.wait()
        return self.heals

    async def close(self):
        self.closed = True


class PretendProvider:
    """Connects to the addresses it is given, one after the other; an exception among them is raised."""

    name = "pretend"
    local_port = None

    def __init__(self, *outcomes, why="It is always there."):
        self.outcomes = list(outcomes)
        self.why = why
        self.ports = []
        self.links = []

    async def check(self):
        if isinstance(self.why, TunnelError):
            raise self.why
        return self.why

    async def connect(self, port):
        self.ports.append(port)
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        self.links.append(PretendLink(outcome))
        return self.links[-1]


class Clock:
    """The time, which only passes by ``sleep``; ``asleep`` seconds pass once on top, as when a laptop sleeps."""

    def __init__(self):
        self.now = 1_000_000.0
        self.waits = []
        self.asleep = 0.0

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        self.waits.append(seconds)
        self.now += seconds + self.asleep
        self.asleep = 0.0
        await asyncio.sleep(0)


async def until(tunnel, state):
    """Wait for a state of a tunnel; the status that brought it."""
    async with asyncio.timeout(20):
        async for status in tunnel.changes():
            if status.state == state:
                return status
    raise AssertionError(f"the tunnel was closed before it was {state}: {tunnel.status}")
