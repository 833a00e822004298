"""What every answer of the service has in common: ids of the request, JSON, error bodies."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .dice import Dice, guid
from .refusals import GraphFault

_LONGEST_ID = 128


class Json(Response):
    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return json.dumps(content, ensure_ascii=False, allow_nan=False).encode()


RESET_EXTENSION = "graphcall_nb.reset"
"""The extension of ASGI by which a server gives a way to break a connection: its ``abort`` is a function."""


class CutOff(Json):
    """An answer that does not arrive: the connection breaks, at once where the server can do that, else in the body."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        reset = scope.get("extensions", {}).get(RESET_EXTENSION)
        if reset is not None:
            reset["abort"]()
        else:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            await send({"type": "http.response.body", "body": self.body[:1], "more_body": True})
        if self.background is not None:
            await self.background()


class RequestIds:
    """Gives each request an id, and each answer that id and the caller's own (``client-request-id``)."""

    def __init__(self, app: ASGIApp, dice: Dice) -> None:
        self._app = app
        self._rng = dice.stream("requests")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = guid(self._rng)
        client_id = Request(scope).headers.get("client-request-id", "")[:_LONGEST_ID] or request_id
        scope.setdefault("state", {}).update(request_id=request_id, client_request_id=client_id)
        added = [(b"request-id", request_id.encode()), (b"client-request-id", client_id.encode("latin-1"))]

        async def stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *added]
            await send(message)

        await self._app(scope, receive, stamped)


class Refuser:
    """Turns refusals, and what Starlette refuses by itself, into Graph's error body."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock

    async def refused(self, request: Request, fault: Exception) -> Response:
        assert isinstance(fault, GraphFault)  # noqa: S101  (for the type checker; registered for this type)
        return self._answer(request, fault)

    async def starlette_refused(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101
        if error.status_code == 405:
            fault = GraphFault(
                405,
                "Request_BadRequest",
                f"Specified HTTP method is not allowed for the request target. {_allowed(error)}",
                headers=error.headers,
            )
        else:
            fault = GraphFault(
                error.status_code,
                "ResourceNotFound",
                f"Resource not found for {request.url.path[:200]}. Calls are created with POST "
                "/v1.0/communications/calls, /beta/communications/calls or /beta/app/calls.",
            )
        return self._answer(request, fault)

    async def broken(self, request: Request, error: Exception) -> Response:
        return self._answer(request, GraphFault(500, "InternalServerError", "The simulator failed; see its log."))

    def _answer(self, request: Request, fault: GraphFault) -> Response:
        state = request.state
        body = fault.body(request_id=state.request_id, client_request_id=state.client_request_id, now=self._clock())
        return Json(body, fault.status, headers=fault.headers)


def _allowed(error: HTTPException) -> str:
    methods = (error.headers or {}).get("Allow", "")
    return f"Use {' or '.join(sorted(set(methods.split(', ')) - {'HEAD'}))}." if methods else ""
