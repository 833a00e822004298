"""Construction of sessions, shared by ``simulate``, ``connect`` and others."""

from __future__ import annotations

import logging
import os
import ssl
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import anyio.to_thread
import httpx

from .._urls import redact_path
from ..background import Background
from ..client.calls import AsyncCalls
from ..client.sign_in import MsalAuth
from ..errors import JournalError
from ..graph.clouds import GLOBAL
from ..graph.versions import ApiVersion
from ..journal.journal import Journal, open_journal
from ..journal.records import RequestRecord
from ..listener.app import Listener, RedactFilter
from ..listener.config import CallbackConfig
from ..listener.process import IsolatedListener
from ..listener.remote import RemoteListener
from ..listener.serve import receive
from ..tunnels.tunnel import Tunnel
from .app_identity import AppIdentity
from .doctor_targets import SessionTarget
from .session import ListenerStats, Parts, Session

log = logging.getLogger("graphcall_nb")


@dataclass(frozen=True)
class RemoteListenerConfig:
    """A listener elsewhere, that of a class: where it takes notifications, and where what it took is to be had."""

    callback_uri: str = field(repr=False)
    url: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Service:
    """Who a session speaks to, and whom it believes.

    Attributes
    ----------
    graph_url : where requests go
    auth : puts the access token on them
    tenant_id, client_id : the only ones that notifications are taken for
    openid_url, issuers : who signs notifications
    verify : whose certificates are believed
    ca_bundle : a PEM file of further authorities that are among them
    tunnel : leads to the listener, not opened yet; ``None`` where the sender is on this machine
    mailbox : a listener elsewhere, in place of one of the session's own
    simulated : whether a simulator stands in for Microsoft
    own : what the example's application and tenant are replaced by
    about : where all that comes from, in words
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
    mailbox: RemoteListenerConfig | None = None
    simulated: bool = False
    own: AppIdentity | None = None
    about: str = "A simulator stands in for Microsoft: there is nothing to be set."


OpenService = Callable[[AsyncExitStack], Awaitable[Service]]
"""Makes the service ready, on the background loop; what has to be closed goes onto the stack."""


def assemble(
    open_service: OpenService, *, version: ApiVersion, journal: str | os.PathLike[str] | None, isolated: bool = False
) -> Session:
    """Open every part of a session; when one fails, those that were opened before it are closed again.

    ``isolated`` puts the listener into a process of its own.
    """
    background = Background()
    background.start()
    opened = ExitStack()  # of the journal, which is closed after the loop that writes into it

    def journal_opened() -> Journal:
        made = open_journal(journal)
        opened.callback(made.close)
        return made

    try:
        parts = background.run(_open(background, journal_opened, open_service, version, isolated))
    except BaseException:
        background.stop()
        opened.close()
        raise
    return Session(parts)


async def _open(
    background: Background,
    journal_opened: Callable[[], Journal],
    open_service: OpenService,
    version: ApiVersion,
    isolated: bool,
) -> Parts:
    async with AsyncExitStack() as stack:
        service = await open_service(stack)
        # After the sign-in: an attempt that fails leaves no empty file behind.
        journal = await anyio.to_thread.run_sync(journal_opened)
        listener: ListenerStats
        if service.mailbox is not None:
            listener, local_uri = await _fetch_from(stack, journal, service.mailbox), service.mailbox.callback_uri
            door = service.graph_url + urlsplit(local_uri).path
        else:
            listener, local_uri = await listen(stack, journal, service, isolated=isolated)
            door = local_uri
        calls = AsyncCalls(
            auth=service.auth,
            version=version,
            base_url=service.graph_url,
            verify=service.verify,
            on_exchange=_remembered(journal),
        )
        stack.push_async_callback(calls.aclose)
        return Parts(
            background=background,
            journal=journal,
            calls=calls,
            version=version,
            local_uri=local_uri,
            simulated=service.simulated,
            stack=stack.pop_all(),
            listener=listener,
            own=service.own,
            tunnel=service.tunnel,
            patient=SessionTarget(service, listener, door),
        )


def _remembered(journal: Journal) -> Callable[[RequestRecord], Awaitable[None]]:
    async def remember(exchange: RequestRecord) -> None:
        # The request is done: that it could not be noted must not look as if it had failed.
        try:
            await journal.append_request(exchange)
        except JournalError as error:
            log.warning("A request was not noted: %s", error)

    return remember


async def _fetch_from(stack: AsyncExitStack, journal: Journal, mailbox: RemoteListenerConfig) -> RemoteListener:
    listener = RemoteListener(mailbox.url, journal, await stack.enter_async_context(httpx.AsyncClient()))
    stack.push_async_callback(listener.close)
    listener.start()
    return listener


async def listen(
    stack: AsyncExitStack, journal: Journal, service: Service, *, isolated: bool
) -> tuple[Listener | IsolatedListener, str]:
    """Serve the listener behind an unguessable path, open the tunnel to it; returns it with its own address."""
    tunnel = service.tunnel
    callback = CallbackConfig(
        audience=service.client_id,
        tenant_id=service.tenant_id,
        openid_url=service.openid_url,
        issuers=service.issuers,
        ca_bundle=service.ca_bundle,
        port=tunnel.provider.local_port or 0 if tunnel else 0,
    )
    stack.enter_context(RedactFilter(callback.path.rpartition("/")[2]))
    if isolated:
        listener, url, port = await _listen_apart(stack, journal, callback)
    else:
        listener, server = await receive(stack, journal, callback)
        url, port = server.url, server.port
    if tunnel is not None:
        stack.push_async_callback(tunnel.close)
        stack.callback(tunnel.on_url_change(_moved))
        await tunnel.open(port)
    return listener, url + callback.path


def _moved(before: str, after: str) -> None:
    log.warning(
        "The tunnel came back at another address, %s. New calls get it; notifications of calls that were placed with "
        "%s do not come any more (session.calls_with_stale_callback).",
        redact_path(after),
        redact_path(before),
    )


async def _listen_apart(
    stack: AsyncExitStack, journal: Journal, callback: CallbackConfig
) -> tuple[Listener | IsolatedListener, str, int]:
    listener = IsolatedListener(journal.url_with_password, callback)
    await listener.start()
    stack.push_async_callback(listener.close)
    return listener, listener.url, listener.callback.port
