"""Programs that open a tunnel and print its address: found on PATH, never downloaded."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from ..errors import TunnelError, TunnelRefused, TunnelUnavailable
from ..tunnels import guard
from .announced import Announcement

HEAL_SECONDS = 60.0
"""How long a program may take to connect anew by itself. Starting it anew would change the address."""

END_SECONDS = 1.0 + guard.GRACE_SECONDS


@dataclass(frozen=True)
class Failure:
    """What a program prints when it cannot, and the words for it."""

    pattern: str
    words: str
    refused: bool = False
    """Whether trying again is no use."""


@dataclass(frozen=True)
class Program:
    """How a program is run and read.

    Attributes
    ----------
    name : of the provider and of the executable
    install : how to get it, a sentence
    url : matches the address in its output, in group 1
    ready : matches what it prints when the address works
    gone : matches what it prints when its connection is lost and it goes on trying
    which : matches which of several connections a line is about
    failures : what it prints when it cannot
    silent : the words for when it says neither that it works nor that it does not
    seconds : how long it may take
    """

    name: str
    install: str
    url: str
    ready: str
    gone: str
    failures: tuple[Failure, ...]
    silent: str
    seconds: float
    which: str = r"$^"


def locate(program: Program, path: str | None) -> str:
    """Where the executable is.

    Raises
    ------
    TunnelUnavailable
        When it is not on PATH.
    """
    found = shutil.which(program.name, path=path)
    if found is None:
        raise TunnelUnavailable(f"{program.name} is not installed or not on PATH. {program.install}")
    return found


async def start(program: Program, command: list[str]) -> Running:
    """Run a program until its address works.

    Raises
    ------
    TunnelError
        When it ends, says that it cannot, or says nothing for too long.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", str(Path(guard.__file__)), *command),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,  # Ctrl-C in a terminal is meant for the kernel
    )
    running = Running(program, process)
    try:
        async with asyncio.timeout(program.seconds):
            await running.until_ready()
    except TimeoutError:
        await running.close()
        raise TunnelError(f"{program.silent} Its last words: {running.last_words}") from None
    except BaseException:
        await running.close()
        raise
    return running


class Running:
    """A program that runs, and what is known of it by its output."""

    def __init__(self, program: Program, process: asyncio.subprocess.Process) -> None:
        self._program = program
        self._process = process
        self._reading = Announcement(program.url)
        self._found: str | None = None
        self._failed: TunnelError | None = None
        self._up: set[str] = set()
        self._connected = asyncio.Event()
        self._gone = asyncio.Event()
        self._settled = asyncio.Event()
        self._reader = asyncio.create_task(self._read())

    @property
    def url(self) -> str:
        return self._found or ""

    @property
    def last_words(self) -> str:
        return self._reading.last_words

    async def until_ready(self) -> None:
        """Wait until there is an address that works."""
        await self._settled.wait()
        if not self._connected.is_set():
            raise self._failed or self._ended()

    async def lost(self) -> str:
        await self._until(self._gone)
        return str(self._ended()) if self._over else f"{self._program.name} lost its connection and tries again."

    async def healed(self) -> bool:
        """Whether the program has connected anew by itself, with the same address."""
        url = self._found
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(HEAL_SECONDS):
                await self._until(self._connected)
        return not self._over and self._connected.is_set() and self._found == url

    async def close(self) -> None:
        """End the program, and wait until it has ended."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            async with asyncio.timeout(END_SECONDS):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)

    @property
    def _over(self) -> bool:
        return self._reader.done()

    async def _until(self, event: asyncio.Event) -> None:
        """Wait for an event or the program's end."""
        waiting = asyncio.create_task(event.wait())
        try:
            await asyncio.wait((waiting, self._reader), return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()

    def _ended(self) -> TunnelError:
        return TunnelError(f"{self._program.name} ended; its last words: {self.last_words}")

    # ---- reading

    async def _read(self) -> None:
        """Read until the program ends; nothing else may stop this, since a full pipe would stop the program."""
        line = ""
        while self._process.stdout and (piece := await self._process.stdout.read(4096)):
            text = piece.decode(errors="replace")
            self._found = self._reading.feed(text) or self._found
            *lines, line = (line + text).split("\n")
            for whole in lines:
                self._understand(whole)
        self._understand(line)
        self._settled.set()

    def _understand(self, line: str) -> None:
        for failure in self._program.failures:
            if re.search(failure.pattern, line) and self._failed is None:
                kind = TunnelRefused if failure.refused else TunnelError
                self._failed = kind(f"{self._program.name}: {failure.words}")
                self._settled.set()
        which = re.search(self._program.which, line)
        if re.search(self._program.ready, line):
            self._up.add(which[0] if which else "")
        elif re.search(self._program.gone, line):
            self._up.discard(which[0] if which else "")
        self._judge()

    def _judge(self) -> None:
        """Connected is a program with an address and at least one connection; gone is one that had them."""
        if self._up and self._found:
            self._connected.set()
            self._gone.clear()
            self._settled.set()
        elif self._connected.is_set():
            self._connected.clear()
            self._gone.set()
