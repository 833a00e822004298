"""Signing in to Microsoft Entra as an application: MSAL behind ``httpx.Auth``.

MSAL does the client credentials flow through an adapter that gives it an httpx client, so proxies, certificates and the
simulator need one place.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from typing import Any
from urllib.parse import urlsplit

import anyio.to_thread
import httpx

from ..clouds import GLOBAL
from ..errors import ServiceUnreachable, SignInFailed
from ..settings.credential import Credential
from ..settings.read import is_loopback
from .discovery import Discovery, discover
from .entra import failure, first_sentence
from .network import why_unreachable

EARLY_SECONDS = 300
"""A token is renewed this long before it expires."""


class MsalAuth(httpx.Auth):
    """Puts a bearer token on each request, and a fresh one once when the service answers 401.

    Parameters
    ----------
    tenant_id, client_id : the application's, from its page in Microsoft Entra
    client_credential : the client secret, or MSAL's dict of a certificate
    scope : of the API; that of Graph by default
    authority
        Where applications of that cloud sign in. MSAL insists on https: for a plain ``http`` address (a simulator on
        this machine) it is told the worldwide cloud's, and what is meant for that goes to this one.
    verify : whose certificates are believed
    clock : seconds since 1970; tests pass their own

    Attributes
    ----------
    tenant_id, authority : as they were given

    Examples
    --------
    >>> MsalAuth("contoso.onmicrosoft.com", "8A34A46B", "the secret")
    <MsalAuth client 8A34A46B at https://login.microsoftonline.com/contoso.onmicrosoft.com>
    """

    def __init__(
        self,
        tenant_id: str,
        client_id: str,
        client_credential: str | Mapping[str, Any] | Credential,
        *,
        scope: str = GLOBAL.scope,
        authority: str = GLOBAL.authority,
        verify: ssl.SSLContext | bool = True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.tenant_id = tenant_id
        self.authority = authority
        self._client_id = client_id
        self._credential = (
            client_credential if isinstance(client_credential, Credential) else Credential(client_credential)
        )
        self._scope = scope
        reroute = {} if authority.startswith("https://") else {GLOBAL.authority: authority}
        self._authority = f"{GLOBAL.authority if reroute else authority}/{tenant_id}"
        self._http = _HttpClient(reroute, verify, trust_env=not is_loopback(authority))
        self._verify = verify
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
                raise failure(answer)
            self._token = answer["access_token"]
            self._renew_at = self._clock() + int(answer.get("expires_in", 0)) - EARLY_SECONDS
            return self._token

    async def discover(self) -> Discovery:
        """Ask the authority whether there is such a tenant; see :func:`graphcall_nb.auth.discovery.discover`."""
        return await discover(self.authority, self.tenant_id, verify=self._verify, clock=self._clock)

    def renew(self) -> str:
        """A new access token, whatever is known already: to see whether signing in still works."""
        return self.acquire(self._token)

    def _ask(self, *, forget: bool) -> dict[str, Any]:
        import msal  # 125 ms, and only sessions that sign in need it

        try:
            if self._app is None:
                self._app = msal.ConfidentialClientApplication(
                    self._client_id,
                    client_credential=self._credential.reveal(),
                    authority=self._authority,
                    instance_discovery=False,  # the authority is the user's own word; nobody else is to be asked
                    http_client=self._http,
                )
            if forget:
                self._app.remove_tokens_for_client()
            answer: dict[str, Any] = self._app.acquire_token_for_client(scopes=[self._scope])
        except httpx.HTTPError as error:
            raise ServiceUnreachable(why_unreachable(self.authority, error)) from None
        except msal.exceptions.MsalServiceError as error:
            raise ServiceUnreachable(
                f"{self.authority} is out of order ({error}); try again in some minutes."
            ) from None
        except ValueError as error:
            # MSAL's word for an authority that does not exist, and for a credential it cannot use.
            raise SignInFailed(first_sentence(str(error)), remedy="Check the tenant id and the credential.") from None
        return answer

    def close(self) -> None:
        """Close the connections to the authority."""
        self._http.close()

    def __repr__(self) -> str:
        return f"<MsalAuth client {self._client_id} at {self._authority}>"


class _HttpClient:
    """What MSAL asks of an HTTP client, on httpx."""

    def __init__(self, reroute: Mapping[str, str], verify: ssl.SSLContext | bool, *, trust_env: bool) -> None:
        self._reroute = reroute
        self._client = httpx.Client(timeout=httpx.Timeout(30, connect=5), verify=verify, trust_env=trust_env)

    def get(self, url: str, params: Any = None, headers: Any = None, **_: Any) -> httpx.Response:
        return self._client.get(self._address(url), params=params, headers=headers)

    def post(self, url: str, params: Any = None, data: Any = None, headers: Any = None, **_: Any) -> httpx.Response:
        # MSAL's assertion of a certificate is bytes, which httpx would write as Python does: b'…'.
        form = {name: value.decode() if isinstance(value, bytes) else value for name, value in (data or {}).items()}
        return self._client.post(self._address(url), params=params, data=form, headers=headers)

    def _address(self, url: str) -> str:
        parts = urlsplit(url)
        host = f"{parts.scheme}://{parts.netloc}"
        return self._reroute.get(host, host) + url[len(host) :]

    def close(self) -> None:
        self._client.close()
