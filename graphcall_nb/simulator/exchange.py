"""The telephone exchange: places calls, lets them run through their scenario, and tells the bot through the outbox."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from .bodies import notification_body
from .dice import Dice, guid
from .outbox import Letter, Outbox, Sleep
from .scenarios import ANNOUNCE_SECONDS, ENDING, Scenario, script
from .store import Calls, PlacedCall
from .surfaces import Surface
from .switchboard import Event, Line, Notice, advance
from .tenant import Application

_FIRST_ETAGS = range(1000, 10_000)


class Exchange:
    """Runs the calls. Delays are divided by ``speed``."""

    def __init__(
        self,
        calls: Calls,
        outbox: Outbox,
        scenario: Scenario,
        *,
        dice: Dice,
        clock: Callable[[], float],
        sleep: Sleep,
        speed: float,
    ) -> None:
        self.calls = calls
        self._outbox = outbox
        self._scenario = scenario
        self._dice = dice
        self._clock = clock
        self._sleep = sleep
        self._speed = speed
        self._placed = 0
        self._running: dict[str, asyncio.Task[None]] = {}

    def place(
        self, surface: Surface, application: Application, body: Mapping[str, Any]
    ) -> tuple[PlacedCall, list[Notice]]:
        """A new call that is establishing, and what is to be told of it once the bot knows its id."""
        self._placed += 1
        rng = self._dice.stream(f"call/{self._placed}")
        placed = PlacedCall(
            id=surface.new_id(rng),
            number=self._placed,
            application_id=application.id,
            participant_id=surface.new_id(rng),
            chain_id=guid(rng),
            surface=surface,
            callback_uri=body["callbackUri"],
            body=surface.accepted(body) | _filled_in(surface, application, body, rng),
            kind=surface.kind_of(body),
            line=Line(etag=rng.choice(_FIRST_ETAGS)),
        )
        notices = self._apply(placed, Event("create"))
        self.calls.add(placed, self._clock())
        return placed, notices

    def start(self, placed: PlacedCall, notices: Iterable[Notice]) -> None:
        """Begin what follows; to be called when the answer to the request has been sent."""
        rng = self._dice.stream(f"script/{placed.number}")
        self._tell(placed, notices, delay=ANNOUNCE_SECONDS / self._speed)
        if not placed.line.ended and placed.line.state != "terminating":
            self._run(placed, script(self._scenario, placed.kind, placed.body, rng))

    def hang_up(self, placed: PlacedCall) -> list[Notice]:
        """End a call at the bot's wish; what follows begins with :meth:`end`."""
        notices = self._apply(placed, Event("hang_up"))
        running = self._running.get(placed.id)
        if notices and running is not None:
            running.cancel()
        return notices

    def end(self, placed: PlacedCall, notices: Iterable[Notice]) -> None:
        """What follows a :meth:`hang_up`; to be called when the answer to the request has been sent."""
        notices = list(notices)
        if notices:
            self._tell(placed, notices)
            self._run(
                placed,
                ((step.after or 0.0, Event(step.event, result=step.result, reason="AppInitiated")) for step in ENDING),
            )

    def _run(self, placed: PlacedCall, steps: Iterator[tuple[float, Event]]) -> None:
        task = asyncio.get_running_loop().create_task(self._play(placed, steps))
        self._running[placed.id] = task
        task.add_done_callback(lambda done: self._done(placed.id, done))

    def _done(self, call_id: str, task: asyncio.Task[None]) -> None:
        if self._running.get(call_id) is task:
            del self._running[call_id]

    async def _play(self, placed: PlacedCall, steps: Iterator[tuple[float, Event]]) -> None:
        for after, event in steps:
            await self._sleep(after / self._speed)
            self._tell(placed, self._apply(placed, event))

    def _apply(self, placed: PlacedCall, event: Event) -> list[Notice]:
        line, notices = advance(placed.line, event, self._clock())
        self.calls.move(placed, line)
        return list(notices)

    def _tell(self, placed: PlacedCall, notices: Iterable[Notice], delay: float = 0.0) -> None:
        for notice in notices:
            if notice.line.state in placed.surface.untold and notice.entity == "call":
                continue
            body = notification_body(placed, notice)
            self._outbox.put(Letter(placed.id, placed.callback_uri, placed.application_id, body, delay))

    async def aclose(self) -> None:
        """Stop all calls where they are."""
        running = list(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def _filled_in(
    surface: Surface, application: Application, body: Mapping[str, Any], rng: random.Random
) -> dict[str, Any]:
    """What the service adds to a call that leaves it out, where a version shows such things."""
    if not surface.typed:
        return {}
    added: dict[str, Any] = {}
    if not body.get("source"):
        who = {"@odata.type": "#microsoft.graph.identity", "displayName": application.name, "id": application.id}
        identity = {"@odata.type": "#microsoft.graph.identitySet", "application": who}
        added["source"] = {"@odata.type": "#microsoft.graph.participantInfo", "identity": identity}
    if body.get("meetingInfo") and not body.get("chatInfo"):
        thread = f"19:meeting_{guid(rng)}@thread.v2"
        added["chatInfo"] = {"@odata.type": "#microsoft.graph.chatInfo", "threadId": thread, "messageId": "0"}
    return added
