"""The simulator: all its parts put together."""

from __future__ import annotations

import asyncio
import hmac
import math
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from types import NoneType
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from .._arguments import as_list, require_choice, require_type
from .answers import Refuser, RequestIds
from .calling import RECORDINGS_PATH, Calling, authorized
from .control import Control
from .courier import Courier
from .dice import Dice
from .exchange import ADELE, Exchange, Manner, incoming_body
from .faults import chosen
from .fleet import MIX, Fleet
from .keys import SigningKey
from .media import recorded_tone
from .mischief import TroubledDesk, TroubledPost
from .operations import TONES
from .outbox import Outbox, Sleep
from .refusals import GraphFault, no_such_operation
from .scenarios import scenario_named
from .sign_in import CALLBACK_OPENID_PATH, TOKEN_PATH, SignIn
from .stamps import CallbackTokens
from .store import Calls, PlacedCall
from .surfaces import SURFACES, surface_named
from .switchboard import Event
from .tenant import AUTHORITY_HOST, Tenant
from .validation import is_callback


class Simulator:
    """Graph's calling service with a tenant of its own, as an ASGI application.

    Parameters
    ----------
    scenario : what becomes of calls, one of :data:`~graphcall_nb.simulator.scenarios.SCENARIOS`
    faults : what goes wrong on the way, each one of :data:`~graphcall_nb.simulator.faults.FAULTS`; they combine
    speed : how many times faster than life
    seed : makes ids, etags and delays repeat, and the tenant's ids and secrets as well (never its keys)
    tenant_id, client_id, client_secret : those of the tenant and its application; drawn where they are ``None``
    client_certificate : PEM of a certificate that the application may sign in with besides its secret
    roles : permissions of the application; all of calling where it is ``None``
    others : how many applications the tenant has besides, as for a class; they see nothing of one another's calls
    transport : what notifications are sent through, in place of the network
    clock : epoch seconds
    sleep : waits for so many real seconds
    new_key : makes a key that signs; the making costs about 0.1 s
    manner : what nobody has published and you may want otherwise (:class:`~graphcall_nb.simulator.exchange.Manner`)

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
        others: int = 0,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Sleep = asyncio.sleep,
        new_key: Callable[[], SigningKey] = SigningKey,
        manner: Manner | None = None,
    ) -> None:
        story, trouble = scenario_named(scenario), chosen(faults)
        _check_speed(speed)
        require_type("seed", seed, (int, NoneType), "a whole number, or None for another run each time")
        require_type("manner", manner, (Manner, NoneType), "a graphcall_nb.simulator.exchange.Manner, or None")
        dice = Dice(seed)
        self._clock = clock
        self.tenant = Tenant(
            dice,
            id=tenant_id,
            client_id=client_id,
            client_secret=client_secret,
            client_certificate=client_certificate,
            roles=roles,
            others=others,
            new_key=new_key,
        )
        self.calls = Calls()
        self._tokens = CallbackTokens(self.tenant.id, clock, new_key)
        self._courier = Courier(self._tokens.token, transport=transport)
        self.outbox = Outbox(self._courier.deliver, sleep=sleep)
        self._post = TroubledPost(self.outbox, trouble, self._tokens, dice=dice, sleep=sleep, speed=speed)
        self._desk = TroubledDesk(trouble, sleep=sleep, speed=speed)
        self._exchange = Exchange(
            self.calls,
            self._post if trouble else self.outbox,
            story,
            dice=dice,
            clock=clock,
            sleep=sleep,
            speed=speed,
            manner=manner,
            legacy="legacy_first" in trouble,
        )
        self.app: ASGIApp = RequestIds(self._starlette(dice, clock), dice)

    def _starlette(self, dice: Dice, clock: Callable[[], float]) -> Starlette:
        refuser = Refuser(clock)
        handlers: dict[Any, Any] = {
            GraphFault: refuser.refused,
            HTTPException: refuser.starlette_refused,
            Exception: refuser.broken,
        }
        routes: list[BaseRoute] = list(SignIn(self.tenant, self._tokens, dice, clock).routes())
        routes.append(Route(RECORDINGS_PATH + "/{recording}", self._recording))
        routes += Control(self._admit, self._ring, self.press, self.hang_up, self.truth).routes()
        for surface in SURFACES:
            routes += Calling(surface, self._exchange, self.tenant, clock, self._desk).routes()
        app = Starlette(routes=routes, exception_handlers=handlers)
        app.router.redirect_slashes = False
        return app

    def _admit(self, request: Request) -> str:
        return authorized(self.tenant, request.headers.get("authorization", ""), self._clock()).id

    async def _ring(self, body: Mapping[str, Any], application_id: str) -> str:
        names = ("version", "caller", "modalities", "meeting", "legacy")
        given = {name: body[name] for name in names if body.get(name) is not None}
        return await self.ring(str(body.get("callbackUri") or ""), application_id=application_id, **given)

    async def _recording(self, request: Request) -> Response:
        """A recording, for who has the token that its operation was told with, or an access token of the tenant."""
        expected = self._exchange.recordings.get(request.path_params["recording"])
        if expected is None:
            raise no_such_operation(request.path_params["recording"])
        authorization = request.headers.get("authorization", "")
        if not hmac.compare_digest(authorization.encode(), f"Bearer {expected}".encode()):
            authorized(self.tenant, authorization, self._clock())
        return Response(recorded_tone(), media_type="audio/wav")

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

    def fleet(self, urls: Sequence[str], *, version: str, mix: Mapping[str, float] = MIX, seed: int = 1) -> Fleet:
        """Many calls of its application, whose lives are told to listeners at these addresses without any pauses."""
        bot = self.tenant.bot
        return Fleet(
            bot,
            lambda: self._tokens.token(bot.id),
            urls,
            version=version,
            mix=mix,
            seed=seed,
            clock=self._clock,
        )

    async def ring(
        self,
        callback_uri: str,
        *,
        version: str = "beta",
        caller: Mapping[str, Any] | str | None = None,
        modalities: Iterable[str] = ("audio",),
        meeting: Mapping[str, Any] | None = None,
        legacy: bool | None = None,
        application_id: str | None = None,
    ) -> str:
        """Let somebody call the bot; it has 15 seconds (of the simulator) to answer, reject or redirect.

        Parameters
        ----------
        callback_uri : where the bot is told of incoming calls, which a real bot registers
        version : whose shape the notifications have: ``"beta"``, ``"beta/communications"`` or ``"v1.0"``
        caller : who calls: a phone number, a name, or an identity set; some user where it is ``None``
        modalities : what the caller offers
        meeting : ``chatInfo`` and ``meetingInfo``, where the bot is invited to a group call
        legacy : whether the first notification has the format from before Graph, which the bot answers with 204 to
            get it again in Graph's; ``None`` where the fault ``legacy_first`` is on
        application_id : which application of the tenant is called; the first one where it is ``None``

        Returns
        -------
        str
            The id of the call.

        Raises
        ------
        ValueError
            For a version that there is none of, or an address that is no callback; the message says what to give.
        """
        require_type("caller", caller, (str, Mapping, NoneType), "a phone number, a name or an identity set")
        require_type("modalities", modalities, Iterable, "a list of what the caller offers, such as ['audio']")
        require_type("meeting", meeting, (Mapping, NoneType), "a dict with chatInfo and meetingInfo")
        surface = surface_named(version)
        if not is_callback(callback_uri):
            raise ValueError("callback_uri must be an absolute https address, or http on this machine itself.")
        bot = self.tenant.application(application_id or "") or self.tenant.bot
        body = incoming_body(
            surface,
            _caller(caller),
            {"application": {"displayName": bot.name, "id": bot.id}},
            as_list(modalities),
        ) | {name: value for name, value in (meeting or {}).items() if name in surface.meeting_members}
        placed, notices = self._exchange.arrive(surface, bot, callback_uri, body)
        self._exchange.announce(placed, notices, legacy=self._exchange.legacy if legacy is None else legacy)
        return placed.id

    async def press(self, call_id: str, *tones: str, application_id: str | None = None) -> None:
        """Let the other side press keys: ``"tone0"`` to ``"tone9"``, ``"star"``, ``"pound"``; heard where subscribed.

        Raises ``ValueError`` for a call that is not known (of an application, where one is given) or a key that there
        is none of.
        """
        placed = self._known(call_id, application_id)
        if not tones:
            raise ValueError(f"tones: give at least one; choose from: {', '.join(TONES)}.")
        for tone in [require_choice("tone", tone, TONES) for tone in tones]:
            if placed.subscribed:
                self._exchange.happen(placed, Event("tone", tone=tone))

    async def hang_up(self, call_id: str, *, application_id: str | None = None) -> None:
        """Let the other side end a call. Raises ``ValueError`` for a call that is not known."""
        self._exchange.other_hangs_up(self._known(call_id, application_id))

    async def truth(self, *, application_id: str | None = None) -> dict[str, list[str]]:
        """The states that a bot was told its calls to be in, whatever became of the telling.

        Of the calls of all applications, or of one.
        """
        # The beta of 2018 tells of a failed transfer by saying established once more.
        return {
            placed.id: [state for state, _ in groupby(state for state, _ in placed.told)]
            for placed in self.calls
            if application_id in (None, placed.application_id)
        }

    def _known(self, call_id: str, application_id: str | None) -> PlacedCall:
        placed = self.calls.get(require_type("call_id", call_id, str, "the id of a call"))
        if placed is None or application_id not in (None, placed.application_id):
            raise ValueError(f"There is no call {call_id!r} here: it never was, or it ended a while ago.")
        return placed

    async def aclose(self) -> None:
        """Stop the calls, drop what was not sent yet, close the sender."""
        await self._exchange.aclose()
        await self._post.aclose()
        await self.outbox.aclose()
        await self._courier.aclose()


def _check_speed(speed: float) -> None:
    if not (isinstance(speed, int | float) and math.isfinite(speed) and speed > 0):
        raise ValueError(f"speed is {speed!r}; give a finite number above zero, 1 for the pace of life.")


def _caller(given: Mapping[str, Any] | str | None) -> Mapping[str, Any]:
    if not isinstance(given, str):
        return given or ADELE
    if given.startswith("+"):
        return {"phone": {"id": given}}
    return {"user": {"displayName": given, "id": str(uuid.uuid5(uuid.NAMESPACE_DNS, given))}}
