"""The calls that the service keeps: bounded."""

import pytest

from graphcall_nb.simulator.refusals import GraphFault
from graphcall_nb.simulator.store import Calls, PlacedCall
from graphcall_nb.simulator.surfaces import BETA
from graphcall_nb.simulator.switchboard import Line


def placed(calls, number, state="established"):
    call = PlacedCall(f"C{number}", number, "app", "p", "chain", BETA, "https://bot", {}, line=Line("establishing"))
    calls.add(call, 0.0)
    calls.move(call, Line(state, changed_at=0.0))
    return call


def test_an_ended_call_makes_room_for_a_new_one():
    calls = Calls(capacity=2)
    for number, state in enumerate(("established", "terminated", "established")):
        placed(calls, number, state)
    assert [call.id for call in calls] == ["C0", "C2"]


def test_more_live_calls_than_there_is_room_for_are_refused():
    calls = Calls(capacity=1)
    placed(calls, 0)
    with pytest.raises(GraphFault, match="Hang some up") as refused:
        placed(calls, 1)
    assert (refused.value.status, len(calls)) == (429, 1)


def test_live_calls_are_never_forgotten():
    calls = Calls()
    placed(calls, 0)
    assert calls.find("C0", "app", 1e9).id == "C0"


def test_an_id_is_found_in_either_letter_case():
    calls = Calls()
    placed(calls, 0)
    assert calls.find("c0", "app", 0.0).id == "C0"
