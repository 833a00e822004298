"""A listener in a process of its own: it receives notifications also while this process is busy."""

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

from .._backoff import Backoff
from ..background import open_socket
from ..errors import GraphcallError, JournalError
from .config import CallbackConfig

log = logging.getLogger(__name__)
log.addHandler(logging.NullHandler())  # without a handler, Python prints warnings from the background thread

START_TIMEOUT_SECONDS = 60
CLOSE_TIMEOUT_SECONDS = 5

RESTARTS = Backoff(initial_seconds=0.1, max_seconds=5.0)
"""Delays before restarts of a process that ends before it reports anything."""

CAN_SHARE_SOCKETS = os.name == "posix"
"""True if a child process can inherit a socket by its number."""


class IsolatedListener:
    """Process with a listener. The process is watched and restarted when it ends. Use it from one event loop.

    The socket belongs to this process and is inherited by the other. While none runs, senders wait in the queue of the
    socket instead of being refused, and port and path stay the same.

    Attributes
    ----------
    callback : configuration with the port in use
    url : address without the path
    accepted, refused, last_received_us : as in :class:`~graphcall_nb.listener.app.Listener`, over all processes
    restarts : number of restarts
    pid : id of the present process; ``None`` between two processes

    Parameters
    ----------
    journal : address of the journal, possibly with a password
    callback : configuration
    shares_socket : True to open the socket in this process
    retries : delays before restarts
    """

    def __init__(
        self,
        journal: str,
        callback: CallbackConfig,
        *,
        shares_socket: bool = CAN_SHARE_SOCKETS,
        retries: Backoff = RESTARTS,
    ) -> None:
        self._journal = journal
        self._shares_socket = shares_socket
        self._retries = retries
        self._socket: socket.socket | None = None
        self._worker: _Worker | None = None
        self._watching: asyncio.Task[None] | None = None
        self._previous: Counter[str] = Counter()
        """Counts of the processes that ended."""
        self._report: dict[str, Any] = {}
        """Counts of the present process."""
        self.callback = callback
        self.restarts = 0
        self.last_received_us: int | None = None

    @property
    def url(self) -> str:
        """Address without the path."""
        host = self.callback.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.callback.port}"

    @property
    def pid(self) -> int | None:
        """Id of the present process; ``None`` between two processes."""
        return self._worker.pid if self._worker else None

    @property
    def accepted(self) -> int:
        """Number of acknowledged requests."""
        return self._previous["accepted"] + int(self._report.get("accepted", 0))

    @property
    def refused(self) -> dict[int, int]:
        """Number of other requests by status."""
        total = self._previous + Counter(self._report.get("refused", {}))
        return {int(status): count for status, count in total.items() if status != "accepted"}

    async def start(self) -> None:
        """Start the process and return when it listens.

        Raises
        ------
        OSError
            If the address is not available.
        JournalError
            If the process cannot open the journal.
        """
        if self._shares_socket:
            self._socket = open_socket(self.callback.host, self.callback.port)
            self.callback = replace(self.callback, port=self._socket.getsockname()[1])
        try:
            await self._start_worker()
        except BaseException:
            await self.close()
            raise
        self._watching = asyncio.create_task(self._watch())

    async def _start_worker(self) -> None:
        fd = self._socket.fileno() if self._socket else None
        self._worker = await _Worker.start(() if fd is None else (fd,))
        self._worker.send({"journal": self._journal, "callback": asdict(self.callback), "fd": fd})
        message = await asyncio.wait_for(self._worker.receive(), START_TIMEOUT_SECONDS)
        if "port" not in message:
            raise JournalError(
                message.get("error") or "The process of the isolated listener ended before it listened; start it again."
            )
        self.callback = replace(self.callback, port=message["port"])

    async def _watch(self) -> None:
        delays = iter(self._retries)
        while self._worker:
            while report := await self._worker.receive():
                self._report = report
                self.last_received_us = report.get("last_received_us") or self.last_received_us
                delays = iter(self._retries)
            await self._worker.wait()
            self._previous += Counter(self._report.get("refused", {})) + Counter(
                accepted=self._report.get("accepted", 0)
            )
            self._report = {}
            log.warning("The process of the isolated listener ended; restarting it.")
            await asyncio.sleep(next(delays))
            self.restarts += 1
            with contextlib.suppress(GraphcallError, OSError, TimeoutError):
                await self._start_worker()

    async def close(self) -> None:
        """Finish pending requests and end the process; closing twice is allowed."""
        if self._watching:
            self._watching.cancel()
        if self._socket:
            self._socket.close()
        if self._worker:
            await self._worker.stop()
        self._worker = None

    def __repr__(self) -> str:
        return f"<IsolatedListener at {self.url}, process {self.pid}, {self.accepted} accepted>"


class _Worker:
    """The process of :mod:`.worker` with its pipes; messages are lines of JSON."""

    def __init__(self, process: Process, stdin: asyncio.StreamWriter, stdout: asyncio.StreamReader) -> None:
        self._process, self._stdin, self._stdout = process, stdin, stdout

    @classmethod
    async def start(cls, pass_fds: tuple[int, ...]) -> _Worker:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "graphcall_nb.listener.worker"),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,  # a traceback could contain the content of messages
            pass_fds=pass_fds,
            start_new_session=True,  # an interrupt of the kernel must not reach it
        )
        return cls(process, cast(asyncio.StreamWriter, process.stdin), cast(asyncio.StreamReader, process.stdout))

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process.returncode is None else None

    def send(self, message: dict[str, Any]) -> None:
        self._stdin.write(json.dumps(message).encode() + b"\n")

    async def receive(self) -> dict[str, Any]:
        """Return the next message; an empty one when the process has ended."""
        message: dict[str, Any] = json.loads(await self._stdout.readline() or b"{}")
        return message

    async def wait(self) -> None:
        await self._process.wait()

    async def stop(self) -> None:
        self._stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), CLOSE_TIMEOUT_SECONDS)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
