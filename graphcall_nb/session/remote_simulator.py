"""Control of a simulator in another process."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

import httpx

from .._arguments import as_list
from ..errors import GraphcallError, ServiceUnreachable, VerificationFailed
from ..simulator.scenario import Scenario


class RemoteSimulator:
    """A simulator in another process, controlled by its routes below ``/simulator``.

    Parameters
    ----------
    http : httpx.AsyncClient
        Signs in as an application; its base URL is that of the simulator.
    name : str
        Name of the simulator in errors.
    """

    def __init__(self, http: httpx.AsyncClient, name: str = "The simulator") -> None:
        self._http = http
        self._name = name

    async def ring(
        self,
        callback_uri: str,
        *,
        version: str,
        caller: Mapping[str, Any] | str | None,
        modalities: Iterable[str],
        meeting: Mapping[str, Any] | None,
        legacy: bool | None,
        policy_recording: bool = False,
        scenario: str | Scenario | Mapping[str, Any] | None = None,
    ) -> str:
        """Call the application and return the id of the call."""
        body = {
            "callbackUri": callback_uri,
            "version": version,
            "caller": caller,
            "modalities": list(modalities),
            "meeting": meeting,
            "legacy": legacy,
            "policyRecording": policy_recording or None,
            "scenario": _to_plain(scenario),
        }
        response = await self._post(
            "/simulator/ring", {name: value for name, value in body.items() if value is not None}
        )
        return str(response.json()["id"])

    async def press(self, call_id: str, *tones: str) -> None:
        """Press keys at the other end of a call."""
        await self._post(f"/simulator/calls/{call_id}/press", {"tones": list(tones)})

    async def hang_up(self, call_id: str) -> None:
        """End a call from the other end."""
        await self._post(f"/simulator/calls/{call_id}/hangUp", {})

    async def advance(self, seconds: float) -> None:
        """Move the virtual time of the simulator."""
        await self._post("/simulator/advance", {"seconds": seconds})

    async def step(self) -> bool:
        """Move the virtual time to the next notification; return whether one was due."""
        return bool((await self._post("/simulator/step", {})).json()["sent"])

    async def sent_states(self) -> dict[str, list[str]]:
        """Return the states that the service sent for each call of the application."""
        states: dict[str, list[str]] = (await self._request("GET", "/simulator/calls")).json()
        return states

    async def add_scenario(self, scenario: Scenario) -> str:
        """Keep a scenario for the application, and return the name to choose it by."""
        name = scenario.name or f"scenario-{uuid.uuid4().hex[:12]}"
        response = await self._request("PUT", f"/simulator/scenarios/{quote(name, safe='')}", json=scenario.to_dict())
        return str(response.json()["name"])

    async def set_scenario(self, scenario: str | Scenario | Mapping[str, Any], call_id: str | None = None) -> None:
        """Choose the scenario of one call, or of all calls to come."""
        path = f"/simulator/calls/{call_id}/scenario" if call_id else "/simulator/scenario"
        await self._request("PUT", path, json={"scenario": _to_plain(scenario)})

    async def set_rules(self, rules: Mapping[str, Any]) -> None:
        """Replace the rules that choose a scenario by target."""
        plain = {pattern: _to_plain(scenario) for pattern, scenario in rules.items()}
        await self._request("PUT", "/simulator/rules", json={"rules": plain})

    async def set_faults(self, faults: Iterable[str]) -> None:
        """Replace the faults of the service."""
        await self._request("PUT", "/simulator/faults", json={"faults": as_list(faults)})

    async def read_faults(self) -> list[str]:
        """Return the names of the present faults."""
        faults: list[str] = (await self._request("GET", "/simulator/faults")).json()["faults"]
        return faults

    async def read_requests(self, filters: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the requests in the log of the simulator."""
        return await self._read_log("requests", filters)

    async def read_deliveries(self, filters: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the attempts of deliveries in the log of the simulator."""
        return await self._read_log("deliveries", filters)

    async def verify(
        self, operation: str, *, call_id: str | None, body: Any, status: int | None, times: int | None
    ) -> int:
        """Return how often a request was received. Raise ``VerificationFailed`` for another number than expected."""
        expected = {"operation": operation, "call_id": call_id, "body": body, "status": status, "times": times}
        response = await self._post("/simulator/verify", expected)
        return int(response.json()["count"])

    async def resend(self, delivery_id: int) -> None:
        """Send a notification once more."""
        await self._post(f"/simulator/deliveries/{delivery_id}/resend", {})

    async def _read_log(self, name: str, filters: Mapping[str, Any]) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = (await self._request("GET", f"/simulator/{name}", params=filters)).json()[
            "value"
        ]
        return entries

    async def _post(self, path: str, body: Mapping[str, Any]) -> httpx.Response:
        return await self._request("POST", path, json=body)

    async def _request(self, method: str, path: str, **content: Any) -> httpx.Response:
        try:
            response = await self._http.request(method, path, **content)
        except httpx.HTTPError as error:
            raise ServiceUnreachable(f"{self._name} does not answer ({type(error).__name__}); try again.") from None
        if response.is_error:
            problem = response.json()["error"]
            kind = VerificationFailed if problem["code"] == VerificationFailed.__name__ else GraphcallError
            raise kind(problem["message"])
        return response


def _to_plain(scenario: Any) -> Any:
    return scenario.to_dict() if isinstance(scenario, Scenario) else scenario
