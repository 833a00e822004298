"""``attach``: a session with a simulator that runs in another process."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import anyio.to_thread
import httpx

from .._arguments import require_text
from ..client.credential import Credential
from ..client.settings import read_settings
from ..client.tls import make_connection_options
from ..graph.versions import PRODUCTION, ApiVersion, VersionName, get_version
from .builder import open_session
from .config import SessionConfig
from .connect import make_config
from .remote_simulator import RemoteSimulator
from .session import Session


def attach(
    url: str,
    tenant_id: str | None = None,
    client_id: str | None = None,
    client_secret: str | Mapping[str, Any] | None = None,
    *,
    callback_uri: str | None = None,
    version: VersionName | ApiVersion = PRODUCTION,
    journal: str | os.PathLike[str] | None = None,
    ca_bundle: str | os.PathLike[str] | None = None,
    env_file: str | os.PathLike[str] | None = None,
) -> Session:
    """Start a session with a simulator in another process, which ``graphcall-nb simulate`` has started.

    ``session.simulator`` rings, presses keys and hangs up there, and reads the log of your bot's requests. With
    ``simulate --journal calls.sqlite``, :func:`graphcall_nb.open_journal` shows the calls of your bot.

    Parameters
    ----------
    url : str
        Address of the simulator, such as ``http://127.0.0.1:8700``.
    tenant_id, client_id, client_secret : optional
        As ``simulate`` prints them; by default the settings ``GRAPHCALL_…``, which ``simulate --env`` prints.
    callback_uri : str, optional
        Address of your bot, which ``session.simulator.ring()`` calls; by default the session's own listener.
    version : str or ApiVersion
        Version of the API: ``"v1.0"`` or ``"beta"``.
    journal : path-like, optional
        A path or URL for the notifications to the session's own listener; by default a temporary file.
    ca_bundle : path-like, optional
        The ``ca_file`` of ``simulate --tls``.
    env_file : path-like, optional
        A ``.env`` file; by default the first one in the working directory or above it.

    Returns
    -------
    Session
        Close it with ``close()``, or use it in a ``with`` statement.

    Raises
    ------
    SettingsMissing, InvalidSetting
        Names what is missing or wrong.
    SignInFailed, ServiceUnreachable
        When the simulator refuses the credentials or does not answer.

    Examples
    --------
    >>> import graphcall_nb as gc
    >>> session = gc.attach("http://127.0.0.1:8700", callback_uri="http://127.0.0.1:3978/api/calls")  # doctest: +SKIP
    >>> call = session.simulator.ring("+14255550100")  # doctest: +SKIP
    """
    credential = Credential(client_secret) if client_secret else None
    del client_secret  # a traceback shows local names
    base = require_text("url", url, "the address of the simulator, such as http://127.0.0.1:8700").strip().rstrip("/")
    values = {
        "tenant_id": tenant_id,
        "client_id": client_id,
        "client_secret": credential,
        "ca_bundle": ca_bundle,
        "graph_url": base,
        "authority": base,
        "openid_url": f"{base}/v1/.well-known/OpenIdConfiguration",
    }
    settings = read_settings(values, env_file=env_file)

    async def open_service(stack: AsyncExitStack) -> SessionConfig:
        config = make_config(settings, stack)
        tenant = await config.auth.discover()
        await anyio.to_thread.run_sync(config.auth.acquire)
        http = httpx.AsyncClient(base_url=base, auth=config.auth, **make_connection_options(base, config.verify))
        control = RemoteSimulator(await stack.enter_async_context(http), f"The simulator at {base}")
        return replace(
            config, tenant_id=tenant.tenant_id, simulated=True, simulator=control, bot_uri=callback_uri or ""
        )

    return open_session(open_service, version=get_version(version), journal=journal)
