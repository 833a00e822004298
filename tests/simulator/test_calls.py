"""The registry of calls: bounded."""

import pytest

from graphcall_nb.simulator.calls import CallRegistry, SimulatedCall
from graphcall_nb.simulator.errors import GraphError
from graphcall_nb.simulator.state_machine import CallState
from graphcall_nb.simulator.versions import BETA_2018


def add_call(calls, number, state="established"):
    call = SimulatedCall(
        f"C{number}", number, "app", "p", "chain", BETA_2018, "https://bot", {}, state=CallState("establishing")
    )
    calls.add(call, 0.0)
    calls.set_state(call, CallState(state, changed_at=0.0))
    return call


def test_ended_call_makes_room_for_a_new_one():
    calls = CallRegistry(capacity=2)
    for number, state in enumerate(("established", "terminated", "established")):
        add_call(calls, number, state)
    assert [call.id for call in calls] == ["C0", "C2"]


def test_call_beyond_the_capacity_is_refused_if_all_are_live():
    calls = CallRegistry(capacity=1)
    add_call(calls, 0)
    with pytest.raises(GraphError, match="Hang some up") as refused:
        add_call(calls, 1)
    assert (refused.value.status, len(calls)) == (429, 1)


def test_live_calls_are_never_removed():
    calls = CallRegistry()
    add_call(calls, 0)
    assert calls.find("C0", "app", 1e9).id == "C0"


def test_id_is_found_in_either_letter_case():
    calls = CallRegistry()
    add_call(calls, 0)
    assert calls.find("c0", "app", 0.0).id == "C0"
