"""The members of a scenario that plays a recorded call again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from .scenario_values import STATE_EVENTS
from .state_machine import find_next_state

FIRST_NOTIFICATION_SECONDS = 0.3
"""Delay of a call's first notification after its 201, so that the response arrives first."""

_HUNG_UP = (200, 7000)
"""Result of a call that the application ended, in Microsoft's table."""

_FIRST_ERROR = 400

_BOT_REQUESTS = frozenset({"delete", "transfer", "redirect", "reject"})


class Record(Protocol):
    """A notification in a journal."""

    @property
    def call_id(self) -> str: ...
    @property
    def received_at_us(self) -> int: ...
    @property
    def entity(self) -> str: ...
    @property
    def state(self) -> str | None: ...
    @property
    def tone(self) -> str | None: ...
    @property
    def result_code(self) -> int | None: ...
    @property
    def result_subcode(self) -> int | None: ...
    @property
    def result_message(self) -> str | None: ...
    @property
    def raw(self) -> str: ...


class RequestRecord(Protocol):
    """A request in a journal."""

    @property
    def call_id(self) -> str | None: ...
    @property
    def operation(self) -> str: ...
    @property
    def status(self) -> int | None: ...
    @property
    def request_body(self) -> str | None: ...


class RecordedJournal(Protocol):
    """A journal of notifications and requests."""

    def read(self) -> Sequence[Record]: ...
    def read_requests(self) -> Sequence[RequestRecord]: ...


def record_members(journal: RecordedJournal, call_id: str) -> dict[str, Any]:
    """Return the members of a scenario with the events of a call, as far as the application did not cause them.

    Raises
    ------
    ValueError
        When the journal has no notification of the call.
    """
    wanted = call_id.lower()
    records = [each for each in journal.read() if each.call_id.lower() == wanted]
    if not records:
        raise ValueError(f"call_id: the journal has no call {call_id!r}; session.calls() lists the calls.")
    requests = [each for each in journal.read_requests() if (each.call_id or "").lower() == wanted]
    recording = _Recording(records, requests)
    for record in records:
        recording.add(record)
    return {"name": f"recorded-{wanted[:8]}", "description": f"Call {call_id}, recorded."} | recording.make_members()


class _Recording:
    """The steps of a call, collected from its notifications in the order of their arrival."""

    def __init__(self, records: Sequence[Record], requests: Sequence[RequestRecord]) -> None:
        self._is_incoming = any(each.state == "incoming" for each in records)
        self._body = _read_created(requests)
        has_roster = any(each.entity == "participants" for each in records)
        self._is_peer = _is_peer(self._body, not has_roster or self._is_incoming)
        self._is_ended_by_bot = _is_ended_by_bot(records, requests)
        self._steps: list[dict[str, Any]] = []
        self._failures: dict[str, Any] = {}
        self._state: str | None = None
        self._time_us = 0
        self._participants: list[tuple[str, str]] = []
        self._flags: dict[tuple[str, str], tuple[bool, bool]] = {}
        self._seen: set[str] = set()

    def add(self, record: Record) -> None:
        """Add the events that a notification tells of; a notification that arrives again tells of none."""
        if record.raw in self._seen:
            return
        self._seen.add(record.raw)
        if record.entity == "call":
            self._add_call(record)
        elif record.entity == "participants" and self._state:
            data = json.loads(record.raw).get("resourceData")
            self._add_roster(record, data if isinstance(data, list) else [])
        elif record.entity == "operation":
            self._add_operation(record)

    def make_members(self) -> dict[str, Any]:
        """Return the steps for the kind of call that was recorded."""
        steps = self._steps or [{"event": "connect"}]
        kinds = ("incoming",) if self._is_incoming else ("steps",) if self._is_peer else ("group", "meeting")
        return dict.fromkeys(kinds, steps) | self._failures

    def _add_call(self, record: Record) -> None:
        if record.tone:
            self._append(record, "tone", tone=record.tone)
            return
        if self._state is None:
            if record.state == "establishing":
                self._state = "establishing"
                lead = 0 if self._is_incoming else FIRST_NOTIFICATION_SECONDS
                self._time_us = record.received_at_us - round(lead * 1_000_000)
            return
        if record.state in ("transferring", "transferAccepted"):
            self._state = record.state
        elif record.state == "established":
            self._add_established(record)
        elif record.state in _STATE_EVENTS:
            self._append(record, _STATE_EVENTS[record.state])
        elif record.state == "terminating" and not self._is_ended_by_bot:
            self._append(record, "hang_up")
        elif record.state == "terminated" and not self._is_ended_by_bot:
            self._append(record, "end", result=_make_result(record))

    def _add_established(self, record: Record) -> None:
        if (record.result_code or 0) >= _FIRST_ERROR:
            self._failures["transfer_failure"] = _make_result(record)
        if self._state in ("transferring", "transferAccepted"):
            self._state, self._time_us = "established", record.received_at_us
        else:
            self._append(record, "resume" if self._state == "hold" else "connect")

    def _add_operation(self, record: Record) -> None:
        data = json.loads(record.raw).get("resourceData") or {}
        kind = str(data.get("@odata.type", "")).rpartition(".")[2]
        if kind == "recordOperation" and record.result_subcode in _RECORDING_ENDS:
            self._failures["recording_end"] = _RECORDING_ENDS[record.result_subcode]
        member = _OPERATION_FAILURES.get(kind) if record.result_subcode != _CANCELED else None
        if member and data.get("status") == "failed":
            self._failures[member] = _make_result(record)

    def _add_roster(self, record: Record, roster: Iterable[Mapping[str, Any]]) -> None:
        present = {key: each for each in roster if (key := _get_key(each))}
        if not self._participants:
            bot = next((key for key in present if key[0].startswith("application")), ("application", ""))
            others = [key for key in present if key != bot]
            self._participants = [bot, *others[: 1 if self._is_peer else 0]]
        self._add_hold(record, present)
        joined = [key for key in present if key not in self._participants]
        if joined:
            self._append(record, "join", identities=[_get_identity(present[key]) for key in joined])
            self._participants += joined
        for key, participant in present.items():
            self._add_flags(record, key, participant)
        left = [number for number, key in enumerate(self._participants) if number and key in self._flags]
        gone = [number for number in left if self._participants[number] not in present]
        if gone:
            self._append(record, "leave", numbers=gone)
            for number in gone:
                del self._flags[self._participants[number]]

    def _add_hold(self, record: Record, present: Mapping[tuple[str, str], Mapping[str, Any]]) -> None:
        """Add a hold, which the roster shows by the inactive audio of a participant."""
        is_held = any(_has_inactive_audio(each) for each in present.values())
        if is_held and self._state == "established":
            self._append(record, "hold")
        elif not is_held and self._state == "hold":
            self._append(record, "resume")

    def _add_flags(self, record: Record, key: tuple[str, str], participant: Mapping[str, Any]) -> None:
        was_muted, was_waiting = self._flags.get(key, (False, False))
        is_muted, is_waiting = bool(participant.get("isMuted")), bool(participant.get("isInLobby"))
        self._flags[key] = is_muted, is_waiting
        numbers = [self._participants.index(key)]
        if is_muted != was_muted and numbers != [0]:
            self._append(record, "mute" if is_muted else "unmute", numbers=numbers)
        if is_waiting != was_waiting:
            self._append(record, "lobby" if is_waiting else "admit", numbers=numbers)

    def _append(self, record: Record, event: str, **members: Any) -> None:
        """Append a step, unless its event is not possible in the present state."""
        following = find_next_state(self._state, STATE_EVENTS.get(event, event))  # type: ignore[arg-type]
        if following is None:
            return
        after = max(0, record.received_at_us - self._time_us) / 1_000_000
        self._state, self._time_us = following, record.received_at_us
        self._steps.append({"event": event, "after": round(after, 3)} | members)


_OPERATION_FAILURES = {
    "inviteParticipantsOperation": "invitation_failure",
    "transferOperation": "transfer_failure",
    "playPromptOperation": "prompt_failure",
}
_RECORDING_ENDS = {8509: "initial_silence", 8510: "max_silence", 8513: "failure", 8514: "stop_tone"}
_CANCELED = 8508
_STATE_EVENTS = {"ringing": "ring", "hold": "hold"}


def _is_ended_by_bot(records: Iterable[Record], requests: Iterable[RequestRecord]) -> bool:
    """Return whether the application hung up, rejected, redirected or transferred a call."""
    records = list(records)
    if any((each.result_code, each.result_subcode) == _HUNG_UP for each in records if each.state == "terminated"):
        return True
    has_failed_transfer = any(each.state == "established" and each.result_code for each in records)
    is_sent = any(each.operation in _BOT_REQUESTS and (each.status or 0) < 400 for each in requests)
    return is_sent and not has_failed_transfer


def _read_created(requests: Iterable[RequestRecord]) -> Mapping[str, Any]:
    created = next((each for each in requests if each.operation == "create"), None)
    body = json.loads(created.request_body) if created and created.request_body else None
    return body if isinstance(body, dict) else {}


def _is_peer(body: Mapping[str, Any], default: bool) -> bool:
    if body.get("meetingInfo") or body.get("chatInfo"):
        return False
    return len(body["targets"]) == 1 if body.get("targets") else default


def _make_result(record: Record) -> dict[str, Any]:
    return {
        "code": record.result_code or 0,
        "subcode": record.result_subcode or 0,
        "message": record.result_message or "The call ended.",
    }


def _get_identity(participant: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the identity set of a participant with the identities that it has."""
    identities = (participant.get("info") or {}).get("identity") or {}
    return {kind: each for kind, each in identities.items() if isinstance(each, Mapping)}


def _get_key(participant: Mapping[str, Any]) -> tuple[str, str] | None:
    for kind, identity in _get_identity(participant).items():
        return kind, str(identity.get("id") or identity.get("displayName"))
    return None


def _has_inactive_audio(participant: Mapping[str, Any]) -> bool:
    streams = participant.get("mediaStreams") or ()
    return any(each.get("mediaType") == "audio" and each.get("direction") == "inactive" for each in streams)
