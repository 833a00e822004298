"""The command line ``graphcall-nb``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from .. import errors
from ..errors import SettingsMissing


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status; an error is a sentence on stderr, and status 1."""
    parser = _parser()
    options, rest = parser.parse_known_args(argv)
    if rest and options.run is not _lab:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    if options.run is None:
        parser.print_help(sys.stderr)
        return 2
    options.rest = rest
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
    parser.add_argument("-V", "--version", action="version", version=f"graphcall-nb {version('graphcall-nb')}")
    parser.set_defaults(run=None)
    commands = parser.add_subparsers(metavar="COMMAND")
    _add_demo(commands)
    _add_simulate(commands)
    _add_listen(commands)
    _add_export(commands)
    _add_classroom(commands)
    _add_lab(commands)
    _add_doctor(commands)
    return parser


def _add_demo(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    demo = commands.add_parser("demo", help="place the eight documented calls against the simulator")
    demo.add_argument(
        "--out",
        type=Path,
        default=Path("graphcall-demo"),
        metavar="DIR",
        help="where the results go (default graphcall-demo)",
    )
    demo.add_argument("--speed", type=_positive, default=1.0, metavar="N", help="N times faster than life")
    demo.set_defaults(run=_demo)


def _add_simulate(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    simulate = commands.add_parser("simulate", help="run the simulated calling service alone")
    simulate.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    simulate.add_argument("--port", type=_port, default=0, metavar="N", help="port to listen on (default: a free one)")
    simulate.add_argument("--speed", type=_positive, default=1.0, metavar="N", help="N times faster than life")
    simulate.add_argument("--scenario", default="answered", metavar="NAME", help="what becomes of each call")
    simulate.add_argument("--fault", action="append", default=[], metavar="NAME", help="what goes wrong (repeatable)")
    simulate.add_argument(
        "--strict",
        action="store_true",
        help="hold what the pages say of permissions and group calls against each action",
    )
    simulate.add_argument("--list", action="store_true", help="say what scenarios and faults there are, and end")
    simulate.add_argument("--seed", type=int, metavar="N", help="makes a run repeat")
    simulate.add_argument("--json", action="store_true", help="one JSON object on the first line, for programs")
    simulate.set_defaults(run=_simulate)


def _add_listen(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    listen = commands.add_parser(
        "listen",
        help="run the listener alone, into a journal",
        description="Takes notifications: checks their tokens, writes them into the journal, answers 202. What would "
        "show on the command line may come from the environment instead: GRAPHCALL_JOURNAL, GRAPHCALL_PATH, "
        "GRAPHCALL_CLIENT_ID (audience) and GRAPHCALL_TENANT_ID.",
    )
    needed = os.environ.get
    listen.add_argument("--journal", metavar="URL", default=needed("GRAPHCALL_JOURNAL"), help="a path or database URL")
    listen.add_argument("--audience", metavar="ID", default=needed("GRAPHCALL_CLIENT_ID"), help="the application's id")
    listen.add_argument("--tenant", metavar="ID", default=needed("GRAPHCALL_TENANT_ID"), help="the tenant's id")
    listen.add_argument("--issuer", metavar="URL", action="append", help="who may issue tokens (may be repeated)")
    listen.add_argument("--openid-url", metavar="URL", help="where the keys of tokens are announced")
    listen.add_argument(
        "--ca-bundle",
        metavar="FILE",
        default=needed("GRAPHCALL_CA_BUNDLE"),
        help="a PEM file of certificate authorities to believe besides the usual ones",
    )
    listen.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    listen.add_argument("--port", type=_port, default=0, metavar="N", help="port to listen on (default: a free one)")
    listen.add_argument("--path", default=needed("GRAPHCALL_PATH"), help="path (default: one that cannot be guessed)")
    listen.add_argument("--json", action="store_true", help="one JSON object on the first line, for programs")
    listen.set_defaults(run=_listen)


def _add_export(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    export = commands.add_parser("export", help="write a journal or a saved session into a file")
    export.add_argument("source", metavar="SOURCE", help="a journal (path or URL) or a saved session")
    export.add_argument(
        "out", type=Path, metavar="OUT", help="a .csv, .jsonl, .parquet, or .gcnb for the whole session"
    )
    export.add_argument("--frame", default="notifications", metavar="NAME", help="notifications, intervals, calls, …")
    export.add_argument("--since", metavar="TIME", help="only what came then or later, such as '2026-11-25 09:30'")
    export.add_argument(
        "--where", action="append", default=[], type=_choice, metavar="NAME=VALUE", help="only those (may be repeated)"
    )
    export.add_argument("--mask", action="store_true", help="replace telephone numbers, names and mail addresses")
    export.set_defaults(run=_export)


def _add_classroom(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    room = commands.add_parser(
        "classroom",
        help="serve a class: a seat for each student",
        description="Prints a line for each student, who types it into a notebook. Nobody sees another's calls.",
    )
    room.add_argument("--students", type=int, default=30, metavar="N", help="how many seats there are (default 30)")
    room.add_argument("--host", default="0.0.0.0", help="address to listen on (default: all)")  # noqa: S104 - a class
    room.add_argument("--port", type=_port, default=8710, metavar="N", help="port to listen on (default 8710)")
    room.add_argument(
        "--address", type=_web_address, metavar="URL", help="how students reach it, when that is not found by itself"
    )
    room.add_argument("--speed", type=_positive, default=1.0, metavar="N", help="N times faster than life")
    room.add_argument("--scenario", default="answered", metavar="NAME", help="what becomes of each call")
    room.add_argument("--journals", type=Path, metavar="DIR", help="keep the students' journals in this folder")
    room.add_argument("--seats", type=Path, metavar="FILE", help="write the lines of the students into a CSV file")
    room.add_argument("--json", action="store_true", help="one JSON object on the first line, for programs")
    room.set_defaults(run=_classroom)


def _add_lab(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    lab = commands.add_parser(
        "lab",
        help="open the notebooks in JupyterLab",
        description="Options that are not ours are JupyterLab's own, such as --no-browser or --port=8890.",
    )
    lab.set_defaults(run=_lab)


def _add_doctor(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    doctor = commands.add_parser("doctor", help="look whether a call to Microsoft can work from here")
    doctor.add_argument("--template", default="peer_to_peer", metavar="NAME", help="whose permissions are looked for")
    doctor.add_argument(
        "--tunnel", metavar="WAY", help="how Microsoft reaches this machine (default: GRAPHCALL_TUNNEL)"
    )
    doctor.add_argument("--env-file", type=Path, metavar="FILE", help="settings (default: the first .env above)")
    doctor.set_defaults(run=_doctor)


def _choice(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text} is not of the form NAME=VALUE, such as state=ringing")
    return name, value


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0
    if not value > 0:
        raise argparse.ArgumentTypeError(f"{text} is no number above 0")
    return value


def _web_address(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise argparse.ArgumentTypeError(f"{text} is no address; write for example http://teacher.local:8710")
    return text


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text} is no port; give a number up to 65535, or 0 for a free one")
    return int(text)


# Each command is loaded when it is used: `simulate` needs no plots, `lab` nothing at all.


def _demo(options: argparse.Namespace) -> int:
    from .demo import demo

    return demo(options.out, options.speed)


def _simulate(options: argparse.Namespace) -> int:
    from ..simulator import Manner, Simulator
    from .service import run_service, show_catalogue

    if options.list:
        return show_catalogue()
    simulator = Simulator(
        scenario=options.scenario,
        faults=options.fault,
        speed=options.speed,
        seed=options.seed,
        manner=Manner(strict=options.strict),
    )
    return run_service(simulator, host=options.host, port=options.port, as_json=options.json)


def _listen(options: argparse.Namespace) -> int:
    missing = [f"--{name}" for name in ("journal", "audience", "tenant") if not getattr(options, name)]
    if missing:
        raise SettingsMissing(
            f"Give {' and '.join(missing)}, or set GRAPHCALL_JOURNAL, GRAPHCALL_CLIENT_ID and GRAPHCALL_TENANT_ID; "
            "see graphcall-nb listen --help."
        )
    from ..receiving import Callback
    from .listen import run_listener

    given = {
        "openid_url": options.openid_url,
        "issuers": options.issuer and tuple(options.issuer),
        "path": options.path,
        "ca_bundle": options.ca_bundle,
    }
    callback = Callback(
        audience=options.audience,
        tenant_id=options.tenant,
        host=options.host,
        port=options.port,
        **{name: value for name, value in given.items() if value},
    )
    return run_listener(options.journal, callback, as_json=options.json)


def _export(options: argparse.Namespace) -> int:
    from .export import export

    where: dict[str, list[str]] = {}
    for name, value in options.where:
        where.setdefault(name, []).append(value)
    return export(options.source, options.out, frame=options.frame, since=options.since, where=where, mask=options.mask)


def _classroom(options: argparse.Namespace) -> int:
    from ..classroom import size_of_class
    from ..simulator import Simulator
    from .classroom import Wishes, run_classroom

    wishes = Wishes(
        host=options.host,
        port=options.port,
        address=options.address,
        folder=options.journals,
        seats=options.seats,
        as_json=options.json,
    )
    simulator = Simulator(others=size_of_class(options.students), scenario=options.scenario, speed=options.speed)
    return run_classroom(simulator, wishes)


def _lab(options: argparse.Namespace) -> int:
    from .lab import open_lab

    return open_lab(options.rest)


def _doctor(options: argparse.Namespace) -> int:
    from .doctor import run_doctor

    return run_doctor(template=options.template, tunnel=options.tunnel, env_file=options.env_file)
