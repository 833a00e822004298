"""Scenarios, rules and faults that are chosen while the simulator runs."""

import pytest
import pytest_asyncio

from graphcall_nb.simulator import Scenario, Step

CALLS = "/v1.0/communications/calls"
ENDS = {"steps": [{"event": "connect", "after": 1}, {"event": "end", "after": 1, "result": "no_media"}]}


@pytest_asyncio.fixture(loop_scope="session")
async def virtual(start_virtual):
    return await start_virtual()


async def create(service, **headers):
    body = service.call("pstn", tenantId="72f988bf-86f1-41af-91ab-2d7cd011db47")
    return await service.graph.post("/beta/app/calls", json=body, headers=headers)


async def test_header_chooses_the_scenario_of_a_call(virtual):
    await create(virtual, **{"Simulator-Scenario": "busy"})
    await virtual.simulator.advance(10)
    assert virtual.receiver.states == ["establishing", "terminated"]


async def test_header_chooses_a_scenario_that_was_sent_before(virtual):
    sent = await virtual.graph.put("/simulator/scenarios/my%20end", json=ENDS)
    await create(virtual, **{"Simulator-Scenario": "my%20end"})
    await virtual.simulator.advance(10)
    assert (sent.json(), virtual.receiver.states[-1]) == ({"name": "my end"}, "terminated")


async def test_scenario_is_read_as_yaml_and_returned_as_json(virtual):
    await virtual.graph.put("/simulator/scenarios/late", content="steps: [{event: connect, after: 9}]")
    kept = (await virtual.graph.get("/simulator/scenarios/late")).json()
    assert kept == {"steps": [{"event": "connect", "after": 9}], "name": "late"}
    assert "late" in (await virtual.graph.get("/simulator/scenarios")).json()


async def test_scenario_of_a_live_call_is_replaced(virtual):
    call_id = (await create(virtual)).json()["id"]
    await virtual.simulator.advance(10)
    changed = await virtual.graph.put(f"/simulator/calls/{call_id}/scenario", json={"scenario": ENDS})
    await virtual.simulator.advance(1)
    assert (changed.status_code, virtual.receiver.states[-2:]) == (204, ["established", "terminated"])


async def test_scenario_of_a_new_call_is_replaced_from_its_start(virtual):
    call_id = (await create(virtual)).json()["id"]
    await virtual.graph.put(f"/simulator/calls/{call_id}/scenario", json={"scenario": "busy"})
    await virtual.simulator.advance(10)
    assert virtual.receiver.states == ["establishing", "terminated"]


async def test_ring_chooses_the_scenario_of_the_caller(virtual):
    body = {"callbackUri": virtual.receiver.url, "version": "v1.0", "scenario": "callee_hangs_up"}
    call_id = (await virtual.graph.post("/simulator/ring", json=body)).json()["id"]
    media = {"@odata.type": "#microsoft.graph.serviceHostedMediaConfig"}
    answer = {"callbackUri": virtual.receiver.url, "mediaConfig": media, "acceptedModalities": ["audio"]}
    await virtual.graph.post(f"{CALLS}/{call_id}/answer", json=answer)
    await virtual.simulator.advance(30)
    assert virtual.receiver.states[-1] == "terminated"


async def test_default_scenario_concerns_later_calls(virtual):
    await create(virtual)
    await virtual.graph.put("/simulator/scenario", json={"scenario": "busy"})
    await virtual.simulator.advance(10)
    before = virtual.receiver.states[-1]
    await create(virtual)
    await virtual.simulator.advance(10)
    assert (before, virtual.receiver.states[-1]) == ("established", "terminated")


async def test_rules_are_replaced(virtual):
    rules = {"rules": {"+*": "busy"}}
    assert (await virtual.graph.put("/simulator/rules", json=rules)).json() == rules
    await create(virtual)
    await virtual.simulator.advance(10)
    assert virtual.receiver.states[-1] == "terminated"


async def test_faults_are_set_and_cleared(virtual):
    await virtual.graph.put("/simulator/faults", json={"faults": ["duplicated"]})
    await create(virtual)
    await virtual.simulator.advance(1)
    cleared = await virtual.graph.delete("/simulator/faults")
    await virtual.simulator.advance(10)
    assert cleared.json() == {"faults": []}
    assert virtual.receiver.states == ["establishing", "establishing", "ringing", "ringing", "established"]


async def test_fault_of_requests_is_set_and_cleared(virtual):
    await virtual.simulator.set_faults("throttled")
    refused = (await create(virtual)).status_code
    await virtual.simulator.set_faults([])
    assert (refused, (await create(virtual)).status_code) == (429, 201)


@pytest.mark.parametrize(
    ("method", "path", "body", "message"),
    [
        ("PUT", "/simulator/scenario", {"scenario": "bussy"}, "did you mean 'busy'?"),
        ("PUT", "/simulator/scenario", {"scenari": "busy"}, "did you mean 'scenario'?"),
        ("PUT", "/simulator/scenario", {"scenario": {"steps": []}}, "the scenario is empty"),
        ("PUT", "/simulator/scenario", {}, "Unknown scenario None; choose from: answered"),
        ("PUT", "/simulator/scenarios/x", {"stepz": []}, "line 1: stepz: unknown member"),
        ("GET", "/simulator/scenarios/bussy", None, "did you mean 'busy'?"),
        ("PUT", "/simulator/rules", {"rules": {"1425": "busy"}}, "matches nothing"),
        ("PUT", "/simulator/rules", {"rules": {"+1*": "bussy"}}, "did you mean 'busy'?"),
        ("PUT", "/simulator/rules", {"rules": []}, "rules must be an object"),
        ("PUT", "/simulator/rules", {}, "rules is missing"),
        ("PUT", "/simulator/faults", {"faults": ["duplicate"]}, "did you mean 'duplicated'?"),
        ("PUT", "/simulator/faults", {}, "faults is missing"),
        ("PUT", "/simulator/calls/nope/scenario", {"scenario": "busy"}, "does not exist here"),
    ],
)
async def test_wrong_request_names_the_remedy(virtual, method, path, body, message):
    response = await virtual.graph.request(method, path, json=body)
    assert (response.status_code, message in response.text) == (400, True), response.text


async def test_unknown_scenario_in_the_header_is_refused(virtual):
    response = await create(virtual, **{"Simulator-Scenario": "bussy"})
    assert (response.status_code, "did you mean 'busy'?" in response.text) == (400, True)


async def test_ended_call_has_no_further_scenario(virtual):
    call_id = (await create(virtual, **{"Simulator-Scenario": "busy"})).json()["id"]
    await virtual.simulator.advance(10)
    with pytest.raises(ValueError, match="a scenario is for a call that has not ended"):
        await virtual.simulator.set_scenario("busy", call_id)


async def test_application_of_a_class_cannot_change_the_service(start_virtual):
    service = await start_virtual(extra_applications=1)
    [student] = service.simulator.tenant.extra_applications
    service.info |= {"client_id": student.id, "client_secret": student.secret}
    service.graph.headers["Authorization"] = f"Bearer {(await service.token()).json()['access_token']}"
    refused = await service.graph.put("/simulator/faults", json={"faults": ["throttled"]})
    kept = await service.graph.put("/simulator/scenarios/mine", json=ENDS)
    assert (refused.status_code, kept.status_code) == (403, 200)
    assert "mine" not in await service.simulator.read_scenarios()


async def test_seed_repeats_a_user_scenario_with_faults(start_virtual):
    runs = []
    for _ in range(2):
        scenario = Scenario(
            [Step("ring", 1), Step("connect", 2), Step("hold", 2), Step("resume", 1), Step("hang_up", 3)]
        )
        service = await start_virtual(scenario=scenario, faults=["reordered", "delayed"])
        await service.create()
        await service.simulator.advance(60)
        runs.append(service.receiver.items)
    assert runs[0] == runs[1]
