"""Fakes that are passed to a tunnel: a provider that connects when the test says so, and a clock with its sleep."""

import asyncio

from graphcall_nb.errors import TunnelError


class FakeConnection:
    """A connection that is lost and recovers when the test says so."""

    def __init__(self, url):
        self.url = url
        self.closed = False
        self.can_recover = False
        self._lost = asyncio.Future()
        self._recovered = asyncio.Event()

    def lose(self, reason):
        self._lost.set_result(reason)

    def restore(self):
        self._lost = asyncio.Future()
        self._recovered.set()

    async def wait_lost(self):
        return await self._lost

    async def recover(self):
        if self.can_recover:
            await self._recovered.wait()
        return self.can_recover

    async def close(self):
        self.closed = True


class FakeProvider:
    """A provider that connects to the given URLs in turn; an exception among them is raised."""

    name = "fake"
    local_port = None

    def __init__(self, *outcomes, reason="It always works."):
        self.outcomes = list(outcomes)
        self.reason = reason
        self.ports = []
        self.connections = []

    async def check(self):
        if isinstance(self.reason, TunnelError):
            raise self.reason
        return self.reason

    async def connect(self, port):
        self.ports.append(port)
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        self.connections.append(FakeConnection(outcome))
        return self.connections[-1]


class FakeClock:
    """A clock that only ``sleep`` advances, once by ``suspended`` seconds more, as when a laptop is suspended."""

    def __init__(self):
        self.now = 1_000_000.0
        self.waits = []
        self.suspended = 0.0

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        self.waits.append(seconds)
        self.now += seconds + self.suspended
        self.suspended = 0.0
        await asyncio.sleep(0)


async def wait_for_state(tunnel, state):
    """Wait for a state of a tunnel and return its status."""
    async with asyncio.timeout(20):
        async for status in tunnel.changes():
            if status.state == state:
                return status
    raise AssertionError(f"the tunnel was closed before it was {state}: {tunnel.status}")
