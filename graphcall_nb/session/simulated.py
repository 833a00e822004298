"""``simulate``: a session against the embedded service.

Only addresses differ from a real tenant: real MSAL asks a token endpoint, real httpx posts over a socket, the real
listener checks a real signature against a key set that it fetched.
"""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from typing import Any

import httpx

from ..auth import AUTHORITY_HOST, MsalAuth
from ..background import Background, serve
from ..client import AsyncCalls
from ..dialects import get_dialect
from ..errors import JournalError
from ..journal import Journal, open_journal
from ..listener import Listener
from ..simulator import Simulator
from ..tokens import TokenChecker
from ..wire import Exchange
from .core import Parts, Session

log = logging.getLogger("graphcall_nb")


def simulate(
    *,
    dialect: str = "beta",
    scenario: str = "answered",
    faults: str | Iterable[str] | None = None,
    speed: float = 1.0,
    seed: int | None = None,
    journal: str | os.PathLike[str] | None = None,
) -> Session:
    """Start a session against an embedded simulator of Graph's calling service. Nothing needs to be configured.

    Parameters
    ----------
    dialect : how the service is spoken to; ``"beta"``
    scenario : what becomes of a call, for example ``"answered"``, ``"declined"``, ``"no_answer"`` or ``"busy"``
    faults : what goes wrong on the way, by name, one or several
    speed : how many times faster than life; 100 makes a minute pass in 0.6 s
    seed : makes a run repeat: the same ids, the same delays
    journal : a path or URL where the notifications are kept; by default a temporary file, deleted on ``close``

    Returns
    -------
    Session
        Close it with ``close()``, or use it in a ``with`` statement.

    Raises
    ------
    ValueError
        For an unknown dialect, scenario or fault; the message lists those there are.
    JournalError
        When the journal cannot be opened.

    Examples
    --------
    >>> import graphcall_nb as gc
    >>> with gc.simulate(scenario="declined", speed=100) as session:
    ...     call = session.create_call(gc.templates.pstn("+14255550100"))
    ...     call.wait_for("terminated", timeout=10)
    ...     session.intervals()["state"].tolist()
    ['establishing', 'ringing', 'terminated']
    """
    names = (faults,) if isinstance(faults, str) else tuple(faults or ())
    simulator = Simulator(scenario=scenario, faults=names, speed=speed, seed=seed)
    spoken = get_dialect(dialect)
    opened = open_journal(journal)
    background = Background()
    background.start()
    try:
        parts = background.run(_open(background, opened, simulator, spoken))
    except BaseException:
        background.stop()
        opened.close()
        raise
    return Session(parts)


async def _open(background: Background, journal: Journal, simulator: Simulator, spoken: Any) -> Parts:
    """Open every part on the background loop; what was opened is closed again when a later part fails."""
    async with AsyncExitStack() as stack:
        service = await serve(simulator.app)
        stack.push_async_callback(simulator.aclose)
        stack.push_async_callback(service.close)
        info = simulator.info(service.url)
        callback_uri = await _listen(stack, journal, info)
        calls = AsyncCalls(
            auth=_sign_in(info, service.url),
            dialect=spoken,
            base_url=info["graph_url"],
            on_exchange=_remembered(journal),
        )
        stack.push_async_callback(calls.aclose)
        return Parts(
            background=background,
            journal=journal,
            calls=calls,
            dialect=spoken,
            callback_uri=callback_uri,
            simulated=True,
            stack=stack.pop_all(),
        )


def _remembered(journal: Journal) -> Callable[[Exchange], Awaitable[None]]:
    async def remember(exchange: Exchange) -> None:
        # The request is done: that it could not be noted must not look as if it had failed.
        try:
            await journal.append_request(exchange)
        except JournalError as error:
            log.warning("A request was not noted: %s", error)

    return remember


async def _listen(stack: AsyncExitStack, journal: Journal, info: Mapping[str, str]) -> str:
    """Serve the listener behind an unguessable path; returns its callback address."""
    keys = await stack.enter_async_context(httpx.AsyncClient(timeout=10))

    async def fetch(url: str) -> bytes:
        return (await keys.get(url)).raise_for_status().content

    checker = TokenChecker(
        audience=info["client_id"],
        tenant_id=info["tenant_id"],
        openid_url=info["openid_url"],
        fetch=fetch,
    )
    path = f"/api/calls/{secrets.token_urlsafe(32)}"
    server = await serve(Listener(journal, checker, path=path))
    stack.push_async_callback(server.close)
    return server.url + path


def _sign_in(info: Mapping[str, str], loopback: str) -> MsalAuth:
    # MSAL insists on an https authority: what is meant for its host goes to the simulator's loopback address.
    return MsalAuth(
        info["tenant_id"],
        info["client_id"],
        info["client_secret"],
        reroute={AUTHORITY_HOST: loopback},
    )
