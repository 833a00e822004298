"""Receiving: token, shape, commit, 202; CPU time of the listener per request (without the CPU time of PostgreSQL).

Baseline: uvicorn with uvloop and httptools that answers 202 and does nothing else.
"""

from __future__ import annotations

import argparse
import asyncio
from contextlib import ExitStack
from itertools import cycle, islice
from pathlib import Path

from tests.postgres import binaries, running_postgres

from .measure import Row, cpu_seconds, load, process, rounds, show

BODY = (Path(__file__).parents[1] / "samples" / "beta" / "notification_established.json").read_bytes()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="only to see that it works")
    parser.add_argument("--connections", type=int, default=64)
    options = parser.parse_args()
    count, repeats = (500, 1) if options.small else (20_000, 5)
    with ExitStack() as stack:
        servers = {"bare": ["bare"], "sqlite": ["ours"], "fresh": ["fresh", str(count // 10 * repeats)]}
        if binaries():
            servers["postgresql"] = ["ours", stack.enter_context(running_postgres()).url]
        variants = {}
        for name, arguments in servers.items():
            server = stack.enter_context(process("receive_server", *arguments))
            port, *tokens = server.stdout.readline().split()
            size = count // 10 if name == "fresh" else count
            variants[name] = _measurement(server.pid, int(port), tokens, size, options.connections)
        micros = rounds(repeats, variants)
    show("Receive, CPU per request", [_row(name, micros) for name in micros])


WORDS = {
    "bare": ("bare uvicorn + uvloop + httptools, 202", ""),
    "fresh": ("the same, each with a new token", "1,000 a second"),
    "sqlite": ("token, shape, SQLite commit FULL, 202", "≥ 0.60 of bare"),
    "postgresql": ("token, shape, PostgreSQL commit, 202", "≥ 0.55 of bare"),
}


def _row(name: str, micros: dict[str, float]) -> Row:
    words, goal = WORDS[name]
    return (words, f"{micros[name]:.0f} µs", f"{micros['bare'] / micros[name]:.2f}", goal)


def _measurement(pid: int, port: int, tokens: list[str], count: int, connections: int):
    heads = (
        f"POST /x HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {token}\r\nContent-Length: {len(BODY)}\r\n\r\n"
        for token in cycle(tokens)
    )
    requests = (head.encode() + BODY for head in heads)

    def run() -> float:
        before = cpu_seconds(pid)
        asyncio.run(load(port, islice(requests, count), connections, b"HTTP/1.1 202"))
        return (cpu_seconds(pid) - before) / count * 1e6

    return run


if __name__ == "__main__":
    main()
