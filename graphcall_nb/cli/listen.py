"""``graphcall-nb listen``: the listener alone, on a port, into a journal."""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import AsyncExitStack

import click
from rich.console import Console

from ..background import new_event_loop
from ..cli import json_option, port_type
from ..errors import SettingsMissing
from ..journal.journal import Journal, open_journal
from ..listener.config import CallbackConfig
from ..listener.serve import receive
from .simulate import stop_on_signal


@click.command
@click.option("--journal", metavar="URL", envvar="GRAPHCALL_JOURNAL", show_envvar=True, help="Path or database URL.")
@click.option(
    "--audience", metavar="ID", envvar="GRAPHCALL_CLIENT_ID", show_envvar=True, help="Client id of the application."
)
@click.option("--tenant", metavar="ID", envvar="GRAPHCALL_TENANT_ID", show_envvar=True, help="Id of the tenant.")
@click.option("--issuer", "issuers", metavar="URL", multiple=True, help="Accepted token issuer (repeatable).")
@click.option("--openid-url", metavar="URL", help="OpenID configuration with the keys that sign tokens.")
@click.option(
    "--ca-bundle",
    metavar="FILE",
    envvar="GRAPHCALL_CA_BUNDLE",
    show_envvar=True,
    help="PEM file of certificate authorities to trust in addition to the system's.",
)
@click.option("--host", default="127.0.0.1", help="Address to listen on.")
@click.option("--port", type=port_type, default=0, metavar="N", help="Port to listen on; 0 for a free one.")
@click.option(
    "--path",
    envvar="GRAPHCALL_PATH",
    show_envvar=True,
    help="Path of the callback URL; a random one by default.",
)
@json_option
def listen(
    journal: str | None,
    audience: str | None,
    tenant: str | None,
    issuers: tuple[str, ...],
    openid_url: str | None,
    ca_bundle: str | None,
    host: str,
    port: int,
    path: str | None,
    as_json: bool,
) -> None:
    """Run the listener alone and write into a journal.

    Checks the token of each notification, writes the notification into the journal and responds 202. Settings come
    from options or from environment variables, which do not show in the list of processes.
    """
    if not (journal and audience and tenant):
        settings = {"--journal": journal, "--audience": audience, "--tenant": tenant}
        raise SettingsMissing(
            f"Give {' and '.join(name for name, value in settings.items() if not value)}, or set GRAPHCALL_JOURNAL, "
            "GRAPHCALL_CLIENT_ID and GRAPHCALL_TENANT_ID; see graphcall-nb listen --help."
        )
    optional = {"openid_url": openid_url, "issuers": issuers, "path": path, "ca_bundle": ca_bundle}
    set_values = {name: value for name, value in optional.items() if value}
    callback = CallbackConfig(audience=audience, tenant_id=tenant, host=host, port=port, **set_values)  # type: ignore[arg-type]
    _log_to_stderr()
    opened = open_journal(journal)
    loop = new_event_loop()
    try:
        loop.run_until_complete(_listen(opened, callback, as_json))
    finally:
        loop.close()
        opened.close()


def _log_to_stderr() -> None:
    """Log errors to stderr for the operator; HTTP responses give senders no reasons."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("graphcall-nb: %(message)s"))
    logging.getLogger("graphcall_nb").addHandler(handler)


async def _listen(journal: Journal, callback: CallbackConfig, as_json: bool) -> None:
    stop = asyncio.Event()
    stop_on_signal(stop)
    async with AsyncExitStack() as stack:
        _, server = await receive(stack, journal, callback)
        info = {"callback_url": server.url + callback.path, "journal": journal.url}
        if as_json:
            click.echo(json.dumps(info))
        else:
            _announce(info)
        await stop.wait()


def _announce(info: dict[str, str]) -> None:
    console = Console()
    console.print("[bold]Listening for notifications[/]")
    for name, value in info.items():
        console.print(f"  {name:13}", value, highlight=False, markup=False, soft_wrap=True)
    console.print("The URL contains a secret path: give it to the service only. Ctrl-C stops the listener.")
