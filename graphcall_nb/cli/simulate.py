"""``graphcall-nb simulate``: the calling service alone, on a port, for any bot."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..background import serve
from ..graph.versions import DEFAULT, get_version
from ..simulator.call_service import SimulatorOptions
from ..simulator.callbacks import CallbackPolicy
from ..simulator.faults import FAULTS
from ..simulator.scenarios import SCENARIOS
from ..simulator.simulator import Simulator
from . import address_options, json_option, scenario_option, speed_option

SETTLE_SECONDS = 0.02
"""In virtual time, a bot that sent no request for so long has finished its reaction; most react within 5 ms."""


def show_catalogue(ctx: click.Context, _: click.Parameter, is_wanted: bool) -> None:
    """Print the scenarios and faults and exit."""
    if not is_wanted:
        return
    console = Console()
    for title, entries in (("Scenarios", SCENARIOS), ("Faults", FAULTS)):
        table = Table(title=title, title_justify="left", show_lines=True)
        for heading in ("name", "what happens", "what it teaches"):
            table.add_column(heading, no_wrap=heading == "name")
        for name, entry in entries.items():
            table.add_row(name, entry.description, entry.teaches)
        console.print(table)
    ctx.exit()


@click.command
@address_options("127.0.0.1", 0)
@speed_option
@scenario_option
@click.option("--fault", "faults", multiple=True, metavar="NAME", help="Injected fault (repeatable).")
@click.option("--strict", is_flag=True, help="Check each action against the documented permissions and group calls.")
@click.option(
    "--list",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=show_catalogue,
    help="List the scenarios and faults and exit.",
)
@click.option(
    "--allow-callback",
    "allowed",
    multiple=True,
    metavar="HOST[:PORT]",
    help="Host that notifications may be sent to besides this machine (repeatable).",
)
@click.option(
    "--callback-ca",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="PEM file of additional certificate authorities of https callbacks.",
)
@click.option("--seed", type=int, metavar="N", help="Seed that makes a run repeatable.")
@click.option("--virtual-time", is_flag=True, help="Let time pass in POST /simulator/advance alone.")
@json_option
def simulate(host: str, port: int, strict: bool, as_json: bool, allowed: tuple[str, ...], **options: Any) -> None:
    """Run the simulated calling service alone."""
    simulator = Simulator(
        options=SimulatorOptions(strict=strict),
        callbacks=CallbackPolicy(allowed),
        settle_seconds=SETTLE_SECONDS,
        **options,
    )
    asyncio.run(_serve(simulator, host, port, as_json))


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


def stop_on_signal(stop: asyncio.Event) -> None:
    """Set an event on SIGINT and SIGTERM."""
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        # Windows has no such handlers; there Ctrl-C ends asyncio.run by itself.
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(name, stop.set)


def _announce(info: Mapping[str, str], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(dict(info)))
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
curl -i {info["graph_url"]}{get_version(DEFAULT).calls_path()} -H "Authorization: Bearer $TOKEN" \\
  -H "Content-Type: application/json" -d '{{
  "callbackUri": "http://127.0.0.1:8080/api/calls",
  "targets": [{{"identity": {{"phone": {{"id": "+14258828080"}}}}}}],
  "requestedModalities": ["audio"],
  "mediaConfig": {{"@odata.type": "#microsoft.graph.serviceHostedMediaConfig"}}}}'"""
