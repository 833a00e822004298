"""Intervals against the states that the simulator sent."""

import time

import pytest

import graphcall_nb as gc
from graphcall_nb.simulator import SimulatorOptions

CASES = [
    ("answered", ["duplicated", "key_rollover"]),
    ("callee_hangs_up", ["reordered", "burst", "token_expired"]),
    ("transfer_failed", ["duplicated"]),
    ("declined", ["token_of_another_tenant"]),
    ("held", ["duplicated"]),
]


@pytest.mark.slow
@pytest.mark.parametrize("version", ["beta-2018", "v1.0"])
@pytest.mark.parametrize(("scenario", "faults"), CASES)
def test_intervals_equal_the_sent_states(version, scenario, faults):
    pages = SimulatorOptions(form="pages")  # also has terminating and hold
    with gc.simulate(version=version, scenario=scenario, faults=faults, speed=60, seed=1, options=pages) as session:
        call = session.create_call(gc.templates.peer_to_peer())
        call.wait_for(["established", "terminated"], timeout=20)
        if call.state == "established" and scenario == "answered":
            call.hang_up()
        if call.state == "established" and scenario == "transfer_failed":
            call.transfer(gc.templates.peer_to_peer().targets[0])
            call.wait_for("transferring" if version == "v1.0" else "established", timeout=20)
            session.simulator.hang_up(call.id)
        if scenario == "held":
            call.wait_for("hold", timeout=20)
            session.simulator.hang_up(call.id)
        call.wait_for("terminated", timeout=20)
        assert wait_until_equal(lambda: states(session, call.id), session.simulator.sent_states()[call.id])


def states(session, call_id):
    return session.intervals().query("call_id == @call_id")["state"].tolist()


def wait_until_equal(look, expected):
    """Wait until a function returns a value: late notifications may arrive after the end."""
    deadline = time.monotonic() + 20
    while look() != expected and time.monotonic() < deadline:
        time.sleep(0.02)
    return look() == expected
