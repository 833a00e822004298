"""``graphcall-nb listen``: the listener alone, on a port, into a journal."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

import click
from rich.console import Console

from .._urls import is_loopback
from ..background import new_event_loop
from ..errors import SettingsMissing
from ..graph.clouds import CLOUDS
from ..journal.database import MICROSOFT, SIMULATED
from ..journal.journal import Journal, open_journal
from ..journal.origin import Origin
from ..listener.config import CallbackConfig
from ..listener.serve import serve_listener
from . import Decorated, address_options, json_option
from .simulate import stop_on_signal


def env_option(name: str, metavar: str, variable: str, text: str) -> Callable[[Decorated], Decorated]:
    """Return an option that an environment variable can set."""
    return click.option(name, metavar=metavar, envvar=variable, show_envvar=True, help=text)


@click.command
@env_option("--journal", "URL", "GRAPHCALL_JOURNAL", "Path or database URL.")
@env_option("--audience", "ID", "GRAPHCALL_CLIENT_ID", "Client id of the application.")
@env_option("--tenant", "ID", "GRAPHCALL_TENANT_ID", "Id of the tenant.")
@click.option("--issuer", "issuers", metavar="URL", multiple=True, help="Accepted token issuer (repeatable).")
@click.option("--openid-url", metavar="URL", help="OpenID configuration with the keys that sign tokens.")
@env_option("--ca-bundle", "FILE", "GRAPHCALL_CA_BUNDLE", "PEM file of certificate authorities to trust in addition.")
@address_options("127.0.0.1", 0)
@env_option("--path", "PATH", "GRAPHCALL_PATH", "Path of the callback URL; a random one by default.")
@json_option
def listen(journal: str, audience: str, tenant: str, host: str, port: int, as_json: bool, **optional: Any) -> None:
    """Run the listener alone and write into a journal.

    Checks the token of each notification, writes the notification into the journal and responds 202. Settings come
    from options or from environment variables, which do not show in the list of processes.
    """
    required = {"--journal": journal, "--audience": audience, "--tenant": tenant}
    if missing := [name for name, value in required.items() if not value]:
        raise SettingsMissing(
            f"Give {' and '.join(missing)}, or set GRAPHCALL_JOURNAL, GRAPHCALL_CLIENT_ID and GRAPHCALL_TENANT_ID; "
            "see graphcall-nb listen --help."
        )
    chosen = {name: value for name, value in optional.items() if value}
    callback = CallbackConfig(audience=audience, tenant_id=tenant, host=host, port=port, **chosen)
    _log_to_stderr()
    opened = open_journal(journal)
    loop = new_event_loop()
    try:
        opened.claim(_make_origin(callback))
        loop.run_until_complete(_listen(opened, callback, as_json))
    finally:
        loop.close()
        opened.close()


def _make_origin(callback: CallbackConfig) -> Origin:
    """Return the origin of the notifications; keys that neither Microsoft nor this machine has tell nothing."""
    microsoft = {cloud.openid_url for cloud in CLOUDS.values()}
    service = SIMULATED if is_loopback(callback.openid_url) else MICROSOFT if callback.openid_url in microsoft else None
    return Origin(
        service,
        tenant_id=callback.tenant_id,
        package_version=metadata.version("graphcall-nb"),
        began_at=datetime.now(UTC),
    )


def _log_to_stderr() -> None:
    """Log errors to stderr for the operator; HTTP responses give senders no reasons."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("graphcall-nb: %(message)s"))
    logging.getLogger("graphcall_nb").addHandler(handler)


async def _listen(journal: Journal, callback: CallbackConfig, as_json: bool) -> None:
    stop = asyncio.Event()
    stop_on_signal(stop)
    async with AsyncExitStack() as stack:
        _, server = await serve_listener(stack, journal, callback)
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
