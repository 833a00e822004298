"""Many calls at once, as a fleet of bots has them: the same lives and bodies, with no waiting in between.

A life is told without a task or a timer of its own, and calls that are as far as each other share an envelope: the
``value`` of Graph's notifications is a list. So one core tells some thousand whole lives a second.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any
from urllib.parse import urlsplit

from .bodies import notification_body
from .dice import guid
from .scenarios import ENDING, SCENARIOS, script
from .store import PlacedCall
from .surfaces import surface_named
from .switchboard import Event, Line, advance
from .tenant import Application

MIX: Mapping[str, float] = {"answered": 70, "declined": 12, "no_answer": 11, "busy": 7}
"""How many calls of a hundred have which scenario."""

TOGETHER = 20
"""How many calls share their envelopes."""

CONNECTIONS = 16
AGAIN_SECONDS = 0.2
"""Before an envelope that was not taken is sent again."""

_PEOPLE = ("Adele Vance", "Alex Wilber", "Diego Siciliani", "Grady Archie", "Isaiah Langer", "Lee Gu", "Megan Bowen")


@dataclass
class Sent:
    """What a fleet has sent so far. ``notifications`` were acknowledged, ``repeated`` requests had to be sent again."""

    calls: int = 0
    notifications: int = 0
    requests: int = 0
    repeated: int = 0


class Fleet:
    """Tells the lives of many calls to listeners.

    Parameters
    ----------
    application : whose calls they are
    bearer : gives the token of its notifications
    urls : of listeners, with their paths; each connection goes to one of them
    version : how notifications are spelt
    mix : how many of a hundred calls have which scenario
    seed : the same one makes the same calls
    clock : epoch seconds
    """

    def __init__(
        self,
        application: Application,
        bearer: Callable[[], str],
        urls: Sequence[str],
        *,
        version: str,
        mix: Mapping[str, float] = MIX,
        seed: int = 1,
        clock: Callable[[], float],
    ) -> None:
        self._bot = {"application": {"displayName": application.name, "id": application.id}}
        self._application = application
        self._bearer = bearer
        self._urls = [urlsplit(url) for url in urls]
        self._surface = surface_named(version)
        self._scenarios = [SCENARIOS[name] for name in mix]
        self._weights = list(mix.values())
        self._seed = seed
        self._clock = clock
        self.sent = Sent()

    async def run(self, calls: int) -> Sent:
        """Send the lives of so many calls; returns when all of it was acknowledged."""
        first = self.sent.calls
        groups = iter([range(n, min(n + TOGETHER, first + calls)) for n in range(first, first + calls, TOGETHER)])
        await asyncio.gather(*(self._work(groups, number) for number in range(CONNECTIONS)))
        return self.sent

    async def _work(self, groups: Iterator[range], number: int) -> None:
        line = _Line(self._urls[number % len(self._urls)])
        for group in groups:
            for envelope, count in self._envelopes(group):
                while not await line.post(envelope, self._bearer()):
                    self.sent.repeated += 1
                    await asyncio.sleep(AGAIN_SECONDS)
                self.sent.requests += 1
                self.sent.notifications += count
            self.sent.calls += len(group)
        line.close()

    def _envelopes(self, group: range) -> Iterator[tuple[bytes, int]]:
        for step in zip_longest(*(self._life(number) for number in group)):
            bodies = [body for body in step if body is not None]
            together = {**bodies[0], "value": [item for body in bodies for item in body["value"]]}
            yield json.dumps(together, separators=(",", ":")).encode(), len(bodies)

    def _life(self, number: int) -> Iterator[dict[str, Any]]:
        """The notifications of one call from its beginning to its end."""
        rng = random.Random(f"{self._seed}/{number}")  # noqa: S311 - repeating is what the seed is for
        placed = self._placed(number, rng)
        scenario = rng.choices(self._scenarios, self._weights)[0]
        for event in self._events(placed, scenario.peer, rng):
            placed.line, notices = advance(placed.line, event, self._clock())
            for notice in notices:
                if notice.entity == "call" and notice.line.state not in self._surface.untold:
                    yield notification_body(placed, notice)

    def _events(self, placed: PlacedCall, steps: Any, rng: random.Random) -> Iterator[Event]:
        yield Event("create")
        yield from (event for _, event in script(steps, placed.kind, placed.body, placed.bot, rng))
        # Of a call that has ended, these change nothing.
        yield Event("hang_up")
        yield from (event for _, event in script(ENDING, placed.kind, placed.body, placed.bot, rng))

    def _placed(self, number: int, rng: random.Random) -> PlacedCall:
        who = {"user": {"displayName": rng.choice(_PEOPLE), "id": guid(rng)}}
        return PlacedCall(
            id=self._surface.new_id(rng),
            number=number,
            application_id=self._application.id,
            participant_id=self._surface.new_id(rng),
            chain_id=guid(rng),
            surface=self._surface,
            callback_uri="",
            body={"targets": [{"identity": who}], "requestedModalities": ["audio"]},
            bot=self._bot,
            line=Line(etag=rng.randrange(1000, 10_000)),
        )


class _Line:
    """One connection to a listener, opened again when it is lost."""

    def __init__(self, url: Any) -> None:
        self._url = url
        self._open: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, body: bytes, bearer: str) -> bool:
        """Whether it was acknowledged."""
        head = (
            f"POST {self._url.path} HTTP/1.1\r\nHost: {self._url.netloc}\r\nAuthorization: Bearer {bearer}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        try:
            reader, writer = self._open or await asyncio.open_connection(self._url.hostname, self._url.port)
            self._open = reader, writer
            writer.write(head.encode() + body)
            answer = await reader.readuntil(b"\r\n\r\n")
        except (OSError, asyncio.IncompleteReadError):
            answer = b""
        taken = answer.startswith(b"HTTP/1.1 202")
        if not taken:  # a refusal has a body, which is not read
            self.close()
        return taken

    def close(self) -> None:
        if self._open:
            self._open[1].close()
            self._open = None
