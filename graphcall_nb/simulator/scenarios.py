"""The scenarios of the simulator by name, the choice of one for a call, and the events of its steps."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any, Literal

from .._arguments import unknown_name_message
from . import result_codes
from .scenario import (
    ACCEPTED,
    ANSWERED,
    HANG_UP_SECONDS,
    JOIN,
    JOINED,
    RING,
    Scenario,
    Step,
    Steps,
)
from .scenario_values import RINGING_TIMEOUT
from .state_machine import Event, Result
from .versions import CallKind

ScenarioName = Literal[
    "answered",
    "declined",
    "busy",
    "no_answer",
    "ringing_timeout",
    "unreachable",
    "voicemail",
    "dropped_media",
    "callee_hangs_up",
    "held",
    "removed_from_meeting",
    "lobby_timeout",
    "admitted_from_lobby",
    "roster_changes",
    "content_shared",
    "incoming",
    "transfer_completed",
    "transfer_failed",
    "prompt_invalid",
    "prompt_not_found",
    "recording_stop_tone",
    "recording_initial_silence",
    "recording_max_silence",
    "recording_failed",
    "tones",
]
"""Names of the scenarios."""

JITTER = 0.15
"""Share by which each delay varies around its nominal value."""

RINGING_SECONDS = {1: 55.0, 2: 60.0}
"""Duration of ringing by default, by number of targets: one, or several."""


_HANGS_UP: Steps = (
    Step("hang_up", 8.0),
    Step("end", HANG_UP_SECONDS, result=result_codes.CALLEE_HUNG_UP, phone_result=result_codes.PHONE_HUNG_UP),
)
_ALL_LEAVE: Steps = (Step("leave", 6.0, numbers=(1, 2, 3, 4, 5)), Step("end", 2.0, result=result_codes.ALL_LEFT))
_DROPPED: Steps = (Step("end", 6.0, result=result_codes.NO_MEDIA),)
_HELD: Steps = (Step("hold", 4.0), Step("resume", 5.0))
_REMOVED: Steps = (Step("end", 6.0, result=result_codes.REMOVED),)
_IN_LOBBY: Steps = (Step("connect", 1.2), Step("lobby", 0.3, numbers=(0,)))
_ADELE = {"user": {"displayName": "Adele Vance", "id": "87d349ed-44d7-43e1-9a83-5f2406dee5bd"}}
_GRADY = {"guest": {"displayName": "Grady Archie", "id": "0a5ae4a3-1c7d-4a17-9b73-8c2b3f6a6b12"}}
_CHANGES: Steps = (
    Step("join", 3.0, identities=(_ADELE,)),
    Step("mute", 2.0, numbers=(1,)),
    Step("join", 2.0, identities=(_GRADY,)),
    Step("unmute", 2.0, numbers=(1,)),
    Step("leave", 2.0, numbers=(1,)),
)


def _make_unjoined(after: float | Literal["ringing_timeout"]) -> Steps:
    """Return the steps of a group call that only the bot joins."""
    return (Step("connect", 1.2), Step("end", after, result=result_codes.NOT_JOINED))


def _make_unanswered(after: float | Literal["ringing_timeout"], result: Result, *, rings: bool = True) -> Steps:
    """Return the steps of a call that ends with this result before it is answered."""
    return (*((RING,) if rings else ()), Step("end", after, result=result))


_SHARED: Steps = (Step("share", 3.0), Step("share", 3.0), Step("unshare", 4.0))

_CATALOGUE: Mapping[ScenarioName, Scenario] = {
    "answered": Scenario(
        description="The call is answered, and lasts until it is hung up.",
        teaches="The states of a successful call; only you (or a missing keepAlive) end it.",
        peer=ANSWERED,
    ),
    "declined": Scenario(
        description="The call rings and is declined; no participant joins a group call. A meeting is joined as usual.",
        teaches="A call may end without being established: wait for terminated too, and read its result.",
        peer=_make_unanswered(1.5, result_codes.DECLINED),
        group=_make_unjoined(2.0),
        invitation_failure=result_codes.DECLINED,
    ),
    "busy": Scenario(
        description="The callee is in another call, so nothing rings; no participant joins a group call.",
        teaches="Do not rely on ringing: a call can go from establishing to its end.",
        peer=_make_unanswered(0.9, result_codes.BUSY, rings=False),
        group=_make_unjoined(2.0),
        invitation_failure=result_codes.BUSY,
    ),
    "no_answer": Scenario(
        description="The call rings until its timeout; no participant joins a group call.",
        teaches="ringingTimeoutInSeconds is how long you wait; by default 55 seconds, 60 for several targets.",
        peer=_make_unanswered(RINGING_TIMEOUT, result_codes.NO_ANSWER),
        group=_make_unjoined(RINGING_TIMEOUT),
        invitation_failure=result_codes.NO_ANSWER,
    ),
    "ringing_timeout": Scenario(
        description="The call rings until its timeout, and no signal comes from the callee.",
        teaches="408 is not 487: the callee did not decline; the device did not respond.",
        peer=_make_unanswered(RINGING_TIMEOUT, result_codes.NO_SIGNAL),
        group=_make_unjoined(RINGING_TIMEOUT),
        invitation_failure=result_codes.NO_SIGNAL,
    ),
    "unreachable": Scenario(
        description="The callee is not signed in, so nothing rings.",
        teaches="480 means that an immediate retry will fail too.",
        peer=_make_unanswered(1.8, result_codes.UNREACHABLE, rings=False),
        group=_make_unjoined(2.0),
        invitation_failure=result_codes.UNREACHABLE,
    ),
    "voicemail": Scenario(
        description="Voicemail answers after 20 seconds and hangs up after half a minute.",
        teaches="established does not mean that a person is listening: check answeredBy.endpointType.",
        peer=(
            RING,
            Step("connect", 20.0, endpoint="voicemail"),
            Step("hang_up", 30.0),
            Step("end", HANG_UP_SECONDS, result=result_codes.CALLEE_HUNG_UP, phone_result=result_codes.PHONE_HUNG_UP),
        ),
    ),
    "dropped_media": Scenario(
        description="The call is established; a few seconds later its media connection breaks.",
        teaches="A live call can end at once, without terminating; be ready to call again.",
        peer=ANSWERED + _DROPPED,
        group=JOINED + _DROPPED,
        meeting=JOINED + _DROPPED,
        incoming=ACCEPTED + _DROPPED,
    ),
    "callee_hangs_up": Scenario(
        description="The callee talks for eight seconds and hangs up; in a group call all others leave.",
        teaches="The subcode tells who ended a call: 4521 the callee, 560000 a phone, 7000 you, 5010 all left.",
        peer=ANSWERED + _HANGS_UP,
        group=JOINED + _ALL_LEAVE,
        meeting=JOINED + _ALL_LEAVE,
        incoming=ACCEPTED + _HANGS_UP,
    ),
    "held": Scenario(
        description="The callee puts the call on hold for five seconds, then resumes it.",
        teaches="hold goes back to established: a call can be in the same state twice.",
        peer=ANSWERED + _HELD,
        group=JOINED + _HELD,
        meeting=JOINED + _HELD,
        incoming=ACCEPTED + _HELD,
    ),
    "removed_from_meeting": Scenario(
        description="A participant removes the application from the meeting or group call.",
        teaches="5300 is a person's decision: do not rejoin automatically.",
        group=JOINED + _REMOVED,
        meeting=JOINED + _REMOVED,
    ),
    "lobby_timeout": Scenario(
        description="The application waits in the lobby of the meeting for a minute and is not admitted.",
        teaches="established does not mean that you are in: check isInLobby of your own participant.",
        meeting=(*_IN_LOBBY, Step("end", 60.0, result=result_codes.LOBBY_TIMEOUT)),
    ),
    "admitted_from_lobby": Scenario(
        description="The application waits in the lobby of the meeting for ten seconds and is admitted.",
        teaches="Until you are admitted, you are the only participant in the roster.",
        meeting=(*_IN_LOBBY, Step("admit", 10.0, numbers=(0,)), JOIN),
    ),
    "roster_changes": Scenario(
        description="In group calls and meetings, participants join, are muted and leave.",
        teaches="A roster notification is the whole list: participants missing from it have left.",
        group=JOINED + _CHANGES,
        meeting=JOINED + _CHANGES,
    ),
    "content_shared": Scenario(
        description="A participant shares the screen, then other content, for seven seconds in all.",
        teaches="Content sharing is notified only if callOptions.isContentSharingNotificationEnabled is true.",
        peer=ANSWERED + _SHARED,
        group=JOINED + _SHARED,
        meeting=JOINED + _SHARED,
        incoming=ACCEPTED + _SHARED,
    ),
    "incoming": Scenario(
        description="The call is declined; a moment later the callee calls the application.",
        teaches="An incoming call waits 15 seconds for answer, reject or redirect; then it is missed.",
        peer=_make_unanswered(1.5, result_codes.DECLINED),
        group=_make_unjoined(2.0),
        callback_seconds=3.0,
    ),
    "transfer_completed": Scenario(
        description="The call is answered, and transferring it succeeds.",
        teaches="After a transfer your own call ends: subcode 7015 means success.",
        peer=ANSWERED,
    ),
    "transfer_failed": Scenario(
        description="The call is answered, and transferring it fails.",
        teaches="A call whose transfer failed is established again: keep talking to the caller.",
        transfer_failure=result_codes.TRANSFER_FAILED,
    ),
    "prompt_invalid": Scenario(
        description="The call is answered, and each prompt fails, since its format is not supported.",
        teaches="A prompt is a WAV file, mono, 16 bit, 16 kHz; read the result of each operation.",
        prompt_failure=result_codes.INVALID_PROMPT,
    ),
    "prompt_not_found": Scenario(
        description="The call is answered, and each prompt fails, since the service cannot download it.",
        teaches="The service fetches a prompt itself: its URL must be public, with a valid certificate.",
        prompt_failure=result_codes.PROMPT_NOT_FOUND,
    ),
    "recording_stop_tone": Scenario(
        description="The call is answered; the callee talks for two seconds and presses a stop tone of the request.",
        teaches="A recording can end by a stop tone (8514), by silence (8509, 8510) or by its duration (8515).",
        recording_end="stop_tone",
    ),
    "recording_initial_silence": Scenario(
        description="The call is answered, and the callee says nothing while it is recorded.",
        teaches="Initial silence fails (8509) and leaves no recording: ask again, or hang up.",
        recording_end="initial_silence",
    ),
    "recording_max_silence": Scenario(
        description="The call is answered; the callee talks for two seconds while it is recorded, then is silent.",
        teaches="A recording that ended by silence (8510) is complete: fetch it.",
        recording_end="max_silence",
    ),
    "recording_failed": Scenario(
        description="The call is answered, and no sound arrives from the callee while it is recorded.",
        teaches="A recording can fail (8513): read the result before you fetch it.",
        recording_end="failure",
    ),
    "tones": Scenario(
        description="Once you have subscribed to tones, the callee sends 1, 2 and #.",
        teaches="Tones are updates of the call without a change of state; sequenceId orders them.",
        tones=("tone1", "tone2", "pound"),
    ),
}

SCENARIOS: Mapping[ScenarioName, Scenario] = {
    name: replace(scenario, name=name, jitter=JITTER) for name, scenario in _CATALOGUE.items()
}
"""The scenarios by name."""

ENDING: Steps = (Step("end", HANG_UP_SECONDS, result=result_codes.HUNG_UP),)
"""The steps after the bot has hung up."""


def get_scenario(scenario: Any, scenarios: Mapping[Any, Scenario] = SCENARIOS) -> Scenario:
    """Return a scenario, the one in a dict, or the one with this name.

    Raises
    ------
    ValueError
        For an unknown name, with the names, and for an invalid dict.
    """
    if isinstance(scenario, Scenario):
        return scenario
    if isinstance(scenario, Mapping):
        return Scenario.from_dict(scenario)
    if not isinstance(scenario, str) or scenario not in scenarios:
        raise ValueError(unknown_name_message("scenario", scenario, scenarios))
    return scenarios[scenario]


# Choice

MAX_SCENARIOS = 10_000
"""Scenarios kept by name; the oldest is removed to make room."""

_PHONE_PATTERN = re.compile(r"\+[0-9?*]*")
_ID_PATTERN = re.compile(r"[0-9A-Fa-f?*-]+")
_MAX_PHONE_DIGITS, _GUID_CHARS = 15, 36


@dataclass(frozen=True, slots=True)
class Rule:
    """The scenario of the calls to or from a target.

    Attributes
    ----------
    pattern : str
        A phone number, or the id of a user or application; ``*`` stands for any characters, ``?`` for one.
    scenario : Scenario
    """

    pattern: str
    scenario: Scenario

    def matches(self, body: Mapping[str, Any]) -> bool:
        """Return whether a target of a call matches, or the caller of an incoming call."""
        return any(fnmatchcase(each.lower(), self.pattern.lower()) for each in _get_ids(body))


def _get_ids(body: Mapping[str, Any]) -> Iterator[str]:
    for participant in (*(body.get("targets") or ()), body.get("source") or {}):
        for identity in participant.get("identity", participant).values():
            if isinstance(identity, Mapping) and isinstance(identity.get("id"), str):
                yield identity["id"]


class ScenarioRegistry:
    """The scenarios of a service: one for all calls, others by name, and rules by target.

    Parameters
    ----------
    default : str or Scenario
        The scenario of a call that no rule or request chooses one for.
    scenarios : iterable of Scenario
        Further scenarios, which can be chosen by their names.
    rules : mapping or iterable of pairs
        Pattern and scenario of each rule; the first that matches counts.

    Raises
    ------
    ValueError
        For an unknown or unnamed scenario, and for a rule that cannot match.

    Examples
    --------
    >>> registry = ScenarioRegistry("answered", rules={"+1425555*": "busy"})
    >>> registry.choose({"targets": [{"identity": {"phone": {"id": "+14255550100"}}}]}).name
    'busy'
    >>> registry.set_rules({"14255550100": "busy"})
    Traceback (most recent call last):
    ValueError: rule '14255550100': no phone number matches without its country; did you mean '+14255550100'?
    """

    def __init__(
        self,
        default: str | Scenario | Mapping[str, Any],
        scenarios: Iterable[Scenario] = (),
        rules: Mapping[str, str | Scenario] | Iterable[tuple[str, str | Scenario]] = (),
    ) -> None:
        self._named: dict[tuple[str, str], Scenario] = {}
        for scenario in scenarios:
            self.add(scenario)
        self.default = self.resolve(default)
        self.rules: tuple[Rule, ...] = ()
        self.set_rules(rules)

    def add(self, scenario: Scenario, owner: str = "") -> str:
        """Keep a scenario by its name for an application, or for all, and return the name."""
        if not isinstance(scenario, Scenario):
            raise TypeError(f"scenarios: give each as a Scenario, not {type(scenario).__name__}.")
        name = scenario.name or f"scenario-{hashlib.sha256(scenario.to_json().encode()).hexdigest()[:12]}"
        self._named.pop((owner, name), None)
        self._named[owner, name] = replace(scenario, name=name)
        if len(self._named) > MAX_SCENARIOS:
            del self._named[next(iter(self._named))]
        return name

    def list_scenarios(self, owner: str = "") -> dict[str, Scenario]:
        """Return the scenarios that an application can choose, by name."""
        listed: dict[str, Scenario] = dict(SCENARIOS.items())
        return listed | {name: each for (who, name), each in self._named.items() if who in ("", owner)}

    def resolve(self, scenario: Any, owner: str = "") -> Scenario:
        """Return a scenario as :func:`get_scenario` does, among those that an application can choose."""
        return get_scenario(scenario, self.list_scenarios(owner))

    def set_default(self, scenario: Any) -> None:
        """Replace the scenario of the calls to come that no rule or request chooses one for."""
        self.default = self.resolve(scenario)

    def set_rules(self, rules: Mapping[str, str | Scenario] | Iterable[tuple[str, str | Scenario]]) -> None:
        """Replace the rules. Raise ``ValueError`` for one that cannot match, or names an unknown scenario."""
        pairs = rules.items() if isinstance(rules, Mapping) else rules
        self.rules = tuple(Rule(_check_pattern(pattern), self.resolve(scenario)) for pattern, scenario in pairs)

    def choose(self, body: Mapping[str, Any]) -> Scenario:
        """Return the scenario of a call with this body: that of the first rule that matches, or the default."""
        return next((rule.scenario for rule in self.rules if rule.matches(body)), self.default)


def parse_rule(text: str) -> tuple[str, str]:
    """Return pattern and scenario of a rule such as ``+1425555*=busy``."""
    pattern, equals, name = text.rpartition("=")
    if not equals or not pattern.strip() or not name.strip():
        raise ValueError(f"rule {text!r}: write PATTERN=SCENARIO, for example '+1425555*=busy'.")
    return pattern.strip(), name.strip()


def _check_pattern(pattern: str) -> str:
    """Return a pattern that a phone number or an id can match. Raise ``ValueError`` for another."""
    if not isinstance(pattern, str):
        raise TypeError(f"rule: give the pattern as a text such as '+1425555*', not {type(pattern).__name__}.")
    fixed = len(pattern.replace("*", ""))
    if pattern.isdigit() and 7 <= len(pattern) <= _MAX_PHONE_DIGITS:
        raise ValueError(
            f"rule {pattern!r}: no phone number matches without its country; did you mean {'+' + pattern!r}?"
        )
    if _PHONE_PATTERN.fullmatch(pattern) and fixed <= _MAX_PHONE_DIGITS + 1 and pattern != "+":
        return pattern
    is_id = _ID_PATTERN.fullmatch(pattern) is not None
    if is_id and (fixed == _GUID_CHARS or (fixed < _GUID_CHARS and "*" in pattern)):
        return pattern
    raise ValueError(
        f"rule {pattern!r} matches nothing; write a phone number such as '+1425555*', or the id of a user or "
        "application, in which * stands for any characters."
    )


# Events


def generate_events(
    steps: Steps,
    kind: CallKind,
    body: Mapping[str, Any],
    bot: Mapping[str, Any],
    rng: random.Random,
    *,
    jitter: float = JITTER,
) -> Iterator[tuple[float, Event]]:
    """Yield the events of a call with this body, each with the seconds (at speed 1) after the event before."""
    for step in steps:
        nominal = step.after if isinstance(step.after, int | float) else get_ringing_seconds(body)
        yield nominal * rng.uniform(1 - jitter, 1 + jitter), _make_event(step, kind, body, bot, rng)


def get_ringing_seconds(body: Mapping[str, Any]) -> float:
    return float(body.get("ringingTimeoutInSeconds") or RINGING_SECONDS[min(2, len(body.get("targets") or [None]))])


def _make_event(
    step: Step, kind: CallKind, body: Mapping[str, Any], bot: Mapping[str, Any], rng: random.Random
) -> Event:
    if step.event == "connect":
        return _make_connect(step, kind, body, bot, rng)
    if step.event == "join":
        return Event("join", identities=step.identities or tuple(_get_joining(body, bot)))
    is_phone = kind == "peer" and any("phone" in each for each in _get_others(body, bot))
    result = step.phone_result if is_phone and step.phone_result else step.result
    return Event(step.state_event, numbers=step.numbers, flag=step.flag, tone=step.tone, result=result)


def _make_connect(
    step: Step, kind: CallKind, body: Mapping[str, Any], bot: Mapping[str, Any], rng: random.Random
) -> Event:
    modalities = tuple(body.get("requestedModalities") or ("audio",))
    if kind != "peer":
        return Event("connect", modalities=modalities, identities=(bot,))
    other = rng.choice(_get_others(body, bot))
    is_target = any(target["identity"] == other for target in body.get("targets") or ())
    return Event(
        "connect",
        answered_by=other if is_target else None,
        modalities=modalities,
        identities=(bot, other),
        endpoint=step.endpoint,
    )


def _get_others(body: Mapping[str, Any], bot: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the identities that the bot can talk to in a call that is not a group call."""
    targets = [target["identity"] for target in body.get("targets") or ()]
    caller = (body.get("source") or {}).get("identity")
    return [each for each in [*targets, caller] if each and each != bot] or [bot]


def _get_joining(body: Mapping[str, Any], bot: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the identities that join a group call or meeting: its targets, its caller, or else its organizer."""
    organizer = (body.get("meetingInfo") or {}).get("organizer")
    others = [each for each in _get_others(body, bot) if each != bot]
    return others or ([organizer] if organizer else [])
