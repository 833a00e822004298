"""``connect``: a session with a tenant of one's own."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import anyio.to_thread

from .._urls import is_loopback
from ..client.credential import Credential
from ..client.settings import Settings, read_settings
from ..client.sign_in import MsalAuth
from ..client.tls import create_ssl_context
from ..graph.versions import PRODUCTION, ApiVersion, get_version
from ..tunnels.selection import parse_tunnel, select_tunnel
from ..tunnels.tunnel import Provider, Tunnel
from .app_identity import AppIdentity
from .builder import Service, assemble
from .session import Session


def connect(
    tenant_id: str | None = None,
    client_id: str | None = None,
    client_credential: str | Mapping[str, Any] | None = None,
    *,
    version: str | ApiVersion = PRODUCTION,
    tunnel: str | Provider | Tunnel | None = None,
    journal: str | os.PathLike[str] | None = None,
    isolated: bool = False,
    client_certificate: str | os.PathLike[str] | None = None,
    client_certificate_key: str | os.PathLike[str] | None = None,
    client_certificate_password: str | None = None,
    cloud: str | None = None,
    graph_url: str | None = None,
    authority: str | None = None,
    openid_url: str | None = None,
    issuers: Iterable[str] | None = None,
    ca_bundle: str | os.PathLike[str] | None = None,
    env_file: str | os.PathLike[str] | None = None,
) -> Session:
    """Start a session with Microsoft Graph: sign in, listen, open a tunnel to the listener.

    Each setting that is not given is taken from an environment variable (``GRAPHCALL_`` and its name in capitals), then
    from a ``.env`` file. :func:`graphcall_nb.doctor` takes the same and says step by step what is missing.

    Parameters
    ----------
    tenant_id, client_id : of the application, from its Overview page in Entra
    client_credential
        The client secret (``GRAPHCALL_CLIENT_SECRET``), or MSAL's dict of a certificate.
    version : the version of the API: ``"v1.0"`` or ``"beta"``
    tunnel
        How Microsoft reaches the listener: ``"auto"`` (the default) takes the first way that works, an ``https``
        address is a way that you have; for the others see :mod:`graphcall_nb.tunnels`. ``"none"`` opens none.
    journal : a path or URL where notifications are kept; ``graphcall.sqlite`` in the working directory by default
    isolated : whether the listener is in a process of its own, which takes notifications whatever this one is busy with
    client_certificate, client_certificate_key, client_certificate_password
        Files (PEM, or PKCS #12) of a certificate in place of the secret.
    cloud : ``"global"``, ``"usgov"``, ``"usgov-dod"`` or ``"china"``
    graph_url, authority, openid_url, issuers
        In place of the cloud's: where Graph is, where applications sign in, who signs notifications. Addresses on this
        machine may be plain ``http``, such as those that ``graphcall-nb simulate`` prints.
    ca_bundle
        A PEM file of certificate authorities to believe besides the usual ones. Proxies are those of ``HTTPS_PROXY``.
    env_file : a ``.env`` file; by default the first one in the working directory or above it

    Returns
    -------
    Session
        Close it with ``close()``, or use it in a ``with`` statement.

    Raises
    ------
    SettingsMissing, InvalidSetting
        Names what is missing or wrong, and where each value is found.
    SignInFailed
        With Entra's code and what to do.
    ServiceUnreachable
        Without a network, within two seconds.
    TunnelError
        When there is no way for Microsoft to reach this machine.
    JournalError
        When the journal cannot be opened.

    Notes
    -----
    Access tokens are kept in memory only.

    Examples
    --------
    >>> import graphcall_nb as gc
    >>> gc.connect(tunnel="https://bot.contoso.com")  # doctest: +SKIP
    <Session Microsoft Graph, v1.0: 0 calls, 0 notifications, listening at https://bot.contoso.com/…>
    """
    # A plain text would stand among the local names of a traceback.
    credential = Credential(client_credential) if client_credential else None
    del client_credential
    given = {
        "tenant_id": tenant_id,
        "client_id": client_id,
        "client_secret": credential,
        "client_certificate": client_certificate,
        "client_certificate_key": client_certificate_key,
        "client_certificate_password": client_certificate_password,
        "tunnel": tunnel if isinstance(tunnel, str) else None,
        "cloud": cloud,
        "graph_url": graph_url,
        "authority": authority,
        "openid_url": openid_url,
        "issuers": issuers,
        "ca_bundle": ca_bundle,
        "journal": journal,
    }
    settings = read_settings(given, env_file=env_file)
    spoken = get_version(version)
    spec = tunnel if tunnel is not None and not isinstance(tunnel, str) else settings.tunnel
    if spec not in ("auto", "none"):
        spec = parse_tunnel(spec)  # before any request is sent

    async def open_service(stack: AsyncExitStack) -> Service:
        # What can fail is tried before anything is opened.
        service = service_of(settings, stack)
        found = await service.auth.discover()
        await anyio.to_thread.run_sync(service.auth.acquire)
        selected = None if spec == "none" else (await select_tunnel(spec)).tunnel
        own = AppIdentity(found.tenant_id, settings.client_id)
        return replace(service, tenant_id=found.tenant_id, tunnel=selected, own=own)

    return assemble(open_service, version=spoken, journal=settings.journal, isolated=isolated)


def service_of(settings: Settings, stack: AsyncExitStack) -> Service:
    """The service that settings lead to; nobody is asked anything yet."""
    verify = create_ssl_context(settings.ca_bundle)
    auth = MsalAuth(
        settings.tenant_id,
        settings.client_id,
        settings.credential,
        scope=settings.cloud.scope,
        authority=settings.authority,
        verify=verify,
    )
    stack.callback(auth.close)
    return Service(
        graph_url=settings.graph_url,
        auth=auth,
        tenant_id=settings.tenant_id,
        client_id=settings.client_id,
        openid_url=settings.openid_url,
        issuers=settings.issuers,
        verify=verify,
        ca_bundle=settings.ca_bundle,
        simulated=is_loopback(settings.graph_url),
        about=settings.describe(),
    )
