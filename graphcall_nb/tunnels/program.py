"""Tunnel programs: found on PATH, run as a subprocess, and understood by their output. Never downloaded."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from ..errors import TunnelError, TunnelRefused, TunnelUnavailable
from . import supervisor
from .url import UrlScanner

RECONNECT_TIMEOUT_SECONDS = 60.0
"""Time for a program to reconnect by itself. Starting it again would change the URL."""

EXIT_TIMEOUT_SECONDS = 1.0 + supervisor.TERMINATE_TIMEOUT_SECONDS


@dataclass(frozen=True)
class OutputPattern:
    """A failure that a program reports in its output.

    Attributes
    ----------
    pattern : regular expression that matches the output line
    message : failure and remedy in words
    refused : whether a retry cannot help
    """

    pattern: str
    message: str
    refused: bool = False


@dataclass(frozen=True)
class Program:
    """Description of a tunnel program and its output. All patterns are regular expressions.

    Attributes
    ----------
    name : name of the provider and of the executable
    install_hint : sentence on how to install it
    url_pattern : matches the public URL, in group 1
    connected_pattern : matches the line printed when a connection is up
    disconnected_pattern : matches the line printed when a connection is lost and the program retries
    failures : failures that the program reports
    timeout_message : error message when it reports neither success nor failure
    timeout_seconds : time to connect
    connection_id_pattern : matches the part of a line that identifies one of several connections
    """

    name: str
    install_hint: str
    url_pattern: str
    connected_pattern: str
    disconnected_pattern: str
    failures: tuple[OutputPattern, ...]
    timeout_message: str
    timeout_seconds: float
    connection_id_pattern: str = r"$^"


def find_executable(program: Program, path: str | None) -> str:
    """Return the path of the executable.

    Raises
    ------
    TunnelUnavailable
        When it is not on PATH.
    """
    executable = shutil.which(program.name, path=path)
    if executable is None:
        raise TunnelUnavailable(f"{program.name} is not installed or not on PATH. {program.install_hint}")
    return executable


async def start_program(program: Program, command: list[str]) -> TunnelProcess:
    """Run a program and wait until its public URL works.

    Raises
    ------
    TunnelError
        When it exits, reports a failure, or reports nothing in time.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", str(Path(supervisor.__file__)), *command),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,  # Ctrl-C in a terminal is meant for the kernel
    )
    tunnel_process = TunnelProcess(program, process)
    try:
        async with asyncio.timeout(program.timeout_seconds):
            await tunnel_process.wait_connected()
    except TimeoutError:
        await tunnel_process.close()
        raise TunnelError(f"{program.timeout_message} Its last output: {tunnel_process.last_line}") from None
    except BaseException:
        await tunnel_process.close()
        raise
    return tunnel_process


class TunnelProcess:
    """A running tunnel program and its state, read from its output."""

    def __init__(self, program: Program, process: asyncio.subprocess.Process) -> None:
        self._program = program
        self._process = process
        self._scanner = UrlScanner(program.url_pattern)
        self._url: str | None = None
        self._failure: TunnelError | None = None
        self._connection_ids: set[str] = set()
        self._connected = asyncio.Event()
        self._disconnected = asyncio.Event()
        self._started = asyncio.Event()  # connected, failed or exited
        self._reader = asyncio.create_task(self._read_output())

    @property
    def url(self) -> str:
        return self._url or ""

    @property
    def last_line(self) -> str:
        """Last line of its output."""
        return self._scanner.last_line

    async def wait_connected(self) -> None:
        """Wait until the public URL works; raise ``TunnelError`` when the program fails."""
        await self._started.wait()
        if not self._connected.is_set():
            raise self._failure or self._exit_error()

    async def wait_lost(self) -> str:
        await self._wait_or_exit(self._disconnected)
        return str(self._exit_error()) if self._has_exited else f"{self._program.name} lost its connection and retries."

    async def recover(self) -> bool:
        url = self._url
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(RECONNECT_TIMEOUT_SECONDS):
                await self._wait_or_exit(self._connected)
        return not self._has_exited and self._connected.is_set() and self._url == url

    async def close(self) -> None:
        """End the program and wait for its exit."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            async with asyncio.timeout(EXIT_TIMEOUT_SECONDS):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)

    @property
    def _has_exited(self) -> bool:
        return self._reader.done()

    async def _wait_or_exit(self, event: asyncio.Event) -> None:
        waiting = asyncio.create_task(event.wait())
        try:
            await asyncio.wait((waiting, self._reader), return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()

    def _exit_error(self) -> TunnelError:
        return TunnelError(f"{self._program.name} exited; its last output: {self.last_line}")

    # ---- output

    async def _read_output(self) -> None:
        """Read until the program exits; nothing else may end this, since a full pipe would block the program."""
        line = ""
        while self._process.stdout and (data := await self._process.stdout.read(4096)):
            text = data.decode(errors="replace")
            self._url = self._scanner.feed(text) or self._url
            *lines, line = (line + text).split("\n")
            for complete_line in lines:
                self._handle_line(complete_line)
        self._handle_line(line)
        self._started.set()

    def _handle_line(self, line: str) -> None:
        for failure in self._program.failures:
            if self._failure is None and re.search(failure.pattern, line):
                error_class = TunnelRefused if failure.refused else TunnelError
                self._failure = error_class(f"{self._program.name}: {failure.message}")
                self._started.set()
        match = re.search(self._program.connection_id_pattern, line)
        connection_id = match[0] if match else ""
        if re.search(self._program.connected_pattern, line):
            self._connection_ids.add(connection_id)
        elif re.search(self._program.disconnected_pattern, line):
            self._connection_ids.discard(connection_id)
        self._update_events()

    def _update_events(self) -> None:
        """Set the events: connected with a URL and at least one connection, disconnected once both are gone again."""
        if self._connection_ids and self._url:
            self._connected.set()
            self._disconnected.clear()
            self._started.set()
        elif self._connected.is_set():
            self._connected.clear()
            self._disconnected.set()
