"""``graphcall-nb doctor``: the checks of ``connect()``, in a terminal."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from ..diagnosis.report import SYMBOLS, Report
from ..session.doctor import check_settings

_STYLES = {"pass": "green", "fail": "bold red", "not reached": "dim", "running": "dim"}


@click.command
@click.option("--template", default="peer_to_peer", metavar="NAME", help="Call template whose permissions are checked.")
@click.option(
    "--tunnel", metavar="TUNNEL", help="Tunnel that Microsoft reaches this machine by (default: GRAPHCALL_TUNNEL)."
)
@click.option(
    "--env-file", type=click.Path(path_type=Path), metavar="FILE", help="Settings file (default: the first .env above)."
)
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON, for a program.")
def doctor(template: str, tunnel: str | None, env_file: Path | None, as_json: bool) -> int:
    """Check whether calls to Microsoft can work from this machine.

    The exit status is 0 when every check passed, else 1.
    """
    check = partial(check_settings, {}, template=template, tunnel=tunnel, env_file=env_file)
    console = Console()
    if as_json:
        report = check()
        click.echo(json.dumps({"ok": report.ok, "checks": [asdict(each) for each in report]}, indent=2))
    elif console.is_terminal:
        with Live(console=console, auto_refresh=False) as live:
            report = check(on_change=lambda report: live.update(_table(report), refresh=True))
    else:
        # A table would break ids and addresses at the assumed width of the terminal.
        report = check()
        # Given the stream, click does not replace the encoding that was chosen for it.
        click.echo(str(report), file=sys.stdout)
    return 0 if report.ok else 1


def _table(report: Report) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    for check in report:
        mark = Text(f"{SYMBOLS[check.status]} {check.status}", style=_STYLES[check.status])
        table.add_row(mark, Text(check.title, style="bold"), Text(check.detail))
    return table
