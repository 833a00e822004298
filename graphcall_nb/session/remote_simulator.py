"""Control of a simulator in another process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import httpx

from ..errors import GraphcallError, ServiceUnreachable, VerificationFailed


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
    ) -> str:
        """Call the application and return the id of the call."""
        body = {
            "callbackUri": callback_uri,
            "version": version,
            "caller": caller,
            "modalities": list(modalities),
            "meeting": meeting,
            "legacy": legacy,
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

    async def sent_states(self) -> dict[str, list[str]]:
        """Return the states that the service sent for each call of the application."""
        states: dict[str, list[str]] = (await self._request("GET", "/simulator/calls")).json()
        return states

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
