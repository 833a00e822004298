"""A scenario: the steps of the other side and of the network, in Python, YAML or JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, fields, replace
from itertools import islice
from pathlib import Path
from typing import Any, Literal, Self

from . import result_codes
from .scenario_recording import RecordedJournal, record_members
from .scenario_text import ParsedText, ValuePath, parse_text
from .scenario_values import (
    MAX_NAME_CHARS,
    MAX_STEPS,
    MEMBER_EVENTS,
    RECORDING_ENDS,
    STATE_EVENTS,
    STEP_EVENTS,
    InvalidScenario,
    StepEvent,
    as_list,
    check_event,
    check_seconds,
    describe_type,
    describe_unknown,
    is_number,
    parse_identities,
    parse_numbers,
    parse_result,
    parse_text_member,
    parse_tone,
)
from .state_machine import Result, find_next_state
from .states import TERMINATED, EventName
from .versions import CallKind

HANG_UP_SECONDS = 0.4
"""Duration of ``terminating``."""


@dataclass(frozen=True, slots=True, repr=False)
class Step:
    """An event of a scenario.

    Parameters
    ----------
    event : str
        ``"ring"``, ``"connect"``, ``"hold"``, ``"resume"``, ``"tone"``, ``"join"``, ``"leave"``, ``"mute"``,
        ``"unmute"``, ``"lobby"``, ``"admit"``, ``"share"``, ``"unshare"``, ``"hang_up"`` or ``"end"``.
    after : float or "ringing_timeout"
        Seconds after the step before, or for as long as the call may ring.
    result : str, dict or pair of int, optional
        Result of an ``end``: a name such as ``"busy"``, ``(486, 8539)``, or a dict with ``code``, ``subcode`` and
        ``message``. By default the callee hung up, or declined a call that was not answered.
    phone_result : str, dict or pair of int, optional
        The same for a call to or from a phone.
    identities : iterable, optional
        Participants who ``join``: phone numbers, names or identity sets; by default those that the call names.
    numbers : iterable of int, optional
        Participants who leave, are muted or wait in the lobby, in the order in which they joined; 0 is the
        application. By default all. Of an event ``share``, the one who shares content, by default the first other.
    tone : str, optional
        The key of a ``tone``: ``"tone1"`` or ``"1"``, ``"star"`` or ``"*"``, ``"pound"`` or ``"#"``. A call hears it
        once the application has subscribed to tones.
    endpoint : str, optional
        Graph's ``endpointType`` of the endpoint that answers, such as ``"voicemail"``.

    Raises
    ------
    ValueError
        For an unknown event, and for a value that does not belong to the event.

    Examples
    --------
    >>> Step("ring", after=1), Step("tone", after=2, tone="#")
    (Step('ring', after=1), Step('tone', after=2, tone='pound'))
    >>> Step("end", after=0.5, result="busy").result.subcode
    8539
    """

    event: StepEvent
    after: float | Literal["ringing_timeout"] = 0.0
    _: KW_ONLY
    result: Result | None = None
    phone_result: Result | None = None
    identities: tuple[Mapping[str, Any], ...] = ()
    numbers: tuple[int, ...] = ()
    tone: str | None = None
    endpoint: str | None = None

    def __post_init__(self) -> None:
        check_event(self.event)
        check_seconds("after", self.after)
        parsers = (
            ("result", parse_result),
            ("phone_result", parse_result),
            ("identities", parse_identities),
            ("numbers", parse_numbers),
            ("tone", parse_tone),
            ("endpoint", parse_text_member),
        )
        for name, parse in parsers:
            value = getattr(self, name)
            if value is None or value == ():
                continue
            if self.event not in (events := MEMBER_EVENTS[name]):
                advice = (
                    f"does not belong to the event {self.event!r}, but to {' or '.join(sorted(events))}; remove it."
                )
                raise InvalidScenario((name,), advice)
            object.__setattr__(self, name, parse(name, value))
        if self.event == "tone" and self.tone is None:
            raise InvalidScenario(("tone",), "is missing; give the key, such as tone1, or '#' in quotes.")

    @property
    def state_event(self) -> EventName:
        """The event of the call's state machine."""
        return STATE_EVENTS.get(self.event) or self.event  # type: ignore[return-value]

    @property
    def flag(self) -> bool:
        """True when a participant is muted, or in the lobby, from now on."""
        return self.event not in STATE_EVENTS

    def to_dict(self) -> dict[str, Any]:
        """Return the members that differ from their defaults, as plain values."""
        return {"event": self.event} | {
            each.name: _to_plain(value)
            for each in fields(self)[1:]
            if (value := getattr(self, each.name)) not in (None, (), 0.0)
        }

    def __repr__(self) -> str:
        event, *others = self.to_dict().items()
        return f"Step({event[1]!r}{''.join(f', {name}={value!r}' for name, value in others)})"


Steps = tuple[Step, ...]

JOIN = Step("join", 0.3)
RING = Step("ring", 0.8)
ANSWERED: Steps = (RING, Step("connect", 2.0))
JOINED: Steps = (Step("connect", 1.2), JOIN)
ACCEPTED: Steps = (Step("connect", 0.6),)

_KINDS = ("peer", "group", "meeting", "incoming")
_DEFAULT_STEPS: Mapping[str, Steps] = {"peer": ANSWERED, "group": JOINED, "meeting": JOINED, "incoming": ACCEPTED}


@dataclass(frozen=True, slots=True, repr=False)
class Scenario:
    """The behavior of the other side and of the network: of a callee, of participants, of a caller.

    Parameters
    ----------
    steps : iterable of Step
        Steps of every kind of call that has no steps of its own. Group calls and meetings do not ring, and the others
        join them after ``connect``; of an incoming call, the steps from ``connect`` on run once it was answered.
    name, description, teaches : str
        Name by which rules and requests choose the scenario, its behavior, and its lesson for a developer.
    peer, group, meeting : iterable of Step, optional
        Steps of a call to people, of a group call and of a meeting, after the call was created.
    incoming : iterable of Step, optional
        Steps of an incoming call after it was answered.
    transfer_failure, invitation_failure : str, dict or pair of int, optional
        Result of transfers and invitations, which then fail; see :class:`Step`.
    prompt_failure : str, dict or pair of int, optional
        Result of prompts, which then fail, such as ``"invalid_prompt"`` or ``"prompt_not_found"``.
    recording_end : str, optional
        End of a recording: ``"max_duration"`` (the default), ``"stop_tone"``, ``"initial_silence"``,
        ``"max_silence"`` or ``"failure"``.
    tones : iterable of str
        Tones that the other side sends once the application has subscribed to tones.
    callback_seconds : float, optional
        Delay after which a callee who did not answer calls the application.
    jitter : float
        Share by which each delay varies at random, from 0 (none) to 1.

    Raises
    ------
    ValueError
        For a scenario without steps, with too many, or with a step that is not possible at its place.

    Examples
    --------
    >>> impatient = Scenario(
    ...     name="impatient",
    ...     steps=[Step("ring", 1), Step("connect", 2), Step("tone", 2, tone="1"), Step("hang_up", 3)],
    ... )
    >>> print(impatient)
    impatient
      + 1.0 s  ring
      + 2.0 s  connect
      + 2.0 s  tone     tone1
      + 3.0 s  hang_up
    >>> import graphcall_nb as gc
    >>> with gc.simulate(scenario=impatient, virtual_time=True) as session:
    ...     call = session.create_call(gc.templates.peer_to_peer())
    ...     session.simulator.advance(30)
    ...     session.intervals()["state"].tolist()
    ['establishing', 'ringing', 'established', 'terminating', 'terminated']
    """

    steps: Steps = ()
    _: KW_ONLY
    name: str = ""
    description: str = ""
    teaches: str = ""
    peer: Steps = ()
    group: Steps = ()
    meeting: Steps = ()
    incoming: Steps = ()
    transfer_failure: Result | None = None
    invitation_failure: Result | None = None
    prompt_failure: Result | None = None
    recording_end: str | None = None
    tones: tuple[str, ...] = ()
    callback_seconds: float | None = None
    jitter: float = 0.0

    def __post_init__(self) -> None:
        for name in ("name", "description", "teaches"):
            parse_text_member(name, getattr(self, name))
        if len(self.name) > MAX_NAME_CHARS or "=" in self.name or "/" in self.name:
            raise InvalidScenario(("name",), f"use at most {MAX_NAME_CHARS} characters, without = and /.")
        self._parse_outcomes()
        given = {kind: _parse_steps(kind, getattr(self, kind)) for kind in ("steps", *_KINDS)}
        if _is_empty({each.name: getattr(self, each.name) for each in fields(self)} | given):
            raise InvalidScenario(("steps",), "the scenario is empty; give one step at least, such as event: connect.")
        object.__setattr__(self, "steps", given["steps"])
        for kind in _KINDS:
            steps = given[kind] or self._derive(kind)
            _check_order(kind if given[kind] else "steps", steps)
            object.__setattr__(self, kind, _complete(steps))

    def _parse_outcomes(self) -> None:
        if self.recording_end is not None and self.recording_end not in RECORDING_ENDS:
            raise InvalidScenario(("recording_end",), describe_unknown("end", self.recording_end, RECORDING_ENDS))
        for name in ("transfer_failure", "invitation_failure", "prompt_failure"):
            if (value := getattr(self, name)) is not None:
                object.__setattr__(self, name, parse_result(name, value))
        tones = as_list("tones", self.tones, "a list of keys, such as [tone1, pound]")
        object.__setattr__(self, "tones", tuple(parse_tone("tones", each) for each in tones))
        if self.callback_seconds is not None:
            check_seconds("callback_seconds", self.callback_seconds)
        if not is_number(self.jitter) or not 0 <= self.jitter <= 1:
            raise InvalidScenario(("jitter",), f"is {self.jitter!r}; give a number from 0 to 1.")

    def _derive(self, kind: str) -> Steps:
        """Return the steps of a kind of call that has none of its own."""
        if not self.steps:
            return _DEFAULT_STEPS[kind]
        if kind == "peer":
            return self.steps
        steps = _leave_out_ringing(self.steps)
        if kind == "incoming":
            events = [step.event for step in steps]
            return steps[events.index("connect") :] if "connect" in events else ACCEPTED
        return add_join(steps)

    def get_steps(self, kind: CallKind) -> Steps:
        """Return the steps of a call that the application creates."""
        steps: Steps = getattr(self, kind)
        return steps

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes and subcodes of its results, for example ``"487/10024"``."""
        steps = (*self.peer, *self.group, *self.meeting, *self.incoming)
        results = [each for step in steps for each in (step.result, step.phone_result)]
        results += [self.transfer_failure, self.invitation_failure, self.prompt_failure]
        return tuple(dict.fromkeys(f"{each.code}/{each.subcode}" for each in results if each))

    # Text

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> Self:
        """Read a scenario from a YAML or JSON file; its name is that of the file unless the file has another.

        Raises
        ------
        ValueError
            When the file cannot be read or is not a scenario; the message names the line and the field.
        """
        file = Path(path)
        try:
            text = file.read_text("utf-8")
        except UnicodeDecodeError:
            raise ValueError(f"{file}: the file is not UTF-8 text; save it as UTF-8.") from None
        except OSError as error:
            raise ValueError(f"{file}: the file cannot be read ({error.strerror}); check the path.") from None
        return cls.from_text(text, source=str(file), name=file.stem)

    @classmethod
    def from_text(cls, text: str, *, source: str = "", name: str = "") -> Self:
        """Read a scenario from YAML or JSON.

        Parameters
        ----------
        text : str
            The scenario.
        source : str
            Path or other origin of the text, for messages.
        name : str
            Name of a scenario whose text has none.

        Raises
        ------
        ValueError
            When the text is not a scenario; the message names the line and the field.

        Examples
        --------
        >>> Scenario.from_text("steps: [{event: connect, after: 1}, {event: end, result: busy}]").codes
        ('486/8539',)
        """
        try:
            parsed = parse_text(text)
        except ValueError as error:
            raise ValueError(f"{source}, {error}" if source else str(error)) from None
        return cls._read(parsed, source, name)

    @classmethod
    def from_dict(cls, members: Mapping[str, Any]) -> Self:
        """Read a scenario from a dict, as :meth:`to_dict` returns it."""
        return cls._read(ParsedText(members), "", "")

    @classmethod
    def from_journal(cls, journal: RecordedJournal, call_id: str) -> Self:
        """Return a scenario that plays a recorded call again, with its times, participants, tones and result.

        The application's own requests are not part of it: a call that the application ended lasts until it is ended.

        Parameters
        ----------
        journal : Journal
            The journal of a session, ``session.journal``.
        call_id : str
            Id of a call in it.

        Raises
        ------
        ValueError
            When the journal does not have the call.

        Notes
        -----
        The scenario has the names and ids of the participants who joined, as the journal has them.

        Examples
        --------
        >>> import graphcall_nb as gc
        >>> with gc.simulate(scenario="busy", virtual_time=True) as session:
        ...     call = session.create_call(gc.templates.peer_to_peer())
        ...     session.simulator.advance(10)
        ...     Scenario.from_journal(session.journal, call.id).codes
        ('486/8539',)
        """
        if not hasattr(journal, "read_requests"):
            raise TypeError(f"journal: give a journal, such as session.journal, not {describe_type(journal)}.")
        if not isinstance(call_id, str):
            raise TypeError(f"call_id: give the id of a call, not {describe_type(call_id)}.")
        return cls.from_dict(record_members(journal, call_id))

    @classmethod
    def _read(cls, parsed: ParsedText, source: str, name: str) -> Self:
        try:
            members = _read_members(cls, parsed.value, "scenario", ())
            for kind in ("steps", *_KINDS):
                if members.get(kind) is not None:
                    members[kind] = _read_steps(kind, members[kind])
            return cls(**({"name": name} | {key: value for key, value in members.items() if value is not None}))
        except InvalidScenario as error:
            line = parsed.find_line(error.path)
            place = ", ".join(part for part in (source, f"line {line}" if line else "") if part)
            raise InvalidScenario(error.path, error.advice, place) from None

    def to_dict(self) -> dict[str, Any]:
        """Return the members that differ from their defaults, as plain values for JSON and YAML."""
        given = {}
        for each in fields(self):
            value = getattr(self, each.name)
            is_derived = each.name in _KINDS and value == _complete(self._derive(each.name))
            if value != each.default and not is_derived:
                given[each.name] = _to_plain(value)
        if _is_empty(given):
            given["peer"] = _to_plain(self.peer)
        return given

    def to_json(self) -> str:
        """Return the scenario as JSON, which :meth:`from_text` reads."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False)

    def to_yaml(self) -> str:
        """Return the scenario as YAML, which :meth:`from_text` reads.

        Examples
        --------
        >>> print(Scenario(steps=[Step("connect", after=1.5)]).to_yaml(), end="")
        steps:
        - event: connect
          after: 1.5
        """
        import yaml

        text: str = yaml.safe_dump(self.to_dict(), sort_keys=False, allow_unicode=True)
        return text

    def __str__(self) -> str:
        title = ": ".join(part for part in (self.name, self.description) if part) or "Scenario"
        lines = [title]
        for kind in ("steps", *(kind for kind in _KINDS if kind in self.to_dict())):
            steps: Steps = getattr(self, kind)
            if steps:
                lines += [f"  {kind}"] if kind != "steps" else []
                lines += [f"  {_format_step(step)}".rstrip() for step in steps]
        return "\n".join(lines)

    def __repr__(self) -> str:
        members = {name: getattr(self, name) for name in self.to_dict()}
        return f"Scenario({', '.join(f'{name}={_format_member(value)}' for name, value in members.items())})"


_CONTENT = (
    "steps",
    *_KINDS,
    "transfer_failure",
    "invitation_failure",
    "prompt_failure",
    "recording_end",
    "tones",
    "callback_seconds",
)


def _is_empty(members: Mapping[str, Any]) -> bool:
    """Return whether none of the members defines a behavior."""
    return all(members.get(name) in (None, ()) for name in _CONTENT)


# Steps


def add_join(steps: Steps) -> Steps:
    """Return the steps of a call with several people, with the others joining after ``connect``."""
    events = [step.event for step in steps]
    if "join" in events or "lobby" in events or "connect" not in events:
        return steps
    after = events.index("connect") + 1
    return (*steps[:after], JOIN, *steps[after:])


def _leave_out_ringing(steps: Steps) -> Steps:
    """Return the steps without ``ring``, whose time the next step takes over."""
    kept: list[Step] = []
    seconds = 0.0
    for step in steps:
        if step.event == "ring":
            seconds += step.after if isinstance(step.after, int | float) else 0.0
            continue
        kept.append(step if isinstance(step.after, str) else replace(step, after=step.after + seconds))
        seconds = 0.0
    return tuple(kept)


def _complete(steps: Steps) -> Steps:
    """Return the steps with an end after a final ``hang_up``, and a result of each end."""
    if steps and steps[-1].event == "hang_up":
        steps = (*steps, Step("end", HANG_UP_SECONDS))
    is_connected = any(step.event == "connect" for step in steps)
    hung_up = (result_codes.CALLEE_HUNG_UP, result_codes.PHONE_HUNG_UP)
    result, phone_result = hung_up if is_connected else (result_codes.DECLINED, None)
    return tuple(
        replace(step, result=result, phone_result=step.phone_result or phone_result)
        if step.event == "end" and step.result is None
        else step
        for step in steps
    )


def _check_order(member: str, steps: Steps) -> None:
    """Raise ``InvalidScenario`` for a step whose event is not possible after the steps before it."""
    state: str | None = "establishing"
    for number, step in enumerate(steps):
        following = find_next_state(state, step.state_event)
        if following is None:
            raise InvalidScenario((member, number, "event"), _explain_order(step.event, state))
        state = following


def _explain_order(event: str, state: str | None) -> str:
    if state == TERMINATED:
        return f"{event} comes after the end of the call; remove it, or put it before the end."
    remedy = {"resume": "put hold before it"}.get(event)
    if state in ("establishing", "ringing"):
        remedy = "put connect before it"
    elif event in ("ring", "connect"):
        remedy = "remove it, or put it first"
    return f"{event} is not possible while the call is {state}; {remedy or 'remove it, or put it earlier'}."


def _parse_steps(member: str, steps: Any) -> Steps:
    items = islice(as_list(member, steps, "a list of steps, such as Step('connect', after=1)"), MAX_STEPS + 1)
    parsed: list[Step] = []
    for number, step in enumerate(items):
        if number == MAX_STEPS:
            raise InvalidScenario((member,), f"has more than {MAX_STEPS} steps; it must not be cyclic, so give fewer.")
        if not isinstance(step, Step):
            raise InvalidScenario(
                (member, number), f"give a Step, such as Step('connect', after=1), not {describe_type(step)}."
            )
        parsed.append(step)
    return tuple(parsed)


# Reading and writing


def _read_members(cls: type[Any], value: Any, kind: str, path: ValuePath) -> dict[str, Any]:
    """Return the members of a dict, checked for unknown names."""
    if not isinstance(value, Mapping):
        example = "steps: [{event: connect, after: 1}]" if kind == "scenario" else "{event: connect, after: 1}"
        raise InvalidScenario(path, f"a {kind} has members, such as {example}; this is {describe_type(value)}.")
    names = [each.name for each in fields(cls)]
    for name in value:
        if name not in names:
            raise InvalidScenario((*path, str(name)), describe_unknown(f"member of a {kind}", name, names))
    return dict(value)


def _read_steps(member: str, items: Any) -> Steps:
    steps: list[Step] = []
    for number, item in enumerate(as_list(member, items, "a list of steps, each with its event")):
        path = (member, number)
        members = _read_members(Step, item, "step", path)
        if "event" not in members:
            raise InvalidScenario(path, f"the event is missing; give one of {', '.join(STEP_EVENTS)}.")
        try:
            steps.append(
                Step(**{name: value for name, value in members.items() if value is not None or name == "event"})
            )
        except InvalidScenario as error:
            raise error.below(path) from None
    return tuple(steps)


def _to_plain(value: Any) -> Any:
    if isinstance(value, Step):
        return value.to_dict()
    if isinstance(value, Result):
        name = next((name for name, each in result_codes.NAMED.items() if each == value), None)
        return name or {"code": value.code, "subcode": value.subcode, "message": value.message}
    if isinstance(value, Mapping):
        return {name: _to_plain(each) for name, each in value.items()}
    return [_to_plain(each) for each in value] if isinstance(value, tuple | list) else value


def _format_member(value: Any) -> str:
    return f"[{', '.join(map(repr, value))}]" if isinstance(value, tuple) else repr(_to_plain(value))


def _format_step(step: Step) -> str:
    time = f"+{step.after:>4.1f} s" if isinstance(step.after, int | float) else f"{step.after:>7}"
    details = [_format_detail(value) for name, value in step.to_dict().items() if name not in ("event", "after")]
    return f"{time}  {step.event:7}  {' '.join(details)}"


def _format_detail(value: Any) -> str:
    if isinstance(value, Mapping) and "code" in value:
        return f"{value['code']}/{value['subcode']}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
