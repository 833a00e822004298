"""``graphcall-nb classroom``: one service and one listener for a class, with a seat for each student."""

from __future__ import annotations

import asyncio
import contextlib
import csv
import json
import os
import socket
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from .._text import pluralize
from ..background import new_event_loop, serve
from ..classroom import Classroom, Student, check_class_size
from ..simulator.simulator import Simulator
from . import address_options, json_option, scenario_option, speed_option
from .simulate import stop_on_signal

REFRESH_SECONDS = 1.0
"""Time between updates of the table of the class."""


def check_address(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    """Require an ``http`` or ``https`` address."""
    if value is not None and not value.startswith(("http://", "https://")):
        raise click.BadParameter(f"{value} is not a web address; write for example http://teacher.local:8710")
    return value


@click.command
@click.option("--students", type=int, default=30, metavar="N", help="Number of seats.")
@address_options("0.0.0.0", 8710)  # noqa: S104 - students connect from their own machines
@click.option(
    "--address",
    callback=check_address,
    metavar="URL",
    help="Address of this machine for students, if the detected one is wrong (behind a hub or a proxy).",
)
@speed_option
@scenario_option
@click.option(
    "--journals",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Keep the journals of the students in this folder.",
)
@click.option(
    "--seats", type=click.Path(path_type=Path), metavar="FILE", help="Write the lines of the students as CSV."
)
@json_option
def classroom(students: int, speed: float, scenario: str, **options: Any) -> None:
    """Serve a class with a seat for each student.

    Prints a line for each student to type into a notebook. Students do not see the calls of other students. Ctrl-C
    ends the class.
    """
    simulator = Simulator(extra_applications=check_class_size(students), scenario=scenario, speed=speed)
    loop = new_event_loop()
    try:
        loop.run_until_complete(_serve(simulator, ClassroomOptions(**options)))
    finally:
        loop.close()


@dataclass(frozen=True, kw_only=True)
class ClassroomOptions:
    """Options of the command that do not concern the simulator.

    Attributes
    ----------
    host, port : address to listen on
    address : base URL for students; ``None`` detects it
    journals : folder of the students' journals; ``None`` keeps none
    seats : CSV file to write the students' lines into
    as_json : print the lines as one JSON object
    """

    host: str
    port: int
    address: str | None
    journals: Path | None
    seats: Path | None
    as_json: bool


async def _serve(simulator: Simulator, options: ClassroomOptions) -> None:
    stop = asyncio.Event()
    stop_on_signal(stop)
    async with Classroom(simulator, folder=options.journals) as classroom:
        server = await serve(classroom, host=options.host, port=options.port)
        try:
            await classroom.open(f"http://127.0.0.1:{server.port}")
            address = (options.address or f"http://{_own_address(options.host)}:{server.port}").rstrip("/")
            lines = {student.number: address + student.path for student in classroom.students}
            teacher = f"{address}{classroom.teacher_path}"
            await _announce(lines, teacher, classroom.students, options, stop)
        finally:
            classroom.end_waits()
            await server.close()


async def _announce(
    lines: dict[int, str], teacher: str, students: list[Student], options: ClassroomOptions, stop: asyncio.Event
) -> None:
    if options.seats is not None:
        _write(options.seats, lines)
    if options.as_json:
        click.echo(json.dumps({"seats": list(lines.values()), "teacher": teacher}))
        await stop.wait()
        return
    console = Console()
    console.print(f"[bold]A class of {len(students)}[/]; each student types one of these lines and keeps it private:")
    for number, line in lines.items():
        console.print(f'  {number:3}  session = gc.join_class("{line}")', highlight=False, markup=False, soft_wrap=True)
    console.print("To withdraw seat 3, or to replace its line by a new one (keep these addresses private too):")
    for method in ("DELETE", "POST"):
        console.print(f"       curl -X {method} {teacher}/3", highlight=False, markup=False, soft_wrap=True)
    console.print("Nothing here reaches Microsoft. Ctrl-C ends the class.")
    await _watch(console, students, stop)


async def _watch(console: Console, students: list[Student], stop: asyncio.Event) -> None:
    """Show the activity of each student until the class ends."""
    if not console.is_terminal:
        await _print_progress(console, students, stop)
        return
    with Live(console=console, auto_refresh=False) as live:
        while not stop.is_set():
            live.update(_table(students), refresh=True)
            try:
                async with asyncio.timeout(REFRESH_SECONDS):
                    await stop.wait()
            except TimeoutError:
                continue


async def _print_progress(console: Console, students: list[Student], stop: asyncio.Event) -> None:
    """Print a line for each student whose progress changed, until the class ends: for a file or a pipe."""
    printed: dict[int, str] = {}
    while not stop.is_set():
        for student in students:
            line = _describe_progress(student)
            if line and printed.get(student.number) != line:
                printed[student.number] = line
                console.print(line, highlight=False, markup=False, soft_wrap=True)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(REFRESH_SECONDS):
                await stop.wait()


def _describe_progress(student: Student) -> str:
    """Return the progress of a student in one line; empty before the first notification or result."""
    if student.listener.last_received_us is None and not student.results:
        return ""
    count = pluralize(student.listener.accepted, "notification")
    return f"student {student.number}: {count}, {_describe_results(student)}"


def _describe_results(student: Student) -> str:
    """Return the exercises that a student solved."""
    solved = [name for name, is_solved in student.results.items() if is_solved]
    tried = len(student.results) - len(solved)
    words = [f"{len(solved)} solved" + (f" ({', '.join(solved)})" if solved else ""), f"{tried} tried" if tried else ""]
    return ", ".join(filter(None, words))


def _table(students: list[Student]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("student", "notifications", "last at (UTC)", "exercises"):
        table.add_column(title, justify="right" if title in ("notifications", "last at (UTC)") else "left")
    for student in students:
        at = student.listener.last_received_us
        if at is not None or student.results:
            last = "" if at is None else f"{datetime.fromtimestamp(at / 1e6, UTC):%H:%M:%S}"
            results = _describe_results(student) if student.results else ""
            table.add_row(str(student.number), str(student.listener.accepted), last, escape(results))
    if not table.row_count:
        table.add_row("no calls yet", "", "", "")
    return table


def _write(path: Path, lines: dict[int, str]) -> None:
    try:
        with open(path, "w", newline="", encoding="utf-8", opener=_open_for_owner) as file:
            os.chmod(path, 0o600)  # a file from before may be open to all
            writer = csv.writer(file)
            writer.writerow(("student", "line"))
            writer.writerows((number, f'session = gc.join_class("{line}")') for number, line in lines.items())
    except OSError as error:
        reason = f"{error.strerror}; choose another file with --seats."
        raise OSError(f"Cannot write the seats into {path}: {reason}") from None


def _open_for_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _own_address(host: str) -> str:
    """Return the host for students: for all addresses, the address this machine sends from."""
    if host not in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        return host
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            # Connecting a UDP socket sends nothing; the system only chooses a source address.
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
    except OSError:
        return socket.gethostname()
