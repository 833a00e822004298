"""The telephone exchange: places calls, lets them run through their scenario, and tells the bot through the outbox."""

from __future__ import annotations

import asyncio
import contextlib
import math
import random
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from ..simulator import outcomes
from .bodies import legacy_body, notification_body, operation_notification
from .dice import Dice, guid, secret
from .outbox import Letter, Outcome, Sleep
from .scenarios import ANNOUNCE_SECONDS, ENDING, HANG_UP_SECONDS, JOINED, Scenario, Steps, script
from .store import Calls, PlacedCall, Running, Told
from .surfaces import Surface
from .switchboard import Event, Line, Notice, Result, advance
from .tenant import Application
from .validation import is_callback

_FIRST_ETAGS = range(1000, 10_000)
ANSWER_SECONDS = 15.0
"""How long an incoming call waits for answer, reject or redirect."""

KEEP_ALIVE_SECONDS = 45 * 60.0
"""A call ends this long after its last keepAlive, or after it was established."""

MAX_RECORDINGS = 1000

ANSWER_PATIENCE = 2.0
KEEP_ALIVE_PATIENCE = 5.0
"""Real seconds that a bot has to answer and to keep a call alive, however fast the time of the simulator goes."""


class Post(Protocol):
    """Takes letters to bots."""

    def put(self, letter: Letter) -> None: ...


@dataclass(frozen=True, slots=True)
class OperationNotice:
    """An operation to tell the bot of."""

    running: Running
    change_type: str


Notices = list[Notice | OperationNotice]


@dataclass(frozen=True, slots=True)
class Manner:
    """What nobody has published and somebody may want otherwise.

    Attributes
    ----------
    missed : the end of an incoming call that nobody answered in time
    ringing : whether ``ringing`` is told: ``None`` as the version's published examples do
    strict : whether what the pages say of group calls and permissions is held against every single operation
    answer_patience, keep_alive_patience : real seconds that a bot has at least, however fast time goes
    """

    missed: Result = outcomes.MISSED
    ringing: bool | None = None
    strict: bool = False
    answer_patience: float = ANSWER_PATIENCE
    keep_alive_patience: float = KEEP_ALIVE_PATIENCE


class Exchange:
    """Runs the calls. Delays are divided by ``speed``."""

    def __init__(
        self,
        calls: Calls,
        post: Post,
        scenario: Scenario,
        *,
        dice: Dice,
        clock: Callable[[], float],
        sleep: Sleep,
        speed: float,
        manner: Manner | None = None,
        legacy: bool = False,
    ) -> None:
        self.calls = calls
        self.legacy = legacy
        self.scenario = scenario
        self.manner = manner or Manner()
        self.clock = clock
        self._post = post
        self._dice = dice
        self._sleep = sleep
        self._speed = speed
        self._placed = 0
        self.recordings: dict[str, str] = {}

    # Beginnings

    def place(self, surface: Surface, application: Application, body: Mapping[str, Any]) -> tuple[PlacedCall, Notices]:
        """A new call that is establishing, and what is to be told of it once the bot knows its id."""
        placed = self._new(surface, application, body["callbackUri"], body)
        return placed, self.apply(placed, Event("create"))

    def start(self, placed: PlacedCall, notices: Notices) -> None:
        """Begin what follows; to be called when the answer to the request has been sent."""
        self.tell(placed, notices, delay=ANNOUNCE_SECONDS / self._speed)
        if not placed.line.ended and placed.line.state != "terminating":
            self.play(placed, getattr(self.scenario, placed.kind))

    def arrive(
        self, surface: Surface, application: Application, callback_uri: str, body: Mapping[str, Any]
    ) -> tuple[PlacedCall, Notices]:
        """A call that comes in, and what is to be told of it."""
        placed = self._new(surface, application, callback_uri, body, incoming=True)
        notices = self.apply(placed, Event("arrive"))
        self.run(placed, "answer", self._missed(placed))
        return placed, notices

    def _new(
        self,
        surface: Surface,
        application: Application,
        callback_uri: str,
        body: Mapping[str, Any],
        *,
        incoming: bool = False,
    ) -> PlacedCall:
        self._placed += 1
        rng = self._dice.stream(f"call/{self._placed}")
        kept = surface.accepted(body) | _filled_in(surface, application, body, rng)
        placed = PlacedCall(
            id=surface.new_id(rng),
            number=self._placed,
            application_id=application.id,
            participant_id=surface.new_id(rng),
            chain_id=guid(rng),
            surface=surface,
            callback_uri=callback_uri,
            body=kept,
            kind="meeting" if incoming and body.get("meetingInfo") else "peer" if incoming else surface.kind_of(body),
            direction="incoming" if incoming else "outgoing",
            bot=_bot(application, {} if incoming else kept),
            line=Line(etag=rng.choice(_FIRST_ETAGS)),
        )
        self.calls.add(placed, self.clock())
        return placed

    async def _missed(self, placed: PlacedCall) -> None:
        await self._sleep(max(ANSWER_SECONDS / self._speed, self.manner.answer_patience))
        self.happen(placed, Event("end", result=self.manner.missed))

    def answered(self, placed: PlacedCall, notices: Notices) -> None:
        """What follows the answer of an incoming call."""
        self.tell(placed, notices)
        connected, *rest = self.scenario.incoming
        others = () if placed.kind == "peer" else (JOINED,)
        self.play(placed, (connected, *others, *rest))

    # Endings

    def hang_up(self, placed: PlacedCall) -> Notices:
        """End a call at the bot's wish; what follows begins with :meth:`end`."""
        return self.apply(placed, Event("hang_up"))

    def end(self, placed: PlacedCall, notices: Notices) -> None:
        """What follows a :meth:`hang_up`; to be called when the answer to the request has been sent."""
        if notices:
            self.tell(placed, notices)
            self.play(placed, ENDING, reason="AppInitiated")

    def other_hangs_up(self, placed: PlacedCall) -> None:
        """The other side ends the call."""
        if notices := self.apply(placed, Event("hang_up")):
            self.tell(placed, notices)
            over = (HANG_UP_SECONDS, Event("end", result=outcomes.OTHER_HUNG_UP))
            self.run(placed, "script", self._happening(placed, iter([over])))

    # What goes on

    def play(self, placed: PlacedCall, steps: Steps, reason: str | None = None) -> None:
        """Let a call run through these steps by itself."""
        rng = self._dice.stream(f"script/{placed.number}/{steps[0].event}")
        events = script(steps, placed.kind, placed.body, placed.bot, rng)
        if reason:
            events = ((after, Event(each.name, result=each.result, reason=reason)) for after, each in events)
        self.run(placed, "script", self._happening(placed, events))

    def run(self, placed: PlacedCall, name: str, coroutine: Coroutine[Any, Any, None]) -> None:
        """Let something of a call go on by itself; what went on under the same name stops."""
        self.stop(placed, name)
        task = asyncio.get_running_loop().create_task(coroutine)
        placed.tasks[name] = task
        task.add_done_callback(lambda done: self._done(placed, name, done))

    def stop(self, placed: PlacedCall, name: str) -> None:
        task = placed.tasks.pop(name, None)
        if task is not None and task is not asyncio.current_task():
            task.cancel()

    def _done(self, placed: PlacedCall, name: str, task: asyncio.Task[None]) -> None:
        if placed.tasks.get(name) is task:
            del placed.tasks[name]
        if not task.cancelled() and (error := task.exception()):
            raise error  # the loop's handler of errors shows it

    async def _happening(self, placed: PlacedCall, events: Iterator[tuple[float, Event]]) -> None:
        for after, event in events:
            await self.pause(after)
            self.happen(placed, event)

    async def pause(self, seconds: float) -> None:
        """Wait in the simulator's own time, for ever where that is how long it takes."""
        if math.isinf(seconds):
            await asyncio.get_running_loop().create_future()
        await self._sleep(seconds / self._speed)

    def happen(self, placed: PlacedCall, event: Event) -> None:
        """Let something happen to a call, and tell the bot."""
        self.tell(placed, self.apply(placed, event))

    def apply(self, placed: PlacedCall, event: Event) -> Notices:
        """Let something happen to a call; what is to be told of it is for the caller to tell."""
        before = placed.line.state
        line, notices = advance(placed.line, event, self.clock())
        self.calls.move(placed, line)
        told: Notices = []
        if line.state != before:
            told = self._entered(placed, before, line)
        return [*told, *notices]

    def _entered(self, placed: PlacedCall, before: str | None, line: Line) -> Notices:
        """A call is in another state; gives what is to be told of its operations."""
        if before == "incoming":
            self.stop(placed, "answer")
        if line.state == "established" and "keepAlive" not in placed.tasks:
            self.keep_alive(placed)
        if line.state == "terminating" or line.ended:
            return self._wind_up(placed)
        return []

    def _wind_up(self, placed: PlacedCall) -> Notices:
        """Stop all that goes on in a call; operations that are not finished fail."""
        for name in list(placed.tasks):
            self.stop(placed, name)
        placed.queue.clear()
        if placed.line.ended and self._is_called_back(placed):
            self.run(placed, "back", self._call_back(placed))
        return [self.finished(placed, running, outcomes.CANCELLED) for running in list(placed.running.values())]

    def _is_called_back(self, placed: PlacedCall) -> bool:
        wanted = self.scenario.calls_back is not None and placed.direction == "outgoing"
        return wanted and placed.line.result != outcomes.HUNG_UP

    async def _call_back(self, placed: PlacedCall) -> None:
        await self.pause(self.scenario.calls_back or 0.0)
        targets = placed.body.get("targets")
        caller = targets[0]["identity"] if targets else ADELE
        application = Application(placed.application_id, "Simulated bot", "")
        body = incoming_body(placed.surface, caller, placed.bot, placed.body.get("requestedModalities") or ["audio"])
        self.announce(*self.arrive(placed.surface, application, placed.callback_uri, body), legacy=self.legacy)

    def keep_alive(self, placed: PlacedCall) -> None:
        """Let the call live for as long again."""
        self.run(placed, "keepAlive", self._lapse(placed))

    async def _lapse(self, placed: PlacedCall) -> None:
        await self._sleep(max(KEEP_ALIVE_SECONDS / self._speed, self.manner.keep_alive_patience))
        self.happen(placed, Event("end", result=outcomes.NOT_KEPT_ALIVE))

    # Operations

    def begin(self, placed: PlacedCall, kind: str, context: str | None, **extra: Any) -> Running:
        """A new operation on a call."""
        placed.operations += 1
        rng = self._dice.stream(f"operation/{placed.number}/{placed.operations}")
        now = self.clock()
        running = Running(placed.surface.new_id(rng), kind, context, created=now, changed=now, extra=extra)
        placed.running[running.id] = running
        return running

    def recorded(self, running: Running) -> str:
        """Keep a recording, and give the token that it can be fetched with."""
        token = secret(self._dice.stream(f"recording/{running.id}"))
        self.recordings[running.id] = token
        while len(self.recordings) > MAX_RECORDINGS:
            del self.recordings[next(iter(self.recordings))]
        return token

    def finished(self, placed: PlacedCall, running: Running, result: Result | None) -> OperationNotice:
        """An operation is over; gives what is to be told of it."""
        placed.running.pop(running.id, None)
        running.status = "completed" if result is None or result.code < 400 else "failed"
        running.result = result
        running.changed = self.clock()
        return OperationNotice(running, "deleted")

    # Telling

    def announce(self, placed: PlacedCall, notices: Notices, *, legacy: bool = False) -> None:
        """Tell of a call that comes in; the bot's answer to that may ask for another format or another address."""
        for notice in notices:
            if isinstance(notice, Notice) and self._is_told(placed, notice):
                letter = self._letter(placed, notification_body(placed, notice))
                letter = replace(letter, answered=lambda sent, outcome: self._moved(placed, sent, outcome))
                self._post.put(_preceded(letter, legacy_body(placed)) if legacy else letter)

    def _moved(self, placed: PlacedCall, sent: Letter, outcome: Outcome) -> Letter | None:
        """Where a bot answers 302, another of its deployments takes the call over."""
        if outcome.status != 302 or not is_callback(outcome.location):
            return None
        placed.callback_uri = outcome.location
        return replace(sent, url=outcome.location, answered=None)

    def tell(self, placed: PlacedCall, notices: Iterable[Notice | OperationNotice], delay: float = 0.0) -> None:
        for notice in notices:
            if isinstance(notice, OperationNotice):
                body = operation_notification(placed, notice.running, notice.change_type)
            elif self._is_told(placed, notice):
                body = notification_body(placed, notice)
            else:
                continue
            self._post.put(self._letter(placed, body, delay))

    def _letter(self, placed: PlacedCall, body: Mapping[str, Any], delay: float = 0.0) -> Letter:
        return Letter(placed.id, placed.callback_uri, placed.application_id, body, delay)

    def _is_told(self, placed: PlacedCall, notice: Notice) -> bool:
        if notice.entity == "participants":
            return placed.kind != "peer"
        state = notice.line.state or ""
        if state == "ringing" and self.manner.ringing is not None:
            told = self.manner.ringing
        else:
            told = state not in placed.surface.untold
        if told:
            placed.told.append(Told(state, notice.line.changed_at))
        return told

    async def aclose(self) -> None:
        """Stop all calls where they are."""
        tasks = [task for placed in self.calls for task in placed.tasks.values()]
        for task in tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)


def _preceded(letter: Letter, body: Mapping[str, Any]) -> Letter:
    """The letter with another body, until the bot answers 204: then it comes as it is."""
    return replace(letter, body=body, answered=lambda sent, outcome: letter if outcome.status == 204 else None)


ADELE: Mapping[str, Any] = {"user": {"displayName": "Adele Vance", "id": "87d349ed-44d7-43e1-9a83-5f2406dee5bd"}}
"""Who calls where nobody else is named."""


def incoming_body(
    surface: Surface, caller: Mapping[str, Any], bot: Mapping[str, Any], modalities: Iterable[str]
) -> dict[str, Any]:
    """What is known of a call that comes in."""
    return {
        "source": {**surface.typed_as("participantInfo"), "identity": dict(caller)},
        "targets": [{**surface.typed_as("invitationParticipantInfo"), "identity": dict(bot)}],
        "requestedModalities": list(modalities),
    }


def _bot(application: Application, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The identity under which the bot is in a call."""
    given = (body.get("source") or {}).get("identity")
    return given or {"application": {"displayName": application.name, "id": application.id}}


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
