"""Routes that control the other side of calls, for bots in other processes: ring, press keys, hang up."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .._arguments import unknown_name_message
from .errors import Problem, bad_request
from .responses import JsonResponse
from .states import TONES
from .validation import Field, read_object, validate_body

_PRESS_FIELDS = (Field("tones", "strings", choices=TONES),)
_RING_FIELDS = (
    Field("callbackUri", "string"),
    Field("version", "string"),
    Field("modalities", "strings"),
    Field("meeting", "object", fields=(Field("chatInfo", "object"), Field("meetingInfo", "object"))),
    Field("legacy", "boolean"),
    Field("policyRecording", "boolean"),
)
_CALLER_FIELDS = (Field("caller", "target"),)
_RING_PARAMETERS = ("version", "caller", "modalities", "meeting", "legacy", "scenario")
_RING_MEMBERS = ("callbackUri", *_RING_PARAMETERS, "policyRecording")
_MEETING_MEMBERS = ("chatInfo", "meetingInfo")


class ControlRoutes:
    """Routes below ``/simulator``, which Graph does not have.

    Parameters
    ----------
    authenticate : callable
        Returns the id of the application that sent a request, or raises ``GraphError``. An application controls its
        own calls only.
    ring, press, hang_up, get_sent_states, advance, step : callable
        The methods of the simulator.
    """

    def __init__(
        self,
        authenticate: Callable[[Request], str],
        ring: Callable[..., Awaitable[str]],
        press: Callable[..., Awaitable[None]],
        hang_up: Callable[..., Awaitable[None]],
        get_sent_states: Callable[..., Awaitable[dict[str, list[str]]]],
        advance: Callable[..., Awaitable[None]],
        step: Callable[[], Awaitable[bool]],
    ) -> None:
        self._authenticate = authenticate
        self._ring = ring
        self._press = press
        self._hang_up = hang_up
        self._get_sent_states = get_sent_states
        self._advance = advance
        self._step = step

    def make_routes(self) -> Iterable[Route]:
        yield Route("/simulator/health", self._get_health)
        yield Route("/simulator/ring", self._post_ring, methods=["POST"])
        yield Route("/simulator/advance", self._post_advance, methods=["POST"])
        yield Route("/simulator/step", self._post_step, methods=["POST"])
        yield Route("/simulator/calls", self._get_calls)
        yield Route("/simulator/calls/{call_id}/press", self._post_press, methods=["POST"])
        yield Route("/simulator/calls/{call_id}/hangUp", self._post_hang_up, methods=["POST"])

    async def _get_health(self, _: Request) -> Response:
        """Return that the simulator accepts requests, without a token: containers wait for it."""
        return JsonResponse({"status": "ok"})

    async def _post_ring(self, request: Request) -> Response:
        """Ring the bot: ``{"callbackUri": …, "version": "v1.0", "caller": "+14255550100", "legacy": false}``."""
        application_id = self._authenticate(request)
        body = await read_control_body(request, _RING_MEMBERS)
        raise_problems(_validate_ring(body))
        parameters = {name: body[name] for name in _RING_PARAMETERS if body.get(name) is not None}
        parameters["policy_recording"] = bool(body.get("policyRecording"))
        callback_uri = str(body.get("callbackUri") or "")
        call_id = await translate_errors(self._ring(callback_uri, application_id=application_id, **parameters))
        return JsonResponse({"id": call_id}, 201)

    async def _post_advance(self, request: Request) -> Response:
        """Move virtual time: ``{"seconds": 60}``. The response comes when what was due has been delivered."""
        self._authenticate(request)
        body = await read_control_body(request, ("seconds",))
        await translate_errors(self._advance(body.get("seconds")))
        return Response(status_code=204)

    async def _post_step(self, request: Request) -> Response:
        """Move virtual time to the next notification: ``{}``. Return ``{"sent": false}`` if none is due."""
        self._authenticate(request)
        await read_control_body(request, ())
        return JsonResponse({"sent": await translate_errors(self._step())})

    async def _get_calls(self, request: Request) -> Response:
        """Return the states that the application was notified of: ``{id: [state, …]}``."""
        return JsonResponse(await self._get_sent_states(application_id=self._authenticate(request)))

    async def _post_press(self, request: Request) -> Response:
        """Press keys: ``{"tones": ["tone1", "pound"]}``."""
        application_id = self._authenticate(request)
        body = await read_control_body(request, ("tones",))
        raise_problems(validate_body(body, _PRESS_FIELDS))
        call_id, tones = request.path_params["call_id"], body.get("tones") or ()
        await translate_errors(self._press(call_id, *tones, application_id=application_id))
        return Response(status_code=204)

    async def _post_hang_up(self, request: Request) -> Response:
        application_id = self._authenticate(request)
        await read_control_body(request)
        await translate_errors(self._hang_up(request.path_params["call_id"], application_id=application_id))
        return Response(status_code=204)


def _validate_ring(body: Mapping[str, Any]) -> list[Problem]:
    problems = validate_body(body, _RING_FIELDS)
    if isinstance(body.get("meeting"), dict):
        problems += find_unknown(body["meeting"], _MEETING_MEMBERS)
    # A caller may also be a phone number or a name.
    return problems if isinstance(body.get("caller"), str) else problems + validate_body(body, _CALLER_FIELDS)


def find_unknown(body: Mapping[str, Any], names: Sequence[str]) -> list[Problem]:
    """Return a problem for each member that a body cannot have, with the name that was probably meant."""
    if not names:
        return [(name, f"Unknown member {name!r}; send an empty body.") for name in body]
    return [(name, unknown_name_message("member", name, names)) for name in body if name not in names]


async def read_control_body(request: Request, names: Sequence[str] = ()) -> dict[str, Any]:
    """Return the body of a request. Raise ``GraphError`` (400) for a member whose name is not listed."""
    body = await read_object(request, allow_empty=not names)
    raise_problems(find_unknown(body, names))
    return body


def raise_problems(problems: list[Problem]) -> None:
    """Raise ``GraphError`` (400) if there are problems."""
    if problems:
        raise bad_request(problems)


async def translate_errors(result: Awaitable[Any]) -> Any:
    """Await a method of the simulator. Raise ``GraphError`` (400) for its ``ValueError`` or ``TypeError``."""
    try:
        return await result
    except (ValueError, TypeError) as error:
        raise bad_request([("body", str(error))]) from None
