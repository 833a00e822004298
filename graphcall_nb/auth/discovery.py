"""The first question to Entra: is there such a tenant, and can it be reached at all?

MSAL asks the same, but a network that drops packets keeps it for half a minute, and of a tenant that does not exist
it says less than Entra does.
"""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import httpx

from ..errors import ServiceUnreachable, SignInFailed
from ..settings.read import is_loopback
from .entra import failure
from .network import why_unreachable

CONNECT_SECONDS = 1.5
"""How long a connection may take: one packet may be lost, and that nobody is there is still said soon."""

ANSWER_SECONDS = 10.0


@dataclass(frozen=True)
class Discovery:
    """What Entra says of a tenant.

    Attributes
    ----------
    tenant_id : the tenant's GUID, also where it was named by a domain
    skew_seconds : how far this machine's clock is ahead of Entra's; ``None`` when it did not say
    seconds : how long the answer took
    """

    tenant_id: str
    skew_seconds: float | None
    seconds: float


async def discover(
    authority: str,
    tenant_id: str,
    *,
    verify: ssl.SSLContext | bool = True,
    clock: Callable[[], float] = time.time,
) -> Discovery:
    """Ask Entra for a tenant.

    Parameters
    ----------
    authority : where applications sign in
    tenant_id : the tenant's GUID, or a domain of it
    verify : whose certificates are believed
    clock : seconds since 1970

    Raises
    ------
    ServiceUnreachable
        When Entra could not be asked; says so within two seconds where there is no network.
    SignInFailed
        When there is no such tenant.
    """
    url = f"{authority}/{tenant_id}/v2.0/.well-known/openid-configuration"
    started = time.perf_counter()
    try:
        limits = httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)
        async with httpx.AsyncClient(verify=verify, timeout=limits, trust_env=not is_loopback(authority)) as client:
            response = await client.get(url)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ServiceUnreachable(why_unreachable(authority, error)) from None
    seconds = time.perf_counter() - started
    document = _json(response)
    if not response.is_success:
        raise failure(document) if "error" in document else _no_entra(authority, f"status {response.status_code}")
    if "issuer" not in document:
        raise _no_entra(authority, "no OpenID document")
    guid = re.search(r"[0-9a-fA-F-]{36}", str(document["issuer"]))
    return Discovery(guid.group() if guid else tenant_id, _skew(response, clock() - seconds / 2), seconds)


def _no_entra(authority: str, answer: str) -> SignInFailed:
    return SignInFailed(
        f"{authority} does not answer like Microsoft Entra ({answer}).",
        remedy="Check the authority, and whether a proxy or a hotel's login page stands between.",
    )


def _json(response: httpx.Response) -> dict[str, object]:
    try:
        document = response.json()
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _skew(response: httpx.Response, now: float) -> float | None:
    try:
        # The header counts whole seconds: its moment was half a second later on average.
        return now - parsedate_to_datetime(response.headers["date"]).timestamp() - 0.5
    except (KeyError, TypeError, ValueError):
        return None
