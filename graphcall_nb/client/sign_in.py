"""Sign-in to Microsoft Entra as an application.

MSAL runs the client credentials flow over an httpx client, so that proxies, certificates and the simulator are
configured in one place. :func:`discover_tenant` checks the tenant first: MSAL alone waits half a minute on a network
that drops packets, and reports less than Entra about a tenant that does not exist.
"""

from __future__ import annotations

import re
import ssl
import threading
import time
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import anyio.to_thread
import httpx

from ..errors import ServiceUnreachable, SignInFailed
from ..graph.clouds import GLOBAL
from .credential import Credential
from .entra_errors import REMEDIES
from .tls import describe_connection_error, make_connection_options

RENEW_BEFORE_EXPIRY_SECONDS = 300

DISCOVERY_CONNECT_TIMEOUT_SECONDS = 1.5
"""One packet may be lost, and an unreachable network is still reported within two seconds."""

DISCOVERY_TIMEOUT_SECONDS = 10.0
CONNECT_TIMEOUT_SECONDS = 5.0
TIMEOUT_SECONDS = 30.0

_HTTP_ORIGIN = re.compile(r'http://[^/"]+')


class MsalAuth(httpx.Auth):
    """Authentication of requests with a bearer token, which is renewed once when the service answers 401.

    Parameters
    ----------
    tenant_id, client_id : ids from the application's page in Microsoft Entra
    client_credential : client secret, or MSAL's dict of a certificate
    scope : scope of the API; Graph's by default
    authority
        URL where applications of the cloud sign in. MSAL accepts https only, so for a plain ``http`` URL (a simulator
        on this machine) it gets the worldwide authority, and its requests are sent to this URL instead.
    verify : trusted certificates, as httpx takes them
    clock : returns seconds since 1970
    transport : sends MSAL's requests; ``None`` for httpx's own

    Attributes
    ----------
    tenant_id, authority : as passed

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
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.tenant_id = tenant_id
        self.authority = authority
        self._client_id = client_id
        self._credential = (
            client_credential if isinstance(client_credential, Credential) else Credential(client_credential)
        )
        self._scope = scope
        is_https = authority.startswith("https://")
        self._msal_authority = f"{authority if is_https else GLOBAL.authority}/{tenant_id}"
        timeout = httpx.Timeout(TIMEOUT_SECONDS, connect=CONNECT_TIMEOUT_SECONDS)
        if transport is None:
            client = httpx.Client(timeout=timeout, **make_connection_options(authority, verify))
        else:
            client = httpx.Client(timeout=timeout, transport=transport)
        self._http = _MsalHttpClient(client) if is_https else _PlainHttpClient(client, authority)
        self._verify = verify
        self._clock = clock
        self._app: Any = None
        self._token = ""
        self._renew_at = 0.0
        self._lock = threading.Lock()

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        token = self._get_valid_token() or await anyio.to_thread.run_sync(self.acquire)
        request.headers["Authorization"] = f"Bearer {token}"
        response = yield request
        if response.status_code == 401:
            token = await anyio.to_thread.run_sync(self.acquire, token)
            request.headers["Authorization"] = f"Bearer {token}"
            yield request

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        token = self._get_valid_token() or self.acquire()
        request.headers["Authorization"] = f"Bearer {token}"
        response = yield request
        if response.status_code == 401:
            request.headers["Authorization"] = f"Bearer {self.acquire(token)}"
            yield request

    def _get_valid_token(self) -> str:
        return self._token if self._clock() < self._renew_at else ""

    def acquire(self, refused_token: str | None = None) -> str:
        """Return an access token; blocks while MSAL requests one.

        Parameters
        ----------
        refused_token : token that the service did not accept and that must not be returned again

        Raises
        ------
        SignInFailed
            With Entra's code and a remedy.
        ServiceUnreachable
            When Entra cannot be reached.
        """
        with self._lock:
            token = self._get_valid_token()
            if token and token != refused_token:
                return token
            result = self._request_token(clear_cache=refused_token is not None)
            if "access_token" not in result:
                raise make_sign_in_error(result)
            self._token = result["access_token"]
            self._renew_at = self._clock() + int(result.get("expires_in", 0)) - RENEW_BEFORE_EXPIRY_SECONDS
            return self._token

    def renew(self) -> str:
        """Return a new access token, also when the present one is still valid, to test whether sign-in works."""
        return self.acquire(self._token)

    async def discover(self) -> Tenant:
        """Look the tenant up at the authority; see :func:`discover_tenant`."""
        return await discover_tenant(self.authority, self.tenant_id, verify=self._verify, clock=self._clock)

    def _request_token(self, *, clear_cache: bool) -> dict[str, Any]:
        import msal  # takes 125 ms, and only sessions that sign in need it

        try:
            if self._app is None:
                self._app = msal.ConfidentialClientApplication(
                    self._client_id,
                    client_credential=self._credential.reveal(),
                    authority=self._msal_authority,
                    instance_discovery=False,  # the user chose the authority; it needs no confirmation by another host
                    http_client=self._http,
                )
            if clear_cache:
                self._app.remove_tokens_for_client()
            result: dict[str, Any] = self._app.acquire_token_for_client(scopes=[self._scope])
        except httpx.HTTPError as error:
            raise ServiceUnreachable(describe_connection_error(self.authority, error)) from None
        except msal.exceptions.MsalServiceError as error:
            raise ServiceUnreachable(
                f"{self.authority} is temporarily unavailable ({error}); try again in some minutes."
            ) from None
        except ValueError as error:
            # MSAL raises it for an authority that does not exist, and for a credential that it cannot use.
            raise SignInFailed(_first_sentence(str(error)), remedy="Check the tenant id and the credential.") from None
        return result

    def close(self) -> None:
        """Close the connections to the authority."""
        self._http.close()

    def __repr__(self) -> str:
        return f"<MsalAuth client {self._client_id} at {self._msal_authority}>"


class _MsalHttpClient:
    """HTTP client in the form that MSAL requires, over httpx."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def get(self, url: str, params: Any = None, headers: Any = None, **_: Any) -> httpx.Response:
        return self._client.get(url, params=params, headers=headers)

    def post(self, url: str, params: Any = None, data: Any = None, headers: Any = None, **_: Any) -> httpx.Response:
        # MSAL's certificate assertion is bytes, which httpx would format as Python does: b'…'.
        form = {name: value.decode() if isinstance(value, bytes) else value for name, value in (data or {}).items()}
        return self._client.post(url, params=params, data=form, headers=headers)

    def close(self) -> None:
        self._client.close()


class _PlainHttpClient(_MsalHttpClient):
    """The same for an authority at an http URL, in whose place MSAL sees the worldwide one."""

    def __init__(self, client: httpx.Client, authority: str) -> None:
        super().__init__(client)
        self._authority = authority

    def get(self, url: str, params: Any = None, headers: Any = None, **_: Any) -> httpx.Response:
        response = super().get(self._replace_host(url), params, headers)
        text = _HTTP_ORIGIN.sub(GLOBAL.authority, response.text)
        return httpx.Response(response.status_code, text=text, request=response.request)

    def post(self, url: str, params: Any = None, data: Any = None, headers: Any = None, **_: Any) -> httpx.Response:
        return super().post(self._replace_host(url), params, data, headers)

    def _replace_host(self, url: str) -> str:
        path = url.removeprefix(GLOBAL.authority)
        return url if path == url else self._authority + path


# ---- tenant discovery


@dataclass(frozen=True)
class Tenant:
    """A tenant, as its authority describes it.

    Attributes
    ----------
    tenant_id : GUID of the tenant, also when it was looked up by a domain
    skew_seconds : seconds that this machine's clock is ahead of Entra's; ``None`` when the response has no date
    duration_seconds : duration of the request
    """

    tenant_id: str
    skew_seconds: float | None
    duration_seconds: float


async def discover_tenant(
    authority: str,
    tenant_id: str,
    *,
    verify: ssl.SSLContext | bool = True,
    clock: Callable[[], float] = time.time,
) -> Tenant:
    """Look a tenant up at an authority.

    Parameters
    ----------
    authority : URL where applications sign in
    tenant_id : GUID of the tenant, or one of its domains
    verify : trusted certificates, as httpx takes them
    clock : returns seconds since 1970

    Raises
    ------
    ServiceUnreachable
        When Entra cannot be reached; within two seconds without a network.
    SignInFailed
        When the tenant does not exist.
    """
    url = f"{authority}/{tenant_id}/v2.0/.well-known/openid-configuration"
    started = time.perf_counter()
    try:
        timeout = httpx.Timeout(DISCOVERY_TIMEOUT_SECONDS, connect=DISCOVERY_CONNECT_TIMEOUT_SECONDS)
        async with httpx.AsyncClient(timeout=timeout, **make_connection_options(authority, verify)) as client:
            response = await client.get(url)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ServiceUnreachable(describe_connection_error(authority, error)) from None
    duration = time.perf_counter() - started
    document = _read_json_object(response)
    if "error" in document and not response.is_success:
        raise make_sign_in_error(document)
    if not response.is_success or "issuer" not in document:
        detail = "no OpenID document" if response.is_success else f"status {response.status_code}"
        raise SignInFailed(
            f"{authority} does not answer like Microsoft Entra ({detail}).",
            remedy="Check the authority, and whether a proxy or a hotel's login page answers instead.",
        )
    guid = re.search(r"[0-9a-fA-F-]{36}", str(document["issuer"]))
    return Tenant(guid.group() if guid else tenant_id, _compute_skew(response, clock() - duration / 2), duration)


def _read_json_object(response: httpx.Response) -> dict[str, object]:
    try:
        document = response.json()
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _compute_skew(response: httpx.Response, now: float) -> float | None:
    try:
        # The Date header has whole seconds: the response was sent half a second later on average.
        return now - parsedate_to_datetime(response.headers["date"]).timestamp() - 0.5
    except (KeyError, TypeError, ValueError):
        return None


# ---- errors of Entra


def make_sign_in_error(response: Mapping[str, Any]) -> SignInFailed:
    """Return Entra's error response as an exception, with the first sentence of its description and a remedy.

    The rest of the description repeats ids and traces.
    """
    codes = response.get("error_codes") or []
    number = codes[0] if codes else 0
    code = f"AADSTS{number}" if codes else str(response.get("error", ""))
    remedy = REMEDIES.get(number, "Look the code up at https://login.microsoftonline.com/error.")
    reason = _first_sentence(str(response.get("error_description") or response.get("error") or "no reason given."))
    return SignInFailed(f"Sign-in failed: {reason}", code=code, remedy=remedy)


def _first_sentence(text: str) -> str:
    sentence = text.strip().splitlines()[0].partition(" Trace ID:")[0].partition(". ")[0]
    return sentence.rstrip(".") + "."
