"""The simulator's table of states against the client's, and both against Microsoft's published examples."""

import itertools
import json
from pathlib import Path

import pytest

from graphcall_nb.graph import states as client
from graphcall_nb.graph.operations import ACTIONS
from graphcall_nb.simulator.operations import OPERATIONS
from graphcall_nb.simulator.routes import DEVICE_QUALITY
from graphcall_nb.simulator.states import STATES, TERMINATED, TRANSITIONS, reason_not_allowed

SAMPLES = Path(__file__).parent.parent / "samples"
STEPS = {(source, transition.target) for transition in TRANSITIONS.values() for source in transition.sources}
CLIENT_STEPS = {(step.source, step.target) for step in client.TRANSITIONS}
ALLOWED = {operation.name: operation.states for table in OPERATIONS.values() for operation in table}


def read_states(exchange):
    """The states of the call in the notifications of a published exchange."""
    items = [item["resourceData"] for body in exchange["notifications"] for item in body["value"]]
    data = [item for item in items if isinstance(item, dict) and item.get("@odata.type", "").endswith(".call")]
    return [item["state"] for item in data if item.get("state")]


PUBLISHED = [
    (exchange["operation"], read_states(exchange))
    for path in sorted(SAMPLES.glob("*/operations/*.json"))
    for exchange in json.loads(path.read_text())["exchanges"]
    if read_states(exchange)
]


def test_states_are_those_of_the_client():
    assert STATES == client.STATES


def test_transitions_are_those_of_the_client():
    assert STEPS == CLIENT_STEPS


def test_each_operation_has_the_same_states_in_all_versions():
    assert len({(each.name, each.states) for table in OPERATIONS.values() for each in table}) == len(ALLOWED)


@pytest.mark.parametrize("operation", sorted(name for name, action in ACTIONS.items() if action.method != "GET"))
def test_operation_is_allowed_in_the_states_of_the_client(operation):
    deletable = TRANSITIONS["hang_up"].sources | {"redirecting", "terminating"}
    assert {"delete": deletable, DEVICE_QUALITY: frozenset(STATES), **ALLOWED}[operation] == ACTIONS[operation].states


def test_client_knows_each_operation():
    others = {"record", "configureMixer"}  # served for other clients; record is recordResponse
    assert set(ALLOWED) - set(ACTIONS) == others


@pytest.mark.parametrize(("operation", "states"), PUBLISHED)
def test_published_sequence_is_in_both_tables(operation, states):
    # The page of transfer lists both of its ends, one after the other.
    steps = {step for step in itertools.pairwise(states) if step[0] != TERMINATED}
    assert set(states) <= set(STATES)
    assert steps <= STEPS & CLIENT_STEPS


@pytest.mark.parametrize(("operation", "states"), [each for each in PUBLISHED if each[1][0] == "incoming"])
def test_published_operation_on_an_incoming_call_is_allowed(operation, states):
    assert "incoming" in ALLOWED[operation]
    assert reason_not_allowed(operation, ALLOWED[operation], "established") is not None


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*/notification_*.json")), ids=lambda path: path.parent.name)
def test_published_notification_has_a_state_of_the_table(path):
    (item,) = json.loads(path.read_text())["value"]
    assert item["resourceData"]["state"] in STATES
