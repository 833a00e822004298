"""The calling service over HTTP: create, get and delete a call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .answers import Json
from .bodies import call_body
from .exchange import Exchange
from .reading import read_object
from .refusals import bad_request, forbidden, no_such_call, unauthorized
from .surfaces import Kind, Surface
from .tenant import ROLES, Application, Tenant, TokenFault
from .validation import is_app_hosted, problems_of

NEEDED: Mapping[Kind, tuple[str, ...]] = {
    "peer": ("Calls.Initiate.All",),
    "group": ("Calls.InitiateGroupCall.All",),
    "meeting": ("Calls.JoinGroupCall.All", "Calls.JoinGroupCallAsGuest.All"),
}
"""The permissions of which one is needed to create each kind of call."""


class Calling:
    """The routes of one surface."""

    def __init__(self, surface: Surface, exchange: Exchange, tenant: Tenant, clock: Callable[[], float]) -> None:
        self._surface = surface
        self._exchange = exchange
        self._tenant = tenant
        self._clock = clock

    def routes(self) -> Iterable[Route]:
        for path in self._surface.collections:
            yield Route(path, self.create, methods=["POST"])
            # One route of both methods: with a route each, Starlette would name only the first one's in a 405.
            yield Route(path + "/{call_id}", self.one, methods=["GET", "DELETE"])

    async def create(self, request: Request) -> Response:
        application = self._caller(request)
        body = await read_object(request)
        if problems := problems_of(body, self._surface.rules):
            raise bad_request(problems)
        _demand(application, NEEDED[self._surface.kind_of(body)])
        if is_app_hosted(body):
            _demand(application, ("Calls.AccessMedia.All",))
        placed, notices = self._exchange.place(self._surface, application, body)

        async def start() -> None:
            self._exchange.start(placed, notices)

        # A background task of Starlette begins when the answer has been sent. It only starts the call, which then
        # runs by itself, so that no server (nor a transport that waits for the whole request) waits for it.
        location = f"{str(request.url).partition('?')[0]}/{placed.id}"
        return Json(
            call_body(placed, self._surface), 201, headers={"Location": location}, background=BackgroundTask(start)
        )

    async def one(self, request: Request) -> Response:
        application = self._caller(request)
        placed = self._exchange.calls.find(request.path_params["call_id"], application.id, self._clock())
        if request.method != "DELETE":
            return Json(call_body(placed, self._surface))
        if placed.line.ended:
            raise no_such_call(placed.id)
        notices = self._exchange.hang_up(placed)

        async def end() -> None:
            self._exchange.end(placed, notices)

        return Response(status_code=204, background=BackgroundTask(end))

    def _caller(self, request: Request) -> Application:
        """Who asks. The permission for a kind of call is checked when one is created; here it takes any of calling."""
        application = self._bearer(request.headers.get("authorization", ""))
        _demand(application, ROLES)
        return application

    def _bearer(self, authorization: str) -> Application:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise unauthorized("Access token is empty. Send it as Authorization: Bearer <token>.")
        try:
            return self._tenant.bearer(token.strip(), self._clock())
        except TokenFault as fault:
            raise unauthorized(f"{fault} Ask the token endpoint for a new one.") from None


def _demand(application: Application, one_of: tuple[str, ...]) -> None:
    if not set(one_of) & set(application.roles):
        raise forbidden(one_of)
