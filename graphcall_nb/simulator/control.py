"""The other side of calls over HTTP, for bots in other processes: somebody rings, presses keys, hangs up."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .answers import Json
from .members import Member, body_problems
from .operations import TONES
from .reading import read_object
from .refusals import bad_request
from .validation import Problem, Rules

Ring = Callable[[Mapping[str, Any], str], Awaitable[str]]
Admit = Callable[[Request], str]

_PRESSED = (Member("tones", "texts", one_of=TONES),)
_RING = (
    Member("callbackUri", "text"),
    Member("version", "text"),
    Member("modalities", "texts"),
    Member("meeting", "object"),
    Member("legacy", "flag"),
)
_CALLER = (Member("caller", "person"),)
_MEETING = (Member("chatInfo", "object"), Member("meetingInfo", "object"))
_NO_RULES = Rules(media_configs=(), meeting_infos=())
"""What differs between versions is of no concern here."""


class Control:
    """Routes below ``/simulator``. They are none of Graph's.

    ``admit`` refuses whoever has no token of the tenant, and says whose token it is: an application has a say over its
    own calls only.
    """

    def __init__(
        self,
        admit: Admit,
        ring: Ring,
        press: Callable[..., Awaitable[None]],
        hang_up: Callable[..., Awaitable[None]],
        truth: Callable[..., Awaitable[dict[str, list[str]]]],
    ) -> None:
        self._admit = admit
        self._ring = ring
        self._press = press
        self._hang_up = hang_up
        self._truth = truth

    def routes(self) -> Iterable[Route]:
        yield Route("/simulator/ring", self.ring, methods=["POST"])
        yield Route("/simulator/calls", self.calls)
        yield Route("/simulator/calls/{call_id}/press", self.press, methods=["POST"])
        yield Route("/simulator/calls/{call_id}/hangUp", self.hang_up, methods=["POST"])

    async def ring(self, request: Request) -> Response:
        """``{"callbackUri": …, "version": "v1.0", "caller": "+14255550100", "legacy": false}``; answers an ``id``."""
        application_id = self._admit(request)
        body = await read_object(request)
        _refuse(_ring_problems(body))
        return Json({"id": await _checked(self._ring(body, application_id))}, 201)

    async def calls(self, request: Request) -> Response:
        """``{id: [state, …]}``: what the application was told of its calls."""
        return Json(await self._truth(application_id=self._admit(request)))

    async def press(self, request: Request) -> Response:
        """``{"tones": ["tone1", "pound"]}``"""
        application_id = self._admit(request)
        body = await read_object(request)
        _refuse(body_problems(body, _PRESSED, _NO_RULES))
        call_id, tones = request.path_params["call_id"], body.get("tones") or ()
        await _checked(self._press(call_id, *tones, application_id=application_id))
        return Response(status_code=204)

    async def hang_up(self, request: Request) -> Response:
        application_id = self._admit(request)
        await _checked(self._hang_up(request.path_params["call_id"], application_id=application_id))
        return Response(status_code=204)


def _ring_problems(body: Mapping[str, Any]) -> list[Problem]:
    problems = body_problems(body, _RING, _NO_RULES)
    if not isinstance(body.get("caller"), str):  # a number or a name
        problems += body_problems(body, _CALLER, _NO_RULES)
    if isinstance(meeting := body.get("meeting"), dict):
        problems += [(f"meeting.{path}", said) for path, said in body_problems(meeting, _MEETING, _NO_RULES)]
    return problems


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise bad_request(problems)


async def _checked(doing: Awaitable[Any]) -> Any:
    try:
        return await doing
    except ValueError as error:
        raise bad_request([("body", str(error))]) from None
