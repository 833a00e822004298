"""The calls that the service keeps: bounded, and removed a while after they ended."""

from __future__ import annotations

import asyncio
import uuid
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from .delta_roster import DeltaRoster
from .errors import call_not_found, too_many_calls
from .scenario import ANSWERED, Scenario
from .state_machine import CallState, Result
from .versions import ApiVersion, CallKind

MAX_CALLS = 10_000
"""Calls kept at a time, so that a bot under load does not fill the memory."""

RETENTION_SECONDS = 60.0
"""Time for which an ended call can still be read; real seconds at any speed, since a client reads in real time."""


_ANSWERED = Scenario(ANSWERED)


@dataclass(slots=True)
class RunningOperation:
    """An operation on a call, such as playing a prompt.

    Attributes
    ----------
    kind : str
        OData type without its namespace.
    seconds : float
        Duration in simulated time.
    outcome : Result
        Result at its end; ``None`` for success.
    stop_tones, pressed : tuple of str, str
        Keys that end a recording, and the keys that the other side pressed meanwhile.
    invited : list
        Participants whom the operation invites and whose invitations were not canceled.
    extra, completion : dict
        Further members of its body: always, and once it is completed.
    """

    id: str
    kind: str
    context: str | None = None
    status: Literal["running", "completed", "failed"] = "running"
    result: Result | None = None
    seconds: float = 0.0
    outcome: Result | None = None
    stop_tones: tuple[str, ...] = ()
    pressed: str = ""
    invited: list[Mapping[str, Any]] = field(default_factory=list)
    created_at: float = 0.0
    changed_at: float = 0.0
    extra: dict[str, Any] = field(default_factory=dict)
    completion: dict[str, Any] = field(default_factory=dict)


class SentState(NamedTuple):
    """A state that the simulator notified the bot of, and when (epoch seconds)."""

    state: str
    at: float


@dataclass(slots=True)
class SimulatedCall:
    """A call that was created or that came in.

    Attributes
    ----------
    number : int
        Counts the calls of this service from 1.
    application_id : str
        The only application that can see the call.
    chain_id : str
        Graph's ``callChainId``.
    version : ApiVersion
        Shape of the call's notifications.
    body : dict
        Members that the sender may set, as sent.
    kind : str
        To one or several people, a group call, or a meeting.
    bot : identity set
        The bot's identity in the call.
    tenant_id, application_name, scenario_id : str
        Tenant and name of the application, and the ``scenario-id`` of the request that created the call.
    scenario : Scenario
        Behavior of the other side.
    created_at : float
        Epoch seconds.
    is_recording : bool
        Whether the bot is called to record for a compliance policy.
    was_held : bool
        Whether the call was ever on hold, from which on a call to one person has a roster.
    operations : dict
        Unfinished operations by id.
    media_queue : deque
        Those that play or record, in the order in which they run.
    hears_tones : bool
        Whether the bot is subscribed to the tones that the other side sends.
    sent_states : list of SentState
        States that the bot was notified of.
    participant_ids : dict
        Ids that the bot chose in its invitations, by the number of the participant.
    audio_routing_groups : dict
        Graph's ``audioRoutingGroup`` objects by id.
    delta_roster : DeltaRoster
        Participants that the bot was last notified of, if it asked for changes alone.
    tasks : dict
        Running tasks of the call by name.
    """

    id: str
    number: int
    application_id: str
    participant_id: str
    chain_id: str
    version: ApiVersion
    callback_uri: str
    body: dict[str, Any]
    kind: CallKind = "peer"
    direction: Literal["incoming", "outgoing"] = "outgoing"
    bot: Mapping[str, Any] = field(default_factory=dict)
    tenant_id: str = ""
    application_name: str = ""
    scenario_id: str = ""
    scenario: Scenario = field(default_factory=lambda: _ANSWERED)
    created_at: float = 0.0
    is_recording: bool = False
    was_held: bool = False
    notification_count: int = 0
    state: CallState = field(default_factory=CallState)
    operations: dict[str, RunningOperation] = field(default_factory=dict)
    operation_count: int = 0
    media_queue: deque[RunningOperation] = field(default_factory=deque)
    hears_tones: bool = False
    sent_states: list[SentState] = field(default_factory=list)
    participant_ids: dict[int, str] = field(default_factory=dict)
    audio_routing_groups: dict[str, dict[str, Any]] = field(default_factory=dict)
    delta_roster: DeltaRoster = field(default_factory=DeltaRoster)
    tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    @property
    def has_delta_roster(self) -> bool:
        """The bot asked for changes of the roster."""
        return self._has_option("isDeltaRosterEnabled")

    @property
    def has_sharing_notifications(self) -> bool:
        """The bot asked for notifications of content that is shared."""
        return self._has_option("isContentSharingNotificationEnabled")

    def _has_option(self, name: str) -> bool:
        """Return whether an option of the call is true; not in the version of 2018, whose calls have no options."""
        options = self.body.get("callOptions")
        return self.version.has_types and isinstance(options, dict) and options.get(name) is True

    @property
    def has_roster(self) -> bool:
        """Participants are notified of and listed; not in a call to one person, as captures show."""
        return self.kind != "peer" or (self.was_held and self.version.is_captured)


def make_participant_id(call: SimulatedCall, number: int) -> str:
    """Return the id of the participant with this number; the bot's own is the call's ``myParticipantId``."""
    if number == 0:
        return call.participant_id
    if chosen := call.participant_ids.get(number):
        return chosen
    id_ = uuid.uuid5(uuid.NAMESPACE_URL, f"{call.id}/{number}")
    return str(id_) if call.version.has_types else id_.hex.upper()


class CallRegistry:
    """The calls by id. Live calls are never removed; ended ones after a while, or to make room."""

    def __init__(self, *, capacity: int = MAX_CALLS, retention_seconds: float = RETENTION_SECONDS) -> None:
        self._capacity = capacity
        self._retention_seconds = retention_seconds
        self._calls: dict[str, SimulatedCall] = {}
        self._ended: deque[str] = deque()

    def __len__(self) -> int:
        return len(self._calls)

    def __iter__(self) -> Iterator[SimulatedCall]:
        return iter(list(self._calls.values()))

    def __getitem__(self, call_id: str) -> SimulatedCall:
        return self._calls[call_id]

    def get(self, call_id: str) -> SimulatedCall | None:
        """Return a call by its id in any letter case: ids are in upper or lower case, by version."""
        return self._calls.get(call_id) or self._calls.get(call_id.upper()) or self._calls.get(call_id.lower())

    def add(self, call: SimulatedCall, now: float) -> None:
        """Add a call, removing the oldest ended one if necessary. Raise ``GraphError`` if all calls are live."""
        self._remove_expired(now)
        if len(self._calls) >= self._capacity:
            if not self._ended:
                raise too_many_calls(self._capacity)
            del self._calls[self._ended.popleft()]
        self._calls[call.id] = call

    def find(self, call_id: str, application_id: str, now: float) -> SimulatedCall:
        """Return a call of this application, live or recently ended. Raise ``GraphError`` for any other."""
        self._remove_expired(now)
        call = self.get(call_id)
        if call is None or call.application_id != application_id:
            raise call_not_found(call_id)
        return call

    def set_state(self, call: SimulatedCall, state: CallState) -> None:
        """Set the state of a call."""
        if state.has_ended and not call.state.has_ended:
            self._ended.append(call.id)
        call.state = state

    def remove(self, call: SimulatedCall) -> None:
        """Remove a call, live or ended."""
        if self._calls.pop(call.id, None) is not None and call.state.has_ended:
            self._ended.remove(call.id)

    def _remove_expired(self, now: float) -> None:
        while self._ended and self._calls[self._ended[0]].state.changed_at + self._retention_seconds < now:
            del self._calls[self._ended.popleft()]
