"""The simulator: all its parts put together."""

from __future__ import annotations

import asyncio
import hmac
import math
import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import groupby
from types import NoneType
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from .._arguments import as_list, require_choice, require_type
from .addresses import AddressMiddleware, parse_address
from .auth_routes import NOTIFICATION_OPENID_PATH, TOKEN_PATH, AuthRoutes
from .call_service import DEFAULT_CALLER, CallService, SimulatorOptions, make_incoming_body
from .callbacks import CallbackPolicy
from .calls import CallRegistry, SimulatedCall
from .control_routes import ControlRoutes
from .delivery import Delivery, DeliveryQueue, DeliveryResult, HttpPoster, NotificationSender, Post, Sleep
from .errors import GraphError, operation_not_found
from .faults import NotificationFaults, RequestFaults, check_faults
from .log_routes import LogRoutes
from .media import make_recording
from .message_log import DeliveryEntry, LoggedDelivery, MessageLog
from .odata import KeysInParentheses
from .random import SeededRandom
from .request_log import RequestLogMiddleware
from .responses import ErrorHandlers, RequestIdMiddleware
from .routes import RECORDINGS_PATH, CallRoutes, authenticate
from .scenario import Scenario
from .scenario_routes import ScenarioRoutes
from .scenario_values import make_identity
from .scenarios import ScenarioRegistry
from .states import TONES
from .tokens import (
    CAPTURED_TOKEN_SECONDS,
    NOTIFICATION_TOKEN_SECONDS,
    NotificationTokens,
    SigningKey,
    Tenant,
)
from .verification import make_expectation, verify
from .versions import DEFAULT_VERSION, make_versions
from .virtual_time import SEEDED_START, VirtualTime
from .virtual_time import create_task as start_task


class Simulator:
    """Graph's calling service with its own tenant, as an ASGI application.

    Parameters
    ----------
    scenario : str, Scenario or dict
        Behavior of the other side: a name of :data:`~graphcall_nb.simulator.SCENARIOS` or of ``scenarios``, or a
        :class:`~graphcall_nb.Scenario`.
    scenarios : iterable of Scenario
        Further scenarios, which rules and requests choose by name.
    rules : mapping or iterable of pairs
        Scenarios by target, for example ``{"+1425555*": "busy"}``; the first pattern that matches counts.
    faults : iterable of str
        Names of :data:`~graphcall_nb.simulator.FAULTS`; they combine.
    speed : float
        Factor by which simulated time is faster than real time.
    seed : int, optional
        Makes ids, etags and delays repeat, and the tenant's ids and secrets (never its keys).
    tenant_id, client_id, client_secret : str, optional
        Ids of the tenant and its application, and the application's secret; random by default.
    client_certificate : str
        PEM of a certificate that the application may sign in with besides its secret.
    roles : iterable of str, optional
        Permissions of the application; all for calling by default.
    extra_applications : int
        Number of further applications, for example one for each student; they do not see each other's calls.
    virtual_time : bool
        Whether time passes in :meth:`advance` alone, so that nothing waits.
    settle_seconds : float
        In virtual time, real seconds without a request after which a bot on a port has finished its reaction to a
        notification; 0 for a bot in this process, or one that reacts before it responds.
    post : callable, optional
        Posts notifications instead of the network: ``await post(url, headers, content)`` returns a
        :class:`~graphcall_nb.simulator.delivery.PostResponse` or raises ``OSError``.
    clock : callable
        Returns epoch seconds.
    sleep : callable
        Waits for a number of real seconds.
    make_key : callable
        Makes a signing key, which takes about 0.05 s.
    options : SimulatorOptions, optional
        Behavior that Microsoft has not published.
    callbacks : CallbackPolicy, optional
        Hosts that notifications may be sent to; this machine alone by default.
    callback_ca : path-like, optional
        PEM file of additional certificate authorities of the bots.
    address : str
        Address below which all URLs are announced, such as ``https://graph.test:8700``; by default the one that each
        client used.

    Attributes
    ----------
    app : ASGI application
    calls : CallRegistry
    callbacks : CallbackPolicy
    tenant : Tenant
    deliveries : DeliveryQueue
    log : MessageLog
        The last requests and attempts of deliveries.
    sender : NotificationSender
    clock : callable
        Returns epoch seconds in the time of the simulator.
    pause : callable
        Waits for a number of seconds as a client of the simulator; in virtual time, moves the clock instead.

    Raises
    ------
    ValueError
        For an unknown scenario or fault, a speed that is not above zero, or a speed in virtual time. The message lists
        the names.

    Examples
    --------
    >>> simulator = Simulator(scenario="busy", seed=1)
    >>> simulator.info("http://127.0.0.1:8710")["openid_url"]
    'http://127.0.0.1:8710/v1/.well-known/OpenIdConfiguration'
    """

    def __init__(
        self,
        *,
        scenario: str | Scenario | Mapping[str, Any] = "answered",
        scenarios: Iterable[Scenario] = (),
        rules: Mapping[str, str | Scenario] | Iterable[tuple[str, str | Scenario]] = (),
        faults: str | Iterable[str] = (),
        speed: float = 1.0,
        seed: int | None = None,
        tenant_id: str | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        client_certificate: str = "",
        roles: Iterable[str] | None = None,
        extra_applications: int = 0,
        virtual_time: bool = False,
        settle_seconds: float = 0.0,
        post: Post | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Sleep = asyncio.sleep,
        make_key: Callable[[], SigningKey] = SigningKey,
        options: SimulatorOptions | None = None,
        callbacks: CallbackPolicy | None = None,
        callback_ca: str | os.PathLike[str] | None = None,
        address: str = "",
    ) -> None:
        registry, fault_names = ScenarioRegistry(scenario, scenarios, rules), check_faults(faults)
        self._faults = fault_names
        _check_speed(speed, virtual_time)
        require_type("seed", seed, (int, NoneType), "a whole number, or None for another run each time")
        require_type(
            "options", options, (SimulatorOptions, NoneType), "a graphcall_nb.simulator.SimulatorOptions, or None"
        )
        random = self._random = SeededRandom(seed)
        # Tokens are checked by clocks of the bot, so they stay in real time.
        real_clock, create_task, pause = clock, start_task, sleep
        self._time: VirtualTime | None = None
        if virtual_time:
            start = clock() if seed is None else SEEDED_START
            self._time = VirtualTime(start, settle_seconds=settle_seconds)
            clock, sleep, create_task = self._time.clock, self._time.sleep, self._time.create_task
            pause = self._time.skip
        self.clock = clock
        self.pause = pause
        self._real_clock = real_clock
        self.tenant = Tenant(
            random,
            id=tenant_id,
            client_id=client_id,
            client_secret=client_secret,
            client_certificate=client_certificate,
            roles=roles,
            extra_applications=extra_applications,
            make_key=make_key,
        )
        self.log = MessageLog(clock, owner_id=self.tenant.bot.id, secrets=_get_secrets(self.tenant))
        self.calls = CallRegistry()
        chosen = options or SimulatorOptions()
        self._tokens = NotificationTokens(
            self.tenant.id,
            real_clock,
            make_key,
            rotation_clock=clock,
            issuer=chosen.issuer,
            seconds=_get_token_seconds(fault_names),
        )
        self.callbacks = callbacks or CallbackPolicy()
        poster = HttpPoster(callbacks=self.callbacks, ca_file=callback_ca)
        self.sender = NotificationSender(self._tokens.get_token, poster, post=post)
        self.deliveries = DeliveryQueue(self._send, sleep=sleep, create_task=create_task)
        self.notification_faults = NotificationFaults(
            self.deliveries, fault_names, self._tokens, random=random, sleep=sleep, create_task=create_task, speed=speed
        )
        self._request_faults = RequestFaults(fault_names, sleep=pause, speed=speed)
        self._versions = make_versions(chosen.form, terminating_and_hold=chosen.terminating_and_hold)
        self._service = CallService(
            self.calls,
            self.notification_faults,
            registry,
            random=random,
            clock=clock,
            sleep=sleep,
            create_task=create_task,
            speed=speed,
            options=options,
            is_legacy="legacy_first" in fault_names,
            tenant_id=self.tenant.id,
            callbacks=self.callbacks,
        )
        announced = parse_address(address) if address else ""
        logged = RequestLogMiddleware(KeysInParentheses(self._make_app(random, clock)), self.log)
        app = AddressMiddleware(RequestIdMiddleware(logged, random), announced)
        self.app: ASGIApp = self._time.watch(app) if self._time else app

    def _make_app(self, random: SeededRandom, clock: Callable[[], float]) -> Starlette:
        errors = ErrorHandlers(clock)
        handlers: dict[Any, Any] = {
            GraphError: errors.handle_graph_error,
            HTTPException: errors.handle_http_exception,
            Exception: errors.handle_exception,
        }
        routes: list[BaseRoute] = list(AuthRoutes(self.tenant, self._tokens, random, self._real_clock).make_routes())
        routes.append(Route(RECORDINGS_PATH + "/{recording}", self._get_recording))
        routes += ControlRoutes(
            self._authenticate, self.ring, self.press, self.hang_up, self.sent_states, self.advance, self.step
        ).make_routes()
        routes += LogRoutes(
            self._authenticate, self.log, self.read_requests, self.read_deliveries, self.verify, self.resend, self.reset
        ).make_routes()
        routes += ScenarioRoutes(self._authenticate, self).make_routes()
        for version in self._versions.values():
            routes += CallRoutes(
                version, self._service, self.tenant, clock, self._request_faults, token_clock=self._real_clock
            ).make_routes()
        app = Starlette(routes=routes, exception_handlers=handlers)
        app.router.redirect_slashes = False
        return app

    def _authenticate(self, request: Request) -> str:
        return authenticate(self.tenant, request.headers.get("authorization", ""), self._real_clock()).id

    async def _send(self, delivery: Delivery, token_fault: str) -> DeliveryResult:
        return await self._attempt(self.log.start_delivery(delivery, token_fault))

    async def _attempt(self, entry: DeliveryEntry) -> DeliveryResult:
        try:
            result = await self.sender.send(entry.delivery, entry.token_fault)
        finally:
            if self._time:
                self._time.note_activity()
        self.log.finish_delivery(entry, result)
        return result

    async def _get_recording(self, request: Request) -> Response:
        """Return a recording to a client with its own token or an access token of the tenant."""
        recording = request.path_params["recording"]
        token = self._service.recordings.get(recording)
        if token is None:
            raise operation_not_found(recording)
        authorization = request.headers.get("authorization", "")
        if not hmac.compare_digest(authorization.encode(), f"Bearer {token}".encode()):
            self._authenticate(request)
        return Response(make_recording(), media_type="audio/wav")

    def info(self, base_url: str) -> dict[str, str]:
        """Return the addresses and credentials for a client, when the simulator is served at ``base_url``.

        ``graph_url + "/v1.0/communications/calls"`` creates calls. ``authority`` is for MSAL, which insists on https;
        other clients use ``token_url``. ``openid_url`` leads to the keys of notifications. The application of
        ``client_id_without_consent`` gets tokens without roles.
        """
        base = base_url.rstrip("/")
        tenant = self.tenant
        return {
            "graph_url": base,
            "authority": f"{base}/{tenant.id}",
            "token_url": base + TOKEN_PATH.format(tenant=tenant.id),
            "tenant_id": tenant.id,
            "client_id": tenant.bot.id,
            "client_secret": tenant.bot.secret,
            "openid_url": base + NOTIFICATION_OPENID_PATH,
            "client_id_without_consent": tenant.without_consent.id,
            "client_secret_without_consent": tenant.without_consent.secret,
        }

    @property
    def answer_seconds(self) -> float | None:
        """Real seconds in which an incoming call must be answered; ``None`` in virtual time, which waits."""
        return None if self._time is not None else self._service.answer_seconds

    async def ring(
        self,
        callback_uri: str,
        *,
        version: str | None = None,
        caller: Mapping[str, Any] | str | None = None,
        modalities: Iterable[str] = ("audio",),
        meeting: Mapping[str, Any] | None = None,
        legacy: bool | None = None,
        application_id: str | None = None,
        policy_recording: bool = False,
        scenario: str | Scenario | Mapping[str, Any] | None = None,
    ) -> str:
        """Call the bot, which has 15 seconds (of simulated time) to answer, reject or redirect.

        Parameters
        ----------
        callback_uri : str
            Address for incoming calls, which a real bot registers.
        version : str, optional
            Shape of the notifications: ``"v1.0"``, ``"beta"`` or ``"beta-2018"``; by default that of the application's
            first request, or ``"v1.0"`` before it.
        caller : str or dict, optional
            A phone number, a name, or an identity set; some user by default.
        modalities : iterable of str
            Modalities that the caller offers.
        meeting : dict, optional
            ``chatInfo`` and ``meetingInfo`` of a group call that the bot is invited to.
        legacy : bool, optional
            Whether the first notification has the format from before Graph; the bot responds 204 to get it again in
            Graph's. By default only with the fault ``legacy_first``.
        application_id : str, optional
            Application that is called; the tenant's first one by default.
        policy_recording : bool
            Call the bot to record a call for a compliance policy, which it has five seconds to answer.
        scenario : str, Scenario or dict, optional
            Scenario of the call instead of the one that the rules or the service choose.

        Returns
        -------
        str
            The id of the call.

        Raises
        ------
        ValueError
            For an unknown version or an invalid callback URL.
        """
        require_type("caller", caller, (str, Mapping, NoneType), "a phone number, a name or an identity set")
        require_type("modalities", modalities, Iterable, "a list of what the caller offers, such as ['audio']")
        require_type("meeting", meeting, (Mapping, NoneType), "a dict with chatInfo and meetingInfo")
        bot = self.tenant.get_application(application_id or "") or self.tenant.bot
        name = version if version is not None else self._service.first_versions.get(bot.id, DEFAULT_VERSION)
        api_version = self._versions[require_choice("version", name, self._versions)]
        if problem := self._service.callbacks.find_problem(callback_uri, bot.id):
            raise ValueError(f"callback_uri {problem}")
        body = make_incoming_body(
            api_version,
            _make_caller(caller),
            {"application": {"displayName": bot.name, "id": bot.id}},
            as_list(modalities),
        ) | {name: value for name, value in (meeting or {}).items() if name in api_version.meeting_members}
        call, changes = self._service.receive_incoming(
            api_version,
            bot,
            callback_uri,
            body,
            is_recording=policy_recording,
            scenario=None if scenario is None else self._service.scenarios.resolve(scenario, bot.id),
        )
        self._service.notify_incoming(call, changes, is_legacy=self._service.is_legacy if legacy is None else legacy)
        return call.id

    async def press(self, call_id: str, *tones: str, application_id: str | None = None) -> None:
        """Press keys on the other side; the bot, which has subscribed to tones, is notified.

        Parameters
        ----------
        call_id : str
            Id of the call.
        *tones : str
            ``"tone0"`` to ``"tone9"``, ``"star"``, ``"pound"``.
        application_id : str, optional
            Application that must own the call.

        Raises
        ------
        ValueError
            For an unknown call or an unknown tone, and before the bot has subscribed to tones.
        """
        call = self._find_call(call_id, application_id)
        if not tones:
            raise ValueError(f"tones: give at least one; choose from: {', '.join(TONES)}.")
        pressed = [require_choice("tone", tone, TONES) for tone in tones]
        if call.state.has_ended:
            raise ValueError(f"Call {call.id} has ended; press keys while it is established.")
        has_stop_tones = any(each.stop_tones for each in call.media_queue)
        if not call.hears_tones and not has_stop_tones:
            raise ValueError(
                f"The bot is not subscribed to the tones of call {call.id}, so it would not be notified. Let it send "
                f"subscribeToTone first, in an established call (this one is {call.state.name}), then press."
            )
        for tone in pressed:
            self._service.press(call, tone)

    async def hang_up(self, call_id: str, *, application_id: str | None = None) -> None:
        """End a call on the other side.

        Parameters
        ----------
        call_id : str
            Id of the call.
        application_id : str, optional
            Application that must own the call.

        Raises
        ------
        ValueError
            For an unknown call.
        """
        self._service.callee_hangs_up(self._find_call(call_id, application_id))

    async def reset(self, *, application_id: str | None = None) -> None:
        """Remove the calls of all applications, or of one, without notifying their bots, as before the first request.

        Notifications that wait are dropped, and the log is deleted.
        """
        self.deliveries.drop(self._service.discard(application_id))
        self.log.clear_requests(application_id)
        self.log.clear_deliveries(application_id)

    async def read_requests(
        self, filters: Mapping[str, Any], *, application_id: str | None = None
    ) -> list[dict[str, Any]]:
        """Return the requests in the log.

        Parameters
        ----------
        filters : mapping
            Values by the name of a field of the log; an entry must have all of them.
        application_id : str, optional
            The application whose entries are returned; by default those of all.

        Raises
        ------
        ValueError
            For an unknown filter.
        """
        return [entry._asdict() for entry in self.log.requests(filters, application_id=application_id)]

    async def read_deliveries(
        self, filters: Mapping[str, Any], *, application_id: str | None = None
    ) -> list[dict[str, Any]]:
        """Return the attempts of deliveries in the log.

        Parameters
        ----------
        filters : mapping
            Values by the name of a field of the log; an entry must have all of them.
        application_id : str, optional
            The application whose entries are returned; by default those of all.

        Raises
        ------
        ValueError
            For an unknown filter.
        """
        return [entry._asdict() for entry in self.log.deliveries(filters, application_id=application_id)]

    async def verify(
        self,
        operation: str,
        *,
        call_id: str | None = None,
        body: Any = None,
        status: int | None = None,
        times: int | None = None,
        application_id: str | None = None,
    ) -> int:
        """Return how often a request was received, which the log shows; requests that were refused count.

        Parameters
        ----------
        operation : str
            ``"create"``, ``"get"``, ``"delete"``, ``"token"`` or an operation, such as ``"playPrompt"``.
        call_id : str, optional
            Only requests on this call.
        body : JSON value, optional
            A part of the body: an object may have further members; an array must have as many entries.
        status : int, optional
            Only requests that were responded to with this status.
        times : int, optional
            Expected number; at least one by default.
        application_id : str, optional
            Only requests of this application.

        Raises
        ------
        VerificationFailed
            For another number than expected. The message has the nearest request and its differences.
        ValueError
            For an unknown operation.
        """
        expected = make_expectation(operation, call_id=call_id, body=body, status=status, times=times)
        return verify(self.log, expected, application_id)

    async def resend(self, delivery_id: int, *, application_id: str | None = None) -> LoggedDelivery:
        """Send a notification once more, now, and return the attempt.

        Parameters
        ----------
        delivery_id : int
            The ``id`` of any of its attempts.
        application_id : str, optional
            Application that must own the call.

        Raises
        ------
        ValueError
            For an id that is not in the log.
        """
        require_type("delivery_id", delivery_id, int, "the id of a delivery in the log")
        delivery = replace(self.log.find_delivery(delivery_id, application_id), attempt=1)
        entry = self.log.start_delivery(delivery, "")
        await self._attempt(entry)
        return self.log.show_delivery(entry)

    async def advance(self, seconds: float) -> None:
        """Move virtual time; return when everything that was due is done and its notifications were delivered.

        Parameters
        ----------
        seconds : float
            Virtual seconds; 0 delivers what is due now.

        Raises
        ------
        ValueError
            In real time, and for a number that is negative, not finite or above a year.
        """
        await self._get_virtual_time().advance(seconds)

    async def step(self) -> bool:
        """Move virtual time to the next notification, and return when it was delivered.

        Returns
        -------
        bool
            False if no notification is due.

        Raises
        ------
        ValueError
            In real time.
        """
        before = self.log.delivery_count
        return await self._get_virtual_time().advance_until(lambda: self.log.delivery_count > before)

    @property
    def is_virtual(self) -> bool:
        """True if time passes in :meth:`advance` and :meth:`step` alone."""
        return self._time is not None

    def _get_virtual_time(self) -> VirtualTime:
        if self._time is None:
            raise ValueError(
                "Time passes by itself here. Start the simulator in virtual time: graphcall_nb.simulate("
                "virtual_time=True), or graphcall-nb simulate --virtual-time."
            )
        return self._time

    def continue_after(self, records: int) -> None:
        """Continue a seeded run in a journal that holds a number of records, with other ids than theirs."""
        self._random.continue_after(records)

    async def read_scenarios(self, *, application_id: str | None = None) -> dict[str, Scenario]:
        """Return the scenarios that an application can choose, by name."""
        return self._service.scenarios.list_scenarios(application_id or "")

    async def add_scenario(self, scenario: Scenario, *, application_id: str | None = None) -> str:
        """Keep a scenario for an application, or for all, and return the name to choose it by.

        Parameters
        ----------
        scenario : Scenario
            The scenario to keep.
        application_id : str, optional
            The application that may choose it; by default all of them.
        """
        return self._service.scenarios.add(scenario, application_id or "")

    async def set_scenario(
        self,
        scenario: str | Scenario | Mapping[str, Any],
        call_id: str | None = None,
        *,
        application_id: str | None = None,
    ) -> None:
        """Choose the scenario of one call, or of all calls from now on that no rule concerns.

        Parameters
        ----------
        scenario : str, Scenario or dict
            Name of a scenario, or a scenario.
        call_id : str, optional
            Id of the call; by default all calls from now on.
        application_id : str, optional
            The application that asks; by default the user of the simulator, who may do everything.

        Raises
        ------
        ValueError
            For an unknown or invalid scenario, and for a call that does not exist or has ended.
        GraphError
            For an application that may choose the scenario of its calls only.
        """
        if call_id is None:
            self._require_owner(application_id)
            self._service.scenarios.set_default(scenario)
            return
        resolved = self._service.scenarios.resolve(scenario, application_id or "")
        self._service.set_scenario(self._find_call(call_id, application_id), resolved)

    async def read_rules(self) -> dict[str, str]:
        """Return the name of the scenario of each rule, by pattern."""
        return {rule.pattern: rule.scenario.name for rule in self._service.scenarios.rules}

    async def set_rules(self, rules: Mapping[str, Any], *, application_id: str | None = None) -> None:
        """Replace the rules; the calls to come follow them.

        Parameters
        ----------
        rules : mapping
            Scenarios by pattern of the target.
        application_id : str, optional
            The application that asks; by default the user of the simulator, who may do everything.

        Raises
        ------
        ValueError
            For a rule that cannot match.
        """
        self._require_owner(application_id)
        self._service.scenarios.set_rules(rules)

    async def read_faults(self) -> list[str]:
        """Return the names of the present faults."""
        return sorted(self._faults)

    async def set_faults(self, faults: str | Iterable[str], *, application_id: str | None = None) -> None:
        """Replace the faults, from the next request and notification on; none clears them.

        Parameters
        ----------
        faults : str or iterable of str
            Names of faults.
        application_id : str, optional
            The application that asks; by default the user of the simulator, who may do everything.

        Raises
        ------
        ValueError
            For an unknown fault; the message lists the names.
        GraphError
            For an application other than the first of the tenant.
        """
        self._require_owner(application_id)
        names = self._faults = check_faults(faults)
        self.notification_faults.set_faults(names)
        self._request_faults.set_faults(names)
        self._tokens.set_life(_get_token_seconds(names))
        self._service.is_legacy = "legacy_first" in names

    def _require_owner(self, application_id: str | None) -> None:
        """Raise ``GraphError`` for an application that shares the simulator, such as that of a student."""
        if application_id not in (None, self.tenant.bot.id):
            raise GraphError(
                403,
                "Forbidden",
                "Scenario, rules and faults of the whole service belong to the first application of the tenant, such "
                "as a teacher's; choose the scenario of one call.",
            )

    async def sent_states(self, *, application_id: str | None = None) -> dict[str, list[str]]:
        """Return the states the simulator sent, including notifications that were lost.

        Of the calls of all applications, or of one.
        """
        # The beta of 2018 reports a failed transfer by another established.
        return {
            call.id: [state for state, _ in groupby(state for state, _ in call.sent_states)]
            for call in self.calls
            if application_id in (None, call.application_id)
        }

    def _find_call(self, call_id: str, application_id: str | None) -> SimulatedCall:
        call = self.calls.get(require_type("call_id", call_id, str, "the id of a call"))
        if call is None or application_id not in (None, call.application_id):
            raise ValueError(f"Call {call_id!r} does not exist here: its id is wrong, or it ended a while ago.")
        return call

    async def aclose(self) -> None:
        """Stop all calls, drop notifications that were not sent yet, and close connections."""
        await self._service.aclose()
        await self.notification_faults.aclose()
        await self.deliveries.aclose()
        await self.sender.aclose()


def _get_secrets(tenant: Tenant) -> list[str]:
    return [each.secret for each in (tenant.bot, tenant.without_consent, *tenant.extra_applications)]


def _get_token_seconds(faults: frozenset[str]) -> int:
    return CAPTURED_TOKEN_SECONDS if "token_short_lived" in faults else NOTIFICATION_TOKEN_SECONDS


def _check_speed(speed: float, virtual_time: bool) -> None:
    if not (isinstance(speed, int | float) and math.isfinite(speed) and speed > 0):
        raise ValueError(f"speed is {speed!r}; give a finite number above zero, 1 for real time.")
    if virtual_time and speed != 1:
        raise ValueError(f"speed is {speed!r}; leave it out in virtual time, which advance() moves.")


def _make_caller(caller: Mapping[str, Any] | str | None) -> Mapping[str, Any]:
    if not isinstance(caller, str):
        return caller or DEFAULT_CALLER
    return make_identity(caller)
