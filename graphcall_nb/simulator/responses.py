"""Common parts of all responses: request ids, JSON, error bodies."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .errors import GraphError
from .random import SeededRandom, make_guid

_MAX_CLIENT_REQUEST_ID_CHARS = 128

RESET_EXTENSION = "graphcall_nb.reset"
"""An ASGI extension of the server; its ``abort`` is a function that breaks the connection."""


class JsonResponse(Response):
    """A response with a JSON body."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return json.dumps(content, ensure_ascii=False, allow_nan=False).encode()


class DroppedResponse(JsonResponse):
    """A response that does not arrive: the connection breaks, before the response if the server can, else within."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        reset = scope.get("extensions", {}).get(RESET_EXTENSION)
        if reset is not None:
            reset["abort"]()
        else:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            await send({"type": "http.response.body", "body": self.body[:1], "more_body": True})
        if self.background is not None:
            await self.background()


class RequestIdMiddleware:
    """Adds an id to each request and response, and returns the client's own (``client-request-id``)."""

    def __init__(self, app: ASGIApp, random: SeededRandom) -> None:
        self._app = app
        self._rng = random.stream("requests")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = make_guid(self._rng)
        client_id = Request(scope).headers.get("client-request-id", "")[:_MAX_CLIENT_REQUEST_ID_CHARS] or request_id
        scope.setdefault("state", {}).update(request_id=request_id, client_request_id=client_id)
        ids = [(b"request-id", request_id.encode()), (b"client-request-id", client_id.encode("latin-1"))]

        async def send_with_ids(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *ids]
            await send(message)

        await self._app(scope, receive, send_with_ids)


class ErrorHandlers:
    """Exception handlers for Starlette that respond with Graph's error body."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock

    async def handle_graph_error(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, GraphError)  # noqa: S101  (for the type checker; registered for this type)
        return self._respond(request, error)

    async def handle_http_exception(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101
        if error.status_code == 405:
            graph_error = GraphError(
                405,
                "Request_BadRequest",
                f"Specified HTTP method is not allowed for the request target. {_name_allowed_methods(error)}",
                headers=error.headers,
            )
        else:
            graph_error = GraphError(
                error.status_code,
                "ResourceNotFound",
                f"Resource not found for {request.url.path[:200]}. Calls are created with POST "
                "/v1.0/communications/calls, /beta/communications/calls or /beta/app/calls.",
            )
        return self._respond(request, graph_error)

    async def handle_exception(self, request: Request, error: Exception) -> Response:
        return self._respond(request, GraphError(500, "InternalServerError", "The simulator failed; see its log."))

    def _respond(self, request: Request, error: GraphError) -> Response:
        state = request.state
        body = error.make_body(
            request_id=state.request_id, client_request_id=state.client_request_id, now=self._clock()
        )
        return JsonResponse(body, error.status, headers=error.headers)


def _name_allowed_methods(error: HTTPException) -> str:
    methods = (error.headers or {}).get("Allow", "")
    return f"Use {' or '.join(sorted(set(methods.split(', ')) - {'HEAD'}))}." if methods else ""
