"""The routes of the calling service: create, get and delete a call, and operations on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import unquote

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from . import wire
from .call_service import CallService
from .calls import SimulatedCall
from .errors import (
    bad_request,
    call_not_found,
    forbidden,
    item_not_found,
    method_not_allowed,
    operation_not_found,
    path_not_found,
    unauthorized,
    unsupported_call,
    wrong_application,
    wrong_state,
)
from .faults import RequestFaults
from .odata import make_entity, make_list
from .operations import OPERATIONS, Operation, OperationRequest, OperationResponse, find_routing_group
from .payloads import (
    find_participant,
    make_call,
    make_operation,
    make_participant,
    make_participants,
    make_sharing_sessions,
)
from .responses import DroppedResponse, JsonResponse
from .scenario import Scenario
from .states import reason_not_allowed
from .tokens import ROLES, Application, Tenant, TokenError
from .validation import Field, Rules, get_member, is_app_hosted, read_object, validate_body, validate_call
from .versions import ApiVersion, CallKind

JOIN_CHAT = "Calls.JoinGroupCalls.Chat"
"""Resource-specific permission, for the meetings of one chat."""

EXAMPLE_APPLICATION_ID = "8a34a46b-3d17-4adc-8dce-dc4e7d572698"
"""Id in the examples of Microsoft's page, in lower case; it stands for the application that sends the request."""

CREATE_PERMISSIONS: Mapping[CallKind, tuple[str, ...]] = {
    "peer": ("Calls.Initiate.All",),
    "group": ("Calls.InitiateGroupCall.All",),
    "meeting": ("Calls.JoinGroupCall.All", "Calls.JoinGroupCallAsGuest.All", JOIN_CHAT),
}
"""The permissions of which one is needed to create each kind of call."""

RECORDINGS_PATH = "/recordings"
MAX_SCENARIO_ID_CHARS = 128
SCENARIO_HEADER = "Simulator-Scenario"
"""Header of a request to create a call with the name of its scenario, percent-encoded."""

_ODATA_PREFIX = "microsoft.graph."
DEVICE_QUALITY = "logTeleconferenceDeviceQuality"
_QUALITY_FIELDS = (Field("quality", "object", required=True, fields=(Field("mediaQualityList", "objects"),)),)
_PLACEHOLDERS: Mapping[str, str] = {"participants": "{participant}", "audioroutinggroups": "{group}"}
"""Collections below a call whose items have operations, in lower case, with the ids in the paths of those."""
_READING: Mapping[str, tuple[str, str]] = {
    "participants": ("listParticipants", "getParticipant"),
    "operations": ("listOperations", "getOperation"),
    "contentsharingsessions": ("listContentSharingSessions", "getContentSharingSession"),
    "audioroutinggroups": ("listAudioRoutingGroups", "getAudioRoutingGroup"),
}
"""Names of the requests that read a collection below a call, and an item of it."""


class CallRoutes:
    """The routes of one version."""

    def __init__(
        self,
        version: ApiVersion,
        service: CallService,
        tenant: Tenant,
        clock: Callable[[], float],
        faults: RequestFaults,
        *,
        token_clock: Callable[[], float],
    ) -> None:
        self._version = version
        self._service = service
        self._tenant = tenant
        self._clock = clock
        self._token_clock = token_clock
        self._faults = faults
        # OData compares names without case; Microsoft's own pages write StartRecording.
        self._operations = {(each.method, each.path.lower()): each for each in OPERATIONS[version.name]}
        self._paths = {path for _, path in self._operations}

    def make_routes(self) -> Iterable[Route]:
        for path in self._version.collections:
            yield Route(path, self._create, methods=["POST"])
            for name in (DEVICE_QUALITY, _ODATA_PREFIX + DEVICE_QUALITY):
                yield Route(f"{path}/{name}", self._log_device_quality, methods=["POST"])
            # One route of both methods: with a route each, Starlette would name only the first method in a 405.
            yield Route(path + "/{call_id}", self._get_or_delete, methods=["GET", "DELETE"])
            # One route for all paths below a call, since Starlette tries its routes one after another.
            yield Route(path + "/{call_id}/{path:path}", self._handle_path, methods=["GET", "POST", "PATCH", "DELETE"])

    async def _create(self, request: Request) -> Response:
        request.state.operation = "create"
        application = self._authenticate(request)
        body = await self._read_body(request)
        if problems := validate_call(body, self._make_rules(application)):
            raise bad_request(problems)
        _check_permission(application, CREATE_PERMISSIONS[self._version.get_kind(body)])
        if is_app_hosted(body):
            _check_permission(application, ("Calls.AccessMedia.All",))
        scenario_id = request.headers.get("scenario-id", "")[:MAX_SCENARIO_ID_CHARS]
        scenario = self._find_scenario(request, application)
        call, changes = self._service.create(
            self._version, application, body, scenario_id=scenario_id, scenario=scenario
        )
        request.state.call_id = call.id

        async def start() -> None:
            self._service.after_create(call, changes)

        # A background task of Starlette begins when the response was sent. It only starts the call, which then runs
        # in a task, so that no server (nor a transport that waits for the whole request) waits for it.
        await self._faults.delay()
        location = f"{str(request.url).partition('?')[0]}/{call.id}"
        response_class = DroppedResponse if self._faults.drops_response() else JsonResponse
        content = make_call(call, self._version)
        headers = {"Location": location} | self._make_headers(call)
        if self._version.is_captured:
            headers["Content-Type"] = wire.CREATED_CONTENT_TYPE
        return response_class(content, 201, headers=headers, background=BackgroundTask(start))

    def _find_scenario(self, request: Request, application: Application) -> Scenario | None:
        """Return the scenario that a request names in its header, if it does."""
        name = request.headers.get(SCENARIO_HEADER)
        if name is None:
            return None
        try:
            return self._service.scenarios.resolve(unquote(name), application.id)
        except ValueError as error:
            raise bad_request([(SCENARIO_HEADER, f"{SCENARIO_HEADER}: {error}")]) from None

    def _make_headers(self, call: SimulatedCall) -> dict[str, str]:
        """Return the headers of a response in the captured form."""
        if not self._version.is_captured:
            return {}
        return {**wire.RESPONSE_HEADERS, "scenario-id": call.scenario_id or call.chain_id}

    async def _get_or_delete(self, request: Request) -> Response:
        request.state.operation = "delete" if request.method == "DELETE" else "get"
        call, _ = self._find_call(request)
        if request.method != "DELETE":
            return JsonResponse(self._get_call(call, dict(request.query_params)))
        if call.state.has_ended:
            raise call_not_found(call.id)
        changes = self._service.hang_up(call)

        async def end() -> None:
            self._service.after_hang_up(call, changes)

        return Response(status_code=204, background=BackgroundTask(end))

    async def _log_device_quality(self, request: Request) -> Response:
        """Accept the quality data of a teleconferencing device, without effect."""
        request.state.operation = DEVICE_QUALITY
        application = self._authenticate(request)
        _check_permission(application, ("Calls.AccessMedia.All",))
        if problems := validate_body(await read_object(request), _QUALITY_FIELDS):
            raise bad_request(problems)
        return Response(status_code=200)

    async def _handle_path(self, request: Request) -> Response:
        """Respond to a request below a call: its operations and participants."""
        path = request.path_params["path"].rstrip("/").replace("/" + _ODATA_PREFIX, "/").removeprefix(_ODATA_PREFIX)
        key, path_id = self._split_path(path)
        operation = self._operations.get((request.method, key))
        # Named before the token is checked: the log names the operation of a refused request as well.
        request.state.operation = operation.name if operation else name_reading(path)
        call, application = self._find_call(request)
        if request.method == "GET":
            return self._get(call, path, dict(request.query_params))
        if operation is None:
            raise self._make_path_error(key, path)
        body = await self._read_body(request, allow_empty=True) if request.method in ("POST", "PATCH") else {}
        if problems := validate_body(body, operation.fields, self._make_rules(application)):
            raise bad_request(problems)
        self._check_allowed(call, application, operation, body)
        recordings_url = str(request.base_url).rstrip("/") + RECORDINGS_PATH
        operation_request = OperationRequest(operation, body, path_id, recordings_url)
        return self._respond(request, call, operation, operation.handle(self._service, call, operation_request))

    async def _read_body(self, request: Request, *, allow_empty: bool = False) -> dict[str, Any]:
        allows_commas = self._version.allows_trailing_commas
        return await read_object(request, allow_empty=allow_empty, allow_trailing_commas=allows_commas)

    def _make_rules(self, application: Application) -> Rules:
        """Return the rules for a request of an application, whose callbacks may be restricted."""
        find_problem = partial(self._service.callbacks.find_problem, application_id=application.id)
        return replace(self._version.rules, find_callback_problem=find_problem)

    def _split_path(self, path: str) -> tuple[str, str]:
        """Return the key of a path below a call, and the id in it, such as that of a participant."""
        key, parts = path.lower(), path.split("/")
        placeholder = _PLACEHOLDERS.get(parts[0].lower())
        if placeholder is None or len(parts) == 1 or key in self._paths:
            return key, ""
        return "/".join([parts[0], placeholder, *parts[2:]]).lower(), parts[1]

    def _make_path_error(self, key: str, path: str) -> Exception:
        methods = sorted(method for method, each in self._operations if each == key)
        return method_not_allowed(methods) if methods else path_not_found(path)

    def _check_allowed(
        self, call: SimulatedCall, application: Application, operation: Operation, body: Mapping[str, object]
    ) -> None:
        """Raise ``GraphError`` if the call's state, kind or media or the application's permissions do not allow it."""
        if call.state.has_ended:
            raise call_not_found(call.id)
        state = call.state.name
        if state == "hold" and state in self._version.hidden_states and operation.name != "transfer":
            state = self._version.hidden_states[state]
        if reason := reason_not_allowed(operation.name, operation.states, state):
            raise wrong_state(reason)
        if operation.needs_service_media and is_app_hosted(call.body):
            raise unsupported_call(f"{operation.name} needs a call with service-hosted media; this one hosts its own.")
        if is_app_hosted(body):
            _check_permission(application, ("Calls.AccessMedia.All",))
        if operation.has_own_permission:
            _check_permission(application, operation.permissions)
        if self._service.options.strict:
            self._check_strictly(call, application, operation, body)

    def _check_strictly(
        self, call: SimulatedCall, application: Application, operation: Operation, body: Mapping[str, object]
    ) -> None:
        """Raise ``GraphError`` if the page of an operation does not allow it."""
        invites_one = operation.name == "inviteParticipants" and len(get_member(body, "participants")) == 1
        if operation.is_group_only and call.kind == "peer" and not invites_one:
            raise unsupported_call(f"{operation.name} is for group calls and meetings; this call is to one person.")
        if operation.needs_own_media and not is_app_hosted(call.body):
            raise unsupported_call(f"{operation.name} is for calls that host their own media.")
        if operation.permissions:
            _check_permission(application, operation.permissions)

    def _respond(
        self, request: Request, call: SimulatedCall, operation: Operation, response: OperationResponse
    ) -> Response:
        async def follow() -> None:
            response.after()

        after = BackgroundTask(follow)
        running = response.operation
        shared = self._make_headers(call)
        if response.entity is not None:
            return JsonResponse(response.entity, operation.status, headers=shared, background=after)
        if running is None:
            return Response(status_code=operation.status, headers=shared, background=after)
        base = str(request.url).partition("?")[0].removesuffix(request.path_params["path"])
        headers = shared | ({"Location": f"{base}operations/{running.id}"} if operation.has_location else {})
        content = make_operation(running, self._version)
        return JsonResponse(content, operation.status, headers=headers, background=after)

    def _get_call(self, call: SimulatedCall, options: Mapping[str, str]) -> Mapping[str, object]:
        related = {
            "participants": lambda: self._list_participants(call),
            "operations": lambda: [make_operation(each, self._version) for each in call.operations.values()],
            "contentSharingSessions": lambda: make_sharing_sessions(call),
            "audioRoutingGroups": lambda: list(call.audio_routing_groups.values()),
        }
        return make_entity(make_call(call, self._version), options, related)

    def _get(self, call: SimulatedCall, path: str, options: Mapping[str, str]) -> Response:
        kind, _, id_ = path.partition("/")
        get = {
            "operations": self._get_operations,
            "participants": self._get_participants,
            "contentsharingsessions": self._get_sharing_sessions,
            "audioroutinggroups": self._get_routing_groups,
        }.get(kind.lower())
        if get is not None:
            return JsonResponse(get(call, id_, options))
        raise self._make_path_error(path.lower(), path)

    def _get_operations(self, call: SimulatedCall, id_: str, options: Mapping[str, str]) -> Mapping[str, object]:
        operations = call.operations
        if not id_:
            return make_list([make_operation(each, self._version) for each in operations.values()], options)
        operation = operations.get(id_) or operations.get(id_.upper()) or operations.get(id_.lower())
        if operation is None:
            raise operation_not_found(id_)
        return make_entity(make_operation(operation, self._version), options)

    def _get_participants(self, call: SimulatedCall, id_: str, options: Mapping[str, str]) -> Mapping[str, object]:
        participants = self._list_participants(call)
        if id_:
            return make_entity(make_participant(call, find_participant(call, id_), self._version), options)
        listed = make_list(participants, options)
        if not self._version.has_types:
            return listed
        return self._make_context(call, "participants", "app") | listed

    def _get_sharing_sessions(self, call: SimulatedCall, id_: str, options: Mapping[str, str]) -> Mapping[str, object]:
        sessions = make_sharing_sessions(call)
        if not id_:
            return self._make_context(call, "contentSharingSessions") | make_list(sessions, options)
        session = next((each for each in sessions if each["id"].lower() == id_.lower()), None)
        if session is None:
            raise item_not_found("content sharing session", id_)
        return make_entity(session, options)

    def _get_routing_groups(self, call: SimulatedCall, id_: str, options: Mapping[str, str]) -> Mapping[str, object]:
        if id_:
            return make_entity(find_routing_group(call, id_), options)
        groups = list(call.audio_routing_groups.values())
        return self._make_context(call, "audioRoutingGroups") | make_list(groups, options)

    def _make_context(self, call: SimulatedCall, collection: str, parent: str = "communications") -> dict[str, str]:
        root = f"https://graph.microsoft.com/{self._version.name.partition('-')[0]}/$metadata"
        return {"@odata.context": f"{root}#{parent}/calls('{call.id}')/{collection}"}

    def _list_participants(self, call: SimulatedCall) -> list[dict[str, Any]]:
        """Return the participants. Raise ``GraphError`` in a call to one person if the simulator is strict."""
        if self._service.options.strict and call.kind == "peer":
            raise unsupported_call(
                "Only group calls and meetings have participants to read; this call is to one person."
            )
        return make_participants(call, self._version)

    def _find_call(self, request: Request) -> tuple[SimulatedCall, Application]:
        request.state.call_id = call_id = request.path_params["call_id"]
        application = self._authenticate(request)
        call = self._service.calls.find(call_id, application.id, self._clock())
        request.state.call_id = call.id  # in the letter case of the service
        return call, application

    def _authenticate(self, request: Request) -> Application:
        """Return the application that sent a request, which needs any permission for calling.

        The permission for a kind of call is checked when a call is created.
        """
        self._faults.check()
        application = authenticate(self._tenant, request.headers.get("authorization", ""), self._token_clock())
        request.state.application_id = application.id
        named = request.path_params.get("application_id", application.id)
        if named.lower() not in (application.id.lower(), EXAMPLE_APPLICATION_ID):
            raise wrong_application(named, application.id)
        self._service.first_versions.setdefault(application.id, self._version.name)
        _check_permission(application, (*ROLES, JOIN_CHAT))
        return application


def name_reading(path: str) -> str:
    """Return the name of a request that reads something below a call, or an empty text."""
    kind, _, id_ = path.partition("/")
    return _READING.get(kind.lower(), ("", ""))[bool(id_)]


def authenticate(tenant: Tenant, authorization: str, now: float) -> Application:
    """Return the application whose access token a header has. Raise ``GraphError`` (401) without a valid one."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise unauthorized("Access token is empty. Send it as Authorization: Bearer <token>.")
    try:
        return tenant.check_access_token(token.strip(), now)
    except TokenError as error:
        raise unauthorized(f"{error} Ask the token endpoint for a new one.") from None


def _check_permission(application: Application, permissions: tuple[str, ...]) -> None:
    if not set(permissions) & set(application.roles):
        raise forbidden(permissions)
