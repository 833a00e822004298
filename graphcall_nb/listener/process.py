"""A listener in a process of its own: whatever this one is busy with, notifications are taken."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import Counter
from dataclasses import asdict, replace
from typing import Any, cast

from ..background import open_socket
from ..errors import GraphcallError, JournalError
from .config import CallbackConfig

log = logging.getLogger(__name__)
log.addHandler(logging.NullHandler())  # else Python's last resort would print from the background thread

START_SECONDS = 60
CLOSE_SECONDS = 5
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
"""Before a listener that ended is started again: longer each time it does not even start."""

SHARES_SOCKETS = os.name == "posix"
"""Whether a socket can be handed to another process as a number."""


class IsolatedListener:
    """Starts the process, watches it, starts it again when it ends.

    The socket belongs to this process and is lent to the other, so senders that come while there is none wait in line
    instead of being refused, and port and path stay. Use it from one event loop.

    Attributes
    ----------
    callback : with the port that it has
    url : where it listens, without the path
    accepted, refused, last_received_us : as a ``Listener`` counts them, summed over all processes
    restarts : how often it had to be started again
    pid : of the present process; ``None`` while there is none

    Parameters
    ----------
    journal : address of the journal; it may hold a password
    callback : where to listen and whom to believe
    """

    def __init__(self, journal: str, callback: CallbackConfig, *, shares_socket: bool = SHARES_SOCKETS) -> None:
        self._journal = journal
        self._shares_socket = shares_socket
        self._socket: socket.socket | None = None
        self._child: _Child | None = None
        self._watching: asyncio.Task[None] | None = None
        self._before: Counter[str] = Counter()
        self._now: dict[str, Any] = {}
        self.callback = callback
        self.restarts = 0
        self.last_received_us: int | None = None

    @property
    def url(self) -> str:
        host = self.callback.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.callback.port}"

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    @property
    def accepted(self) -> int:
        return self._before["accepted"] + int(self._now.get("accepted", 0))

    @property
    def refused(self) -> dict[int, int]:
        total = self._before + Counter(self._now.get("refused", {}))
        return {int(status): count for status, count in total.items() if status != "accepted"}

    async def start(self) -> None:
        """Return when it listens.

        Raises
        ------
        OSError
            When the address cannot be had.
        JournalError
            When the process cannot open the journal.
        """
        if self._shares_socket:
            self._socket = open_socket(self.callback.host, self.callback.port)
            self.callback = replace(self.callback, port=self._socket.getsockname()[1])
        try:
            await self._start()
        except BaseException:
            await self.close()
            raise
        self._watching = asyncio.create_task(self._watch())

    async def _start(self) -> None:
        fd = self._socket.fileno() if self._socket else None
        self._child = await _Child.start(() if fd is None else (fd,))
        self._child.say({"journal": self._journal, "callback": asdict(self.callback), "fd": fd})
        said = await asyncio.wait_for(self._child.hear(), START_SECONDS)
        if "port" not in said:
            raise JournalError(said.get("error") or "The isolated listener ended before it listened; start it again.")
        self.callback = replace(self.callback, port=said["port"])

    async def _watch(self) -> None:
        pause = FIRST_PAUSE
        while self._child:
            while said := await self._child.hear():
                self._now = said
                self.last_received_us = said.get("at") or self.last_received_us
                pause = FIRST_PAUSE
            await self._child.ended()
            self._before += Counter(self._now.get("refused", {})) + Counter(accepted=self._now.get("accepted", 0))
            self._now = {}
            log.warning("The isolated listener ended; it is started again.")
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
            self.restarts += 1
            with contextlib.suppress(GraphcallError, OSError, TimeoutError):
                await self._start()

    async def close(self) -> None:
        """End the process, requests under way first. Closing twice is fine."""
        if self._watching:
            self._watching.cancel()
        if self._socket:
            self._socket.close()
        if self._child:
            await self._child.stop()
        self._child = None

    def __repr__(self) -> str:
        return f"<IsolatedListener at {self.url}, process {self.pid}, {self.accepted} accepted>"


class _Child:
    """The process, with both its pipes."""

    def __init__(self, process: Process, to_it: asyncio.StreamWriter, from_it: asyncio.StreamReader) -> None:
        self._process, self._to_it, self._from_it = process, to_it, from_it

    @classmethod
    async def start(cls, pass_fds: tuple[int, ...]) -> _Child:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "graphcall_nb.listener.worker"),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,  # a traceback could show what people said to each other
            pass_fds=pass_fds,
            start_new_session=True,  # an interrupt of the kernel's group is not for it
        )
        return cls(process, cast(asyncio.StreamWriter, process.stdin), cast(asyncio.StreamReader, process.stdout))

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process.returncode is None else None

    def say(self, order: dict[str, Any]) -> None:
        self._to_it.write(json.dumps(order).encode() + b"\n")

    async def hear(self) -> dict[str, Any]:
        """The next thing that it says; nothing when it has ended."""
        said: dict[str, Any] = json.loads(await self._from_it.readline() or b"{}")
        return said

    async def ended(self) -> None:
        await self._process.wait()

    async def stop(self) -> None:
        self._to_it.close()
        try:
            await asyncio.wait_for(self._process.wait(), CLOSE_SECONDS)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
