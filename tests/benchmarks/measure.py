"""Shared parts of the benchmarks: server processes, load from raw sockets, CPU time, tables."""

from __future__ import annotations

import asyncio
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]

Row = tuple[str, str, str, str]
"""Columns of a table."""


@contextmanager
def process(module: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run a module of this folder in its own process."""
    command = [sys.executable, "-m", f"tests.benchmarks.{module}", *arguments]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        yield running
    finally:
        running.terminate()
        running.wait(10)


def cpu_seconds(pid: int) -> float:
    """Return user and system time of a process in seconds (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


async def load(port: int, requests: Iterable[bytes], connections: int, expected: bytes) -> None:
    """Send requests over keep-alive connections, one at a time on each."""
    left = iter(requests)

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for request in left:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(expected):
                raise SystemExit(f"unexpected answer: {head!r}")
        writer.close()

    await asyncio.gather(*(one() for _ in range(connections)))


def machine() -> str:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    return f"{platform.system()} {platform.machine()}, Python {platform.python_version()}, commit {commit or '?'}"


def rounds(count: int, variants: dict[str, Callable[[], float]]) -> dict[str, float]:
    """Measure the variants in turn for several rounds, so that load affects all; return the medians."""
    measured: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(count):
        for name, run in variants.items():
            measured[name].append(run())
    return {name: statistics.median(values) for name, values in measured.items()}


def show(title: str, rows: list[Row]) -> None:
    """Return a table as text."""
    print(f"\n{title}  ({machine()})")
    for row in [("", "measured", "ratio", "goal"), *rows]:
        print(f"  {row[0]:44} {row[1]:>14} {row[2]:>8}  {row[3]}")
