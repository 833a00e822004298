"""The ``ngrok`` provider: ngrok's own SDK, with an account."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from ..errors import TunnelError, TunnelRefused, TunnelUnavailable

CONNECT_TIMEOUT_SECONDS = 15.0
"""The SDK has no limit of its own where packets are dropped."""

RECONNECT_TIMEOUT_SECONDS = 60.0
HEARTBEAT_INTERVAL_SECONDS = 10

TOKEN_PAGE = "https://dashboard.ngrok.com/get-started/your-authtoken"  # noqa: S105 - a page, not a token

NO_TOKEN = f"NGROK_AUTHTOKEN is not set; copy your token from {TOKEN_PAGE}, or choose another tunnel."
UNREACHABLE = (
    "ngrok's servers cannot be reached; check whether this network allows outgoing port 443 to "
    "connect.ngrok-agent.com, or choose another tunnel."
)

ERROR_MESSAGES: dict[str, str] = {
    "105": f"the token in NGROK_AUTHTOKEN is unknown; copy it again from {TOKEN_PAGE}.",
    "107": f"the token in NGROK_AUTHTOKEN is unknown; copy it again from {TOKEN_PAGE}.",
    "108": "another ngrok agent of this account is running, and the account allows no more; stop that one.",
    "319": "the domain is not reserved for this account; reserve it at https://dashboard.ngrok.com/domains, "
    "or omit it.",
    "320": "the domain belongs to another account; reserve your own, or omit it.",
    "334": "the domain is in use by another agent of this account; stop that one.",
    "4018": f"ngrok requires a verified account and its token; see {TOKEN_PAGE}.",
}
"""Message of each error code (ERR_NGROK_…)."""

TEMPORARY_ERRORS = {"108", "334"}
"""Codes that end by themselves, for example once ngrok notices that an earlier agent is gone."""


class Ngrok:
    """A URL of ngrok. The free domain of an account stays the same; other URLs change with each start.

    ngrok can read every notification.

    Parameters
    ----------
    domain : str, optional
        Domain that is reserved for the account; by default the one that ngrok assigns.
    server : str, optional
        ``host:port`` of ngrok's server, for accounts with a connect URL of their own.
    environ : mapping of str to str
        Environment variables with ``NGROK_AUTHTOKEN``.
    sdk : module, optional
        The ``ngrok`` module; by default the installed one.
    timeout_seconds : float
        Time to connect, in seconds.
    """

    name = "ngrok"
    local_port: int | None = None

    def __init__(
        self,
        domain: str | None = None,
        *,
        server: str | None = None,
        environ: Mapping[str, str] = os.environ,
        sdk: ModuleType | None = None,
        timeout_seconds: float = CONNECT_TIMEOUT_SECONDS,
    ) -> None:
        self._domain = domain
        self._server = server
        self._environ = environ
        self._sdk = sdk
        self._timeout_seconds = timeout_seconds

    async def check(self) -> str:
        self._import_sdk()
        self._require_token()
        return "ngrok's SDK is installed and NGROK_AUTHTOKEN is set."

    async def connect(self, port: int) -> _NgrokConnection:
        connection = _NgrokConnection()
        builder = self._import_sdk().SessionBuilder().authtoken(self._require_token())
        builder = builder.heartbeat_interval(HEARTBEAT_INTERVAL_SECONDS)
        if self._server:
            builder = builder.server_addr(self._server)
        builder = builder.handle_disconnection(connection.on_disconnect).handle_heartbeat(connection.on_heartbeat)
        try:
            async with asyncio.timeout(self._timeout_seconds):
                await connection.open(builder, port, self._domain)
        except TimeoutError:
            raise TunnelError(UNREACHABLE) from None
        except Exception as error:
            # The SDK raises a bare ValueError for everything, with a text that may contain the token.
            raise _translate_error(error) from None
        return connection

    def _import_sdk(self) -> ModuleType:
        if self._sdk is not None:
            return self._sdk
        try:
            import ngrok
        except ImportError:
            raise TunnelUnavailable(
                "ngrok's SDK is not installed; run: pip install 'graphcall-nb[ngrok]', or choose another tunnel."
            ) from None
        module: ModuleType = ngrok
        return module

    def _require_token(self) -> str:
        token = self._environ.get("NGROK_AUTHTOKEN", "").strip()
        if not token:
            raise TunnelUnavailable(NO_TOKEN)
        return token


def _translate_error(error: Exception) -> TunnelError:
    match = re.search(r"ERR_NGROK_(\d+)", " ".join(map(str, error.args)))
    if match is None:
        return TunnelError(UNREACHABLE)
    code = match[1]
    message = ERROR_MESSAGES.get(code, f"see https://ngrok.com/docs/errors/err_ngrok_{code}")
    error_class = TunnelError if code in TEMPORARY_ERRORS else TunnelRefused
    return error_class(f"ngrok refuses ({match[0]}): {message}")


class _NgrokConnection:
    """A session of the SDK, which reconnects by itself."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._disconnected = asyncio.Event()
        self._connected = asyncio.Event()
        self._session: Any = None
        self.url = ""

    async def open(self, builder: Any, port: int, domain: str | None) -> None:
        """Connect the session and forward its URL to the port."""
        self._session = await builder.connect()
        endpoint = self._session.http_endpoint()
        if domain is not None:
            endpoint = endpoint.domain(domain)
        try:
            listener = await endpoint.listen_and_forward(f"http://127.0.0.1:{port}")
        except BaseException:
            await self.close()
            raise
        self.url = str(listener.url()).rstrip("/")

    # The SDK calls both on a thread of its own.

    def on_disconnect(self, address: str, error: str) -> None:
        self._loop.call_soon_threadsafe(_switch, self._connected, self._disconnected)

    def on_heartbeat(self, latency: int) -> None:
        self._loop.call_soon_threadsafe(_switch, self._disconnected, self._connected)

    async def wait_lost(self) -> str:
        await self._disconnected.wait()
        return "ngrok lost its connection and retries."

    async def recover(self) -> bool:
        try:
            async with asyncio.timeout(RECONNECT_TIMEOUT_SECONDS):
                await self._connected.wait()
        except TimeoutError:
            return False
        return True

    async def close(self) -> None:
        await self._session.close()


def _switch(cleared: asyncio.Event, set_event: asyncio.Event) -> None:
    set_event.set()
    cleared.clear()
