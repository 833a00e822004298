"""What each operation does to a call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..simulator import outcomes
from .bodies import participant_id, participant_of
from .exchange import Exchange, Notices, OperationNotice
from .media import prompts_seconds, recording_seconds, tones_seconds
from .members import as_target, member_of
from .operations import Operation
from .refusals import bad_request
from .store import PlacedCall, Running
from .switchboard import Event
from .validation import is_callback

_ACCEPT_SECONDS = 1.0
_TRANSFER_SECONDS = 1.2
_REDIRECT_SECONDS = 2.0
_JOIN_SECONDS = 1.2
_SHORT_SECONDS = 0.3
_PRESS_SECONDS = 1.5


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for an operation. ``recordings`` is the address below which recordings are kept."""

    operation: Operation
    body: Mapping[str, Any]
    participant: str = ""
    recordings: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered, and what follows once the answer has been sent."""

    running: Running | None = None
    after: Callable[[], None] = lambda: None


Act = Callable[[Exchange, PlacedCall, Asked], Reply]


def act(exchange: Exchange, placed: PlacedCall, asked: Asked) -> Reply:
    """Do what is asked; the body and the state of the call have been checked."""
    return _ACTS.get(asked.operation.name, _noted)(exchange, placed, asked)


def _answer(exchange: Exchange, placed: PlacedCall, asked: Asked) -> Reply:
    _callback(placed, asked)
    taken = ("mediaConfig", "callOptions", "participantCapacity")
    placed.body |= {name: asked.body[name] for name in taken if asked.body.get(name) is not None}
    if modalities := member_of(asked.body, "acceptedModalities"):
        placed.body["requestedModalities"] = modalities
    notices = exchange.apply(placed, Event("answer"))
    return Reply(after=lambda: exchange.answered(placed, notices))


def _reject(exchange: Exchange, placed: PlacedCall, asked: Asked) -> Reply:
    _callback(placed, asked)
    return _told(exchange, placed, Event("reject", reason="AppRejected"))


def _redirect(exchange: Exchange, placed: PlacedCall, asked: Asked) -> Reply:
    _callback(placed, asked)
    target = as_target(member_of(asked.body, "targets")[0])["identity"]
    notices = exchange.apply(placed, Event("redirect"))

    async def redirected() -> None:
        await exchange.pause(_REDIRECT_SECONDS)
        over = Event("end", answered_by=target, result=outcomes.REDIRECTED, reason="AppRedirected")
        exchange.happen(placed, over)

    def after() -> None:
        exchange.tell(placed, notices)
        exchange.run(placed, "script", redirected())

    return Reply(after=after)


def _callback(placed: PlacedCall, asked: Asked) -> None:
    """Send the rest of the call's notifications where the bot wants them; a text that is no address changes nothing."""
    uri = member_of(asked.body, "callbackUri")
    if uri and is_callback(uri):
        placed.callback_uri = uri


def _transfer(exchange: Exchange, placed: PlacedCall, asked: Asked) -> Reply:
    target = member_of(asked.body, "transferTarget")
    replaced = target.get("replacesCallId")
    running = _begun(exchange, placed, asked)
    notices = exchange.apply(placed, Event("transfer"))
    if running:
        running.result = outcomes.TRANSFERRING
        notices.append(OperationNotice(running, "updated"))

    async def transferred() -> None:
        await exchange.pause(_ACCEPT_SECONDS)
        failure = exchange.scenario.transfer
        if failure and not replaced:
            _transfer_failed(exchange, placed, running, Event("fail_transfer", result=failure))
            return
        exchange.happen(placed, Event("accept_transfer"))
        await exchange.pause(_TRANSFER_SECONDS)
        if failure:
            over = Event("fail_transfer", result=outcomes.CONSULTATION_FAILED)
            _transfer_failed(exchange, placed, running, over)
            return
        if running:
            exchange.tell(placed, [exchange.finished(placed, running, outcomes.TRANSFER_ACCEPTED)])
        _replace(exchange, placed, replaced)
        exchange.happen(placed, Event("end", result=outcomes.TRANSFERRED, reason="AppTransferred"))

    def after() -> None:
        exchange.tell(placed, notices)
        exchange.run(placed, "transfer", transferred())

    return Reply(running, after)


def _transfer_failed(exchange: Exchange, placed: PlacedCall, running: Running | None, event: Event) -> None:
    if running:
        exchange.tell(placed, [exchange.finished(placed, running, event.result)])
    exchange.happen(placed, event)


def _replace(exchange: Exchange, placed: PlacedCall, call_id: str | None) -> None:
    """End the call that somebody came from; one that is not known is none of ours."""
    other = exchange.calls.get(str(call_id)) if call_id else None
    if other is not None and other is not placed and other.application_id == placed.application_id:
        exchange.happen(other, Event("end", result=outcomes.TRANSFERRED, reason="AppTransferred"))


def _play_prompt(exchange: Exchange, placed: PlacedCall, asked: Asked) -> Reply:
    running = _begun(exchange, placed, asked)
    assert running is not None  # noqa: S101  (the table has a type for it)
    running.seconds = prompts_seconds(asked.body.get("prompts"))
    running.ending = dict(placed.surface.played)
    return _queued(exchange, placed, running)


def _record(exchange: Exchange, placed: PlacedCall, asked: Asked) -> Reply:
    running = _begun(exchange, placed, asked)
    assert running is not None  # noqa: S101
    running.seconds = recording_seconds(asked.body)
    running.ending = placed.surface.recorded(f"{asked.recordings}/{running.id}", exchange.recorded(running))
    return _queued(exchange, placed, running)


def _queued(exchange: Exchange, placed: PlacedCall, running: Running) -> Reply:
    placed.queue.append(running)

    def after() -> None:
        if "media" not in placed.tasks:
            exchange.run(placed, "media", _played(exchange, placed))

    return Reply(running, after)


async def _played(exchange: Exchange, placed: PlacedCall) -> None:
    """Play and record what is queued, one after another."""
    while placed.queue:
        running = placed.queue[0]
        await exchange.pause(running.seconds)
        placed.queue.popleft()
        result = outcomes.RECORDED if running.kind == "recordOperation" else outcomes.DONE
        exchange.tell(placed, [exchange.finished(placed, running, result)])


def _cancel_media(exchange: Exchange, placed: PlacedCall, asked: Asked) -> Reply:
    exchange.stop(placed, "media")
    cancelled: Notices = [exchange.finished(placed, running, outcomes.CANCELLED) for running in placed.queue]
    placed.queue.clear()
    return _then(exchange, placed, asked, cancelled)


def _subscribe(exchange: Exchange, placed: PlacedCall, asked: Asked) -> Reply:
    placed.subscribed = True
    reply = _noted(exchange, placed, asked)

    async def pressed() -> None:
        for tone in exchange.scenario.presses:
            await exchange.pause(_PRESS_SECONDS)
            exchange.happen(placed, Event("tone", tone=tone))

    def after() -> None:
        reply.after()
        exchange.run(placed, "tones", pressed())

    return Reply(reply.running, after)


def _send_tones(exchange: Exchange, placed: PlacedCall, asked: Asked) -> Reply:
    return _later(exchange, placed, asked, tones_seconds(asked.body))


def _mute(exchange: Exchange, placed: PlacedCall, asked: Asked) -> Reply:
    return _then(exchange, placed, asked, exchange.apply(placed, Event("mute", numbers=(0,))))


def _unmute(exchange: Exchange, placed: PlacedCall, asked: Asked) -> Reply:
    return _then(exchange, placed, asked, exchange.apply(placed, Event("mute", numbers=(0,), flag=False)))


def _keep_alive(exchange: Exchange, placed: PlacedCall, asked: Asked) -> Reply:
    exchange.keep_alive(placed)
    return Reply()


def _recording_status(exchange: Exchange, placed: PlacedCall, asked: Asked) -> Reply:
    status = asked.body["status"].partition("|")[0].strip()
    return _then(exchange, placed, asked, exchange.apply(placed, Event("recording", numbers=(0,), recording=status)))


def _invite(exchange: Exchange, placed: PlacedCall, asked: Asked) -> Reply:
    invited = [as_target(each) for each in member_of(asked.body, "participants")]
    running = _begun(exchange, placed, asked, participants=invited)
    assert running is not None  # noqa: S101
    replaced = invited[0].get("replacesCallId")

    async def joined() -> None:
        await exchange.pause(_JOIN_SECONDS)
        refused = exchange.scenario.invited
        exchange.tell(placed, [exchange.finished(placed, running, refused)])
        if refused is None:
            # A call to one becomes a group call when somebody is invited to it.
            placed.kind = "group" if placed.kind == "peer" else placed.kind
            exchange.happen(placed, Event("join", people=tuple(each["identity"] for each in invited)))
            _replace(exchange, placed, replaced)

    return Reply(running, lambda: exchange.run(placed, f"invite/{running.id}", joined()))


def _mute_participant(exchange: Exchange, placed: PlacedCall, asked: Asked) -> Reply:
    numbers = (participant_of(placed, asked.participant).number,)
    return _then(exchange, placed, asked, exchange.apply(placed, Event("mute", numbers=numbers)))


def _mute_all(exchange: Exchange, placed: PlacedCall, asked: Asked) -> Reply:
    named = {str(each).lower() for each in asked.body.get("participants") or ()}
    others = [who.number for who in placed.line.participants if who.number]
    # Whoever has left meanwhile is passed over; to name nobody means everybody else.
    chosen = [n for n in others if not named or participant_id(placed, n).lower() in named]
    notices = exchange.apply(placed, Event("mute", numbers=tuple(chosen))) if chosen else []
    return _then(exchange, placed, asked, notices)


def _remove(exchange: Exchange, placed: PlacedCall, asked: Asked) -> Reply:
    number = participant_of(placed, asked.participant).number
    if number == 0:
        problem = ("participant", "This is the application itself: leave a call by deleting the call.")
        raise bad_request([problem])
    return _told(exchange, placed, Event("leave", numbers=(number,)))


def _for_participant(exchange: Exchange, placed: PlacedCall, asked: Asked) -> Reply:
    participant_of(placed, asked.participant)
    return _noted(exchange, placed, asked)


def _noted(exchange: Exchange, placed: PlacedCall, asked: Asked) -> Reply:
    """An operation that changes nothing that anybody could see here."""
    if asked.operation.ends == "later":
        return _later(exchange, placed, asked, _SHORT_SECONDS)
    return _then(exchange, placed, asked, [])


def _begun(exchange: Exchange, placed: PlacedCall, asked: Asked, **extra: Any) -> Running | None:
    kind = asked.operation.makes
    return exchange.begin(placed, kind, asked.body.get("clientContext"), **extra) if kind else None


def _told(exchange: Exchange, placed: PlacedCall, event: Event) -> Reply:
    notices = exchange.apply(placed, event)
    return Reply(after=lambda: exchange.tell(placed, notices))


def _then(exchange: Exchange, placed: PlacedCall, asked: Asked, notices: Notices) -> Reply:
    """Answer with the operation, which is over with that, or is told to be; then tell what it brought about."""
    running = _begun(exchange, placed, asked)
    if running and asked.operation.ends == "later":
        later = _later(exchange, placed, asked, _SHORT_SECONDS, running)

        def after() -> None:
            exchange.tell(placed, notices)
            later.after()

        return Reply(running, after)
    if running:
        exchange.finished(placed, running, None)
    return Reply(running, lambda: exchange.tell(placed, notices))


def _later(
    exchange: Exchange, placed: PlacedCall, asked: Asked, seconds: float, running: Running | None = None
) -> Reply:
    """Answer with an operation that takes some time; then it is told to be over."""
    begun = running or _begun(exchange, placed, asked)
    if begun is None:
        return Reply()

    async def over() -> None:
        await exchange.pause(seconds)
        exchange.tell(placed, [exchange.finished(placed, begun, outcomes.DONE)])

    return Reply(begun, lambda: exchange.run(placed, f"operation/{begun.id}", over()))


_ACTS: Mapping[str, Act] = {
    "answer": _answer,
    "reject": _reject,
    "redirect": _redirect,
    "transfer": _transfer,
    "playPrompt": _play_prompt,
    "record": _record,
    "recordResponse": _record,
    "cancelMediaProcessing": _cancel_media,
    "subscribeToTone": _subscribe,
    "sendDtmfTones": _send_tones,
    "mute": _mute,
    "unmute": _unmute,
    "keepAlive": _keep_alive,
    "updateRecordingStatus": _recording_status,
    "inviteParticipants": _invite,
    "muteParticipant": _mute_participant,
    "muteAll": _mute_all,
    "removeParticipant": _remove,
    "startHoldMusic": _for_participant,
    "stopHoldMusic": _for_participant,
}
"""The operations that do something; any other is noted and answered."""
