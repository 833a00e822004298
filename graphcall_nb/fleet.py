"""Hours of realistic calls in a journal, generated in virtual time within seconds or minutes."""

from __future__ import annotations

import itertools
import json
import math
import os
import random
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from importlib import metadata
from typing import Any

from ._arguments import require_choice, require_path, require_type
from .graph.notifications import read_notifications
from .graph.versions import DEFAULT, VersionName
from .journal.database import SIMULATED, make_writer, notifications, open_engine, requests
from .journal.journal import open_journal
from .journal.origin import Origin
from .journal.records import RequestRecord, Row
from .journal.selection import parse_since
from .simulator.calls import SimulatedCall
from .simulator.payloads import make_call, make_notification
from .simulator.random import make_guid
from .simulator.scenario import Scenario
from .simulator.scenarios import ENDING, SCENARIOS, ScenarioName, generate_events
from .simulator.state_machine import CallState, Change, Event, advance
from .simulator.versions import CallKind, get_version

__all__ = ["FAULTS", "MIX", "Fleet", "simulate_fleet"]

MIX: Mapping[ScenarioName, float] = {
    "answered": 38,
    "callee_hangs_up": 34,
    "no_answer": 10,
    "declined": 7,
    "busy": 6,
    "voicemail": 3,
    "unreachable": 1,
    "dropped_media": 1,
}
"""Scenarios and how many calls of a hundred have each."""

FAULTS: Mapping[str, float] = {"duplicate": 0.01, "late": 0.01}
"""Shares of notifications that arrive twice, and that arrive after later ones."""

ARRIVALS = (2, 6, 10, 9, 5, 4, 8, 9, 6, 3)
"""Calls in each tenth of the time, in relation to each other: a working day with a pause at noon."""

_KINDS: Mapping[str, float] = {"user": 55, "phone": 25, "group": 12, "meeting": 8}
_SUBJECTS = ("Delivery", "Appointment", "Order", "Weekly review", "Support", None, None)
_NAMES = ("Adele Vance", "Alex Wilber", "Diego Siciliani", "Grady Archie", "Isaiah Langer", "Lee Gu", "Megan Bowen")

_RING_SECONDS, _TALK_SECONDS = (8.0, 0.5), (110.0, 1.0)
"""Median, and standard deviation of the logarithm."""

_MAX_RING_SECONDS, _MAX_TALK_SECONDS = 50.0, 7_200.0
_NETWORK_SECONDS = (0.15, 0.6)
"""From a change of a call to the arrival of its notification, and to the response to a request: as for the others."""

_DUPLICATE_SECONDS, _LATE_SECONDS = (0.2, 30.0), (1.0, 20.0)
"""Least and greatest delay."""

_ROWS_PER_COMMIT = 10_000
_CALLS_PER_PROGRESS = 1_000
_DURATION = re.compile(r"\A(\d+(?:\.\d+)?)\s*([smhd])\Z")
_UNITS = {"s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}
_MAX_SECONDS = 366 * 86_400.0


@dataclass
class Fleet:
    """The calls that :func:`simulate_fleet` wrote.

    Attributes
    ----------
    calls, notifications, requests : int
        Calls that were written completely, and their rows in the journal.
    duplicates, late : int
        Notifications that arrive a second time, and those that were delayed.
    scenarios : dict of str to str
        Scenario of each call by its id: the truth that an analysis of the journal should find.
    """

    calls: int = 0
    notifications: int = 0
    requests: int = 0
    duplicates: int = 0
    late: int = 0
    scenarios: dict[str, str] = field(default_factory=dict, repr=False)


def simulate_fleet(
    count: int,
    journal: str | os.PathLike[str],
    *,
    start: datetime | timedelta | str | None = None,
    over: str | float | timedelta = "8h",
    faults: Mapping[str, float] = FAULTS,
    mix: Mapping[ScenarioName, float] = MIX,
    version: VersionName = DEFAULT,
    seed: int = 1,
    on_progress: Callable[[Fleet], object] | None = None,
    clock: Callable[[], float] = time.time,
) -> Fleet:
    """Write realistic calls into a journal: their requests and notifications, as a listener would have stored them.

    Calls arrive along a working day, ring and last as long as real ones, and go to users, telephones, groups and
    meetings. Time is virtual: nothing is sent, and 100,000 calls take about 95 s of one processor core. The journal
    is an ordinary one.

    Parameters
    ----------
    count : int
        Number of calls.
    journal : str or path
        A path or URL of a journal of simulated calls, or of a new one.
    start : datetime, timedelta or str, optional
        Time of the first calls (UTC without a zone), its text, or a duration before now; by default the calls end now.
    over : str, float or timedelta
        Time in which the calls begin: such as ``"8h"``, ``"90m"`` or ``"2d"``, or seconds.
    faults : dict of str to float
        Shares from 0 to 1 of the notifications that arrive twice (``duplicate``) or after later ones (``late``).
    mix : dict of str to float
        Number of calls of a hundred by scenario.
    version : str
        API version of the notifications.
    seed : int
        Makes the calls of an empty journal repeat.
    on_progress : callable, optional
        Called after each 1,000 calls with what was written so far.
    clock : callable
        Returns epoch seconds.

    Returns
    -------
    Fleet
        Numbers of rows, and the scenario of each call.

    Raises
    ------
    ValueError
        For a number, a time, a fault or a scenario that is not valid.
    JournalError
        If the journal cannot be written, or holds calls of Microsoft Graph.

    Examples
    --------
    >>> import tempfile
    >>> import graphcall_nb as gc
    >>> path = tempfile.mkdtemp() + "/fleet.sqlite"
    >>> fleet = simulate_fleet(50, path, start="2026-03-02 08:00", over="8h")
    >>> with gc.open_journal(path) as session:
    ...     calls = session.calls()
    >>> len(calls), len(fleet.scenarios)
    (50, 50)
    """
    location = require_path("journal", journal, "a path or a database URL")
    if require_type("count", count, int, "a whole number, 0 or more") < 0:
        raise ValueError(f"count: give a whole number, 0 or more, not {count}.")
    seconds = _parse_duration(over)
    _check_shares("faults", faults, FAULTS, 1.0)
    _check_shares("mix", mix, SCENARIOS, math.inf)
    if count and not sum(mix.values()):
        raise ValueError("mix: give at least one scenario a number above 0.")
    start_us = parse_since(start, clock=clock)
    first_second = clock() - seconds if start_us is None else start_us / 1e6
    get_version(version)
    opened = open_journal(location)
    try:
        began_at = datetime.fromtimestamp(first_second, UTC)
        package_version = metadata.version("graphcall-nb")
        opened.claim(Origin(SIMULATED, version=version, package_version=package_version, began_at=began_at))
        generator = _Generator(f"{seed}/{opened.last_seq}", version, mix, faults)
    finally:
        opened.close()
    _write(location, generator, generator.choose_times(count, first_second, seconds), on_progress)
    return generator.fleet


def _parse_duration(over: str | float | timedelta) -> float:
    require_type("over", over, (str, int, float, timedelta), "a duration such as '8h', or seconds")
    match = _DURATION.match(over.strip()) if isinstance(over, str) else None
    if match:
        seconds = float(match[1]) * _UNITS[match[2]]
    elif isinstance(over, timedelta):
        seconds = over.total_seconds()
    else:
        seconds = math.nan if isinstance(over, str) else float(over)
    if not 0 < seconds <= _MAX_SECONDS:  # not a number is not in any range
        raise ValueError(f"over is {over!r}; give a duration above 0 and up to a year, such as '8h', '90m' or '2d'.")
    return seconds


def _check_shares(name: str, shares: Mapping[Any, float], choices: Iterable[str], limit: float) -> None:
    require_type(name, shares, Mapping, "a dict of names and numbers")
    for key, share in shares.items():
        require_choice(f"name in {name}=", key, tuple(choices))
        if (
            isinstance(share, bool)
            or not isinstance(share, int | float)
            or not 0 <= share <= limit
            or share == math.inf
        ):
            raise ValueError(
                f"{name}: {key!r} is {share!r}; give a number from 0{f' to {limit:g}' * (limit < math.inf)}."
            )


def _write(
    location: str, generator: _Generator, times: list[float], on_progress: Callable[[Fleet], object] | None
) -> None:
    """Write the rows of calls that begin at these times, in the order of time."""
    engine = open_engine(location)
    writers = make_writer(engine, notifications), make_writer(engine, requests)
    rows: tuple[list[Row], list[Row]] = ([], [])
    try:
        for table, row in _merge(generator, times, on_progress):
            rows[table].append(row)
            if len(rows[table]) == _ROWS_PER_COMMIT:
                writers[table].write(rows[table])
                rows[table].clear()
        for writer, rest in zip(writers, rows, strict=True):
            if rest:
                writer.write(rest)
    finally:
        for writer in writers:
            writer.close()
        engine.dispose()


def _merge(
    generator: _Generator, times: list[float], on_progress: Callable[[Fleet], object] | None
) -> Iterator[tuple[int, Row]]:
    """Yield the rows of all calls with their tables, ascending by time; only calls that overlap are in memory."""
    heap: list[tuple[int, int, int, Row]] = []
    number = itertools.count()
    for begin in (*times, math.inf):
        while heap and heap[0][0] < begin * 1e6:
            _, _, table, row = heappop(heap)
            yield table, row
        if begin < math.inf:
            for table, row in generator.generate(begin):
                heappush(heap, (row[0], next(number), table, row))
            if on_progress and (
                generator.fleet.calls % _CALLS_PER_PROGRESS == 0 or generator.fleet.calls == len(times)
            ):
                on_progress(generator.fleet)


_NOTIFICATION, _REQUEST = range(2)


class _Generator:
    """Generates the rows of one call after the other."""

    def __init__(
        self, seed: str, version: VersionName, mix: Mapping[ScenarioName, float], faults: Mapping[str, float]
    ) -> None:
        self.fleet = Fleet()
        self._seed = seed
        self._version = get_version(version)
        self._mix = mix
        self._faults = faults
        application = {"displayName": "Calling bot", "id": make_guid(self._make_random("bot"))}
        self._bot = {"application": application}

    def _make_random(self, name: object) -> random.Random:
        return random.Random(f"{self._seed}/{name}")  # noqa: S311 - repeating is the purpose of a seed

    def choose_times(self, count: int, first: float, seconds: float) -> list[float]:
        """Return the times at which the calls begin, ascending, in epoch seconds."""
        rng = self._make_random("times")
        parts = rng.choices(range(len(ARRIVALS)), ARRIVALS, k=count)
        return sorted(first + (part + rng.random()) / len(ARRIVALS) * seconds for part in parts)

    def generate(self, begin: float) -> Iterator[tuple[int, Row]]:
        """Yield the rows of the next call, which begins at this time, each with its table."""
        fleet = self.fleet
        rng = self._make_random(fleet.calls)
        call = self._make_call(fleet.calls, rng)
        name = _choose_possible(rng.choices(list(self._mix), list(self._mix.values()))[0], call.kind)
        fleet.calls += 1
        fleet.scenarios[call.id] = name
        at = begin
        for delay, event in self._generate_events(call, SCENARIOS[name], rng):
            at += delay
            call.state, changes = advance(call.state, event, at)
            if event.name in ("create", "hang_up") and changes and (event.name == "create" or name == "answered"):
                yield _REQUEST, self._make_request(call, event.name, at, rng)
            for change in changes:
                yield from self._make_notifications(call, change, at, rng)

    def _make_call(self, number: int, rng: random.Random) -> SimulatedCall:
        version = self._version
        body = {**_make_body(rng), "requestedModalities": ["audio"], "callbackUri": "https://bot.contoso.com/api/calls"}
        return SimulatedCall(
            id=version.make_id(rng),
            number=number,
            application_id=self._bot["application"]["id"],
            participant_id=version.make_id(rng),
            chain_id=make_guid(rng),
            version=version,
            callback_uri=body["callbackUri"],
            body=body,
            kind=version.get_kind(body),
            bot=self._bot,
            state=CallState(etag=rng.randrange(1000, 10_000)),
        )

    def _generate_events(
        self, call: SimulatedCall, scenario: Scenario, rng: random.Random
    ) -> Iterator[tuple[float, Event]]:
        """Yield the events of a call with the seconds before each; people ring and talk longer than in a lesson."""
        yield 0.0, Event("create")
        has_talked = False
        for delay, event in generate_events(scenario.get_steps(call.kind), call.kind, call.body, call.bot, rng):
            seconds = delay
            if event.name == "connect" and not event.endpoint:
                seconds = _draw(rng, *_RING_SECONDS, _MAX_RING_SECONDS)
            elif call.state.name == "established" and not has_talked:
                seconds, has_talked = _draw(rng, *_TALK_SECONDS, _MAX_TALK_SECONDS), True
            yield seconds, event
            if event.name == "connect" and self._version.is_captured:
                yield rng.uniform(0.05, 0.4), Event("media", media="active")
        # These have no effect on a call that has ended.
        yield (0.0 if has_talked else _draw(rng, *_TALK_SECONDS, _MAX_TALK_SECONDS)), Event("hang_up")
        yield from generate_events(ENDING, call.kind, call.body, call.bot, rng)

    def _make_notifications(
        self, call: SimulatedCall, change: Change, at: float, rng: random.Random
    ) -> Iterator[tuple[int, Row]]:
        """Yield the rows of a change: none if the version does not tell it, two if it arrives twice."""
        is_told = (
            call.has_roster if change.entity == "participants" else change.state.name not in self._version.hidden_states
        )
        if not is_told:
            return
        faults, fleet = self._faults, self.fleet
        at += rng.uniform(*_NETWORK_SECONDS)
        if rng.random() < faults.get("late", 0.0):
            at += rng.uniform(*_LATE_SECONDS)
            fleet.late += 1
        [notification] = read_notifications(json.dumps(make_notification(call, change), separators=(",", ":")))
        yield _NOTIFICATION, (int(at * 1e6), *notification)
        fleet.notifications += 1
        if rng.random() < faults.get("duplicate", 0.0):
            at += rng.uniform(*_DUPLICATE_SECONDS)
            fleet.duplicates += 1
            fleet.notifications += 1
            yield _NOTIFICATION, (int(at * 1e6), *notification)

    def _make_request(self, call: SimulatedCall, operation: str, at: float, rng: random.Random) -> Row:
        is_create = operation == "create"
        path = self._version.resource.format(call_id=call.id)
        self.fleet.requests += 1
        request = RequestRecord(
            seq=0,
            sent_at_us=int(at * 1e6),
            method="POST" if is_create else "DELETE",
            url=f"https://graph.microsoft.com/{self._version.name}{path.rpartition('/')[0] if is_create else path}",
            operation="create" if is_create else "hangUp",
            call_id=call.id,
            status=201 if is_create else 204,
            duration_us=int(rng.uniform(*_NETWORK_SECONDS) * 1e6),
            request_id=make_guid(rng),
            client_request_id=make_guid(rng),
            request_body=json.dumps(call.body) if is_create else None,
            response_body=json.dumps(make_call(call, self._version)) if is_create else None,
            error=None,
        )
        return request[1:]


def _choose_possible(name: ScenarioName, kind: CallKind) -> ScenarioName:
    """Return the scenario, or ``answered`` if it is the same for this kind: a meeting cannot be busy."""
    is_answered = SCENARIOS[name].get_steps(kind) == SCENARIOS["answered"].get_steps(kind)
    return "answered" if is_answered else name


def _draw(rng: random.Random, median: float, deviation: float, limit: float) -> float:
    """Return seconds of a log-normal distribution: many short times and few long ones."""
    return min(rng.lognormvariate(math.log(median), deviation), limit)


def _make_body(rng: random.Random) -> dict[str, Any]:
    kind = rng.choices(list(_KINDS), list(_KINDS.values()))[0]
    subject = rng.choice(_SUBJECTS)
    body: dict[str, Any] = {"subject": f"{subject} {rng.randrange(1000, 10_000)}"} if subject else {}
    if kind in ("group", "meeting"):
        body["chatInfo"] = {"threadId": f"19:meeting_{make_guid(rng)}@thread.v2", "messageId": "0"}
        body["meetingInfo"] = {
            "@odata.type": "#microsoft.graph.organizerMeetingInfo",
            "organizer": {"user": {"id": make_guid(rng)}},
        }
    if kind == "meeting":
        return body
    if kind == "phone":
        identities = [{"phone": {"id": f"+1425555{rng.randrange(10_000):04d}"}}]
    else:
        names = rng.sample(_NAMES, rng.randint(2, 4) if kind == "group" else 1)
        identities = [{"user": {"displayName": name, "id": make_guid(rng)}} for name in names]
    return {"targets": [{"identity": identity} for identity in identities], **body}
