"""Main module of the process of an isolated listener: configuration by stdin, reports by stdout, both as JSON lines.

The process ends when stdin ends, or when it gets another parent: processes that the kernel forked keep the pipe open
after the kernel ended. So it never outlives the process that started it. The command line contains no secrets, since
all users of the machine can read it.
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
import time
from contextlib import AsyncExitStack
from typing import Any

from ..background import new_event_loop
from ..errors import GraphcallError
from ..journal.journal import open_journal
from .app import Listener
from .config import CallbackConfig
from .serve import serve_listener

REPORT_INTERVAL_SECONDS = 0.2
"""Least time between two reports of the counts."""

HEARTBEAT_SECONDS = 1.0
"""Most time between two reports: without any, the parent takes this process for frozen."""

PARENT_CHECK_SECONDS = 1.0
"""Time between two checks for another parent."""


def main() -> int:
    """Listen until stdin ends; return the exit status."""
    # An interrupt is meant for the cell that the kernel runs.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = os.getppid()
    settings = json.loads(sys.stdin.buffer.readline())
    loop = new_event_loop()
    try:
        loop.run_until_complete(_listen(settings, parent))
    except (GraphcallError, OSError) as error:
        _send(error=str(error))
        return 1
    finally:
        loop.close()
    return 0


async def _listen(settings: dict[str, Any], parent: int) -> None:
    callback = CallbackConfig(**settings["callback"] | {"issuers": tuple(settings["callback"]["issuers"])})
    fd = settings["fd"]
    stdin_ended = _watch_stdin()
    async with AsyncExitStack() as stack:
        journal = open_journal(settings["journal"])
        stack.callback(journal.close)
        listening = None if fd is None else socket.socket(fileno=fd)
        listener, server = await serve_listener(stack, journal, callback, listening=listening)
        _send(port=server.port)
        reporting = asyncio.create_task(_report(listener))
        while os.getppid() == parent and not stdin_ended.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PARENT_CHECK_SECONDS):
                    await stdin_ended.wait()
        reporting.cancel()


def _watch_stdin() -> asyncio.Event:
    """Return an event that is set when stdin ends."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()

    def wait() -> None:
        sys.stdin.buffer.read()
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=wait, daemon=True).start()
    return ended


async def _report(listener: Listener) -> None:
    previous, sent_at = None, 0.0
    while True:
        now = time.monotonic()
        counts = {
            "accepted": listener.accepted,
            "refused": dict(listener.refused),
            "last_received_us": listener.last_received_us,
        }
        if counts != previous or now - sent_at >= HEARTBEAT_SECONDS:
            _send(**counts)
            previous, sent_at = counts, now
        await asyncio.sleep(REPORT_INTERVAL_SECONDS)


def _send(**message: Any) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
