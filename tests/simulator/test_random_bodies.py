"""Random request bodies: each is accepted or refused, and an accepted one runs to its end."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcall_nb.simulator.call_service import CallService
from graphcall_nb.simulator.calls import CallRegistry
from graphcall_nb.simulator.errors import GraphError
from graphcall_nb.simulator.payloads import make_call, make_notification
from graphcall_nb.simulator.random import SeededRandom
from graphcall_nb.simulator.scenarios import SCENARIOS, ScenarioRegistry, generate_events
from graphcall_nb.simulator.state_machine import advance
from graphcall_nb.simulator.tokens import Application
from graphcall_nb.simulator.validation import parse_json, validate_call
from graphcall_nb.simulator.versions import VERSIONS
from tests.fuzzing.anything import spoilt

from .service import DOCUMENTED, sample

pytestmark = pytest.mark.slow

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=12
)


@given(ANYTHING)
def test_json_is_parsed_unchanged(value):
    assert parse_json(json.dumps(value).encode()) == value


@given(st.lists(ANYTHING, min_size=1))
def test_trailing_comma_changes_nothing(values):
    assert parse_json(json.dumps(values)[:-1].encode() + b" , ]") == values


@given(st.binary() | st.text(alphabet='{}[]",: \\ab1').map(str.encode))
def test_any_bytes_are_parsed_or_refused(data):
    with contextlib.suppress(GraphError):
        parse_json(data)


CHANGED_BODIES = st.sampled_from(DOCUMENTED).flatmap(
    lambda name: spoilt(sample(f"{name}.request"), ANYTHING | st.sampled_from([{}, [], "", {"user": {"id": "u"}}]))
)


@given(CHANGED_BODIES, st.sampled_from(list(SCENARIOS.values())), st.sampled_from(list(VERSIONS.values())))
def test_accepted_body_runs_to_the_end_of_its_scenario(body, scenario, version):
    if validate_call(body, version.rules):
        return
    random = SeededRandom(1)
    service = CallService(
        CallRegistry(), None, ScenarioRegistry(scenario), random=random, clock=lambda: 0.0, sleep=None, speed=1
    )
    call, changes = service.create(version, Application("app", "Bot", ""), body)
    steps = getattr(scenario, call.kind)
    for _, event in generate_events(steps, call.kind, call.body, call.bot, random.stream("script")):
        call.state, more = advance(call.state, event, 0.0)
        changes += more
    json.dumps([make_call(call, version), *(make_notification(call, change) for change in changes)])


@pytest.mark.parametrize("version", VERSIONS.values(), ids=lambda version: version.name)
@pytest.mark.parametrize("odd", [5, "phone", ["phone"], None])
def test_invalid_identity_is_refused(version, odd):
    body = sample("pstn.request")
    body["targets"][0]["identity"] = odd
    assert validate_call(body, version.rules)
    body = sample("pstn.request")
    body["source"]["identity"] = odd
    validate_call(body, version.rules)
