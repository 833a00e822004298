"""Posts a letter to its address, signed."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx

from .outbox import AT_ONCE, Letter, Outcome
from .plainhttp import PlainPoster

TIMEOUT_SECONDS = 10.0


class Courier:
    """Posts notifications. ``token`` gives the bearer for an application and the stamp of a letter."""

    def __init__(self, token: Callable[[str, str], str], *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._token = token
        self._transport = transport
        self._plain = PlainPoster(TIMEOUT_SECONDS)
        self._client: httpx.AsyncClient | None = None

    async def deliver(self, letter: Letter, stamp: str = "") -> Outcome:
        """Post it once; a failure is an outcome, not an error."""
        token = self._token(letter.application_id, stamp)
        content = json.dumps(letter.body, ensure_ascii=False, separators=(",", ":")).encode()
        try:
            if self._transport is None and letter.url.startswith("http:"):
                headers = f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
                return Outcome(*await self._plain.post(letter.url, headers.encode(), content))
            return await self._deliver(letter.url, token, content)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            return Outcome(None, error=type(error).__name__)

    async def _deliver(self, url: str, token: str, content: bytes) -> Outcome:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        answer = await self._over().post(url, content=content, headers=headers)
        return Outcome(answer.status_code, answer.headers.get("location", ""))

    def _over(self) -> httpx.AsyncClient:
        # Made on first use, since it belongs to the loop that uses it, and loading certificates takes 20 ms.
        if self._client is None:
            self._client = httpx.AsyncClient(
                transport=self._transport,
                timeout=httpx.Timeout(TIMEOUT_SECONDS, pool=None),
                limits=httpx.Limits(max_keepalive_connections=AT_ONCE),  # the outbox bounds those to each host
                headers={"User-Agent": "graphcall-nb-simulator"},
                follow_redirects=False,
            )
        return self._client

    async def aclose(self) -> None:
        self._plain.close()
        if self._client is not None:
            await self._client.aclose()
            self._client = None
