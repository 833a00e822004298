"""Targets of the doctor: a running session, or settings only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

import anyio.to_thread

from .._urls import is_loopback, redact_path
from ..client.sign_in import MsalAuth
from ..diagnosis.callback import CallbackEndpoint
from ..diagnosis.checks import SignInResult
from ..errors import SetupError
from ..listener.tokens import read_roles

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .builder import Service


class _Listener(Protocol):
    @property
    def refused(self) -> Mapping[int, int]: ...


class SessionTarget:
    """A session, with all its parts open."""

    def __init__(self, service: Service, listener: _Listener, local_uri: str) -> None:
        self._service = service
        self._listener = listener
        self._local_uri = local_uri

    async def settings(self) -> str:
        return self._service.about

    async def sign_in(self) -> SignInResult:
        return await sign_in(self._service.auth)

    async def tunnel(self) -> str:
        tunnel = self._service.tunnel
        if self._service.mailbox is not None:
            return "None is needed: the class has a listener for all."
        if tunnel is None:
            if is_loopback(self._service.graph_url):
                return "None is needed: the service is on this machine."
            raise SetupError("None was opened, so Microsoft cannot reach this machine; connect with tunnel='auto'.")
        status = tunnel.status
        if status.state != "open":
            raise SetupError(f"{tunnel.provider.name} is {status.state}: {status.reason}")
        return f"{tunnel.provider.name} is open at {redact_path(status.url or '')}."

    async def callback(self) -> CallbackEndpoint:
        tunnel = self._service.tunnel
        url = tunnel.status.url if tunnel is not None else None
        return CallbackEndpoint(
            local_url=self._local_uri,
            public_url=self._local_uri if url is None else url + urlsplit(self._local_uri).path,
            count_unknown_paths=lambda: self._listener.refused.get(404, 0),
            verify=self._service.verify,
        )


async def sign_in(auth: MsalAuth) -> SignInResult:
    """Sign in anew, and see what comes of it."""
    found = await auth.discover()
    token = await anyio.to_thread.run_sync(auth.renew)
    return SignInResult(
        f"{auth.authority} gave an access token for tenant {found.tenant_id}.", read_roles(token), found.skew_seconds
    )
