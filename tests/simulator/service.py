"""A simulator on a port, a receiver of its notifications, and a client with a token."""

import asyncio
import json
import ssl
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cache
from itertools import count
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from graphcall_nb.background import Server, serve
from graphcall_nb.simulator import Simulator
from graphcall_nb.simulator.tokens import SigningKey

SAMPLES = Path(__file__).parent.parent / "samples" / "beta"
DOCUMENTED = (
    "peer_to_peer",
    "peer_to_peer_app_hosted",
    "pstn",
    "simultaneous_ring",
    "group_call",
    "meet_now",
    "join_private_meeting",
    "join_channel_meeting",
)
PATIENCE = 10.0
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # spares each test 20 ms of loading certificates


def sample(name: str) -> dict:
    return json.loads((SAMPLES / f"{name}.json").read_text())


class Receiver:
    """A callback that accepts all notifications, or responds with ``statuses`` and ``answers`` first."""

    def __init__(self):
        self.requests: list[tuple[dict, dict]] = []
        self.statuses: list[int] = []
        self.answers: list[tuple[int, dict[str, str]]] = []
        self._received = asyncio.Condition()
        self.app = Starlette(routes=[Route("/callback", self._receive, methods=["POST"])])
        self.url = ""

    async def _receive(self, request: Request) -> Response:
        async with self._received:
            self.requests.append((dict(request.headers), json.loads(await request.body())))
            self._received.notify_all()
        status, headers = self.answers.pop(0) if self.answers else (202, {})
        return Response(status_code=self.statuses.pop(0) if self.statuses else status, headers=headers)

    async def wait_until(self, condition):
        async with asyncio.timeout(PATIENCE), self._received:
            await self._received.wait_for(condition)

    @property
    def bodies(self) -> list[dict]:
        return [body for _, body in self.requests]

    @property
    def items(self) -> list[dict]:
        return [item for body in self.bodies for item in body.get("value", ())]

    @property
    def states(self) -> list[str]:
        """States of calls in the order of their notifications."""
        data = [item["resourceData"] for item in self.items]
        return [each["state"] for each in data if isinstance(each, dict) and "state" in each]

    async def wait_for_state(self, state: str) -> list[str]:
        await self.wait_until(lambda: state in self.states)
        return self.states[: self.states.index(state) + 1]


class Service:
    """A simulator with a client (``graph``) that sends the bot's token, and a receiver."""

    def __init__(self, simulator: Simulator, url: str, graph: httpx.AsyncClient, receiver: Receiver):
        self.simulator = simulator
        self.info = simulator.info(url)
        self.graph = graph
        self.receiver = receiver

    async def token(self, **changed) -> httpx.Response:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.info["client_id"],
            "client_secret": self.info["client_secret"],
            "scope": "https://graph.microsoft.com/.default",
        } | changed
        return await self.graph.post(
            self.info["token_url"], data={name: value for name, value in form.items() if value is not None}, auth=None
        )

    def call(self, name: str = "peer_to_peer", **changed) -> dict:
        """Return a documented body with the receiver's URL; ``None`` removes a member."""
        body = sample(f"{name}.request") | {"callbackUri": self.receiver.url} | changed
        return {member: value for member, value in body.items() if value is not None}

    async def create(self, name: str = "peer_to_peer", **changed) -> httpx.Response:
        return await self.graph.post("/beta/app/calls", json=self.call(name, **changed))


class Port:
    """A server of ``app`` that stays up between tests, since closing a server takes time."""

    def __init__(self):
        self.app = None
        self.url = ""

    async def __call__(self, scope, receive, send):
        await self.app(scope, receive, send)


class Ports:
    """A pool of servers."""

    def __init__(self):
        self._idle: list[Port] = []
        self._servers: list[Server] = []

    @asynccontextmanager
    async def serving(self, app):
        port = self._idle.pop() if self._idle else await self._another()
        port.app = app
        yield port.url
        self._idle.append(port)

    async def _another(self) -> Port:
        port = Port()
        server = await serve(port)
        self._servers.append(server)
        port.url = server.url
        return port

    async def aclose(self):
        await asyncio.gather(*(server.close() for server in self._servers))


@cache
def shared_key(number: int) -> SigningKey:
    return SigningKey()


async def start(stack: AsyncExitStack, ports: Ports, **settings) -> Service:
    """Start a simulator at speed 100 with a client that has a token."""
    numbers = count()
    simulator = Simulator(**({"speed": 100, "make_key": lambda: shared_key(next(numbers))} | settings))
    url = await stack.enter_async_context(ports.serving(simulator.app))
    stack.push_async_callback(simulator.aclose)
    receiver = Receiver()
    receiver.url = await stack.enter_async_context(ports.serving(receiver.app)) + "/callback"
    graph = await stack.enter_async_context(httpx.AsyncClient(base_url=url, verify=NO_TLS))
    service = Service(simulator, url, graph, receiver)
    answer = await service.token()
    graph.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    return service
