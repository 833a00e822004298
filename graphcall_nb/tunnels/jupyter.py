"""``jupyter``: an entrance under the public address of the Jupyter server or Hub, kept by our server extension."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx

from ..errors import TunnelError, TunnelRefused, TunnelUnavailable
from .jupyter_server import Server, find_server
from .url import public_url

TTL_SECONDS = 120
"""How long an entrance outlives a kernel that says nothing more, for example since it holds the GIL."""

REFRESH_SECONDS = 5.0
"""Between two registrations, by which also a server that was started anew gets to know the entrance."""

CHECK_SECONDS = 1.5
ANSWER_SECONDS = 5.0
"""How long a registration may take: a server that writes a large notebook is busy, not gone."""

NO_EXTENSION = (
    "The Jupyter server does not have the extension of graphcall-nb; install graphcall-nb in the server's own "
    "environment (pip install graphcall-nb), start the server anew, or choose another tunnel."
)
NO_PUBLIC_URL = (
    "The public address of this Jupyter server is not known here; give what the browser shows up to /lab, as "
    "tunnel='jupyter:https://hub.example.org/user/ann/', or choose another tunnel."
)


class Jupyter:
    """An entrance under the address of the Jupyter server or Hub that runs this kernel.

    The address holds an unguessable path and no token. A restarted kernel gets the same address again.

    Parameters
    ----------
    public : the server's address as the internet sees it; ``None`` for what JupyterHub says it is
    server : the server as the kernel sees it; ``None`` for the one that started this kernel
    name : whose entrance it is; ``None`` for this kernel and the number of the tunnel in it
    refresh : seconds between two registrations
    environ : the kernel's environment
    """

    name = "jupyter"
    local_port: int | None = None

    def __init__(
        self,
        public: str | None = None,
        *,
        server: Server | None = None,
        name: str | None = None,
        refresh: float = REFRESH_SECONDS,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self._public = public or environ.get("JUPYTERHUB_PUBLIC_URL") or None
        self._server = server
        self._name = name or f"{_kernel_id()}-{next(_number)}"
        self._refresh = refresh
        self._environ = environ
        self._secret: str | None = None

    async def check(self) -> str:
        public = self._public_url()
        async with self._client(CHECK_SECONDS) as client:
            await _ask(client, "GET", "graphcall/routes")
        return f"The Jupyter server at {urlsplit(public).netloc} has the extension of graphcall-nb."

    async def connect(self, port: int) -> _Entrance:
        public = self._public_url()
        client = self._client(ANSWER_SECONDS)
        entrance = _Entrance(client, self._name, port, self._secret, self._refresh)
        try:
            self._secret = await entrance.register()
        except BaseException:
            await client.aclose()
            raise
        entrance.url = f"{public}/graphcall/cb/{self._secret}"
        return entrance

    def _public_url(self) -> str:
        if not self._public:
            raise TunnelUnavailable(NO_PUBLIC_URL)
        return public_url(self._public)

    def _client(self, seconds: float) -> httpx.AsyncClient:
        from jupyter_core.paths import jupyter_runtime_dir

        server = self._server or find_server(self._environ, Path(jupyter_runtime_dir()))
        return httpx.AsyncClient(
            base_url=server.url,
            headers={"Authorization": f"token {server.token}"},
            timeout=seconds,
            trust_env=False,  # a proxy has no part in what stays on this machine
            verify=False,  # noqa: S501 - this machine's own server; its certificate is for another name
        )


class _Entrance:
    """A registration that is renewed."""

    def __init__(self, client: httpx.AsyncClient, name: str, port: int, secret: str | None, refresh: float) -> None:
        self._client = client
        self._name = name
        self._port = port
        self._refresh = refresh
        self._secret = secret
        self.url = ""

    async def register(self) -> str:
        wanted = {"name": self._name, "port": self._port, "ttl": TTL_SECONDS, "secret": self._secret}
        secret = str((await _ask(self._client, "POST", "graphcall/routes", wanted)).json()["secret"])
        if self._secret not in (None, secret):
            raise TunnelError("The Jupyter server gave the entrance another address; it is opened anew.")
        self._secret = secret
        return secret

    async def lost(self) -> str:
        while True:
            await asyncio.sleep(self._refresh)
            try:
                await self.register()
            except TunnelError as error:
                return str(error)

    async def healed(self) -> bool:
        return False

    async def close(self) -> None:
        try:
            await self._client.delete(f"graphcall/routes/{quote(self._name, safe='')}")
        finally:
            await self._client.aclose()


async def _ask(client: httpx.AsyncClient, method: str, path: str, body: object = None) -> httpx.Response:
    try:
        answer = await client.request(method, path, json=body)
    except httpx.TransportError as error:
        raise TunnelError(
            f"The Jupyter server does not answer ({type(error).__name__}); the entrance is opened anew when it is back."
        ) from None
    if answer.status_code == 404:
        raise TunnelUnavailable(NO_EXTENSION)
    if answer.status_code in (401, 403) or answer.is_redirect:  # a redirect leads to the page for signing in
        raise TunnelRefused(
            "The Jupyter server does not accept this kernel's token; restart the kernel, or choose another tunnel."
        )
    if answer.is_error:
        raise TunnelError(f"The Jupyter server answered {answer.status_code}: {_message(answer)}.")
    return answer


def _message(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["reason"])
    except (ValueError, KeyError, TypeError):
        return answer.reason_phrase


_number = count(1)


def _kernel_id() -> str:
    """The id that a kernel keeps when it is restarted; a random one elsewhere."""
    try:
        from ipykernel.connect import get_connection_file

        return Path(get_connection_file()).stem.removeprefix("kernel-")
    except (ImportError, RuntimeError):
        return uuid.uuid4().hex
