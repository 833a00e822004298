"""A recorded call, played again from its journal."""

import pytest

import graphcall_nb as gc
from graphcall_nb.simulator import SCENARIOS

KINDS = {"peer": gc.templates.peer_to_peer, "group": gc.templates.group_call, "meeting": gc.templates.meet_now}


def play(scenario, template, version):
    """Return the scenario that the journal of a call has, and the course of the call."""
    with gc.simulate(scenario=scenario, version=version, virtual_time=True, seed=1) as session:
        call = session.create_call(template())
        session.simulator.advance(3)
        if call.state == "established":
            call.subscribe_to_tone()
        session.simulator.advance(200)
        intervals = session.intervals()
        seconds = intervals["duration"].dt.total_seconds().round(1).tolist()
        rosters = session.participants().groupby("call_id", observed=True).size()
        course = (intervals["state"].tolist(), seconds[:-1], call.tones, rosters.tolist())
        return gc.Scenario.from_journal(session.journal, call.id), course


@pytest.mark.parametrize(
    ("name", "kind", "version"),
    [
        ("no_answer", "peer", "v1.0"),
        ("callee_hangs_up", "peer", "beta"),
        ("held", "peer", "v1.0"),
        ("tones", "peer", "v1.0"),
        ("declined", "group", "beta"),
        ("roster_changes", "meeting", "v1.0"),
        ("admitted_from_lobby", "meeting", "v1.0"),
    ],
)
def test_recorded_call_plays_again(name, kind, version):
    recorded, course = play(SCENARIOS[name], KINDS[kind], version)
    assert play(recorded, KINDS[kind], version)[1] == course


def test_incoming_call_plays_again():
    courses = []
    scenario = SCENARIOS["callee_hangs_up"]
    for _ in range(2):
        with gc.simulate(scenario=scenario, virtual_time=True, seed=1) as session:
            call = session.simulator.ring("+14255550100")
            session.simulator.advance(1)
            call.answer()
            session.simulator.advance(60)
            scenario = gc.Scenario.from_journal(session.journal, call.id)
            courses.append(session.intervals()["state"].tolist())
    assert courses[0] == courses[1]


def test_end_by_the_application_is_not_a_step():
    with gc.simulate(virtual_time=True, seed=1) as session:
        call = session.create_call(gc.templates.peer_to_peer())
        session.simulator.advance(10)
        call.hang_up()
        session.simulator.advance(10)
        recorded = gc.Scenario.from_journal(session.journal, call.id)
    assert [step.event for step in recorded.steps] == ["ring", "connect"]


def test_failed_transfer_is_recorded():
    with gc.simulate(scenario="transfer_failed", virtual_time=True, seed=1) as session:
        call = session.create_call(gc.templates.peer_to_peer())
        session.simulator.advance(10)
        call.transfer("550fae72-d251-43ec-868c-373732c2704f")
        session.simulator.advance(10)
        recorded = gc.Scenario.from_journal(session.journal, call.id)
    assert recorded.transfer_failure.subcode == 7000


def test_unknown_call_names_the_remedy():
    with gc.simulate(virtual_time=True) as session, pytest.raises(ValueError, match=r"session\.calls\(\) lists"):
        gc.Scenario.from_journal(session.journal, "nope")


@pytest.mark.parametrize(("journal", "call_id"), [(None, "x"), ("calls.sqlite", "x")])
def test_wrong_type_names_the_argument(journal, call_id):
    with pytest.raises(TypeError, match="journal: give a journal"):
        gc.Scenario.from_journal(journal, call_id)
