"""Command line ``graphcall-nb``: the group of commands and the options that several of them share."""

from __future__ import annotations

import importlib
import io
import sys
from collections.abc import Callable, Sequence
from typing import TypeVar

import click

from ..errors import GraphcallError

Decorated = TypeVar("Decorated", bound=Callable[..., object])

COMMANDS = {
    "demo": "Place the eight documented calls against the simulator.",
    "simulate": "Run the simulated calling service alone.",
    "listen": "Run the listener alone and write into a journal.",
    "open": "Print a summary of a journal or a saved session.",
    "export": "Write a journal or a saved session into a file.",
    "classroom": "Serve a class with a seat for each student.",
    "lab": "Open the notebooks in JupyterLab.",
    "doctor": "Check whether calls to Microsoft can work from this machine.",
}
"""Short help of each command. The command itself is in the module of its name, loaded on use."""


class LazyGroup(click.Group):
    """Group that imports a command when it is used, so that ``--help`` loads neither pandas nor the simulator."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command of this name; return ``None`` for an unknown name."""
        return load_command(cmd_name) if cmd_name in COMMANDS else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def load_command(name: str) -> click.Command:
    """Import a command from the module of the same name."""
    command: click.Command = getattr(importlib.import_module(f".{name}", __package__), name)
    return command


@click.group(cls=LazyGroup, context_settings={"show_default": True, "help_option_names": ["-h", "--help"]})
@click.version_option(None, "-V", "--version", package_name="graphcall-nb", message="graphcall-nb %(version)s")
def cli() -> None:
    """Work with Microsoft Graph calling in a terminal. Start with ``graphcall-nb demo``."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status: 0, 1 for an error, 2 for wrong arguments, 130 for Ctrl-C."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # an encoding such as cp1252 lacks some characters
    try:
        status: int | None = cli.main(argv, prog_name="graphcall-nb", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (GraphcallError, ValueError, OSError) as error:
        click.echo(f"graphcall-nb: {error}", file=sys.stderr)
        return 1
    except click.Abort:
        return 130
    return status or 0


speed_option = click.option(
    "--speed", type=click.FloatRange(min=0, min_open=True), default=1.0, metavar="N", help="Speed-up over real time."
)
scenario_option = click.option("--scenario", default="answered", metavar="NAME", help="Outcome of each call.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object on the first line.")


def address_options(host: str, port: int) -> Callable[[Decorated], Decorated]:
    """Return a decorator that adds ``--host`` and ``--port`` with these defaults."""

    def decorate(command: Decorated) -> Decorated:
        port_type = click.IntRange(0, 65535)
        add_port = click.option("--port", type=port_type, default=port, metavar="N", help="Port, or 0 for a free one.")
        return click.option("--host", default=host, help="Address to listen on.")(add_port(command))

    return decorate
