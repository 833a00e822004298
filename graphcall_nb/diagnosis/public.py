"""Knocks at the listener's door from outside and names the hop where it goes wrong.

The knock carries no token, so it is refused like anybody's; see :mod:`graphcall_nb.listener.app` how the refusal
shows that it came from this very listener.
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

from ..errors import SetupError
from ..listener.app import HEADER, RedactFilter, echo
from ..settings.read import is_loopback

LIMITS = httpx.Timeout(10, connect=4)
SOON_DAYS = 7


@dataclass(frozen=True)
class Door:
    """Where a listener is reached.

    Attributes
    ----------
    local : on this machine, with the secret path
    public : from outside, with the secret path
    verify : whose certificates are believed
    unknown_paths : how many requests the listener has refused since its path was another
    """

    local: str
    public: str
    unknown_paths: Callable[[], int]
    verify: ssl.SSLContext | bool = True


async def knock(door: Door) -> str:
    """Post to the listener, first on this machine, then through its public address; returns what was found, in words.

    Raises
    ------
    SetupError
        Names the hop that failed, and the remedy.
    """
    path = urlsplit(door.local).path
    with RedactFilter(path), RedactFilter(urlsplit(door.public).path):
        await _at_home(door.local, path)
        if door.public == door.local:
            return f"The listener answers at {_host(door.local)}; nothing stands between it and the sender."
        return await _from_outside(door, path)


async def _at_home(url: str, path: str) -> None:
    hop = "Hop 1, the listener on this machine"
    nonce = secrets.token_hex(16)
    try:
        async with httpx.AsyncClient(timeout=LIMITS, trust_env=False) as client:
            response = await _post(client, url, nonce)
    except httpx.HTTPError as error:
        raise SetupError(f"{hop}: it does not answer ({type(error).__name__}); make a new session.") from None
    if not _is_ours(response, path, nonce):
        raise SetupError(f"{hop}: something else answers at its port ({response.status_code}); make a new session.")


async def _from_outside(door: Door, path: str) -> str:
    host, nonce, before = _host(door.public), secrets.token_hex(16), door.unknown_paths()
    started = time.perf_counter()
    try:
        async with httpx.AsyncClient(
            timeout=LIMITS, verify=door.verify, trust_env=not is_loopback(door.public)
        ) as client:
            response = await _post(client, door.public, nonce)
    except httpx.HTTPError as error:
        raise SetupError(f"Hop 2, from here to {host}: {_why(error)}") from None
    seconds = time.perf_counter() - started
    if _is_ours(response, path, nonce):
        return (
            f"{host} leads to the listener in {seconds * 1000:.0f} ms{_certificate(response)}; "
            "without a token it is refused (401), as it should be."
        )
    if response.status_code == 404 and await _counted(door, before):
        raise SetupError(
            f"Hop 3, from {host} to the listener: the path is changed on the way; have the proxy pass it on as it is."
        )
    raise SetupError(f"Hop 3, from {host} to the listener: {_said(host, response)}")


async def _counted(door: Door, before: int) -> bool:
    """Whether the listener saw another path; one in a process of its own says so a moment later."""
    for _ in range(10):
        if door.unknown_paths() > before:
            return True
        await asyncio.sleep(0.1)
    return False


async def _post(client: httpx.AsyncClient, url: str, nonce: str) -> httpx.Response:
    return await client.post(url, json={"value": []}, headers={HEADER: nonce})


def _is_ours(response: httpx.Response, path: str, nonce: str) -> bool:
    return response.status_code == 401 and response.headers.get(HEADER) == echo(path, nonce)


def _host(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _why(error: httpx.HTTPError) -> str:
    reason = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in reason:
        return f"its certificate is not believed ({_after(reason, 'failed: ')}); Microsoft will not believe it either."
    if isinstance(error, httpx.TimeoutException):
        return "it does not answer; see whether the tunnel runs and a firewall lets it through."
    if "Errno -2" in reason or "Errno -3" in reason or "getaddrinfo" in reason or "nodename" in reason:
        return "the name cannot be resolved; check the address, or wait until a new name is known everywhere."
    return f"it cannot be reached ({reason or type(error).__name__}); see whether the tunnel runs."


def _after(text: str, mark: str) -> str:
    return text.partition(mark)[2].partition(" (_ssl")[0] or text


def _said(host: str, response: httpx.Response) -> str:
    status = response.status_code
    if status in (301, 302, 303, 307, 308, 401, 403):
        return f"{host} wants a sign-in ({status}); let anonymous requests through: Microsoft has no account there."
    if status in (502, 503, 504):
        return f"{host} answers, but finds nobody behind it ({status}); the tunnel leads to another port, or is down."
    if status in (405, 411, 413, 415):
        return f"{host} does not let a POST of JSON through ({status}); change the proxy's rules."
    if status == 404:
        return f"{host} knows no such path (404); have it lead to the listener, with the path as it is."
    return f"{host} answers itself ({status}), perhaps with a page of warning; choose another tunnel."


def _certificate(response: httpx.Response) -> str:
    stream = response.extensions.get("network_stream")
    tls = stream.get_extra_info("ssl_object") if stream is not None else None
    end = (tls.getpeercert() or {}).get("notAfter") if tls is not None else None
    if end is None:
        return ""
    days = (ssl.cert_time_to_seconds(end) - time.time()) / 86400
    return f", its certificate ends in {days:.0f} days" + (" (renew it soon)" if days < SOON_DAYS else "")
