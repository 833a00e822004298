"""The calling service: creates calls, runs them through their scenario, and notifies the bot."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from typing import Any, Literal, Protocol

from .._arguments import require_choice
from . import result_codes, wire
from .callbacks import CallbackPolicy
from .calls import CallRegistry, RunningOperation, SentState, SimulatedCall
from .delivery import Delivery, DeliveryResult, Sleep
from .payloads import (
    make_delta_notification,
    make_notification,
    make_operation_notification,
    make_sharing_notification,
)
from .random import SeededRandom, make_guid, make_secret
from .scenario import HANG_UP_SECONDS, Scenario, Steps, add_join
from .scenario_recording import FIRST_NOTIFICATION_SECONDS
from .scenarios import ENDING, JITTER, ScenarioRegistry, generate_events
from .state_machine import CallState, Change, Event, Result, advance, find_absent
from .tokens import ISSUER_CHOICES, Application
from .versions import FORMS, ApiVersion, Form
from .virtual_time import CreateTask, create_task

_FIRST_ETAGS = range(1000, 10_000)
ANSWER_SECONDS = 15.0
"""Time to answer, reject or redirect an incoming call; Microsoft's number."""

RECORDING_ANSWER_SECONDS = 5.0
"""The same for a call to a bot that records for a compliance policy; Microsoft's number."""

KEEP_ALIVE_SECONDS = 45 * 60.0
"""Time between keepAlives after which a call ends; Microsoft's number."""

MIN_ANSWER_SECONDS = 2.0
MIN_KEEP_ALIVE_SECONDS = 5.0
"""Real seconds that a bot has at least, since its own speed does not grow with the simulator's."""

MAX_RECORDINGS = 1000
MAX_ROSTER_PARTICIPANTS = 100

DEFAULT_CALLER: Mapping[str, Any] = {
    "user": {"displayName": "Adele Vance", "id": "87d349ed-44d7-43e1-9a83-5f2406dee5bd"}
}


class NotificationQueue(Protocol):
    """Queues notifications for bots."""

    def enqueue(self, delivery: Delivery) -> None: ...


@dataclass(frozen=True, slots=True)
class OperationChange:
    """A change of an operation to notify the bot of."""

    operation: RunningOperation
    change_type: str


Changes = list[Change | OperationChange]


@dataclass(frozen=True, slots=True)
class SimulatorOptions:
    """Behavior that Microsoft has not published and a test may need otherwise.

    Attributes
    ----------
    form : {"wire", "pages"}
        Form of notifications in v1.0 and today's beta: as captures of the real service show them, or as Microsoft's
        pages do. The version of 2018 always has the form of its pages.
    terminating_and_hold : bool or None
        Whether the states ``terminating`` and ``hold`` are notified. No capture shows them, so by default (``None``)
        the form of the pages alone has them. Without ``hold``, an update of the roster shows the inactive audio of the
        participants on hold.
    media_state : {"after", "with", "never"}
        When ``mediaState`` is notified as active: in a second ``established`` right after the first, with the first,
        or not at all. ``GET`` shows it in any case, in v1.0 and today's beta.
    issuer : {"botframework", "graph", "both"}
        Issuer of the tokens of notifications: ``https://api.botframework.com`` as captured,
        ``https://graph.microsoft.com``, which Microsoft's sample also accepts, or each in turn.
    missed : Result
        Result of an incoming call that is not answered in time.
    ringing : bool or None
        Whether ``ringing`` is notified; ``None`` for the behavior of the version's published examples.
    has_roster_limit : bool
        Whether the notification of a whole roster names at most 100 participants, as reported of large meetings.
    strict : bool
        Whether each operation is checked against the permissions and kinds of call on its page.
    min_answer_seconds, min_keep_alive_seconds : float
        Real seconds that a bot has at least to answer and to keep a call alive, at any speed.
    """

    form: Form = "wire"
    terminating_and_hold: bool | None = None
    media_state: Literal["after", "with", "never"] = "after"
    issuer: Literal["botframework", "graph", "both"] = "botframework"
    missed: Result = result_codes.MISSED
    ringing: bool | None = None
    has_roster_limit: bool = False
    strict: bool = False
    min_answer_seconds: float = MIN_ANSWER_SECONDS
    min_keep_alive_seconds: float = MIN_KEEP_ALIVE_SECONDS

    def __post_init__(self) -> None:
        require_choice("form", self.form, FORMS)
        require_choice("issuer", self.issuer, ISSUER_CHOICES)
        require_choice("media_state", self.media_state, ("after", "with", "never"))


class CallService:
    """Runs the calls. All delays are divided by ``speed``."""

    def __init__(
        self,
        calls: CallRegistry,
        queue: NotificationQueue,
        scenarios: ScenarioRegistry,
        *,
        random: SeededRandom,
        clock: Callable[[], float],
        sleep: Sleep,
        create_task: CreateTask = create_task,
        speed: float,
        options: SimulatorOptions | None = None,
        is_legacy: bool = False,
        tenant_id: str = "",
        callbacks: CallbackPolicy | None = None,
    ) -> None:
        self.calls = calls
        self._tenant_id = tenant_id
        self.callbacks = callbacks or CallbackPolicy()
        self.is_legacy = is_legacy
        self.scenarios = scenarios
        self.options = options or SimulatorOptions()
        self.recordings: dict[str, str] = {}
        self.first_versions: dict[str, str] = {}  # of the first request of each application, which ring() uses
        self._queue = queue
        self._random = random
        self._clock = clock
        self._sleep = sleep
        self._create_task = create_task
        self._speed = speed
        self._call_count = 0

    @property
    def answer_seconds(self) -> float:
        """Real seconds in which an incoming call must be answered."""
        return max(ANSWER_SECONDS / self._speed, self.options.min_answer_seconds)

    # Creation

    def create(
        self,
        version: ApiVersion,
        application: Application,
        body: Mapping[str, Any],
        *,
        scenario_id: str = "",
        scenario: Scenario | None = None,
    ) -> tuple[SimulatedCall, Changes]:
        """Create a call that is establishing; return it with the changes for :meth:`after_create`."""
        call = self._add_call(version, application, body["callbackUri"], body, scenario)
        call.scenario_id = scenario_id
        return call, self.transition(call, Event("create"))

    def after_create(self, call: SimulatedCall, changes: Changes) -> None:
        """Start a created call, once the response to its request was sent."""
        self.notify(call, changes, delay=FIRST_NOTIFICATION_SECONDS / self._speed)
        if not call.state.has_ended and call.state.name != "terminating":
            self._run_scenario(call, call.scenario.get_steps(call.kind))

    def receive_incoming(
        self,
        version: ApiVersion,
        application: Application,
        callback_uri: str,
        body: Mapping[str, Any],
        *,
        is_recording: bool = False,
        scenario: Scenario | None = None,
    ) -> tuple[SimulatedCall, Changes]:
        """Create an incoming call; return it with the changes for :meth:`notify_incoming`."""
        call = self._add_call(version, application, callback_uri, body, scenario, is_incoming=True)
        call.is_recording = is_recording
        if is_recording and call.kind == "peer":
            call.kind = "group"  # of the caller, the user whose calls are recorded, and the bot
        changes = self.transition(call, Event("arrive"))
        self.run_task(call, "answer", self._end_unanswered(call))
        return call, changes

    def _add_call(
        self,
        version: ApiVersion,
        application: Application,
        callback_uri: str,
        body: Mapping[str, Any],
        scenario: Scenario | None,
        *,
        is_incoming: bool = False,
    ) -> SimulatedCall:
        self._call_count += 1
        rng = self._random.stream(f"call/{self._call_count}")
        members = version.keep_settable(body) | _fill_in(version, application, body, rng)
        kind = version.get_kind(body)
        if is_incoming:
            kind = "meeting" if body.get("meetingInfo") else "peer"
        call = SimulatedCall(
            id=version.make_id(rng),
            number=self._call_count,
            application_id=application.id,
            participant_id=version.make_id(rng),
            chain_id=make_guid(rng),
            version=version,
            callback_uri=callback_uri,
            body=members,
            kind=kind,
            direction="incoming" if is_incoming else "outgoing",
            bot=_get_bot_identity(application, {} if is_incoming else members),
            tenant_id=body.get("tenantId") or self._tenant_id,
            application_name=application.name,
            scenario=scenario or self.scenarios.choose(body),
            created_at=self._clock(),
            state=CallState(etag=rng.choice(_FIRST_ETAGS)),
        )
        self.calls.add(call, self._clock())
        return call

    async def _end_unanswered(self, call: SimulatedCall) -> None:
        seconds = RECORDING_ANSWER_SECONDS if call.is_recording else ANSWER_SECONDS
        await self._sleep(max(seconds / self._speed, self.options.min_answer_seconds))
        self.fire(call, Event("end", result=self.options.missed))

    def after_answer(self, call: SimulatedCall, changes: Changes) -> None:
        """Start an answered call, once the response to the answer was sent."""
        self.notify(call, changes)
        steps = call.scenario.incoming
        self._run_scenario(call, steps if call.kind == "peer" else add_join(steps))

    def set_scenario(self, call: SimulatedCall, scenario: Scenario) -> None:
        """Let a call follow another scenario, from its first step that is still to come.

        Raises
        ------
        ValueError
            When the call has ended.
        """
        state = call.state.name
        if call.state.has_ended or state == "terminating":
            raise ValueError(f"The call is {state}; a scenario is for a call that has not ended.")
        call.scenario = scenario
        is_started = state not in ("incoming", "establishing") or self.is_running(call, "script")
        if not is_started:
            return
        steps = scenario.incoming if call.direction == "incoming" else scenario.get_steps(call.kind)
        events = [step.event for step in steps]
        if state not in ("establishing", "ringing"):
            steps = steps[events.index("connect") + 1 :] if "connect" in events else steps
        elif state == "ringing":
            steps = steps[events.index("ring") + 1 :] if "ring" in events else steps
        self.stop_task(call, "script")
        if steps:
            self._run_scenario(call, steps)

    # End

    def hang_up(self, call: SimulatedCall) -> Changes:
        """End a call for the bot; return the changes for :meth:`after_hang_up`."""
        return self.transition(call, Event("hang_up"))

    def after_hang_up(self, call: SimulatedCall, changes: Changes) -> None:
        """Finish a call that the bot hung up, once the response was sent."""
        if changes:
            self.notify(call, changes)
            self.run_script(call, ENDING, reason="AppInitiated")

    def callee_hangs_up(self, call: SimulatedCall) -> None:
        """End a call for the other side."""
        if changes := self.transition(call, Event("hang_up")):
            self.notify(call, changes)
            end = (HANG_UP_SECONDS, Event("end", result=result_codes.CALLEE_HUNG_UP))
            self.run_task(call, "script", self._fire_events(call, iter([end])))

    # Events

    def _run_scenario(self, call: SimulatedCall, steps: Steps) -> None:
        self.run_script(call, steps, jitter=call.scenario.jitter)

    def run_script(
        self, call: SimulatedCall, steps: Steps, reason: str | None = None, *, jitter: float = JITTER
    ) -> None:
        """Run a call through these steps in a task."""
        rng = self._random.stream(f"script/{call.number}/{steps[0].event}")
        modalities = call.body.get("requestedModalities") or call.version.default_modalities
        body = {**call.body, "requestedModalities": list(modalities)}
        if call.is_recording:
            body["targets"] = [{"identity": each} for each in (call.body["source"]["identity"], wire.RECORDED_USER)]
        events = generate_events(steps, call.kind, body, call.bot, rng, jitter=jitter)
        if reason:
            events = ((after, replace(event, reason=reason)) for after, event in events)
        self.run_task(call, "script", self._fire_events(call, events))

    def run_task(self, call: SimulatedCall, name: str, coroutine: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine as a task of a call, instead of its present task of this name."""
        self.stop_task(call, name)
        task = self._create_task(coroutine)
        call.tasks[name] = task
        task.add_done_callback(lambda done: self._on_task_done(call, name, done))

    def is_running(self, call: SimulatedCall, name: str) -> bool:
        """Return True while the task of this name runs.

        A task that has just ended may still be in ``call.tasks``: a bot in this process reacts before the event loop
        has called the task's callbacks.
        """
        task = call.tasks.get(name)
        return task is not None and not task.done()

    def stop_task(self, call: SimulatedCall, name: str) -> None:
        task = call.tasks.pop(name, None)
        if task is not None and task is not asyncio.current_task():
            task.cancel()

    def _on_task_done(self, call: SimulatedCall, name: str, task: asyncio.Task[None]) -> None:
        if call.tasks.get(name) is task:
            del call.tasks[name]
        if not task.cancelled() and (error := task.exception()):
            raise error  # the loop's exception handler logs it

    async def _fire_events(self, call: SimulatedCall, events: Iterator[tuple[float, Event]]) -> None:
        for after, event in events:
            await self.wait(after)
            if event.name == "join" and call.kind == "peer":
                self.add_participants(call, event.identities)
            elif event.name == "tone":
                self.press(call, event.tone or "")
            else:
                self.fire(call, event)

    def press(self, call: SimulatedCall, tone: str) -> None:
        """Press a key on the other side: it may end a recording, and the bot hears it if it has subscribed."""
        recording = call.media_queue[0] if call.media_queue else None
        if recording is not None and recording.stop_tones:
            recording.pressed += _KEYS.get(tone, tone)
            if recording.pressed.endswith(recording.stop_tones):
                self.stop_task(call, "media")
                recording.outcome, recording.seconds = result_codes.STOP_TONE, 0.0
                if "completionReason" in recording.completion:
                    recording.completion["completionReason"] = "stopToneDetected"
                self.run_media(call)
        if call.hears_tones:
            self.fire(call, Event("tone", tone=tone))

    def run_media(self, call: SimulatedCall) -> None:
        """Play and record the queued operations of a call one after another."""
        self.run_task(call, "media", self._run_media(call))

    async def _run_media(self, call: SimulatedCall) -> None:
        while call.media_queue:
            operation = call.media_queue[0]
            await self.wait(operation.seconds)
            call.media_queue.popleft()
            result = operation.outcome or result_codes.COMPLETED
            self.notify(call, [self.finish_operation(call, operation, result)])

    def add_participants(
        self, call: SimulatedCall, identities: Iterable[Mapping[str, Any]], ids: Sequence[str] = ()
    ) -> None:
        """Let participants join a call, with these ids if given; a call to one person becomes a group call.

        An identity that is in the call already does not join again.
        """
        chosen = list(zip(identities, ids or repeat(""), strict=False))
        absent = find_absent(call.state, [identity for identity, _ in chosen])
        if not absent:
            return
        for number, joining in enumerate(absent, start=call.state.joined_count):
            if id_ := next(id_ for identity, id_ in chosen if identity is joining):
                call.participant_ids[number] = id_
        if call.kind == "peer" and call.version.is_captured:
            for event in (Event("grow", flag=False), Event("grow"), Event("roster")):
                self.fire(call, event)
        call.kind = "group" if call.kind == "peer" else call.kind
        self.fire(call, Event("join", identities=tuple(absent)))

    async def wait(self, seconds: float) -> None:
        """Wait in simulated time; forever if ``seconds`` is infinite."""
        await self._sleep(seconds / self._speed)

    def fire(self, call: SimulatedCall, event: Event) -> None:
        """Apply an event to a call and notify the bot."""
        self.notify(call, self.transition(call, event))

    def transition(self, call: SimulatedCall, event: Event) -> Changes:
        """Apply an event to a call and return the changes to notify the bot of."""
        before = call.state.name
        if event.name == "connect" and call.version.has_media_state and self.options.media_state == "with":
            event = replace(event, media="active")
        state, call_changes = advance(call.state, event, self._clock())
        if event.name == "grow" and call_changes and call.kind == "peer":
            call.kind = "group"
        call.was_held = call.was_held or state.name == "hold"
        if call.version.has_media_state and (media := _get_following_media(event, state)):
            state, media_changes = advance(state, Event("media", media=media), self._clock())
            call_changes += media_changes
        if event.name == "leave":
            state, sharing_changes = advance(state, Event("unshare", numbers=event.numbers), self._clock())
            call_changes += sharing_changes
        if event.name == "connect" and call.version.is_captured and call.kind != "peer":
            # The first roster of a group call has the bot alone.
            state, roster_changes = advance(state, Event("roster"), self._clock())
            call_changes += roster_changes
        self.calls.set_state(call, state)
        operation_changes: Changes = []
        if state.name != before:
            operation_changes = self._on_state_changed(call, before)
        return [*operation_changes, *call_changes]

    def _on_state_changed(self, call: SimulatedCall, before: str | None) -> Changes:
        """Start and stop the tasks that belong to a state; return the changes of the call's operations."""
        if before == "incoming":
            self.stop_task(call, "answer")
        if call.state.name == "established" and not self.is_running(call, "keepAlive"):
            self.keep_alive(call)
        if call.state.name == "terminating" or call.state.has_ended:
            return self._stop_activity(call)
        return []

    def _stop_activity(self, call: SimulatedCall) -> Changes:
        """Stop all tasks of a call; its unfinished operations fail."""
        for name in list(call.tasks):
            self.stop_task(call, name)
        call.media_queue.clear()
        if call.state.has_ended and self._has_callback(call):
            self.run_task(call, "callback", self._call_back(call))
        return [
            self.finish_operation(call, operation, result_codes.CANCELED)
            for operation in list(call.operations.values())
        ]

    def _has_callback(self, call: SimulatedCall) -> bool:
        has_scenario = call.scenario.callback_seconds is not None and call.direction == "outgoing"
        return has_scenario and call.state.result != result_codes.HUNG_UP

    async def _call_back(self, call: SimulatedCall) -> None:
        await self.wait(call.scenario.callback_seconds or 0.0)
        targets = call.body.get("targets")
        caller = targets[0]["identity"] if targets else DEFAULT_CALLER
        application = Application(call.application_id, "Simulated bot", "")
        body = make_incoming_body(call.version, caller, call.bot, call.body.get("requestedModalities") or ["audio"])
        incoming, changes = self.receive_incoming(call.version, application, call.callback_uri, body)
        self.notify_incoming(incoming, changes, is_legacy=self.is_legacy)

    def keep_alive(self, call: SimulatedCall) -> None:
        """Restart the time after which a call ends without a keepAlive."""
        self.run_task(call, "keepAlive", self._end_without_keep_alive(call))

    async def _end_without_keep_alive(self, call: SimulatedCall) -> None:
        await self._sleep(max(KEEP_ALIVE_SECONDS / self._speed, self.options.min_keep_alive_seconds))
        self.fire(call, Event("end", result=result_codes.NOT_KEPT_ALIVE))

    # Operations

    def start_operation(self, call: SimulatedCall, kind: str, context: str | None, **extra: Any) -> RunningOperation:
        """Add a running operation to a call."""
        call.operation_count += 1
        rng = self._random.stream(f"operation/{call.number}/{call.operation_count}")
        now = self._clock()
        operation = RunningOperation(
            call.version.make_id(rng), kind, context, created_at=now, changed_at=now, extra=extra
        )
        call.operations[operation.id] = operation
        return operation

    def add_recording(self, operation: RunningOperation) -> str:
        """Keep a recording and return the token to fetch it with."""
        token = make_secret(self._random.stream(f"recording/{operation.id}"))
        self.recordings[operation.id] = token
        while len(self.recordings) > MAX_RECORDINGS:
            del self.recordings[next(iter(self.recordings))]
        return token

    def finish_operation(
        self, call: SimulatedCall, operation: RunningOperation, result: Result | None
    ) -> OperationChange:
        """Finish an operation and return the change to notify the bot of."""
        call.operations.pop(operation.id, None)
        operation.status = "completed" if result is None or result.code < 400 else "failed"
        operation.result = result
        operation.changed_at = self._clock()
        return OperationChange(operation, "deleted")

    # Notifications

    def notify_incoming(self, call: SimulatedCall, changes: Changes, *, is_legacy: bool = False) -> None:
        """Notify the bot of an incoming call; its response may ask for another format or another address."""
        for change in changes:
            if isinstance(change, Change) and self._is_notified(call, change):
                delivery = self._make_delivery(call, make_notification(call, change), is_first=True)
                delivery = replace(delivery, on_response=lambda sent, result: self._redirect(call, sent, result))
                if is_legacy:
                    delivery = _send_first(wire.make_legacy_incoming(call), delivery)
                self._queue.enqueue(delivery)

    def _redirect(self, call: SimulatedCall, sent: Delivery, result: DeliveryResult) -> Delivery | None:
        """Return the notification for another deployment of the bot, if the response was a 302."""
        if result.status != 302 or self.callbacks.find_problem(result.location, call.application_id):
            return None
        call.callback_uri = result.location
        return replace(sent, url=result.location, on_response=None)

    def notify(self, call: SimulatedCall, changes: Iterable[Change | OperationChange], delay: float = 0.0) -> None:
        """Queue the notifications of changes, the first attempt after ``delay`` real seconds."""
        for change in changes:
            if body := self._make_body(call, change):
                self._queue.enqueue(self._make_delivery(call, body, delay))

    def _make_body(self, call: SimulatedCall, change: Change | OperationChange) -> Mapping[str, Any] | None:
        """Return the notification of a change, or ``None`` if the bot is not notified of it."""
        if isinstance(change, OperationChange):
            return make_operation_notification(call, change.operation, change.change_type)
        if change.entity == "contentSharingSessions":
            return make_sharing_notification(call, change) if call.has_sharing_notifications else None
        is_hold = change.event.name in ("hold", "resume") and "hold" in call.version.hidden_states
        if not is_hold and not self._is_notified(call, change):
            return None
        is_roster = is_hold or change.entity == "participants"
        if is_roster and call.has_delta_roster:
            return make_delta_notification(call, change)
        limit = MAX_ROSTER_PARTICIPANTS if self.options.has_roster_limit else None
        return make_notification(call, change, is_roster=is_roster, max_participants=limit)

    def _make_delivery(
        self, call: SimulatedCall, body: Mapping[str, Any], delay: float = 0.0, *, is_first: bool = False
    ) -> Delivery:
        headers: dict[str, str] = {}
        if call.version.is_captured:
            call.notification_count += 1
            message_id = make_guid(self._random.stream(f"message/{call.number}/{call.notification_count}"))
            headers = wire.make_headers(call, message_id, is_first=is_first)
        return Delivery(call.id, call.callback_uri, call.application_id, body, delay, headers=headers)

    def _is_notified(self, call: SimulatedCall, change: Change) -> bool:
        """Return whether the call's version notifies of a change; its state is noted as sent."""
        if change.entity == "participants":
            return call.has_roster
        if change.event.name == "grow" and not call.version.is_captured:
            return False
        if change.event.name == "media" and self.options.media_state == "never":
            return False
        state = change.state.name or ""
        if state == "ringing" and self.options.ringing is not None:
            is_notified = self.options.ringing
        else:
            is_notified = state not in call.version.hidden_states
        if is_notified:
            call.sent_states.append(SentState(state, change.state.changed_at))
        return is_notified

    def discard(self, application_id: str | None = None) -> frozenset[str]:
        """Remove the calls of an application, or all, without a notification; return their ids."""
        removed = [call for call in self.calls if application_id in (None, call.application_id)]
        for call in removed:
            for name in list(call.tasks):
                self.stop_task(call, name)
            self.calls.remove(call)
        for id_ in [id_ for id_ in self.first_versions if application_id in (None, id_)]:
            del self.first_versions[id_]
        return frozenset(call.id for call in removed)

    async def aclose(self) -> None:
        """Stop all tasks of all calls."""
        tasks = [task for call in self.calls for task in call.tasks.values()]
        for task in tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)


_KEYS = {**{f"tone{n}": str(n) for n in range(10)}, "star": "*", "pound": "#"}
"""Keys as stop tones are written, by the names of tones."""

_FOLLOWING_MEDIA: Mapping[str, Literal["active", "inactive"]] = {
    "connect": "active",
    "accept_transfer": "inactive",
    "fail_transfer": "active",
}


def _get_following_media(event: Event, state: CallState) -> Literal["active", "inactive"] | None:
    """Return the state of the bot's audio that an event leads to, if it is another one than before."""
    media = _FOLLOWING_MEDIA.get(event.name)
    is_possible = state.name in ("established", "transferAccepted")
    return media if media != state.media and is_possible else None


def _send_first(body: Mapping[str, Any], delivery: Delivery) -> Delivery:
    """Return a delivery of ``body``, followed by ``delivery`` if the response is a 204."""
    return replace(delivery, body=body, on_response=lambda sent, result: delivery if result.status == 204 else None)


def make_incoming_body(
    version: ApiVersion, caller: Mapping[str, Any], bot: Mapping[str, Any], modalities: Iterable[str]
) -> dict[str, Any]:
    """Return the members of an incoming call."""
    return {
        "source": {**version.make_type("participantInfo"), "identity": dict(caller)},
        "targets": [{**version.make_type("invitationParticipantInfo"), "identity": dict(bot)}],
        "requestedModalities": list(modalities),
    }


def _get_bot_identity(application: Application, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the bot's identity in a call."""
    source = (body.get("source") or {}).get("identity")
    return source or {"application": {"displayName": application.name, "id": application.id}}


def _fill_in(
    version: ApiVersion, application: Application, body: Mapping[str, Any], rng: random.Random
) -> dict[str, Any]:
    """Return the members that the service adds to a call without them, in versions that show them."""
    if not version.has_types:
        return {}
    added: dict[str, Any] = {}
    if not body.get("source"):
        bot = {"@odata.type": "#microsoft.graph.identity", "displayName": application.name, "id": application.id}
        identity = {"@odata.type": "#microsoft.graph.identitySet", "application": bot}
        added["source"] = {"@odata.type": "#microsoft.graph.participantInfo", "identity": identity}
    if body.get("meetingInfo") and not body.get("chatInfo"):
        thread_id = f"19:meeting_{make_guid(rng)}@thread.v2"
        added["chatInfo"] = {"@odata.type": "#microsoft.graph.chatInfo", "threadId": thread_id, "messageId": "0"}
    return added
