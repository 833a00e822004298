"""``graphcall-nb classroom``: one service and one listener for a class, with a seat for each student."""

from __future__ import annotations

import asyncio
import csv
import json
import socket
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.table import Table

from ..background import new_event_loop, serve
from ..classroom import Classroom, Seat
from ..simulator import Simulator
from .service import stop_on_signal

LOOK_SECONDS = 1.0
"""How often the table of the class is drawn anew."""


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What a teacher asks for.

    Attributes
    ----------
    host, port : where the class is served
    address : how students reach it, when that is not found by itself (behind a hub or a proxy)
    folder : where the students' journals are kept; ``None`` keeps none
    seats : a CSV file to write the seats into
    """

    host: str
    port: int
    address: str | None
    folder: Path | None
    seats: Path | None
    as_json: bool


def run_classroom(simulator: Simulator, wishes: Wishes) -> int:
    """Serve a class until SIGINT or SIGTERM; returns the exit status."""
    loop = new_event_loop()
    try:
        loop.run_until_complete(_serve(simulator, wishes))
    finally:
        loop.close()
    return 0


async def _serve(simulator: Simulator, wishes: Wishes) -> None:
    stop = asyncio.Event()
    stop_on_signal(stop)
    async with Classroom(simulator, folder=wishes.folder) as classroom:
        server = await serve(classroom, host=wishes.host, port=wishes.port)
        try:
            await classroom.open(f"http://127.0.0.1:{server.port}")
            address = (wishes.address or f"http://{_own_address(wishes.host)}:{server.port}").rstrip("/")
            lines = {seat.number: address + seat.path for seat in classroom.seats}
            await _announce(lines, classroom.seats, wishes, stop)
        finally:
            classroom.dismiss()
            await server.close()


async def _announce(lines: dict[int, str], seats: list[Seat], wishes: Wishes, stop: asyncio.Event) -> None:
    if wishes.seats is not None:
        _write(wishes.seats, lines)
    if wishes.as_json:
        print(json.dumps({"seats": list(lines.values())}), flush=True)  # noqa: T201
        await stop.wait()
        return
    console = Console()
    console.print(f"[bold]A class of {len(seats)}[/]; each student types a line of their own, and keeps it:")
    for number, line in lines.items():
        console.print(f'  {number:3}  session = gc.join_class("{line}")', highlight=False, markup=False, soft_wrap=True)
    console.print("Nothing here reaches Microsoft. Ctrl-C ends the class.")
    await _watch(console, seats, stop)


async def _watch(console: Console, seats: list[Seat], stop: asyncio.Event) -> None:
    """Show who is at work, until the class ends."""
    if not console.is_terminal:
        await stop.wait()
        return
    with Live(console=console, auto_refresh=False) as live:
        while not stop.is_set():
            live.update(_table(seats), refresh=True)
            try:
                await asyncio.wait_for(stop.wait(), LOOK_SECONDS)
            except TimeoutError:
                continue


def _table(seats: list[Seat]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("student", "notifications", "last at (UTC)"):
        table.add_column(title, justify="left" if title == "student" else "right")
    for seat in seats:
        at = seat.listener.last_received_us
        if at is not None:
            table.add_row(
                str(seat.number), str(seat.listener.accepted), f"{datetime.fromtimestamp(at / 1e6, UTC):%H:%M:%S}"
            )
    if not table.row_count:
        table.add_row("nobody has placed a call yet", "", "")
    return table


def _write(path: Path, lines: dict[int, str]) -> None:
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(("student", "line"))
            writer.writerows((number, f'session = gc.join_class("{line}")') for number, line in lines.items())
    except OSError as error:
        reason = f"{error.strerror}; choose another file with --seats."
        raise OSError(f"Cannot write the seats into {path}: {reason}") from None


def _own_address(host: str) -> str:
    """How others reach this machine: the address it would speak from, where it listens on all of them."""
    if host not in ("0.0.0.0", "::"):  # noqa: S104 - asked, not bound
        return host
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            # Nothing is sent: the system only says which of its addresses it would take.
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
    except OSError:
        return socket.gethostname()
