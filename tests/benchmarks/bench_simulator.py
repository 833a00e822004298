"""Whole simulated calls: create, three notifications received and journalled, hang up, two more.

Simulator, listener and journal (SQLite) share one process and one loop; what counts is that process's CPU time. The
requests come from raw sockets of another process, which reads the journal to see how a call stands. In the second row
a whole session does all of it: its own client (httpx) is in that process, too. ``--profile`` shows what the time of
the first row goes into.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import pstats
import sqlite3
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from graphcall_nb import Session, simulate
from graphcall_nb.graph import templates

from .measure import cpu_seconds, process, rounds, show

SAMPLE = Path(__file__).parents[1] / "samples" / "beta" / "peer_to_peer.request.json"


class JournalWatcher:
    """Waiters for states of calls, notified by the journal."""

    def __init__(self, path: str) -> None:
        self._rows = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        self._after = 0
        self._waiting: dict[tuple[str, str], asyncio.Future[None]] = {}

    def reached(self, call_id: str, state: str) -> asyncio.Future[None]:
        return self._waiting.setdefault((call_id, state), asyncio.get_running_loop().create_future())

    async def run(self) -> None:
        while True:
            rows = self._rows.execute(
                "SELECT seq, call_id, state FROM notifications WHERE seq > ? ORDER BY seq", (self._after,)
            ).fetchall()
            for self._after, call_id, state in rows:
                if state in ("established", "terminated"):
                    future = self.reached(call_id, state)
                    if not future.done():
                        future.set_result(None)
            await asyncio.sleep(0.002)


class Connection:
    """Connection to the simulator."""

    def __init__(self, info: dict[str, str], token: str) -> None:
        self._port = int(info["graph_url"].rpartition(":")[2])
        body = json.loads(SAMPLE.read_text()) | {"callbackUri": info["callback"]}
        content = json.dumps(body).encode()
        head = f"HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nAuthorization: Bearer {token}\r\n"
        self._create = (
            f"POST /beta/app/calls {head}Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        ).encode() + content
        self._delete = f"DELETE /beta/app/calls/%b {head}\r\n".encode()

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)

    async def call(self, watch: JournalWatcher) -> None:
        """Run a call from its creation to its end."""
        call_id = json.loads(await self._asked(self._create, b"201"))["id"]
        await watch.reached(call_id, "established")
        await self._asked(self._delete % call_id.encode(), b"204")
        await watch.reached(call_id, "terminated")

    async def _asked(self, request: bytes, status: bytes) -> bytes:
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
        )
        body = await self._reader.readexactly(length)
        if not head.startswith(b"HTTP/1.1 " + status):
            raise SystemExit(f"unexpected answer: {head!r} {body!r}")
        return body


async def drive(info: dict[str, str], token: str, count: int, lines: int) -> None:
    watch = JournalWatcher(info["journal"])
    watching = asyncio.create_task(watch.run())
    left = iter(range(count))

    async def one() -> None:
        line = Connection(info, token)
        await line.open()
        for _ in left:
            await line.call(watch)

    await asyncio.gather(*(one() for _ in range(lines)))
    watching.cancel()


def session(count: int, at_once: int) -> float:
    """Measure CPU time per call in microseconds, for calls of a session."""
    call = templates.peer_to_peer()

    async def one(made: Session, left: Iterator[int]) -> None:
        for _ in left:
            body = call.model_copy(update={"callback_uri": made.callback_uri})
            placed = await made.async_calls.create(body)
            await made._calls.wait_for_state(placed.id, {"established"}, 60)
            await made.async_calls.delete(placed.id)
            await made._calls.wait_for_state(placed.id, {"terminated"}, 60)

    async def all_of_them(made: Session) -> None:
        left = iter(range(count))
        await asyncio.gather(*(one(made, left) for _ in range(at_once)))

    with simulate(speed=1e5, seed=1) as made:
        started = time.process_time()
        made.run(all_of_them(made))
        return (time.process_time() - started) / count * 1e6


def token_of(info: dict[str, str]) -> str:
    form = {"grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default"}
    form |= {name: info[name] for name in ("client_id", "client_secret")}
    with urllib.request.urlopen(info["token_url"], urllib.parse.urlencode(form).encode()) as answer:
        return json.load(answer)["access_token"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="only to see that it works")
    parser.add_argument("--lines", type=int, default=32, help="calls at a time")
    parser.add_argument("--profile", action="store_true", help="say what the time goes into")
    options = parser.parse_args()
    count, repeats = (60, 1) if options.small else (3000, 5)
    with tempfile.TemporaryDirectory() as folder:
        stats = Path(folder) / "profile"
        with process("simulator_server", *(["--profile", str(stats)] if options.profile else [])) as server:
            info = json.loads(server.stdout.readline())
            token = token_of(info)

            def run() -> float:
                before = cpu_seconds(server.pid)
                asyncio.run(drive(info, token, count, options.lines))
                return (cpu_seconds(server.pid) - before) / count * 1e6

            micros = rounds(repeats, {"service": run, "session": lambda: session(count // 3, 8)})
        if options.profile:
            pstats.Stats(str(stats)).sort_stats("tottime").print_stats(45)
    show(
        "Whole simulated calls (create, 3 notifications, hang up, 2 more), CPU",
        [
            _row("simulator, listener, journal", micros["service"], "≥ 500/s and core"),
            _row("a whole session, its httpx client too", micros["session"], ""),
        ],
    )


def _row(what: str, micros: float, goal: str) -> tuple[str, str, str, str]:
    return what, f"{micros:.0f} µs", f"{1e6 / micros:.0f}/s", goal


if __name__ == "__main__":
    main()
