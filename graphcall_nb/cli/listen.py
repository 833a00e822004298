"""``graphcall-nb listen``: the listener alone, on a port, into a journal."""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import AsyncExitStack

from rich.console import Console

from ..background import new_event_loop
from ..journal import Journal, open_journal
from ..receiving import Callback, receive
from .service import stop_on_signal


def run_listener(journal: str, callback: Callback, *, as_json: bool) -> int:
    """Listen until SIGINT or SIGTERM; returns the exit status."""
    _log_to_stderr()
    opened = open_journal(journal)
    loop = new_event_loop()
    try:
        loop.run_until_complete(_listen(opened, callback, as_json))
    finally:
        loop.close()
        opened.close()
    return 0


def _log_to_stderr() -> None:
    """What goes wrong while it runs is for the log of whoever keeps it running; senders are told no reasons."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("graphcall-nb: %(message)s"))
    logging.getLogger("graphcall_nb").addHandler(handler)


async def _listen(journal: Journal, callback: Callback, as_json: bool) -> None:
    stop = asyncio.Event()
    stop_on_signal(stop)
    async with AsyncExitStack() as stack:
        _, server = await receive(stack, journal, callback)
        info = {"callback_url": server.url + callback.path, "journal": journal.url}
        if as_json:
            print(json.dumps(info), flush=True)  # noqa: T201
        else:
            _announce(info)
        await stop.wait()


def _announce(info: dict[str, str]) -> None:
    console = Console()
    console.print("[bold]Listening for notifications[/]")
    for name, value in info.items():
        console.print(f"  {name:13}", value, highlight=False, markup=False, soft_wrap=True)
    console.print("The address holds a secret path: give it to the service, and publish it nowhere. Ctrl-C stops it.")
