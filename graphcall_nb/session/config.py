"""Configuration of a session: the service, its listener, and the start of that listener."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .._urls import redact_path
from ..client.sign_in import MsalAuth
from ..graph.clouds import GLOBAL
from ..graph.templates import AppIdentity
from ..journal.journal import Journal
from ..listener.app import Listener
from ..listener.config import CallbackConfig
from ..listener.process import IsolatedListener
from ..listener.redact import RedactFilter
from ..listener.serve import serve_listener
from .simulated_peer import SimulatorControl

if TYPE_CHECKING:
    from ..tunnels.tunnel import Tunnel  # its package is loaded when a tunnel is selected

log = logging.getLogger("graphcall_nb")


@dataclass(frozen=True)
class RemoteListenerConfig:
    """A listener on another machine: its address for notifications, and the URL to fetch them from."""

    callback_uri: str = field(repr=False)
    url: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class SessionConfig:
    """The service of a session, and the senders whose notifications it accepts.

    Attributes
    ----------
    graph_url : address for requests
    auth : adds the access token to requests
    tenant_id, client_id : notifications for other tenants or applications are refused
    openid_url, issuers : signers of notifications
    verify : trusted certificates
    ca_bundle : a PEM file of additional certificate authorities
    tunnel : leads to the listener, not opened yet; ``None`` if the service is on this machine
    remote_listener : a listener on another machine, used instead of one of the session's own
    simulated : true if a simulator stands in for Microsoft
    simulator : control of that simulator, if there is one
    bot_uri : address for incoming calls of a bot elsewhere, which the simulator calls instead of the session's listener
    identity : tenant and application that replace those of Microsoft's example
    continue_after : gets the number of records in the journal, so that a seeded simulator does not repeat their ids
    clock, sleep : time of a simulated service in seconds since 1970, and a wait in it; by default those of this machine
    description : source of the settings, in words
    """

    graph_url: str
    auth: MsalAuth
    tenant_id: str
    client_id: str
    openid_url: str
    issuers: tuple[str, ...] = GLOBAL.issuers
    verify: ssl.SSLContext | bool = True
    ca_bundle: str | None = None
    tunnel: Tunnel | None = None
    remote_listener: RemoteListenerConfig | None = None
    simulated: bool = False
    simulator: SimulatorControl | None = None
    bot_uri: str = field(default="", repr=False)
    identity: AppIdentity | None = None
    continue_after: Callable[[int], object] | None = None
    clock: Callable[[], float] | None = None
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    description: str = "A simulator stands in for Microsoft: no settings are needed."


async def start_listener(
    stack: AsyncExitStack, journal: Journal, config: SessionConfig, *, isolated: bool = False
) -> tuple[Listener | IsolatedListener, str]:
    """Serve a listener below a secret path and open the tunnel to it.

    Parameters
    ----------
    stack : contextlib.AsyncExitStack
        Closes the listener and the tunnel.
    journal : Journal
        Stores the notifications.
    config : SessionConfig
    isolated : bool
        Run the listener in a process of its own.

    Returns
    -------
    listener : Listener or IsolatedListener
    local_uri : str
        The address of the listener on this machine.
    """
    tunnel = config.tunnel
    callback = CallbackConfig(
        audience=config.client_id,
        tenant_id=config.tenant_id,
        openid_url=config.openid_url,
        issuers=config.issuers,
        ca_bundle=config.ca_bundle,
        port=tunnel.provider.local_port or 0 if tunnel else 0,
    )
    stack.enter_context(RedactFilter(callback.path.rpartition("/")[2]))
    listener: Listener | IsolatedListener
    if isolated:
        listener = IsolatedListener(journal.url_with_password, callback)
        await listener.start()
        stack.push_async_callback(listener.close)
        url, port = listener.url, listener.callback.port
    else:
        listener, server = await serve_listener(stack, journal, callback, clock=config.clock)
        url, port = server.url, server.port
    if tunnel is not None:
        stack.push_async_callback(tunnel.close)
        stack.callback(tunnel.on_url_change(_log_url_change))
        await tunnel.open(port)
    return listener, url + callback.path


def _log_url_change(before: str, after: str) -> None:
    log.warning(
        "The tunnel came back at another address, %s. New calls get it; notifications of calls that were placed with "
        "%s do not come any more (session.calls_with_stale_callback).",
        redact_path(after),
        redact_path(before),
    )
