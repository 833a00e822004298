"""Random requests over a real socket; for longer runs: ``python -m tests.fuzzing simulator 600``."""

import logging

import pytest
from hypothesis import HealthCheck, given, settings

from graphcall_nb.background import Background, serve
from graphcall_nb.simulator.faults import FAULTS
from graphcall_nb.simulator.simulator import Simulator
from tests.fuzzing.simulator import SimulatorTarget, requests_to

pytestmark = pytest.mark.slow

NOTIFICATION_FAULTS = [name for name, fault in FAULTS.items() if fault.where == "notifications"]


@pytest.fixture(params=[(), NOTIFICATION_FAULTS], ids=["plain", "faults"])
def target(request):
    background = Background()
    background.start()
    simulator = Simulator(speed=50, faults=request.param)
    server = background.run(serve(simulator.app))
    yield SimulatorTarget(server.port, simulator.info(server.url))
    background.run(server.close())
    background.run(simulator.aclose())
    background.stop()


def test_any_request_gets_a_response(target, caplog):
    @settings(max_examples=200, suppress_health_check=list(HealthCheck))
    @given(requests_to(target.info, "http://127.0.0.1:9/unreachable"))
    def fuzz(request):
        target.check(request)

    caplog.set_level(logging.ERROR)  # uvicorn warns of what is no HTTP
    fuzz()
    assert [record.getMessage() for record in caplog.records] == []
    assert target.answers[201] > 0
