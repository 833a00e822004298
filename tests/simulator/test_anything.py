"""Whatever is sent, the service answers or refuses; it never breaks."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcall_nb.simulator.bodies import call_body, notification_body
from graphcall_nb.simulator.dice import Dice
from graphcall_nb.simulator.exchange import Exchange
from graphcall_nb.simulator.reading import parse
from graphcall_nb.simulator.refusals import GraphFault
from graphcall_nb.simulator.scenarios import SCENARIOS, script
from graphcall_nb.simulator.store import Calls
from graphcall_nb.simulator.surfaces import SURFACES
from graphcall_nb.simulator.switchboard import advance
from graphcall_nb.simulator.tenant import Application
from graphcall_nb.simulator.validation import problems_of
from tests.fuzzing.anything import spoilt

from .running import DOCUMENTED, sample

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=12
)


@given(ANYTHING)
def test_json_is_read_as_it_is(value):
    assert parse(json.dumps(value).encode()) == value


@given(st.lists(ANYTHING, min_size=1))
def test_a_trailing_comma_changes_nothing(values):
    assert parse(json.dumps(values)[:-1].encode() + b" , ]") == values


@given(st.binary() | st.text(alphabet='{}[]",: \\ab1').map(str.encode))
def test_any_bytes_are_read_or_refused(data):
    with contextlib.suppress(GraphFault):
        parse(data)


spoilt_bodies = st.sampled_from(DOCUMENTED).flatmap(
    lambda name: spoilt(sample(f"{name}.request"), ANYTHING | st.sampled_from([{}, [], "", {"user": {"id": "u"}}]))
)


@given(spoilt_bodies, st.sampled_from(list(SCENARIOS.values())), st.sampled_from(SURFACES))
def test_a_body_that_is_not_refused_lives_its_whole_life(body, scenario, surface):
    if problems_of(body, surface.rules):
        return
    dice = Dice(1)
    exchange = Exchange(Calls(), None, scenario, dice=dice, clock=lambda: 0.0, sleep=None, speed=1)
    placed, told = exchange.place(surface, Application("app", "Bot", ""), body)
    for _, event in script(getattr(scenario, placed.kind), placed.kind, placed.body, placed.bot, dice.stream("script")):
        placed.line, notices = advance(placed.line, event, 0.0)
        told += notices
    json.dumps([call_body(placed, surface), *(notification_body(placed, notice) for notice in told)])


@pytest.mark.parametrize("surface", SURFACES, ids=lambda surface: surface.name)
@pytest.mark.parametrize("odd", [5, "phone", ["phone"], None])
def test_an_identity_that_is_none_is_refused(surface, odd):
    body = sample("pstn.request")
    body["targets"][0]["identity"] = odd
    assert problems_of(body, surface.rules)
    body = sample("pstn.request")
    body["source"]["identity"] = odd
    problems_of(body, surface.rules)
