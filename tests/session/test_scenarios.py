"""Scenarios and faults that a session chooses for its calls."""

import pytest

import graphcall_nb as gc
from graphcall_nb.errors import IllegalAction

ENDS = gc.Scenario([gc.Step("connect", after=1), gc.Step("end", after=1, result="no_media")])


@pytest.fixture(scope="module")
def session():
    with gc.simulate(virtual_time=True, seed=1) as simulated:
        yield simulated


@pytest.mark.parametrize(
    ("scenario", "subcode"), [("busy", 8539), (ENDS, 301005), (ENDS.to_dict(), 301005)], ids=["name", "object", "dict"]
)
def test_call_has_its_own_scenario(session, scenario, subcode):
    call = session.create_call(gc.templates.peer_to_peer(), scenario=scenario)
    session.simulator.advance(10)
    assert session.calls().set_index("call_id").loc[call.id, "result_subcode"] == subcode


def test_incoming_call_has_its_own_scenario(session):
    call = session.simulator.ring("+14255550100", scenario=ENDS)
    session.simulator.advance(0)
    call.answer()
    session.simulator.advance(10)
    assert call.state == "terminated"


def test_rules_choose_by_target(session):
    session.simulator.set_rules({"+1425555*": ENDS})
    call = session.create_call(gc.templates.pstn("+14255550100"))
    session.simulator.set_rules({})
    session.simulator.advance(10)
    assert call.state == "terminated"


def test_faults_are_set_and_cleared(session):
    session.simulator.set_faults("duplicated")
    before = session.simulator.faults
    session.simulator.set_faults()
    assert (before, session.simulator.faults) == (["duplicated"], [])


@pytest.mark.parametrize("scenario", ["bussy", {"stepz": []}])
def test_wrong_scenario_of_a_call_names_the_remedy(session, scenario):
    with pytest.raises((ValueError, gc.errors.GraphError), match="did you mean"):
        session.create_call(gc.templates.peer_to_peer(), scenario=scenario)


def test_policy_recording_is_rung(session):
    call = session.simulator.ring(policy_recording=True)
    session.simulator.advance(0)
    assert call.state == "incoming"


def test_replay_has_no_scenarios(session, tmp_path):
    session.save(tmp_path / "x.gcnb")
    with gc.replay(tmp_path / "x.gcnb") as replayed, pytest.raises(IllegalAction):
        replayed.create_call(gc.templates.peer_to_peer(), scenario="busy")
