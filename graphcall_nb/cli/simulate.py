"""``graphcall-nb simulate``: the calling service alone, on a port, for any bot."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shlex
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click
from click.core import ParameterSource
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..background import serve
from ..client.settings import ENV_PREFIX
from ..graph.versions import DEFAULT, get_version
from ..simulator.addresses import make_local_address, parse_address
from ..simulator.call_service import SimulatorOptions
from ..simulator.callbacks import CallbackPolicy
from ..simulator.certificates import DEFAULT_FOLDER, CertificateAuthority
from ..simulator.faults import FAULTS
from ..simulator.scenario import Scenario
from ..simulator.scenario_schema import make_schema
from ..simulator.scenarios import SCENARIOS, parse_rule
from ..simulator.simulator import Simulator
from . import address_options, json_option, scenario_option, speed_option
from .message_log import MessagePrinter

if TYPE_CHECKING:
    from ..session.simulator_journal import SimulatorJournal

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


def show_schema(ctx: click.Context, _: click.Parameter, is_wanted: bool) -> None:
    """Print the JSON schema of a scenario and exit."""
    if is_wanted:
        click.echo(json.dumps(make_schema(), indent=2))
        ctx.exit()


@click.command
@address_options("127.0.0.1", 0)
@speed_option
@scenario_option
@click.option(
    "--scenario-file",
    "files",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="YAML or JSON file of your own scenario (repeatable). Without --scenario, each call follows the first.",
)
@click.option(
    "--rule",
    "rules",
    multiple=True,
    metavar="TARGET=NAME",
    help="Scenario of the calls to or from a target, such as '+1425555*=busy' (repeatable; the first match counts).",
)
@click.option(
    "--scenario-schema",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=show_schema,
    help="Print the JSON schema of scenario files and exit.",
)
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
@click.option("--tenant-id", metavar="ID", help="Tenant id (default: a random one).")
@click.option("--client-id", metavar="ID", help="Id of the tenant's application (default: a random one).")
@click.option("--client-secret", metavar="SECRET", help="Secret of that application (default: a random one).")
@click.option("--seed", type=int, metavar="N", help="Seed that makes a run repeatable.")
@click.option("--virtual-time", is_flag=True, help="Let time pass in POST /simulator/advance alone.")
@click.option("--tls", is_flag=True, help="Serve https with a certificate of an authority of its own.")
@click.option(
    "--tls-dir",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help=f"Folder that the authority is kept in (default: {DEFAULT_FOLDER}); implies --tls.",
)
@click.option(
    "--address",
    metavar="URL",
    help="Address below which all URLs are announced (default: the one that each client used).",
)
@click.option("--env", "as_env", is_flag=True, help="Print GRAPHCALL_ lines for connect() and doctor.")
@click.option("--log", "shows_log", is_flag=True, help="Print each request and notification to stderr.")
@click.option(
    "--journal",
    "journal_path",
    metavar="PATH",
    help="Journal, a path or URL, for the bot's requests and the notifications it accepts; gc.open_journal() reads it.",
)
@json_option
def simulate(
    host: str,
    port: int,
    strict: bool,
    as_json: bool,
    as_env: bool,
    allowed: tuple[str, ...],
    shows_log: bool,
    journal_path: str | None,
    tls: bool,
    tls_dir: Path | None,
    address: str | None,
    scenario: str,
    files: tuple[Path, ...],
    rules: tuple[str, ...],
    **options: Any,
) -> None:
    """Run the simulated calling service alone."""
    if as_json and as_env:
        raise ValueError("--json and --env exclude each other; choose one of them.")
    announced = parse_address(address) if address else ""
    authority = CertificateAuthority(tls_dir) if tls or tls_dir else None
    if authority and announced.startswith("http:"):
        raise ValueError(f"--address {address} is http, but --tls serves https; write https://.")
    scenarios = [Scenario.from_file(file) for file in files]
    simulator = Simulator(
        scenario=scenarios[0] if scenarios and not _is_given("scenario") else scenario,
        scenarios=scenarios,
        rules=[parse_rule(rule) for rule in rules],
        options=SimulatorOptions(strict=strict),
        callbacks=CallbackPolicy(allowed),
        settle_seconds=SETTLE_SECONDS,
        address=announced,
        **options,
    )
    MessagePrinter(simulator.log, shows_all=shows_log).start()
    journal = _open_journal(simulator, journal_path) if journal_path else None
    announce = _print_json if as_json else _print_variables if as_env else _print_table
    asyncio.run(_serve(simulator, host, port, announced, authority, announce, journal))


def _open_journal(simulator: Simulator, path: str) -> SimulatorJournal:
    """Return a journal for the messages of a simulator, whose ids continue after those in the journal."""
    from ..journal.journal import open_journal
    from ..session.simulator_journal import SimulatorJournal

    journal = open_journal(path)
    messages = SimulatorJournal(simulator.log, journal, tenant_id=simulator.tenant.id)
    simulator.continue_after(journal.last_seq + journal.last_request_seq)
    return messages


def _is_given(option: str) -> bool:
    """Return whether an option of the present command was given."""
    return click.get_current_context().get_parameter_source(option) is not ParameterSource.DEFAULT


async def _serve(
    simulator: Simulator,
    host: str,
    port: int,
    address: str,
    authority: CertificateAuthority | None,
    announce: Callable[[Mapping[str, str]], None],
    journal: SimulatorJournal | None,
) -> None:
    stop = asyncio.Event()
    stop_on_signal(stop)
    context = authority.make_server_context([host, urlsplit(address).hostname or ""]) if authority else None
    server = await serve(simulator.app, host=host, port=port, ssl_context=context)
    try:
        local = make_local_address("https" if authority else "http", host, server.port)
        if journal is not None:
            journal.start(address or local)
        ca_file = {"ca_file": str(authority.ca_file)} if authority else {}
        announce(simulator.info(address or local) | ca_file)
        await stop.wait()
    finally:
        await server.close()
        await simulator.aclose()
        if journal is not None:
            await journal.aclose()


def stop_on_signal(stop: asyncio.Event) -> None:
    """Set an event on SIGINT and SIGTERM."""
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        # Windows has no such handlers; there Ctrl-C ends asyncio.run by itself.
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(name, stop.set)


def _print_json(info: Mapping[str, str]) -> None:
    click.echo(json.dumps(dict(info)))


def _print_variables(info: Mapping[str, str]) -> None:
    """Print settings of ``connect()`` for a shell or a ``.env`` file."""
    values = {name: info[name] for name in ("tenant_id", "client_id", "client_secret", "graph_url", "openid_url")}
    values["authority"] = info["graph_url"]  # connect() adds the tenant
    if "ca_file" in info:
        values["ca_bundle"] = info["ca_file"]
    for name, value in values.items():
        click.echo(f"{ENV_PREFIX}{name.upper()}={shlex.quote(value)}")


def _print_table(info: Mapping[str, str]) -> None:
    console = Console()
    console.print("[bold]Simulated calling service[/] (nothing here reaches Microsoft)")
    for name, value in info.items():
        console.print(f"  {name:14} {escape(value)}", highlight=False, soft_wrap=True)
    console.print("\nA token, and a call; callbackUri is where your bot listens:", highlight=False)
    console.print(_example(info), highlight=False, markup=False, soft_wrap=True)
    console.print("\nCtrl-C stops it.")


def _example(info: Mapping[str, str]) -> str:
    curl = f"curl --cacert {shlex.quote(info['ca_file'])}" if "ca_file" in info else "curl"
    return f"""\
TOKEN=$({curl} -s {info["token_url"]} -d grant_type=client_credentials -d client_id={info["client_id"]} \\
  -d client_secret={info["client_secret"]} -d scope=https://graph.microsoft.com/.default | \
python3 -c 'import json,sys; print(json.load(sys.stdin)["access_token"])')
{curl} -i {info["graph_url"]}{get_version(DEFAULT).calls_path()} -H "Authorization: Bearer $TOKEN" \\
  -H "Content-Type: application/json" -d '{{
  "callbackUri": "http://127.0.0.1:8080/api/calls",
  "targets": [{{"identity": {{"phone": {{"id": "+14258828080"}}}}}}],
  "requestedModalities": ["audio"],
  "mediaConfig": {{"@odata.type": "#microsoft.graph.serviceHostedMediaConfig"}}}}'"""
