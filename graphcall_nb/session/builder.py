"""Construction of sessions, shared by ``simulate``, ``connect`` and ``join_class``."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, ExitStack, closing
from datetime import UTC, datetime
from functools import partial
from importlib import metadata
from urllib.parse import urlsplit

import httpx

from ..background import Background
from ..client.blocking import BlockingClient
from ..client.calls import AsyncCalls
from ..client.tls import make_connection_options
from ..errors import JournalError
from ..graph.versions import ApiVersion
from ..journal.database import MICROSOFT, SIMULATED
from ..journal.journal import Journal, open_journal
from ..journal.origin import Origin
from ..journal.records import RequestRecord
from ..listener.remote import RemoteListener
from .call_store import CallbackAddress, CallStore
from .closer import close_loop, closing_on_error
from .config import RemoteListenerConfig, SessionConfig, start_listener
from .doctor_targets import SessionTarget
from .session import ListenerStats, Session
from .simulated_peer import SimulatedPeer

log = logging.getLogger("graphcall_nb")

OpenService = Callable[[AsyncExitStack], Awaitable[SessionConfig]]
"""Prepares the service, on the background event loop; puts everything to close onto the stack."""


def open_session(
    open_service: OpenService, *, version: ApiVersion, journal: str | os.PathLike[str] | None, isolated: bool = False
) -> Session:
    """Open a session. If a step fails, everything opened before is closed again.

    Parameters
    ----------
    open_service : callable
        Returns the configuration; called first, so that a failed sign-in leaves no empty journal.
    version : ApiVersion
        Version of the API.
    journal : path-like or None
        Path or URL of the journal; ``None`` for a temporary file.
    isolated : bool
        Run the listener in a process of its own.
    """
    with closing_on_error() as resources:
        journals = resources.enter_context(ExitStack())  # closed last, after the loop that writes into it
        background, stack = Background(), AsyncExitStack()
        resources.callback(background.stop)
        resources.callback(partial(close_loop, background, stack))
        background.start()
        config = background.run(_await(open_service(stack)))
        records = journals.enter_context(closing(open_journal(journal)))
        records.claim(_make_origin(config, version))
        if config.continue_after:
            config.continue_after(records.last_seq + records.last_request_seq)
        client = BlockingClient(background.run(_open_client(stack, config, version, records)), background)
        listener, address, check_address = background.run(_open_listener(stack, config, records, isolated))
        client.calls.get_callback_uri = lambda: address.uri
        client.calls.submit = client.submit
        calls = CallStore(records, address, count_refused=lambda: listener.refused)
        resources.callback(client.close)
        resources.callback(calls.close)
        return Session(
            journal=records,
            client=client,
            calls=calls,
            listener=listener,
            doctor_target=SessionTarget(config, listener, check_address, records),
            resources=resources,
            simulated=config.simulated,
            identity=config.identity,
            simulator=SimulatedPeer(config.simulator, client, calls, bot_uri=config.bot_uri)
            if config.simulator
            else None,
        )


def _make_origin(config: SessionConfig, version: ApiVersion) -> Origin:
    return Origin(
        SIMULATED if config.simulated else MICROSOFT,
        tenant_id=config.tenant_id,
        version=version.name,
        package_version=metadata.version("graphcall-nb"),
        began_at=datetime.fromtimestamp((config.clock or time.time)(), UTC),
    )


async def _await(config: Awaitable[SessionConfig]) -> SessionConfig:
    return await config


async def _open_client(
    stack: AsyncExitStack, config: SessionConfig, version: ApiVersion, journal: Journal
) -> AsyncCalls:
    async def store_request(record: RequestRecord) -> None:
        # The request is done: a journal that fails must not make it look as if it had failed.
        try:
            await journal.append_request(record)
        except JournalError as error:
            log.warning("A request was not stored: %s", error)

    calls = AsyncCalls(
        auth=config.auth,
        version=version,
        base_url=config.graph_url,
        verify=config.verify,
        on_exchange=store_request,
        sleep=config.sleep,
        clock=config.clock or time.time,
    )
    stack.push_async_callback(calls.aclose)
    return calls


async def _open_listener(
    stack: AsyncExitStack, config: SessionConfig, journal: Journal, isolated: bool
) -> tuple[ListenerStats, CallbackAddress, CallbackAddress]:
    """Return a listener, its address for the service, and its address for checks from this machine."""
    if config.remote_listener is not None:
        remote_uri = config.remote_listener.callback_uri
        check_uri = config.graph_url + urlsplit(remote_uri).path
        fetching = await _fetch_notifications(stack, journal, config.remote_listener)
        return fetching, CallbackAddress(remote_uri), CallbackAddress(check_uri)
    listener, local_uri = await start_listener(stack, journal, config, isolated=isolated)
    address = CallbackAddress(local_uri, config.tunnel)
    return listener, address, address


async def _fetch_notifications(stack: AsyncExitStack, journal: Journal, config: RemoteListenerConfig) -> RemoteListener:
    client = await stack.enter_async_context(httpx.AsyncClient(**make_connection_options(config.url)))
    listener = RemoteListener(config.url, journal, client)
    stack.push_async_callback(listener.close)
    listener.start()
    return listener
