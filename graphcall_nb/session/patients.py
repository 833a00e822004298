"""What the doctor examines: a session that runs, or one that does not come to run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

import anyio.to_thread

from ..auth import MsalAuth
from ..diagnosis import Door, SignedIn
from ..errors import SetupError
from ..settings import is_loopback
from ..tokens import roles_of
from ..tunnels import without_path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .assembly import Service


class _Listener(Protocol):
    @property
    def refused(self) -> Mapping[int, int]: ...


class LivePatient:
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
        f"{auth.authority} gave an access token for tenant {found.tenant_id}.", roles_of(token), found.skew_seconds
    )
