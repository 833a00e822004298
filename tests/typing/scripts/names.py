"""Names that a type checker knows; each comment is an error if the checker accepts the line."""

from collections.abc import Iterable
from concurrent.futures import Future

import graphcall_nb as gc
from graphcall_nb.simulator import FAULTS, SCENARIOS, ScenarioName
from graphcall_nb.widgets.cockpit import Cockpit
from graphcall_nb.widgets.doctor import Doctor
from graphcall_nb.widgets.form import Form
from graphcall_nb.widgets.timeline import Timeline

session = gc.simulate(scenario="busy", faults=["delayed", "throttled"], version="v1.0", rules={"+1425*": "declined"})
gc.simulate(scenario="bussy")  # type: ignore[arg-type]
gc.simulate(faults="delay")  # type: ignore[arg-type]
gc.simulate(version="1.0")  # type: ignore[arg-type]
gc.connect(version="2.0")  # type: ignore[arg-type]

request = gc.templates.peer_to_peer()
call = session.create_call(request, scenario="voicemail")
session.create_call(request, scenario="voice mail")  # type: ignore[arg-type]
call.wait_for("established")
call.wait_for({"established", "terminated"}, timeout=None)
call.wait_for("answered")  # type: ignore[arg-type]
call.reject("occupied")  # type: ignore[arg-type]
session.export("calls.csv", "calls")
session.export("calls.csv", "call")  # type: ignore[arg-type]
session.simulator.set_faults("duplicated", "reordered")
session.simulator.set_faults("doubled")  # type: ignore[arg-type]
session.simulator.set_scenario("held", call.id)
session.simulator.set_scenario(gc.Scenario(), call.id)
session.simulator.set_scenario("on hold")  # type: ignore[arg-type]

form: Form = session.form(request)
timeline: Timeline = session.timeline()
cockpit: Cockpit = session.cockpit()
doctor: Doctor = session.doctor()
placed: Future[gc.CallHandle] = session.submit_call(request)
gc.lint(request, "beta")
gc.export_call(request, "curl", "v1.0")


async def create(calls: gc.AsyncCalls) -> str:
    created = await calls.create(request)
    text: str = created.id
    read = await calls.get(created.id)
    return text + read.id


def end_each(names: Iterable[ScenarioName]) -> list[str]:
    results = []
    for name in names:
        with gc.simulate(scenario=name, virtual_time=True) as simulated:
            handle = simulated.create_call(request)
            simulated.simulator.advance(60)
            results.append(f"{name}: {handle.state}, {handle.id.upper()}")
    return results


end_each(SCENARIOS)
gc.simulate(faults=list(FAULTS))
