"""The target of a session's doctor. That of ``gc.doctor()`` is in ``session/doctor.py``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import anyio.to_thread

from .._urls import is_loopback, redact_path
from ..client.sign_in import MsalAuth
from ..diagnosis.callback import CallbackEndpoint
from ..diagnosis.checks import SignInResult
from ..errors import SetupError
from ..listener.tokens import read_roles
from .call_store import CallbackAddress
from .config import SessionConfig


class RefusedCounts(Protocol):
    """A listener that counts the requests it refused, by status."""

    @property
    def refused(self) -> Mapping[int, int]: ...


class DescribedJournal(Protocol):
    """A journal that checks itself."""

    def describe(self) -> str: ...


class SessionTarget:
    """A running session."""

    def __init__(
        self, config: SessionConfig, listener: RefusedCounts, address: CallbackAddress, journal: DescribedJournal
    ) -> None:
        self._config = config
        self._listener = listener
        self._address = address
        self._journal = journal

    async def settings(self) -> str:
        """Describe the source of the settings."""
        return self._config.description

    async def sign_in(self) -> SignInResult:
        """Request a new access token."""
        return await sign_in(self._config.auth)

    async def tunnel(self) -> str:
        """Describe the tunnel, or why none is needed."""
        tunnel = self._config.tunnel
        if self._config.remote_listener is not None:
            return "None is needed: the class has one listener for all."
        if tunnel is None:
            if is_loopback(self._config.graph_url):
                return "None is needed: the service is on this machine."
            raise SetupError("None was opened, so Microsoft cannot reach this machine; connect with tunnel='auto'.")
        status = tunnel.status
        if status.state != "open":
            raise SetupError(f"{tunnel.provider.name} is {status.state}: {status.reason}")
        return f"{tunnel.provider.name} is open at {redact_path(status.url or '')}."

    async def callback(self) -> CallbackEndpoint:
        """Return the addresses of the listener."""
        return CallbackEndpoint(
            local_url=self._address.local_uri,
            public_url=self._address.uri,
            count_unknown_paths=lambda: self._listener.refused.get(404, 0),
            verify=self._config.verify,
        )

    async def journal(self) -> str:
        """Check the journal, which may take time, and describe it."""
        return await anyio.to_thread.run_sync(self._journal.describe)


async def sign_in(auth: MsalAuth) -> SignInResult:
    """Request a new access token and return its content."""
    tenant = await auth.discover()
    token = await anyio.to_thread.run_sync(auth.renew)
    return SignInResult(
        f"{auth.authority} gave an access token for tenant {tenant.tenant_id}.", read_roles(token), tenant.skew_seconds
    )
