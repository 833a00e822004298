"""Kill listeners repeatedly under load, and count the acknowledged notifications that are missing.

``python -m tests.listener.killing isolated 1000000 100`` (kind, notifications, kills) is the long form of
``test_kill.py``; kinds are ``thread``, ``isolated`` and ``four`` (of PostgreSQL).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import sys
import tempfile
import time
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path

from graphcall_nb.frames import Frames
from graphcall_nb.journal.journal import open_journal
from graphcall_nb.listener.config import CallbackConfig
from graphcall_nb.listener.process import IsolatedListener
from tests.postgres import running_postgres

from .service import COMMAND, make_envelope, running_service

STATES = ("establishing", "ringing", "established", "terminating", "terminated")
PATH = "/killed"

THREAD = """
import asyncio, json, sys, time
from contextlib import AsyncExitStack
from graphcall_nb.background import Background
from graphcall_nb.journal.journal import open_journal
from graphcall_nb.listener.config import CallbackConfig
from graphcall_nb.listener.serve import serve_listener

journal, settings = sys.argv[1], json.loads(sys.argv[2])
background = Background()
background.start()
_, server = background.run(serve_listener(AsyncExitStack(), open_journal(journal), CallbackConfig(**settings)))
print(json.dumps({"callback_url": server.url + settings["path"]}), flush=True)
while True:
    time.sleep(60)
"""


class Process:
    """A listener in a process that prints its address on the first line; it restarts at the same port."""

    def __init__(self, command, port_options):
        self._command, self._port_options = command, port_options
        self.port = 0

    async def start(self):
        command = [*self._command, *self._port_options(self.port)]
        self._running = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        first_line = json.loads(await self._running.stdout.readline())
        self.port = int(first_line["callback_url"].split(":")[2].partition("/")[0])

    async def kill(self):
        self._running.kill()
        await self._running.wait()
        await self.start()

    async def close(self):
        self._running.kill()
        await self._running.wait()


def make_thread_listener(journal, service):
    settings = service.callback | {"path": PATH}
    return Process(
        [sys.executable, "-c", THREAD, journal],
        lambda port: [json.dumps(settings | {"host": "127.0.0.1", "port": port})],
    )


def make_command_listener(journal, service):
    command = [*COMMAND, "listen", "--json", "--path", PATH, "--journal", journal, *service.options]
    return Process(command, lambda port: ["--port", str(port)])


class Isolated(IsolatedListener):
    """A listener that restarts itself."""

    def __init__(self, journal, service):
        super().__init__(journal, CallbackConfig(**service.callback, path=PATH))

    @property
    def port(self):
        return self.callback.port

    async def kill(self):
        before = self.restarts
        os.kill(self.pid, signal.SIGKILL)
        while self.restarts == before or self.pid is None:  # noqa: ASYNC110 - there is no event
            await asyncio.sleep(0.02)


KINDS = {
    "thread": lambda journal, service: [make_thread_listener(journal, service)],
    "isolated": lambda journal, service: [Isolated(journal, service)],
    "four": lambda journal, service: [make_command_listener(journal, service) for _ in range(4)],
}


class Sender:
    """Sends the notifications of calls until each is acknowledged, and logs the acknowledged ones."""

    def __init__(self, ports, headers, log, calls, connections):
        self._ports = ports
        self._head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._log = log.open("w")
        self._left = iter(range(calls))
        self._connections = connections
        self.acknowledged = self.repeated = 0

    async def run(self):
        await asyncio.gather(*(self._work(number) for number in range(self._connections)))
        self._log.close()

    async def _work(self, number):
        rng = random.Random(number)
        connection = None
        for call in self._left:
            for state in STATES:
                connection = await self._deliver(connection, rng, f"call-{call}", state)
        if connection:
            connection[1].close()

    async def _deliver(self, connection, rng, call_id, state):
        body = make_envelope(call_id, state).encode()
        request = f"POST {PATH} HTTP/1.1\r\nHost: x\r\n{self._head}Content-Length: {len(body)}\r\n\r\n".encode() + body
        while True:
            try:
                reader, writer = connection or await asyncio.open_connection("127.0.0.1", rng.choice(self._ports))
                connection = reader, writer
                writer.write(request)
                answer = await reader.readuntil(b"\r\n\r\n")
            except (OSError, asyncio.IncompleteReadError):
                answer, connection = b"", None
            if answer.startswith(b"HTTP/1.1 202"):
                self.acknowledged += 1
                self._log.write(f"{call_id} {state}\n")
                return connection
            self.repeated += 1
            if connection:  # the body of the response was not read
                connection[1].close()
                connection = None
            await asyncio.sleep(0.02)


async def kill_under_load(kind, journal, service, log, *, notifications, kills, connections=32):
    """Send notifications, kill at even intervals, and return the sender."""
    listeners = KINDS[kind](journal, service)
    rng = random.Random(1)
    async with AsyncExitStack() as stack:
        for listener in listeners:
            await listener.start()
            stack.push_async_callback(listener.close)
        sender = Sender([one.port for one in listeners], service.headers, log, notifications // 5, connections)
        sending = asyncio.create_task(sender.run())
        for kill in range(1, kills + 1):
            while sender.acknowledged < kill * notifications // (kills + 1) and not sending.done():  # noqa: ASYNC110
                await asyncio.sleep(0.005)
            await rng.choice(listeners).kill()
        await sending
    return sender


def find_losses(journal, log):
    """Return acknowledged notifications that are not in the frame, those not in it once, and its length."""
    opened = open_journal(journal)
    frames = Frames(opened.read_columns, opened.read_requests, opened.payloads)
    frames.refresh()
    opened.close()
    frame = frames.notifications()
    once = frame[frame["duplicate_of"].isna()].groupby(["call_id", "state"], observed=True).size()
    acknowledged = [tuple(line.split()) for line in log.read_text().splitlines()]
    assert len(set(acknowledged)) == len(acknowledged)
    counts = once.to_dict()
    missing = [pair for pair in acknowledged if pair not in counts]
    return missing, [pair for pair in acknowledged if counts.get(pair, 1) != 1], len(frame)


def main(kind, notifications, kills):
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        service = stack.enter_context(running_service())
        journal = stack.enter_context(running_postgres()).url if kind == "four" else str(folder / "journal.sqlite")
        began = time.monotonic()
        sender = asyncio.run(
            kill_under_load(
                kind, journal, service, folder / "log", notifications=notifications, kills=kills, connections=64
            )
        )
        seconds = time.monotonic() - began
        missing, not_once, rows = find_losses(journal, folder / "log")
    print(
        f"{kind}: {sender.acknowledged} acknowledged, {kills} kills, {sender.repeated} sent again, {rows} rows, "
        f"{len(missing)} missing, {len(not_once)} not once; {seconds:.0f} s"
    )
    return 1 if missing or not_once else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.listener.killing", description=__doc__)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("notifications", type=int, help="number of notifications")
    parser.add_argument("kills", type=int)
    sys.exit(main(**vars(parser.parse_args())))
