"""``connect``: a session with a tenant."""

from __future__ import annotations

import os
import warnings
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
from ..graph.templates import AppIdentity
from ..graph.versions import PRODUCTION, ApiVersion, VersionName, get_version
from ..tunnels.selection import parse_tunnel, select_tunnel
from ..tunnels.tunnel import Provider, Tunnel
from .builder import open_session
from .config import SessionConfig
from .session import Session


def connect(
    tenant_id: str | None = None,
    client_id: str | None = None,
    client_credential: str | Mapping[str, Any] | None = None,
    *,
    version: VersionName | ApiVersion = PRODUCTION,
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
    """Start a session with Microsoft Graph: sign in, start a listener, open a tunnel to it.

    A setting without an argument is read from an environment variable (``GRAPHCALL_`` and its name in capitals), then
    from a ``.env`` file. :func:`graphcall_nb.doctor` takes the same arguments and reports step by step what is missing.

    Parameters
    ----------
    tenant_id, client_id : str, optional
        Of the application, from its Overview page in Entra.
    client_credential : str or dict, optional
        The client secret (``GRAPHCALL_CLIENT_SECRET``), or MSAL's dict of a certificate.
    version : str or ApiVersion
        Version of the API: ``"v1.0"`` or ``"beta"``.
    tunnel : str, Provider or Tunnel, optional
        Public address of the listener: ``"auto"`` (the default) uses the first provider that works, an ``https``
        address is one that you have; for the others see :mod:`graphcall_nb.tunnels`. ``"none"`` opens none.
    journal : path-like, optional
        A path or URL for the notifications; ``graphcall.sqlite`` in the working directory by default.
    isolated : bool
        Run the listener in a process of its own, which accepts notifications while this one is busy.
    client_certificate, client_certificate_key : path-like, optional
        Files (PEM, or PKCS #12) of a certificate instead of the secret.
    client_certificate_password : str, optional
        Password of the certificate or its key.
    cloud : str, optional
        ``"global"``, ``"usgov"``, ``"usgov-dod"`` or ``"china"``. Those of the US Government lack some operations,
        such as ``send_dtmf_tones`` and ``add_large_gallery_view``. Calling is not available in China: it warns.
    graph_url, authority, openid_url, issuers : optional
        Instead of the cloud's: addresses of Graph, of the sign-in and of the keys, and the signers of notifications.
        Addresses on this machine may be plain ``http``, such as those that ``graphcall-nb simulate`` prints.
    ca_bundle : path-like, optional
        A PEM file of additional certificate authorities. Proxies are those of ``HTTPS_PROXY``.
    env_file : path-like, optional
        A ``.env`` file; by default the first one in the working directory or above it.

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
        When Microsoft cannot reach this machine.
    JournalError
        When the journal cannot be opened, or holds calls of the other kind, simulated or real.

    Notes
    -----
    Access tokens are kept in memory only.

    Examples
    --------
    >>> import graphcall_nb as gc
    >>> gc.connect(tunnel="https://bot.contoso.com")  # doctest: +SKIP
    <Session Microsoft Graph, v1.0: 0 calls, 0 notifications, listening at https://bot.contoso.com/…>
    """
    # A traceback shows local names, so the secret is not one of them.
    credential = Credential(client_credential) if client_credential else None
    del client_credential
    values = {
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
    settings = read_settings(values, env_file=env_file)
    if not settings.cloud.has_calling and settings.graph_url == settings.cloud.graph_url:
        advice = "Requests are sent, but expect them to be refused; use a tenant of another cloud."
        warnings.warn(f"{settings.cloud.no_calling_reason} {advice}", stacklevel=2)
    api_version = get_version(version)
    spec = tunnel if tunnel is not None and not isinstance(tunnel, str) else settings.tunnel
    if spec not in ("auto", "none"):
        spec = parse_tunnel(spec)  # before any request is sent

    async def open_service(stack: AsyncExitStack) -> SessionConfig:
        # The sign-in can fail, so it comes before everything that has to be closed.
        config = make_config(settings, stack)
        tenant = await config.auth.discover()
        await anyio.to_thread.run_sync(config.auth.acquire)
        selected = None if spec == "none" else (await select_tunnel(spec)).tunnel
        identity = AppIdentity(tenant.tenant_id, settings.client_id)
        return replace(config, tenant_id=tenant.tenant_id, tunnel=selected, identity=identity)

    return open_session(open_service, version=api_version, journal=settings.journal, isolated=isolated)


def make_config(settings: Settings, stack: AsyncExitStack) -> SessionConfig:
    """Return the configuration that settings describe. No request is sent; ``stack`` closes the sign-in."""
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
    return SessionConfig(
        graph_url=settings.graph_url,
        auth=auth,
        tenant_id=settings.tenant_id,
        client_id=settings.client_id,
        openid_url=settings.openid_url,
        issuers=settings.issuers,
        verify=verify,
        ca_bundle=settings.ca_bundle,
        simulated=is_loopback(settings.graph_url),
        description=settings.describe(),
    )
