"""The command line ``graphcall-nb``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from .. import errors


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status; an error is a sentence on stderr, and status 1."""
    options = _parser().parse_args(argv)
    try:
        status: int = options.run(options)
    except (errors.GraphcallError, ValueError, OSError) as error:
        print(f"graphcall-nb: {error}", file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        return 130
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="graphcall-nb",
        description="Microsoft Graph calling, seen from form to timeline. Start with: graphcall-nb demo",
    )
    parser.add_argument("--version", action="version", version=f"graphcall-nb {version('graphcall-nb')}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_demo(commands)
    _add_simulate(commands)
    _add_lab(commands)
    return parser


def _add_demo(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    demo = commands.add_parser("demo", help="place the eight documented calls against the simulator")
    demo.add_argument("--out", type=Path, default=Path("graphcall-demo"), metavar="DIR", help="where the results go")
    demo.add_argument("--speed", type=_positive, default=1.0, metavar="N", help="N times faster than life")
    demo.set_defaults(run=_demo)


def _add_simulate(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    simulate = commands.add_parser("simulate", help="run the simulated calling service alone")
    simulate.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    simulate.add_argument("--port", type=int, default=0, metavar="N", help="port to listen on (default: a free one)")
    simulate.add_argument("--speed", type=_positive, default=1.0, metavar="N", help="N times faster than life")
    simulate.add_argument("--scenario", default="answered", metavar="NAME", help="what becomes of each call")
    simulate.add_argument("--seed", type=int, metavar="N", help="makes a run repeat")
    simulate.add_argument("--json", action="store_true", help="one JSON object on the first line, for programs")
    simulate.set_defaults(run=_simulate)


def _add_lab(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    lab = commands.add_parser("lab", help="open the notebooks in JupyterLab")
    lab.add_argument("rest", nargs=argparse.REMAINDER, metavar="...", help="options for JupyterLab itself")
    lab.set_defaults(run=_lab)


def _positive(text: str) -> float:
    value = float(text)
    if not value > 0:
        raise argparse.ArgumentTypeError(f"{text} is not more than 0")
    return value


# Each command is loaded when it is used: `simulate` needs no plots, `lab` nothing at all.


def _demo(options: argparse.Namespace) -> int:
    from .demo import demo

    return demo(options.out, options.speed)


def _simulate(options: argparse.Namespace) -> int:
    from .service import run_service

    return run_service(
        host=options.host,
        port=options.port,
        speed=options.speed,
        scenario=options.scenario,
        seed=options.seed,
        as_json=options.json,
    )


def _lab(options: argparse.Namespace) -> int:
    from .lab import open_lab

    return open_lab(options.rest)
