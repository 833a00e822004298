"""Messages of a simulator on stderr, as they happen."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from ..simulator.message_log import (
    Entry,
    LoggedDelivery,
    MessageLog,
    RequestEntry,
    describe_notification,
    format_delivery,
    format_request,
)


class MessagePrinter:
    """Prints the messages of a log: all of them, or the deliveries that failed.

    Parameters
    ----------
    log : MessageLog
    console : rich.console.Console, optional
        Standard error by default; it has colors on a terminal only.
    shows_all : bool
        Whether requests and successful deliveries are printed as well.
    """

    def __init__(self, log: MessageLog, console: Console | None = None, *, shows_all: bool = False) -> None:
        self._log = log
        self._console = console or Console(stderr=True)
        self._shows_all = shows_all

    def start(self) -> None:
        """Print each message from now on."""
        self._log.watch(self._print)

    def _print(self, entry: Entry) -> None:
        if isinstance(entry, RequestEntry):
            if self._shows_all:
                is_refused = entry.status is None or entry.status >= 400
                self._write(format_request(self._log.show_request(entry)), "yellow" if is_refused else "")
            return
        shown = self._log.show_delivery(entry)
        if entry.has_failed:
            self._write(describe_failure(shown), "bold red")
        elif self._shows_all:
            self._write(format_delivery(shown), "cyan")

    def _write(self, line: str, style: str) -> None:
        # Text of a bot may contain control characters, which would reach the terminal.
        printable = "".join(character if character.isprintable() else "�" for character in line)
        self._console.print(Text(printable, style), soft_wrap=True, highlight=False)


def describe_failure(entry: LoggedDelivery) -> str:
    """Return a sentence about an attempt that failed."""
    reason = entry.error or f"the bot responded {entry.status}"
    return (
        f"{entry.at[11:23]} NOT DELIVERED to {entry.url} ({reason.rstrip('.')}): {describe_notification(entry.body)}, "
        f"call {entry.call_id}, attempt {entry.attempt}"
    )
