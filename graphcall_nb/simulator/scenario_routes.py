"""Routes that choose scenarios and faults while the simulator runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Protocol
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .._arguments import unknown_name_message
from .control_routes import raise_problems, read_control_body, translate_errors
from .responses import JsonResponse
from .scenario import Scenario
from .validation import Field, read_bytes, validate_body


class ScenarioControl(Protocol):
    """The methods of the simulator that the routes call; ``application_id`` is the application that asks."""

    async def read_scenarios(self, *, application_id: str | None) -> dict[str, Scenario]: ...
    async def add_scenario(self, scenario: Scenario, *, application_id: str | None) -> str: ...
    async def set_scenario(self, scenario: Any, call_id: str | None = None, *, application_id: str | None) -> None: ...
    async def read_rules(self) -> dict[str, str]: ...
    async def set_rules(self, rules: Mapping[str, Any], *, application_id: str | None) -> None: ...
    async def read_faults(self) -> list[str]: ...
    async def set_faults(self, faults: str | Iterable[str], *, application_id: str | None) -> None: ...


class ScenarioRoutes:
    """Routes below ``/simulator`` for scenarios, rules and faults.

    Parameters
    ----------
    authenticate : callable
        Returns the id of the application that sent a request, or raises ``GraphError``.
    simulator : ScenarioControl
    """

    def __init__(self, authenticate: Callable[[Request], str], simulator: ScenarioControl) -> None:
        self._authenticate = authenticate
        self._simulator = simulator

    def make_routes(self) -> Iterable[Route]:
        yield Route("/simulator/scenarios", self._get_scenarios)
        yield Route("/simulator/scenarios/{name}", self._handle_scenario, methods=["GET", "PUT"])
        yield Route("/simulator/scenario", self._put_scenario, methods=["PUT"])
        yield Route("/simulator/calls/{call_id}/scenario", self._put_scenario, methods=["PUT"])
        yield Route("/simulator/rules", self._handle_rules, methods=["GET", "PUT"])
        yield Route("/simulator/faults", self._handle_faults, methods=["GET", "PUT", "DELETE"])

    async def _get_scenarios(self, request: Request) -> Response:
        """Return the descriptions of the scenarios that the application can choose, by name."""
        scenarios = await self._simulator.read_scenarios(application_id=self._authenticate(request))
        return JsonResponse({name: each.description for name, each in scenarios.items()})

    async def _handle_scenario(self, request: Request) -> Response:
        """Return a scenario, or keep the one in the body, YAML or JSON, by the name in the path."""
        application_id = self._authenticate(request)
        name = unquote(request.path_params["name"])
        if request.method == "PUT":
            adding = self._add(name, await read_bytes(request), application_id)
            return JsonResponse({"name": await translate_errors(adding)})
        scenarios = await self._simulator.read_scenarios(application_id=application_id)
        if name not in scenarios:
            raise_problems([("name", unknown_name_message("scenario", name, scenarios))])
        return JsonResponse(scenarios[name].to_dict())

    async def _add(self, name: str, body: bytes, application_id: str) -> str:
        scenario = Scenario.from_text(body.decode("utf-8", "replace"), name=name)
        return await self._simulator.add_scenario(replace(scenario, name=name), application_id=application_id)

    async def _put_scenario(self, request: Request) -> Response:
        """Choose the scenario of all calls from now on, or of one: ``{"scenario": "busy"}``, or a whole scenario."""
        application_id = self._authenticate(request)
        body = await read_control_body(request, ("scenario",))
        call_id = request.path_params.get("call_id")
        setting = self._simulator.set_scenario(body.get("scenario"), call_id, application_id=application_id)
        await translate_errors(setting)
        return Response(status_code=204)

    async def _handle_rules(self, request: Request) -> Response:
        """Return the rules, or replace them: ``{"rules": {"+1425555*": "busy"}}``."""
        application_id = self._authenticate(request)
        if request.method == "PUT":
            body = await read_control_body(request, ("rules",))
            raise_problems(validate_body(body, (Field("rules", "object", required=True),)))
            await translate_errors(self._simulator.set_rules(body["rules"], application_id=application_id))
        return JsonResponse({"rules": await self._simulator.read_rules()})

    async def _handle_faults(self, request: Request) -> Response:
        """Return the faults, replace them (``{"faults": ["duplicated"]}``), or clear them with ``DELETE``."""
        application_id = self._authenticate(request)
        names: list[str] = []
        if request.method == "PUT":
            body = await read_control_body(request, ("faults",))
            raise_problems(validate_body(body, (Field("faults", "strings", required=True),), get=Mapping.get))
            names = body["faults"]
        if request.method != "GET":
            await translate_errors(self._simulator.set_faults(names, application_id=application_id))
        return JsonResponse({"faults": await self._simulator.read_faults()})
