"""Routes for the log of a simulator: read it, delete it, send a notification again, start anew."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..errors import VerificationFailed
from .control_routes import read_control_body, translate_errors
from .errors import GraphError
from .message_log import LoggedDelivery, MessageLog
from .responses import JsonResponse

ReadLog = Callable[..., Awaitable[list[dict[str, Any]]]]


class LogRoutes:
    """Routes below ``/simulator`` for the log.

    Parameters
    ----------
    authenticate : callable
        Returns the id of the application that sent a request, or raises ``GraphError``. An application sees its own
        requests and deliveries only.
    log : MessageLog
    read_requests, read_deliveries, verify, resend, reset : callable
        The methods of the simulator.
    """

    def __init__(
        self,
        authenticate: Callable[[Request], str],
        log: MessageLog,
        read_requests: ReadLog,
        read_deliveries: ReadLog,
        verify: Callable[..., Awaitable[int]],
        resend: Callable[..., Awaitable[LoggedDelivery]],
        reset: Callable[..., Awaitable[None]],
    ) -> None:
        self._authenticate = authenticate
        self._log = log
        self._read_requests = read_requests
        self._read_deliveries = read_deliveries
        self._verify = verify
        self._resend = resend
        self._reset = reset

    def make_routes(self) -> Iterable[Route]:
        yield Route("/simulator/requests", self._handle_requests, methods=["GET", "DELETE"])
        yield Route("/simulator/deliveries", self._handle_deliveries, methods=["GET", "DELETE"])
        yield Route("/simulator/deliveries/{delivery_id:int}/resend", self._post_resend, methods=["POST"])
        yield Route("/simulator/verify", self._post_verify, methods=["POST"])
        yield Route("/simulator/reset", self._post_reset, methods=["POST"])

    async def _handle_requests(self, request: Request) -> Response:
        """Return the requests that match the query (``?operation=playPrompt&call_id=…``), or delete all."""
        application_id = self._authenticate(request)
        if request.method == "DELETE":
            self._log.clear_requests(application_id)
            return Response(status_code=204)
        return await _list(self._read_requests, request, application_id)

    async def _handle_deliveries(self, request: Request) -> Response:
        """Return the attempts that match the query (``?state=established&status=500``), or delete all."""
        application_id = self._authenticate(request)
        if request.method == "DELETE":
            self._log.clear_deliveries(application_id)
            return Response(status_code=204)
        return await _list(self._read_deliveries, request, application_id)

    async def _post_verify(self, request: Request) -> Response:
        """Verify requests: ``{"operation": "playPrompt", "call_id": …, "body": {…}, "times": 1}``."""
        application_id = self._authenticate(request)
        body = await read_control_body(request, ("operation", "call_id", "body", "status", "times"))
        verifying = self._verify(body.pop("operation", None), **body, application_id=application_id)
        try:
            count = await translate_errors(verifying)
        except VerificationFailed as error:
            raise GraphError(422, "VerificationFailed", str(error)) from None
        return JsonResponse({"count": count})

    async def _post_resend(self, request: Request) -> Response:
        """Send a notification once more, and return the attempt."""
        application_id = self._authenticate(request)
        await read_control_body(request)
        resending = self._resend(request.path_params["delivery_id"], application_id=application_id)
        return JsonResponse((await translate_errors(resending))._asdict())

    async def _post_reset(self, request: Request) -> Response:
        """Remove the calls and the log of the application."""
        application_id = self._authenticate(request)
        await read_control_body(request)
        await self._reset(application_id=application_id)
        return Response(status_code=204)


async def _list(read: ReadLog, request: Request, application_id: str) -> Response:
    return JsonResponse(
        {"value": await translate_errors(read(dict(request.query_params), application_id=application_id))}
    )
