"""The simulator: all its parts put together."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Iterable
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from .answers import Refuser, RequestIds
from .calling import Calling
from .courier import Courier
from .dice import Dice
from .exchange import Exchange
from .keys import SigningKey
from .outbox import Outbox, Sleep
from .refusals import GraphFault
from .scenarios import scenario_named
from .sign_in import CALLBACK_OPENID_PATH, TOKEN_PATH, SignIn
from .stamps import CallbackTokens
from .store import Calls
from .surfaces import SURFACES
from .tenant import AUTHORITY_HOST, Tenant

FAULTS: tuple[str, ...] = ()
"""What can be made to go wrong, by name."""


class Simulator:
    """Graph's calling service with a tenant of its own, as an ASGI application.

    Parameters
    ----------
    scenario : what becomes of calls, one of :data:`~graphcall_nb.simulator.SCENARIOS`
    faults : what goes wrong on the way, each one of :data:`~graphcall_nb.simulator.FAULTS`
    speed : how many times faster than life
    seed : makes ids, etags and delays repeat, and the tenant's ids and secrets as well (never its keys)
    tenant_id, client_id, client_secret : those of the tenant and its application; drawn where they are ``None``
    client_certificate : PEM of a certificate that the application may sign in with besides its secret
    roles : permissions of the application; all of calling where it is ``None``
    transport : what notifications are sent through, in place of the network
    clock : epoch seconds
    sleep : waits for so many real seconds
    new_key : makes a key that signs; the making costs about 0.1 s

    Attributes
    ----------
    app : the ASGI application
    calls : the calls it knows (:class:`~graphcall_nb.simulator.store.Calls`)
    tenant : the tenant (:class:`~graphcall_nb.simulator.tenant.Tenant`)
    outbox : what it sends (:class:`~graphcall_nb.simulator.outbox.Outbox`)

    Raises
    ------
    ValueError
        For an unknown scenario or fault, or a speed that is not above zero; the message lists what there is.

    Examples
    --------
    >>> simulator = Simulator(scenario="busy", seed=1)
    >>> simulator.info("http://127.0.0.1:8710")["openid_url"]
    'http://127.0.0.1:8710/v1/.well-known/OpenIdConfiguration'
    """

    def __init__(
        self,
        *,
        scenario: str = "answered",
        faults: Iterable[str] = (),
        speed: float = 1.0,
        seed: int | None = None,
        tenant_id: str | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        client_certificate: str = "",
        roles: Iterable[str] | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Sleep = asyncio.sleep,
        new_key: Callable[[], SigningKey] = SigningKey,
    ) -> None:
        chosen = scenario_named(scenario)
        _check_faults(faults)
        _check_speed(speed)
        dice = Dice(seed)
        self.tenant = Tenant(
            dice,
            id=tenant_id,
            client_id=client_id,
            client_secret=client_secret,
            client_certificate=client_certificate,
            roles=roles,
            new_key=new_key,
        )
        self.calls = Calls()
        self._tokens = CallbackTokens(self.tenant.id, clock, new_key)
        self._courier = Courier(self._tokens.token, transport=transport)
        self.outbox = Outbox(self._courier.deliver, sleep=sleep)
        self._exchange = Exchange(self.calls, self.outbox, chosen, dice=dice, clock=clock, sleep=sleep, speed=speed)
        self.app: ASGIApp = RequestIds(self._starlette(dice, clock), dice)

    def _starlette(self, dice: Dice, clock: Callable[[], float]) -> Starlette:
        refuser = Refuser(clock)
        handlers: dict[Any, Any] = {
            GraphFault: refuser.refused,
            HTTPException: refuser.starlette_refused,
            Exception: refuser.broken,
        }
        routes: list[BaseRoute] = list(SignIn(self.tenant, self._tokens, dice, clock).routes())
        for surface in SURFACES:
            routes += Calling(surface, self._exchange, self.tenant, clock).routes()
        app = Starlette(routes=routes, exception_handlers=handlers)
        app.router.redirect_slashes = False
        return app

    def info(self, base_url: str) -> dict[str, str]:
        """What a client needs, when this is served at ``base_url``; ``graph_url + "/beta/app/calls"`` creates calls.

        ``authority`` is the https address that MSAL insists on; who cannot send what is meant for its host to
        ``base_url`` asks ``token_url``. ``openid_url`` leads to the keys of notifications. The application of
        ``client_id_without_consent`` gets tokens that hold no role.
        """
        base = base_url.rstrip("/")
        tenant = self.tenant
        return {
            "graph_url": base,
            "authority": f"{AUTHORITY_HOST}/{tenant.id}",
            "token_url": base + TOKEN_PATH.format(tenant=tenant.id),
            "tenant_id": tenant.id,
            "client_id": tenant.bot.id,
            "client_secret": tenant.bot.secret,
            "openid_url": base + CALLBACK_OPENID_PATH,
            "client_id_without_consent": tenant.without_consent.id,
            "client_secret_without_consent": tenant.without_consent.secret,
        }

    async def aclose(self) -> None:
        """Stop the calls, drop what was not sent yet, close the sender."""
        await self._exchange.aclose()
        await self.outbox.aclose()
        await self._courier.aclose()


def _check_faults(faults: Iterable[str]) -> None:
    unknown = [name for name in faults if name not in FAULTS]
    if unknown:
        known = ", ".join(FAULTS) or "none yet"
        raise ValueError(f"There is no fault {unknown[0]!r}. Known faults: {known}.")


def _check_speed(speed: float) -> None:
    if not (math.isfinite(speed) and speed > 0):
        raise ValueError(f"speed is {speed}; give a number above zero, 1 for the pace of life.")
