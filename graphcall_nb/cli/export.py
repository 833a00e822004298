"""``graphcall-nb export``: a frame of a journal or a saved session, or the session itself, as a file."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from .._arguments import require_choice
from ..session.open_journal import open_journal
from ..session.session import FRAMES

ARCHIVE_SUFFIX = ".gcnb"
"""Suffix of a saved session."""


def split_conditions(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, list[str]]:
    """Collect ``NAME=VALUE`` options into lists of values by name."""
    conditions: dict[str, list[str]] = {}
    for text in values:
        name, equals, value = text.partition("=")
        if not equals:
            raise click.BadParameter(f"{text} is not of the form NAME=VALUE, such as state=ringing")
        conditions.setdefault(name, []).append(value)
    return conditions


@click.command
@click.argument("source")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--frame", default="notifications", metavar="NAME", help="Frame: notifications, intervals, calls, ….")
@click.option("--since", metavar="TIME", help="Only rows of this time or later, such as '2026-11-25 09:30'.")
@click.option("--until", metavar="TIME", help="Only rows of this time or earlier.")
@click.option(
    "--where", multiple=True, callback=split_conditions, metavar="NAME=VALUE", help="Only matching rows (repeatable)."
)
@click.option("--mask", is_flag=True, help="Replace personal data and secrets.")
def export(
    source: str, out: Path, frame: str, since: str | None, until: str | None, where: dict[str, list[str]], mask: bool
) -> None:
    """Write a journal or a saved session into a file.

    SOURCE is a journal (path or URL) or a saved session. OUT is a .csv, .jsonl or .parquet file for one frame, or a
    .gcnb file for the whole session.
    """
    if out.suffix == ARCHIVE_SUFFIX and (since or until or where):
        raise ValueError(
            f"--since, --until and --where choose rows of a frame, but {ARCHIVE_SUFFIX} holds the whole session; "
            "omit them."
        )
    with open_journal(source) as session:
        if out.suffix == ARCHIVE_SUFFIX:
            session.save(out, mask=mask)
        else:
            session.export(
                out, require_choice("frame", frame, FRAMES), since=since, until=until, where=where, mask=mask
            )
    click.echo(out, file=sys.stdout)
