"""``graphcall-nb open``: a summary of a journal or a saved session."""

from __future__ import annotations

import sys

import click

from ..session.open_journal import open_journal


@click.command
@click.argument("source")
def open(source: str) -> None:
    """Print a summary of a journal or a saved session.

    Nothing is changed. SOURCE is a journal (path or URL) or a saved session.
    """
    with open_journal(source) as session:
        click.echo(session, file=sys.stdout)
        click.echo(session.summary(), file=sys.stdout)
        for name, value in session.journal.origin.to_rows().items():
            click.echo(f"{name.replace('_', ' ')}: {value}", file=sys.stdout)
