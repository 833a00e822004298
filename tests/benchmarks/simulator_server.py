"""Simulator, listener and journal on one event loop, as in a session; ``--profile FILE`` writes a profile."""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import json
import signal
import tempfile
from pathlib import Path

import httpx

from graphcall_nb.background import new_event_loop, serve
from graphcall_nb.journal.journal import open_journal
from graphcall_nb.listener.app import Listener
from graphcall_nb.listener.tokens import TokenChecker
from graphcall_nb.simulator.simulator import Simulator


async def run(folder: str, stop: asyncio.Event) -> None:
    simulator = Simulator(speed=1e5, seed=1)
    service = await serve(simulator.app)
    info = simulator.info(service.url)
    journal = open_journal(Path(folder) / "journal.sqlite")
    async with httpx.AsyncClient() as keys:

        async def fetch(url: str) -> bytes:
            return (await keys.get(url)).content

        checker = TokenChecker(
            audience=info["client_id"], tenant_id=info["tenant_id"], openid_url=info["openid_url"], fetch=fetch
        )
        listener = await serve(Listener(journal, checker, path="/api/calls"))
        addresses = {"journal": str(Path(folder) / "journal.sqlite"), "callback": f"{listener.url}/api/calls", **info}
        print(json.dumps(addresses), flush=True)
        await stop.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", metavar="FILE")
    options = parser.parse_args()
    loop = new_event_loop()
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    profile = cProfile.Profile()
    with tempfile.TemporaryDirectory() as folder:
        if options.profile:
            profile.runcall(loop.run_until_complete, run(folder, stop))
            profile.dump_stats(options.profile)
        else:
            loop.run_until_complete(run(folder, stop))


if __name__ == "__main__":
    main()
