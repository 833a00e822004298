"""A listener in a process of its own: it receives notifications also while this process is busy."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import secrets
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import Counter
from dataclasses import asdict, replace
from typing import Any, cast

from .._backoff import Backoff
from ..background import open_socket
from ..errors import GraphcallError, JournalError
from .app import PROBE_HEADER, sign_probe
from .config import CallbackConfig

log = logging.getLogger(__name__)
log.addHandler(logging.NullHandler())  # without a handler, Python prints warnings from the background thread

START_TIMEOUT_SECONDS = 60
CLOSE_TIMEOUT_SECONDS = 5

SILENCE_TIMEOUT_SECONDS = 10.0
"""Time without a report after which a process counts as frozen. It reports at least every second."""

PROBE_INTERVAL_SECONDS = 5.0
"""Time between two requests to the port, and time for their response. Two failures in a row count as an end."""

NO_ANSWER = "does not answer at its port"

RESTARTS = Backoff(initial_seconds=0.1, max_seconds=5.0)
"""Delays before restarts of a process that ends before it reports anything."""

_LOCAL_HOSTS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - addresses that stand for all of this machine

CAN_SHARE_SOCKETS = os.name == "posix"
"""True if a child process can inherit a socket by its number."""


class IsolatedListener:
    """Process with a listener. Use it from one event loop.

    The process is replaced when it ends, stops reporting, or does not answer at its port.

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
    silence_timeout, probe_interval : seconds without a report, and between two requests to the port
    """

    def __init__(
        self,
        journal: str,
        callback: CallbackConfig,
        *,
        shares_socket: bool = CAN_SHARE_SOCKETS,
        retries: Backoff = RESTARTS,
        silence_timeout: float = SILENCE_TIMEOUT_SECONDS,
        probe_interval: float = PROBE_INTERVAL_SECONDS,
    ) -> None:
        self._journal = journal
        self._shares_socket = shares_socket
        self._retries = retries
        self._silence_timeout = silence_timeout
        self._probe_interval = probe_interval
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
        try:
            await self._start_worker()
        except BaseException:
            await self.close()
            raise
        self._watching = asyncio.create_task(self._watch())

    async def _start_worker(self) -> None:
        if self._shares_socket and self._socket is None:
            self._socket = open_socket(self.callback.host, self.callback.port)
            self.callback = replace(self.callback, port=self._socket.getsockname()[1])
        fd = self._socket.fileno() if self._socket else None
        self._worker = await _Worker.start(() if fd is None else (fd,))
        self._worker.send({"journal": self._journal, "callback": asdict(self.callback), "fd": fd})
        async with asyncio.timeout(START_TIMEOUT_SECONDS):
            message = await self._worker.receive()
        if "port" not in message:
            raise JournalError(
                message.get("error") or "The process of the isolated listener ended before it listened; start it again."
            )
        self.callback = replace(self.callback, port=message["port"])

    async def _watch(self) -> None:
        delays = iter(self._retries)
        while self._worker:
            reason = await self._wait_for_end(self._worker)
            await self._worker.kill()
            if reason == NO_ANSWER and self._socket:
                self._socket.close()  # it may be the cause
                self._socket = None
            if self._report:
                delays = iter(self._retries)
            self._previous += Counter(self._report.get("refused", {})) + Counter(
                accepted=self._report.get("accepted", 0)
            )
            self._report = {}
            log.warning("The process of the isolated listener %s; restarting it.", reason)
            await asyncio.sleep(next(delays))
            self.restarts += 1
            with contextlib.suppress(GraphcallError, OSError, TimeoutError):
                await self._start_worker()

    async def _wait_for_end(self, worker: _Worker) -> str:
        """Take reports until the process has to be replaced; return the reason."""
        tasks = [asyncio.create_task(self._take_reports(worker)), asyncio.create_task(self._probe_port())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            return done.pop().result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _take_reports(self, worker: _Worker) -> str:
        silent_times = 0
        while True:
            try:
                async with asyncio.timeout(self._silence_timeout / 2):
                    report = await worker.receive()
            except TimeoutError:
                # This process may itself have been busy while reports arrived: they are there the second time.
                silent_times += 1
                if silent_times == 2:
                    return f"has not reported for {self._silence_timeout:g} s"
                continue
            if not report:
                return "ended"
            silent_times = 0
            self._report = report
            self.last_received_us = report.get("last_received_us") or self.last_received_us

    async def _probe_port(self) -> str:
        failures = 0
        while failures < 2:
            await asyncio.sleep(self._probe_interval)
            failures = 0 if await self._answers() else failures + 1
        return NO_ANSWER

    async def _answers(self) -> bool:
        """Return whether the listener recognizes the request of a doctor, which it does not count."""
        host, port, path = self.callback.host, self.callback.port, self.callback.path
        nonce = secrets.token_hex(16)
        lines = (f"POST {path} HTTP/1.1", "host: listener", "content-type: application/json", "content-length: 2")
        head = "\r\n".join((*lines, "connection: close", f"{PROBE_HEADER}: {nonce}", "\r\n{}"))
        try:
            async with asyncio.timeout(self._probe_interval):
                reader, writer = await asyncio.open_connection(_LOCAL_HOSTS.get(host, host), port)
                try:
                    writer.write(head.encode())
                    return sign_probe(path, nonce).encode() in await reader.readuntil(b"\r\n\r\n")
                finally:
                    writer.close()
        except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError):
            return False

    async def close(self) -> None:
        """Finish pending requests and end the process; closing twice is allowed."""
        if self._watching:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
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

    async def kill(self) -> None:
        """End the process, which may be frozen, without any delay."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    async def stop(self) -> None:
        self._stdin.close()
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_SECONDS):
                await self._process.wait()
        except TimeoutError:
            await self.kill()
