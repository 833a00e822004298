"""The process of an isolated listener: settings come by stdin, what it has to say goes out by stdout, both as JSON.

It ends when stdin ends, or when another process has become its parent: workers that were forked off a kernel hold the
pipe open after it. So it never outlives the process that started it. Nothing secret is on its command line, where
everybody on the machine could read it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
import threading
from contextlib import AsyncExitStack
from typing import Any

from ..background import new_event_loop
from ..errors import GraphcallError
from ..journal.journal import open_journal
from .app import Listener
from .config import CallbackConfig
from .serve import receive

REPORT_SECONDS = 0.2
"""At most so often it says how many it took."""

PARENT_SECONDS = 1.0
"""How often it looks whether its parent is still there."""


def main() -> int:
    """Listen until stdin ends; returns the exit status."""
    # An interrupt of a cell is for the kernel.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = os.getppid()
    order = json.loads(sys.stdin.buffer.readline())
    loop = new_event_loop()
    try:
        loop.run_until_complete(_listen(order, parent))
    except (GraphcallError, OSError) as error:
        _say(error=str(error))
        return 1
    finally:
        loop.close()
    return 0


async def _listen(order: dict[str, Any], parent: int) -> None:
    callback = CallbackConfig(**order["callback"] | {"issuers": tuple(order["callback"]["issuers"])})
    fd = order["fd"]
    stop = _end_of_stdin()
    async with AsyncExitStack() as stack:
        journal = open_journal(order["journal"])
        stack.callback(journal.close)
        listening = None if fd is None else socket.socket(fileno=fd)
        listener, server = await receive(stack, journal, callback, listening=listening)
        _say(port=server.port)
        reporting = asyncio.create_task(_report(listener))
        while os.getppid() == parent and not stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), PARENT_SECONDS)
        reporting.cancel()


def _end_of_stdin() -> asyncio.Event:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()

    def wait() -> None:
        sys.stdin.buffer.read()
        loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=wait, daemon=True).start()
    return stop


async def _report(listener: Listener) -> None:
    told = None
    while True:
        counts = {"accepted": listener.accepted, "refused": dict(listener.refused), "at": listener.last_received_us}
        if counts != told:
            _say(**counts)
            told = counts
        await asyncio.sleep(REPORT_SECONDS)


def _say(**said: Any) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
