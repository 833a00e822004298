"""Real kernels in a ``graphcall-nb classroom``: each joins, places a call and waits until it is established.

``python -m tests.benchmarks.class_of_kernels 30``; reports the time of each and that no kernel saw calls of another.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import time

from jupyter_client.manager import AsyncKernelManager

from .measure import machine

CELL = """
import graphcall_nb as gc
session = gc.join_class("{line}")
call = session.create_call(gc.templates.peer_to_peer())
call.wait_for("established", timeout=120)
print(call.id, *session.notifications()["call_id"].unique())
"""


async def student(number: int, line: str) -> tuple[float, list[str]]:
    """Return the seconds the cell took, and its output: its call, and the calls it saw."""
    manager = AsyncKernelManager()
    await manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=300)
        printed: list[str] = []

        def hear(message) -> None:
            content = message["content"]
            printed.append(content.get("text") or "\n".join(content.get("traceback", [])))

        started = time.perf_counter()
        reply = await client.execute_interactive(CELL.format(line=line), output_hook=hear, timeout=300)
        if reply["content"]["status"] != "ok":
            raise SystemExit(f"student {number}: {printed}")
        return time.perf_counter() - started, "".join(printed).split()
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)


async def lesson(lines: list[str]) -> list[tuple[float, list[str]]]:
    return await asyncio.gather(*(student(number, line) for number, line in enumerate(lines, 1)))


def main() -> None:
    count = sys.argv[1] if len(sys.argv) > 1 else "30"
    command = [sys.executable, "-m", "graphcall_nb", "classroom", "--students", count, "--port", "0", "--json"]
    with subprocess.Popen([*command, "--host", "127.0.0.1"], stdout=subprocess.PIPE, text=True) as room:
        found = asyncio.run(lesson(json.loads(room.stdout.readline())["seats"]))
        room.terminate()
    seconds = [taken for taken, _ in found]
    alone = all(set(seen) == {own} for _, (own, *seen) in found)
    print(f"{len(found)} kernels ({machine()})")
    print(f"  join, place a call, established: median {statistics.median(seconds):.1f} s, slowest {max(seconds):.1f} s")
    print(f"  each saw its own call and no other: {alone}")


if __name__ == "__main__":
    main()
