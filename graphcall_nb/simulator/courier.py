"""Posts a letter to its address, signed."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable

import httpx

from .outbox import AT_ONCE, Letter, Outcome

TIMEOUT_SECONDS = 10.0
_LOOPBACK = ("all://127.0.0.1", "all://localhost", "all://[::1]")


class Courier:
    """Posts notifications. ``token`` gives the bearer for an application."""

    def __init__(self, token: Callable[[str], str], *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._token = token
        self._transport = transport
        self._clients: dict[bool, httpx.AsyncClient] = {}

    async def deliver(self, letter: Letter) -> Outcome:
        """Post it once; a failure is an outcome, not an error."""
        headers = {
            "Authorization": f"Bearer {self._token(letter.application_id)}",
            "Content-Type": "application/json",
        }
        content = json.dumps(letter.body, ensure_ascii=False, separators=(",", ":")).encode()
        try:
            client = self._client(secure=letter.url.startswith("https:"))
            answer = await client.post(letter.url, content=content, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Outcome(None, type(error).__name__)
        return Outcome(answer.status_code)

    def _client(self, *, secure: bool) -> httpx.AsyncClient:
        # Made on first use, since it belongs to the loop that uses it.
        if secure not in self._clients:
            self._clients[secure] = httpx.AsyncClient(
                transport=self._transport,
                # Loading certificates takes 20 ms of the loop, and loopback callbacks need none.
                verify=httpx.create_ssl_context() if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
                # What is meant for this machine must not go to a proxy.
                mounts=None if self._transport else dict.fromkeys(_LOOPBACK),
                timeout=httpx.Timeout(TIMEOUT_SECONDS, pool=None),
                limits=httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE),
                headers={"User-Agent": "graphcall-nb-simulator"},
                follow_redirects=False,
            )
        return self._clients[secure]

    async def aclose(self) -> None:
        while self._clients:
            await self._clients.popitem()[1].aclose()
