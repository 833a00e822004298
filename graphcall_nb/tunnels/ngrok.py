"""``ngrok``: by ngrok's own SDK, with an account."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from ..errors import TunnelError, TunnelRefused, TunnelUnavailable

CONNECT_SECONDS = 15.0
"""The SDK waits for ever where packets are dropped."""

HEAL_SECONDS = 60.0
HEARTBEAT_SECONDS = 10

TOKEN_PAGE = "https://dashboard.ngrok.com/get-started/your-authtoken"  # noqa: S105 - where to get one

NO_TOKEN = f"NGROK_AUTHTOKEN is not set; copy your token from {TOKEN_PAGE}, or choose another tunnel."
UNREACHABLE = (
    "ngrok's servers cannot be reached; look whether the network here lets port 443 out to connect.ngrok-agent.com, "
    "or choose another tunnel."
)

REFUSALS: dict[str, str] = {
    "105": f"ngrok does not know the token in NGROK_AUTHTOKEN; copy it anew from {TOKEN_PAGE}.",
    "107": f"ngrok does not know the token in NGROK_AUTHTOKEN; copy it anew from {TOKEN_PAGE}.",
    "108": "another ngrok agent of this account is running, and the account allows no more; stop that one.",
    "319": "the domain is not reserved for this account; reserve it at https://dashboard.ngrok.com/domains, "
    "or leave it out.",
    "320": "the domain belongs to another account; reserve one of yours, or leave it out.",
    "334": "the domain is in use by another agent of this account; stop that one.",
    "4018": f"ngrok needs an account that is verified, and its token; see {TOKEN_PAGE}.",
}
PASSING = {"108", "334"}
"""Refusals that end by themselves, for example when ngrok has noticed that an earlier agent is gone."""


class Ngrok:
    """An address of ngrok's. The free domain of an account stays the same; others change with each start.

    ngrok reads every notification on this way.

    Parameters
    ----------
    domain : a domain that is reserved for the account; ``None`` for what ngrok gives
    server : ``host:port`` of ngrok's server, for accounts with a connect URL of their own
    environ : where ``NGROK_AUTHTOKEN`` is
    sdk : the ``ngrok`` module; ``None`` for the installed one
    seconds : how long connecting may take
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
        seconds: float = CONNECT_SECONDS,
    ) -> None:
        self._domain = domain
        self._server = server
        self._environ = environ
        self._sdk = sdk
        self._seconds = seconds

    async def check(self) -> str:
        self._module()
        self._token()
        return "ngrok's SDK is installed and NGROK_AUTHTOKEN is set."

    async def connect(self, port: int) -> _Session:
        session = _Session()
        builder = self._module().SessionBuilder().authtoken(self._token()).heartbeat_interval(HEARTBEAT_SECONDS)
        if self._server:
            builder = builder.server_addr(self._server)
        builder = builder.handle_disconnection(session.on_disconnect).handle_heartbeat(session.on_heartbeat)
        try:
            async with asyncio.timeout(self._seconds):
                await session.open(builder, port, self._domain)
        except TimeoutError:
            raise TunnelError(UNREACHABLE) from None
        except Exception as error:
            # The SDK raises a bare ValueError for everything, with a text that may hold the token.
            raise _in_words(error) from None
        return session

    def _module(self) -> ModuleType:
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

    def _token(self) -> str:
        token = self._environ.get("NGROK_AUTHTOKEN", "").strip()
        if not token:
            raise TunnelUnavailable(NO_TOKEN)
        return token


def _in_words(error: Exception) -> TunnelError:
    code = re.search(r"ERR_NGROK_(\d+)", " ".join(map(str, error.args)))
    if code is None:
        return TunnelError(UNREACHABLE)
    words = REFUSALS.get(code[1], f"see https://ngrok.com/docs/errors/err_ngrok_{code[1]}")
    kind = TunnelError if code[1] in PASSING else TunnelRefused
    return kind(f"ngrok refuses ({code[0]}): {words}")


class _Session:
    """A session of the SDK, which connects anew by itself."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._gone = asyncio.Event()
        self._there = asyncio.Event()
        self._session: Any = None
        self.url = ""

    async def open(self, builder: Any, port: int, domain: str | None) -> None:
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

    # Both are called on a thread of the SDK's.

    def on_disconnect(self, address: str, error: str) -> None:
        self._loop.call_soon_threadsafe(self._set, self._gone, self._there)

    def on_heartbeat(self, latency: int) -> None:
        self._loop.call_soon_threadsafe(self._set, self._there, self._gone)

    @staticmethod
    def _set(now: asyncio.Event, no_longer: asyncio.Event) -> None:
        now.set()
        no_longer.clear()

    async def lost(self) -> str:
        await self._gone.wait()
        return "ngrok lost its connection and tries again."

    async def healed(self) -> bool:
        try:
            async with asyncio.timeout(HEAL_SECONDS):
                await self._there.wait()
        except TimeoutError:
            return False
        return True

    async def close(self) -> None:
        await self._session.close()
