"""``graphcall-nb demo``: the eight documented calls, from request to timeline, in a terminal."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

import click
from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from ..errors import GraphcallError
from ..graph import templates
from ..plots.colors import STATE_COLORS, UNKNOWN_COLOR
from ..plots.timeline import save_timeline
from ..session.call import CallHandle
from ..session.session import Session
from ..session.simulate import simulate
from . import speed_option

TALK_SECONDS = 1.0
"""Time each call stays established before it is hung up, at speed 1."""

TIMEOUT_SECONDS = 30.0
"""Time until the demo gives up on calls that have not ended, at speed 1."""

MIN_TIMEOUT_SECONDS = 20.0
"""Least time-out at any speed: creating eight calls takes real time."""


@dataclass
class DemoCall:
    """One call of the demo and its row in the table."""

    template: templates.Template
    future: Future[CallHandle]
    handle: CallHandle | None = None
    states: list[str] = field(default_factory=list)
    established_at: float | None = None
    is_hung_up: bool = False
    error: str = ""

    @property
    def is_done(self) -> bool:
        return bool(self.error) or "terminated" in self.states

    @property
    def has_succeeded(self) -> bool:
        return self.is_hung_up and not self.error and {"established", "terminated"} <= set(self.states)

    def advance(self, states: Mapping[str, list[str]], speed: float) -> None:
        """Take the states of this call and hang it up when it has been established long enough."""
        if self.is_done or not self.future.done():
            return
        try:
            self.handle = self.future.result()
            self.states = states.get(self.handle.id, [])
            if "established" not in self.states or self.is_hung_up:
                return
            self.established_at = self.established_at or time.monotonic()
            if time.monotonic() - self.established_at >= TALK_SECONDS / speed:
                self.handle.hang_up()
                self.is_hung_up = True
        except GraphcallError as error:
            self.error = str(error)


@click.command
@click.option("--out", type=click.Path(path_type=Path), default="graphcall-demo", metavar="DIR", help="Result folder.")
@speed_option
def demo(out: Path, speed: float) -> int:
    """Place the eight documented calls against the simulator.

    Writes a timeline and the frames into a folder. The exit status is 0 when each call was established and hung up.
    """
    console = Console()
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OSError(f"Cannot write into {out}: {error.strerror}. Choose another folder with --out.") from None
    with simulate(speed=speed) as session:
        console.print(f"[bold]Eight calls against the simulator[/] ({session.version.name}; nothing reaches Microsoft)")
        calls = [
            DemoCall(templates.ALL[name], session.submit_call(templates.ALL[name].build()))
            for name in templates.DOCUMENTED
        ]
        _follow(session, calls, speed, console)
        console.print()  # the live table ends without a line break in a pipe
        _write(session, calls, out, console)
    failed = [call for call in calls if not call.has_succeeded]
    for call in failed:
        console.print(f"[red]{call.template.title}: {call.error or 'not established and hung up in time'}")
    return 1 if failed else 0


def _follow(session: Session, demo_calls: list[DemoCall], speed: float, console: Console) -> None:
    progress = Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"), TimeElapsedColumn()
    )
    task = progress.add_task("calls ended", total=len(demo_calls))
    deadline = time.monotonic() + max(TIMEOUT_SECONDS / speed, MIN_TIMEOUT_SECONDS)
    with Live(console=console, auto_refresh=False) as live:
        while True:
            seen = session.journal.last_seq
            states = {str(name): list(part) for name, part in session.intervals().groupby("call_id")["state"]}
            for demo_call in demo_calls:
                demo_call.advance(states, speed)
            progress.update(task, completed=sum(demo_call.is_done for demo_call in demo_calls))
            live.update(Group(_table(demo_calls), progress), refresh=True)
            if all(demo_call.is_done for demo_call in demo_calls) or time.monotonic() > deadline:
                return
            session.journal.wait_sync(seen, timeout=0.1)


def _table(demo_calls: list[DemoCall]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("call", "to", "states"):
        table.add_column(title)
    for demo_call in demo_calls:
        target = ", ".join(target.label for target in demo_call.handle.call.targets or []) if demo_call.handle else ""
        table.add_row(demo_call.template.title, target or "a meeting", _states(demo_call))
    return table


def _states(demo_call: DemoCall) -> Text:
    if demo_call.error:
        return Text(demo_call.error, style="red")
    text = Text()
    for state in demo_call.states:
        text.append("● ", style=STATE_COLORS.get(state, UNKNOWN_COLOR))
    text.append(demo_call.states[-1] if demo_call.states else "requested")
    return text


def _write(session: Session, demo_calls: list[DemoCall], out: Path, console: Console) -> None:
    # The eight documented calls share one subject, so the picture uses the titles of the templates.
    titles = {demo_call.handle.id: demo_call.template.title for demo_call in demo_calls if demo_call.handle}

    calls, intervals = session.calls(), session.intervals()
    session.notifications().to_csv(out / "notifications.csv", index=False)
    intervals.to_csv(out / "intervals.csv", index=False)
    calls.to_csv(out / "calls.csv", index=False)
    named = calls.assign(subject=calls["call_id"].map(titles)).set_index("call_id").reindex(list(titles))
    save_timeline(out / "timeline.png", intervals, calls=named, simulated=session.simulated)
    names = ("timeline.png", "notifications.csv", "intervals.csv", "calls.csv")
    console.print(f"Written to [bold]{out}[/]: {', '.join(names)}")
