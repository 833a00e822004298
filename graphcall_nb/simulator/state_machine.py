"""The pure state machine of a call: (state, event, now) -> (state, changes). No I/O, no clock, no randomness.

It moves along :data:`~graphcall_nb.simulator.states.TRANSITIONS` only. An event that the table does not allow in the
present state, such as a timer that fires after the call was hung up, changes nothing and causes no notification.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from .states import TERMINATED, TRANSITIONS, EventName

EntityName = Literal["call", "participants", "contentSharingSessions"]
ChangeType = Literal["created", "updated", "deleted"]

_CONNECTED = frozenset({"established", "hold", "transferring", "transferAccepted"})


@dataclass(frozen=True, slots=True)
class Result:
    """Graph's ``resultInfo``."""

    code: int
    subcode: int | str
    message: str


@dataclass(frozen=True, slots=True)
class Participant:
    """A participant of a call. ``number`` counts all who ever joined; 0 is the bot.

    ``detection`` is Graph's ``syntheticMediaDetection``.
    """

    number: int
    identity: Mapping[str, Any]
    is_muted: bool = False
    is_in_lobby: bool = False
    recording: str | None = None
    metadata: str | None = None
    detection: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """An event in the life of a call.

    Attributes
    ----------
    identities : tuple of identity sets
        Participants who join.
    numbers : tuple of int
        Participants that the event concerns; empty for all. The first one shares content.
    flag : bool
        Whether those are muted, or in the lobby, from now on.
    endpoint : str or None
        Graph's ``endpointType`` of the answering endpoint, if it is not a person's.
    recording, transcription : str or None
        Graph's ``recordingStatus`` of the participants, and ``state`` of the call's transcription.
    media : {"active", "inactive"} or None
        Graph's ``mediaState.audio`` of the call.
    metadata : str or None
        Graph's ``metadata`` of the participants.
    detection : dict or None
        Graph's ``syntheticMediaDetection`` of the participants.
    """

    name: EventName
    answered_by: Mapping[str, Any] | None = None
    modalities: tuple[str, ...] = ()
    identities: tuple[Mapping[str, Any], ...] = ()
    numbers: tuple[int, ...] = ()
    flag: bool = True
    endpoint: str | None = None
    tone: str | None = None
    recording: str | None = None
    transcription: str | None = None
    media: Literal["active", "inactive"] | None = None
    metadata: str | None = None
    detection: Mapping[str, Any] | None = None
    result: Result | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class CallState:
    """The state of a call. ``name`` is ``None`` before the call exists; ``changed_at`` is in epoch seconds.

    ``presenter`` is the number of the participant who shares content, and ``sharing_count`` counts the sessions.
    """

    name: str | None = None
    etag: int = 0
    answered_by: Mapping[str, Any] | None = None
    endpoint: str | None = None
    active_modalities: tuple[str, ...] = ()
    participants: tuple[Participant, ...] = ()
    joined_count: int = 0
    tone_count: int = 0
    last_tone: str | None = None
    transcription: str | None = None
    transcribed_at: float = 0.0
    media: Literal["active", "inactive"] | None = None
    presenter: int | None = None
    sharing_count: int = 0
    result: Result | None = None
    reason: str | None = None
    changed_at: float = 0.0

    @property
    def has_ended(self) -> bool:
        return self.name == TERMINATED


@dataclass(frozen=True, slots=True)
class Change:
    """A change to notify the bot of; ``state`` is the call's state right after ``event``."""

    entity: EntityName
    change_type: ChangeType
    state: CallState
    event: Event
    is_first: bool = False


@dataclass(frozen=True, slots=True)
class _Update:
    """The effect of an event that leaves the state's name as it is; without a type of change it has none."""

    apply: Callable[[CallState, Event, float], dict[str, Any]]
    entity: EntityName = "participants"
    states: frozenset[str] = field(default=_CONNECTED)
    get_change_type: Callable[[CallState, Event], ChangeType | None] = lambda state, event: "updated"


def advance(state: CallState, event: Event, now: float) -> tuple[CallState, tuple[Change, ...]]:
    """Return the state after ``event`` and the changes to notify the bot of."""
    update = _UPDATES.get(event.name)
    return _update(state, event, update, now) if update else _transition(state, event, now)


def find_next_state(state: str | None, event: EventName) -> str | None:
    """Return the name of the state after an event, or ``None`` if the event is not possible in the state."""
    update = _UPDATES.get(event)
    if update:
        return state if state in update.states else None
    transition = TRANSITIONS[event]
    return transition.target if state in transition.sources else None


def _transition(state: CallState, event: Event, now: float) -> tuple[CallState, tuple[Change, ...]]:
    transition = TRANSITIONS[event.name]
    if state.name not in transition.sources:
        return state, ()
    after = replace(
        state,
        name=transition.target,
        etag=state.etag + 1,
        answered_by=event.answered_by or state.answered_by,
        endpoint=event.endpoint or state.endpoint,
        active_modalities=event.modalities or state.active_modalities,
        result=event.result or state.result,
        reason=event.reason or state.reason,
        changed_at=now,
        media=event.media or ("inactive" if state.media and transition.target == TERMINATED else state.media),
        presenter=None if transition.target == TERMINATED else state.presenter,
        **_join(state, event, now),
    )
    change_type: ChangeType = "deleted" if after.has_ended else "updated"
    if event.name == "arrive":
        change_type = "created"
    return after, (Change("call", change_type, after, event, is_first=state.name is None),)


def _update(state: CallState, event: Event, update: _Update, now: float) -> tuple[CallState, tuple[Change, ...]]:
    change_type = update.get_change_type(state, event) if state.name in update.states else None
    if change_type is None:
        return state, ()
    after = replace(state, etag=state.etag + 1, changed_at=now, **update.apply(state, event, now))
    return after, (Change(update.entity, change_type, after, event),)


def find_absent(state: CallState, identities: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the identities that are not in the call, each once; those without an id may be several participants."""
    present = {key for each in state.participants for key in _list_keys(each.identity)}
    absent = []
    for identity in identities:
        keys = _list_keys(identity)
        if present.isdisjoint(keys):
            absent.append(identity)
        present |= keys
    return absent


def _list_keys(identity: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Return the kinds and ids of an identity set, in one letter case."""
    named = {kind: each.get("id") for kind, each in identity.items() if isinstance(each, Mapping)}
    return {(kind, str(id_).lower()) for kind, id_ in named.items() if id_}


def _join(state: CallState, event: Event, now: float) -> dict[str, Any]:
    first = state.joined_count
    identities = find_absent(state, event.identities)
    joined = tuple(Participant(first + n, identity) for n, identity in enumerate(identities))
    return {"participants": state.participants + joined, "joined_count": first + len(joined)}


def _leave(state: CallState, event: Event, now: float) -> dict[str, Any]:
    return {"participants": tuple(each for each in state.participants if each.number not in event.numbers)}


def _mute(state: CallState, event: Event, now: float) -> dict[str, Any]:
    return {"participants": _replace_participants(state, event, is_muted=event.flag)}


def _lobby(state: CallState, event: Event, now: float) -> dict[str, Any]:
    return {"participants": _replace_participants(state, event, is_in_lobby=event.flag)}


def _record(state: CallState, event: Event, now: float) -> dict[str, Any]:
    return {"participants": _replace_participants(state, event, recording=event.recording)}


def _replace_participants(state: CallState, event: Event, **changes: Any) -> tuple[Participant, ...]:
    numbers = event.numbers or tuple(each.number for each in state.participants)
    return tuple(replace(each, **changes) if each.number in numbers else each for each in state.participants)


def _transcribe(state: CallState, event: Event, now: float) -> dict[str, Any]:
    return {"transcription": event.transcription, "transcribed_at": now}


def _set_media(state: CallState, event: Event, now: float) -> dict[str, Any]:
    return {"media": event.media}


def _set_metadata(state: CallState, event: Event, now: float) -> dict[str, Any]:
    return {"participants": _replace_participants(state, event, metadata=event.metadata)}


def _set_detection(state: CallState, event: Event, now: float) -> dict[str, Any]:
    return {"participants": _replace_participants(state, event, detection=event.detection)}


def _share(state: CallState, event: Event, now: float) -> dict[str, Any]:
    count = state.sharing_count + (state.presenter is None)
    return {"presenter": (event.numbers or (1,))[0], "sharing_count": count}


def _get_sharing_end(state: CallState, event: Event) -> ChangeType | None:
    is_presenter = state.presenter is not None and (not event.numbers or state.presenter in event.numbers)
    return "deleted" if is_presenter else None


def _tone(state: CallState, event: Event, now: float) -> dict[str, Any]:
    return {"tone_count": state.tone_count + 1, "last_tone": event.tone}


_UPDATES: Mapping[str, _Update] = {
    "join": _Update(
        _join, get_change_type=lambda state, event: "updated" if find_absent(state, event.identities) else None
    ),
    "leave": _Update(_leave),
    "mute": _Update(_mute),
    "lobby": _Update(_lobby),
    "recording": _Update(_record),
    "roster": _Update(lambda state, event, now: {}),
    "metadata": _Update(_set_metadata),
    "detection": _Update(_set_detection),
    # One session at a time: content that is shared meanwhile updates it.
    "share": _Update(
        _share,
        entity="contentSharingSessions",
        get_change_type=lambda state, event: "created" if state.presenter is None else "updated",
    ),
    "unshare": _Update(
        lambda state, event, now: {"presenter": None},
        entity="contentSharingSessions",
        get_change_type=_get_sharing_end,
    ),
    "transcription": _Update(_transcribe, entity="call"),
    "media": _Update(_set_media, entity="call"),
    "grow": _Update(lambda state, event, now: {}, entity="call", states=frozenset({"established"})),
    "tone": _Update(_tone, entity="call", states=frozenset({"established"})),
}
