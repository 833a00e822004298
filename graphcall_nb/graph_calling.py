"""The object of the pytest fixture ``graph_calling``: a simulator for the tests of a bot."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine, Iterable, Mapping
from functools import cache
from itertools import count
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import httpx

from .background import ASGIApp, Background, Server, serve
from .errors import VerificationFailed
from .graph.versions import PRODUCTION, VersionName
from .simulator.callbacks import CallbackPolicy
from .simulator.certificates import CertificateAuthority
from .simulator.delivery import HttpPoster, PostResponse
from .simulator.faults import FaultName
from .simulator.in_process import InProcessApp
from .simulator.message_log import LoggedDelivery, LoggedRequest
from .simulator.scenario import Scenario
from .simulator.scenarios import ScenarioName
from .simulator.simulator import Simulator
from .simulator.tokens import SigningKey

T = TypeVar("T")

IN_PROCESS_URL = "https://graph.localhost"
"""Address of a simulator without a port; a request that leaves the process by mistake reaches this machine only."""

SETTLE_SECONDS = 0.02
"""In virtual time, a bot on a port that sent no request for so long has finished its reaction."""

MAX_DESCRIBED_MESSAGES = 200

SETTINGS = (
    *(
        "scenario",
        "faults",
        "version",
        "tls",
        "port",
        "callback_uri",
        "allow_callback",
        "seed",
        "virtual_time",
        "speed",
    ),
)
"""Names of the arguments of the marker."""


class GraphCalling:
    """A simulator of Graph's calling service for the tests of a bot.

    Parameters
    ----------
    scenario : str, Scenario or dict
        Course of each call.
    faults : str or iterable of str
        Faults of the service.
    version : str
        Version of the API in which calls come in.
    tls : bool or path-like
        Serve https on a port; the path is the folder of the certificate authority.
    port : int, optional
        Serve on this port, 0 for a free one; without a port, the simulator is in this process only.
    callback_uri : str
        Address of the bot for incoming calls; :meth:`mount` sets it as well.
    allow_callback : str or iterable of str
        Hosts that notifications may be sent to besides this machine.
    seed : int or None
        Makes ids and delays repeat; ``None`` for other ones in each test.
    virtual_time : bool
        Let time pass in :meth:`advance` alone.
    speed : float
        Factor by which simulated time is faster than real time, if the time is not virtual.

    Attributes
    ----------
    graph_url : str
        Address of Graph; ``graph_url + "/v1.0"`` is the base URL of SDKs.
    authority, token_url, openid_url : str
        Addresses for sign-in, and of the keys of notifications.
    credentials : dict
        ``tenant_id``, ``client_id`` and ``client_secret`` of the bot.
    ca_file : str
        PEM file of the certificate authority, with ``tls``.
    transport : SimulatorTransport
        Transport for the bot's httpx client, synchronous or not: every request goes to the simulator, without a port.
    callback_uri : str
        Address of the bot for incoming calls.
    simulator : Simulator
        The simulator; its coroutines run on a loop of their own.

    Examples
    --------
    >>> with GraphCalling(scenario="busy") as graph_calling:
    ...     graph_calling.graph_url
    'https://graph.localhost'
    """

    def __init__(
        self,
        *,
        scenario: ScenarioName | Scenario | Mapping[str, Any] = "answered",
        faults: FaultName | Iterable[FaultName] = (),
        version: VersionName = PRODUCTION,
        tls: bool | str | os.PathLike[str] = False,
        port: int | None = None,
        callback_uri: str = "",
        allow_callback: str | Iterable[str] = (),
        seed: int | None = 1,
        virtual_time: bool = True,
        speed: float = 1.0,
    ) -> None:
        numbers = count()
        is_served = port is not None or bool(tls)
        policy = CallbackPolicy(allow_callback)
        self._poster = HttpPoster(callbacks=policy)
        self.simulator = Simulator(
            scenario=scenario,
            faults=faults,
            seed=seed,
            speed=speed,
            virtual_time=virtual_time,
            settle_seconds=SETTLE_SECONDS if is_served else 0.0,
            post=self._post,
            callbacks=policy,
            make_key=lambda: _get_key(next(numbers)),
        )
        self.version = version
        self.callback_uri = callback_uri
        self._is_virtual = virtual_time
        self._apps: dict[tuple[str, str | None, int | None], InProcessApp] = {}
        self._background = Background("graph_calling")
        self._background.start()
        self._app = InProcessApp(self.simulator.app)
        self._server: Server | None = None
        self.ca_file = ""
        try:
            url = self._serve(port or 0, tls) if is_served else IN_PROCESS_URL
        except BaseException:
            self._background.stop()
            raise
        info = self.simulator.info(url)
        self.graph_url, self.authority = info["graph_url"], info["authority"]
        self.token_url, self.openid_url = info["token_url"], info["openid_url"]
        self.credentials = {name: info[name] for name in ("tenant_id", "client_id", "client_secret")}
        self.transport = SimulatorTransport(self._app, self._background)

    def _serve(self, port: int, tls: bool | str | os.PathLike[str]) -> str:
        context, scheme = None, "http"
        if tls:
            authority = CertificateAuthority(None if tls is True else tls)
            context, scheme, self.ca_file = authority.make_server_context(), "https", str(authority.ca_file)
        server = self._background.run(serve(self.simulator.app, port=port, ssl_context=context))
        self._server = server
        return f"{scheme}://127.0.0.1:{server.port}"

    # ---- the bot

    def mount(self, app: ASGIApp, callback_uri: str = "http://localhost:3978/api/calls") -> None:
        """Send notifications for an address to an ASGI application in this process, after its startup.

        Parameters
        ----------
        app : ASGI application
            For example of FastAPI or Starlette. Its httpx client has the transport of this object.
        callback_uri : str
            Address for incoming calls; all notifications for its host and port go to the application.
        """
        key = _get_origin(callback_uri)
        if problem := self.simulator.callbacks.find_problem(callback_uri):
            raise ValueError(f"callback_uri {problem}")
        mounted = self.run(_open(app))
        self._apps[key] = mounted
        self.callback_uri = callback_uri

    async def _post(self, url: str, headers: Mapping[str, str], content: bytes) -> PostResponse:
        app = self._apps.get(_get_origin(url))
        if app is None:
            return await self._poster.post(url, headers, content)
        names = [(name.encode(), value.encode()) for name, value in headers.items()]
        names.append((b"content-length", b"%d" % len(content)))
        response = await app.call("POST", url, names, content)
        location = dict(response.headers).get(b"location", b"")
        return PostResponse(response.status, location.decode("latin-1"))

    # ---- the other side of calls

    def ring(self, caller: Mapping[str, Any] | str | None = None, **options: Any) -> str:
        """Call the bot and return the id of the call; in virtual time, the bot has been notified then.

        Parameters
        ----------
        caller : str or dict, optional
            A phone number, a name, or an identity set; some user by default.
        **options
            ``callback_uri``, ``version`` and others of :meth:`graphcall_nb.simulator.Simulator.ring`.
        """
        callback_uri = options.pop("callback_uri", "") or self.callback_uri
        if not callback_uri:
            raise ValueError("callback_uri is missing: mount the bot, or give the bot's address for incoming calls.")
        options.setdefault("version", self.version)
        return self._act(self.simulator.ring(callback_uri, caller=caller, **options))

    def press(self, call_id: str, *tones: str) -> None:
        """Press keys on the other side (``"tone0"`` to ``"tone9"``, ``"star"``, ``"pound"``)."""
        self._act(self.simulator.press(call_id, *tones))

    def hang_up(self, call_id: str) -> None:
        """End a call on the other side."""
        self._act(self.simulator.hang_up(call_id))

    def advance(self, seconds: float) -> None:
        """Move virtual time; return when what was due is delivered and the bot has reacted."""
        self.run(self.simulator.advance(seconds))

    def _act(self, coroutine: Coroutine[Any, Any, T]) -> T:
        result = self.run(coroutine)
        if self._is_virtual:
            self.advance(0)
        return result

    # ---- the log

    def requests(self, operation: str | None = None, **filters: Any) -> list[LoggedRequest]:
        """Return the requests of the bot, the oldest first.

        Parameters
        ----------
        operation : str, optional
            ``"create"``, ``"get"``, ``"delete"``, ``"token"`` or an operation, such as ``"playPrompt"``.
        **filters
            ``call_id``, ``method``, ``path`` or ``status``.
        """
        wanted = {"operation": operation} | filters

        async def read() -> list[LoggedRequest]:
            return self.simulator.log.requests(wanted)

        return self.run(read())

    def deliveries(self, **filters: Any) -> list[LoggedDelivery]:
        """Return the attempts to notify the bot, the oldest first.

        Parameters
        ----------
        **filters
            ``call_id``, ``state``, ``url``, ``attempt`` or ``status``.
        """

        async def read() -> list[LoggedDelivery]:
            return self.simulator.log.deliveries(filters)

        return self.run(read())

    def verify(self, operation: str, **expected: Any) -> int:
        """Check that the bot sent a request, and return how often.

        Parameters
        ----------
        operation : str
            ``"create"``, ``"get"``, ``"delete"``, ``"token"`` or an operation, such as ``"playPrompt"``.
        **expected
            ``call_id``, ``body`` (a part of it), ``status`` and ``times`` of
            :meth:`graphcall_nb.simulator.Simulator.verify`.

        Raises
        ------
        VerificationFailed
            An ``AssertionError`` with the nearest request and its differences.
        """
        __tracebackhide__ = True
        try:
            return self.run(self.simulator.verify(operation, **expected))
        except VerificationFailed as error:
            failure = error.with_traceback(None)  # the report shows the line of the test instead
        raise failure

    def states(self, call_id: str) -> list[str]:
        """Return the states of a call that the service sent, notifications that were lost included."""
        return self.run(self.simulator.sent_states()).get(call_id, [])

    def describe_messages(self) -> str:
        """Return the last messages in both directions as text, one line each."""

        async def describe() -> str:
            return self.simulator.log.describe(MAX_DESCRIBED_MESSAGES)

        return self.run(describe()) or "No message was sent or received."

    # ---- resources

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the loop of the simulator and the mounted bots, and return its result."""
        __tracebackhide__ = True
        return self._background.run(coroutine)

    def close(self) -> None:
        """Stop the simulator and shut the mounted applications down."""
        try:
            self.run(self._aclose())
        finally:
            self._background.stop()

    async def _aclose(self) -> None:
        for app in self._apps.values():
            await app.aclose()  # first, since a bot may end its calls in its shutdown
        if self._server is not None:
            await self._server.close()
        await self.simulator.aclose()
        await self._poster.aclose()
        await self._app.aclose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class SimulatorTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport of httpx whose requests go to a simulator in this process, to any address.

    Parameters
    ----------
    app : InProcessApp
    background : Background
        Runs the application.
    """

    def __init__(self, app: InProcessApp, background: Background) -> None:
        self._app = app
        self._background = background

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request of ``httpx.Client``, in any thread but that of the simulator."""
        return self._background.run(self._call(request, request.read()))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request of ``httpx.AsyncClient``, on any loop."""
        calling = self._call(request, await request.aread())
        return await asyncio.wrap_future(self._background.submit(calling))

    async def _call(self, request: httpx.Request, content: bytes) -> httpx.Response:
        try:
            response = await self._app.call(request.method, str(request.url), request.headers.raw, content)
        except ConnectionResetError as error:
            raise httpx.ReadError(str(error), request=request) from None
        return httpx.Response(response.status, headers=response.headers, content=response.body)


async def _open(app: ASGIApp) -> InProcessApp:
    opened = InProcessApp(app)
    await opened.open()
    return opened


def _get_origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


@cache
def _get_key(number: int) -> SigningKey:
    """Return a signing key, which is expensive to make; the tests of a run share the keys."""
    return SigningKey()
