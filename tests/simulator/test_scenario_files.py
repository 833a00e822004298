"""Scenarios that users write: in Python, YAML and JSON, and the errors of invalid ones."""

import itertools
import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from graphcall_nb.simulator import SCENARIOS, Scenario, Simulator, Step
from graphcall_nb.simulator.scenario_schema import make_schema
from graphcall_nb.simulator.scenario_text import MAX_TEXT_CHARS
from graphcall_nb.simulator.scenario_values import STEP_EVENTS

DOCS = Path(__file__).parents[2] / "docs"
IMPATIENT = """\
name: impatient
steps:
  - event: ring
    after: 1
  - event: connect
    after: 2
  - event: tone
    after: 2
    tone: 1
  - event: tone
    tone: "#"
  - event: hang_up
    after: 3
"""


def sent(service):
    """Return the states and keys that were sent, in order."""
    data = [item["resourceData"] for item in service.receiver.items if isinstance(item["resourceData"], dict)]
    return [each["toneInfo"]["tone"] if "toneInfo" in each else each.get("state") for each in data]


def created(service, **changed):
    return service.graph.post("/v1.0/communications/calls", json=service.call(**changed))


async def test_user_scenario_is_played_at_its_times(start_virtual):
    service = await start_virtual(scenario=Scenario.from_text(IMPATIENT))
    call_id = (await service.create()).json()["id"]
    await service.simulator.advance(3)
    await service.graph.post(f"/beta/app/calls/{call_id}/subscribeToTone", json={})
    before = list(service.receiver.states)
    await service.simulator.advance(6)
    assert before == ["establishing", "ringing", "established"]
    assert [each for each in sent(service) if each][3:] == ["tone1", "pound", "terminating", "terminated"]


async def test_tone_is_not_heard_without_a_subscription(start_virtual):
    service = await start_virtual(scenario=Scenario.from_text(IMPATIENT))
    await service.create()
    await service.simulator.advance(30)
    assert "tone1" not in sent(service)


@pytest.mark.parametrize("name", ["group_call", "meet_now"])
async def test_steps_of_a_group_call_do_not_ring_and_have_participants(start_virtual, name):
    service = await start_virtual(scenario=Scenario.from_text(IMPATIENT))
    await service.create(name)
    await service.simulator.advance(30)
    rosters = [item["resourceData"] for item in service.receiver.items if isinstance(item["resourceData"], list)]
    assert service.receiver.states == ["establishing", "established", "terminating", "terminated"]
    assert len(rosters[-1]) > 1


async def test_steps_of_an_incoming_call_begin_with_the_answer(start_virtual):
    service = await start_virtual(scenario=Scenario.from_text(IMPATIENT))
    call_id = await service.simulator.ring(service.receiver.url, version="v1.0")
    media = {"@odata.type": "#microsoft.graph.serviceHostedMediaConfig"}
    body = {"callbackUri": service.receiver.url, "mediaConfig": media, "acceptedModalities": ["audio"]}
    await service.graph.post(f"/v1.0/communications/calls/{call_id}/answer", json=body)
    await service.simulator.advance(30)
    assert (service.receiver.states[0], service.receiver.states[-1]) == ("incoming", "terminated")
    assert "ringing" not in service.receiver.states


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("write", [Scenario.to_yaml, Scenario.to_json])
def test_scenario_survives_its_text(name, write):
    assert Scenario.from_text(write(SCENARIOS[name])) == SCENARIOS[name]


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario_survives_its_repr(name):
    names = {"Scenario": Scenario, "Step": Step}
    assert eval(repr(SCENARIOS[name]), names) == SCENARIOS[name]  # noqa: S307


@pytest.mark.parametrize("name", SCENARIOS)
def test_schema_accepts_scenarios(name):
    jsonschema.validate(json.loads(SCENARIOS[name].to_json()), make_schema())


PAGE = (DOCS / "write-a-scenario.md").read_text("utf-8")


@pytest.mark.parametrize("text", re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL))
def test_schema_accepts_the_scenarios_of_the_page(text):
    jsonschema.validate(yaml.safe_load(text), make_schema())
    assert Scenario.from_text(text).steps


def test_page_lists_every_event():
    assert [event for event in STEP_EVENTS if f"`{event}`" not in PAGE] == []


def test_schema_of_the_docs_is_up_to_date():
    assert json.loads((DOCS / "scenario.schema.json").read_text("utf-8")) == make_schema()


def test_file_gives_its_name(tmp_path):
    path = tmp_path / "late.yaml"
    path.write_text("steps: [{event: connect, after: 9}]")
    assert Scenario.from_file(path).name == "late"


def test_tabs_in_json_are_read():
    assert Scenario.from_text('{\n\t"steps":\t[{"event": "connect"}]\n}').steps == (Step("connect"),)


INVALID = [
    ("", "this is NoneType"),
    ("steps: []", "line 1: steps: the scenario is empty; give one step at least"),
    ("name: x", "the scenario is empty"),
    ("stepz: []", "line 1: stepz: unknown member of a scenario 'stepz'; did you mean 'steps'?"),
    (
        "steps:\n- event: ring\n  afer: 1",
        "line 3: steps[0].afer: unknown member of a step 'afer'; did you mean",
    ),
    ("steps:\n- event: answer", "line 2: steps[0].event: unknown event 'answer'; did you mean 'connect'?"),
    ("steps:\n- event: rings", "did you mean 'ring'?"),
    ("steps:\n- after: 1", "steps[0]: the event is missing; give one of ring, connect"),
    ("steps:\n- event: ring\n  after: -1", "line 3: steps[0].after: is -1; give seconds from 0"),
    ("steps:\n- event: ring\n  after: .inf", "give seconds from 0"),
    ("steps:\n- event: ring\n  after: soon", "is 'soon'; give seconds from 0 to 604800, or ringing_timeout."),
    ("steps:\n- event: ring\n  tone: 1", "tone: does not belong to the event 'ring', but to tone; remove it."),
    ("steps:\n- {event: connect}\n- {event: tone}", "line 3: steps[1].tone: is missing; give the key"),
    ("steps:\n- {event: connect}\n- {event: tone, tone: tonne1}", "did you mean 'tone1'?"),
    ("steps:\n- {event: end, result: bussy}", "did you mean 'busy'?"),
    ("steps:\n- {event: end, result: {code: 486}}", "give code and subcode as whole numbers"),
    ("steps:\n- {event: end, result: {code: 486, subcod: 1}}", "did you mean 'subcode'?"),
    ("steps:\n- {event: end}\n- {event: ring}", "line 3: steps[1].event: ring comes after the end of the call"),
    ("steps:\n- {event: connect}\n- {event: resume}", "put hold before it"),
    ("steps:\n- {event: hold}", "hold is not possible while the call is establishing; put connect before it."),
    ("steps: &s [*s]", "line 1: the text contains itself, by an alias (*)"),
    ("steps: {event: ring}", "give a list of steps, each with its event, not dict."),
    ("steps:\n- event: ring\n  event: end", "line 3: 'event' is given twice; remove one of the two."),
    ("steps:\n  - event: ring\n after: 1", "line 3: this is not YAML"),
    ('{"steps": [}', "line 1: this is not JSON"),
    ("x" * (MAX_TEXT_CHARS + 1), "characters; 200,000 is the most"),
    (
        "steps: [{event: connect}, {event: join, identities: [5]}]",
        "[0]: give a name, a phone number in quotes",
    ),
    ("{steps: [{event: connect}], name: a/b}", "line 1: name: use at most 100 characters"),
    ("name: a/b\nsteps: [{event: connect}]", "line 1: name: use at most 100 characters, without = and /."),
    ("steps: [{event: connect}]\ntransfer_failure: 5", "line 2: transfer_failure: give code and subcode"),
    ("a: &a [1]\nb: &b [*a, *a]\nsteps: *b", "unknown member of a scenario 'a'"),
]


@pytest.mark.parametrize(("text", "message"), INVALID, ids=[message[:40] for _, message in INVALID])
def test_invalid_text_names_line_field_and_remedy(text, message):
    with pytest.raises(ValueError) as raised:
        Scenario.from_text(text)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_file_is_named_in_its_errors(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text("steps:\n- event: rinng\n")
    with pytest.raises(ValueError, match=r"x\.yaml, line 2: steps\[0\]\.event: unknown event 'rinng'"):
        Scenario.from_file(path)


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([], "the scenario is empty"),
        (itertools.cycle([Step("connect")]), "must not be cyclic"),
        (["ring"], "give a Step"),
        ("ring", "give a list of steps"),
        (5, "give a list of steps"),
    ],
)
def test_invalid_steps_name_the_remedy(steps, message):
    with pytest.raises(ValueError, match=message):
        Scenario(steps)


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("", "matches nothing"),
        ("14255550100", r"did you mean '\+14255550100'"),
        ("+1425x*", "matches nothing"),
        ("+12345678901234567*", "matches nothing"),
        ("Adele", "matches nothing"),
        ("550fae72", "matches nothing"),
    ],
)
def test_rule_that_cannot_match_is_refused(pattern, message):
    with pytest.raises(ValueError, match=message):
        Simulator(rules={pattern: "busy"})


def test_rule_names_a_known_scenario():
    with pytest.raises(ValueError, match="did you mean 'busy'"):
        Simulator(rules={"+1*": "bussy"})


@pytest.mark.parametrize(
    ("pattern", "scenario"),
    [
        ("+1425555*", "busy"),
        ("+1206*", "answered"),
        ("550fae72-*", "answered"),
        ("*", "busy"),
        ("+1425555010?", "busy"),
    ],
)
async def test_rule_chooses_the_scenario_by_target(start_virtual, pattern, scenario):
    service = await start_virtual(rules={pattern: "busy"})
    call_id = (await service.create("pstn", targets=[{"identity": {"phone": {"id": "+14255550100"}}}])).json()["id"]
    assert service.simulator.calls[call_id].scenario.name == scenario
