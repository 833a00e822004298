"""Check of the callback: a request to the listener through its public URL, and the hop at which it fails.

The request carries no token, so the listener refuses it as it refuses any sender without one. A header of the refusal
proves that it came from this listener; see :func:`graphcall_nb.listener.app.sign_probe`.
"""

from __future__ import annotations

import asyncio
import secrets
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from ..client.tls import extract_verify_error, make_connection_options
from ..errors import SetupError
from ..listener.app import PROBE_HEADER, sign_probe
from ..listener.redact import RedactFilter

TIMEOUT = httpx.Timeout(10, connect=4)
RENEW_CERTIFICATE_DAYS = 7


@dataclass(frozen=True)
class CallbackEndpoint:
    """The URLs of a listener.

    Attributes
    ----------
    local_url : URL on this machine, with the secret path
    public_url : URL for senders, with the secret path
    count_unknown_paths : returns the number of requests with an unknown path that the listener has refused
    verify : trusted certificates, as httpx takes them
    """

    local_url: str
    public_url: str
    count_unknown_paths: Callable[[], int]
    verify: ssl.SSLContext | bool = True


async def check_callback(endpoint: CallbackEndpoint) -> str:
    """Send a request to the listener, first on this machine, then through its public URL; return the finding.

    Raises
    ------
    SetupError
        Names the hop that failed, and the remedy.
    """
    path = urlsplit(endpoint.local_url).path
    with RedactFilter(path), RedactFilter(urlsplit(endpoint.public_url).path):
        await _check_local(endpoint.local_url, path)
        if endpoint.public_url == endpoint.local_url:
            return f"The listener answers at {_get_origin(endpoint.local_url)}; the sender reaches it directly."
        return await _check_public(endpoint, path)


async def _check_local(url: str, path: str) -> None:
    hop = "Hop 1, the listener on this machine"
    nonce = secrets.token_hex(16)
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT, trust_env=False) as client:
            response = await _post(client, url, nonce)
    except httpx.HTTPError as error:
        raise SetupError(f"{hop}: it does not answer ({type(error).__name__}); create a new session.") from None
    if not _is_from_listener(response, path, nonce):
        raise SetupError(f"{hop}: another program answers at its port ({response.status_code}); create a new session.")


async def _check_public(endpoint: CallbackEndpoint, path: str) -> str:
    origin, nonce = _get_origin(endpoint.public_url), secrets.token_hex(16)
    unknown_paths_before = endpoint.count_unknown_paths()
    started = time.perf_counter()
    try:
        async with httpx.AsyncClient(
            timeout=TIMEOUT, **make_connection_options(endpoint.public_url, endpoint.verify)
        ) as client:
            response = await _post(client, endpoint.public_url, nonce)
    except httpx.HTTPError as error:
        raise SetupError(f"Hop 2, from here to {origin}: {_describe_error(error)}") from None
    duration_ms = (time.perf_counter() - started) * 1000
    if _is_from_listener(response, path, nonce):
        return (
            f"{origin} leads to the listener in {duration_ms:.0f} ms{_describe_certificate(response)}; "
            "a request without a token is refused (401), as it should be."
        )
    hop = f"Hop 3, from {origin} to the listener"
    if response.status_code == 404 and await _wait_for_unknown_path(endpoint, unknown_paths_before):
        raise SetupError(f"{hop}: the path is changed on the way; configure the proxy to keep it.")
    raise SetupError(f"{hop}: {_describe_response(origin, response)}")


async def _wait_for_unknown_path(endpoint: CallbackEndpoint, before: int) -> bool:
    """Return whether the listener received another path; a listener in its own process reports it a moment later."""
    for _ in range(10):
        if endpoint.count_unknown_paths() > before:
            return True
        await asyncio.sleep(0.1)
    return False


async def _post(client: httpx.AsyncClient, url: str, nonce: str) -> httpx.Response:
    return await client.post(url, json={"value": []}, headers={PROBE_HEADER: nonce})


def _is_from_listener(response: httpx.Response, path: str, nonce: str) -> bool:
    return response.status_code == 401 and response.headers.get(PROBE_HEADER) == sign_probe(path, nonce)


def _get_origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _describe_error(error: httpx.HTTPError) -> str:
    reason = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in reason:
        return f"its certificate is not trusted ({extract_verify_error(reason)}); Microsoft will not trust it either."
    if isinstance(error, httpx.TimeoutException):
        return "it does not answer; check whether the tunnel is running and a firewall allows the request."
    if "Errno -2" in reason or "Errno -3" in reason or "getaddrinfo" in reason or "nodename" in reason:
        return "the name cannot be resolved; check the address, or wait until a new name has spread."
    return f"it cannot be reached ({reason or type(error).__name__}); check whether the tunnel is running."


def _describe_response(origin: str, response: httpx.Response) -> str:
    status = response.status_code
    if status in (301, 302, 303, 307, 308, 401, 403):
        return f"{origin} requires a sign-in ({status}); allow anonymous requests: Microsoft has no account there."
    if status in (502, 503, 504):
        return f"{origin} answers, but reaches no listener ({status}); the tunnel leads to another port, or is down."
    if status in (405, 411, 413, 415):
        return f"{origin} does not accept a POST of JSON ({status}); change the proxy's rules."
    if status == 404:
        return f"{origin} does not know the path (404); configure it to lead to the listener and keep the path."
    return f"{origin} answers itself ({status}), perhaps with a warning page; choose another tunnel."


def _describe_certificate(response: httpx.Response) -> str:
    stream = response.extensions.get("network_stream")
    tls = stream.get_extra_info("ssl_object") if stream is not None else None
    expiry = (tls.getpeercert() or {}).get("notAfter") if tls is not None else None
    if expiry is None:
        return ""
    days = (ssl.cert_time_to_seconds(expiry) - time.time()) / 86400
    advice = " (renew it soon)" if days < RENEW_CERTIFICATE_DAYS else ""
    return f", its certificate expires in {days:.0f} days{advice}"
