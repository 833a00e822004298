"""``graphcall-nb simulate``: the calling service alone, on a port, for anybody's bot."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from collections.abc import Mapping

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..background import serve
from ..dialects import DEFAULT, get_dialect
from ..simulator import FAULTS, SCENARIOS, Simulator


def run_service(simulator: Simulator, *, host: str, port: int, as_json: bool) -> int:
    """Serve the simulator until SIGINT or SIGTERM; returns the exit status."""
    asyncio.run(_serve(simulator, host, port, as_json))
    return 0


async def _serve(simulator: Simulator, host: str, port: int, as_json: bool) -> None:
    stop = asyncio.Event()
    stop_on_signal(stop)
    server = await serve(simulator.app, host=host, port=port)
    try:
        _announce(simulator.info(server.url), as_json)
        await stop.wait()
    finally:
        await server.close()
        await simulator.aclose()


def show_catalogue() -> int:
    """What can become of calls and what can go wrong, with what each teaches."""
    console = Console()
    for title, entries in (("Scenarios", SCENARIOS), ("Faults", FAULTS)):
        table = Table(title=title, title_justify="left", show_lines=True)
        for heading in ("name", "what happens", "what it teaches"):
            table.add_column(heading, no_wrap=heading == "name")
        for name, entry in entries.items():
            table.add_row(name, entry.description, entry.teaches)
        console.print(table)
    return 0


def stop_on_signal(stop: asyncio.Event) -> None:
    """Set an event on SIGINT and SIGTERM."""
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        # Windows has no such handlers; there Ctrl-C ends asyncio.run by itself.
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(name, stop.set)


def _announce(info: Mapping[str, str], as_json: bool) -> None:
    if as_json:
        print(json.dumps(dict(info)), flush=True)  # noqa: T201
        return
    console = Console()
    console.print("[bold]Simulated calling service[/] (nothing here reaches Microsoft)")
    for name, value in info.items():
        console.print(f"  {name:14} {escape(value)}", highlight=False, soft_wrap=True)
    console.print("\nA token, and a call; callbackUri is where your bot listens:", highlight=False)
    console.print(_example(info), highlight=False, markup=False, soft_wrap=True)
    console.print("\nCtrl-C stops it.")


def _example(info: Mapping[str, str]) -> str:
    return f"""\
TOKEN=$(curl -s {info["token_url"]} -d grant_type=client_credentials -d client_id={info["client_id"]} \\
  -d client_secret={info["client_secret"]} -d scope=https://graph.microsoft.com/.default | \
python3 -c 'import json,sys; print(json.load(sys.stdin)["access_token"])')
curl -i {info["graph_url"]}{get_dialect(DEFAULT).calls_path()} -H "Authorization: Bearer $TOKEN" \\
  -H "Content-Type: application/json" -d '{{
  "callbackUri": "http://127.0.0.1:8080/api/calls",
  "targets": [{{"identity": {{"phone": {{"id": "+14258828080"}}}}}}],
  "requestedModalities": ["audio"],
  "mediaConfig": {{"@odata.type": "#microsoft.graph.serviceHostedMediaConfig"}}}}'"""
