"""``graphcall-nb demo``: the eight documented calls, from request to timeline, in a terminal."""

from __future__ import annotations

import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from .. import templates
from ..errors import GraphcallError
from ..session import CallHandle, Session, simulate
from ..statecolors import STATE_COLORS, UNKNOWN_COLOR

TALK_SECONDS = 1.0
"""How long each call is left established before it is hung up, at speed 1."""

PATIENCE_SECONDS = 30.0
"""How long the whole may take at speed 1 before it is given up."""


@dataclass
class Line:
    """One call of the demo, and what the table says of it."""

    template: templates.Template
    future: Future[CallHandle]
    handle: CallHandle | None = None
    states: list[str] = field(default_factory=list)
    established_at: float | None = None
    hung_up: bool = False
    error: str = ""

    @property
    def done(self) -> bool:
        return bool(self.error) or (bool(self.states) and self.states[-1] == "terminated")

    @property
    def succeeded(self) -> bool:
        return self.hung_up and not self.error and {"established", "terminated"} <= set(self.states)


def demo(out: Path, speed: float, console: Console | None = None) -> int:
    """Place the eight calls, write what came of them into ``out``; 0 when each was established and hung up."""
    console = console or Console()
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OSError(f"Cannot write into {out}: {error.strerror}. Choose another folder with --out.") from None
    with simulate(speed=speed) as session:
        console.print(f"[bold]Eight calls against the simulator[/] ({session.dialect.name}; nothing reaches Microsoft)")
        lines = [
            Line(templates.ALL[name], session.submit_call(templates.ALL[name].build())) for name in templates.DOCUMENTED
        ]
        _follow(session, lines, speed, console)
        console.print()  # the live table ends without a line break where nobody watches it
        _write(session, lines, out, console)
    failed = [line for line in lines if not line.succeeded]
    for line in failed:
        console.print(f"[red]{line.template.title}: {line.error or 'not established and hung up in time'}")
    return 1 if failed else 0


def _follow(session: Session, lines: list[Line], speed: float, console: Console) -> None:
    progress = Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"), TimeElapsedColumn()
    )
    task = progress.add_task("calls ended", total=len(lines))
    deadline = time.monotonic() + max(PATIENCE_SECONDS / speed, 20.0)
    with Live(console=console, auto_refresh=False) as live:
        while True:
            seen = session.journal.last_seq
            for line in lines:
                _advance(session, line, speed)
            progress.update(task, completed=sum(line.done for line in lines))
            live.update(Group(_table(lines), progress), refresh=True)
            if all(line.done for line in lines) or time.monotonic() > deadline:
                return
            session.journal.wait_sync(seen, timeout=0.1)


def _advance(session: Session, line: Line, speed: float) -> None:
    """Take in what is new of one call, and hang it up when it has been established long enough."""
    if line.done or not line.future.done():
        return
    try:
        line.handle = line.future.result()
        standing = session.standing(line.handle.id)
        line.states += [state for state in STATE_COLORS if state in standing.visited and state not in line.states]
        if "established" not in line.states or line.hung_up:
            return
        line.established_at = line.established_at or time.monotonic()
        if time.monotonic() - line.established_at >= TALK_SECONDS / speed:
            line.handle.hang_up()
            line.hung_up = True
    except GraphcallError as error:
        line.error = str(error)


def _table(lines: list[Line]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("call", "to", "states"):
        table.add_column(title)
    for line in lines:
        who = ", ".join(target.label for target in line.handle.call.targets or []) if line.handle else ""
        table.add_row(line.template.title, who or "a meeting", _states(line))
    return table


def _states(line: Line) -> Text:
    if line.error:
        return Text(line.error, style="red")
    text = Text()
    for state in line.states:
        text.append("● ", style=STATE_COLORS.get(state, UNKNOWN_COLOR))
    text.append(line.states[-1] if line.states else "requested")
    return text


def _write(session: Session, lines: list[Line], out: Path, console: Console) -> None:
    from ..plots import save_timeline

    # Microsoft's eight calls have one subject between them; in the picture each goes by what it shows.
    titles = {line.handle.id: line.template.title for line in lines if line.handle}

    calls, intervals = session.calls(), session.intervals()
    session.notifications().to_csv(out / "notifications.csv", index=False)
    intervals.to_csv(out / "intervals.csv", index=False)
    calls.to_csv(out / "calls.csv")
    named = calls.assign(subject=calls.index.map(titles)).reindex(list(titles))
    save_timeline(out / "timeline.png", intervals, calls=named, simulated=session.simulated)
    names = ("timeline.png", "notifications.csv", "intervals.csv", "calls.csv")
    console.print(f"Written to [bold]{out}[/]: {', '.join(names)}")
