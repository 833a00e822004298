"""Creating a call: CPU time of the client per call, compared with ``httpx.Client`` posting the same body.

Ours checks and writes the call, signs the request (a token that is known), reads and checks the answer.
"""

from __future__ import annotations

import argparse
import time

import httpx

from graphcall_nb.background import new_event_loop
from graphcall_nb.client.calls import AsyncCalls
from graphcall_nb.graph import templates

from .measure import process, rounds, show


class Known(httpx.Auth):
    """Token source with a cached token, as for all requests but one in an hour."""

    def auth_flow(self, request):
        request.headers["Authorization"] = "Bearer " + "x" * 1200
        yield request


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="only to see that it works")
    count, repeats = (20, 1) if parser.parse_args().small else (1000, 5)
    with process("client_server") as server:
        url = server.stdout.readline().strip()
        micros = rounds(repeats, {"bare": _bare(url, count), "ours": _ours(url, count)})
    show(
        "Create a call, CPU of the client",
        [
            ("httpx.Client, post and json", f"{micros['bare']:.0f} µs", "1.00", ""),
            ("AsyncCalls.create", f"{micros['ours']:.0f} µs", f"{micros['ours'] / micros['bare']:.2f}", "≤ 3 times"),
        ],
    )


def _bare(url: str, count: int):
    body = templates.peer_to_peer().to_json_dict()

    def run() -> float:
        with httpx.Client(auth=Known()) as client:
            client.post(f"{url}/beta/app/calls", json=body).json()
            started = time.process_time()
            for _ in range(count):
                client.post(f"{url}/beta/app/calls", json=body).json()
            return (time.process_time() - started) / count * 1e6

    return run


def _ours(url: str, count: int):
    async def creates() -> float:
        async with AsyncCalls(auth=Known(), base_url=url) as calls:
            call = templates.peer_to_peer()
            await calls.create(call)
            started = time.process_time()
            for _ in range(count):
                await calls.create(call)
            return (time.process_time() - started) / count * 1e6

    def run() -> float:
        # The event loop of a session.
        loop = new_event_loop()
        try:
            return loop.run_until_complete(creates())
        finally:
            loop.close()

    return run


if __name__ == "__main__":
    main()
