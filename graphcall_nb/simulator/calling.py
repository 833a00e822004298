"""The calling service over HTTP: create, get and delete a call, and what can be asked of one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..graph.states import reason_not_allowed
from .acting import Asked, Reply, act
from .answers import CutOff, Json
from .bodies import call_body, operation_body, participants_body
from .exchange import Exchange
from .members import body_problems
from .mischief import TroubledDesk
from .operations import Operation
from .reading import read_object
from .refusals import (
    bad_request,
    forbidden,
    no_such_call,
    no_such_operation,
    no_such_path,
    not_allowed,
    not_here,
    not_now,
    unauthorized,
)
from .store import PlacedCall
from .surfaces import Kind, Surface
from .tenant import ROLES, Application, Tenant, TokenFault
from .validation import is_app_hosted, problems_of

NEEDED: Mapping[Kind, tuple[str, ...]] = {
    "peer": ("Calls.Initiate.All",),
    "group": ("Calls.InitiateGroupCall.All",),
    "meeting": ("Calls.JoinGroupCall.All", "Calls.JoinGroupCallAsGuest.All"),
}
"""The permissions of which one is needed to create each kind of call."""

_ODATA_PREFIX = "microsoft.graph."
RECORDINGS_PATH = "/recordings"


class Calling:
    """The routes of one surface."""

    def __init__(
        self,
        surface: Surface,
        exchange: Exchange,
        tenant: Tenant,
        clock: Callable[[], float],
        desk: TroubledDesk,
    ) -> None:
        self._surface = surface
        self._desk = desk
        self._exchange = exchange
        self._tenant = tenant
        self._clock = clock
        self._operations = {(each.method, each.path): each for each in surface.operations}
        self._paths = {each.path for each in surface.operations}

    def routes(self) -> Iterable[Route]:
        for path in self._surface.collections:
            yield Route(path, self.create, methods=["POST"])
            # One route of both methods: with a route each, Starlette would name only the first one's in a 405.
            yield Route(path + "/{call_id}", self.one, methods=["GET", "DELETE"])
            # One route for all that is below a call: Starlette tries its routes one after another.
            yield Route(path + "/{call_id}/{below:path}", self.below, methods=["GET", "POST", "DELETE"])

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
        await self._desk.dawdle()
        location = f"{str(request.url).partition('?')[0]}/{placed.id}"
        shown = call_body(placed, self._surface)
        kind = CutOff if self._desk.cuts() else Json
        return kind(shown, 201, headers={"Location": location}, background=BackgroundTask(start))

    async def one(self, request: Request) -> Response:
        placed, _ = self._found(request)
        if request.method != "DELETE":
            return Json(call_body(placed, self._surface))
        if placed.line.ended:
            raise no_such_call(placed.id)
        notices = self._exchange.hang_up(placed)

        async def end() -> None:
            self._exchange.end(placed, notices)

        return Response(status_code=204, background=BackgroundTask(end))

    async def below(self, request: Request) -> Response:
        """What lies below a call: its operations and participants, and what can be asked of it."""
        placed, application = self._found(request)
        below = request.path_params["below"].rstrip("/").replace("/" + _ODATA_PREFIX, "/").removeprefix(_ODATA_PREFIX)
        if request.method == "GET":
            return self._shown(placed, below)
        operation, participant = self._asked(request.method, below)
        body = await read_object(request, may_be_empty=True) if request.method == "POST" else {}
        if problems := body_problems(body, operation.members, self._surface.rules):
            raise bad_request(problems)
        self._check(placed, application, operation, body)
        recordings = str(request.base_url).rstrip("/") + RECORDINGS_PATH
        reply = act(self._exchange, placed, Asked(operation, body, participant, recordings))
        return self._answered(request, placed, operation, reply)

    def _asked(self, method: str, below: str) -> tuple[Operation, str]:
        """The operation at a path, and the participant that the path names."""
        path, participant = below, ""
        parts = below.split("/")
        if parts[0] == "participants" and len(parts) > 1 and below not in self._paths:
            participant = parts[1]
            path = "/".join(["participants", "{participant}", *parts[2:]])
        operation = self._operations.get((method, path))
        if operation is None:
            allowed = sorted(each for each, known in self._operations if known == path)
            raise not_allowed(allowed) if allowed else no_such_path(below)
        return operation, participant

    def _check(
        self, placed: PlacedCall, application: Application, operation: Operation, body: Mapping[str, object]
    ) -> None:
        """Refuse what the call's state, its kind, its media or the application's permissions do not allow."""
        if placed.line.ended:
            raise no_such_call(placed.id)
        if reason := reason_not_allowed(operation.name, placed.line.state):
            raise not_now(reason)
        if operation.service_hosted and is_app_hosted(placed.body):
            raise not_here(f"{operation.name} needs a call with service-hosted media; this one hosts its own.")
        if is_app_hosted(body):
            _demand(application, ("Calls.AccessMedia.All",))
        if self._exchange.manner.strict:
            if operation.group_only and placed.kind == "peer":
                raise not_here(f"{operation.name} is for group calls and meetings; this call is to one person.")
            if operation.needs:
                _demand(application, operation.needs)

    def _answered(self, request: Request, placed: PlacedCall, operation: Operation, reply: Reply) -> Response:
        async def follow() -> None:
            reply.after()

        after = BackgroundTask(follow)
        if reply.running is None:
            return Response(status_code=operation.status, background=after)
        base = str(request.url).partition("?")[0].removesuffix(request.path_params["below"])
        headers = {"Location": f"{base}operations/{reply.running.id}"} if operation.located else None
        return Json(operation_body(reply.running, self._surface), operation.status, headers=headers, background=after)

    def _shown(self, placed: PlacedCall, below: str) -> Response:
        kind, _, id_ = below.partition("/")
        if kind == "operations" and id_:
            running = placed.running.get(id_) or placed.running.get(id_.upper()) or placed.running.get(id_.lower())
            if running is None:
                raise no_such_operation(id_)
            return Json(operation_body(running, self._surface))
        if kind == "operations":
            return Json({"value": [operation_body(running, self._surface) for running in placed.running.values()]})
        if kind == "participants" and not id_:
            return Json({"value": participants_body(placed, self._surface)})
        if kind == "participants":
            return Json(participants_body(placed, self._surface, id_)[0])
        allowed = sorted(method for method, path in self._operations if path == below)
        raise not_allowed(allowed) if allowed else no_such_path(below)

    def _found(self, request: Request) -> tuple[PlacedCall, Application]:
        application = self._caller(request)
        return self._exchange.calls.find(request.path_params["call_id"], application.id, self._clock()), application

    def _caller(self, request: Request) -> Application:
        """Who asks. The permission for a kind of call is checked when one is created; here it takes any of calling."""
        self._desk.admit()
        application = authorized(self._tenant, request.headers.get("authorization", ""), self._clock())
        _demand(application, ROLES)
        return application


def authorized(tenant: Tenant, authorization: str, now: float) -> Application:
    """Whose access token a header carries; refused where it carries none that is good."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise unauthorized("Access token is empty. Send it as Authorization: Bearer <token>.")
    try:
        return tenant.bearer(token.strip(), now)
    except TokenFault as fault:
        raise unauthorized(f"{fault} Ask the token endpoint for a new one.") from None


def _demand(application: Application, one_of: tuple[str, ...]) -> None:
    if not set(one_of) & set(application.roles):
        raise forbidden(one_of)
