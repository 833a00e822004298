"""Resolution of the names of callback hosts, for aiohttp. Imported late, since aiohttp takes a tenth of a second."""

from __future__ import annotations

import socket

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from .callbacks import CallbackPolicy, describe_remedy


class CallbackResolver(AbstractResolver):
    """Resolver that returns only addresses that a callback may have.

    The connection is made to the address that was checked, so a name that resolves differently a moment later leads
    nowhere else.

    Parameters
    ----------
    callbacks : CallbackPolicy
    resolver : AbstractResolver
        Resolves the names.
    """

    def __init__(self, callbacks: CallbackPolicy, resolver: AbstractResolver) -> None:
        self._callbacks = callbacks
        self._resolver = resolver

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the allowed addresses of a name. Raise ``OSError`` if it has none."""
        results = await self._resolver.resolve(host, port, family)
        if host != "localhost" and not self._callbacks.is_listed(host, port):
            return results  # the proxy of the environment: an unlisted name is refused before a connection
        allowed = [result for result in results if self._callbacks.allows_address(host, port, result["host"])]
        if not allowed:
            raise PermissionError(0, f"{host} is not allowed: {describe_remedy(host, port).rstrip('.')}")
        return allowed

    async def close(self) -> None:
        await self._resolver.close()


def make_resolver(callbacks: CallbackPolicy) -> CallbackResolver:
    """Return a resolver that asks the system; needs a running loop."""
    return CallbackResolver(callbacks, ThreadedResolver())
