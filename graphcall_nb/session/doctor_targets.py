"""Targets of the doctor: a running session, or settings only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

import anyio.to_thread

from ..auth.sign_in import MsalAuth
from ..diagnosis.examination import SignedIn
from ..diagnosis.public import Door
from ..errors import SetupError
from ..listener.tokens import read_roles
from ..settings.read import is_loopback
from ..tunnels.status import without_path

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

    async def sign_in(self) -> SignedIn:
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
        return f"{tunnel.provider.name} is open at {without_path(status.url or '')}."

    async def door(self) -> Door:
        tunnel = self._service.tunnel
        url = tunnel.status.url if tunnel is not None else None
        return Door(
            local=self._local_uri,
            public=self._local_uri if url is None else url + urlsplit(self._local_uri).path,
            unknown_paths=lambda: self._listener.refused.get(404, 0),
            verify=self._service.verify,
        )


async def sign_in(auth: MsalAuth) -> SignedIn:
    """Sign in anew, and see what comes of it."""
    found = await auth.discover()
    token = await anyio.to_thread.run_sync(auth.renew)
    return SignedIn(
        f"{auth.authority} gave an access token for tenant {found.tenant_id}.", read_roles(token), found.skew_seconds
    )
