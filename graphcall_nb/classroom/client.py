"""``join_class``: a session of a student, whose service and listener are on the teacher's machine."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import urlsplit

import httpx

from ..client.sign_in import MsalAuth
from ..client.tls import make_connection_options
from ..errors import InvalidSetting, ServiceUnreachable
from ..graph.versions import DEFAULT, VersionName, get_version
from ..session.builder import open_session
from ..session.config import RemoteListenerConfig, SessionConfig
from ..session.remote_simulator import RemoteSimulator
from ..session.session import Session

CREDENTIALS_TIMEOUT_SECONDS = 10.0
"""Longer than a busy machine in the same network needs."""


def join_class(url: str, *, version: VersionName = DEFAULT) -> Session:
    """Join a class and return a session of your own.

    The simulated service and the listener are on the teacher's machine; calls and notifications belong to you alone.

    Parameters
    ----------
    url : str
        Your address, ``http://…/class/…``. Anyone with this URL can act as you; keep it private.
    version : str
        Version of the API: ``"v1.0"``, ``"beta"``, or ``"beta-2018"`` for the page *Create call* of 2018.

    Returns
    -------
    Session
        As :func:`graphcall_nb.simulate` returns it.

    Raises
    ------
    InvalidSetting
        When the address is not that of a student.
    ServiceUnreachable
        When the teacher's machine does not answer.

    Examples
    --------
    >>> import graphcall_nb as gc
    >>> gc.join_class("http://teacher:8710/class/your-secret")  # doctest: +SKIP
    <Session SIMULATED, beta-2018: 0 calls, 0 notifications, listening at http://127.0.0.1:8710/class/notifications/…>
    """
    api_version = get_version(version)
    student_url = _strip_address(url)
    credentials = _fetch_credentials(student_url)
    parts = urlsplit(student_url)
    graph_url = f"{parts.scheme}://{parts.netloc}{parts.path.partition('/class/')[0]}"

    options = make_connection_options(graph_url)

    async def open_service(stack: AsyncExitStack) -> SessionConfig:
        auth = MsalAuth(
            credentials["tenant_id"], credentials["client_id"], credentials["client_secret"], authority=graph_url
        )
        stack.callback(auth.close)
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=graph_url, auth=auth, **options))
        return SessionConfig(
            graph_url=graph_url,
            auth=auth,
            tenant_id=credentials["tenant_id"],
            client_id=credentials["client_id"],
            openid_url=f"{graph_url}/v1/.well-known/OpenIdConfiguration",
            remote_listener=RemoteListenerConfig(credentials["callback_uri"], f"{student_url}/notifications"),
            simulated=True,
            simulator=RemoteSimulator(http, "The class"),
            description=f"Student {credentials['student']} of the class at {parts.netloc}: no settings are needed.",
        )

    return open_session(open_service, version=api_version, journal=None)


def _fetch_credentials(student_url: str) -> Mapping[str, Any]:
    parts = urlsplit(student_url)
    if parts.scheme not in ("http", "https") or "/class/" not in parts.path:
        raise InvalidSetting(
            "url", "not an address of a class; copy the whole line, http://…/class/…, from your teacher's list."
        )
    try:
        response = httpx.get(student_url, timeout=CREDENTIALS_TIMEOUT_SECONDS, **make_connection_options(student_url))
        credentials: Mapping[str, Any] = response.json() if response.is_success else {}
    except httpx.HTTPError as error:
        raise ServiceUnreachable(
            f"{parts.netloc} does not answer ({type(error).__name__}); ask your teacher whether the class is open, and "
            "check that you are on the same network."
        ) from None
    except ValueError:
        credentials = {}
    if "client_id" not in credentials:
        raise InvalidSetting(
            "url",
            f"the class at {parts.netloc} does not know this address; copy the whole line from your teacher's list.",
        )
    return credentials


def send_result(student_url: str, exercise: str, solved: bool) -> None:
    """Report the result of an exercise to the class.

    Raises
    ------
    ServiceUnreachable
        When the teacher's machine does not accept it.
    """
    url = f"{student_url}/results"
    options = make_connection_options(student_url)
    try:
        response = httpx.post(
            url, json={"exercise": exercise, "solved": solved}, timeout=CREDENTIALS_TIMEOUT_SECONDS, **options
        )
    except httpx.HTTPError as error:
        raise ServiceUnreachable(f"The class does not answer ({type(error).__name__}).") from None
    if response.is_error:
        raise ServiceUnreachable(f"The class refused the result ({response.status_code}).")


def check_class_address(url: str) -> str:
    """Return the address of a student without blanks; raise if the class does not know it."""
    student_url = _strip_address(url)
    _fetch_credentials(student_url)
    return student_url


def _strip_address(url: object) -> str:
    return url.strip().rstrip("/") if isinstance(url, str) else ""
