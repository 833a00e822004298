"""``graphcall-nb doctor``: the checks of ``connect()``, in a terminal."""

from __future__ import annotations

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
def doctor(template: str, tunnel: str | None, env_file: Path | None) -> int:
    """Check whether calls to Microsoft can work from this machine.

    The exit status is 0 when every check passed, else 1.
    """
    console = Console()
    with Live(console=console, auto_refresh=False) as live:
        report = check_settings(
            {},
            template=template,
            tunnel=tunnel,
            env_file=env_file,
            on_change=lambda report: live.update(_table(report), refresh=True),
        )
    if not console.is_terminal:
        console.print()  # the live table ends without a line break in a pipe
    return 0 if report.ok else 1


def _table(report: Report) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    for check in report:
        mark = Text(f"{SYMBOLS[check.status]} {check.status}", style=_STYLES[check.status])
        table.add_row(mark, Text(check.title, style="bold"), Text(check.detail))
    return table
