"""The ``jupyter`` provider: a callback route under the public URL of the Jupyter server or JupyterHub.

The package's Jupyter server extension keeps the route; see :mod:`graphcall_nb.jupyter_extension`.
"""

from __future__ import annotations

import asyncio
import json
import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from ..errors import TunnelError, TunnelRefused, TunnelUnavailable
from .url import normalize_public_url

ROUTE_TTL_SECONDS = 120
"""Time that a callback route outlives a kernel that no longer renews it, for example because it holds the GIL."""

RENEW_INTERVAL_SECONDS = 5.0
"""Interval of registrations, which also make the route known to a restarted server."""

CHECK_TIMEOUT_SECONDS = 1.5
REGISTER_TIMEOUT_SECONDS = 5.0
"""Time for a registration: a server that writes a large notebook is busy, not gone."""

NO_EXTENSION = (
    "The Jupyter server does not have the extension of graphcall-nb; install graphcall-nb in the server's own "
    "environment (pip install graphcall-nb) and restart the server, or choose another tunnel."
)
NO_PUBLIC_URL = (
    "The public address of this Jupyter server is unknown; pass the address in your browser up to /lab, as "
    "tunnel='jupyter:https://hub.example.org/user/ann/', or choose another tunnel."
)
NOT_IN_JUPYTER = (
    "This is not a kernel of a running Jupyter server; start it from JupyterLab or Notebook, or choose another tunnel."
)


@dataclass(frozen=True)
class JupyterServer:
    """A Jupyter server on this machine.

    Attributes
    ----------
    url : its URL for a kernel, with the base URL and a trailing slash
    token : its authentication token; it allows running code, so it never leaves this machine
    """

    url: str
    token: str = field(repr=False)


class Jupyter:
    """A callback route under the URL of the Jupyter server or JupyterHub that runs this kernel.

    The URL has an unguessable path and no token. A restarted kernel gets the same URL again.

    Parameters
    ----------
    public_url : str, optional
        URL of the server on the internet; by default the one that JupyterHub announces.
    server : JupyterServer, optional
        The server as the kernel reaches it; by default the one that started this kernel.
    route_name : str, optional
        Name of the callback route; by default this kernel's id and the number of the tunnel in it.
    renew_interval : float
        Seconds between two registrations.
    environ : mapping of str to str
        Environment variables of the kernel.
    """

    name = "jupyter"
    local_port: int | None = None

    def __init__(
        self,
        public_url: str | None = None,
        *,
        server: JupyterServer | None = None,
        route_name: str | None = None,
        renew_interval: float = RENEW_INTERVAL_SECONDS,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self._public_url = public_url or environ.get("JUPYTERHUB_PUBLIC_URL") or None
        self._server = server
        self._route_name = route_name or f"{_get_kernel_id()}-{next(_tunnel_numbers)}"
        self._renew_interval = renew_interval
        self._environ = environ
        self._secret: str | None = None

    async def check(self) -> str:
        public_url = self._require_public_url()
        async with self._make_client(CHECK_TIMEOUT_SECONDS) as client:
            await _request(client, "GET", "graphcall/routes")
        return f"The Jupyter server at {urlsplit(public_url).netloc} has the extension of graphcall-nb."

    async def connect(self, port: int) -> _CallbackRoute:
        public_url = self._require_public_url()
        client = self._make_client(REGISTER_TIMEOUT_SECONDS)
        route = _CallbackRoute(client, self._route_name, port, self._secret, self._renew_interval)
        try:
            self._secret = await route.register()
        except BaseException:
            await client.aclose()
            raise
        route.url = f"{public_url}/graphcall/cb/{self._secret}"
        return route

    def _require_public_url(self) -> str:
        if not self._public_url:
            raise TunnelUnavailable(NO_PUBLIC_URL)
        return normalize_public_url(self._public_url)

    def _make_client(self, timeout_seconds: float) -> httpx.AsyncClient:
        from jupyter_core.paths import jupyter_runtime_dir

        server = self._server or find_server(self._environ, Path(jupyter_runtime_dir()))
        return httpx.AsyncClient(
            base_url=server.url,
            headers={"Authorization": f"token {server.token}"},
            timeout=timeout_seconds,
            trust_env=False,  # the request stays on this machine, so no proxy is needed
            verify=False,  # noqa: S501 - this machine's own server; its certificate has another name # nosec B501
        )


class _CallbackRoute:
    """A callback route that is registered again at an interval."""

    def __init__(
        self, client: httpx.AsyncClient, name: str, port: int, secret: str | None, renew_interval: float
    ) -> None:
        self._client = client
        self._name = name
        self._port = port
        self._renew_interval = renew_interval
        self._secret = secret
        self.url = ""

    async def register(self) -> str:
        """Register or renew the route and return its secret."""
        body = {"name": self._name, "port": self._port, "ttl": ROUTE_TTL_SECONDS, "secret": self._secret}
        secret = str((await _request(self._client, "POST", "graphcall/routes", body)).json()["secret"])
        if self._secret not in (None, secret):
            raise TunnelError("The Jupyter server gave the callback route another URL; the tunnel is reopened.")
        self._secret = secret
        return secret

    async def wait_lost(self) -> str:
        while True:
            await asyncio.sleep(self._renew_interval)
            try:
                await self.register()
            except TunnelError as error:
                return str(error)

    async def recover(self) -> bool:
        return False

    async def close(self) -> None:
        try:
            await self._client.delete(f"graphcall/routes/{quote(self._name, safe='')}")
        finally:
            await self._client.aclose()


async def _request(client: httpx.AsyncClient, method: str, path: str, body: object = None) -> httpx.Response:
    """Send a request to the extension; raise ``TunnelError`` unless it succeeds."""
    try:
        response = await client.request(method, path, json=body)
    except httpx.TransportError as error:
        raise TunnelError(
            f"The Jupyter server does not answer ({type(error).__name__}); the tunnel is reopened when it is back."
        ) from None
    if response.status_code == 404:
        raise TunnelUnavailable(NO_EXTENSION)
    if response.status_code in (401, 403) or response.is_redirect:  # a redirect leads to the sign-in page
        raise TunnelRefused(
            "The Jupyter server does not accept this kernel's token; restart the kernel, or choose another tunnel."
        )
    if response.is_error:
        raise TunnelError(f"The Jupyter server answered {response.status_code}: {_read_reason(response)}.")
    return response


def _read_reason(response: httpx.Response) -> str:
    try:
        return str(response.json()["reason"])
    except (ValueError, KeyError, TypeError):
        return response.reason_phrase


_tunnel_numbers = count(1)


def _get_kernel_id() -> str:
    """Return the id of this kernel, which survives a restart; outside a kernel a random one."""
    try:
        from ipykernel.connect import get_connection_file

        return Path(get_connection_file()).stem.removeprefix("kernel-")
    except (ImportError, RuntimeError):
        return uuid.uuid4().hex


# ---- the Jupyter server of this kernel


def find_server(environ: Mapping[str, str], runtime_dir: Path) -> JupyterServer:
    """Return the server that started this kernel.

    Parameters
    ----------
    environ : environment variables of the kernel
    runtime_dir : directory of the servers' info files: ``jupyter_core.paths.jupyter_runtime_dir()``

    Raises
    ------
    TunnelUnavailable
        When this is not a kernel of a server, or the server does not accept a kernel's requests.
    """
    info = _read_server_info(environ, runtime_dir)
    hub_token = environ.get("JUPYTERHUB_API_TOKEN", "")
    if info is not None:
        token = info.get("token") or hub_token
        if info.get("sock"):
            raise TunnelUnavailable(
                "The Jupyter server listens on a unix socket, which is not supported; choose another tunnel."
            )
        if not token:
            raise TunnelUnavailable(
                "The Jupyter server has a password but no token, so a kernel cannot register there; "
                "start it with a token, or choose another tunnel."
            )
        return JupyterServer(_make_local_url(info["url"], info["base_url"]), token)
    if hub_token and environ.get("JUPYTERHUB_SERVICE_URL"):
        service_url = environ["JUPYTERHUB_SERVICE_URL"]
        return JupyterServer(_make_local_url(service_url, urlsplit(service_url).path), hub_token)
    raise TunnelUnavailable(NOT_IN_JUPYTER)


def _read_server_info(environ: Mapping[str, str], runtime_dir: Path) -> dict[str, Any] | None:
    """Read the info file of the server that started this kernel; another server may belong to another user."""
    pid = environ.get("JPY_PARENT_PID", "")
    if not pid.isdigit():
        return None
    try:
        info = json.loads((runtime_dir / f"jpserver-{pid}.json").read_text())
    except (OSError, ValueError):
        return None
    return info if isinstance(info, dict) and {"url", "base_url"} <= info.keys() else None


def _make_local_url(url: str, base_url: str) -> str:
    """Return the server's URL on this machine, also when it listens on all interfaces."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host in ("", "0.0.0.0", "::", "localhost"):  # noqa: S104 - compared, not bound
        host = "127.0.0.1"
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}:{parts.port}{base_url.rstrip('/')}/"
