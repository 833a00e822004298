"""Signing in to Microsoft Entra as an application: MSAL behind ``httpx.Auth``.

MSAL does the client credentials flow through an adapter that gives it an httpx client, so proxies, certificates and the
simulator need one place.
"""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from typing import Any
from urllib.parse import urlsplit

import anyio.to_thread
import httpx

from .errors import ServiceUnreachable, SignInFailed

SCOPE = "https://graph.microsoft.com/.default"
AUTHORITY_HOST = "https://login.microsoftonline.com"

EARLY_SECONDS = 300
"""A token is renewed this long before it expires."""


class MsalAuth(httpx.Auth):
    """Puts a bearer token on each request, and a fresh one once when the service answers 401.

    Parameters
    ----------
    tenant_id, client_id : the application's, from its page in Microsoft Entra
    client_credential : the client secret, or MSAL's dict of a certificate
    scope : of the API; that of Graph by default
    authority_host : where people of that cloud sign in
    reroute
        Sends what is meant for a host (``https://…``) to another address: MSAL insists on an https authority, and the
        simulator is on loopback.
    clock : seconds since 1970; tests pass their own

    Examples
    --------
    >>> MsalAuth("contoso.onmicrosoft.com", "8A34A46B", "the secret")
    <MsalAuth client 8A34A46B at https://login.microsoftonline.com/contoso.onmicrosoft.com>
    """

    def __init__(
        self,
        tenant_id: str,
        client_id: str,
        client_credential: str | Mapping[str, Any],
        *,
        scope: str = SCOPE,
        authority_host: str = AUTHORITY_HOST,
        reroute: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._client_id = client_id
        self._credential = client_credential
        self._scope = scope
        self._authority = f"{authority_host}/{tenant_id}"
        self._reroute = dict(reroute or {})
        self._clock = clock
        self._app: Any = None
        self._token = ""
        self._renew_at = 0.0
        self._lock = threading.Lock()

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        token = self._fresh() or await anyio.to_thread.run_sync(self.acquire)
        request.headers["Authorization"] = f"Bearer {token}"
        response = yield request
        if response.status_code == 401:
            token = await anyio.to_thread.run_sync(self.acquire, token)
            request.headers["Authorization"] = f"Bearer {token}"
            yield request

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        token = self._fresh() or self.acquire()
        request.headers["Authorization"] = f"Bearer {token}"
        response = yield request
        if response.status_code == 401:
            request.headers["Authorization"] = f"Bearer {self.acquire(token)}"
            yield request

    def _fresh(self) -> str:
        return self._token if self._clock() < self._renew_at else ""

    def acquire(self, refused: str | None = None) -> str:
        """An access token; blocks while MSAL asks for one. ``refused`` is a token that the service did not take.

        Raises
        ------
        SignInFailed
            With Entra's code and what to do about it.
        ServiceUnreachable
            When Entra could not be asked.
        """
        with self._lock:
            token = self._fresh()
            if token and token != refused:
                return token
            answer = self._ask(forget=refused is not None)
            if "access_token" not in answer:
                raise _failure(answer)
            self._token = answer["access_token"]
            self._renew_at = self._clock() + int(answer.get("expires_in", 0)) - EARLY_SECONDS
            return self._token

    def _ask(self, *, forget: bool) -> dict[str, Any]:
        import msal  # 125 ms, and only sessions that sign in need it

        try:
            if self._app is None:
                self._app = msal.ConfidentialClientApplication(
                    self._client_id,
                    client_credential=self._credential,
                    authority=self._authority,
                    instance_discovery=False if self._reroute else None,
                    http_client=_HttpClient(self._reroute),
                )
            if forget:
                self._app.remove_tokens_for_client()
            answer: dict[str, Any] = self._app.acquire_token_for_client(scopes=[self._scope])
        except httpx.HTTPError as error:
            reason = type(error).__name__
            raise ServiceUnreachable(
                f"{self._authority} could not be asked for a token ({reason}); check the network and the proxy."
            ) from None
        except ValueError as error:
            # MSAL's word for an authority that does not exist, and for a credential it cannot use.
            raise SignInFailed(_first_sentence(str(error)), remedy="Check the tenant id and the credential.") from None
        return answer

    def __repr__(self) -> str:
        return f"<MsalAuth client {self._client_id} at {self._authority}>"


class _HttpClient:
    """What MSAL asks of an HTTP client, on httpx."""

    def __init__(self, reroute: Mapping[str, str]) -> None:
        self._reroute = reroute
        self._client = httpx.Client(timeout=30)

    def get(self, url: str, params: Any = None, headers: Any = None, **_: Any) -> httpx.Response:
        return self._client.get(self._address(url), params=params, headers=headers)

    def post(self, url: str, params: Any = None, data: Any = None, headers: Any = None, **_: Any) -> httpx.Response:
        return self._client.post(self._address(url), params=params, data=data, headers=headers)

    def _address(self, url: str) -> str:
        parts = urlsplit(url)
        host = f"{parts.scheme}://{parts.netloc}"
        return self._reroute.get(host, host) + url[len(host) :]

    def close(self) -> None:
        self._client.close()


_REMEDIES = {
    7000215: "The client secret is wrong: use its value, not its id.",
    7000222: "The client secret has expired: make a new one under Certificates & secrets.",
    700016: "The tenant has no such application: check the client id and the tenant id.",
    90002: "There is no such tenant: check the tenant id.",
    700027: "The certificate is not that of the application: upload it under Certificates & secrets.",
}


def _failure(answer: Mapping[str, Any]) -> SignInFailed:
    """Entra's answer as an error; its description repeats ids and traces, so that only its first sentence is kept."""
    codes = answer.get("error_codes") or []
    code = f"AADSTS{codes[0]}" if codes else str(answer.get("error", ""))
    remedy = _REMEDIES.get(codes[0] if codes else 0, "Look the code up at https://login.microsoftonline.com/error.")
    said = _first_sentence(str(answer.get("error_description") or answer.get("error") or "no reason given."))
    return SignInFailed(f"Signing in failed: {said}", code=code, remedy=remedy)


def _first_sentence(text: str) -> str:
    sentence = text.strip().splitlines()[0].partition(" Trace ID:")[0].partition(". ")[0]
    return sentence.rstrip(".") + "."
