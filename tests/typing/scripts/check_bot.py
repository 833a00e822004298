"""Tests of a bot with the plugin of pytest."""

import httpx
import pytest

from graphcall_nb.graph_calling import GraphCalling


@pytest.mark.graph_calling(scenario="busy", faults="delayed")
def test_busy_target(graph_calling: GraphCalling) -> None:
    graph = httpx.Client(base_url=graph_calling.graph_url + "/v1.0", transport=graph_calling.transport)
    assert graph.get("/communications/calls").status_code == 401
    call_id = graph_calling.ring("+14255550100")
    graph_calling.advance(20)
    assert graph_calling.states(call_id)[-1] == "terminated"
    assert graph_calling.requests("answer")[0].status == 202
    assert graph_calling.deliveries(call_id=call_id)[0].attempt == 1
    assert graph_calling.verify("answer", call_id=call_id, times=1) == 1


def make_calling() -> GraphCalling:
    return GraphCalling(scenario="busi")  # type: ignore[arg-type]
